"""Text for terminals: aligned, cut, and harmless whatever a file is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.common.plaintext import clean, listed, percent, shorten, table, width


@given(st.text(), st.integers(5, 40))
def test_clean_text_is_one_printable_line_and_shortened_text_fits(text: str, limit: int) -> None:
    said = clean(text)
    assert len(said.splitlines()) <= 1
    said.encode("utf-8")
    assert "\x1b" not in said
    assert width(shorten(text, limit)) <= limit


def test_columns_stand_under_each_other_in_chinese_too_and_names_left_out_are_counted() -> None:
    lines = table([["猫", "1"], ["cat", "10"]], "<>")
    assert lines == ["猫    1", "cat  10"]
    assert len({width(line) for line in lines}) == 1
    assert listed(["a", "b"], 5) == "a, b and 3 more"
    assert listed([], 0) == ""


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.99996, ">99.9 %"),
        (0.9994, "99.9 %"),
        (0.00001, "<0.1 %"),
        (0.0006, "0.1 %"),
        (float("nan"), "-"),
        (0.5, "50.0 %"),
    ],
)
def test_a_percentage_never_claims_all_or_nothing_wrongly(share: float, said: str) -> None:
    assert percent(share) == said
