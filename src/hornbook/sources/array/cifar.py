"""CIFAR-10 in its binary version (Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html).

A record is one byte of label and 3,072 bytes of picture: the red plane, the green, the blue, each 32 x 32 by
rows. There are ten thousand records to a file, five files to train and one to test. They are written once, as
rows of pictures with the channels last, into the cache folder, a thousand at a time. (The other version is a
pickle, and is not read.)
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np
import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.array_store import ArrayStore, array_names
from hornbook.examples.cache import file_key, made_from
from hornbook.examples.examples import Examples
from hornbook.examples.rows import RowsFile, write_header

ARCHIVE = "cifar-10-binary.tar.gz"
FILES = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIDE = 32
RECORD = 1 + 3 * SIDE * SIDE
ROWS = 10000  # records to a file
TOGETHER = 1000


def find_cifar(data: Path) -> Path | None:
    """Return the archive or the folder of ``.bin`` files at or below ``data``; None where there is none."""
    if data.is_file():
        return data if data.name == ARCHIVE else None
    for place in (data, data / "cifar-10-batches-bin"):
        if (place / FILES[0]).exists():
            return place
    return data / ARCHIVE if (data / ARCHIVE).exists() else None


def read_cifar(source: Path) -> Examples:
    """Return the examples of the archive (or the folder it is in) or of a folder of ``.bin`` files.

    Raises
    ------
    DataError
        A file is missing, breaks off, or has a label that is no class.
    """
    archive = source / ARCHIVE if source.is_dir() and (source / ARCHIVE).exists() else source
    first = archive / FILES[0] if archive.is_dir() else archive
    if archive.is_dir():
        missing = [name for name in FILES if not (archive / name).exists()]
        if missing:
            raise DataError(f"{shown(archive)}: {', '.join(missing)} is not there: put all six files there")
        files = sorted(archive / name for name in FILES)
        key = " ".join(file_key(path) for path in files)
    else:
        key = file_key(archive)
    total = len(FILES) * ROWS

    def write(out: BinaryIO) -> None:
        try:
            _write(archive, out)
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(
                f"{shown(archive)}: the archive breaks off or is damaged: fetch it again"
            ) from error

    kept = made_from(first, ".npy", write, what=f"cifar10 {key}", room=total * RECORD)
    with kept.open("rb") as file:
        file.seek(-total, 2)
        labels = np.frombuffer(file.read(), np.uint8)
    names = pl.Series("image", array_names("cifar10", total))
    table = pl.DataFrame(
        {
            "image": names,
            "label": pl.Series([CLASSES[i] for i in labels], dtype=pl.String),
            "split": pl.Series(["train"] * (total - ROWS) + ["test"] * ROWS, dtype=pl.Enum(SPLITS)),
        }
    )
    return Examples(table, {"image": ArrayStore({"cifar10": RowsFile.open(kept)}, key)}, shown(source))


def _write(source: Path, out: BinaryIO) -> None:
    """Write all pictures as one array, then all labels."""
    write_header(out, (len(FILES) * ROWS, SIDE, SIDE, 3), np.dtype(np.uint8))
    labels: dict[str, bytes] = {}
    begin = out.tell()
    for name, file in _batches(source):
        out.seek(begin + FILES.index(name) * ROWS * (RECORD - 1))
        found = b""
        for _ in range(ROWS // TOGETHER):
            data = file.read(TOGETHER * RECORD)
            if len(data) < TOGETHER * RECORD:
                raise DataError(f"{shown(source)}: {name} breaks off: fetch or copy it again")
            records = np.frombuffer(data, np.uint8).reshape(TOGETHER, RECORD)
            if records[:, 0].max() >= len(CLASSES):
                raise DataError(
                    f"{shown(source)}: {name} has a label {records[:, 0].max()}, so it is not CIFAR-10"
                )
            found += records[:, 0].tobytes()
            planes = records[:, 1:].reshape(TOGETHER, 3, SIDE, SIDE)
            out.write(np.ascontiguousarray(planes.transpose(0, 2, 3, 1)).data)
        if file.read(1):
            raise DataError(
                f"{shown(source)}: {name} goes on after its {ROWS:,} pictures: fetch or copy it again"
            )
        labels[name] = found
    if missing := [name for name in FILES if name not in labels]:
        raise DataError(f"{shown(source)}: {', '.join(missing)} is not there: fetch the archive again")
    out.seek(0, 2)
    out.write(b"".join(labels[name] for name in FILES))


def _batches(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if source.is_dir():
        for name in FILES:
            with (source / name).open("rb") as file:
                yield name, file
        return
    with tarfile.open(source, "r|gz") as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            taken = archive.extractfile(member) if member.isreg() and name in FILES else None
            if taken is not None:
                yield name, taken
