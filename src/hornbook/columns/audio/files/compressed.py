"""FLAC, Ogg and MP3, read by ``soundfile``, which is there where ``hornbook[sound]`` is installed.

A sound is decoded from its beginning, piece by piece, and no further than it is kept: its length is a claim of
its header until then, and looking for a place in the middle is not exact in MP3 and Vorbis.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from hornbook.columns.audio.files.not_sounds import SAVE_AS
from hornbook.errors import DataError

KINDS = (
    (rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xfb]", "an MP3 file"),
    (rb"fLaC", "a FLAC file"),
    (rb"OggS", "an Ogg file (Vorbis or Opus)"),
)
"""First bytes as a regular expression, and what they are of."""

FORMATS = ("FLAC", "OGG", "MP3")

BITS = {"PCM_S8": 8, "PCM_24": 24}
"""Of a sample in FLAC; 16 in everything else."""

COUNTED = 3600
"""Seconds up to which a sound is decoded to find its length, where its header says none that can be trusted."""

_BLOCK = 1 << 16
_PAGE = 27 + 255 + 255 * 255
"""Bytes of the largest page of Ogg (RFC 3533)."""


def kind_of(head: bytes) -> str:
    """Return what a file is whose first bytes are these: one that is read here, or nothing."""
    return next((kind for pattern, kind in KINDS if re.match(pattern, head, re.DOTALL)), "")


class Compressed:
    """A sound that is being decoded, from its beginning on.

    Raises
    ------
    DataError
        It is cut off or damaged, or what decodes it is not installed.
    """

    def __init__(self, file: IO[bytes], size: int, head: bytes, name: str) -> None:
        self.name, self.kind, self.file = name, kind_of(head), file
        self.kept, self.first = np.zeros((0, 1), np.float32), 0
        # Before it is opened: what decodes it would not notice that the place in the file is another one.
        if head[:4] == b"OggS" and _cut(file, size):
            raise DataError(f"{name} is cut off, its last page is not whole: copy or record it again")
        said = head[:4] in (b"fLaC", b"OggS") or _tagged(file, head)
        with self._damaged():
            self.open = self._open()
            if self.open.format not in FORMATS:
                raise DataError(f"{name} is no {' or '.join(FORMATS)} file inside: {SAVE_AS}")
            self.rate, self.channels = int(self.open.samplerate), int(self.open.channels)
            self.bits, self.samples = BITS.get(self.open.subtype, 16), int(self.open.frames)
            if not said or self.samples >= 1 << 60:
                estimate, self.samples = self.samples, self._counted()
                if estimate <= self.samples < COUNTED * self.rate:  # nothing is read behind the estimate
                    raise DataError(f"{name} is {self.kind} that says nowhere how long it is: {SAVE_AS}")

    def read(self, start: int, end: int) -> NDArray[np.float32]:
        """Return samples of all channels, shape (end - start, channels); ``start`` goes up from call to call."""
        with self._damaged():
            at = self.first + len(self.kept)
            fresh = self.open.read(end - at, dtype="float32", always_2d=True)
        if at + len(fresh) < end:
            raise DataError(
                f"{self.name} is cut off: its header says {self.samples:,} samples, and {at + len(fresh):,} are "
                "there; copy or record it again"
            )
        self.kept = np.concatenate([self.kept[start - self.first :], fresh]) if len(self.kept) else fresh
        self.first = start
        return self.kept

    def _open(self) -> Any:
        try:
            from soundfile import SoundFile
        except (ModuleNotFoundError, OSError):  # OSError: the package is there, and the library is not
            raise DataError(
                f'{self.name} is {self.kind}, and what reads it is not installed: pip install "hornbook[sound]", '
                f"or {SAVE_AS}"
            ) from None

        class Forward(SoundFile):  # type: ignore[misc]
            """Decodes without going back: after each piece soundfile would look for the place where it is."""

            def seekable(self) -> bool:
                return False

        self.file.seek(0)
        return Forward(self.file)

    @contextlib.contextmanager
    def _damaged(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:  # soundfile's own are of this type
            why = str(getattr(error, "error_string", error)).strip().rstrip(".").removeprefix("Error : ")
            raise DataError(
                f"{self.name} is {self.kind} that is cut off or damaged ({why.lower()}): copy or record it again"
            ) from None

    def _counted(self) -> int:
        """Return how many samples there are, by decoding them; then begin again."""
        count, most = 0, COUNTED * self.rate
        while count < most and (more := len(self.open.read(_BLOCK, dtype="float32", always_2d=True))):
            count += more
        self.open = self._open()
        return min(count, most)


def _tagged(file: IO[bytes], head: bytes) -> bool:
    """Return whether an MP3 file says in its first frame how long it is; else its length is an estimate."""
    if head[:3] == b"ID3":
        size = 0
        for byte in head[6:10]:  # seven bits of each count
            size = size << 7 | byte & 0x7F
        file.seek(10 + size)
        head = file.read(256)
    return any(tag in head[:256] for tag in (b"Xing", b"Info", b"VBRI"))


def _cut(file: IO[bytes], size: int) -> bool:
    """Return whether the last page of an Ogg file is not all there."""
    file.seek(max(0, size - _PAGE))
    end = file.read(_PAGE)
    place = end.rfind(b"OggS")
    if place < 0 or place + 27 > len(end):
        return True
    table = place + 27
    segments = end[table : table + end[table - 1]]
    return table + end[table - 1] + sum(segments) > len(end)
