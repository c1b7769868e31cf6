"""The page about a table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from hornbook.checks.describe import describe
from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.base import Column
from hornbook.columns.kinds import column_types
from hornbook.examples import Examples
from hornbook.examples.prepare import prepare
from hornbook.render.scatter_matrix import cloud, scatter_matrix
from hornbook.render.small_charts import Part, _bars, bars, over_time, spread
from hornbook.report.html import Report, write_look
from hornbook.report.look_table import table_sections, tokens
from hornbook.sources import from_arrays

N = 80


def page(target: str, types: dict[str, Column], **columns: Any) -> str:
    examples: Examples = from_arrays(**columns)
    inputs = {n: types.get(n, NumberColumn()) for n in columns if n != target and n not in ("when", "split")}
    prepared = prepare(examples, inputs, {target: types.get(target, NumberColumn())})
    return table_sections(examples, prepared, describe(examples))


def drawings(html: str) -> list[ET.Element]:
    """Return the charts, each well-formed, with no number that is none."""
    found = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    assert not any(
        "nan" in re.sub(r"<text.*?</text>|<title>.*?</title>|aria-label=\"[^\"]*\"", "", svg) for svg in found
    )
    return [ET.fromstring(svg) for svg in found]


def random(seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=N)


def test_two_numbers_and_a_number_are_a_cloud_and_a_matrix() -> None:
    html = page("price", {}, size=random(0), rooms=random(1), price=random(2))
    said = [svg.get("aria-label", "") for svg in drawings(html)]
    assert any("as dots in space" in s for s in said)
    assert "each against each other: price, " in " ".join(said)
    assert html.count("<figcaption>") == 3


def test_at_most_five_columns_are_in_the_matrix_those_that_go_with_the_target_first() -> None:
    price = random(0)
    columns = {f"x{i}": random(i + 1) for i in range(8)}
    columns["alike"] = price + 0.1 * random(99)
    html = page("price", {}, **columns, price=price)
    (matrix,) = [s for s in drawings(html) if s.get("aria-label", "").startswith("each against each other")]
    names = matrix.get("aria-label", "").removeprefix("each against each other: ").split(", ")
    assert len(names) == 5
    assert names[:2] == ["price", "alike"]


def test_classes_have_a_box_plot_each_and_a_colour() -> None:
    kind = ["a", "b"] * (N // 2)
    html = page("kind", {"kind": CategoryColumn()}, size=random(0), age=random(1), kind=kind)
    assert "The colour is kind" in html
    (size,) = [s for s in drawings(html) if s.get("aria-label", "").startswith("size:")]
    boxes = [r for r in size.iter("rect") if r.get("fill") == "none"]
    assert len(boxes) == 2
    assert len({r.get("stroke") for r in boxes}) == 2


def test_a_line_over_time() -> None:
    when = [f"2020-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(N)]
    split = ["train"] * 60 + ["validation"] * 10 + ["test"] * 10
    html = page("price", {}, when=when[::-1], size=random(0), price=random(1), split=split[::-1])
    lines = [s for s in drawings(html) if " from 2020-01-01 to 2020-03-24" in s.get("aria-label", "")]
    assert len(lines) == 2
    names = {t.text for t in lines[0].iter("text")}
    assert {"train", "validation", "test"} <= names


def test_texts_are_shown_by_length_and_tokens() -> None:
    texts = [f"The food was good and the place number {i} was fine" for i in range(N)]
    html = page(
        "kind", {"kind": CategoryColumn(), "note": column_types()["text"]()}, note=texts, kind=["a", "b"] * 40
    )
    assert "its commonest tokens" in html
    assert tokens(describe_cells(texts))[0] == ("the", 2 * N)
    assert tokens(describe_cells(["很好吃", "不好吃"]), 2) == [("吃", 2), ("好", 2)]


def describe_cells(texts: list[str]) -> Any:
    import polars as pl

    return pl.Series(texts)


def test_hostile_names_do_no_harm(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>"
    kind = ["<b>", "&"] * (N // 2)
    html = page(
        "kind",
        {"kind": CategoryColumn(), "c": CategoryColumn()},
        **{name: random(0)},
        c=kind[::-1],
        kind=kind,
    )
    assert "<script>" not in html and "<b>" not in html
    drawings(html)
    path = write_look(tmp_path / "look.html", Report("x"), html)
    assert html in path.read_text("utf-8")


@pytest.mark.parametrize(
    "columns",
    [
        {"same": [1.0] * N, "price": random(0)},
        {"gone": [None] * (N - 1) + [1.0], "price": random(0)},
        {"huge": random(0) * 1e30, "price": random(1) * 1e-30},
        {"whole": [1, 2] * (N // 2), "price": list(range(N))},
    ],
)
def test_odd_columns_are_drawn_or_left_out(columns: dict[str, Any]) -> None:
    drawings(page("price", {}, **columns))


def test_nothing_to_draw() -> None:
    assert spread("x", [Part("", np.array([np.nan]))]) == ""
    assert bars("x", []) == ""
    assert over_time("x", np.arange(3.0), np.full(3, np.nan), [(0.0, "", "red")], str) == ""
    assert scatter_matrix(["a"], np.zeros((5, 1)), np.zeros(5, int), ["red"]) == ""
    assert cloud(("a", "b", "c"), np.zeros((1, 3)), np.zeros(1, int), ["red"]) == ""


def test_a_long_line_keeps_its_peaks() -> None:
    values = np.zeros(100_000)
    values[54_321] = 7.0
    drawn = over_time("x", np.arange(100_000.0), values, [(0.0, "", "red")], str)
    assert len(drawn) < 40_000
    tops = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", drawn)]
    assert min(tops) == pytest.approx(30.0)


@pytest.mark.parametrize("values", [[0.0, 1.0, 1e12], [-1.7e308, 0.0, 1.7e308], [0.0, 1.0, 2.0]])
def test_bars_of_whatever_numbers(values: list[float]) -> None:
    found = _bars(np.array(values * 3), lambda v: 100.0)
    assert (len(found) > 0) == (max(values) < 1e300)
