"""What a recognizer says of one input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hornbook.columns.base import Array, Prediction
from hornbook.errors import UsageError


@dataclass(frozen=True)
class Answer:
    """What a recognizer says of one input: a prediction for each target.

    Attributes
    ----------
    input
        What it was called: a path, or its place in the list.
    predictions
        By target.
    picture
        The picture as the network was given it, ``uint8`` of shape ``(height, width, channels)``; None where
        there is none. It is no copy: it is to be looked at, not changed.
    """

    input: str
    predictions: Mapping[str, Prediction]
    picture: Array | None = field(default=None, repr=False, compare=False)

    def __getitem__(self, target: str) -> Prediction:
        return self.predictions[target]

    def _only(self) -> Prediction:
        if len(self.predictions) != 1:
            raise UsageError(f"there are several targets, name one: {', '.join(self.predictions)}")
        return next(iter(self.predictions.values()))

    @property
    def value(self) -> Any:
        """The answer, where there is one target."""
        return self._only().value

    @property
    def confidence(self) -> float | None:
        """The probability of the answer, 0 to 1, where there is one target."""
        return self._only().confidence

    @property
    def top(self) -> tuple[tuple[Any, float], ...]:
        """The likeliest values with their probabilities, where there is one target."""
        return self._only().top

    def to_json(self) -> dict[str, Any]:
        """Return ``{"input": ..., target: {"value": ..., "confidence": ..., "top": [...]}}``."""
        return {"input": self.input, **{n: p.to_json() for n, p in self.predictions.items()}}

    def _repr_html_(self) -> str:
        from hornbook.examples.show import prediction_html

        return prediction_html(self.to_json(), self.picture)
