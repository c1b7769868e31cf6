"""Sounds: `column` encodes them, `open` reads files, `network` is the input, `augment` changes training rows."""
