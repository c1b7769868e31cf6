"""Films and cameras: `open` reads frames, `write` writes them, `source` makes examples of them."""
