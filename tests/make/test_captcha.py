"""Captcha pictures: the same again, whoever makes them; bad options in one sentence."""

from __future__ import annotations

import random
from pathlib import Path

import captcha.image
import numpy as np
import pytest

from hornbook.errors import DataError, HornbookError, UsageError
from hornbook.make.captcha import Captchas
from hornbook.make.registry import options_from_json
from hornbook.make.repeatable import Draws


def test_an_example_is_a_function_of_seed_and_number() -> None:
    one, two = Captchas(seed=7, length=(4, 6)).maker(), Captchas(seed=7, length=(4, 6)).maker()
    forward = [one.file(i) for i in range(6)]
    backward = [two.file(i) for i in reversed(range(6))]
    assert forward == backward[::-1]
    assert len({one.text(i) for i in range(50)}) > 40
    assert {len(one.text(i)) for i in range(50)} == {4, 5, 6}
    assert Captchas(seed=8).maker().file(0) != Captchas(seed=7).maker().file(0)
    assert Captchas(seed=7, stream="test").maker().file(0) != Captchas(seed=7).maker().file(0)
    assert options_from_json(one.options.to_json()).maker().file(3) == forward[3]


def test_the_package_itself_stays_unpredictable() -> None:
    Captchas().maker().array(0)
    assert vars(captcha.image)["secrets"].__name__ == "secrets"


@pytest.mark.parametrize(
    ("size", "text"),
    [((160, 60), "0782"), ((160, 60), "jQfW"), ((100, 40), "MWMWMWMW"), ((30, 90), "iJ_|,")],
    ids=["digits", "reaching left", "too wide", "tall"],
)
def test_no_pixel_differs_from_the_packages_own_drawing_but_for_blanks(
    size: tuple[int, int], text: str
) -> None:
    maker = Captchas(seed=3, size=size).maker()
    package = maker._package
    own = package.ImageCaptcha(*size)
    package.ImageCaptcha.word_space_probability = 1.0  # the draws for blanks are fewer here
    try:
        for seed in range(12):
            maker._draws.seed(seed)
            ours = maker._painter.generate_array(text)
            maker._draws.seed(seed)
            assert (np.asarray(own.generate_image(text)) == ours).all()
    finally:
        package.ImageCaptcha.word_space_probability = 0.5


def test_draws_are_even() -> None:
    draws = Draws(1)
    counts = np.bincount([draws.randbelow(10) for _ in range(10_000)], minlength=10)
    assert counts.min() > 880 and counts.max() < 1120
    assert {draws.choice("ab") for _ in range(20)} == {"a", "b"}
    assert 0 <= draws.randbits(32) < 2**32
    assert draws.source.random() != random.Random(1).random()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"length": (6, 4)}, "the length 6-4 runs backwards"),
        ({"length": 0}, "1 to 64"),
        ({"alphabet": "aa"}, "'a' twice"),
        ({"alphabet": "a b"}, "a blank"),
        ({"size": (8, 60)}, "16 to 2048"),
        ({"seed": -1}, "from 0"),
        ({"alphabet": "字"}, "own font has no '字'"),
    ],
)
def test_what_cannot_be_is_one_sentence(options: dict[str, object], said: str) -> None:
    with pytest.raises(HornbookError, match=said):
        Captchas(**options).maker()  # type: ignore[arg-type]


def test_a_font_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "letters.ttf"
    with pytest.raises(DataError, match=r"letters\.ttf is no font"):
        Captchas(fonts=(str(path),)).maker()
    path.write_bytes(b"not a font")
    with pytest.raises(DataError, match=r"letters\.ttf is no font"):
        Captchas(fonts=(str(path),)).maker()


def test_what_can_be_made_is_said() -> None:
    with pytest.raises(UsageError, match="did you mean 'captcha'"):
        options_from_json({"kind": "capcha"})
