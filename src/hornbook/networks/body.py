"""The contract of what stands between inputs and heads."""

from __future__ import annotations

from typing import Any

from torch import nn

__all__ = ["Body", "starts_from_data"]


class Body(nn.Module):
    """A module that turns inputs into features, and may start from the training rows.

    A body that does not may be any module.
    """

    @property
    def starts_from_data(self) -> bool:
        """Whether `prepare` has anything to do."""
        return False

    def prepare(self, given: Any) -> None:
        """Start from what the inputs give for some training rows; called once, before training."""


def starts_from_data(module: nn.Module) -> bool:
    """Return whether a module is a body that starts from the training rows."""
    return isinstance(module, Body) and module.starts_from_data
