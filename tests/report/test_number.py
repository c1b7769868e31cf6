"""Numbers in the report: what is drawn of them, and the plane of two inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.columns import NumberColumn
from hornbook.columns.number.evaluation import NumberEvaluation
from hornbook.common.progress import Silent
from hornbook.examples import Examples
from hornbook.report.report import Report, page
from hornbook.report.surface import surfaces
from tests.columns.judged import judged

RNG = np.random.default_rng(0)
TRUE = RNG.normal(0, 1e5, 900)
FOUND = judged(
    NumberEvaluation,
    "<price>",
    "test",
    NumberColumn().learn(TRUE).with_margin(np.ones(50)),
    (TRUE + RNG.normal(0, 1e4, 900))[:, None],
    TRUE,
    training_truth=TRUE,
)


def test_the_page_says_how_close_it_comes() -> None:
    said = page(Report(title="x", evaluations={"<price>": FOUND}))
    assert "How close it comes" in said
    assert "mean absolute error" in said
    assert "&lt;price&gt;" in said
    assert "<price>" not in said
    assert said.count('class="spot"') == 600
    assert "38 more" in said
    assert "nan" not in said.lower()


@pytest.mark.parametrize("kind", ["number", "category"])
def test_the_plane_of_two_numbers(kind: str, tmp_path: Path) -> None:
    x, y = RNG.normal(size=(2, 60))
    out = (x + y if kind == "number" else np.where(x > 0, "<up>", "down")).tolist()
    recipe = hornbook.Recipe.from_values(
        {
            "inputs": {"x": "number", "y <&>": "number"},
            "targets": {"out": kind},
            "network": {"name": "linear"},
            "training": {"epochs": 30, "batch_size": 8, "learning_rate": 0.1},
        },
        "plane",
        "test",
    )
    data = Examples(pl.DataFrame({"x": x, "y <&>": y, "out": out}))
    run = hornbook.train(data, recipe=recipe, run=tmp_path / "r", progress=Silent())
    from hornbook.examples.prepare import prepare

    reader = run.recognizer
    (found,) = surfaces(reader, prepare(data, reader.inputs, reader.targets))
    assert found.values.shape == (120, 120)
    assert found.values[60, 0] != found.values[60, -1]
    if kind == "number":
        assert found.values[-1, -1] > found.values[0, 0] + 2
        assert found.sure is None
    else:
        assert found.classes[int(found.values[60, -1])] == "<up>"
    said = (run.path / "report.html").read_text("utf-8")
    assert "Over the plane" in said and "y &lt;&amp;&gt;" in said
    assert "<up>" not in said


def test_a_page_without_pictures_has_no_empty_frames(tmp_path: Path) -> None:
    run = hornbook.train("gates_or", run=tmp_path / "r", progress=Silent())
    assert 'class="nothing"' not in (run.path / "report.html").read_text("utf-8")
