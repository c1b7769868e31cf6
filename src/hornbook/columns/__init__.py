"""Column types: one file for each kind of data, `base` is the contract they follow."""

from hornbook.columns.base import Column, Prediction, column_from_json, column_types
from hornbook.columns.category import CategoryColumn
from hornbook.columns.image import ImageColumn

__all__ = ["CategoryColumn", "Column", "ImageColumn", "Prediction", "column_from_json", "column_types"]
