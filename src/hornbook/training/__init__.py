"""Training with PyTorch: the loop, checkpoints, augmentation, precision, export.

A run is the folder that training writes. The names are imported when they are first used: what says how far
something has come (`progress`) also serves commands that need no PyTorch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hornbook.errors import MissingExtra

if TYPE_CHECKING:
    from hornbook.training.job import Interrupted, Job
    from hornbook.training.run import Run, locked

_HOME = {"Interrupted": "job", "Job": "job", "Run": "run", "locked": "run"}

__all__ = ["Interrupted", "Job", "Run", "locked"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'hornbook.training' has no attribute {name!r}")
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra("training", "train") from error
    return getattr(importlib.import_module(f"hornbook.training.{_HOME[name]}"), name)
