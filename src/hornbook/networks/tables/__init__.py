"""What is made for tables: trees, linear models, bins, formulas."""
