"""The clouds on the page of ``look``."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from hornbook.columns.base import Column
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.text.column import TextColumn
from hornbook.common.blocks import Picture, Section, Text
from hornbook.common.charts import Groups
from hornbook.report.cloud import look
from hornbook.report.cloud.look import clouds

TABLE = pl.DataFrame(
    {"said": ["good food and good wine", "good food today", None, "bad food and bad rain", "bad bad food"]}
)
GROUPS = Groups([0, 0, 0, 1, 1], ["glad", "sad"])
INPUTS: dict[str, Column] = {"text": TextColumn(source="said")}


def pictures(section: Section) -> list[Picture]:
    return [b.said for b in section.blocks if isinstance(b, Text) and isinstance(b.said, Picture)]


def test_each_class_has_the_words_that_set_it_apart() -> None:
    found = pictures(clouds(TABLE, INPUTS, GROUPS))
    assert [p.alt for p in found] == ["glad: good", "sad: bad"]
    assert all(p.pixels is not None and p.pixels.shape == (300, 560, 3) for p in found)
    (whole,) = pictures(clouds(TABLE, INPUTS, None))
    assert whole.alt.startswith("said: bad, food, good") and np.asarray(whole.pixels).min() < 100


def test_where_nothing_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not clouds(TABLE, {"said": CategoryColumn()}, GROUPS).blocks
    none = TABLE.with_columns(said=pl.lit("the and 3"))
    section = clouds(none, INPUTS, None)
    assert not pictures(section) and "said: no word is left" in str(section.blocks[-1])
    monkeypatch.setattr(look, "find_spec", lambda name: None)
    assert not clouds(TABLE, INPUTS, GROUPS).blocks
