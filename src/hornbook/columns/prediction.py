"""What a recognizer says of one target of one example."""

from __future__ import annotations

import base64
import io
from typing import Any, NamedTuple


def png_address(picture: Any) -> str:
    """Return a Pillow picture as the address of its PNG, ``data:image/png;base64,...``."""
    memory = io.BytesIO()
    picture.save(memory, "PNG")
    return f"data:image/png;base64,{base64.b64encode(memory.getvalue()).decode('ascii')}"


class Step(NamedTuple):
    """A value to come: where the true one lies in 95 of 100 cases, and of which time it is; None for not known."""

    value: float
    low: float | None = None
    high: float | None = None
    time: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON types, the time first."""
        known = {"time": self.time, "value": self.value, "low": self.low, "high": self.high}
        return {key: value for key, value in known.items() if value is not None}


class Prediction(NamedTuple):
    """What a recognizer says of one target of one example; a tuple, because thousands are made each second.

    Attributes
    ----------
    value
        The decoded answer, or ``None`` when it abstains.
    confidence
        Probability of the value, 0 to 1, calibrated on the validation rows; ``None`` where there is none.
    top
        The likeliest values with their probabilities, best first.
    parts
        For a string its characters, each with the probability that it is right.
    interval
        For a number where the true one lies in 95 of 100 cases, from the residuals of the validation rows.
    said
        The value with its unit, as it is written in the training table; empty where it has none.
    steps
        For a series the values to come, the next one first.
    pictured
        Whether the value is a picture (Pillow); in JSON it is a PNG as a ``data:`` address.
    mean
        For a group of a number in its order, the mean of the groups, each as likely as it is.
    """

    value: Any
    confidence: float | None
    top: tuple[tuple[Any, float], ...] = ()
    parts: tuple[tuple[str, float], ...] = ()
    interval: tuple[float, float] | None = None
    said: str = ""
    steps: tuple[Step, ...] = ()
    pictured: bool = False
    mean: float | None = None

    def text(self) -> str:
        """Return the value as people read it, with its unit; of tags all of them, of a series each step."""
        if isinstance(self.value, list):
            return ", ".join(f"{v:,.6g}" if isinstance(v, float) else str(v) for v in self.value) or "(none)"
        return self.said or str(self.value)

    def to_json(self) -> dict[str, Any]:
        """Return the prediction as JSON types, the probabilities rounded to 4 digits."""
        out: dict[str, Any] = {
            "value": png_address(self.value) if self.pictured and self.value is not None else self.value,
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "top": [[value, round(p, 4)] for value, p in self.top],
        }
        if self.parts:
            out["characters"] = [[part, round(p, 4)] for part, p in self.parts]
        if self.interval is not None:
            out["interval"] = list(self.interval)
        if self.said and self.value is not None and not self.pictured:
            out["said"] = self.said
        if self.mean is not None and self.value is not None:
            out["mean"] = round(self.mean, 4)
        if self.steps:
            out["steps"] = [step.to_json() for step in self.steps]
        return out
