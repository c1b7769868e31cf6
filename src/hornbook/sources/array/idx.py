"""IDX files, the format of MNIST (LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/).

Big-endian: two zero bytes, a type (8: unsigned byte), the number of axes, the length of each axis, then the
values. So pictures begin with 2051 and labels with 2049, and which file is which is found from that, not from
its name. Pictures are not read into memory: a plain file is read where it lies, a ``.gz`` is unpacked once
into the cache folder.
"""

from __future__ import annotations

import gzip
import math
import re
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.files import reason
from hornbook.common.plaintext import listed
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.array_store import ArrayStore, array_names
from hornbook.examples.cache import file_key, made_from
from hornbook.examples.examples import Examples
from hornbook.examples.rows import RowsFile, write_header

LABELS, PICTURES = 2049, 2051
COLOUR_PICTURES = 2052
LARGEST_RATIO = 1032  # what deflate reaches at most, so a header that promises more is not true
CHUNK = 1 << 20

_NAME = re.compile(r"((^|[-_.])idx\d?([-_.](ubyte|byte|int))?|ubyte)(\.gz)?$", re.IGNORECASE)
_WORDS = re.compile(r"(images?|labels?)[-_.]?(idx\d)?[-_.]?(ubyte|byte|int)?(\.idx)?(\.gz)?$", re.IGNORECASE)


def is_idx_name(name: str) -> bool:
    """Return whether a file is named as IDX files are.

    >>> is_idx_name("train-images-idx3-ubyte.gz"), is_idx_name("labels.idx1-ubyte"), is_idx_name("idx_1.png")
    (True, True, False)
    """
    return _NAME.search(name) is not None


def begins_like_idx(head: bytes) -> bool:
    """Return whether the first four bytes are those of pictures or labels."""
    return len(head) >= 4 and struct.unpack(">I", head[:4])[0] in (LABELS, PICTURES, COLOUR_PICTURES)


def read_idx_folder(folder: Path, names: Iterable[str], origin: str = "") -> Examples:
    """Read the pairs of IDX files among these of a folder; ``train`` and ``t10k`` or ``test`` are splits.

    Raises
    ------
    DataError
        Pictures without labels or the other way round, several sets in one folder, or a file that is not
        right.
    """
    pairs: dict[str, dict[int, Path]] = {}
    plain = {n.removesuffix(".gz") for n in names if not n.endswith(".gz")}
    for name in sorted(names):
        if name.endswith(".gz") and name.removesuffix(".gz") in plain:
            continue  # the same file, unpacked by somebody, lies beside it
        path = folder / name
        kind = _kind(path)
        pair = pairs.setdefault(_stem(name), {})
        if kind in pair:
            raise DataError(
                f"{shown(folder)}: {shown(pair[kind].name)} and {shown(name)} are both "
                f"{'labels' if kind == LABELS else 'pictures'} of one set: keep one of them"
            )
        pair[kind] = path
    return _join([_pair(stem, pair, folder) for stem, pair in pairs.items()], origin or shown(folder))


def read_idx_file(path: Path) -> Examples:
    """Read one pair, given its pictures or its labels; the other is looked for beside it."""
    stem = _stem(path.name)
    pair = {_kind(path): path}
    for other in sorted(path.parent.iterdir()):
        if is_idx_name(other.name) and _stem(other.name) == stem and other.is_file():
            pair.setdefault(_kind(other), other)
    return _join([_pair(stem, pair, path.parent)], shown(path))


def read_idx(path: Path) -> RowsFile:
    """Return the array of one file.

    Raises
    ------
    DataError
        A wrong magic number, sizes that do not agree with the data, too few or too many bytes, damaged gzip.
    """
    with _open(path) as file:
        shape = _header(file, path)
        packed = isinstance(file, gzip.GzipFile)
    begin, size = 4 + 4 * len(shape), math.prod(shape)
    there = path.stat().st_size
    if not packed:
        if there != begin + size:
            raise _wrong_length(path, shape, there - begin - size)
        return RowsFile(path, begin, shape, np.dtype(np.uint8))
    if size > LARGEST_RATIO * there:
        raise _wrong_length(path, shape, LARGEST_RATIO * there - size)

    def unpack(out: BinaryIO) -> None:
        write_header(out, shape, np.dtype(np.uint8))
        with _open(path) as file:
            _take(file, begin, path)
            left = size
            while left:
                block = _take(file, min(CHUNK, left), path)
                if not block:
                    raise _wrong_length(path, shape, -left)
                out.write(block)
                left -= len(block)
            if _take(file, 1, path):
                raise _wrong_length(path, shape, 1)

    return RowsFile.open(made_from(path, ".npy", unpack, room=size))


def _pair(stem: str, pair: dict[int, Path], folder: Path) -> tuple[str, pl.DataFrame, Any, str]:
    """Return stem, table, pictures and key of one pair."""
    for kind, what, other in ((LABELS, "labels", PICTURES), (PICTURES, "pictures", LABELS)):
        if kind not in pair:
            raise DataError(
                f"{shown(folder / pair[other].name)}: its {what} are missing: put the file with the {what} of the same "
                f"set (magic number {kind}) beside it"
            )
    pictures, labels = read_idx(pair[PICTURES]), read_idx(pair[LABELS])
    if len(pictures) != len(labels):
        raise DataError(
            f"{shown(pair[PICTURES])} has {len(pictures):,} pictures and {shown(pair[LABELS].name)} has "
            f"{len(labels):,} labels: they are not of the same set, or one of them is damaged"
        )
    name = f"{stem}-images" if stem else "images"
    table = pl.DataFrame({"image": array_names(name, len(pictures)), "label": labels[:]})
    split = next((s for s in SPLITS if s in stem.lower()), "test" if "t10k" in stem.lower() else None)
    if split:
        table = table.with_columns(split=pl.lit(split, dtype=pl.Enum(SPLITS)))
    key = f"{file_key(pair[PICTURES])} {file_key(pair[LABELS])}"
    return name, table, pictures, key


def _join(parts: list[tuple[str, pl.DataFrame, Any, str]], origin: str) -> Examples:
    shapes = {part[2].shape[1:] for part in parts}
    splits = [part[1]["split"][0] if "split" in part[1].columns and part[1].height else "" for part in parts]
    if len(shapes) > 1 or len(set(splits)) < len(splits):
        raise DataError(
            f"{origin}: there are several sets of pictures ({listed(part[0] for part in parts)}): "
            "give the file with the pictures of the one you want"
        )
    parts = [
        part for _, part in sorted(zip(splits, parts, strict=True), key=lambda p: ("", *SPLITS).index(p[0]))
    ]
    table = pl.concat([part[1] for part in parts], how="diagonal")
    store = ArrayStore({part[0]: part[2] for part in parts}, key=" ".join(part[3] for part in parts))
    return Examples(table, {"image": store}, origin)


def _stem(name: str) -> str:
    """Return what a pair's two names have in common: ``train`` of ``train-images-idx3-ubyte.gz``."""
    stem = _WORDS.sub("", name).removesuffix(".gz").removesuffix(".idx")
    return stem.rstrip("-_. ")


def _open(path: Path) -> BinaryIO:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        return cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be read ({reason(error)})") from error


def _take(file: BinaryIO, count: int, path: Path) -> bytes:
    try:
        return file.read(count)
    except (EOFError, zlib.error, OSError) as error:
        what = "breaks off" if isinstance(error, EOFError) else "is damaged"
        raise DataError(f"{shown(path)}: the gzip data {what}: fetch or copy the file again") from error


def _kind(path: Path) -> int:
    """Return whether a file begins as labels; all others are taken for pictures until they are read."""
    with _open(path) as file:
        return LABELS if _take(file, 4, path) == struct.pack(">I", LABELS) else PICTURES


def _header(file: BinaryIO, path: Path) -> tuple[int, ...]:
    head = _take(file, 4, path)
    if len(head) < 4:
        raise DataError(f"{shown(path)}: has only {len(head)} bytes, so it is no IDX file: copy it again")
    magic = struct.unpack(">I", head)[0]
    if magic not in (LABELS, PICTURES, COLOUR_PICTURES):
        raise DataError(
            f"{shown(path)}: begins with the magic number {magic}, and IDX pictures begin with {PICTURES}, labels "
            f"with {LABELS}: it is another kind of file, or damaged"
        )
    axes = head[3]
    sizes = _take(file, 4 * axes, path)
    if len(sizes) < 4 * axes:
        raise DataError(f"{shown(path)}: breaks off in its header: copy it again")
    shape = struct.unpack(f">{axes}I", sizes)
    if axes > 1 and (0 in shape[1:] or max(shape[1:]) > 65535):
        raise DataError(
            f"{shown(path)}: its header gives pictures of {' x '.join(map(str, shape[1:]))} pixels: it is damaged"
        )
    return shape


def _wrong_length(path: Path, shape: tuple[int, ...], difference: int) -> DataError:
    what = "labels" if len(shape) == 1 else f"pictures of {' x '.join(map(str, shape[1:]))}"
    how = "breaks off before the last" if difference < 0 else "goes on after the last"
    return DataError(
        f"{shown(path)}: the header promises {shape[0]:,} {what}, and the data {how}: copy the file again"
    )
