"""``hornbook style`` on films: each frame painted, and written as it comes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hornbook.cli.shown.frames import FrameCounter, no_frame, say_how_it_ended
from hornbook.cli.terminal import note
from hornbook.common.plaintext import number_of

if TYPE_CHECKING:
    from hornbook.columns.base import Array
    from hornbook.recognizer.paint import Painter

__all__ = ["paint_film"]


def paint_film(path: str, out: Path, painter: Painter, size: int) -> bool:
    """Write a film, painted, at its own rate; return whether the person stopped it, after which what there is plays.

    Raises
    ------
    DataError
        It is no film, no frame of it can be read, or no codec here writes such a one.
    """
    import numpy as np

    from hornbook.recognizer.paint_steady import Steady
    from hornbook.sources.film.open import open_film
    from hornbook.sources.film.write import FilmWriter

    def painted(frame: Array) -> Array:
        from PIL import Image

        return np.asarray(painter.paint(Image.fromarray(frame), size))

    with open_film(path) as film:
        counter, steady, stopped = FrameCounter(film), Steady(painted), False
        writer: FilmWriter | None = None
        try:
            for frame in film.frames():
                found = steady.next(_sized(frame, painter.sides(frame.shape[1], frame.shape[0], size)))
                if writer is None:
                    writer = FilmWriter(out, film.rate, (found.shape[1], found.shape[0]))
                writer.add(found)
                counter.show(film.read)
        except KeyboardInterrupt:
            stopped = True
        finally:
            counter.close()
            kept = writer is not None and writer.close()
        if writer is None or not kept:
            if stopped:
                return True
            raise no_frame(film)
        note(
            f"{film.name}: {number_of(writer.frames, 'frame')} painted, {counter.rate:.1f} a second ({writer.codec})"
        )
        say_how_it_ended(film, stopped)
    return stopped


def _sized(frame: Array, sides: tuple[int, int]) -> Array:
    """Return a frame as large as it will be painted."""
    import numpy as np
    from PIL import Image

    if (frame.shape[1], frame.shape[0]) == sides:
        return frame
    return np.asarray(Image.fromarray(frame).resize(sides, Image.Resampling.LANCZOS))
