"""Edit distances: against the textbook's table, and the alignment that goes with them."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns.characters.reading.edit_distance import align, distances

TEXTS = st.text("ab1é猫", max_size=7)


def slow(one: str, other: str) -> int:
    """Return the distance as it is defined."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        slow(one[1:], other[1:]) + (one[0] != other[0]), slow(one[1:], other) + 1, slow(one, other[1:]) + 1
    )


@given(st.lists(st.tuples(st.text("ab猫", max_size=4), st.text("ab猫", max_size=4)), max_size=4))
def test_distances_are_as_defined(pairs: list[tuple[str, str]]) -> None:
    found = distances([a for a, _ in pairs], [b for _, b in pairs])
    assert found.tolist() == [slow(a, b) for a, b in pairs]


def test_one_long_string_does_not_make_all_long() -> None:
    ones, others = ["ab", *["a", "abc"] * 2500], ["b" * 20_000, *["b", "abcd"] * 2500]
    tracemalloc.start()
    found = distances(ones, others)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.tolist() == [19_999, *[1, 1] * 2500]
    assert peak < 20 << 20


@given(TEXTS, TEXTS)
def test_an_alignment_has_both_strings_and_as_many_differences_as_the_distance(one: str, other: str) -> None:
    pairs = align(one, other)
    assert "".join(a for a, _ in pairs) == one
    assert "".join(b for _, b in pairs) == other
    assert sum(a != b for a, b in pairs) == distances([one], [other])[0]
    assert ("", "") not in pairs
