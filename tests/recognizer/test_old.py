"""Recognizers and a run of before the house was built anew are still used, and answer the same."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hornbook.common.progress import Silent
from hornbook.errors import RunError
from hornbook.learning import train
from hornbook.recognizer import load
from hornbook.training import Run

OLD = Path(__file__).parent / "old"
ANSWERS = json.loads((OLD / "answers.json").read_text("utf-8"))
"""What the code that trained them answered, with confidences of four digits."""

CHANGES = ["training.epochs=12", "network.hidden=[12]"]


def value_of(name: str, kept: Any) -> Any:
    """Return an input as it is given from Python; pictures are kept as base64."""
    if name in ("digits", "captcha"):
        return base64.b64decode(kept)
    return np.array(kept) if name == "series" else kept


@pytest.mark.parametrize("name", ANSWERS)
def test_an_old_recognizer_answers_as_it_did(name: str) -> None:
    reader = load(OLD / f"{name}.onnx")
    for row in ANSWERS[name]:
        answer = reader.predict(value_of(name, row["input"]))
        assert answer.predictions.keys() == row["answer"].keys()
        for target, wanted in row["answer"].items():
            found = answer.predictions[target]
            if isinstance(wanted["value"], str):
                assert found.value == wanted["value"]
            else:
                assert found.value == pytest.approx(wanted["value"], rel=1e-4)
            assert found.confidence == pytest.approx(wanted["confidence"], abs=1e-3)
            assert found.interval == (
                pytest.approx(wanted["interval"], rel=1e-4) if "interval" in wanted else None
            )


def test_an_old_run_that_was_stopped_goes_on_to_the_same_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(OLD / "unfinished_run", tmp_path / "run")
    shutil.move(tmp_path / "run" / "rents.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    before = Run("run").history
    with pytest.raises(
        RunError, match=r"go on with its own \(--recipe run/recipe.toml\)"
    ):  # the guess is another one
        train("rents.csv", target="rent", run="run", progress=Silent(), changes=CHANGES)
    run = train("rents.csv", recipe="run/recipe.toml", run="run", progress=Silent())
    assert run.history[:4] == before and [row["epoch"] for row in run.history] == list(range(1, 13))
    # What the code that began it ended with: every bit on the machine it was made on, nearly so elsewhere.
    assert run.evaluations["rent"].score == pytest.approx(406.6705830891927, rel=1e-3)
