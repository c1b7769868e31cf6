"""Films on a terminal: how far one is while its frames are read, and what is said at its end."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from hornbook.cli.terminal import note
from hornbook.common.plaintext import duration
from hornbook.errors import DataError

if TYPE_CHECKING:
    from hornbook.sources.film.open import Film

__all__ = ["FrameCounter", "LiveLine", "no_frame", "say_how_it_ended"]

BETWEEN = 0.2
"""Seconds between two drawings of a line."""


class LiveLine:
    """One line of a terminal that is drawn anew, not too often; elsewhere nothing is written."""

    def __init__(self) -> None:
        self.start, self.last = time.monotonic(), 0.0
        self.live = sys.stderr.isatty()

    @property
    def passed(self) -> float:
        """Seconds since the beginning."""
        return max(time.monotonic() - self.start, 1e-6)

    @property
    def due(self) -> bool:
        """Whether it is to be drawn now."""
        return self.live and time.monotonic() - self.last >= BETWEEN

    def draw(self, text: str) -> None:
        """Draw it."""
        self.last = time.monotonic()
        sys.stderr.write(f"\r{text}\x1b[K")
        sys.stderr.flush()

    def close(self) -> None:
        """Clear it."""
        if self.live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class FrameCounter(LiveLine):
    """How far a film is, frames a second and the time left."""

    def __init__(self, film: Film) -> None:
        super().__init__()
        self.film = film

    @property
    def rate(self) -> float:
        """Frames a second since the beginning."""
        return self.film.read / self.passed

    def show(self, done: int) -> None:
        """Draw the line where it is due."""
        if not self.due:
            return
        of, left = "", ""
        if self.film.count:
            of = f" of {self.film.count:,}"
            left = f"  {duration(max(self.film.count - done, 0) / max(self.rate, 1e-6))} left"
        self.draw(f"frame {done:,}{of}  {self.rate:.0f} frames/s{left}")


def no_frame(film: Film) -> DataError:
    """Return the error for a film of which nothing can be read."""
    return DataError(f"{film.name} has not one frame that can be read: copy or download it again")


def say_how_it_ended(film: Film, stopped: bool) -> None:
    """Say where a film was stopped by the person, or breaks off."""
    if stopped:
        note(f"{film.name}: stopped; what was written plays")
    elif film.broke_off:
        note(
            f"warning: {film.name} says that it has {film.count:,} frames, and breaks off after {film.read:,}: it is "
            "cut off or damaged, and was used as far as it goes"
        )
