"""Examples: every kind of source is read into one table.

One file for each kind of source; `table` is the `Examples` class, `read` chooses the reader, `split` makes
the splits, `encoded` keeps the encoded arrays on disk, `checks` finds what is wrong.

The names are imported when they are first used: predicting needs to know what the names of picture files end
in (`media`), and no table.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hornbook.examples.arrays import from_arrays, from_frame
    from hornbook.examples.files import Problem
    from hornbook.examples.read import read_examples
    from hornbook.examples.table import Examples

_HOME = {
    "Examples": "table",
    "Problem": "files",
    "from_arrays": "arrays",
    "from_frame": "arrays",
    "read_examples": "read",
}

__all__ = ["Examples", "Problem", "from_arrays", "from_frame", "read_examples"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"hornbook.examples.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hornbook.examples' has no attribute {name!r}")
