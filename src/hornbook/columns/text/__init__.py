"""Texts: `column` and `tokens` encode and decode, `network` has the input and the head, `evaluation` judges."""
