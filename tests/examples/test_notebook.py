"""What a notebook shows of examples and answers: pictures and escaped text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from hornbook.columns.prediction import Prediction
from hornbook.recognizer.answer import Answer
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


def test_an_answer_and_one_that_abstains() -> None:
    found = Prediction("<7>", 0.9, (("<7>", 0.9), ("1", 0.1)))
    shown = Answer("<p>.jpg", {"digit": found}, np.zeros((8, 8, 1), np.uint8))._repr_html_()
    assert "&lt;7&gt;" in shown and "<7>" not in shown and "90.0 %" in shown and shown.count("<img ") == 1
    assert "too unsure" in Answer("x", {"digit": Prediction(None, 0.2)})._repr_html_()
