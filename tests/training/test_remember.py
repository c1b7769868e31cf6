"""A memory of good pictures: what is unlike them is odd, without one odd example."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hornbook
from hornbook.columns import CategoryColumn
from hornbook.columns.category.one_class import ODD, auroc
from hornbook.common.progress import Silent
from hornbook.errors import DataError, HornbookError, RecipeError
from hornbook.examples import Examples
from hornbook.sources import from_arrays
from tests.conftest import real_data

PIXELS = ("inputs.image.size=[24,24]", "inputs.image.channels=1", 'network.backbone=""')


def parts(good: int = 60, bad: int = 12) -> Examples:
    """Return bright squares, here and there; those with a hole are cracked, and some are no squares."""
    draw = np.random.default_rng(0)
    pictures = draw.integers(0, 20, (good + bad, 24, 24), dtype=np.uint8)
    for i, picture in enumerate(pictures):
        y, x = draw.integers(4, 7, 2)
        picture[y : y + 12, x : x + 12] += 200
        if i >= good:
            picture[y + 2 : y + 9, x + 2 : x + 9] = 10
    labels = ["Good"] * good + ["crack", "hole"] * (bad // 2)
    return from_arrays(image=pictures, label=labels)


def test_what_is_odd_is_found_by_one_file(tmp_path: Path) -> None:
    run = hornbook.train(
        "odd_one_out", data=_folder(tmp_path), run=tmp_path / "run", changes=PIXELS, progress=Silent()
    )
    found = run.evaluations["label"]
    assert found.split == "test" and found.rows == 12 + 6
    assert found.metrics["auroc"] > 0.95 and found.score > 0.8
    assert "AUROC" in found.line()
    reader = run.recognizer
    examples = parts()
    (good, bad), crack = (
        reader.predict([_picture(examples, 0), _picture(examples, 70)]),
        reader.targets["label"],
    )
    assert isinstance(crack, CategoryColumn) and crack.classes == ("good", ODD)
    assert (good["label"].value, bad["label"].value) == ("good", ODD)
    assert bad["label"].confidence > 0.5 and bad.novelty > 0.95 > good.novelty
    kept = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert "42 good pictures of 42" in kept["remembered"]
    again = hornbook.train(
        "odd_one_out", data=tmp_path / "parts", run=tmp_path / "other", changes=PIXELS, progress=Silent()
    )
    assert (again.path / "recognizer.onnx").read_bytes() == (run.path / "recognizer.onnx").read_bytes()


def _picture(examples: Examples, row: int) -> Image.Image:
    return Image.fromarray(np.asarray(examples.value("image", row)))


def _folder(place: Path) -> Path:
    examples = parts()
    for row, label in enumerate(examples.table["label"].to_list()):
        folder = place / "parts" / label
        folder.mkdir(parents=True, exist_ok=True)
        _picture(examples, row).save(folder / f"{row}.png")
    return place / "parts"


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        (
            ['targets.label.only="fine"'],
            DataError,
            "can be trained on|no training example has the label 'fine'",
        ),
        (["targets.label=category"], RecipeError, "--set targets.label.only=good"),
        (["inputs.image.size=[24,0]"], HornbookError, "size"),
        (["split.validation=0.5", "split.test=0.47"], DataError, "give at least 4"),
    ],
)
def test_what_it_cannot_remember_is_said(
    changes: list[str], error: type[Exception], says: str, tmp_path: Path
) -> None:
    folder = _folder(tmp_path)
    with pytest.raises(error, match=says):
        hornbook.train(
            "odd_one_out", data=folder, run=tmp_path / "r", changes=[*PIXELS, *changes], progress=Silent()
        )


def test_other_labels_are_odd_and_never_learned_from() -> None:
    column = CategoryColumn(only="good").learn(["good", "crack"])
    assert column.encode_many(["Good", "good ", "crack", "odd", "?"]).tolist() == [0, 0, 1, 1, 1]
    assert column.to_json()["only"] == "good"
    scores, true = np.array([0.1, 0.5, 0.5, 0.9]), np.array([False, False, True, True])
    assert auroc(scores, true) == pytest.approx(0.875)


def test_a_net_of_others_sees_what_is_odd_in_photographs(tmp_path: Path) -> None:
    weights = real_data() / "backbones"
    if not weights.exists():
        pytest.skip("the weights of mobilenet_v2 are not here")
    draw = np.random.default_rng(1)
    for row in range(26):
        texture = draw.integers(90, 160, (8, 8, 3), dtype=np.uint8)
        picture = Image.fromarray(texture).resize((96, 96), Image.Resampling.BICUBIC)
        if row >= 20:
            picture.paste((200, 30, 30), (40, 40, 62, 62))
        folder = tmp_path / "parts" / ("good" if row < 20 else "scratch")
        folder.mkdir(parents=True, exist_ok=True)
        picture.save(folder / f"{row}.png")
    changes = [f"network.weights={weights}", "inputs.image.size=[96,96]"]
    run = hornbook.train(
        "odd_one_out", data=tmp_path / "parts", run=tmp_path / "run", changes=changes, progress=Silent()
    )
    assert run.evaluations["label"].metrics["auroc"] == 1.0
    assert (
        run.path / "recognizer.onnx"
    ).stat().st_size < 4 << 20  # the blocks that are not asked are left out
