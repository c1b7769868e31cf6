"""Faces in pictures: `find` finds them, `yunet`, `ssd` and `haar` are the detectors, `upright` cuts them out."""
