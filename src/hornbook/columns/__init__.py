"""Column types: one file for each kind of data, `base` is the contract they follow."""

from hornbook.columns.base import Column
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.kinds import column_from_json, column_types
from hornbook.columns.number.column import NumberColumn
from hornbook.columns.prediction import Prediction

__all__ = [
    "CategoryColumn",
    "Column",
    "ImageColumn",
    "NumberColumn",
    "Prediction",
    "column_from_json",
    "column_types",
]
