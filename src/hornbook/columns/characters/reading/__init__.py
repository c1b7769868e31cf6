"""Strings out of a network's answers (CTC), the characters they are of, and how far two of them differ."""
