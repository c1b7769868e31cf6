"""Training with PyTorch: the loop, checkpoints, augmentation, precision, export.

``train`` is the way in; a run is the folder that it writes. Both are imported when they are first used: what
says how far something has come (`progress`) also serves commands that need no PyTorch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hornbook.errors import MissingExtra

if TYPE_CHECKING:
    from hornbook.training.job import Interrupted, train
    from hornbook.training.run import Run

_HOME = {"Interrupted": "job", "Run": "run", "train": "job"}

__all__ = ["Interrupted", "Run", "train"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'hornbook.training' has no attribute {name!r}")
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra("training", "train") from error
    return getattr(importlib.import_module(f"hornbook.training.{_HOME[name]}"), name)
