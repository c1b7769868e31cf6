"""Pictures whose pixels stand in a table: a column for each pixel, or a cell with all of them.

FER2013 has a column ``pixels`` with 2,304 numbers in a cell, Kaggle's digits have ``pixel0`` to ``pixel783``, others
``1x1`` to ``28x28``.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.errors import DataError
from hornbook.examples.array_store import ArrayStore, array_names
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Note, Store

FEWEST, FEWEST_UNNAMED = 16, 64
"""So many columns called pixels are a picture; and so many numbers that are not called so."""

LOOKED_AT = 20

DARK = 128
"""Where no pixel is brighter, their range is not that of 8 bits (0 to 16, say), and is to be learned."""

_PIXEL = re.compile(r"(?i)(pixels?|pix|px)[ _.-]?(\d+)([ _x.-](\d+))?")
_PLACE = re.compile(r"()x?(\d+)(x(\d+))?")
_NUMBERS = r"^\s*\[?\s*\d{1,3}(\s*[\s,;]\s*\d{1,3})*\s*\]?\s*$"


def with_pixels(examples: Examples) -> Examples:
    """Return the examples with a column ``image`` where the pixels of pictures stand in the table; else as they are."""
    if examples.stores or not len(examples):
        return examples
    table = examples.table
    names = pixel_columns(table)
    if names:
        shape = side_of(len(names))
        assert shape is not None, "they were counted"
        dark = all(table[name].max() <= DARK for name in names)  # type: ignore[operator]
        values = table.select(pl.col(names).cast(pl.UInt16 if dark else pl.UInt8)).to_numpy(order="c")
        store: Store = ArrayStore({"image": values.reshape(-1, *shape)})
        said = f"the {len(names):,} columns {names[0]} to {names[-1]} are"
    else:
        cells = next((c for c in table if cell_shape(c) is not None), None)
        if cells is None:
            return examples
        names, shape = [cells.name], cell_shape(cells)
        assert shape is not None, "it was chosen by it"
        dark = max(int(_parsed(cell).max()) for cell in cells.drop_nulls().head(LOOKED_AT)) <= DARK
        store = PixelsStore(cells, shape, np.dtype(np.uint16 if dark else np.uint8))
        said = f"the numbers in the column {cells.name!r} are"
    place = table.columns.index(names[0])
    kept = table.drop(names)
    name = "image" if "image" not in kept.columns else names[0]
    kept = kept.insert_column(min(place, kept.width), array_names("image", len(examples)).alias(name))
    note = Note(f"{said} taken for pictures of {shape[1]} x {shape[0]} pixels")
    return examples.replace(table=kept, stores={name: store}, notes=(*examples.notes, note))


def side_of(count: int) -> tuple[int, ...] | None:
    """Return the shape of a square picture with so many numbers, grey or in three colours; None where there is none.

    >>> side_of(784), side_of(2352), side_of(785)
    ((28, 28), (28, 28, 3), None)
    """
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if side * side * channels == count:
            return (side, side) if channels == 1 else (side, side, 3)
    return None


def pixel_columns(table: pl.DataFrame) -> list[str]:
    """Return the columns of a table that hold a pixel each, in the order of the pixels; none where it has no such."""
    for pattern, fewest in ((_PIXEL, FEWEST), (_PLACE, FEWEST_UNNAMED)):
        found = [(m, c) for c in table.columns if (m := pattern.fullmatch(c)) and table[c].dtype.is_numeric()]
        if len({m[1].lower() for m, _ in found}) != 1 or len({m[4] is None for m, _ in found}) != 1:
            continue
        places = sorted((int(m[2]), int(m[4] or 0), c) for m, c in found)
        if pattern is _PLACE and len(places) > 1 and side_of(len(places)) is None:
            # Without a header a label is numbered as well: it is the first column or the last.
            first, last = table[places[0][2]].n_unique(), table[places[-1][2]].n_unique()
            places = places[1:] if first <= last else places[:-1]
        names = [name for _, _, name in places]
        if len(names) < fewest or side_of(len(names)) is None or not _follow([p[:2] for p in places]):
            continue
        cells = [table[name] for name in names]
        if any(not c.dtype.is_integer() or c.null_count() for c in cells):
            continue
        low, high = min(c.min() for c in cells), max(c.max() for c in cells)  # type: ignore[type-var]
        if 0 <= low < high <= 255:  # type: ignore[operator]
            return names
    return []


def _follow(places: list[tuple[int, int]]) -> bool:
    """Return whether numbers of pixels, or of their rows and columns, leave out none."""
    (row, column), (last_row, last_column) = places[0], places[-1]
    if last_column == column == 0:
        return row in (0, 1, 2) and last_row - row == len(places) - 1
    return (last_row - row + 1) * (last_column - column + 1) == len(places)


def cell_shape(cells: pl.Series) -> tuple[int, ...] | None:
    """Return the shape of the pictures whose pixels stand in the cells of a column; None where none do."""
    if cells.dtype != pl.String and not cells.dtype.is_nested():
        return None
    some = cells.drop_nulls().head(LOOKED_AT)
    if not len(some):
        return None
    if isinstance(cells.dtype, pl.List) and cells.dtype.inner.is_integer():
        counts, low, high = some.list.len(), some.list.min().min(), some.list.max().max()
    elif cells.dtype == pl.String and some.str.contains(_NUMBERS).all():
        numbers = [_parsed(cell) for cell in some]
        counts = pl.Series([len(n) for n in numbers])
        low, high = min(int(n.min()) for n in numbers), max(int(n.max()) for n in numbers)
    else:
        return None
    count = int(counts[0])
    fits = counts.n_unique() == 1 and count >= FEWEST_UNNAMED and 0 <= low <= high <= 255  # type: ignore[operator]
    return side_of(count) if fits else None


def _parsed(cell: object) -> Array:
    """Return the numbers in a cell; ValueError where something else is in it."""
    if not isinstance(cell, str):
        return np.asarray(cell, np.int64)
    text = cell.strip().strip("[]")
    for mark in ",;":
        text = text.replace(mark, " ")
    return np.array(text.split(), np.int64)


@dataclass(frozen=True)
class PixelsStore(Store):
    """Pictures whose pixels are the numbers in a cell; a name is ``image[row]``."""

    numbered = True

    cells: pl.Series
    shape: tuple[int, ...]
    dtype: np.dtype[np.unsignedinteger]

    def load(self, name: str) -> Array:
        """Return one picture; DataError where its cell has other numbers."""
        cell = self.cells[int(name.rpartition("[")[2][:-1])]
        wanted = math.prod(self.shape)
        try:
            numbers = _parsed("" if cell is None else cell)
        except (ValueError, TypeError, OverflowError):
            raise DataError(f"{name}: something in it is no whole number; write {wanted:,} of them") from None
        if len(numbers) != wanted or numbers.min() < 0 or numbers.max() > 255:
            raise DataError(f"{name}: has {len(numbers):,} numbers, and {wanted:,} from 0 to 255 are wanted")
        return numbers.astype(self.dtype).reshape(self.shape)

    def fingerprint(self, names: Collection[str]) -> str:
        """Hash the cells."""
        digest = hashlib.blake2b(f"{self.shape}{self.dtype}".encode(), digest_size=16)
        digest.update(self.cells.hash(0).to_numpy().tobytes())
        return digest.hexdigest()
