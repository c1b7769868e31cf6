"""What every network family answers: its options are its own, these have a default where it has none of that name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

__all__ = ["Activation", "Family", "Fraction", "Width"]

Width = Annotated[int, Ge(1), Le(65_536)]
Fraction = Annotated[float, Ge(0), Le(0.99)]

Activation = Literal[
    "relu", "leaky", "elu", "selu", "gelu", "silu", "mish", "hardswish", "softplus", "tanh", "sigmoid"
]


@dataclass(frozen=True)
class Family:
    """The options of a network, the section ``[network]``; each family adds its own."""

    @property
    def members(self) -> int:
        """How many networks are trained side by side."""
        return 1

    @property
    def closed_form(self) -> bool:
        """Whether it is fitted at once, without epochs: nothing to go on with, and no weights to start from."""
        return False

    @property
    def bidirectional(self) -> bool:
        """Whether a sequence is read backwards too."""
        return False

    @property
    def by_steps(self) -> bool:
        """Whether it gives features of each step of a sequence, or of a picture from left to right."""
        return False

    @property
    def dense(self) -> tuple[int, ...]:
        """Units of dense layers over the features of all inputs together."""
        return ()

    @property
    def activation(self) -> Activation:
        """What stands after each of these."""
        return "relu"

    @property
    def embedding(self) -> int:
        """Length of the vector of a token, where an input is a text."""
        return 64

    @property
    def numbers(self) -> bool:
        """Whether the number of each token is wanted before its vector."""
        return False

    @property
    def token_dropout(self) -> float:
        """Share of the tokens that are as if unknown while training."""
        return 0.0

    @property
    def arithmetic(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Mean and std of each channel that pictures are standardized with; None for those of the training rows."""
        return None

    @property
    def folds(self) -> int:
        """By how many folds the training rows are judged where no others are held back; 0 for none."""
        return 0

    @property
    def counted(self) -> bool:
        """Whether a text is counted, how often each of its tokens is there, and not read in its order."""
        return False

    @property
    def bins(self) -> int:
        """How many bins a number is cut into before dense layers; 0 for none."""
        return 0

    @property
    def parts(self) -> int:
        """How many parts of the training rows there are, each of which one of the networks does not learn from."""
        return 0
