"""``predict`` where answers are pictures: files in a folder, names in JSON, Pillow from Python."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hornbook
from hornbook.cli.main import main
from hornbook.sources import from_arrays

RECIPE = """
[inputs]
photo = { type = "image", size = [8, 6], channels = 1 }
[targets]
drawn = { type = "image", from = "photo", size = [8, 6], channels = 1 }
[network]
name = "mlp"
hidden = [16]
[training]
epochs = 2
batch_size = 8
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "recipe.toml").write_text(RECIPE)
    rng = np.random.default_rng(0)
    pictures = np.zeros((60, 6, 8), np.uint8)
    for one, (y, x) in zip(pictures, rng.integers(0, 5, (60, 2)), strict=True):
        one[y : y + 2, x : x + 2] = 255
    hornbook.train(from_arrays(photo=pictures), recipe=folder / "recipe.toml", run=folder / "run")
    for i in (0, 1):
        (folder / str(i)).mkdir()
        Image.fromarray(pictures[i]).save(folder / str(i) / "a.png")
    return folder


def test_pictures_are_written_and_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert (
        main(["predict", str(run / "run"), str(run / "0"), str(run / "1"), "--out", str(out), "--json"]) == 0
    )
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["drawn"]["value"] for one in said] == [str(out / "a.drawn.png"), str(out / "a-2.drawn.png")]
    with Image.open(out / "a.drawn.png") as picture:
        assert (picture.size, picture.mode) == ((8, 6), "L")


def test_without_a_folder_json_holds_the_picture(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(run / "0" / "a.png")
    assert main(["predict", str(run / "run"), path, "--json"]) == 0
    value = json.loads(capsys.readouterr().out)["drawn"]["value"]
    memory = io.BytesIO(base64.b64decode(value.removeprefix("data:image/png;base64,")))
    answer = hornbook.load(run / "run").predict(path)
    with Image.open(memory) as picture:
        assert np.array_equal(np.asarray(picture), np.asarray(answer.value))
    assert main(["predict", str(run / "run"), path]) == 0
    assert "8 x 6 pixels" in capsys.readouterr().out
    assert answer._repr_html_().count("<img") == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "x.csv"], "the answers are pictures, so name a folder"),
        (["--out", "x", "--jobs", "2"], "--jobs is for tables of answers"),
    ],
)
def test_a_table_of_pictures_is_refused(
    run: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(run / "run"), str(run / "0" / "a.png"), *options]) == 2
    assert said in capsys.readouterr().err


def test_the_page_of_the_run_shows_what_was_answered(run: Path) -> None:
    page = (run / "run" / "report.html").read_text("utf-8")
    assert "Its worst answers" in page and "answer of " in page
