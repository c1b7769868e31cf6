"""What codes show: no picture of a map hides another, and pages stay small whatever the pictures are."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

from hornbook.common.blocks_html import Media
from hornbook.common.blocks_text import text
from hornbook.recognizer.codes.space import flat, nearest
from hornbook.render.page import page
from hornbook.report.codes import (
    Coded,
    coloured,
    far_section,
    map_section,
    neighbours_section,
    rebuilt_section,
)

COUNT = 600


def coded(shape: tuple[int, int, int] | None, classes: int) -> Coded:
    random = np.random.default_rng(0)
    labels, groups = coloured(pl.Series("kind", [f"<k{i % classes}>" for i in range(COUNT)]), True)
    noise = None if shape is None else random.integers(0, 256, (COUNT, *shape), np.uint8)
    codes = random.normal(size=(COUNT, 6)).astype(np.float32)
    return Coded(
        np.arange(COUNT),
        codes,
        COUNT,
        "kind",
        labels,
        groups,
        lambda row: f"row {row}: <b>",
        lambda row: None if noise is None else noise[row],
    )


@pytest.mark.parametrize("shape", [(28, 28, 1), (50, 200, 1), (224, 224, 3), (64, 64, 3), None])
def test_pictures_do_not_hide_each_other_and_a_page_stays_small(shape: tuple[int, int, int] | None) -> None:
    mine = coded(shape, 3)
    places = np.arange(COUNT)
    near, _ = nearest(mine.codes, mine.codes, 8, places)
    times = np.linspace(3, 1, COUNT)
    sections = [
        map_section(mine, places, flat(mine.codes)),
        neighbours_section(mine, places[:24], near[:24], 0.5),
        far_section(mine, places[:24], times),
    ]
    if shape is not None:
        answers = [np.zeros(shape, np.uint8)] * 24
        sections.append(rebuilt_section(mine, places[:24], times, answers, str))
    media = Media() if shape is None else Media(mine.picture)
    shown = page("x", sections, media)
    assert len(shown) < 3_000_000 and "<k1>" not in shown
    drawn = re.sub('href="data:image/svg.*?"', "", shown)
    form = r'<image x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"'
    boxes = np.array([[float(n) for n in found] for found in re.findall(form, drawn)]).reshape(-1, 4)
    assert len(boxes) > 30 or (shape is None and drawn.count("<circle") > 30)
    for i, (x, y, wide, high) in enumerate(boxes):
        others = np.delete(boxes, i, 0)
        over = (np.abs(others[:, 0] - x) < wide - 0.1) & (np.abs(others[:, 1] - y) < high - 0.1)
        assert not over.any()
    said = text(sections)
    assert "3.0 times" in said and "row 0: <b>" in said


@pytest.mark.parametrize(("classes", "colours"), [(2, 2), (12, 12), (13, 12), (40, 12)])
def test_of_many_classes_the_others_share_a_colour(classes: int, colours: int) -> None:
    mine = coded(None, classes)
    assert mine.groups is not None and len(mine.groups.names) == colours
    assert mine.groups.others == (classes > 12)


def test_a_number_has_five_colours_and_is_no_class() -> None:
    labels, groups = coloured(pl.Series("price", np.arange(50.0)), False)
    assert labels is None and groups is not None and groups.steps and len(groups.names) == 5
