"""Examples that are made as they are needed: ``source = { generate = "captcha", count = 20000 }``.

They are a table like any other. Training example i is a pure function of (seed, i), and so is every validation
and test example, in streams of their own: no seed makes a picture of one that is in another, and none of the files
of ``hornbook make`` is among them either.

With ``reuse``, training never sees the same pictures for long. The ``count`` examples of a block serve so many
epochs, and then the next ``count`` of the same seed take their places; which block an epoch has is a pure function
of the epoch. See `hornbook.examples.blocks`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, get_type_hints

import numpy as np
import polars as pl
from annotated_types import Ge, Le

from hornbook.columns.declared import fits
from hornbook.errors import UsageError, did_you_mean, one_of
from hornbook.examples.generated_rows import GeneratedStore, Stop
from hornbook.examples.parts import PartsStore
from hornbook.examples.table import SPLITS, Examples
from hornbook.make.audio import AudioCaptchas
from hornbook.make.captcha import Captchas
from hornbook.make.kinds import KINDS, Made, kind_of
from hornbook.make.texts import Length

REUSE = 20
"""Epochs that a block of examples serves where nothing is said: so many that making the next one costs the loop less
than a twentieth of its speed.

A picture of 160 x 60 takes 1.0 ms of a core to draw and encode, and the quickest network seen trains 1.7 ms on it
(`bench/generated.py`): 10 epochs a block are a seventeenth of its speed. With 8,000 a block they cost nothing that
could be measured, for the next block was made in the time that two threads leave over between steps; with 16,000,
once, 8 %.
"""

Count = Annotated[int, Ge(0), Le(100_000_000)]


@dataclass(frozen=True, kw_only=True)
class Generated:
    """Generated examples: how many, and what of.

    Parameters
    ----------
    count
        Training examples of a block.
    validation, test
        How many there are of these.
    reuse
        Epochs that a block serves; 0: there is one block for ever.
    length, alphabet, seed
        As of `hornbook.make.captcha.Captchas`.
    """

    generate: ClassVar[str]

    count: Annotated[int, Ge(1), Le(100_000_000)] = 20_000
    validation: Count = 2_000
    test: Count = 4_000
    reuse: Annotated[int, Ge(0)] = REUSE
    length: Length = 4
    alphabet: str = "digits"
    seed: Annotated[int, Ge(0)] = 0

    def made(self, stream: str) -> Made:
        """Return what is made for a split."""
        counts = ("count", "validation", "test", "reuse")
        options = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in counts}
        return KINDS[self.generate](**options, stream=stream)

    def objection(self) -> str:
        """Return what is wrong with the options taken together, as a sentence; empty where nothing is."""
        return self.made("train").objection()

    def values(self) -> dict[str, Any]:
        """Return it as it stands in a recipe."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {
            "generate": self.generate,
            **{k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()},
        }


@dataclass(frozen=True, kw_only=True)
class GeneratedCaptchas(Generated):
    """Captcha pictures; ``size`` and ``fonts`` as of `hornbook.make.captcha.Captchas`."""

    generate: ClassVar[str] = "captcha"

    size: tuple[Annotated[int, Ge(16), Le(2048)], Annotated[int, Ge(16), Le(2048)]] = Captchas.size
    fonts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GeneratedSounds(Generated):
    """Audio captchas; ``voices`` as of `hornbook.make.audio.AudioCaptchas`."""

    generate: ClassVar[str] = "audio-captcha"

    voices: str = AudioCaptchas.voices


SOURCES: dict[str, type[GeneratedCaptchas] | type[GeneratedSounds]] = {
    "captcha": GeneratedCaptchas,
    "audio-captcha": GeneratedSounds,
}
"""What a recipe's ``generate`` may be."""


@dataclass(frozen=True)
class Renewal:
    """Training examples of a table that others take the places of as epochs go by.

    Attributes
    ----------
    source
        What they are.
    key
        What their names in the table begin with; the number follows.
    epochs
        Of the whole training, so that no block is made that nobody needs; 0 where that is not known.
    """

    source: Generated
    key: str = "train/"
    epochs: int = 0

    def block(self, epoch: int) -> int:
        """Return which block an epoch (from 0) has."""
        return epoch // self.source.reuse if self.source.reuse else 0

    def follows(self, block: int) -> bool:
        """Return whether another block follows one."""
        return bool(self.source.reuse) and not 0 < self.epochs <= (block + 1) * self.source.reuse

    def examples(self, block: int, stop: Stop | None = None, workers: int = 0) -> Examples:
        """Return the examples of a block, in the order of those of the first one."""
        made = self.source.made("train")
        first = block * self.source.count
        return _stream(GeneratedStore(made, workers, stop), range(first, first + self.source.count))


def generated_from(values: Mapping[str, Any]) -> Generated:
    """Return the source that a mapping says, ``{"generate": "captcha", "count": 100}``.

    Raises
    ------
    UsageError
        With one sentence: an unknown word, a value that cannot be.
    """
    given = dict(values)
    kind = SOURCES[kind_of(given.pop("generate")).kind]
    hints = get_type_hints(kind, include_extras=True)
    known = [f.name for f in dataclasses.fields(kind)]
    for key, value in given.items():
        if key not in known:
            raise UsageError(
                f"generated examples have no {key!r}{did_you_mean(str(key), known)}; there are {one_of(known)}"
            )
        given[key] = tuple(value) if isinstance(value, list) else value
        if not fits(given[key], hints[key]):
            raise UsageError(
                f"{key} of generated examples cannot be {value!r}: see hornbook.examples.generated"
            )
    source = kind(**given)
    if source.objection():
        raise UsageError(source.objection())
    return source


def read_generated(source: Generated) -> Examples:
    """Return the table of generated examples: their numbers, their texts, and the split of each.

    Raises
    ------
    UsageError, DataError
        The options cannot be; a font or a voice cannot be read.
    """
    parts, stores = [], []
    for split, count in zip(SPLITS, (source.count, source.validation, source.test), strict=True):
        if not count:
            continue
        store = GeneratedStore(source.made(split))
        table = _stream(store, range(count), f"{split}/").table
        parts.append(table.with_columns(split=pl.lit(split, dtype=pl.Enum(SPLITS))))
        stores.append((f"{split}/", store))
    return Examples(
        pl.concat(parts),
        {KINDS[source.generate].column: PartsStore(tuple(stores))},
        f"generated {source.generate}",
        renewals=(Renewal(source),) if source.reuse else (),
    )


def _stream(store: GeneratedStore, numbers: range, key: str = "") -> Examples:
    """Return the examples of these numbers of a stream."""
    texts = [store.maker.text(number) for number in numbers]
    names = key + pl.Series(np.arange(numbers.start, numbers.stop)).cast(pl.String)
    column = store.made.column
    table = pl.DataFrame({column: names, "label": pl.Series(texts, dtype=pl.String)})
    return Examples(table, {column: store}, f"generated {store.made.kind}")
