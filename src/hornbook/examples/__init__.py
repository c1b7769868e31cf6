"""The table of examples, and how it becomes arrays.

`examples` is the `Examples` class, `stores` are where its pictures and sounds lie, `split` makes the splits,
`encode` and `cache` keep the encoded arrays on disk, `prepare` does all of it for a recipe's columns.

The names are imported when they are first used: what needs only one of these files loads no table.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hornbook.examples.examples import Examples
    from hornbook.examples.stores import Problem

_HOME = {"Examples": "examples", "Problem": "stores"}

__all__ = ["Examples", "Problem"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"hornbook.examples.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hornbook.examples' has no attribute {name!r}")
