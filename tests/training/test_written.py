"""Answers of free length, from texts, pictures and rows: learned, written to a file, written by it step by step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.errors import RecipeError, RecognizerError, UsageError
from hornbook.recipe import Recipe
from hornbook.recognizer import KEY, Recognizer
from hornbook.recognizer.file import sealed
from hornbook.recognizer.where import heat_of, less_likely_written
from hornbook.report.report import NAME
from hornbook.sources import from_arrays, read_examples


def recipe(inputs: dict[str, Any], network: dict[str, Any], **changes: Any) -> Recipe:
    values = {
        "inputs": inputs,
        "targets": {"said": {"type": "sequence", **changes.pop("said", {})}},
        "network": network,
        "training": {"epochs": 8, "batch_size": 32, "learning_rate": 0.02, "precision": "float32", **changes},
    }
    return Recipe.from_values(values, "small", "test")


WORDS = {"1": "one", "2": "two", "3": "three"}


def texts(rows: int) -> Any:
    """Return digits, and how they are said."""
    rng = np.random.default_rng(0)
    digits = ["".join(rng.choice(list(WORDS), rng.integers(1, 3))) for _ in range(rows)]
    return from_arrays(digits=digits, said=[" ".join(WORDS[c] for c in one) for one in digits])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    small = recipe(
        {"digits": {"type": "text", "tokenizer": "characters"}},
        {"name": "gru", "units": 24, "embedding": 8, "bidirectional": True},
        said={"tokenizer": "words"},
    )
    hornbook.train(texts(320), recipe=small, run=folder / "run")
    return folder / "run"


def test_the_file_writes_what_was_learned(run: Path) -> None:
    reader = Recognizer(run)
    answers = reader.predict(["12", "3", "33", "21"])
    assert [a.value for a in answers] == ["one two", "three", "three three", "two one"]
    first = answers[0].to_json()["said"]
    assert "".join(c for c, _ in first["characters"]) == "one two"
    assert first["confidence"] > 0.3 and first["top"][0][0] == "one two"
    assert len({text for text, _ in first["top"]}) == 3
    alone = [reader.predict(one).confidence for one in ("12", "3", "33", "21")]  # padding changes nothing
    assert alone == pytest.approx([a.confidence for a in answers], abs=1e-4)
    metrics = json.loads((run / "metrics.json").read_text("utf-8"))["evaluations"]["said"]
    assert metrics["metrics"]["accuracy"] > 0.6 and metrics["baseline"][1] < 0.5


def test_the_page_shows_where_it_looked(run: Path) -> None:
    page = (run / NAME).read_text("utf-8")
    assert "Where it looked" in page and "It writes the whole said right for" in page
    writing = Recognizer(run).writing
    assert writing is not None
    reader = Recognizer(run)
    encoded = {n: v[None] for n, v in reader.encode("12").items()}
    tokens, weights = writing.attention({n: reader.inputs[n].trim(v) for n, v in encoded.items()})
    assert "".join(tokens) == "one two" and weights.shape == (2, 2)
    assert weights.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_damaged_description_is_one_sentence(run: Path, tmp_path: Path) -> None:
    import onnx

    model = onnx.load(run / "recognizer.onnx")
    entry = next(e for e in model.metadata_props if e.key == KEY)
    about = json.loads(entry.value)
    for decoder in (None, [1, 2], [True, 3], "x", [0, 24], [2**40, 24]):
        entry.value = json.dumps({**about, "decoder": decoder})
        (tmp_path / "bad.onnx").write_bytes(sealed(model.SerializeToString()))
        with pytest.raises(RecognizerError, match="do not fit together"):
            Recognizer(tmp_path / "bad.onnx")


def test_from_pictures_left_to_right(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    answers = ["".join(rng.choice(list("ab"), rng.integers(1, 4))) for _ in range(160)]
    pictures = rng.integers(0, 40, (160, 8, 24), dtype=np.uint8)
    for picture, answer in zip(pictures, answers, strict=True):
        for i, c in enumerate(answer):
            picture[slice(0, 4) if c == "a" else slice(4, 8), 8 * i : 8 * i + 6] += 180
    small = recipe(
        {"image": {"type": "image", "size": [24, 8], "channels": 1}},
        {"name": "crnn", "widths": [8], "stem": 0, "width_stride": 2, "features": 24, "units": 12},
        epochs=12,
    )
    hornbook.train(from_arrays(image=pictures, said=answers), recipe=small, run=tmp_path / "run")
    found = hornbook.load(tmp_path / "run").predict(pictures[:20])
    assert np.mean([a.value == t for a, t in zip(found, answers, strict=False)]) > 0.8
    reader, place = Recognizer(tmp_path / "run"), answers.index("a")
    heat = heat_of(reader, reader.encode(pictures[place]), "image")
    assert heat.shape == (8, 24) and heat.min() >= 0 and heat.max() <= 1


def test_from_the_row_of_a_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    size, colour = rng.uniform(0, 1, 160), rng.choice(["red", "blue"], 160)
    said = [f"{'large' if s > 0.5 else 'small'} {c}" for s, c in zip(size, colour, strict=True)]
    table = pl.DataFrame({"size": size, "colour": colour, "said": said})
    small = recipe(
        {"size": "number", "colour": "category"},
        {"name": "mlp", "hidden": [16]},
        said={"tokenizer": "words"},
        epochs=25,
    )
    hornbook.train(read_examples(table), recipe=small, run=tmp_path / "run")
    reader = hornbook.load(tmp_path / "run")
    assert reader.predict({"size": 0.9, "colour": "blue"}).value == "large blue"
    assert reader.predict(pl.DataFrame({"size": [0.1], "colour": ["red"]}))[0].value == "small red"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"targets": {"said": "sequence", "digits": "category"}}, "is the only one of a network"),
        ({"network": {"name": "boosting"}}, "sequence"),
        ({"network": {"name": "blend"}}, "has one writer: use"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    values = {"inputs": {"text": {"type": "text", "from": "digits"}}, "targets": {"said": "sequence"}}
    small = Recipe.from_values({**values, "network": {"name": "gru", "units": 8}, **change}, "small", "test")
    with pytest.raises(RecipeError, match=said):
        hornbook.train(texts(60), recipe=small, run=tmp_path / "run")


def test_what_is_covered_counts_by_how_much_less_likely_the_answer_is() -> None:
    outputs = np.zeros((3, 1, 3, 2), np.float32)
    outputs[:, 0, :2, 0] = [[3, 1], [3, 1], [4, 1]]
    outputs[:, 0, :2, 1] = [[0.9, 1.0], [0.5, 1.0], [0.9, 1.0]]
    assert less_likely_written(outputs) == pytest.approx([0.4, 0.9])


def test_an_alphabet_is_refused(run: Path) -> None:
    with pytest.raises(UsageError, match="an alphabet is for recognizers of strings"):
        Recognizer(run).predict("12", alphabet="digits")
