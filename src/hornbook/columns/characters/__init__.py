"""Strings read from pictures or sounds: `column` and `decode`, `network` has the heads, `evaluation` judges."""
