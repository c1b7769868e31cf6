"""Every block in every renderer: whole, harmless, and nothing of it lost that the renderer can show."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.common import blocks as b
from hornbook.common import charts as c
from hornbook.common.blocks_html import Media
from hornbook.common.blocks_text import text
from hornbook.common.notebook import notebook
from hornbook.render.charts import draw
from hornbook.render.page import page
from tests.report.test_html import Checked

PARTS = {b.Span, b.Picture, b.Bar, b.Shade, b.Item, c.Line, c.Band, c.Groups, c.Mark}
"""What blocks are made of."""

BLOCKS: set[type[Any]] = {
    kind
    for module in (b, c)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__ and kind not in PARTS
}

KINDS = sorted(BLOCKS, key=str)

MEDIA = Media(lambda row: np.zeros((8, 8, 1), np.uint8), lambda row: b"RIFF")

RENDERERS: dict[str, Callable[[list[Any]], str]] = {
    "page": lambda blocks: page("x", blocks, MEDIA),
    "page without pictures": lambda blocks: page("x", blocks),
    "terminal": text,
    "notebook": notebook,
    "notebook with charts": lambda blocks: notebook(blocks, draw, MEDIA),
}


def example(kind: type[Any], said: str) -> Any:
    """Return a block of a kind in which a text stands wherever one can."""
    groups = c.Groups([0, 1, 0], [said, "other"])
    values = np.arange(9.0).reshape(3, 3)
    rows: list[list[b.Cell]] = [[b.Span(said, "code", said), said], [said, b.Bar(0.5)]]
    table = b.Table(said, [said, (said, b.Span(said))], rows)
    shades: list[list[b.Cell]] = [[said, b.Shade(said, 0.9, said), b.Shade(said, right=True)]]
    made: dict[type[Any], Any] = {
        b.Text: b.Text((said, b.Span(said, "wrong"), b.Picture(0, said)), "warning"),
        b.Code: b.Code(f"{said}\n{said}", said),
        b.Facts: b.Facts([(said, said)]),
        b.Ruler: b.Ruler(0.5, 0.1, 0.4, 0.6),
        b.Table: b.Fold(said, [table, b.Table(said, [said, "b"], shades, matrix=True)]),
        b.Counts: b.Counts([said], [[1, 2]], ["train", "test"], {said: [0]}),
        b.Gallery: b.Gallery([b.Item(0, said, said, [(said, said)], [said])], instead=table),
        c.Lines: c.Lines(
            said,
            [c.Line(said, [1, 2], [0.5, 0.7])],
            said,
            marks=[(1, said)],
            bands=[c.Band([1, 2, float("nan"), 3], [0.1] * 4, [0.9] * 4)],
        ),
        c.Points: c.Points(said, [1, 2], [1, 2], said, said, [1, 2]),
        c.Histogram: c.Histogram(said, [1, 2, 2], said, said),
        c.Spread: c.Spread(said, [1, 2, 3], groups),
        c.Bars: c.Bars(said, [(said, 2)], said),
        c.Scatter: c.Scatter(said, [said, "y", "z"], values, groups),
        c.Heat: c.Heat(said, said, said, np.zeros((8, 8))),
        c.Map: c.Map(
            said, values[:, :2], groups, [c.Mark(0, said), c.Mark(1, said, np.zeros((8, 8), np.uint8))]
        ),
        c.Plane: c.Plane(said, said, said, (0, 1, 0, 1), np.zeros((4, 4)), None, (), values),
    }
    if kind is b.Charts:
        return b.Charts([made[c.Bars], made[c.Lines]], beside=table)
    if kind is b.Fold:
        return b.Fold(said, [made[b.Text]])
    return b.Section("key", said, [made[b.Text]]) if kind is b.Section else made.get(kind)


HOSTILE = st.text(max_size=12) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</svg>",
        "\u732b",
        "\x1b[31m\u202e",
        "\ud800",
        "",
    ]
)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(said=HOSTILE)
def test_any_block_is_shown_and_does_no_harm(kind: type[Any], renderer: str, said: str) -> None:
    shown = RENDERERS[renderer]([example(kind, said)])
    if renderer == "terminal":
        assert "\x1b" not in shown and "\u202e" not in shown
        return
    read = Checked(shown)
    assert not read.wrong and not read.open
    for tag, attributes in read.tags:
        assert tag != "script" and not [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not b.Ruler])
def test_what_a_block_says_is_on_the_page_and_in_a_notebook(kind: type[Any]) -> None:
    block = example(kind, "so it is")
    for shown in (RENDERERS["page"]([block]), RENDERERS["notebook with charts"]([block])):
        assert "so it is" in shown


@pytest.mark.parametrize("renderer", RENDERERS)
def test_nothing_to_show(renderer: str) -> None:
    empty = [
        b.Text(""), b.Facts([]), b.Table("", ["a"], []), b.Counts([], [], ["train"]), b.Gallery([]), b.Charts([]),
        c.Lines("", []), c.Bars("", []), c.Spread("", []), b.Fold("x", []), b.Section("k", "never", []),
    ]  # fmt: skip
    assert RENDERERS[renderer](empty).count("never") == 0


def test_the_examples_are_of_every_kind() -> None:
    assert all(example(kind, "x") is not None for kind in BLOCKS)
