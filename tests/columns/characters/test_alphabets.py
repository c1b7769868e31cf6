"""Alphabets: their names, their characters, and what none can be made of."""

from __future__ import annotations

import pytest

from hornbook.columns.characters.reading.alphabets import ALPHABETS, MOST_CHARACTERS, alphabet, wrong_with
from hornbook.errors import UsageError


@pytest.mark.parametrize("name", ALPHABETS)
def test_a_name_stands_for_characters_that_are_an_alphabet(name: str) -> None:
    assert alphabet(name) == ALPHABETS[name]
    assert alphabet(alphabet(name)) == alphabet(name)


def test_nothing_in_unambiguous_is_written_like_something_else_in_it() -> None:
    assert not set("0O1Il") & set(alphabet("unambiguous"))
    assert alphabet("unambiguous") == alphabet("unambiguous").upper()


def test_characters_keep_their_order_and_are_composed() -> None:
    assert alphabet("cab") == "cab"
    assert alphabet("lowre") == "lowre"
    assert alphabet("e\N{COMBINING ACUTE ACCENT}x") == "éx"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "'' has no character"),
        ("abca", "'abca' has the character 'a' twice"),
        ("éé", "twice"),
        ("ée\N{COMBINING ACUTE ACCENT}", "the character 'é' twice"),
        ("a\n", r"has '\\n', which is no character"),
        ("a\ud800", "which is no character"),
        ("ab" * 40_000, "80,000 characters"),
        ("digit", "twice: give each character once, or a name: 'digits', 'lower'"),
    ],
)
def test_an_alphabet_that_cannot_be_is_one_sentence(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        alphabet(given)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 300


def test_the_largest_alphabet() -> None:
    letters = "".join(c for c in map(chr, range(0x20, 0x30000)) if not wrong_with(c))
    assert not wrong_with(letters[:MOST_CHARACTERS])
    assert wrong_with(letters[: MOST_CHARACTERS + 1])
