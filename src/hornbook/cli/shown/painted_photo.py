"""``hornbook style`` on a photo: painted at once, or step by step with what there is written every few seconds."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hornbook.cli.shown.frames import LiveLine
from hornbook.cli.terminal import note
from hornbook.common.files import write_file
from hornbook.common.plaintext import duration
from hornbook.common.safe_names import shown

if TYPE_CHECKING:
    from hornbook.columns.base import Array
    from hornbook.recognizer.paint import Paints
    from hornbook.training.paint import Optimized

__all__ = ["optimized", "paint_photo"]

PREVIEW = 5.0
"""Seconds from one writing of what there is to the next."""


def optimized(style: str, strength: float, keep_colours: bool, weights: str) -> Optimized:
    """Return what paints by optimization; DataError where the weights cannot be had."""
    from hornbook.networks.perceptual import BACKBONE
    from hornbook.sources.backbones import fetch_weights, find_weights
    from hornbook.training.paint import Optimized

    found = find_weights(BACKBONE, weights, option="--weights")
    return Optimized(style, found or fetch_weights(BACKBONE, "--weights DIR"), strength, keep_colours)


def paint_photo(painter: Paints, photo: Any, size: int, path: Path) -> None:
    """Write the painting of a photo, and what there is of it every few seconds, and where the person stops it.

    Raises
    ------
    DataError
        The photo cannot be read, or is too small.
    """
    line, written, step = LiveLine(), time.monotonic(), None
    try:
        for step in painter.steps(photo, size):
            if step.done < 1 and line.due:
                left = duration(line.passed * (1 - step.done) / max(step.done, 1e-6))
                line.draw(f"painting {step.done:4.0%}  loss {step.loss:.3f}  {left} left")
            if time.monotonic() - written > PREVIEW and step.done < 1:
                written = time.monotonic()
                _write(step.painted, path)
    except KeyboardInterrupt:
        if step is not None:
            _write(step.painted, path)
            note(f"{shown(path)}: stopped at {step.done:.0%}; it holds what there was")
        raise
    finally:
        line.close()
    if step is not None:
        _write(step.painted, path)


def _write(painted: Array, path: Path) -> None:
    from PIL import Image

    memory = io.BytesIO()
    kind = "JPEG" if path.suffix.lower() in (".jpg", ".jpeg") else path.suffix[1:].upper()
    Image.fromarray(painted).save(memory, kind)
    write_file(path, memory.getvalue(), do="name another file with --out")
