"""Examples from what a Python program has already: arrays, lists, data frames.

>>> import numpy as np
>>> examples = from_arrays(image=np.zeros((3, 8, 8), np.uint8), label=["a", "b", "a"])
>>> examples.table["image"].to_list()
['image[0]', 'image[1]', 'image[2]']
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hornbook.common.endings import is_media
from hornbook.common.plaintext import first_line
from hornbook.common.safe_names import to_table
from hornbook.errors import DataError, UsageError
from hornbook.examples.array_store import ArrayStore, ListStore, array_names
from hornbook.examples.examples import Examples
from hornbook.examples.stores import FolderStore, Store
from hornbook.examples.table_options import TableOptions

NO_WORDS = TableOptions(missing=())
"""Python has a value of its own for what is missing, so that no text stands for it."""


def from_arrays(**columns: Any) -> Examples:
    """Make examples of columns of equal length.

    Parameters
    ----------
    **columns
        Each column by its name. An array with two or more axes is a column of its rows (pictures of shape
        ``(H, W)`` or ``(H, W, C)``); so is a list of arrays, of Pillow pictures or of the bytes of files, and
        a list of paths of pictures. All else (numbers, texts, classes) goes into the table as it is. A column
        ``split`` says ``train``, ``validation`` or ``test``.

    Raises
    ------
    DataError
        Columns of different lengths, or a column that no table can hold.

    Examples
    --------
    >>> import numpy as np
    >>> len(from_arrays(image=np.zeros((2, 28, 28), np.uint8), digit=[7, 1]))
    2
    """
    if not columns:
        raise UsageError(
            "from_arrays needs at least one column, as in from_arrays(image=pictures, label=digits)"
        )
    series: list[pl.Series] = []
    stores: dict[str, Store] = {}
    for name, values in columns.items():
        cells, store = _column(name, values)
        series.append(cells)
        if store is not None:
            stores[name] = store
    lengths = {column.name: len(column) for column in series}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
        raise DataError(f"the columns must have the same number of rows, and {said}")
    return Examples(pl.DataFrame(series), stores, origin="arrays", written=NO_WORDS)


def from_frame(frame: Any) -> Examples:
    """Make examples of a data frame.

    Parameters
    ----------
    frame
        Polars, or anything that speaks the Arrow interface (``__arrow_c_stream__``: pandas, pyarrow, DuckDB
        ...). A column of paths of pictures, of bytes, or of structs with bytes in them (as data sets in
        Parquet have) is a picture column.

    Raises
    ------
    UsageError
        Something that is no data frame.

    Examples
    --------
    >>> import polars as pl
    >>> from_frame(pl.DataFrame({"square": [2104.0], "price": [399900]})).table.columns
    ['square', 'price']
    """
    table = table_of(frame)
    if table is None:
        columns = {str(name): frame[name].to_numpy() for name in frame.columns}
        return from_arrays(**columns).replace(origin="data frame")
    stores: dict[str, Store] = {}
    for column in table:
        found = _values_store(column)
        if found is not None:
            cells, store = found
            table = table.with_columns(cells)
            stores[column.name] = store
    return Examples(table, stores, origin="data frame", written=NO_WORDS)


def from_pairs(pairs: Sequence[tuple[Any, Any]]) -> Examples:
    """Make examples of ``(picture, label)`` pairs; the columns are ``image`` and ``label``."""
    for row, pair in enumerate(pairs):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise UsageError(
                f"row {row + 1} of the list is no (picture, label) pair but {type(pair).__name__}"
            )
    return from_arrays(image=[pair[0] for pair in pairs], label=[pair[1] for pair in pairs])


def _column(name: str, values: Any) -> tuple[pl.Series, Store | None]:
    """Return the cells of a column and, where these are names only, the store of its values."""
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise DataError(f"the column {name!r} must be a list or an array, and it is {type(values).__name__}")
    if isinstance(values, pl.Series) or not _is_list(values):
        array = values if isinstance(values, pl.Series) else np.asarray(values)
        if isinstance(array, np.ndarray) and array.ndim > 1:
            return array_names(name, len(array)).alias(name), ArrayStore({name: array})
        values = array.tolist() if isinstance(array, np.ndarray) and array.dtype == object else array
    if _is_list(values):
        values = list(values)
        first = next((v for v in values if v is not None), None)
        if first is not None and _is_array(first) and np.ndim(first) > 0:
            return _list_of_arrays(name, values)
        if isinstance(first, (bytes, bytearray, memoryview)) or hasattr(first, "getexif"):
            return array_names(name, len(values)).alias(name), ListStore(values)
        if any(isinstance(v, os.PathLike) for v in values):
            values = [os.fspath(v) if isinstance(v, os.PathLike) else v for v in values]
        values = [to_table(v) if isinstance(v, str) else v for v in values]
        if any(isinstance(v, str) for v in values):
            # Among texts pandas writes what is missing as nan.
            values = [None if isinstance(v, float) and math.isnan(v) else v for v in values]
    try:
        cells = values.alias(name) if isinstance(values, pl.Series) else pl.Series(name, values)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"the column {name!r} has values of different types; make them all numbers, or all texts"
        ) from error
    if cells.dtype == pl.Object:
        kind = type(next(iter(values), None)).__name__
        raise DataError(f"the column {name!r} has values of a type that no table can hold ({kind})")
    return _values_store(cells) or (cells, None)


def _values_store(cells: pl.Series) -> tuple[pl.Series, Store] | None:
    """Return cells and store of a column of paths or bytes; None for any other."""
    if cells.dtype == pl.String:
        known = cells.drop_nulls()
        linked = len(known) > 0 and known[0].startswith(("http://", "https://"))
        if len(known) and not linked and is_media(known[0]) and all(is_media(value) for value in known):
            return cells, FolderStore(Path())  # absolute paths, or relative to the folder one is in
        return None
    return binary_store(cells)


def binary_store(cells: pl.Series) -> tuple[pl.Series, Store] | None:
    """Return cells and store of a column of bytes, or of structs with bytes in them; None for any other."""
    if isinstance(cells.dtype, pl.Struct) and "bytes" in [field.name for field in cells.dtype.fields]:
        cells = cells.struct.field("bytes").alias(cells.name)
    if cells.dtype == pl.Binary:
        return array_names(cells.name, len(cells)).alias(cells.name), ListStore(cells)
    return None


def _list_of_arrays(name: str, values: list[Any]) -> tuple[pl.Series, Store]:
    arrays = [np.asarray(v) for v in values]
    store: Store = ListStore(arrays)
    if len({(a.shape, a.dtype) for a in arrays}) == 1:
        store = ArrayStore({name: np.stack(arrays)})
    return array_names(name, len(values)).alias(name), store


def _is_list(values: object) -> bool:
    return not (_is_array(values) or isinstance(values, pl.Series))


def _is_array(value: object) -> bool:
    """Return whether it is numpy's, or a tensor or column of another library that numpy can read."""
    return isinstance(value, np.ndarray) or (hasattr(value, "__array__") and not hasattr(value, "getexif"))


def table_of(frame: Any) -> pl.DataFrame | None:
    """Return the frame as a table; None where its columns can only be had as arrays."""
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    try:
        if hasattr(frame, "__arrow_c_stream__"):
            return pl.DataFrame(frame)
    except ImportError:
        pass  # pandas speaks Arrow only where pyarrow is installed
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise DataError(f"the data frame cannot be read ({first_line(error)})") from error
    if hasattr(frame, "columns") and hasattr(frame, "__getitem__"):
        return None
    raise UsageError(f"a data frame is wanted, and this is {type(frame).__name__}")
