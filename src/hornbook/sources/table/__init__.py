"""Tables in files: CSV and its relatives, JSON lines, Parquet and Excel."""
