"""The ``number`` column: measurements, counts, prices.

A value stays the number it is; what is done with it (filling what is missing, clipping, taking the logarithm,
standardizing) is arithmetic of the graph, with statistics of the training rows. As a target its outputs, scores
and intervals are in the user's own units.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import Ge, Le

from hornbook.columns.base import Array
from hornbook.columns.calibration import conformal
from hornbook.columns.number.written.digits import rounded, statistics
from hornbook.columns.number.written.find import form_of
from hornbook.columns.number.written.parse import PLAIN
from hornbook.columns.number.written.units import Unit
from hornbook.columns.number.written.words import AmongWords
from hornbook.columns.prediction import Prediction
from hornbook.columns.summary import Inspection, Values
from hornbook.common.plaintext import say_number
from hornbook.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Share = Annotated[float, Ge(0), Le(1)]

NARROW = 1e-5
"""A column whose numbers float32 would round by more than this share of their deviation is kept in float64: a time
in seconds since 1970, say, would move by two minutes."""


@dataclass(frozen=True, kw_only=True, repr=False)
class NumberColumn(AmongWords):
    """A number.

    Encoded to itself, ``shape`` (), ``float32``, or ``float64`` where that would lose digits that matter; what is
    missing is nan. As a target the network's output is the number in the user's units, shape ``(rows, 1)``.

    Parameters
    ----------
    log
        Learn from the logarithm of 1 + x: for prices and counts that span powers of ten.
    clip
        The lowest and highest number that are told apart; what lies beyond counts as these.
    clip_quantiles
        The same as shares of the training rows, ``(0.01, 0.99)``.
    standardize
        Whether the network is given, and learns, the number less its mean, as a share of its deviation. Without it a
        column of thousands drowns one of hundredths, which is a thing to see once.
    under
        Of a target: rows whose number is this or more are left out, for a census that writes 50 for all that is dearer.
    loss
        Of a target, on the standardized value: ``squared`` is half the squared error, ``absolute`` looks for the
        median and minds outliers less, ``huber`` lies between the two (Huber 1964).

    Attributes
    ----------
    mean, std
        Of the training rows, after clipping and logarithm; the sample standard deviation (n - 1).
    missing
        Whether training rows had no value: the network then has an input more that says so.
    wide
        Whether the numbers are kept in float64.
    limits
        What is clipped to.
    margin
        Half the width of the 95 % interval of a prediction, in deviations; from the residuals of the validation
        rows.

    Examples
    --------
    >>> column = NumberColumn().learn([1.0, 2.0, 3.0, None])
    >>> column.mean, column.std, column.missing
    (2.0, 1.0, True)
    >>> column.encode("2.5"), column.encode("?")
    (array(2.5, dtype=float32), array(nan, dtype=float32))
    """

    type: ClassVar[str] = "number"
    metric: ClassVar[str] = "mae"
    is_label: ClassVar[bool] = True
    metric_larger_is_better: ClassVar[bool] = False
    side_by_side: ClassVar[bool] = True
    in_cells: ClassVar[bool] = True
    numeric: ClassVar[bool] = True
    baseline_name: ClassVar[str] = "always the mean"
    learned_fields: ClassVar[tuple[str, ...]] = (
        *("mean", "std", "missing", "wide", "limits", "margin", "decimal", "thousands", "unit", "words"),
    )
    renamed: ClassVar[Mapping[str, str]] = {"deviation": "std"}

    log: bool = False
    clip: tuple[float, float] | None = None
    clip_quantiles: tuple[Share, Share] | None = None
    standardize: bool = True
    under: float | None = None
    loss: Literal["squared", "absolute", "huber"] = "squared"
    mean: float | None = None
    std: Annotated[float, Ge(0)] | None = None
    missing: bool | None = None
    wide: bool | None = None
    limits: tuple[float, float] | None = None
    margin: Annotated[float, Ge(0)] | None = None

    @property
    def learned(self) -> bool:
        """Whether mean and standard deviation are known."""
        return self.mean is not None and self.std is not None

    def objection(self) -> str:
        """Return which options do not go together."""
        if self.clip is not None and self.clip_quantiles is not None:
            return "has clip and clip_quantiles: give one of them"
        for name in ("clip", "clip_quantiles", "limits"):
            pair = getattr(self, name)
            if pair is not None and not pair[0] < pair[1]:
                return f"has {name} = [{pair[0]:g}, {pair[1]:g}], and the first must be the lower one"
            if pair is not None and self.log and name != "clip_quantiles" and pair[0] <= -1:
                return f"has log = true, for numbers above -1, and {name} = [{pair[0]:g}, {pair[1]:g}]"
        return super().objection()

    @property
    def dtype(self) -> np.dtype[Any]:
        """``float32``, or ``float64`` where it is needed."""
        return np.dtype(np.float64 if self.wide else np.float32)

    # From values to numbers.

    def encode(self, value: object, name: str = "") -> Array:
        """Return the number, nan where it is missing."""
        return np.asarray(self._number(value, name), self.dtype)

    def encode_many(self, values: Iterable[object], names: Sequence[str] | None = None) -> Array:
        """Return all numbers, shape ``(rows,)``."""
        return np.array(
            [self._number(v, names[i] if names else f"row {i + 1}") for i, v in enumerate(values)], self.dtype
        )

    def encode_series(self, series: pl.Series) -> Array | None:
        """Return the numbers of a whole Polars column at once, None where one of them cannot be read."""
        found = self._floats(series)
        if found is None:
            return None
        numbers, wrong = found
        with np.errstate(invalid="ignore"):
            wrong = wrong | (np.abs(numbers) > np.finfo(self.dtype).max)
            if self.log and self._lowest() <= -1:
                wrong |= numbers <= -1
        return None if wrong.any() else numbers.astype(self.dtype, copy=False)

    def unreadable(self, series: pl.Series, name: str) -> Iterator[tuple[int, str]]:
        """Yield the cells that are no numbers, and why."""
        found = self._floats(series)
        for i, value in enumerate(series.to_list()):
            try:
                number = self._number(value, "")
            except DataError as error:
                yield i, f"column {name!r}: {error}"
            else:
                if found is not None and found[1][i] and {",", "."} & {*str(value)}:
                    mark = "comma" if "," in str(value) else "point"
                    said = (
                        f"may be {number:.15g}, or have a decimal {mark} as others have; write all in one way"
                    )
                    yield i, f"column {name!r}: {value!r} {said}"

    def absent(self, series: pl.Series) -> Array:
        """Return which cells hold no number, ``bool``; a text that is none is not absent, but wrong."""
        found = self._floats(series)
        return super().absent(series) if found is None else np.isnan(found[0]) & ~found[1]

    def meaning(self) -> dict[str, Any]:
        """Return the options alone: an encoded number is the number itself, and nan where it counts as missing."""
        return {key: value for key, value in self.options().items() if key != "na_values"}

    def _number(self, value: object, name: str) -> float:
        """Return the number that stands in a cell; DataError where it cannot be one of this column."""
        number = self._read(value, name, float(np.finfo(self.dtype).max))
        if self.log and number <= -1 and self._lowest() <= -1:
            where = f"{name}: " if name else ""
            raise DataError(
                f"{where}{number:g} has no logarithm, and log = true is for numbers above -1; correct it, or leave "
                "out log"
            )
        return number

    def _lowest(self) -> float:
        limits = self.limits or self.clip
        return -math.inf if limits is None else limits[0]

    # What is learned.

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with the statistics of ``values``; what cannot be read counts as missing here."""
        if self.learned:
            return self
        series: Any = values if hasattr(values, "null_count") else None
        form = self.form or (None if series is None else form_of(self._without(series))) or PLAIN
        found = None if series is None else self._floats(series, form)
        numbers = found[0] if found is not None else np.array([self._or_nan(v) for v in values], np.float64)
        there = numbers[np.isfinite(numbers)]
        limits = self.clip
        if self.clip_quantiles is not None and len(there):
            low, high = np.quantile(there, self.clip_quantiles).tolist()
            limits = (low, high) if low < high else None
        kept = np.clip(there, *limits) if limits is not None else there
        if self.log:
            kept = np.log1p(kept[kept > -1])
        with np.errstate(over="ignore"):
            mean, std = statistics(kept)
        if not math.isfinite(mean) or not math.isfinite(std):
            raise DataError(
                f"numbers as large as {np.abs(there).max():.3g} cannot be learned from: correct them, or write them in "
                f"a larger unit{' or set log = true' if there.min() > -1 else ''}"
            )
        largest = float(np.abs(there).max(initial=0.0))
        wide = largest > 1e38 or (
            not self.log and std > 0 and largest * np.finfo(np.float32).eps / 2 > NARROW * std
        )
        return dataclasses.replace(
            self,
            mean=mean,
            std=std,
            missing=len(there) < len(numbers),
            wide=bool(wide),
            limits=limits,
        ).written(form)

    def _or_nan(self, value: object) -> float:
        try:
            return self._number(value, "")
        except DataError:
            return math.nan

    @property
    def shift(self) -> float:
        """What is taken away: the mean."""
        return (self.mean or 0.0) if self.standardize else 0.0

    @property
    def scale(self) -> float:
        """What is divided by: the deviation, 1 where all numbers are the same."""
        return (self.std or 1.0) if self.standardize else 1.0

    @property
    def rejecting(self) -> bool:
        """Whether numbers may be too large."""
        return self.under is not None

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of numbers that are not under ``under``."""
        if self.under is None:
            return []
        numbers = np.array([self._or_nan(v) for v in values], np.float64)
        return np.flatnonzero(numbers >= self.under).tolist()

    def why_rejected(self, value: object, name: str) -> str:
        """Return why such a row is left out."""
        return f"its {name} of {value} is not under {self.under:g}"

    def standardized(self, numbers: Array) -> Array:
        """Return numbers as the network learns them: clipped, logarithm, standardized; float64."""
        z = np.asarray(numbers, np.float64)
        if self.limits is not None:
            z = np.clip(z, *self.limits)
        if self.log:
            z = np.log1p(np.maximum(z, -1 + 1e-9))
        return np.asarray((z - self.shift) / self.scale)

    def in_units(self, z: Array) -> Array:
        """Return standardized numbers in the user's units; float64."""
        numbers = np.asarray(z, np.float64) * self.scale + self.shift
        if self.log:
            numbers = np.expm1(np.minimum(numbers, 700.0))
        return np.clip(numbers, *self.limits) if self.limits is not None else numbers

    def about_value(self) -> dict[str, Any]:
        """Return what a number is, with a usual one of the training rows to four digits."""
        usual = float(self.in_units(np.zeros(1))[0]) if self.learned else 0.0
        unit = {} if self.unit is None else {"unit": Unit(*self.unit).say(0.0).replace("0", "").strip()}
        return {**super().about_value(), "example": float(f"{usual:.4g}"), **unit}

    def inspect(self, values: Values) -> Inspection:
        """Return some examples where it is a target, and which numbers seem to stand for a missing value."""
        from hornbook.columns.number.checks import far_numbers

        found = super().inspect(values)
        return dataclasses.replace(found, findings=(*found.findings, *far_numbers(values)))

    # As a target.

    @property
    def outputs(self) -> int:
        """The number itself."""
        return 1

    def labels(self, encoded: Array) -> list[str]:
        """Return numbers as people say them."""
        return [self.say_value(float(number)) for number in encoded.reshape(len(encoded), -1)[:, 0]]

    def say_value(self, value: Any) -> str:
        """Return a number with the unit that it has in the training table."""
        return say_number(value) if self.unit is None else Unit(*self.unit).say(value)

    def ordered(self, values: Values, rows: Array) -> Array:
        """Return the rows from the least number to the largest, without those that have none."""
        numbers = values.encoded.take(rows).reshape(len(rows), -1)[:, 0]
        found: Array = rows[
            np.argsort(numbers, kind="stable")[: np.isfinite(numbers).sum()]
        ]  # nan comes last
        return found

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the numbers, each with the interval in which the true one lies in 95 of 100 cases."""
        values, *ends = (found.tolist() for found in self._answers(outputs).values())
        said = repeat("") if self.unit is None else (Unit(*self.unit).say(v, exactly=True) for v in values)
        intervals = zip(*ends, strict=True) if ends else repeat(None)
        rows = zip(values, intervals, said, strict=False)
        return [Prediction(value, None, interval=interval, said=text) for value, interval, text in rows]

    def decode_cells(self, outputs: Array) -> dict[str, pl.Series]:
        """Return the numbers, and the ends of their intervals."""
        import polars as pl

        return {end: pl.Series(found) for end, found in self._answers(outputs).items()}

    def _answers(self, outputs: Array) -> dict[str, Array]:
        """Return the numbers, and the ends of their intervals, where these are known."""
        numbers = np.asarray(outputs, np.float64).reshape(-1)
        if self.margin is None:
            return {"": rounded(numbers)}
        z = self.standardized(numbers)
        low, high = (rounded(self.in_units(z + sign * self.margin)) for sign in (-1, 1))
        return {"": rounded(numbers), "low": low, "high": high}

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return the mean absolute error, the root of the mean squared error, and R2, the share of variance."""
        truth = np.asarray(truth, np.float64)
        error = np.asarray(outputs, np.float64).reshape(-1) - truth
        around = float(((truth - truth.mean()) ** 2).sum())
        return {
            "mae": float(np.abs(error).mean()),
            "rmse": math.sqrt(float((error**2).mean())),
            "r2": 1 - float((error**2).sum()) / around if around > 0 else math.nan,
        }

    def say_score(self, score: float) -> str:
        """Return a mean absolute error with four digits, in the user's units.

        >>> NumberColumn().say_score(1.90432), NumberColumn().say_score(51234.5)
        ('1.904', '51,234')
        """
        return self.say_value(score)

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what always naming the mean of the training rows would score."""
        mean = float(np.asarray(training, np.float64).mean())
        error = np.abs(np.asarray(truth, np.float64) - mean)
        return f"always the mean, {self.say_value(mean)}", float(error.mean())

    def differences(self, ours: Array, theirs: Array) -> tuple[float, int]:
        """Return the largest difference, as a share of the deviation of the training rows."""
        if not ours.size:
            return 0.0, 0
        gap = np.abs(self.standardized(ours) - self.standardized(theirs))
        return float(gap.max()), 0

    def about_encoded(self) -> list[str]:
        """Return what the number is."""
        return ["the number as it is, nan where it is missing"]

    def about_outputs(self) -> list[str]:
        """Return that it is the number, and how far the true one may be from it."""
        said = ["the number in its own units"]
        if self.margin is not None and not self.log:
            said.append(f"the true one is at most {self.margin * self.scale:.6g} from it in 95 of 100 cases")
        elif self.margin is not None:
            ratio = math.exp(self.margin * self.scale)
            said.append(
                f"1 + the true one is 1 + it times or divided by {ratio:.6g} at most in 95 of 100 cases"
            )
        return said

    def stands_beside(self) -> tuple[str, ...]:
        """Return the ends of the interval, where there is one."""
        return () if self.margin is None else ("low", "high")

    def nothing_to_learn(self, truth: Array, name: str) -> str:
        """Return that all numbers are the same."""
        if len(truth) and truth.min() == truth.max():
            return (
                f"the {name} of every training example is {float(truth[0]):g}, so there is nothing to learn; use a "
                "column whose numbers differ"
            )
        return ""

    def with_margin(self, residuals: Array) -> Self:
        """Return the column with the interval that fits standardized residuals of rows never trained on."""
        return dataclasses.replace(self, margin=conformal(residuals))
