"""A class for each token of a text: learned, answered with as many, rows out of step left out and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.recognizer import Recognizer
from hornbook.sources import read_examples

KINDS = {
    "the": "DET",
    "a": "DET",
    "cat": "NOUN",
    "dog": "NOUN",
    "o'clock": "NOUN",
    "U.S.": "NAME",
    "runs": "VERB",
}


def sentences(rows: int = 150) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    words = [rng.choice(list(KINDS), rng.integers(1, 6)).tolist() for _ in range(rows)]
    labels = [" ".join(KINDS[w] for w in some) for some in words]
    return pl.DataFrame({"said": [" ".join(some) for some in words], "pos": labels})


def recipe(**text: Any) -> Recipe:
    values = {
        "inputs": {"said": {"type": "text", "lowercase": False, "tokenizer": "blanks", "length": 9, **text}},
        "targets": {"pos": "labels"},
        "network": {"name": "gru", "units": 12, "embedding": 8, "bidirectional": True},
        "training": {"epochs": 6, "batch_size": 16, "learning_rate": 0.03},
    }
    return Recipe.from_values(values, "small", "test")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled") / "run"
    hornbook.train(read_examples(sentences()), recipe=recipe(), run=folder)
    return folder


def test_each_token_has_its_class(run: Path) -> None:
    reader = Recognizer(run)
    said = ["the U.S. runs", "dog", "a cat runs at 5 o'clock"]
    answers = reader.predict(said)
    assert [a.value for a in answers][:2] == ["DET NAME VERB", "NOUN"]
    assert len(answers[2].value.split()) == 6  # also of words that are not known
    assert [label for label, _ in answers[0].to_json()["pos"]["characters"]] == ["DET", "NAME", "VERB"]
    assert [reader.predict(one).value for one in said] == [a.value for a in answers]


def test_it_is_judged_by_label_and_by_sentence(run: Path) -> None:
    reader = Recognizer(run)
    ready = prepare(read_examples(sentences()), reader.inputs, reader.targets)
    found = reader.evaluate(ready, "test")["pos"]
    assert found.score > 0.95 > found.baseline[1]
    assert list(found.metrics) == ["accuracy", "sentences", "macro_f1"]
    assert "labels right" in (run / "report.html").read_text("utf-8")


def test_rows_out_of_step_are_left_out_and_named() -> None:
    table = sentences(40)
    table[3, "pos"] = "DET " * 8
    table[5, "pos"] = "NOUN"
    table[5, "said"] = "the cat"
    made = recipe()
    ready = prepare(read_examples(table), made.inputs, made.targets)
    said = [str(p) for p in ready.problems]
    assert len(said) == 2
    assert any("row 6" in one and "its pos has 1 label for the 2 steps of said" in one for one in said)
    assert not {3, 5} & {int(i) for rows in ready.splits.values() for i in rows}


def test_characters_have_classes_too(tmp_path: Path) -> None:
    table = pl.DataFrame({"said": ["ab", "ba", "aab", "b"] * 10, "pos": ["A B", "B A", "A A B", "B"] * 10})
    made = recipe(tokenizer="characters")
    ready = prepare(read_examples(table), made.inputs, made.targets)
    assert not ready.problems and ready.targets["pos"].shape == (3,)
