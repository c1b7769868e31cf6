"""Sounds: from whatever a person has to one channel at one rate, safely.

Sounds come from phones, instruments, telephone systems and strangers. Each is recognized by its first bytes and
not by its name, its header is checked before room is made for anything, only what is kept is read, piece by piece,
and all that can go wrong ends in one `DataError` that names the file and says what to do. WAV is read here, FLAC,
Ogg and MP3 by `hornbook.columns.audio.files.compressed`. The layout of WAV is that of Microsoft and IBM, Multimedia
Programming Interface and Data Specifications 1.0 (1991), with the formats ``WAVE_FORMAT_IEEE_FLOAT`` and
``WAVE_FORMAT_EXTENSIBLE``.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from hornbook.columns.audio.files.compressed import Compressed, kind_of
from hornbook.columns.audio.files.not_sounds import COMPRESSED, SAVE_AS, not_a_sound
from hornbook.columns.audio.signal.mel import FULL
from hornbook.columns.audio.signal.resample import Read, resampled
from hornbook.columns.opening import open_file, read_part
from hornbook.common.inline import inline
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

__all__ = ["Facts", "open_sound", "sound_facts", "wav"]

LOWEST_RATE, HIGHEST_RATE = 100, 400_000
"""Samples a second that a sound may have: from slow instruments to recordings of bats."""

MOST_CHANNELS = 64

TOO_LOUD = 16
"""Floating point of more than that is not from -1 to 1; a little more is cut off."""

_CHUNKS = 1000
"""Parts of a file that are looked at for its sound."""

PIPED = 0x7FFF_F000
"""From so many bytes on a header says that its writer did not know how many there will be (sox, ffmpeg)."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


@dataclass(frozen=True)
class Facts:
    """What is known of a sound before its samples are read; ``start`` is where these begin in the file."""

    rate: int
    samples: int
    channels: int
    bits: int
    floating: bool = False
    start: int = 0

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.samples / self.rate


def open_sound(
    source: object, *, rate: int, seconds: float, name: str | None = None
) -> tuple[NDArray[np.int16], Facts]:
    """Open one sound: one channel, 16 bits, at a rate.

    Parameters
    ----------
    source : a path, the bytes of a file, an array of shape (samples,) or (samples, channels), taken at the
        rate that is wanted, or a pair of such an array and its own rate. An array is ``uint8`` (128 is silence),
        ``int16``, ``int32``, or floating point from -1 to 1.
    rate : samples a second that are wanted
    seconds : how much of it is kept, from its beginning; what lies behind is not read
    name : what errors call the sound; else the path, or "the sound"

    Returns
    -------
    The samples, ``int16`` of shape (samples,), the mean of all channels; and what is known of the sound as it was.

    Raises
    ------
    DataError : one sentence with the sound's name, what is wrong and what to do

    Examples
    --------
    >>> sound, facts = open_sound((np.zeros((44100, 2), np.int16), 44100), rate=8000, seconds=30)
    >>> sound.shape, facts.seconds
    ((8000,), 1.0)
    """
    with _reader(source, rate, name) as (facts, read):
        floats = resampled(read, facts.samples, facts.rate, rate, max(1, round(seconds * rate)))
    # What is louder than full scale is as loud as can be.
    return np.rint(np.clip(floats * FULL, -FULL, FULL - 1)).astype(np.int16), facts


def sound_facts(source: object, *, rate: int, name: str | None = None) -> Facts:
    """Return what is known of a sound from its header; arguments and errors as of `open_sound`."""
    with _reader(source, rate, name) as (facts, _):
        return facts


def wav(sound: NDArray[np.int16], rate: int, most_rate: int, seconds: float) -> bytes:
    """Return a sound as a WAV file of 8 bits, with no more than so many samples a second and so many seconds."""
    to = min(rate, most_rate)
    scaled = sound.astype(np.float32) / np.float32(FULL)
    floats = resampled(lambda start, end: scaled[start:end], len(sound), rate, to, round(seconds * to))
    body = np.rint(np.clip(floats * 128, -128, 127) + 128).astype(np.uint8).tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, 1, to, to, 1, 8)
    data = struct.pack("<4sI", b"data", len(body)) + body + b"\x80" * (len(body) % 2)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


@contextmanager
def _reader(source: Any, rate: int, name: str | None) -> Iterator[tuple[Facts, Read]]:
    """Yield what is known of a sound, and what reads its samples as floats from -1 to 1, one channel."""
    if isinstance(source, str) and (written := inline(source)) is not None:
        source, name = written, name or "the sound"
    if isinstance(source, (tuple, np.ndarray)):
        said = name or "the sound"
        array, facts = _array(source, rate, said)
        yield facts, lambda start, end: _mono(array[start:end], facts, said)
    else:
        with _opened(source, name) as (file, size, said):
            head = read_part(file, 0, 512, said)
            if kind_of(head):
                packed = Compressed(file, size, head, said)
                facts = Facts(packed.rate, packed.samples, packed.channels, packed.bits)
                _check(facts, said)
                floats = replace(facts, floating=True)
                yield facts, lambda start, end: _mono(packed.read(start, end), floats, said)
                return
            facts = _wav_facts(file, head, size, said)
            yield facts, lambda start, end: _mono(_samples(file, facts, start, end, said), facts, said)


# Arrays.


def _array(source: tuple[Any, ...] | NDArray[Any], rate: int, name: str) -> tuple[NDArray[Any], Facts]:
    """Return an array of shape (samples, channels) and what is known of it."""
    array: Any = source
    if isinstance(source, tuple):
        if len(source) != 2 or not isinstance(source[1], (int, np.integer)) or isinstance(source[1], bool):
            raise DataError(f"{name} is a tuple: give (samples, rate), an array and a whole number")
        array, rate = np.asarray(source[0]), int(source[1])
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim == 2 and array.shape[0] <= 8 < array.shape[1]:
        array = array.T  # channels first, as some libraries have it
    if array.ndim != 2 or array.shape[1] == 0:
        raise DataError(f"{name} has the shape {np.shape(array)}: give (samples,) or (samples, channels)")
    kind = array.dtype
    if kind not in (np.uint8, np.int16, np.int32) and kind.kind != "f":
        raise DataError(
            f"{name} holds {kind}, and a sound is int16, int32, uint8, or floating point from -1 to 1"
        )
    facts = Facts(rate, array.shape[0], array.shape[1], 8 * kind.itemsize, kind.kind == "f")
    _check(facts, name)
    return array, facts


def _mono(array: NDArray[Any], facts: Facts, name: str) -> NDArray[np.float32]:
    """Return the mean of all channels as floats from -1 to 1; ``array`` is (samples, channels)."""
    if array.dtype == np.uint8:
        floats: NDArray[Any] = (array.astype(np.float32) - 128) / 128
    elif not facts.floating:
        floats = array.astype(np.float32) / np.float32(2 ** (8 * array.dtype.itemsize - 1))
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            floats = array.astype(np.float32)
        loudest = float(np.abs(floats).max(initial=0))
        if not loudest <= TOO_LOUD:
            what = f"up to {loudest:.3g}" if np.isfinite(loudest) else "that are no numbers"
            raise DataError(
                f"{name} has samples {what}, and floating point goes from -1 to 1: scale it, or save it as 16-bit WAV"
            )
    return np.asarray(floats[:, 0] if floats.shape[1] == 1 else floats.mean(axis=1), np.float32)


def _check(facts: Facts, name: str) -> None:
    if not LOWEST_RATE <= facts.rate <= HIGHEST_RATE:
        raise DataError(
            f"{name} says that it has {facts.rate:,} samples a second, and {LOWEST_RATE:,} to {HIGHEST_RATE:,} can be: "
            f"{SAVE_AS}"
        )
    if not 1 <= facts.channels <= MOST_CHANNELS:
        raise DataError(f"{name} says that it has {facts.channels:,} channels: {SAVE_AS}")
    if not facts.samples:
        raise DataError(f"{name} has a length of zero: record or copy it again, or delete it")


# WAV files.


@contextmanager
def _opened(source: Any, name: str | None) -> Iterator[tuple[IO[bytes], int, str]]:
    """Open a source for reading; yield the file, its size and what to call it."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield io.BytesIO(source), len(source), name or "the sound"
        return
    if not isinstance(source, (str, os.PathLike)):
        raise DataError(
            f"{name or 'the sound'} is of type {type(source).__name__}: give a path, bytes, an array, or (array, rate)"
        )
    path = os.fspath(source)
    name = shown(name or str(path))
    file, size = open_file(path, name, "sound")
    with file:
        yield file, size, name


def _wav_facts(file: IO[bytes], head: bytes, size: int, name: str) -> Facts:
    """Read the header of a WAV file: its format, and where its samples are."""
    if not head:
        raise DataError(f"{name} is empty (0 bytes): copy or record it again, or delete it")
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise DataError(not_a_sound(head, name))
    form: bytes | None = None
    place = 12
    for _ in range(_CHUNKS):
        chunk = read_part(file, place, 8, name)
        if len(chunk) < 8:
            break
        kind, length = chunk[:4], int.from_bytes(chunk[4:], "little")
        place += 8
        if kind == b"fmt ":
            form = read_part(file, place, min(length, 40), name)
        elif kind == b"data":
            if form is None:
                break
            return _facts(
                form, place, length, size - place, not length and _a_chunk(file, place, size, name), name
            )
        place += length + length % 2
    missing = "its samples" if form is not None else "its header"
    raise DataError(f"{name} is cut off or damaged, {missing} cannot be found: copy or record it again")


def _a_chunk(file: IO[bytes], place: int, size: int, name: str) -> bool:
    """Return whether the rest of a file is chunks, and no samples."""
    while place < size:
        head = read_part(file, place, 8, name)
        if len(head) < 8 or not head[:4].isascii() or not head[:4].decode().isprintable():
            return False
        length = int.from_bytes(head[4:], "little")
        place += 8 + length + length % 2
    return place <= size + 1


def _facts(form: bytes, start: int, length: int, there: int, more: bool, name: str) -> Facts:
    """Return what a header says, checked; of no samples, ``more`` says whether what follows is another chunk."""
    if len(form) < 16:
        raise DataError(f"{name} is damaged, its header is too short: copy or record it again")
    code, channels, rate, _, block, bits = struct.unpack("<HHIIHH", form[:16])
    if code == _EXTENSIBLE and len(form) >= 26:
        code = int.from_bytes(form[24:26], "little")
    if code not in (_PCM, _FLOAT):
        said = COMPRESSED.get(code, f"in the format {code:#06x}")
        raise DataError(f"{name} is a WAV file {said}, which hornbook does not read: {SAVE_AS}")
    each, rest = divmod(block, channels) if channels else (0, 1)
    if rest or each not in ((4, 8) if code == _FLOAT else (1, 2, 3, 4)) or not 0 < bits <= 8 * each:
        raise DataError(
            f"{name} says that it has {channels} channels of {bits} bits in {block} bytes, which hornbook does not "
            f"read: {SAVE_AS}"
        )
    if there > 0 and ((length > there and length >= PIPED) or (not length and not more)):
        length = there  # written to a pipe, so that nobody knew it
    facts = Facts(rate, length // block, channels, 8 * each, code == _FLOAT, start)
    _check(facts, name)
    if length > there:
        raise DataError(
            f"{name} is cut off: its header says {length:,} bytes of sound, and {max(there, 0):,} are there; copy or "
            "record it again"
        )
    return facts


def _samples(file: IO[bytes], facts: Facts, start: int, end: int, name: str) -> NDArray[Any]:
    """Read samples of all channels, shape (end - start, channels)."""
    each = facts.bits // 8
    wide = each * facts.channels
    raw = read_part(file, facts.start + start * wide, (end - start) * wide, name)
    if len(raw) != (end - start) * wide:
        raise DataError(f"{name} has become shorter while it was read: try again")
    if each == 3:  # as the upper three bytes of 32 bits
        padded = np.zeros((end - start, facts.channels, 4), np.uint8)
        padded[..., 1:] = np.frombuffer(raw, np.uint8).reshape(end - start, facts.channels, 3)
        return padded.view("<i4")[..., 0]
    kind = f"<f{each}" if facts.floating else "u1" if each == 1 else f"<i{each}"
    return np.frombuffer(raw, kind).reshape(-1, facts.channels)
