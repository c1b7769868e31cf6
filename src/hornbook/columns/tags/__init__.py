"""Tags: `column` encodes and decodes, `network` has the head, `evaluation` judges, `checks` counts."""
