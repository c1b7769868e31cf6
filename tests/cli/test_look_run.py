"""``look --run``: what a trained run finds strange in the examples."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.common.progress import Silent
from tests.conftest import Ran, shape


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with pictures, three of them under another label, and a run on them."""
    folder = tmp_path_factory.mktemp("labels")
    kinds = ("bar", "box", "ring")
    for kind in kinds:
        (folder / "mine" / kind).mkdir(parents=True)
    for number in range(90):
        kind, called = kinds[number % 3], kinds[(number + (number in (7, 40, 65))) % 3]
        shape(kind, number).save(folder / "mine" / called / f"{number:03d}.png")
    changes = ["training.epochs=12", "training.precision=float32", "network.widths=[8,16]"]
    hornbook.train(folder / "mine", run=folder / "run", changes=changes, progress=Silent())
    yield folder


def test_wrong_labels_are_listed_and_shown(folder: Path, here: Path, ran: Ran) -> None:
    found = ran(["look", str(folder / "mine"), "--run", str(folder / "run")])
    assert found.out.startswith("labels that are likely wrong: ")
    table = pl.read_csv("look/labels.csv")
    assert table.columns == ["name", "row", "label", "likelier", "probability", "margin", "doubted"]
    assert len(table) == 90 and table["margin"].is_sorted()
    first = {Path(name).name for name in table["name"][:9]}
    assert {"007.png", "040.png", "065.png"} <= first
    page = Path("look/look.html").read_text("utf-8")
    assert "Labels that are likely wrong" in page and "labelled" in page


@pytest.mark.parametrize("network", ["boosting", "mlp"])
def test_of_a_table_too(here: Path, ran: Ran, network: str) -> None:
    random = np.random.default_rng(0)
    size, kind = random.normal(0, 1, (200, 3)), np.arange(200) % 2
    size[:, 0] += 6 * kind
    kind[[5, 50]] = 1 - kind[[5, 50]]
    table = pl.DataFrame({"a": size[:, 0], "b": size[:, 1], "c": size[:, 2]})
    table.with_columns(kind=pl.Series(np.array(["cat", "dog"])[kind])).write_csv("mine.csv")
    changes = [f"network.name={network}", "training.precision=float32"]
    hornbook.train("mine.csv", run="run", target="kind", changes=changes, progress=Silent())
    ran(["look", "mine.csv", "--run", "run"])
    first = pl.read_csv("look/labels.csv")["row"][:10].to_list()
    assert {6, 51} <= set(first)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mine", "--run", "nowhere"], "nowhere is not the folder of a run"),
        (["mine", "--run", "run", "--recipe", "digits"], "leave --recipe out"),
        (["mine", "--run", "numbers"], "labels are judged where a target is a class"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    folder: Path, here: Path, ran: Ran, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    from hornbook.cli.main import main

    shutil.copytree(folder / "mine", "mine")
    shutil.copytree(folder / "run", "run")
    if "numbers" in words:
        shutil.rmtree("mine")
        pl.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0) * 2}).write_csv("mine")
        Path("mine").rename("mine.csv")
        hornbook.train(
            "mine.csv", run="numbers", target="b", changes=["training.epochs=1"], progress=Silent()
        )
        words = ["mine.csv", *words[1:]]
    assert main(["look", *words]) in (1, 2)
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told
