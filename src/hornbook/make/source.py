"""Examples that are made as they are needed: ``source = { make = "captcha", count = 20000 }``.

They are a table like any other. Training example i is a pure function of (seed, i), and so is every validation
and test example, in streams of their own: no seed makes a picture of one that is in another, and none of the files
of ``hornbook make`` is among them either.

With ``reuse``, training never sees the same pictures for long. In every epoch a ``reuse``-th part of the examples
makes room for the next ones of the same seed, so that each serves so many epochs; which ones an epoch has is a pure
function of the epoch. See `hornbook.make.refresh`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, get_type_hints

import polars as pl
from annotated_types import Ge, Le

from hornbook.columns.constraints import fits
from hornbook.columns.summary import SPLITS
from hornbook.errors import UsageError, did_you_mean, one_of
from hornbook.examples.examples import Examples
from hornbook.examples.parts_store import PartsStore
from hornbook.make.audio import AudioCaptchas
from hornbook.make.captcha import Captchas, Side
from hornbook.make.maker import Length, MakeOptions
from hornbook.make.refresh import MadeRefresh
from hornbook.make.registry import MAKERS, options_of
from hornbook.make.reverse import Reversals
from hornbook.make.store import MadeStore

REUSE = 20
"""Epochs that an example serves by default: making the next ones then costs less than a twentieth of the loop's speed.

A picture of 160 x 60 takes 1.0 to 1.8 ms of a core to draw and encode, and the quickest network seen trains 1.7 to 2.5
ms on it, on the same machines (`bench/generated.py`): 10 epochs cost a fourteenth, 20 a twenty-eighth. A machine that
has time to spare between steps makes them for less; one where the threads of a step never sleep has none.
"""

Count = Annotated[int, Ge(0), Le(100_000_000)]


@dataclass(frozen=True, kw_only=True)
class MadeSource:
    """Generated examples: how many, and what of.

    Parameters
    ----------
    count
        Training examples of an epoch.
    validation, test
        How many there are of these.
    reuse
        Epochs that an example serves; 0: it is never replaced.
    seed
        Another seed makes other examples.
    """

    make: ClassVar[str]

    count: Annotated[int, Ge(1), Le(100_000_000)] = 20_000
    validation: Count = 2_000
    test: Count = 4_000
    reuse: Annotated[int, Ge(0)] = REUSE
    seed: Annotated[int, Ge(0)] = 0

    def made(self, stream: str) -> MakeOptions:
        """Return what is made for a split."""
        counts = ("count", "validation", "test", "reuse")
        options = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in counts}
        return MAKERS[self.make](**options, stream=stream)

    def objection(self) -> str:
        """Return what is wrong with the options taken together, as a sentence; empty where nothing is."""
        return self.made("train").objection()

    def values(self) -> dict[str, Any]:
        """Return it as it stands in a recipe."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {"make": self.make, **{k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()}}


@dataclass(frozen=True, kw_only=True)
class MadeStrings(MadeSource):
    """Examples of random strings; ``length`` and ``alphabet`` as of `hornbook.make.maker.StringOptions`."""

    length: Length = 4
    alphabet: str = "digits"


@dataclass(frozen=True, kw_only=True)
class MadeCaptchas(MadeStrings):
    """Captcha pictures; ``size`` and ``fonts`` as of `hornbook.make.captcha.Captchas`."""

    make: ClassVar[str] = "captcha"

    size: tuple[Side, Side] = Captchas.size
    fonts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MadeSounds(MadeStrings):
    """Audio captchas; ``voices`` as of `hornbook.make.audio.AudioCaptchas`."""

    make: ClassVar[str] = "audio-captcha"

    voices: str = AudioCaptchas.voices


@dataclass(frozen=True, kw_only=True)
class MadeReversals(MadeStrings):
    """Strings to be written backwards, see `hornbook.make.reverse.Reversals`; none serves a second epoch."""

    make: ClassVar[str] = "reverse"

    reuse: Annotated[int, Ge(0)] = 1
    length: Length = Reversals.length
    alphabet: str = Reversals.alphabet


@dataclass(frozen=True, kw_only=True)
class MadeDates(MadeSource):
    """Dates as people write them, see `hornbook.make.dates.Dates`; none serves a second epoch."""

    make: ClassVar[str] = "dates"

    reuse: Annotated[int, Ge(0)] = 1


SOURCES: dict[str, type[MadeSource]] = {
    one.make: one for one in (MadeCaptchas, MadeSounds, MadeDates, MadeReversals)
}
"""What a recipe's ``make`` may be."""


def is_made(source: Mapping[str, Any]) -> bool:
    """Return whether a mapping says what is to be made; ``generate`` was once the word for ``make``."""
    return isinstance(source.get("make", source.get("generate")), str)


def made_source(values: Mapping[str, Any]) -> MadeSource:
    """Return the source that a mapping says, ``{"make": "captcha", "count": 100}``.

    Raises
    ------
    UsageError
        With one sentence: an unknown word, a value that cannot be.
    """
    given = dict(values)
    kind = SOURCES[options_of(given.pop("make", None) or given.pop("generate", None)).kind]
    hints = get_type_hints(kind, include_extras=True)
    known = [f.name for f in dataclasses.fields(kind)]
    for key, value in given.items():
        if key not in known:
            raise UsageError(
                f"generated examples have no {key!r}{did_you_mean(str(key), known)}; there are {one_of(known)}"
            )
        given[key] = tuple(value) if isinstance(value, list) else value
        if not fits(given[key], hints[key]):
            raise UsageError(f"{key} of generated examples cannot be {value!r}: see hornbook.make.source")
    source = kind(**given)
    if source.objection():
        raise UsageError(source.objection())
    return source


def read_made(source: MadeSource) -> Examples:
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
        store = MadeStore(source.made(split))
        table = store.examples(range(count), f"{split}/").table
        parts.append(table.with_columns(split=pl.lit(split, dtype=pl.Enum(SPLITS))))
        stores.append((f"{split}/", store))
    made = MAKERS[source.make]
    return Examples(
        pl.concat(parts),
        {} if made.in_cells else {made.column: PartsStore(tuple(stores))},
        f"generated {source.make}",
        refreshes=(MadeRefresh(source.made("train"), source.count, source.reuse),) if source.reuse else (),
    )
