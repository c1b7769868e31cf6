"""Writing a film, by OpenCV: H.264 where the machine has an encoder for it, else what it has."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from hornbook.columns.base import Array
from hornbook.common.files import cannot_write, rename
from hornbook.common.quiet import quiet
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

__all__ = ["FilmWriter"]

CODECS = {
    "mp4": ("avc1", "mp4v"),
    "mov": ("avc1", "mp4v"),
    "avi": ("MJPG", "XVID"),
    "webm": ("VP90", "VP80"),
}
"""What is tried, by the end of the name, the best first."""

CALLED = {
    "avc1": "H.264",
    "mp4v": "MPEG-4 (mp4v)",
    "MJPG": "Motion JPEG",
    "XVID": "MPEG-4 (XVID)",
    "VP90": "VP9",
    "VP80": "VP8",
}


class FilmWriter:
    """Writes frames of one size into a film, which takes its name when it is whole.

    Parameters
    ----------
    path
        Of the film; its end says the container: ``.mp4``, ``.mov``, ``.avi``, ``.webm``.
    rate
        Frames a second.
    size
        Width and height of the frames; an odd one loses a column or a row, as films have even sides.

    Raises
    ------
    DataError
        No codec of this machine writes such a film.
    RunError
        The folder cannot be written.
    """

    def __init__(self, path: Path, rate: float, size: tuple[int, int]) -> None:
        import cv2

        end = path.suffix.lstrip(".").lower()
        if end not in CODECS:
            raise DataError(
                f"{shown(path)}: a film is written as .{', .'.join(CODECS)}: give one of these names"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(path.parent, error) from error
        self.path, self.frames = path, 0
        self.size = size[0] - size[0] % 2, size[1] - size[1] % 2
        # With the same end, by which OpenCV knows the container.
        self._part = path.with_name(f".{path.stem[:50]}.{os.getpid()}.part{path.suffix}")
        try:  # OpenCV says of a place that cannot be written what it says of a codec that is not there
            self._part.touch()
        except OSError as error:
            raise cannot_write(path, error) from error
        self.codec, self._writer = "", None
        for codec in CODECS[end] if min(self.size) > 0 else ():
            with quiet():
                writer = cv2.VideoWriter(str(self._part), cv2.VideoWriter.fourcc(*codec), rate, self.size)
            if writer.isOpened():
                self.codec, self._writer = CALLED[codec], writer
                break
            writer.release()
        if self._writer is None:
            self._remove()
            raise DataError(
                f"{shown(path)}: no codec of this machine writes such a film of {size[0]} x {size[1]} pixels: name "
                "another end, such as .avi, or install OpenCV with FFmpeg"
            )

    def add(self, frame: Array) -> None:
        """Write a frame, ``uint8`` (H, W, 3), red first."""
        import cv2

        assert self._writer is not None
        self._writer.write(cv2.cvtColor(frame[: self.size[1], : self.size[0]], cv2.COLOR_RGB2BGR))
        self.frames += 1

    def close(self) -> bool:
        """End the film, which then plays, and give it its name; False where it has no frame and is not kept."""
        if self._writer is None:
            return self.frames > 0
        self._writer.release()
        self._writer = None
        if not self.frames:
            self._remove()
            return False
        try:
            rename(self._part, self.path)
        except OSError as error:
            self._remove()
            raise cannot_write(self.path, error) from error
        return True

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
