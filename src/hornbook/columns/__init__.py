"""Column types: one folder for each kind of data, `base` is the contract they follow.

Names are looked up when they are asked for: who reads a picture does not wait for the columns of tables.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hornbook.columns.base import Column
    from hornbook.columns.category.column import CategoryColumn
    from hornbook.columns.image.column import ImageColumn
    from hornbook.columns.kinds import column_from_json, column_types
    from hornbook.columns.number.column import NumberColumn
    from hornbook.columns.prediction import Prediction

_HOME = {
    "CategoryColumn": "category.column",
    "Column": "base",
    "ImageColumn": "image.column",
    "NumberColumn": "number.column",
    "Prediction": "prediction",
    "column_from_json": "kinds",
    "column_types": "kinds",
}

__all__ = [
    "CategoryColumn",
    "Column",
    "ImageColumn",
    "NumberColumn",
    "Prediction",
    "column_from_json",
    "column_types",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"hornbook.columns.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hornbook.columns' has no attribute {name!r}")
