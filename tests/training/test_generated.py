"""Training on pictures that are made anew: killed and continued, it ends with the same bits."""

from __future__ import annotations

import random
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from hornbook import learning
from hornbook.common.progress import Epoch, Reading, Silent
from hornbook.learning import train
from hornbook.make import refresh
from hornbook.recipe import Recipe
from hornbook.training import job
from tests.training.test_resume import assert_same, killed_again_and_again

Patch = pytest.MonkeyPatch


def recipe(reuse: int, **second: object) -> Recipe:
    made = {"make": "captcha", "length": 1, "alphabet": "01", "size": [40, 20], "reuse": reuse}
    first = {**made, "count": 48, "validation": 8, "test": 8}
    data = {"sources": [first, {**made, "count": 20, "seed": 5, **second}]} if second else {"source": first}
    return Recipe.from_values(
        {
            "data": data,
            "inputs": {"image": {"type": "image", "size": [20, 10], "channels": 1}},
            "targets": {"label": "category"},
            "network": {"name": "cnn", "widths": [4, 8]},
            "training": {
                "epochs": 4,
                "batch_size": 16,
                "precision": "float32",
                "ema": 0.9,
                "augment": {"image": {"shift": 0.1}},
            },
        },
        "generated",
        "test",
    )


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("second", [{}, {"weight": 1.5}], ids=["one source", "two with weights"])
def test_killed_and_continued_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: Patch, second: dict[str, object]
) -> None:
    made = recipe(1, **second)
    whole = train(made, run=tmp_path / "whole", progress=Silent())
    monkeypatch.setattr(job, "SAVE_EVERY", 0.0)
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "another"))
    draw = random.Random(3)
    assert_same(whole, killed_again_and_again(made, tmp_path / "broken", lambda: draw.randrange(2, 6)))
    assert [row["epoch"] for row in whole.history] == [1, 2, 3, 4]


def test_new_pictures_are_learned_from_and_counted_in_the_report(tmp_path: Path) -> None:
    run, old = (train(recipe(n), run=tmp_path / str(n), progress=Silent()) for n in (3, 0))
    new, same = ([row["train_loss"] for row in one.history] for one in (run, old))
    assert new[0] == same[0] and new[1] != same[1]
    assert run.metrics["renewed"] == 3 * 16 and run.metrics["rows"]["train"] == 48
    page = (run.path / "report.html").read_text("utf-8")
    assert "<dt>learned from</dt><dd>96 examples</dd>" in page and "48 more were made to train on" in page
    assert "renewed" not in old.metrics


class AskWhileWaiting(Silent):
    """Asks to stop, as Ctrl-C does, while the loop waits for the examples of its third epoch."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.done = 0

    def epoch(self, done: Epoch) -> None:
        self.done = int(done.row["epoch"])

    def reading(self, what: str, done: int, total: int) -> None:
        if self.done == 2 and what.startswith("waiting"):
            self.asked.set()


def test_stopped_while_it_waits_for_examples_it_goes_on_with_the_same_bits(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    whole = train(recipe(1), run=tmp_path / "whole", progress=Silent())
    result = refresh._Coming.result

    def waited(self: Any, progress: Reading, total: int) -> Any:
        progress("waiting for the next examples", 0, total)
        return result(self, progress, total)

    monkeypatch.setattr(refresh._Coming, "result", waited)
    monkeypatch.setattr(job, "EXPORT_EVERY", 1e9)  # what is saved is saved because it was asked to stop
    asking = AskWhileWaiting()
    with monkeypatch.context() as patched:
        patched.setattr(learning, "stop_asked", lambda: nullcontext(asking.asked))
        with pytest.raises(job.Interrupted, match="stopped after epoch 2, step 0 of 3; all is saved in"):
            train(recipe(1), run=tmp_path / "broken", progress=asking)
    assert_same(whole, train(recipe(1), run=tmp_path / "broken", progress=Silent()))
