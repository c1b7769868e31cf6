"""The clouds on the page of ``look``: of each text column one for each class, of the words that set it apart."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec

import numpy as np
import polars as pl

from hornbook.columns.base import Column
from hornbook.columns.summary import spread
from hornbook.columns.text.column import TextColumn, joined
from hornbook.common.blocks import Block, Picture, Section, Text, short
from hornbook.common.charts import Groups
from hornbook.common.plaintext import clean
from hornbook.errors import DataError, MissingExtra
from hornbook.report.cloud.draw import Cloud, draw
from hornbook.report.cloud.words import Words, stop_words, words_of

__all__ = ["clouds"]

ROWS = 3_000
"""Texts of a class that are read, at most."""

SIZE, COUNT = (560, 300), 60
"""Pixels and words of a cloud."""

MOST = 6
"""Classes that have a cloud."""


def clouds(table: pl.DataFrame, inputs: Mapping[str, Column], groups: Groups | None) -> Section:
    """Return a section with the clouds; an empty one where there is no text, or nothing to draw with.

    ``groups`` are the classes of the rows of the table.
    """
    names = [c.source or name for name, c in TextColumn.among(inputs).items()]
    names = [name for name in dict.fromkeys(names) if name in table.columns]
    if not names or find_spec("wordcloud") is None:
        return Section("words", "In words", [])
    said = "Larger words are commoner; words that every text has are left out."
    if groups is not None:
        said = "For each class the words that it has more often than the others, the larger the more."
    out: list[Block] = [Text(said, "lead")]
    for name in names:
        try:
            out += _of_column(table[name], groups)
        except (DataError, MissingExtra) as error:
            out.append(Text(f"{clean(name)}: {error}", "small"))
    return Section("words", "In words", out)


def _of_column(cells: pl.Series, groups: Groups | None) -> list[Block]:
    """Return a picture for each class, under its name."""
    texts = [joined(cell) if isinstance(cell, (str, list)) else "" for cell in cells.to_list()]
    if groups is None or len(groups.names) < 2:
        words = words_of([texts[i] for i in spread(np.arange(len(texts)), ROWS).tolist()], stop_words())
        return [_picture(cells.name, {w: float(n) for w, n in words.counts.items()})]
    places = np.asarray(groups.places)
    classes = [
        (name, [texts[row] for row in spread(np.flatnonzero(places == i), ROWS).tolist()])
        for i, name in enumerate(groups.names[:MOST])
    ]
    known = [(name, words_of(some, stop_words())) for name, some in classes if any(map(str.strip, some))]
    out: list[Block] = []
    for name, weights in zip([n for n, _ in known], _apart([w for _, w in known]), strict=True):
        if weights:
            out += [Text(short(name, 60, "strong")), _picture(name, weights)]
    return out


def _apart(classes: Sequence[Words]) -> list[dict[str, float]]:
    """Return for each class the words that it has more often than all together, by how much they say so.

    A word's weight is its count times the logarithm of how much larger its share is here than anywhere (its part of the
    relative entropy of the class).
    """
    every: Counter[str] = Counter()
    for one in classes:
        every.update(one.counts)
    total = every.total()
    out = []
    for one in classes:
        own = sum(one.counts.values())
        found = {
            word: count * float(np.log((count / own) / (every[word] / total)))
            for word, count in one.counts.items()
            if count / own > every[word] / total and count > 1
        }
        out.append(dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))))
    return out


def _picture(name: str, weights: Mapping[str, float]) -> Text:
    """Return a cloud as a block."""
    from PIL import Image

    drawn = draw(weights, Cloud(size=SIZE, count=COUNT), "cloud.png")
    pixels = np.asarray(Image.open(io.BytesIO(drawn.data)).convert("RGB"), np.uint8)
    alt = f"{clean(name)}: {', '.join(drawn.words[:12])}"
    return Text(Picture(0, alt, pixels, side=SIZE[0]))
