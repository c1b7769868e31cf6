"""How far a film is: the line that a terminal shows while its frames are read."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from hornbook.common.plaintext import duration

if TYPE_CHECKING:
    from hornbook.sources.film.open import Film

__all__ = ["FrameCounter"]

BETWEEN = 0.2
"""Seconds between two drawings of the line that says how far it is."""


class FrameCounter:
    """How far it is, frames a second and the time left: one line on a terminal, which is drawn anew."""

    def __init__(self, film: Film) -> None:
        self.film, self.start, self.last = film, time.monotonic(), 0.0
        self.live = sys.stderr.isatty()

    @property
    def rate(self) -> float:
        """Frames a second since the beginning."""
        return self.film.read / max(time.monotonic() - self.start, 1e-6)

    def show(self, done: int) -> None:
        """Draw the line, not too often."""
        now = time.monotonic()
        if not self.live or now - self.last < BETWEEN:
            return
        self.last = now
        of, left = "", ""
        if self.film.count:
            of = f" of {self.film.count:,}"
            left = f"  {duration(max(self.film.count - done, 0) / max(self.rate, 1e-6))} left"
        sys.stderr.write(f"\rframe {done:,}{of}  {self.rate:.0f} frames/s{left}\x1b[K")
        sys.stderr.flush()

    def close(self) -> None:
        """Clear the line."""
        if self.live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
