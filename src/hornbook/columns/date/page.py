"""Dates in a page without a server."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from hornbook.columns.date.column import DateColumn
from hornbook.columns.date.written.example import example
from hornbook.columns.date.written.forms import NUMBERS, pattern
from hornbook.columns.date.written.names import MONTHS
from hornbook.columns.date.written.read import ISO
from hornbook.columns.number.written.words import KNOWN
from hornbook.columns.page import Page


class DatePage(Page[DateColumn]):
    """Dates, in the form of the training table or as ISO has them."""

    def data(self) -> dict[str, Any]:
        """Return the patterns of the forms, the names of months, and the words for a missing date."""
        form = self.column.written_form.form
        return {
            "form": None if form in NUMBERS else _pattern(form),
            "iso": _pattern(ISO),
            "months": MONTHS if "%b" in form or "%B" in form else {},
            "none": sorted([*KNOWN, ""]),
            "example": example(form),
        }

    def made_up(self, draw: np.random.Generator) -> Any:
        """Return a date between the first and the last of the training rows, as they are written there."""
        column = self.column
        return example(column.written_form.form, draw.uniform(column.begin or 0.0, column.end or 1e9))


def _pattern(form: str) -> tuple[str, tuple[str, ...]]:
    """Return the pattern of a form as a browser reads it, and what its parts are."""
    made = pattern(form)
    text = made.text.removeprefix("(?i)").replace(r"[^\W0-9_]", r"\p{L}")
    return re.sub(r"\\([^\w.+*?()\[\]{}|^$\\])", r"\1", text), made.parts
