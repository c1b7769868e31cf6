"""Reading a film, or a camera, frame by frame, by OpenCV; one that is broken is read as far as it goes."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hornbook.columns.base import Array
from hornbook.common.quiet import quiet
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

MOST_PIXELS = 52_000_000
"""Of a frame, as of a picture."""

USUAL_RATE = 25.0
"""Frames a second of a film that does not say, or says what cannot be."""

FASTEST = 1000.0


class Film:
    """A film that is open, or a camera.

    Attributes
    ----------
    name
        What it is called in messages.
    size
        Width and height of a frame.
    rate
        Frames a second.
    count
        How many frames there are by what the file says, 0 where it says nothing: a camera has no end.
    """

    def __init__(self, capture: Any, name: str, camera: bool = False) -> None:
        import cv2

        self.name, self._capture = name, capture
        rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.rate = float(rate) if math.isfinite(rate) and 0 < rate <= FASTEST else USUAL_RATE
        self.count = int(count) if not camera and math.isfinite(count) and 0 < count < 2**40 else 0
        self.size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        self.read = 0

    def frames(self) -> Iterator[Array]:
        """Yield each frame, ``uint8`` (H, W, 3), red first, upright; it ends where nothing more can be read."""
        import cv2

        while True:
            there, frame = self._capture.read()
            if not there or frame is None:
                return
            self.read += 1
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)

    def at(self, frame: int) -> Array | None:
        """Return one frame, counted from 0; None where it cannot be read."""
        import cv2

        self._capture.set(cv2.CAP_PROP_POS_FRAMES, frame)
        return next(self.frames(), None)

    @property
    def broke_off(self) -> bool:
        """Whether less was read than the file says there is: a tenth is left to files that count wrongly."""
        return self.count > 0 and self.read < 0.9 * self.count - 1

    def close(self) -> None:
        """Let the file or the camera go."""
        self._capture.release()


@contextlib.contextmanager
def open_film(path: str | os.PathLike[str]) -> Iterator[Film]:
    """Open a film.

    Raises
    ------
    DataError
        It is not there, it is none, or not one frame of it can be read.
    """
    import cv2

    place = Path(path)
    try:
        there = place.is_file()
        size = place.stat().st_size if there else 0
    except (OSError, ValueError):
        there, size = False, 0
    if not there:
        raise DataError(f"{shown(path)}: there is no such film; check the name")
    if not size:
        raise DataError(f"{shown(path)} is empty (0 bytes): copy or download it again, or delete it")
    with _quiet():
        capture = cv2.VideoCapture(str(place.absolute()), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        capture.release()
        raise DataError(
            f"{shown(path)} is no film that can be read, or is cut off before its index: copy or download it again, or "
            "save it anew as MP4"
        )
    with _closing(Film(capture, shown(path))) as film:
        yield film


@contextlib.contextmanager
def open_camera(number: int) -> Iterator[Film]:
    """Open a camera of this machine by its number, 0 for the first; DataError where there is none."""
    import cv2

    with _quiet():
        capture = cv2.VideoCapture(number)
    if not capture.isOpened():
        capture.release()
        raise DataError(
            f"camera {number} cannot be opened: connect one, end the program that uses it, or give another number"
        )
    with _closing(Film(capture, f"camera {number}", camera=True)) as film:
        yield film


@contextlib.contextmanager
def _closing(film: Film) -> Iterator[Film]:
    try:
        if film.size[0] * film.size[1] > MOST_PIXELS:
            raise DataError(
                f"{film.name} has frames of {film.size[0]} x {film.size[1]} pixels, more than the {MOST_PIXELS:,} that "
                "are allowed: make it smaller"
            )
        yield film
    finally:
        film.close()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what OpenCV and FFmpeg print to themselves."""
    # Read by OpenCV when it first opens a film: of damaged frames FFmpeg says nothing later either.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    with quiet():
        yield
