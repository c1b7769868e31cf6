"""What a kind of value puts before and behind a network: the contracts of its input and of its head.

Between them stands the body, which knows no kind of value (`hornbook.networks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array, Column
from hornbook.columns.calibration import temperature
from hornbook.errors import RecipeError

__all__ = ["BodyOptions", "Head", "Input", "SoftmaxHead", "Solved", "Term"]


class Term(NamedTuple):
    """A number in a formula: what it is called, and the mean and scale that it was standardized with."""

    name: str
    mean: float = 0.0
    scale: float = 1.0


class Solved(NamedTuple):
    """What was found in closed form: raw values of the last rows, each foretold from rows before it, and some words."""

    raw: Array
    told: str


class BodyOptions(Protocol):
    """What an input may ask of the body that reads it; each network family has these."""

    @property
    def embedding(self) -> int:
        """Length of the vector of a token."""

    @property
    def numbers(self) -> bool:
        """Whether the number of each token stands before its vector."""

    @property
    def token_dropout(self) -> float:
        """Share of tokens that are as if unknown while training."""

    @property
    def arithmetic(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Mean and std of each channel that pictures are standardized with; None for those of the training rows."""

    @property
    def counted(self) -> bool:
        """Whether a text is counted and not read in its order."""


class Input(nn.Module):
    """Encoded values to what a body reads: the arithmetic of a column that stands in the graph.

    It has two steps. `unit` gives numbers of a plain range, where training examples are augmented; ``forward``
    standardizes them with what the column has measured. Steps of a sequence that are padding are all zeros after
    ``forward``.
    """

    shape: tuple[int, ...]
    """Of one row after ``forward``: ``(F,)`` numbers, ``(steps, F)`` a sequence, ``(C, H, W)`` a picture; 0 where a
    side is free."""
    keeps: ClassVar[bool] = False
    """Whether rows are small and never augmented, so that training may keep all of them standardized."""
    binned: ClassVar[bool] = True
    """Whether each of its numbers may be cut into bins; not where they are curves of a few waves already."""

    @classmethod
    def of(cls, columns: Sequence[Any], options: BodyOptions | None = None) -> Self:
        """Return the input of a column, or of several that stand side by side (`Column.side_by_side`)."""
        return cls(*columns)

    def block(self, encoded: Sequence[Tensor]) -> Tensor:
        """Return encoded values of several columns side by side, for `unit`."""
        raise NotImplementedError(f"{type(self).__name__} takes one column")

    def unit(self, encoded: Tensor) -> Tensor:
        """Return encoded values, ``(batch, *column.shape)``, in their plain range."""
        return encoded

    def terms(self, names: Sequence[str]) -> list[Term] | None:
        """Return what each feature is called in a formula, for columns of these names.

        None where the features are no weighted sum of the values, or have no names.
        """
        return None

    @property
    def flat(self) -> bool:
        """Whether `for_trees` and `for_linear` give a row of numbers for each example: here, where `forward` does."""
        return len(self.shape) == 1

    def for_trees(self, unit: Tensor) -> Tensor:
        """Return what boosted trees are given of inputs in their plain range, ``float32`` of shape (batch, k).

        nan stands for what is missing. Trees ask of each number whether it is above another: they need no scaling, and
        of a cycle the number itself. By default it is what a body is given.
        """
        found: Tensor = self(unit)
        return found

    def for_linear(self, unit: Tensor) -> Tensor:
        """Return what a linear model is given, (batch, k): standardized, a number for each value of few, and no nan."""
        found: Tensor = self(unit)
        return found

    def token_vectors(self) -> nn.Embedding | None:
        """Return the vectors of tokens, which a head may share; None where there are none."""
        return None


class Head(nn.Module):
    """Features to a column's outputs, with the loss and the calibration.

    It is made from the column and the shape of one row of features: ``(F,)``, ``(steps, F)`` with 0 steps where
    they are free, or ``(C, H, W)``. Its ``forward`` gives *raw* values, what the loss is taken of (logits, a
    standardized number).
    """

    wants: ClassVar[Literal["vector", "sequence", "either", "picture"]] = "vector"
    """Features of the whole, ``(batch, F)``, or of each step, ``(batch, steps, F)``; ``either``: of each step where the
    family gives them. Such a head writes its answer step by step, and is the only one of its network. ``picture`` takes
    features of the whole, or those of each pixel, ``(batch, C, H, W)``, where the body gives such and no other head
    wants the whole."""
    causal: ClassVar[bool] = False
    """Whether it says what comes next, so that a body must not read backwards."""
    looks: ClassVar[bool] = False
    """Whether ``forward`` is also given an input in its plain range, see `look_at`."""

    @property
    def coded(self) -> bool:
        """Whether its answer is made of a code alone, so that one is made of any code: `code`, then `answer`."""
        return False

    def code(self, features: Tensor) -> Tensor:
        """Return the numbers that an answer is made of, ``(batch, K)``; where it is `coded`."""
        raise NotImplementedError(f"{type(self).__name__} has no code")

    def answer(self, code: Tensor) -> Tensor:
        """Return the `outputs` that a code stands for."""
        raise NotImplementedError(f"{type(self).__name__} has no code")

    @classmethod
    def takes(cls, column: Any) -> bool:
        """Return whether it is the head for a column, where a kind has several."""
        return True

    def look_at(self, name: str, inputs: Mapping[str, Column]) -> str | None:
        """Return the input that the head of target ``name`` looks at; None where none is needed.

        Raises
        ------
        RecipeError
            No input has what it needs.
        """
        return None

    def tie(self, reads: Input) -> None:
        """Share weights with the first input, where that helps."""

    def prepared(self, truth: Tensor) -> Tensor:
        """Return encoded truths as `loss` and `metric_sum` take them as well; done once, not in each step."""
        return truth

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean loss of a batch, a scalar.

        ``smoothing`` is that of labels, 0 to 1; ``weights`` are those of classes.
        """
        raise NotImplementedError

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return what, divided by the rows of the batch, is the column's metric while training."""
        raise NotImplementedError

    def outputs(self, raw: Tensor) -> Tensor:
        """Return what the recognizer's graph gives, ``(batch, *column.output_shape)``."""
        raise NotImplementedError

    def scored(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return what `Column.score` takes: the outputs, or less where these would fill the memory."""
        return self.outputs(raw)

    def solve(
        self, name: str, inputs: Mapping[str, Column], encoded: Mapping[str, Array], truth: Array
    ) -> Solved:
        """Set the weights in closed form, for features that are the inputs themselves; RecipeError where it cannot.

        ``encoded`` are the inputs of the rows that it is fitted to, and ``truth`` the target ``name`` of these.
        """
        raise RecipeError(
            f'targets.{name}: network.name = "autoregression" foretells series, and this is none: use "mlp"'
        )

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Set what makes confidence honest from raw values and encoded truths of the validation rows."""

    def calibrated(self, column: Any) -> Any:
        """Return the column with what was found on the validation rows, for the recognizer's file."""
        return column

    def term(self, name: str) -> Term | None:
        """Return what its one raw value is called in a formula, for a target of this name; None for nothing."""
        return None

    def linear(self) -> nn.Linear | None:
        """Return the head's linear layer, where nothing else in it is learned."""
        learned = [m for m in self.modules() if next(m.parameters(recurse=False), None) is not None]
        only = learned[0] if len(learned) == 1 else None
        return only if isinstance(only, nn.Linear) else None


class SoftmaxHead(Head):
    """A head that gives probabilities: a softmax over the last axis, after a division by ``temperature``.

    The temperature makes confidence on the validation rows honest (Guo et al. 2017, section 4.2).
    """

    temperature: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("temperature", torch.ones(()))

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean cross-entropy (nats) of the classes of the last axis."""
        logits, wanted = raw.float().flatten(0, -2), truth.long().flatten()
        return F.cross_entropy(logits, wanted, weight=weights, label_smoothing=smoothing)

    def outputs(self, raw: Tensor) -> Tensor:
        """Return probabilities, of the shape of ``raw``."""
        return torch.softmax(raw.float() / self.temperature, -1)

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Set the temperature."""
        found = temperature(raw.reshape(-1, raw.shape[-1]), truth.reshape(-1)) if len(truth) else 1.0
        self.temperature.fill_(found)
