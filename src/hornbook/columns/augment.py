"""The contract of augmentation: its options know no torch, what does it stands in a kind's ``augment.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Augment:
    """How the examples of an input are changed while training, ``[training.augment.NAME]``.

    A kind's options stand beside its column, all off by default. What does it is of the same name, inherits from
    them and stands in the kind's ``augment.py``.
    """

    type: ClassVar[str]
    """The word for the column."""

    @property
    def active(self) -> bool:
        """Whether anything is done at all."""
        return any(vars(self).values())

    @property
    def spoils(self) -> bool:
        """Whether something of an example is lost that a network may learn to give back, see `spoiled`."""
        return False

    @property
    def moves(self) -> str:
        """The name of an option that moves what is in an example, and is on; empty for none."""
        return ""

    def spoiled(self, encoded: Any, *, seed: int, epoch: int, rows: Any) -> Any:
        """Return encoded examples, as arrays, with what is lost in them; for a kind that `spoils`."""
        return encoded

    def __call__(self, unit: Any, *, seed: int, epoch: int, rows: Any) -> Any:
        """Return changed examples; those given are left as they are.

        Parameters
        ----------
        unit
            A tensor, as `hornbook.columns.network.Input.unit` gives it.
        seed, epoch
            Any whole numbers.
        rows
            int64 of shape ``(batch,)``: each example's number in the training set. What is done to a row is a function
            of seed, epoch and this number (`hornbook.columns.randomness`).
        """
        raise NotImplementedError
