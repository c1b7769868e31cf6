"""``hornbook style`` on a photo: painted at once, or step by step with what there is written every few seconds."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hornbook.common.files import write_file
from hornbook.common.plaintext import duration

if TYPE_CHECKING:
    from hornbook.recognizer.paint import Paints
    from hornbook.training.paint import Optimized

__all__ = ["optimized", "paint_photo"]

PREVIEW = 5.0
"""Seconds from one writing of what there is to the next."""

BETWEEN = 0.2
"""Seconds between two drawings of the line that says how far it is."""


def optimized(style: str, strength: float, keep_colours: bool, weights: str) -> Optimized:
    """Return what paints by optimization; DataError where the weights cannot be had."""
    from hornbook.networks.perceptual import BACKBONE
    from hornbook.sources.backbones import fetch_weights, find_weights
    from hornbook.training.paint import Optimized

    found = find_weights(BACKBONE, weights)
    return Optimized(style, found or fetch_weights(BACKBONE, "--weights DIR"), strength, keep_colours)


def paint_photo(painter: Paints, photo: Any, size: int, path: Path) -> None:
    """Write the painting of a photo.

    Raises
    ------
    DataError
        The photo cannot be read, or is too small.
    """
    steps = getattr(painter, "steps", None)
    if steps is None:
        _write(painter.paint(photo, size), path)
        return
    from PIL import Image

    begun = drawn = written = time.monotonic()
    live, step = sys.stderr.isatty(), None
    try:
        for step in steps(photo, size):
            now = time.monotonic()
            if live and now - drawn > BETWEEN:
                drawn = now
                left = duration((now - begun) * (1 - step.done) / max(step.done, 1e-6))
                sys.stderr.write(f"\rpainting {step.done:4.0%}  loss {step.loss:.3f}  {left} left\x1b[K")
                sys.stderr.flush()
            if now - written > PREVIEW and step.done < 1:
                written = now
                _write(Image.fromarray(step.painted), path)
    finally:
        if live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
    if step is not None:
        _write(Image.fromarray(step.painted), path)


def _write(picture: Any, path: Path) -> None:
    memory = io.BytesIO()
    picture.save(memory, "JPEG" if path.suffix.lower() in (".jpg", ".jpeg") else path.suffix[1:].upper())
    write_file(path, memory.getvalue(), do="name another file with --out")
