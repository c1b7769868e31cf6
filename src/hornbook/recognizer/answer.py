"""What a recognizer says: an `Answer` for an input, `Answers` for the rows of an array."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.prediction import Prediction
from hornbook.common.plaintext import percent
from hornbook.errors import UsageError

if TYPE_CHECKING:
    from hornbook.common.blocks import Block, Cell


UNLIKE = 0.98
"""From such a novelty on an input is called unlike the examples: of those that are like them, two in a hundred are."""

UNLIKE_WORDS = "unlike the examples"
"""What a person is told of such an input."""


class Answer:
    """What a recognizer says of one input: a prediction for each target.

    Parameters
    ----------
    input
        What it was called; of a row of an array its place.
    predictions
        By target.
    picture
        The picture as the network was given it; or those of several rows of an array, and the place of the first.
    remarks
        What a person should know beside the answer, a few words each: that no ink was found in a picture, say, or
        that it is unlike the examples.
    novelty
        How unlike the examples it is: the share, 0 to 1, of examples that were not learned from and are less so. None
        where the recognizer cannot tell.

    Examples
    --------
    >>> answer = Answer(3, {"digit": Prediction("7", 0.9)})
    >>> answer.input, answer.value
    ('[3]', '7')
    """

    # Thousands are made each second, and few are asked for more than a value: what can be made later is made later.
    __slots__ = ("_input", "_picture", "novelty", "predictions", "remarks")

    def __init__(
        self,
        input: str | int,
        predictions: Mapping[str, Prediction],
        picture: Array | tuple[Array, int] | None = None,
        remarks: tuple[str, ...] = (),
        novelty: float | None = None,
    ) -> None:
        self._input, self.predictions, self._picture = input, predictions, picture
        self.remarks, self.novelty = remarks, novelty

    @property
    def input(self) -> str:
        """What it was called: a path, or its place in the list or array."""
        return f"[{self._input}]" if isinstance(self._input, int) else str(self._input)

    @property
    def picture(self) -> Array | None:
        """The picture as the network was given it, ``uint8`` of shape ``(height, width, channels)``, or None.

        It is no copy: it is to be looked at, not changed.
        """
        if isinstance(self._picture, tuple):
            pictures, first = self._picture
            picture: Array = pictures[int(self._input) - first]
            return picture
        return self._picture

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Answer):
            return NotImplemented
        return (self.input, self.predictions) == (other.input, other.predictions)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        # One answer is kept or sent without the pictures of all others.
        return Answer, (self.input, self.predictions, self.picture, self.remarks, self.novelty)

    def __repr__(self) -> str:
        more = f", remarks={self.remarks!r}" if self.remarks else ""
        more += f", novelty={self.novelty:.4f}" if self.novelty is not None else ""
        return f"Answer(input={self.input!r}, predictions={self.predictions!r}{more})"

    def __getitem__(self, target: str) -> Prediction:
        return self.predictions[target]

    def _only(self) -> Prediction:
        try:
            (prediction,) = self.predictions.values()
        except ValueError:
            raise UsageError(f"there are several targets, name one: {', '.join(self.predictions)}") from None
        return prediction

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
        """Return ``{"input": ..., target: {"value": ..., "confidence": ..., "top": [...]}, "remarks": [...]}``.

        There are remarks only where there is something to say, and ``"novelty"`` where it is known and no target is
        called so.
        """
        said: dict[str, Any] = {} if self.novelty is None else {"novelty": round(self.novelty, 4)}
        said |= {n: p.to_json() for n, p in self.predictions.items()}
        return {"input": self.input, **said, **({"remarks": list(self.remarks)} if self.remarks else {})}

    def _repr_html_(self) -> str:
        from hornbook.common.notebook import notebook

        return notebook(self.blocks())

    def blocks(self) -> list[Block]:
        """Return the picture, and for each target the answer and the likeliest values as bars."""
        from hornbook.common.blocks import Bar, Picture, Span, Table, Text

        out: list[Block] = [Text(Span(self.input))]
        if self.picture is not None:
            out.append(Text(Picture(0, self.input, self.picture, side=112)))
        out += [Text(remark, "warning") for remark in self.remarks]
        for target, said in self.predictions.items():
            if said.pictured and said.value is not None:
                pixels = np.asarray(said.value)
                out.append(Text((f"{target}: ", Picture(0, target, pixels, side=max(112, *said.value.size)))))
                continue
            value = "no answer: too unsure" if said.value is None else said.text()
            out.append(Text((f"{target}: ", Span(value))))
            rows: list[list[Cell]] = [[str(v), percent(p), Bar(p)] for v, p in said.top]
            out.append(Table(f"the likeliest values of {target}", ["", "", ""], rows, numbers=(1,)))
        return out


class Answers(Sequence[Answer]):
    """What a recognizer says of the rows of an array: a sequence of `Answer`, made when they are looked at.

    It holds the outputs of the graph and the answers of one batch: to make those of ten thousand rows and keep them
    takes three times as long, for Python looks through what is kept for cycles again and again.

    Parameters
    ----------
    batches
        For each batch what `make` makes its answers of.
    make
        Returns the answers of a batch.
    size
        Rows of a batch; the last may have fewer.
    rows
        Rows in all.
    """

    def __init__(
        self, batches: Sequence[Any], make: Callable[[int, Any], list[Answer]], size: int, rows: int
    ) -> None:
        self._batches, self._make, self._size, self._rows = batches, make, size, rows
        self._last: tuple[int, list[Answer]] = (-1, [])

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[Answer]:
        for number in range(len(self._batches)):
            yield from self._batch(number)

    @overload
    def __getitem__(self, place: int) -> Answer: ...
    @overload
    def __getitem__(self, place: slice) -> list[Answer]: ...
    def __getitem__(self, place: int | slice) -> Answer | list[Answer]:
        if isinstance(place, slice):
            return [self[row] for row in range(self._rows)[place]]
        row = range(self._rows)[place]  # raises IndexError, and counts from the end
        return self._batch(row // self._size)[row % self._size]

    def __repr__(self) -> str:
        return f"<{self._rows:,} answers>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Answers, list)):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)  # what makes them belongs to an open recognizer

    def _batch(self, number: int) -> list[Answer]:
        """Return the answers of a batch; those of the one looked at last are kept."""
        last, answers = self._last
        if last != number:
            answers = self._make(number * self._size, self._batches[number])
            self._last = (number, answers)
        return answers


def with_novelty(remarks: tuple[str, ...], novelty: float | None) -> tuple[str, ...]:
    """Return remarks, and one more of an input that is unlike the examples.

    >>> with_novelty((), 0.999), with_novelty((), 0.5), with_novelty((), None)
    (('unlike the examples',), (), ())
    """
    return remarks if novelty is None or novelty < UNLIKE else (*remarks, UNLIKE_WORDS)


def check_options(top: int, abstain: float) -> None:
    """Raise UsageError where there is no such number of likeliest values, or no such confidence."""
    if top < 0:
        raise UsageError(f"top is {top}, but no fewer than 0 values can be given")
    if not 0 <= abstain <= 1:
        raise UsageError(f"abstain is {abstain:g}, but it is a probability, from 0 to 1")
