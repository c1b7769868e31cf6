"""Word clouds: which words, how heavy, in which shape, colours and font; the same bytes again; bad input."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hornbook.cli.main import main
from hornbook.errors import DataError, HornbookError, UsageError
from hornbook.report.cloud import fonts
from hornbook.report.cloud.colours import paint_of
from hornbook.report.cloud.draw import Cloud, draw
from hornbook.report.cloud.read import read_weights
from hornbook.report.cloud.weights import WEIGHTS, weigh
from hornbook.report.cloud.words import stop_words, words_of

ENGLISH = "The fox and the hen met a fox. Foxes eat hens; 3 hens eat corn, and corn eats nothing. THE END"
CHINESE = "孙悟空和猪八戒去西天取经，孙悟空打妖怪，猪八戒吃西瓜。我们因为妖怪，所以取经。"
WEIGHTED = {"fox": 5.0, "hen": 3.0, "corn": 1.0}
SMALL: dict[str, Any] = {"size": (160, 100)}


def picture(data: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_words_are_counted_without_stop_words() -> None:
    words = words_of([ENGLISH], stop_words())
    assert words.counts == {
        "hen": 3,
        "corn": 2,
        "eat": 3,
        "fox": 2,
        "END": 1,
        "Foxes": 1,
        "met": 1,
        "nothing": 1,
    }
    assert list(words.counts)[:2] == ["eat", "hen"] and words.left_out == 2
    assert sum(map(len, words.order)) == sum(words.counts.values())


def test_chinese_is_cut_into_words() -> None:
    counts = words_of([CHINESE], stop_words()).counts
    assert {"孙悟空", "妖怪", "西瓜"} <= set(counts) and not {"我们", "因为", "所以"} & set(counts)
    assert counts["妖怪"] == 2


@pytest.mark.parametrize("way", WEIGHTS)
@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_every_way_weighs_all_words(way: str, text: str) -> None:
    words = words_of([text, text[: len(text) // 2]], stop_words())
    found = weigh(words, way)
    assert set(found) == set(words.counts) and min(found.values()) > 0
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_what_is_in_every_text_says_little() -> None:
    words = words_of(["apple pear", "apple plum plum", "apple fig"])
    assert next(iter(weigh(words, "counts"))) == "apple"
    assert next(iter(weigh(words, "tfidf"))) == "plum"


def test_the_same_again_and_another_seed_otherwise() -> None:
    for name in ("a.png", "a.svg"):
        first = draw(WEIGHTED, Cloud(**SMALL), name)
        assert first.data == draw(WEIGHTED, Cloud(**SMALL), name).data
        assert first.data != draw(WEIGHTED, Cloud(**SMALL, seed=1), name).data
        assert first.words == ("fox", "hen", "corn")
    assert b"@font-face" in first.data and b"fox" in first.data


def test_words_stay_in_their_shape(tmp_path: Path) -> None:
    shape = np.full((100, 200), 255, np.uint8)
    shape[:, :100] = 0
    Image.fromarray(shape).save(tmp_path / "mask.png")
    found = picture(draw(WEIGHTED, Cloud(mask=str(tmp_path / "mask.png")), "a.png").data)
    assert found.shape == (100, 200, 3)
    assert (found[:, 104:] == 255).all() and (found[:, :100] < 255).any()
    larger = picture(draw(WEIGHTED, Cloud(mask=str(tmp_path / "mask.png"), size=(400, 10)), "a.png").data)
    assert larger.shape == (200, 400, 3)


def test_words_have_the_colours_of_a_picture(tmp_path: Path) -> None:
    colours = np.zeros((100, 160, 3), np.uint8)
    colours[:, :, 2] = 200
    Image.fromarray(colours).save(tmp_path / "blue.png")
    found = picture(draw(WEIGHTED, Cloud(**SMALL, colours_from=str(tmp_path / "blue.png")), "a.png").data)
    inked = found[(found < 250).any(axis=2)].astype(int)
    assert (inked[:, 2] >= inked[:, 0]).all() and inked[:, 0].min() < 20


@pytest.mark.parametrize("colours", [None, "viridis", "200-260", "330-30", "red,#1b4f8f"])
def test_colours_can_be_said(colours: str | None) -> None:
    found = picture(draw(WEIGHTED, Cloud(**SMALL, colours=colours), "a.png").data)
    assert (found < 200).any()


def test_nothing_behind_the_words() -> None:
    found = picture(draw(WEIGHTED, Cloud(**SMALL, ground=""), "a.webp").data)
    assert found.shape[2] == 4 and (found[..., 3] == 0).mean() > 0.3 and (found[..., 3] == 255).any()
    with pytest.raises(UsageError, match="a JPEG has no transparent ground"):
        draw(WEIGHTED, Cloud(**SMALL, ground=""), "a.jpg")


def test_a_font_without_the_characters_is_found_before_drawing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "folders", lambda: [tmp_path, tmp_path / "none"])
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    with pytest.raises(
        DataError, match=r"no font of this system has '猴': install one .* or name its file with --font"
    ):
        draw({"猴": 1.0, "fox": 1.0}, Cloud(**SMALL))
    own = str(fonts.find_font("a"))
    with pytest.raises(DataError, match=r"DroidSansMono\.ttf has no '妖怪打猴瓜经西': give another one"):
        draw({"妖怪打": 1.0, "西瓜经猴": 1.0}, Cloud(**SMALL, font=own))
    with pytest.raises(DataError, match="is no font that can be read"):
        draw(WEIGHTED, Cloud(**SMALL, font=str(tmp_path / "bad.ttf")))


def flat(path: Path, value: int) -> str:
    Image.fromarray(np.full((60, 60), value, np.uint8)).save(path)
    return str(path)


@pytest.mark.parametrize(
    ("options", "name", "said"),
    [
        ({"colours": "viridi"}, "a.png", "no colour map .*did you mean 'viridis'"),
        ({"colours": "200-400"}, "a.png", "no degrees"),
        ({"ground": "blurple"}, "a.png", "'blurple' is no colour"),
        ({"size": (3, 100)}, "a.png", "a side has 40 to 8,000"),
        ({"count": 0}, "a.png", "0 words"),
        ({"seed": -1}, "a.png", "the seed -1"),
        ({"mask": "none.png"}, "a.png", "none.png"),
        ({}, "a.txt", "ends in none of"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(options: dict[str, Any], name: str, said: str) -> None:
    with pytest.raises(HornbookError, match=said) as error:
        draw(WEIGHTED, Cloud(**{**SMALL, **options}), name)
    assert "\n" not in str(error.value)


def test_masks_without_a_shape(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no white"):
        draw(WEIGHTED, Cloud(mask=flat(tmp_path / "black.png", 0)))
    with pytest.raises(DataError, match="is white but for 0 dots"):
        draw(WEIGHTED, Cloud(mask=flat(tmp_path / "white.png", 255)))
    with pytest.raises(DataError, match="no word is left"):
        draw({}, Cloud())
    with pytest.raises(DataError, match="no word is left to be drawn: all of them are stop words"):
        words_of(["the and"], stop_words())
    with pytest.raises(DataError, match="there are none of two letters"):
        words_of(["1 2 ?"])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("word,weight\nfox,\n", "line 2: 'fox,' is no word and a number over 0"),
        ("fox,1\nfox,2\n", "line 2: 'fox' is there a second time"),
        ("fox,-1\n", "line 1: 'fox,-1' is no word"),
        ("fox\n", "line 1"),
        ("\n", "there is no word in it"),
    ],
)
def test_tables_of_weights_that_cannot_be(table: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(table, "utf-8")
    with pytest.raises(DataError, match=said):
        read_weights(str(tmp_path / "w.csv"))


def test_the_command_and_its_table(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.txt").write_text(ENGLISH, "utf-8")
    (here / "stop.txt").write_text("Corn\n", "utf-8")
    words = ["--size", "160x100", "--table", "w.csv", "--stop-words", "stop.txt"]
    assert main(["cloud", "a.txt", "--out", "a.png", *words]) == 0
    assert "drew " in capsys.readouterr().err
    lines = (here / "w.csv").read_text("utf-8").splitlines()
    assert lines[0] == "word,weight" and "hen,3" in lines and not any("corn" in line for line in lines)
    assert main(["cloud", "--words", "w.csv", "--out", "b.png", "--size", "160x100"]) == 0
    assert (here / "a.png").read_bytes() == (here / "b.png").read_bytes()
    capsys.readouterr()
    for wrong in (["a.txt", "--words", "w.csv"], [], ["none.txt"], ["a.txt", "--weights", "count"]):
        assert main(["cloud", *wrong, "--out", "c.png"]) in (1, 2)
        error = capsys.readouterr().err
        assert error.startswith("error: ") and error.count("\n") == 1
    assert not (here / "c.png").exists()


def test_a_paint_needs_no_more_than_a_random_number() -> None:
    import random

    assert paint_of("red", "white")(random_state=random.Random(0)) == "#ff0000"
