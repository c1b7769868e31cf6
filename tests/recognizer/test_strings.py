"""Recognizers of strings: answers with their characters, and answers of some characters only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hornbook.cli.main import main
from hornbook.columns import CategoryColumn, ImageColumn
from hornbook.columns.base import Column
from hornbook.columns.characters.column import CharactersColumn
from hornbook.errors import UsageError
from hornbook.recipe import Recipe
from hornbook.recognizer import Recognizer
from tests.conftest import Ran

IMAGE = ImageColumn(size=(32, 16), channels=1, mean=(0.4,), std=(0.3,))
PICTURES = np.random.default_rng(0).integers(0, 256, (7, 16, 32, 1), dtype=np.uint8)
NETWORKS: dict[str, dict[str, Any]] = {
    "fixed": {"name": "mlp", "hidden": [6]},
    "range": {"name": "crnn", "widths": [4, 4], "stem": 4, "width_stride": 4, "features": 6, "units": 6},
    "category": {"name": "mlp", "hidden": [6]},
}
TARGETS: dict[str, Column] = {
    "fixed": CharactersColumn(length=3, alphabet="digits").learn([]),
    "range": CharactersColumn(length=(1, 3), alphabet="01ab猫").learn([]),
    "category": CategoryColumn(classes=("a", "b")),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return recognizers that nobody has trained."""
    from hornbook.networks.model import Network
    from hornbook.training.export.graph import export

    out = {}
    for name, column in TARGETS.items():
        values = {"inputs": {"x": "image"}, "targets": {"y": column.options()}, "network": NETWORKS[name]}
        recipe = Recipe.from_values(values, "x", "x")
        network = Network({"image": IMAGE}, {"text": column}, recipe.network, seed=3)
        out[name] = tmp_path_factory.mktemp(name) / "recognizer.onnx"
        out[name].write_bytes(export(network, {"image": IMAGE}, {"text": column}, {"recipe": "x"}))
    return out


@pytest.fixture(params=["fixed", "range"])
def path(request: pytest.FixtureRequest, files: dict[str, Path]) -> Path:
    return files[request.param]


def test_answers_are_strings_with_their_characters(path: Path) -> None:
    reader = Recognizer(path, threads=1)
    together = reader.predict(PICTURES)
    for answer, one in zip(together, map(reader.predict, PICTURES), strict=True):
        assert one.value == answer.value and one.confidence == pytest.approx(answer.confidence, abs=1e-5)
        (prediction,) = answer.predictions.values()
        assert isinstance(answer.value, str)
        assert "".join(c for c, _ in prediction.parts) == answer.value
        assert answer.top[0] == (answer.value, answer.confidence)
        data = json.loads(json.dumps(answer.to_json()))["text"]
        assert data["characters"] == [[c, round(p, 4)] for c, p in prediction.parts]


@pytest.mark.parametrize(("alphabet", "allowed"), [("digits", "0123456789"), ("01", "01")])
def test_an_alphabet_restricts_answers_and_leaves_the_recognizer_alone(
    path: Path, alphabet: str, allowed: str
) -> None:
    reader = Recognizer(path, threads=1)
    before = [a.value for a in reader.predict(PICTURES)]
    for answer in reader.predict(PICTURES, alphabet=alphabet):
        assert set(answer.value) <= set(allowed)
        assert all(set(value) <= set(allowed) for value, _ in answer.top)
    assert set(reader.predict(PICTURES[0], alphabet=alphabet).value) <= set(allowed)
    assert set(reader.restricted(alphabet).predict([PICTURES[1]])[0].value) <= set(allowed)
    assert [a.value for a in reader.predict(PICTURES)] == before


def test_an_alphabet_that_cannot_be_is_refused_before_anything_is_read(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    reader = Recognizer(files["range"], threads=1)
    for alphabet, said in [
        ("0x", "cannot read 'x'; its alphabet is 01ab猫"),
        ("00", "'0' twice"),
        ("", "no character"),
    ]:
        with pytest.raises(UsageError, match=said):
            reader.predict("nothing.png", alphabet=alphabet)
    with pytest.raises(
        UsageError, match="is for recognizers of strings, and this one has targets of type category"
    ):
        Recognizer(files["category"]).predict(PICTURES, alphabet="digits")
    assert main(["predict", str(files["fixed"]), "nothing.png", "--alphabet", "7z"]) == 2
    assert "cannot read 'z'" in capsys.readouterr().err


def test_predict_prints_strings_in_a_column(files: dict[str, Path], here: Path, ran: Ran) -> None:
    for i, pixels in enumerate(PICTURES):
        Image.fromarray(pixels[..., 0]).save(here / f"{i}.png")
    lines = ran(["predict", str(files["range"]), ".", "--alphabet", "digits", "--top", "3"]).out.splitlines()
    assert len(lines) == 7
    for line in lines:
        _, value, *_ = line.split()
        assert value == "(nothing)" or set(value) <= set("01")
    found = json.loads(ran(["predict", str(files["fixed"]), "0.png", "--json"]).out)
    assert found == Recognizer(files["fixed"]).predict("0.png").to_json()
    assert [c for c, _ in found["text"]["characters"]] == list(found["text"]["value"])
    assert "0.png  unsure" in ran(["predict", str(files["fixed"]), "0.png", "--abstain", "1"]).out


def test_labels_that_are_never_answered_count_as_wrong_and_are_said(
    files: dict[str, Path], here: Path, capsys: pytest.CaptureFixture[str], ran: Ran
) -> None:
    read = [a.value for a in Recognizer(files["range"], threads=1).predict(PICTURES)]
    # Right four times, too long, not in the alphabet, no label at all.
    labels = [*read[:4], "0123456", "x1", ""]
    for i, pixels in enumerate(PICTURES):
        Image.fromarray(pixels[..., 0]).save(here / f"{i}.png")
    lines = [f"{i}.png,{label}" for i, label in enumerate(labels)]
    (here / "labels.csv").write_text("\n".join(["file,text", *lines]) + "\n")
    said = ran(["evaluate", str(files["range"]), "labels.csv", "--json", "--out", "judged"])
    (found,) = json.loads(said.out).values()
    assert (found["rows"], found["unanswerable"]) == (6, 2)
    assert found["metrics"]["accuracy"] == pytest.approx(4 / 6)
    assert {m["truth"] for m in found["mistakes"]} == {"0123456", "x1"}
    assert said.err.count("counts as wrong") == 2
    assert "has 7 characters, not 1 to 3" in said.err
    assert "has 'x', which is not in the alphabet" in said.err
    assert main(["evaluate", str(files["range"]), "labels.csv", "--out", "judged"]) == 0
    assert "2 rows have texts of a length or with a character that is never read" in capsys.readouterr().out
