"""The page of look: blocks about examples of every kind, and what is drawn of a table."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hornbook.checks.check import check_prepared
from hornbook.checks.describe import describe
from hornbook.columns import CategoryColumn, ImageColumn, NumberColumn
from hornbook.columns.base import Column
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.kinds import column_types
from hornbook.columns.text.checks import tokens
from hornbook.columns.text.column import TextColumn
from hornbook.common.blocks import Block, Charts, Counts, Fold, Gallery, Section, Text
from hornbook.common.charts import Bars, Lines, Scatter, Spread
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.render.page import page, write_page
from hornbook.report.look import blocks, media
from hornbook.sources import from_arrays
from tests.report.test_html import HOSTILE, Checked

N = 80


def table(target: str, types: dict[str, Column], **columns: Any) -> list[Block]:
    examples: Examples = from_arrays(**columns)
    inputs = {n: types.get(n, NumberColumn()) for n in columns if n != target and n not in ("when", "split")}
    targets = {target: types.get(target, NumberColumn())} if target else {}
    prepared = prepare(examples, inputs, targets)
    findings = dataclasses.replace(check_prepared(prepared), columns=describe(examples))
    return blocks(examples, prepared, findings)


def every(some: Any, kind: type[Any]) -> list[Any]:
    """Return all blocks of a kind, also those within others."""
    out = []
    for block in some:
        out += [block] if isinstance(block, kind) else []
        if isinstance(block, (Section, Fold)):
            out += every(block.blocks, kind)
        if isinstance(block, Charts):
            out += every(block.charts, kind)
    return out


def random(seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=N)


def test_two_numbers_and_a_number_are_a_cloud_and_a_matrix_of_at_most_five() -> None:
    price = random(2)
    found = table("price", {}, size=random(0), rooms=random(1), price=price)
    cloud, matrix = every(found, Scatter)
    assert cloud.space and set(cloud.names[:2]) == {"size", "rooms"} and cloud.names[2] == "price"
    assert not matrix.space and matrix.names[0] == "price" and len(matrix.names) == 3
    assert len(every(found, Spread)) == 3
    # Those that go with the target come first.
    columns = {f"x{i}": random(i + 3) for i in range(8)}
    columns["alike"] = price + 0.1 * random(99)
    (matrix,) = every(table("price", {}, **columns, price=price), Scatter)
    assert len(matrix.names) == 5
    assert list(matrix.names[:2]) == ["price", "alike"]


def test_classes_have_a_box_plot_each() -> None:
    kind = ["a", "b"] * (N // 2)
    found = table("kind", {"kind": CategoryColumn()}, size=random(0), age=random(1), kind=kind)
    assert every(found, Text)[-1].said == "The colour is kind."
    for chart in every(found, Spread):
        assert chart.groups.names == ["a", "b"] and not chart.groups.steps
    (bars,) = every(found, Bars)
    assert bars.title == "kind · target" and len(bars.counts) == 2


def test_texts_are_shown_by_length_and_tokens() -> None:
    texts = [f"The food was good and the place number {i} was fine" for i in range(N)]
    types = {"kind": CategoryColumn(), "note": column_types()["text"]()}
    found = table("kind", types, note=texts, kind=["a", "b"] * 40)
    assert "note, its commonest tokens" in [chart.title for chart in every(found, Bars)]
    assert tokens(pl.Series(texts))[0] == ("the", 2 * N)
    assert tokens(pl.Series(["很好吃", "不好吃"]), 2) == [("吃", 2), ("好", 2)]
    found = table("said", {"said": TextColumn()}, said=texts)  # to be foretold
    assert [chart.title for chart in every(found, Spread)] == ["said, characters · target"]
    assert [chart.title for chart in every(found, Bars)] == ["said, its commonest tokens · target"]


def test_a_line_over_time_has_a_part_for_each_split() -> None:
    when = [f"2020-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(N)]
    split = ["train"] * 60 + ["validation"] * 10 + ["test"] * 10
    found = table("price", {}, when=when[::-1], size=random(0), price=random(1), split=split[::-1])
    lines = every(found, Lines)
    assert [chart.title for chart in lines] == ["price", "size"]
    assert [line.name for line in lines[0].lines] == ["train", "validation", "test"]
    assert [len(line.x) for line in lines[0].lines] == [60, 10, 10]
    assert [name for _, name in lines[0].marks] == ["train", "validation", "test"]


@pytest.mark.parametrize(
    "columns",
    [
        {"same": [1.0] * N, "price": random(0)},
        {"gone": [None] * (N - 1) + [1.0], "price": random(0)},
        {"huge": random(0) * 1e30, "price": random(1) * 1e-30},
        {"whole": [1, 2] * (N // 2), "price": list(range(N))},
        {"x": [1.0] * 10, "price": [2.0, 3.0] * 5},
        {f"c{i}": [float(i)] * 20 for i in range(70)} | {"price": list(map(float, range(20)))},
    ],
)
@pytest.mark.parametrize("target", ["price", ""])
def test_odd_tables_are_pages_too(columns: dict[str, Any], target: str) -> None:
    read = Checked(page("x", table(target, {}, **columns)))
    assert not read.wrong and not read.open and "nan" not in read.text


def pictured(target: Column, values: list[Any]) -> tuple[Examples, Prepared]:
    pictures = np.random.default_rng(0).integers(0, 256, (len(values), 8, 8, 3), np.uint8)
    examples = from_arrays(image=pictures, label=values)
    return examples, prepare(examples, {"image": ImageColumn(size=(8, 8))}, {"label": target})


@pytest.mark.parametrize(
    ("target", "values", "kind", "pictures"),
    [
        (CategoryColumn(), ["a", "b"] * 60, Counts, 24),
        (CategoryColumn(), [str(i // 2) for i in range(400)], Counts, 0),
        (CategoryColumn(), list(HOSTILE) * 30, Counts, 48),
        (NumberColumn(), [float(i % 50) for i in range(120)], Gallery, 24),
        (CharactersColumn(), [f"{i:02d}" for i in range(50)] * 2, Gallery, 15),
    ],
)
def test_pictures_stand_beside_what_is_known_of_them(
    target: Column, values: list[Any], kind: type[Block], pictures: int, tmp_path: Path
) -> None:
    examples, prepared = pictured(target, values)
    found = blocks(examples, prepared, check_prepared(prepared))
    assert every(found, kind)
    path = write_page(tmp_path / "look" / "look.html", page("x", found, media(prepared), kind="look"))
    read = Checked(path.read_text("utf-8"))
    assert not read.wrong and not read.open
    assert not [tag for tag, _ in read.tags if tag == "script"]
    shown = [tag for tag, _ in read.tags].count("img")
    assert shown == pictures if pictures else shown >= 40
    assert "\x1b" not in read.text and ("<script>" in read.text) == (HOSTILE[0] in values)


def test_numbers_are_shown_from_the_least_to_the_largest() -> None:
    examples, prepared = pictured(NumberColumn(), [float(i % 50) for i in range(120)])
    (gallery,) = every(blocks(examples, prepared, check_prepared(prepared)), Gallery)
    said = [float(item.said) for item in gallery.items]
    assert said == sorted(said) and len(set(said)) > 15


def test_a_notebook_shows_findings_without_pictures() -> None:
    _, prepared = pictured(CategoryColumn(), list(HOSTILE) * 30)
    shown = check_prepared(prepared)._repr_html_()
    assert "120 examples" in shown and "<script>" not in shown and "<img" not in shown
