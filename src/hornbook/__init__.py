"""hornbook learns from a person's own labelled examples and gives back a recognizer in one file.

>>> import hornbook
>>> "train" in dir(hornbook)
True

The public names are imported when they are first used, so that ``import hornbook`` and ``hornbook --help``
load neither torch nor polars.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hornbook.checks.check import check
    from hornbook.checks.findings import Findings
    from hornbook.columns.image.face.find import find_faces
    from hornbook.errors import HornbookError
    from hornbook.examples import Examples
    from hornbook.learning import train
    from hornbook.recipe import Recipe
    from hornbook.recognizer import Recognizer, load
    from hornbook.sources import read_examples

__version__ = "0.2.0.dev0"

_HOME = {
    "Examples": "hornbook.examples",
    "Findings": "hornbook.checks.findings",
    "HornbookError": "hornbook.errors",
    "Recipe": "hornbook.recipe",
    "Recognizer": "hornbook.recognizer",
    "check": "hornbook.checks.check",
    "find_faces": "hornbook.columns.image.face.find",
    "load": "hornbook.recognizer",
    "read_examples": "hornbook.sources",
    "train": "hornbook.learning",
}

__all__ = [
    "Examples",
    "Findings",
    "HornbookError",
    "Recipe",
    "Recognizer",
    "check",
    "find_faces",
    "load",
    "read_examples",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'hornbook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
