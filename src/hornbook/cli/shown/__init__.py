"""What commands write besides lines: pictures, films and tables of answers."""
