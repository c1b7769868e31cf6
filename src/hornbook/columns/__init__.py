"""Column types: one file for each kind of data, `base` is the contract they follow."""

from hornbook.columns.base import Column, Prediction, column_from_json, column_types
from hornbook.columns.category import CategoryColumn
from hornbook.columns.image import ImageColumn
from hornbook.columns.number import NumberColumn

__all__ = [
    "CategoryColumn",
    "Column",
    "ImageColumn",
    "NumberColumn",
    "Prediction",
    "column_from_json",
    "column_types",
]
