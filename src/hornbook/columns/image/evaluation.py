"""How well pictures are answered: errors, PSNR and SSIM beside those of simple guesses, and the worst answers."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation, Judged
from hornbook.columns.image.answers import bytes_of, picture_of
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.image.compare import compared, psnr_of
from hornbook.columns.metric_names import name_of
from hornbook.common.blocks import Cell, Charts, Inline, Picture, Section, Table, Text, tail
from hornbook.common.charts import Spread
from hornbook.common.plaintext import say_number
from hornbook.errors import RunError

MOST_SHOWN = 24
"""Answers whose pictures are kept, the worst ones; the file of scores would be large with more."""

USUAL = 8
"""Of the others so many are shown, from good to bad."""

SIDE = 128
"""Pixels of the longer side of a picture that is kept."""

ON_PAGE = 84


@dataclass(frozen=True)
class PictureShown:
    """One answer: what was given, answered and true, as PNGs in base64; ``given`` is empty where it is no picture."""

    row: int
    name: str
    mse: float
    psnr: float
    ssim: float
    given: str
    answer: str
    truth: str


@dataclass(frozen=True, kw_only=True)
class PictureEvaluation(Evaluation):
    """How well pictures are answered; values are from 0 to 1.

    Attributes
    ----------
    intervals
        The 95 % interval of the mean of each metric over pictures.
    guesses
        What simple guesses score in each metric: the mean picture of the training rows, and the input itself where it
        is a picture of the same size and other than the truth.
    spread
        The PSNR of each row, at most 2,000 of them.
    worst, usual
        Answers with their pictures: the worst ones, and some from good to bad.
    """

    type: ClassVar[str] = "image"
    lists_scores: ClassVar[bool] = True

    intervals: dict[str, tuple[float, float]]
    guesses: dict[str, dict[str, float]]
    spread: Array
    worst: tuple[PictureShown, ...]
    usual: tuple[PictureShown, ...]

    def say(self, value: float) -> str:
        """Return an error."""
        return say_number(value)

    def say_metric(self, metric: str, value: float) -> str:
        """Return the value of a metric: PSNR in decibels."""
        return f"{value:.2f} dB" if metric == "psnr" else say_number(value)

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The 95 % interval of each metric."""
        return self.intervals

    def facts(self) -> list[tuple[str, str]]:
        """Return the other metrics by name."""
        return [(name_of(k), self.say_metric(k, v)) for k, v in self.metrics.items() if k != self.metric]

    def blocks(self) -> list[Section]:
        """Return the scores, how they are spread, and answers beside what was given and what is true."""
        names = list(self.guesses)
        rows: list[list[Cell]] = []
        for metric, value, interval in self.score_rows():
            key = next(k for k in self.metrics if name_of(k) == metric)
            rows.append([metric, value, interval, *self._guessed(names, key)])
        head: list[Inline] = ["", "score", "95 % interval", *names]
        scores = Table("scores", head, rows, numbers=range(1, len(head)))
        decibels = Spread("PSNR of each picture, in decibels: more is better", self.spread.tolist())
        sections = [Section("scores", "How close it comes", [scores, Charts([decibels])])]
        if self.usual:
            said = "Some of all the rows, from the best answer to the worst."
            sections.append(
                Section("answers", "What it answers", [Text(said, "lead"), self._table(self.usual)])
            )
        if self.worst:
            said = "The rows with the largest error: what was given, what was answered, and what is true."
            sections.append(
                Section("mistakes", "Its worst answers", [Text(said, "lead"), self._table(self.worst, 8)])
            )
        return sections

    def _guessed(self, names: list[str], metric: str) -> list[str]:
        found = (self.guesses[name].get(metric) for name in names)
        return ["" if value is None else self.say_metric(metric, value) for value in found]

    def _table(self, shown: tuple[PictureShown, ...], first: int = 0) -> Table:
        kinds: tuple[tuple[Literal["given", "answer", "truth"], str], ...] = (
            ("given", "input"),
            ("answer", "answer"),
            ("truth", "truth"),
        )
        kinds = tuple(kind for kind in kinds if any(pictures_of(one)[kind[0]] for one in shown))
        rows: list[list[Cell]] = []
        for one in shown:
            encoded = pictures_of(one)
            pictures = [
                Picture(one.row, f"{word} of {one.name}", pixels=pixels_of(encoded[kind]), side=ON_PAGE)
                for kind, word in kinds
            ]
            numbers = [self.say(one.mse), self.say_metric("psnr", one.psnr), self.say(one.ssim)]
            rows.append([tail(one.name, 24), *pictures, *numbers])
        head = ["", *(word for _, word in kinds), "mean squared error", "PSNR", "SSIM"]
        places = range(len(head) - 3, len(head))
        return Table("answers", head, rows, numbers=places, first=first)

    @property
    def mistaken(self) -> list[int]:
        """The rows of the worst answers."""
        return [one.row for one in self.worst]

    @classmethod
    def judge(cls, column: ImageColumn, outputs: Array, truth: Array, on: Judged) -> PictureEvaluation:
        """Judge the answers to an ``image`` target.

        Examples
        --------
        >>> from hornbook.columns.evaluation import evaluate
        >>> column = ImageColumn(size=(2, 2), channels=1, mean=(0.5,), std=(0.2,))
        >>> truth = np.full((3, 2, 2, 1), 255, np.uint8)
        >>> found = evaluate("clean", "test", column, np.full((3, 2, 2, 1), 0.9, np.float32), truth,
        ...                  training_truth=truth)
        >>> round(found.score, 4), round(found.metrics["psnr"], 2), found.baseline
        (0.01, 20.0, ('always the mean picture', 0.0))
        """
        each = _scores(outputs, truth)
        mean = np.asarray(on.training, np.uint8).mean(0, keepdims=True, dtype=np.float32) / 255
        guesses = {column.baseline_name: _means(_scores(np.asarray(mean), truth))}
        given = on.given(np.arange(len(truth))) if on.given is not None and len(truth) else None
        if given is not None and given.shape == truth.shape and not np.array_equal(given, truth):
            guesses["the input itself"] = _means(_scores(given, truth))
        order = np.argsort(-each["mse"], kind="stable")
        usual = order[::-1][
            np.unique(np.linspace(0, len(order) - 1, min(USUAL, len(order))).astype(np.int64))
        ]
        some = np.unique(np.linspace(0, len(order) - 1, min(2000, len(order))).astype(np.int64))

        def shown(places: Array) -> tuple[PictureShown, ...]:
            return tuple(_shown(on, i, each, given, outputs, truth) for i in places.tolist())

        intervals = {name: _interval(values) for name, values in each.items()}
        best = min(guesses.items(), key=lambda guess: guess[1]["mse"])
        return cls(
            **on.fields(len(truth)),
            metrics=_means(each),
            interval=intervals["mse"],
            baseline=(best[0], best[1]["mse"]),
            intervals=intervals,
            guesses=guesses,
            spread=np.round(each["psnr"][some], 3),
            worst=shown(order[: min(MOST_SHOWN, on.most)]),
            usual=shown(usual),
        )


def _scores(ours: Array, truth: Array) -> dict[str, Array]:
    """Return each metric of each picture."""
    found = compared(ours, truth)
    return {"mse": found["mse"], "psnr": psnr_of(found["mse"]), "ssim": found["ssim"], "mae": found["mae"]}


def _means(each: dict[str, Array]) -> dict[str, float]:
    return {name: float(values.mean()) for name, values in each.items()}


def _interval(values: Array) -> tuple[float, float]:
    """Return the 95 % interval of a mean: of many pictures it is normal."""
    mean = float(values.mean())
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return mean - half, mean + half


def _shown(
    on: Judged, place: int, each: dict[str, Array], given: Array | None, outputs: Array, truth: Array
) -> PictureShown:
    row, name = on.named(place)
    mse, psnr, alike = (round(float(each[key][place]), 6) for key in ("mse", "psnr", "ssim"))
    pictures = [None if given is None else given[place], bytes_of(outputs[place]), truth[place]]
    return PictureShown(row, name, mse, psnr, alike, *("" if p is None else png(p) for p in pictures))


def png(pixels: Array) -> str:
    """Return a picture, ``uint8`` of shape ``(H, W, C)``, as a PNG in base64, made smaller where it is large."""
    picture = picture_of(pixels)
    picture.thumbnail((SIDE, SIDE))
    memory = io.BytesIO()
    picture.save(memory, "PNG", optimize=True)
    return base64.b64encode(memory.getvalue()).decode("ascii")


def pixels_of(text: str) -> Array:
    """Return the picture that `png` wrote; RunError where it is none."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"]) as picture:
            if max(picture.size) > SIDE:
                raise ValueError("too large")
            return np.asarray(picture.convert("RGB" if picture.mode != "L" else "L"))
    except (OSError, ValueError) as error:
        raise RunError(
            f"a picture of an evaluation cannot be read ({error}); evaluate the run again"
        ) from error


def pictures_of(shown: PictureShown) -> dict[str, Any]:
    """Return the pictures of an answer by what they are."""
    return {"given": shown.given, "answer": shown.answer, "truth": shown.truth}
