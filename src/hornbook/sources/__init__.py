"""Sources: from a folder, a table, an archive, an array or a built-in name to a table of examples.

`read` is the one door: it chooses the reader. `folder/`, `table/` and `array/` are the readers, `archive` opens
what is packed, `fetch` and `builtin` are the sets that are known by name.

The names are imported when they are first used: predicting reads no source.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hornbook.sources.array.python import from_arrays, from_frame
    from hornbook.sources.read import read_examples

_HOME = {"from_arrays": "array.python", "from_frame": "array.python", "read_examples": "read"}

__all__ = ["from_arrays", "from_frame", "read_examples"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"hornbook.sources.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hornbook.sources' has no attribute {name!r}")
