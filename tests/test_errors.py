"""The sentences of errors are short, whatever is named in them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import LONGEST, DataError, brief, did_you_mean, one_of


@given(st.text(max_size=50), st.sampled_from(["x", "x ", "'x", "猫 "]), st.integers(0, 5000))
def test_a_message_is_short_and_begins_and_ends_as_it_did(start: str, long: str, times: int) -> None:
    message = f"file: {start}{long * times} give another"
    said = str(DataError(message))
    assert len(said) <= LONGEST
    assert said.startswith("file: ")
    assert said.endswith(" give another")
    assert said == message or len(message) >= 300


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_what_stands_beside_a_long_value_stays(quote: str) -> None:
    said = brief(f"there is no column {quote}{'x' * 100_000}{quote}; the columns are 'a', 'b'")
    assert said.startswith("there is no column ")
    assert said.endswith("; the columns are 'a', 'b'")
    assert len(said) < 200


def test_ten_thousand_words_are_not_listed_nor_compared() -> None:
    words = [f"column_{i}" for i in range(10_000)]
    assert one_of(words).endswith("'column_29' and 9,970 more")
    start = time.perf_counter()
    assert did_you_mean("column_" * 100_000, words) == ""
    assert time.perf_counter() - start < 1
