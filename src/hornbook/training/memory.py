"""Too little memory for a training is said in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from hornbook.errors import RunError
from hornbook.recipe import Recipe


@contextmanager
def enough_memory(recipe: Recipe) -> Iterator[None]:
    """Say in one sentence that there was not enough memory; what was saved stays."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(
            error, (MemoryError, torch.OutOfMemoryError)
        ) and "can't allocate memory" not in str(error):
            raise
        raise RunError(
            f"there is not enough memory for training.batch_size = {recipe.training.batch_size!r}: use a smaller one, "
            "smaller pictures or a smaller network; what was saved before is still there"
        ) from error
