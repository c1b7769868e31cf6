"""``look --run``: what a trained run finds strange in the examples."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

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
    assert "\nlabels that are likely wrong: " in found.out
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
        (["mine", "--run", "numbers"], "labels are judged where a target is a class, codes are of networks"),
        (["mine", "--map", "tsne"], "name one with --run"),
        (["mine", "--run", "run", "--like", "nowhere.png"], "--like: "),
        (["mine", "--run", "run", "--map", "lda"], "invalid choice: 'lda'"),
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
            "mine.csv", run="numbers", target="b", changes=["network.name=boosting"], progress=Silent()
        )
        words = ["mine.csv", *words[1:]]
    assert main(["look", *words]) in (1, 2)
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told


def test_codes_are_mapped_and_have_neighbours_and_odd_ones(folder: Path, here: Path, ran: Ran) -> None:
    shutil.copytree(folder / "mine", "mine")
    noise = np.random.default_rng(0).integers(0, 256, (24, 24), np.uint8)
    Image.fromarray(noise).save("mine/box/odd.png")
    like = next(Path("mine/ring").glob("*.png"))
    words = ["look", "mine", "--run", str(folder / "run"), "--like", str(like)]
    found = ran(words)
    said = found.out.split("\n")
    assert said[0].startswith("map of the codes: 91 rows by PCA (") and "have the same label" in said[0]
    assert said[1].startswith("odd ones out, as far from the rest as is usual: ") and "odd.png" in said[1]
    assert said[2].startswith(f"nearest to {like}: ring: ") and like.name in said[2]
    page = Path("look/look.html").read_text("utf-8")
    titles = re.findall("<h2[^>]*>([^<]+)</h2>", page)
    assert titles[1:] == [
        *("Labels that are likely wrong", "What is like it", "A map of the examples"),
        *("Nearest neighbours", "The odd ones out"),
    ]
    assert page.count("<image") > 3 and len(page) < 3_000_000
    once = Path("look/look.html").read_bytes()
    ran(words)
    assert Path("look/look.html").read_bytes() == once


def test_an_autoencoder_shows_what_it_rebuilds_worst(here: Path, ran: Ran) -> None:
    random = np.random.default_rng(0)
    for i in range(80):
        pixels = np.zeros((8, 8), np.uint8)
        pixels[random.integers(0, 7) :, :4] = 255
        kind = Path("mine") / ("up" if pixels.sum() > 8000 else "down")
        kind.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels if i != 40 else 255 - pixels.T).save(kind / f"{i:02d}.png")
    Path("r.toml").write_text(
        '[inputs]\nimage = { type = "image", size = [8, 8], channels = 1 }\n'
        '[targets]\ndrawn = { type = "image", from = "image", size = [8, 8], channels = 1 }\n'
        '[network]\nname = "mlp"\nhidden = [6]\n[training]\nepochs = 30\nlearning_rate = 0.01\n'
    )
    hornbook.train("mine", recipe="r.toml", run="run", progress=Silent())
    found = ran(["look", "mine", "--run", "run"])
    assert "have the same label" in found.out  # the class that the recipe does not ask for
    assert re.search(r"^odd ones out, rebuilt worst: \S*40\.png \(", found.out, re.MULTILINE)
    page = Path("look/look.html").read_text("utf-8")
    assert "as it is rebuilt" in page and "Labels that are likely wrong" not in page


@pytest.mark.parametrize("kind", ["text", "rows", "number"])
def test_texts_and_rows_have_codes_too(here: Path, ran: Ran, kind: str) -> None:
    random = np.random.default_rng(0)
    words = [("good fine <b>nice</b> best", "bad awful poor worst")[i % 2].split() for i in range(120)]
    label = [("good", "bad")[i % 2] for i in range(120)]
    size = random.normal(0, 1, 120) + 4 * (np.arange(120) % 2)
    tables: dict[str, dict[str, Any]] = {
        "text": {"said": ["it was " + " ".join(random.choice(w, 9)) for w in words], "kind": label},
        "rows": {"size": size, "other": size * 2 + random.normal(0, 1, 120), "kind": label},
        "number": {"size": size, "other": random.normal(0, 1, 120), "kind": size * 3},
    }
    pl.DataFrame(tables[kind]).write_csv("mine.csv")
    changes = ["training.epochs=2", f"network.name={'bag' if kind == 'text' else 'mlp'}"]
    hornbook.train("mine.csv", run="run", target="kind", changes=changes, progress=Silent())
    like = ["--like", "a nice one"] if kind == "text" else []
    found = ran(["look", "mine.csv", "--run", "run", *like])
    assert found.out.startswith("map of the codes: ") and "\nodd ones out, " in found.out
    assert ("have the same kind" in found.out) == (kind != "number")
    assert ("nearest to a nice one: " in found.out) == (kind == "text")
    page = Path("look/look.html").read_text("utf-8")
    assert "<b>nice</b>" not in page and page.count('<circle cx="') > 5
    if kind != "text":
        told = ran(["look", "mine.csv", "--run", "run", "--like", "a"], 2).err
        assert "this run answers from rows" in told


def test_a_memory_of_good_pictures_has_a_map_and_no_labels_are_doubted(here: Path, ran: Ran) -> None:
    for place, kind, count in (
        ("train/good", "ring", 40),
        ("test/good", "ring", 12),
        ("test/crack", "box", 8),
    ):
        (Path("mine") / place).mkdir(parents=True)
        for number in range(count):
            shape(kind, 100 * len(place) + number).save(Path("mine") / place / f"{number}.png")
    hornbook.train("odd_one_out", data="mine", run="run", changes=["network.backbone="], progress=Silent())
    found = ran(["look", "mine", "--run", "run"])
    assert found.out.startswith("map of the codes: 60 rows by PCA (") and "likely wrong" not in found.out
    assert "crack" in found.out.split("\n")[1]
