"""Columns that decide the target, alone or two together, are told; those that say much of it are not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.checks.check import check_prepared
from hornbook.checks.leaks import decides, together
from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.examples.prepare import prepare
from hornbook.sources import from_arrays

random = np.random.default_rng(0)
GRADE = random.integers(0, 100, 200)
PASSED = np.where(GRADE >= 50, "yes", "no")
LETTER = np.array(list("FEDCBA"))[np.digitize(GRADE, [20, 50, 60, 75, 90])]
A, B = random.uniform(1, 9, 200).round(2), random.integers(1, 30, 200).astype(float)


@pytest.mark.parametrize(
    ("cells", "target", "says"),
    [
        (GRADE, PASSED, "decides it by a threshold alone"),
        (LETTER, PASSED, "has values each of which goes with one class of it"),
        (GRADE, LETTER, "decides it by a threshold alone"),
        (np.where(np.arange(200) == 7, 100 - GRADE, GRADE), np.roll(PASSED, 1), ""),
        (np.r_[GRADE[:-1], 99], [*PASSED[:-1], "no"], ""),  # but for one
        (random.permutation(list("abcdefghij") * 20), ["no"] * 195 + ["yes"] * 5, ""),
        (np.arange(200) % 50, ["no"] * 199 + ["yes"], ""),  # by chance
        (random.normal(size=200), random.choice(["no", "yes"], 200), ""),
    ],
)
def test_what_decides_a_class(cells: np.ndarray, target: np.ndarray, says: str) -> None:
    assert decides(pl.Series(cells), pl.Series(target)) == says


@given(st.integers(0, 10_000))
def test_what_was_drawn_by_chance_decides_nothing(seed: int) -> None:
    mine = np.random.default_rng(seed)
    target = pl.Series(mine.choice(["a", "b"], 60, p=[0.8, 0.2]))
    assert decides(pl.Series(mine.choice(list("uvwxyz"), 60)), target) == ""
    assert decides(pl.Series(mine.normal(size=60)), target) == ""


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (A + B, "a + b"),
        (A - B, "a - b"),
        (B - A, "b - a"),
        ((A * B).round(2), "a × b"),
        ((A / B).round(3), "a / b"),
        (A + 2 * B, ""),
        (A * B + random.normal(0, 5, 200), ""),
        (A, ""),  # which is one alone
        (random.normal(size=200), ""),
    ],
)
def test_two_columns_that_give_the_target(target: np.ndarray, said: str) -> None:
    others = [pl.Series("c", random.normal(size=200)), pl.Series("a", A), pl.Series("b", B)]
    assert together(others, pl.Series(target))[2:] == ((said,) if said else ())


@given(
    st.integers(0, 1000), st.lists(st.sampled_from([1.0, -1.0, 0.0]), min_size=3, max_size=10), st.booleans()
)
def test_more_columns_that_give_the_target(seed: int, signs: list[float], law: bool) -> None:
    chance = np.random.default_rng(seed)
    scales = 10.0 ** chance.integers(-2, 5, len(signs))
    parts = (chance.uniform(1, 9, (150, len(signs))) * scales).round(3)
    weights = np.array(signs) * (1.5 if law else 1.0)  # with such weights it may be what is to be learned
    columns = [pl.Series(f"c{i}", values) for i, values in enumerate(parts.T)]
    columns.append(pl.Series("twice", columns[0] * 2))
    added = [
        f"c{i}" for i in np.flatnonzero(np.abs(weights) * scales > 0.01 * scales[weights != 0].max(initial=0))
    ]
    found = together(columns, pl.Series("y", parts @ weights))
    if law and len(added) >= 3:
        assert not found
    elif not law and len(added) == np.count_nonzero(weights) in range(3, 9):
        assert set(found[:-1]) == {*added}


def test_what_gives_the_answer_is_a_warning() -> None:
    numbers = {"casual": A, "registered": B, "cnt": A + B}
    prepared = prepare(
        from_arrays(**numbers), {n: NumberColumn() for n in ("casual", "registered")}, {"cnt": NumberColumn()}
    )
    (found,) = [f for f in check_prepared(prepared) if f.code == "is-the-target"]
    assert found.level == "warning" and "the target cnt is casual + registered" in found.message
    prepared = prepare(
        from_arrays(grade=GRADE, passed=PASSED), {"grade": NumberColumn()}, {"passed": CategoryColumn()}
    )
    (found,) = [f for f in check_prepared(prepared) if f.code == "is-the-target"]
    assert "the input grade decides the target passed by a threshold alone" in found.message
