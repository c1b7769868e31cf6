"""Numbers: `column` encodes and decodes, `network` has the input and the head, `evaluation` judges."""
