"""The contract of what stands between inputs and heads."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

__all__ = ["Body", "keeping", "starts_from_data"]


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

    @property
    def keeps(self) -> bool:
        """Whether its first part never changes, so that what that gives can be kept: `kept`, and then `rest`."""
        return False

    def kept(self, given: Any) -> Tensor:
        """Return what the first part gives, outside training."""
        raise NotImplementedError(f"{type(self).__name__} has no part that never changes")

    @property
    def ends_in_picture(self) -> bool:
        """Whether its features are pooled of a picture of channels: `last_picture`, and then `from_picture`."""
        return False

    def last_picture(self, given: Any) -> Tensor:
        """Return the picture of channels, (batch, channels, H, W), that the features are pooled of."""
        raise NotImplementedError(f"{type(self).__name__} ends in no picture")

    def from_picture(self, picture: Tensor) -> Tensor:
        """Return the features of what `last_picture` gave."""
        raise NotImplementedError(f"{type(self).__name__} ends in no picture")

    @property
    def apart(self) -> float | None:
        """From which distance of features on two inputs are of different things; None where that is not known."""
        return None

    def meaning(self) -> list[int | str]:
        """Return what tells one first part from another with the same weights."""
        return []

    def first_state(self) -> dict[str, Tensor]:
        """Return the weights of the first part."""
        return dict(self.state_dict())

    def rest(self, kept: Tensor) -> Tensor:
        """Return the features from what the first part gave."""
        raise NotImplementedError(f"{type(self).__name__} has no part that never changes")

    def factors(self) -> dict[nn.Parameter, float]:
        """Return what the learning rate of some weights is multiplied by; of all others it is 1."""
        return {}


def keeping(module: nn.Module) -> Body | None:
    """Return a module where it is a body whose first part never changes."""
    return module if isinstance(module, Body) and module.keeps else None


def starts_from_data(module: nn.Module) -> bool:
    """Return whether a module is a body that starts from the training rows."""
    return isinstance(module, Body) and module.starts_from_data
