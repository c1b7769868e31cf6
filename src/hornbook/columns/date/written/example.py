"""A date in a form, for people."""

from __future__ import annotations

from datetime import datetime, timedelta

from hornbook.columns.date.written.forms import NUMBERS
from hornbook.columns.date.written.names import LISTS
from hornbook.columns.date.written.read import EXCEL

_USUAL = 1_711_843_200.0
"""2024-03-31: nobody takes its day for a month."""


def example(form: str, seconds: float | None = None) -> str:
    """Return a date as a form has it; by default 2024-03-31.

    >>> example("%d/%m/%Y"), example("Q%q %Y"), example("%b-%y"), example("excel")
    ('31/03/2024', 'Q1 2024', 'Mar-24', '45382')
    """
    at = _USUAL if seconds is None else seconds
    if form in NUMBERS:
        return f"{(at + EXCEL * 86_400 * (form == 'excel')) * 1e6 / NUMBERS[form]:.15g}"
    t = datetime(1970, 1, 1) + timedelta(seconds=at)
    parts = {
        "%-y": f"{t.year % 100}",
        "%X": f"{t:%H:%M:%S}",
        "%F": f"{t.year:04d}-{t.month:02d}-{t.day:02d}",
        "%T": f"{t:%H:%M:%S}",
        "%Y": f"{t.year:04d}",
        "%y": f"{t.year % 100:02d}",
        "%G": f"{t.isocalendar()[0]:04d}",
        "%V": f"{t.isocalendar()[1]:02d}",
        "%q": f"{(t.month + 2) // 3}",
        "%b": LISTS[0][t.month - 1].capitalize(),
        "%B": LISTS[8][t.month - 1].capitalize(),
        "%m": f"{t.month:02d}",
        "%d": f"{t.day:02d}",
        "%j": f"{t.timetuple().tm_yday:03d}",
        "%H": f"{t.hour:02d}",
        "%I": f"{(t.hour + 11) % 12 + 1:02d}",
        "%M": f"{t.minute:02d}",
        "%S": f"{t.second:02d}",
        "%p": "AM" if t.hour < 12 else "PM",
        "%z": "Z",
    }
    for code, text in parts.items():
        form = form.replace(code, text)
    return form
