"""Charts: whatever the numbers are, what is drawn is whole, and says what it shows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.common.blocks import Section, Text
from hornbook.common.blocks_text import text as words
from hornbook.common.charts import (
    Bars,
    Chart,
    Groups,
    Heat,
    Histogram,
    Line,
    Lines,
    Map,
    Mark,
    Plane,
    Points,
    Scatter,
    Spread,
)  # fmt: skip
from hornbook.render.charts import draw
from hornbook.render.page import page
from hornbook.render.svg import log_ticks, ticks

NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=12)


def charts(numbers: list[float]) -> list[Chart]:
    """Return a chart of each kind from some numbers."""
    groups = Groups([i % 2 for i in range(len(numbers))], ["<a>", "b"])
    rows = np.array([numbers, numbers[::-1], numbers]).T.reshape(-1, 3)
    return [
        Lines("<loss>", [Line("<i>", range(len(numbers)), numbers, "train")], marks=[(0.0, "best")]),
        Lines(
            "time",
            [Line("test", range(len(numbers)), numbers, "test", broken=True)],
            named=False,
            across_ticks="day",
        ),
        Points("points", numbers, numbers[::-1], "x", "y", diagonal=True),
        Histogram("off", numbers, "x", "rows"),
        Spread("spread", numbers, groups),
        Bars("bars", [("<b>", len(numbers) + 1)], "and more"),
        Scatter("matrix", ["<x>", "y", "z"], rows, groups),
        Scatter("space", ["<x>", "y", "z"], rows, groups, space=True),
    ]


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_whatever_the_numbers_a_chart_is_whole_or_nothing(numbers: list[float]) -> None:
    for chart in charts(numbers):
        drawn = draw(chart)
        if drawn:
            ElementTree.fromstring(drawn)
            assert not re.search(r"\bnan\b|\binf\b", drawn)


@pytest.mark.parametrize("sure", [None, np.full((4, 4), 0.7)])
def test_a_plane_and_a_heat_map(sure: Any) -> None:
    random = np.random.default_rng(0)
    points = np.column_stack([random.normal(0, 100, (9, 2)), random.integers(0, 2, 9)])
    values = random.integers(0, 2, (4, 4)).astype(float)
    plane = Plane(
        "y", "a<b>", "b", (-300, 300, -300, 300), values, sure, () if sure is None else ("<up>", "no"), points
    )
    for chart in (plane, Heat("confused", "read as", "true", random.random((30, 30)))):
        drawn = draw(chart)
        ElementTree.fromstring(drawn)
        assert "<image" in drawn and "<up>" not in drawn
    assert draw(plane).count("<circle") == 9


def test_a_chart_is_saved_from_the_page_as_a_file_of_its_own() -> None:
    line = Line("training", [1, 2], [3, 4], "train")
    text = page("x", [Section("s", "S", [Text("said"), Lines("the <loss>", [line], across="epoch")])])
    ((name, data),) = re.findall(r'download="([^"]+)" href="data:image/svg\+xml,([^"]+)"', text)
    saved = unquote(data)
    assert name.endswith(".svg") and "<" not in name
    root = ElementTree.fromstring(saved)
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("width") == "460"
    assert "var(" not in saved and "stroke: #" in saved


def test_a_chart_of_one_value_and_of_none() -> None:
    assert draw(Lines("loss", [Line("training", [], [])])) == ""
    assert draw(Lines("loss", [Line("training", [1], [float("inf")])])) == ""
    assert draw(Lines("loss", [Line("training", [1], [0.5], "train")])).count("h0") == 1
    assert draw(Points("sizes", [], [], "w", "h", log=True)) == ""
    sizes = Points("sizes", [28, 400], [28, 300], "w", "h", counts=[100, 1], log=True)
    assert draw(sizes).count("<circle") == 2


def test_names_at_the_ends_of_lines_touch_neither_each_other_nor_what_is_marked() -> None:
    drawn = draw(Lines("x", [Line(name, [1, 2], [1, 1], "train") for name in ("one", "two", "three")]))
    places = sorted(float(y) for y in re.findall(r'class="name train" x="[\d.]+" y="([\d.]+)"', drawn))
    assert len(places) == 3
    assert min(b - a for a, b in pairwise(places)) >= 28
    assert max(places) + 14 < 250
    line = Line("training", (1, 2, 3), (3.0, 2.0, 1.0), "train")
    for place, anchor in ((2.0, "middle"), (3.0, "end")):
        drawn = draw(Lines("loss", [line], marks=[(place, "best")]))
        assert re.search(rf'text-anchor="{anchor}">best<', drawn)


def test_losses_down_to_nothing_and_ranges_without_a_power_of_ten_have_ticks() -> None:
    drawn = draw(Lines("loss", [Line("a", [1, 2, 3], [1, 1e-9, 1e-15])]))
    assert "1e-15" in drawn or "1e-14" in drawn
    assert ticks(1e-15, 2e-15)[0] == 1e-15
    assert len(set(ticks(1e-15, 2e-15))) > 3
    for low, high in ((538, 760), (60, 90), (1, 1.5), (3e-13, 4e-13), (999, 1001)):
        found = log_ticks(low, high)
        assert len(found) >= 2
        assert all(low * 0.99 <= t <= high * 1.01 for t in found)


@pytest.mark.parametrize(("broken", "pieces"), [(False, 1), (True, 2)])
def test_a_line_may_be_broken(broken: bool, pieces: int) -> None:
    line = Line("a", [0, 1, 2, 3, 4], [1.0, 2.0, float("nan"), 2.0, 1.0], "train", broken)
    drawn = re.search(r'class="line train" d="([^"]*)"', draw(Lines("x", [line])))
    assert drawn is not None and drawn[1].count("M") == pieces


def test_a_map_has_dots_rings_and_pictures_in_the_colours_of_their_groups() -> None:
    points = np.random.default_rng(0).normal(size=(50, 2))
    groups = Groups([i % 2 for i in range(50)], ["<a>", "b"])
    grey, photo = np.zeros((8, 6), np.uint8), np.zeros((200, 100, 3), np.uint8)
    marks = [Mark(0, "one"), Mark(1, "<two>", grey), Mark(2, "three", photo)]
    drawn = draw(Map("where", points, groups, marks))
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label") == "where, 50 dots"
    assert (
        len(re.findall(r"M[0-9.]+ [0-9.]+h0", drawn)) == 50
        and drawn.count("<circle") == 1
        and drawn.count("<image") == 2
    )
    assert "data:image/png" in drawn and "data:image/jpeg" in drawn
    assert re.findall("<title>([^<]*)</title>", drawn) == ["one", "&lt;two&gt;", "three"]
    assert drawn.count('stroke="#d67832"') == 2  # the dots of the second group, and the frame of its picture
    boxes = [list(map(float, found)) for found in re.findall(r'<image x="([-\d.]+)" y="([-\d.]+)"', drawn)]
    assert all(0 <= x <= 460 and 0 <= y <= 380 for x, y in boxes)
    assert draw(Map("same", np.ones((3, 2)))).count("h0") == 3
    assert draw(Map("one", np.ones((1, 2)))) == "" and draw(Map("lost", np.full((3, 2), np.nan))) == ""


def test_a_map_is_left_out_of_a_terminal_and_saved_from_a_page() -> None:
    chart = Map("where", np.arange(8.0).reshape(4, 2), None, [Mark(0, "one", np.zeros((8, 8), np.uint8))])
    assert words([Section("s", "S", [Text("said"), chart])]) == "S\n  said"
    text = page("x", [Section("s", "S", [chart])])
    (data,) = re.findall(r'download="where.svg" href="data:image/svg\+xml,([^"]+)"', text)
    assert ElementTree.fromstring(unquote(data)).findall(".//{http://www.w3.org/2000/svg}image")
