"""How dates are written: which form a column has, and the one reader of all forms."""
