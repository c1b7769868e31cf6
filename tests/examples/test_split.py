"""Which row falls where: a pure function of the seed and the rows, in proportion, and steady when rows are added."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hornbook.errors import DataError, UsageError
from hornbook.examples import Examples
from hornbook.examples import split as splits
from hornbook.examples.split import Split, row_numbers
from hornbook.examples.stores import FolderStore
from hornbook.sources import from_arrays

NAMES = st.lists(st.integers(0, 9999), min_size=0, max_size=60, unique=True)
SEEDS = st.integers(0, 2**63 - 1)
FRACTIONS = st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.4])


def files(names: list[str], labels: list[str], **columns: Sequence[str | None]) -> Examples:
    """Return examples of files that nobody opens."""
    table = pl.DataFrame({"image": names, "label": labels, **columns}, schema_overrides={"image": pl.String})
    return Examples(table, {"image": FolderStore(Path())}, origin="a folder")


def split_rows(examples: Examples, stratify: str | None = None, **options: Any) -> Examples:
    return splits.split_rows(examples, Split(**options), stratify)


def folder(numbers: list[int], classes: int = 3) -> Examples:
    """Return examples whose class follows from their name."""
    return files([f"{n}.png" for n in numbers], [f"c{n % classes}" for n in numbers])


def where(examples: Examples) -> dict[str, str]:
    """Return the split of each file."""
    return dict(zip(examples.table["image"], examples.table["split"], strict=True))


@given(NAMES, SEEDS, FRACTIONS, FRACTIONS, st.randoms(use_true_random=False))
def test_a_pure_function_of_the_seed_and_the_names(
    numbers: list[int], seed: int, validation: float, test: float, shuffle: random.Random
) -> None:
    options: dict[str, Any] = {"validation": validation, "test": test, "seed": seed, "stratify": "label"}
    once = split_rows(folder(numbers), **options)
    assert split_rows(folder(numbers), **options).table.equals(once.table)
    shuffled = list(numbers)
    shuffle.shuffle(shuffled)
    assert where(split_rows(folder(shuffled), **options)) == where(once)
    assert set(where(once).values()) <= {"train", "validation", "test"}


@given(NAMES, SEEDS, FRACTIONS, FRACTIONS)
def test_each_class_keeps_its_proportions_within_one_row(
    numbers: list[int], seed: int, validation: float, test: float
) -> None:
    done = split_rows(folder(numbers), validation=validation, test=test, seed=seed, stratify="label").table
    for (_, *_), rows in done.group_by("label"):
        found = Counter(rows["split"])
        for split, share in (("validation", validation), ("test", test)):
            assert abs(found[split] - share * len(rows)) <= 1
            assert not (share == 0 and found[split])
        assert found["train"] > 0


@given(st.lists(st.integers(0, 9999), min_size=1, max_size=60, unique=True), SEEDS, st.integers(1, 5))
def test_adding_rows_moves_at_most_three_for_each(numbers: list[int], seed: int, added: int) -> None:
    # One added row moves the border of a class between test and validation by at most one row, and the one
    # between validation and training by at most two (both shares may be rounded up at once).
    assume(len(numbers) > added)
    before = where(split_rows(folder(numbers[:-added]), seed=seed, stratify="label"))
    after = where(split_rows(folder(numbers), seed=seed, stratify="label"))
    moved = [name for name, split in before.items() if after[name] != split]
    assert len(moved) <= 3 * added


def test_the_numbers_of_names_never_change() -> None:
    examples = files(["0/1.png", "caf\u00e9"], ["a", "b"])
    assert row_numbers(examples, 7).tolist() == [923221985113527934, 440325789153307049]
    one, other = (split_rows(folder(list(range(300))), seed=seed) for seed in (0, 1))
    assert sum(where(one)[name] != split for name, split in where(other).items()) > 50
    assert where(split_rows(one, seed=9)) == where(one)
    assert split_rows(folder([])).table["split"].to_list() == []


@given(NAMES, SEEDS, st.integers(1, 8))
def test_groups_stay_together(numbers: list[int], seed: int, groups: int) -> None:
    examples = folder(numbers)
    writers = [f"w{n % groups}" for n in numbers]
    examples = examples.replace(table=examples.table.with_columns(writer=pl.Series(writers, dtype=pl.String)))
    done = split_rows(examples, seed=seed, stratify="label", group="writer").table
    for _, rows in done.group_by("writer"):
        assert rows["split"].n_unique() == 1
    if numbers:
        assert "train" in done["split"]


def test_groups_reach_their_share_and_rows_without_one_are_apart() -> None:
    numbers = list(range(1000))
    examples = files(
        [str(n) for n in numbers], ["a"] * 1000, writer=[f"w{n % 100}" if n % 2 else None for n in numbers]
    )
    done = split_rows(examples, group="writer").table
    assert done.filter(pl.col("writer").is_null())["split"].n_unique() == 3
    found = Counter(done["split"])
    assert 100 <= found["test"] <= 120
    assert 100 <= found["validation"] <= 120


@given(SEEDS)
def test_a_large_group_is_learned_from(seed: int) -> None:
    writers = ["most"] * 70 + [f"w{n % 10}" for n in range(30)]
    done = split_rows(
        files([str(n) for n in range(100)], ["a"] * 100, writer=writers), seed=seed, group="writer"
    )
    assert set(done.table.filter(writer="most")["split"]) == {"train"}
    found = Counter(done.table["split"])
    assert 9 <= found["test"] <= 12
    assert 9 <= found["validation"] <= 12


@given(SEEDS)
def test_of_few_groups_the_smallest_are_tested_on(seed: int) -> None:
    writers = ["a"] * 50 + ["b"] * 30 + ["c"] * 40
    examples = files([str(n) for n in range(120)], ["x"] * 120, writer=writers)
    done = split_rows(examples, seed=seed, group="writer").table
    found = dict(zip(done["writer"], done["split"], strict=True))
    assert found == {"a": "train", "b": "test", "c": "validation"}
    two = split_rows(examples.replace(table=examples.table.head(80)), seed=seed, group="writer").table
    assert Counter(two["split"]) == {"train": 50, "test": 30}


@given(
    NAMES,
    SEEDS,
    st.lists(st.sampled_from(["test", "", None, "validation", "Train"]), min_size=60, max_size=60),
)
def test_what_the_source_says_is_kept(numbers: list[int], seed: int, said: list[str | None]) -> None:
    examples = folder(numbers)
    said = said[: len(numbers)]
    examples = examples.replace(table=examples.table.with_columns(split=pl.Series(said, dtype=pl.String)))
    done = split_rows(examples, seed=seed, stratify="label").table["split"]
    for given_split, split in zip(said, done, strict=True):
        if given_split in ("test", "validation"):
            assert split == given_split
        else:
            # Where the source has test rows, no others are taken.
            assert split != "test" or "test" not in said
            assert split != "validation" or "validation" not in said


@pytest.mark.parametrize(
    ("word", "split"),
    [("val", "validation"), ("DEV", "validation"), ("valid", "validation"), ("Test", "test")],
)
def test_other_words_for_splits(word: str, split: str) -> None:
    examples = files(["1", "2"], ["a", "b"], split=[word, "training"])
    assert split_rows(examples, validation=0, test=0).table["split"].to_list() == [split, "train"]


def test_rows_of_arrays_go_by_their_number() -> None:
    one = from_arrays(image=np.zeros((100, 2, 2), np.uint8), label=[str(i % 2) for i in range(100)])
    more = from_arrays(image=np.ones((110, 2, 2), np.uint8), label=[str(i % 2) for i in range(110)])
    before, after = (split_rows(e, stratify="label").table["split"].to_list() for e in (one, more))
    assert sum(a != b for a, b in zip(before, after, strict=False)) <= 6
    plain = Examples(pl.DataFrame({"x": range(100)}))
    assert split_rows(plain).table["split"].to_list() == split_rows(plain).table["split"].to_list()


def test_a_class_of_three_has_a_row_in_every_split_and_one_of_two_is_for_training() -> None:
    done = split_rows(files(list("12345"), list("aaabb")), stratify="label").table
    assert sorted(done.filter(label="a")["split"].to_list()) == ["test", "train", "validation"]
    assert done.filter(label="b")["split"].to_list() == ["train", "train"]


@pytest.mark.parametrize("fractions", [(0.5, 0.5), (-0.1, 0.1), (1.0, 0), (0, float("nan"))])
def test_fractions_that_leave_nothing_are_refused(fractions: tuple[float, float]) -> None:
    with pytest.raises(UsageError, match="leave nothing to train on"):
        split_rows(folder([1, 2]), validation=fractions[0], test=fractions[1])


def test_wrong_columns_are_named() -> None:
    with pytest.raises(DataError, match=r"no column 'writr'.*did you mean 'writer'"):
        split_rows(files(["1"], ["a"], writer=["w"]), group="writr")
    with pytest.raises(DataError, match="'split' has 'tset'"):
        split_rows(files(["1"], ["a"], split=["tset"]))
    nested = Examples(pl.DataFrame({"label": [["a"], ["b"]]}))
    for options in ({"stratify": "label"}, {"group": "label"}):
        with pytest.raises(DataError, match="'label' holds list"):
            split_rows(nested, **options)
