"""Looking at strings: what is counted, and what is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hornbook.checks.check import check_prepared
from hornbook.checks.findings import Findings
from hornbook.cli.main import main
from hornbook.columns.characters.checks import Strings
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.image.column import ImageColumn
from hornbook.errors import DataError
from hornbook.examples.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.split import USUAL, Split
from hornbook.sources import from_arrays, read_examples


def prepared_of(texts: list[str], split: Split = USUAL, **options: Any) -> Prepared:
    pictures = np.random.default_rng(0).integers(0, 256, (len(texts), 8, 20, 3), np.uint8)
    return of_examples(from_arrays(image=pictures, text=texts), split, **options)


def of_examples(examples: Examples, split: Split = USUAL, **options: Any) -> Prepared:
    inputs, targets = {"image": ImageColumn(size=(20, 8))}, {"text": CharactersColumn(**options)}
    return prepare(examples, inputs, targets, split)


def codes(found: Findings) -> dict[str, str]:
    return {f.code: f.message for f in found}


def test_lengths_and_characters_are_counted_by_split() -> None:
    texts = [f"{i:02d}" for i in range(40)] + [f"{i}" for i in range(10)]
    found = check_prepared(prepared_of(texts))
    (strings,) = found.targets
    assert isinstance(strings, Strings)
    assert strings.target == "text"
    assert strings.alphabet == "0123456789"
    assert [n for n, _ in strings.lengths] == [1, 2]
    assert [sum(c) for _, c in strings.lengths] == [10, 40]
    assert {c: sum(n) for c, n in strings.characters}["3"] == 4 + 10 + 1
    assert np.sum([n for _, n in strings.lengths], axis=0).tolist() == list(found.splits.values())
    assert strings.different == 50
    assert all(texts[row] == text for row, text in strings.samples)
    lines = found.text().splitlines()
    assert "text: 50 strings of 1 to 2 characters, 50 different; 10 characters: 0123456789" in lines
    assert "  length  train  validation  test" in lines


def test_fixed_lengths_count_the_first_character_too() -> None:
    (strings,) = check_prepared(prepared_of(["00", "01", "11", "00"] * 5, length=2)).targets
    assert isinstance(strings, Strings)
    assert {c: sum(n) for c, n in strings.characters} == {"0": 25, "1": 15}
    assert strings.different == 3


def test_labels_that_cannot_be_are_left_out_each_with_its_reason() -> None:
    texts = ["1234"] * 20 + ["4321"] * 20 + ["123", "12345", "12a4", ""]
    prepared = prepared_of(texts, length=4, alphabet="digits")
    said = "\n".join(map(str, prepared.problems))
    assert len(prepared.problems) == 4
    for why in (
        "the text '123' has 3 characters, not 4; it is left out",
        "the text '12345' has 5 characters, not 4",
        "the text '12a4' has 'a', which is not in the alphabet 0123456789",
        "the text '' is empty",
    ):
        assert why in said
    assert sum(map(len, prepared.splits.values())) == 40
    assert prepared.unanswerable["text"].tolist() == [40, 41, 42]
    rows = [prepared.unanswerable_of("text", split).tolist() for split in ("train", "validation", "test")]
    assert sorted(row for part in rows for row in part) == [40, 41, 42]
    assert prepared.unanswerable_of("image", "test").tolist() == []


def test_characters_of_an_alphabet_without_examples_are_named() -> None:
    found = codes(check_prepared(prepared_of(["0123"] * 30 + ["4567"] * 3, alphabet="digits")))
    assert (
        "2 characters of the alphabet of text without a training example: 8, 9"
        in found["no-training-example"]
    )
    assert "4 characters of text have fewer than 5 training examples: 4 (" in found["few-examples"]


def test_a_few_strings_of_another_length_are_likely_mistakes() -> None:
    texts = [f"{i:04d}" for i in range(300)] + ["12345"]
    found = codes(check_prepared(prepared_of(texts)))
    assert "1 string of text not of 4 characters, as 300 are" in found["rare-length"]
    assert "set targets.text.length = 4" in found["rare-length"]
    assert "rare-length" not in codes(check_prepared(prepared_of(texts[:300] + ["123"] * 40)))


def test_texts_in_two_splits_are_named_with_the_way_out() -> None:
    texts = [f"{i % 20:02d}" for i in range(800)]
    found = codes(check_prepared(prepared_of(texts)))
    assert "20 strings of text are in two splits: 00, 01, 02 and 17 more" in found["texts-across"]
    assert 'set split.group = "text"' in found["texts-across"]
    apart = check_prepared(prepared_of(texts, Split(group="text")))
    assert "texts-across" not in codes(apart)


def test_pictures_of_another_size_are_counted(tmp_path: Path) -> None:
    for i in range(30):
        Image.new("L", (20, 8) if i % 10 else (30, 9), 7 * i).save(tmp_path / f"{i:02d}.png")
    found = codes(check_prepared(of_examples(read_examples(tmp_path, pattern="{text}.png"))))
    message = (
        "3 images are not of 20 x 8 pixels as most are: 00.png, 10.png, 20.png; each is scaled to 20 x 8"
    )
    assert found["other-sizes"].startswith(message)


def test_nothing_to_learn_from_is_one_sentence() -> None:
    with pytest.raises(DataError, match="not one text to learn from: the text 'a' has 1 character, not 4"):
        prepared_of(["a", "b"] * 10, length=4)


def test_look_at_a_folder_of_files_named_by_their_label(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = here / "captchas"
    folder.mkdir()
    random = np.random.default_rng(1)
    for i in range(25):
        pixels = random.integers(0, 256, (20, 50), np.uint8)
        Image.fromarray(pixels).save(folder / f"{i * 37 % 100:02d}{i:02d}.png")
    (here / "mine.toml").write_text(
        '[inputs]\nimage = { type = "image", size = [50, 20], channels = 1 }\n[targets]\ntext = "characters"\n'
        '[network]\nname = "crnn"\n',
        "utf-8",
    )
    assert main(["look", "captchas", "--pattern", "{text}.png", "--recipe", "mine.toml"]) == 0
    said = capsys.readouterr().out
    assert "text: 25 strings of 4 characters, 25 different; 10 characters: 0123456789" in said
    assert "text: 25 strings" in (here / "look" / "look.html").read_text("utf-8")
