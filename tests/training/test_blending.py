"""A network, boosted trees and a linear model together: each judged on rows that it has not learned from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

import hornbook
from hornbook.common.progress import Progress, Silent
from hornbook.examples import Examples
from hornbook.sources import from_arrays
from hornbook.training.blend.blind import Blind

SHORT = ("training.epochs=4", "training.precision=float32", "network.hidden=[16]", "network.iterations=20")


class Noted(Progress):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        """Keep a note."""
        self.said.append(text)


def cut(rows: int = 400) -> Examples:
    """Return a table whose class is a cut in one skewed number."""
    draw = np.random.default_rng(0)
    age = np.exp(draw.normal(4, 2, rows)).round(2)
    return from_arrays(
        age=age,
        noise=draw.normal(size=rows),
        kind=draw.choice(["a", "b"], rows),
        old=np.where(age > 30, "yes", "no"),
    )


def line(rows: int = 300) -> Examples:
    """Return a table whose number is a straight line in two others."""
    x = np.random.default_rng(1).normal(size=(rows, 2))
    return from_arrays(
        a=x[:, 0], b=x[:, 1], y=3 * x[:, 0] - x[:, 1] + 0.01 * np.random.default_rng(2).normal(size=rows)
    )


def mixed(rows: int = 200) -> Examples:
    """Return a table with inputs of several kinds and a gap here and there."""
    draw = np.random.default_rng(3)
    x = draw.normal(size=rows)
    size = [None if i % 17 == 0 else float(v) for i, v in enumerate(x)]
    words = ["good fine" if v > 0 else "bad poor" for v in x]
    table = pl.DataFrame({"size": size, "kind": ["u", "v"] * (rows // 2), "note": words, "y": x * 10})
    from hornbook.sources import read_examples

    return read_examples(table)


@pytest.mark.parametrize(("make", "target"), [(cut, "old"), (line, "y"), (mixed, "y")])
def test_all_parts_stand_in_one_file(make: Callable[[], Examples], target: str, tmp_path: Path) -> None:
    noted = Noted()
    examples = make()
    run = hornbook.train(examples, run=tmp_path / "run", target=target, changes=SHORT, progress=noted)
    assert 'name = "blend"' in (tmp_path / "run" / "recipe.toml").read_text("utf-8")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    blended = metrics["blend"][target]
    assert set(blended["weights"]) == {"network", "boosted trees", "linear model"}
    assert sum(blended["weights"].values()) == pytest.approx(1)
    said = "\n".join(noted.said)
    for part in ("network", "boosted trees", "linear model", "kept"):
        assert f"{target}, {part}: " in said
    assert "that each had not learned from" in said
    rows = examples.table.drop(target).head(20)
    alone = [run.recognizer.predict(row)[target].value for row in rows.to_dicts()]
    together = [answer[target].value for answer in run.recognizer.predict(rows)]
    if target == "old":
        assert alone == together
    else:
        np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-4)


def test_a_cut_in_a_skewed_number_is_found(tmp_path: Path) -> None:
    run = hornbook.train(cut(1000), run=tmp_path / "run", target="old", changes=SHORT, progress=Silent())
    assert run.evaluations["old"].score > 0.98


def test_a_straight_line_is_left_to_the_linear_model(tmp_path: Path) -> None:
    run = hornbook.train(line(), run=tmp_path / "run", target="y", changes=SHORT, progress=Silent())
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert metrics["blend"]["y"]["weights"]["linear model"] > 0.9
    assert run.evaluations["y"].score < 0.05


def test_each_row_is_answered_by_who_has_not_learned_from_it() -> None:
    blind = Blind(torch.tensor([0, 1, 2, -1]), 3)
    rows = np.array([2, 0, 3])
    raw = torch.arange(9.0).view(3, 3, 1)  # network, row
    honest = blind.honest(raw.flatten(0, 1), rows)[:, 0].tolist()
    assert honest == [6.0, 1.0, (2 + 5 + 8) / 3]
    seen = blind.learned(torch.tensor([0, 3]))
    assert seen.tolist() == [1, 2, 3, 4, 5]  # all but the first network for row 0


def test_where_there_are_no_test_rows_the_validation_rows_are_learned_from_by_none(tmp_path: Path) -> None:
    run = hornbook.train(
        cut(),
        run=tmp_path / "run",
        target="old",
        changes=[*SHORT, "split.test=0", "split.validation=0.3"],
        progress=Silent(),
    )
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert run.evaluations["old"].rows == 120 == metrics["rows"]["validation"]
    assert metrics["rows"]["train"] == 280


def test_the_same_recipe_gives_the_same_file(tmp_path: Path) -> None:
    changes = [*SHORT[1:], "training.epochs=6"]
    whole = hornbook.train(cut(), run=tmp_path / "a", target="old", changes=changes, progress=Silent())
    hornbook.train(cut(), run=tmp_path / "b", target="old", changes=changes, progress=Silent())
    again = tmp_path / "b" / "recognizer.onnx"
    assert (whole.path / "recognizer.onnx").read_bytes() == again.read_bytes()


def test_parts_can_be_left_out_and_several_targets_have_weights_of_their_own(tmp_path: Path) -> None:
    examples = cut(300)
    table = examples.table.with_columns(double=pl.col("age") * 2 + 1)
    changes = [*SHORT, "network.trees=false", "network.parts=0"]
    hornbook.train(
        examples.replace(table=table),
        run=tmp_path / "run",
        target=["old", "noise"],
        changes=changes,
        progress=Silent(),
    )
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert set(metrics["blend"]) == {"old", "noise"} and metrics["leaves"] == 0
    assert all(b["scores"]["boosted trees"] is None for b in metrics["blend"].values())


@pytest.mark.parametrize(
    ("left", "says"),
    [("id", "no more than chance"), ("copy", "worth keeping, or the answer itself")],
)
def test_what_left_out_columns_would_say_is_told(left: str, says: str, tmp_path: Path) -> None:
    table = cut(200).table
    more = {"id": pl.Series(range(200)), "copy": table["old"].replace({"no": "n", "yes": "j"})}
    noted = Noted()
    examples = from_arrays(**{"noise": table["noise"], "old": table["old"], left: more[left]})
    hornbook.train(examples, run=tmp_path / "run", target="old", changes=SHORT, progress=noted)
    (line,) = [one for said in noted.said for one in said.splitlines() if "old, left out: " in one]
    assert says in line and (f"--set inputs.{left}=category" in line) is (left == "copy")
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert f"Left out: {left} (" in page and says in page


def test_of_a_number_it_is_told_in_its_own_measure(tmp_path: Path) -> None:
    noted = Noted()
    examples = from_arrays(id=np.arange(300), **line().table.to_dict())
    hornbook.train(examples, run=tmp_path / "run", target="y", changes=SHORT, progress=noted)
    assert "y, left out: id: mae 0." in "\n".join(noted.said)
