"""Training with PyTorch: the loop, checkpoints, augmentation, precision, export.

``train`` is the way in; a run is the folder that it writes.
"""

from __future__ import annotations

from hornbook.errors import MissingExtra

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingExtra("training", "train") from error

from hornbook.training.run import Run
from hornbook.training.job import Interrupted, train

__all__ = ["Interrupted", "Run", "train"]
