"""``export --precision``: fewer bytes, and the same answers, or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest

import hornbook
from hornbook.cli import smaller
from hornbook.common.progress import Silent
from tests.conftest import Ran, shape


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with pictures and a run on them."""
    folder = tmp_path_factory.mktemp("small")
    for number in range(120):
        kind = ("bar", "box", "ring")[number % 3]
        (folder / "mine" / kind).mkdir(parents=True, exist_ok=True)
        shape(kind, number).save(folder / "mine" / kind / f"{number:03d}.png")
    changes = ["training.epochs=12", "training.precision=float32", "network.widths=[16,32]"]
    hornbook.train(folder / "mine", run=folder / "run", changes=changes, progress=Silent())
    yield folder


@pytest.mark.parametrize(("precision", "share"), [("float16", 0.75), ("int8", 0.75)])
def test_the_file_is_smaller_and_answers_the_same(
    folder: Path, here: Path, ran: Ran, precision: str, share: float
) -> None:
    found = ran(["export", str(folder / "run"), "--to", "onnx", "--precision", precision])
    assert found.out.split() == [f"run.{precision}.onnx", f"run.{precision}.onnx.txt"]
    assert f"{precision}: " in found.err and "; 0 of 120 answers differ (outputs by up to " in found.err
    small, large = Path(f"run.{precision}.onnx"), folder / "run/recognizer.onnx"
    assert small.stat().st_size < share * large.stat().st_size
    assert sorted(p.name for p in Path().iterdir()) == found.out.split()  # nothing else is left
    ours, theirs = hornbook.load(large), hornbook.load(small)
    assert theirs.about["precision"] == precision
    pictures = sorted((folder / "mine").glob("*/*.png"))
    for one, other in zip(ours.predict(pictures), theirs.predict(pictures), strict=True):
        assert one.value == other.value and abs(one.confidence - other.confidence) < 0.1
        if precision == "float16":
            assert other.novelty == pytest.approx(one.novelty, abs=0.1)
    told = [a.novelty for a in theirs.predict(pictures)]
    assert 0.2 < float(np.mean(told)) < 0.8  # a share of the examples still
    again = ran(["predict", str(small), str(pictures[0]), "--json"])
    assert '"novelty"' in again.out
    assert onnx.load(small).metadata_props


def test_where_an_answer_differs_nothing_is_written_unless_it_is_accepted(
    folder: Path, here: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smaller, "_compared", lambda *_: (3, 0.5))
    words = ["export", str(folder / "run"), "--to", "onnx", "--precision", "float16"]
    refused = ran(words, status=1)
    assert "3 answers differ from those of" in refused.err and "give --accept" in refused.err
    assert list(Path().iterdir()) == []
    ran([*words, "--accept"])
    assert Path("run.float16.onnx").exists()


def test_of_numbers_too(here: Path, ran: Ran) -> None:
    random = np.random.default_rng(0)
    a = random.normal(0, 1, 200)
    pl.DataFrame({"a": a, "b": random.normal(0, 1, 200), "y": 3 * a}).write_csv("mine.csv")
    changes = ["network.name=mlp", "network.hidden=[64,64]", "training.epochs=5"]
    hornbook.train("mine.csv", run="run", target="y", changes=changes, progress=Silent())
    ran(["export", "run", "--to", "onnx", "--precision", "float16"])
    assert Path("run.float16.onnx").stat().st_size < 0.75 * Path("run/recognizer.onnx").stat().st_size


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--to", "weights.npz", "--precision", "float16"], "of weights.npz leave them out"),
        (["--to", "onnx", "--precision", "float8"], "float8"),
        (["--to", "onnx", "--precision", "int8", "--data", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    folder: Path, here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    from hornbook.cli.main import main

    assert main(["export", str(folder / "run"), *words]) in (1, 2)
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told and told.count("\n") <= 3


def test_a_file_without_its_run_cannot_be_compared(folder: Path, here: Path, ran: Ran) -> None:
    shutil.copy(folder / "run/recognizer.onnx", "alone.onnx")
    found = ran(
        ["export", "alone.onnx", "--to", "onnx", "--precision", "float16", "--out", "x.onnx"], status=2
    )
    assert "name the folder of its run" in found.err


def test_what_has_no_weights_is_no_smaller(here: Path, ran: Ran) -> None:
    random = np.random.default_rng(0)
    kind = np.arange(100) % 2
    table = pl.DataFrame({"a": random.normal(0, 1, 100) + kind, "b": random.normal(0, 1, 100)})
    table.with_columns(kind=pl.Series(np.array(["cat", "dog"])[kind])).write_csv("mine.csv")
    hornbook.train("mine.csv", run="run", target="kind", changes=["network.name=boosting"], progress=Silent())
    for precision, said in (("float16", "no smaller"), ("int8", "has none")):
        found = ran(["export", "run", "--to", "onnx", "--precision", precision], status=2)
        assert said in found.err
