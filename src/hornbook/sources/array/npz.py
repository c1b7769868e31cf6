"""NumPy archives, ``.npz``.

Read without pickle. Arrays that are stored plainly are read where they lie; compressed ones are unpacked once
into the cache folder, a block at a time, so that a large one needs no more memory than a small one. Known
names: ``x_train``, ``y_train``, ``x_test``, ``y_test`` (as Keras' ``mnist.npz`` has them), ``train_images``,
``train_labels`` and so on; else every array is a column, and where there is one array of pictures and one of
labels these are ``image`` and ``label``.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.columns.summary import SPLITS
from hornbook.common.files import reason
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.array_store import ArrayStore, array_names
from hornbook.examples.cache import file_key, made_from
from hornbook.examples.examples import Examples
from hornbook.examples.rows import RowsFile
from hornbook.sources.archive.members import damaged

CHUNK = 1 << 20
LARGEST_RATIO = 1032

_SPLIT = re.compile(r"(?:^|_)(train|training|test|testing|val|valid|validation)(?:_|$)", re.IGNORECASE)
_SPLITS = {"tr": "train", "te": "test", "va": "validation"}
_IMAGES = frozenset(["x", "image", "images", "data", "picture", "pictures", "arr_0", "input", "inputs"])
_LABELS = frozenset(["y", "label", "labels", "target", "targets", "class", "classes", "arr_1"])


def read_npz(path: Path) -> Examples:
    """Return the examples of a ``.npz`` file.

    Raises
    ------
    DataError
        It is damaged, has arrays of Python objects, or arrays whose lengths do not agree.
    """
    arrays = arrays_of(path)
    if not arrays:
        raise DataError(
            f"{shown(path)}: there is no array in the file: save it with numpy.savez(path, image=..., "
            "label=...)"
        )
    for name, array in arrays.items():
        if array.ndim == 0:
            raise DataError(
                f"{shown(path)}: the array {name!r} is a single number: save arrays with a row for "
                "each example"
            )
    by_split: dict[str | None, dict[str, RowsFile]] = {}
    for name, array in arrays.items():
        found = _SPLIT.search(name)
        split = _SPLITS[found[1].lower()[:2]] if found else None
        column = _SPLIT.sub("_", name).strip("_") if found else name
        by_split.setdefault(split, {})[column or "image"] = array
    tables = []
    stores: dict[str, dict[str, RowsFile]] = {}
    for split in (None, *SPLITS):
        if split in by_split:
            tables.append(_table(path, split, _named(by_split[split]), stores))
    try:
        table = pl.concat(tables, how="diagonal_relaxed")
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{shown(path)}: the splits have columns of different types: save them alike"
        ) from error
    key = file_key(path)
    return Examples(table, {name: ArrayStore(parts, key) for name, parts in stores.items()}, shown(path))


def _named(columns: Mapping[str, RowsFile]) -> dict[str, RowsFile]:
    """Call the pictures ``image`` and the labels ``label``, where it is clear which they are."""
    pictures = [name for name, array in columns.items() if array.ndim > 1]
    labels = [name for name, array in columns.items() if array.ndim == 1]
    names = {name: name for name in columns}
    if len(pictures) == 1 and (pictures[0].lower() in _IMAGES or len(labels) == 1):
        names[pictures[0]] = "image"
    if len(labels) == 1 and (labels[0].lower() in _LABELS or len(pictures) == 1):
        names[labels[0]] = "label"
    return {names[name]: array for name, array in columns.items()}


def _table(
    path: Path, split: str | None, columns: Mapping[str, RowsFile], stores: dict[str, dict[str, RowsFile]]
) -> pl.DataFrame:
    lengths = {name: len(array) for name, array in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
        raise DataError(f"{shown(path)}: the arrays of one set must have the same number of rows, and {said}")
    series = []
    for name, array in columns.items():
        if array.ndim == 1:
            series.append(_series(path, name, array[:]))
        else:
            stem = f"{split}_{name}" if split else name
            series.append(array_names(stem, len(array)).alias(name))
            stores.setdefault(name, {})[stem] = array
    table = pl.DataFrame(series)
    return table.with_columns(split=pl.lit(split, dtype=pl.Enum(SPLITS))) if split else table


def _series(path: Path, name: str, values: Array) -> pl.Series:
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind not in "biufU":
        raise DataError(f"{shown(path)}: the array {name!r} is of type {values.dtype}: save numbers or texts")
    return pl.Series(name, values.tolist() if values.dtype.kind == "U" else values)


def arrays_of(path: Path) -> dict[str, RowsFile]:
    """Return the arrays of a file by their names; DataError where it is damaged, or has arrays of Python objects."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            return {info.filename.removesuffix(".npy"): _array(path, archive, info) for info in infos}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OverflowError,
        ValueError,
        struct.error,
    ) as error:
        raise damaged(path, error) from error
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be read ({reason(error)})") from error


def _array(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> RowsFile:
    """Return one array, where it lies or unpacked."""
    name = info.filename.removesuffix(".npy")
    with archive.open(info) as file:
        shape, fortran, dtype = read_header(file, f"{shown(path)}: the array {name!r}")
        begin = file.tell()
    size = math.prod(shape) * dtype.itemsize
    if begin + size != info.file_size or size > LARGEST_RATIO * max(info.compress_size, 1):
        raise DataError(
            f"{shown(path)}: the array {name!r} has not got the size that its header promises: save it again"
        )
    if fortran and len(shape) > 1:
        raise DataError(
            f"{shown(path)}: the array {name!r} is in Fortran order: save numpy.ascontiguousarray of it"
        )
    if info.compress_type == zipfile.ZIP_STORED:
        with path.open("rb") as raw:
            raw.seek(info.header_offset + 26)
            lengths = raw.read(4)
        at = (
            info.header_offset
            + 30
            + int.from_bytes(lengths[:2], "little")
            + int.from_bytes(lengths[2:], "little")
        )
        return RowsFile(path, at + begin, shape, dtype)

    def unpack(out: BinaryIO) -> None:
        with archive.open(info) as file:
            while block := file.read(CHUNK):
                out.write(block)

    return RowsFile.open(made_from(path, ".npy", unpack, what=name, room=size))


def read_header(file: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, order and type of a ``.npy`` file, and stand at its first value.

    Raises
    ------
    DataError
        It is none, or an array of Python objects.
    """
    try:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, fortran, dtype = read(file)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise DataError(f"{where} is no NumPy array, or damaged: save it again") from error
    if dtype.hasobject or dtype.fields:
        raise DataError(
            f"{where} holds Python objects, which could run any program when read: save it as an "
            "array of numbers or texts"
        )
    if any(side < 0 for side in shape):
        raise DataError(f"{where} has a size below zero: save it again")
    if not dtype.itemsize or dtype.kind == "V" or (0 in shape[1:] and shape[0]):
        raise DataError(f"{where} has rows without a value in them ({dtype}, {shape}): save numbers or texts")
    return shape, fortran, dtype
