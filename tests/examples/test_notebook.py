"""What a notebook shows: pictures and escaped text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from hornbook.examples.notebook import prediction_html, run_html
from hornbook.sources import from_arrays, read_examples


def test_examples_show_their_pictures_and_what_cannot_be_read(tmp_path: Path) -> None:
    # "&" may stand in a file's name on every system.
    folder = tmp_path / "cat & dog"
    folder.mkdir()
    Image.new("RGB", (90, 40), "red").save(folder / "good.png")
    (folder / "broken.png").write_bytes(b"no picture")
    shown = read_examples(tmp_path)._repr_html_()
    assert shown.count("<img ") == 1 and "data:image/png" in shown
    assert "cat &amp; dog/broken.png" in shown and "cat & dog" not in shown


def test_only_the_first_rows_are_shown() -> None:
    examples = from_arrays(image=np.zeros((100, 5, 5), np.uint8), label=["<i>"] * 100).split()
    shown = examples._repr_html_()
    assert shown.count("<img ") == 8 and "and 92 more" in shown
    assert "train 80" in shown and "<i>" not in shown and "&lt;i&gt;" in shown


def test_a_prediction_and_one_that_abstains() -> None:
    shown = prediction_html(
        {"input": "<p>.jpg", "digit": {"value": "<7>", "confidence": 0.9, "top": [["<7>", 0.9], ["1", 0.1]]}}
    )
    assert "&lt;7&gt;" in shown and "<7>" not in shown and "90.0 %" in shown
    assert "too unsure" in prediction_html(
        {"input": "x", "digit": {"value": None, "confidence": 0.2, "top": []}}
    )


def test_a_run_finished_and_not() -> None:
    history = [{"epoch": float(i), "train_loss": 1 / i, "seconds": 1.0} for i in range(1, 9)]
    assert "not finished" in run_html("mine", history, {})
    found = {"metrics": {"accuracy": 0.9812}, "baseline": ["always '1'", 0.11], "rows": 1000, "split": "test"}
    shown = run_html("<mine>", history, {"evaluations": {"digit": found}})
    assert "98.12 %" in shown and "11.00 %" in shown and "<mine>" not in shown
    assert shown.count("<tr>") == 1 + 1 + 1 + 5
