"""Classes: their order, their places, and what is answered."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hornbook.columns import CategoryColumn
from hornbook.columns.category.column import MOST_CLASSES, natural_order
from hornbook.errors import DataError

WORDS = st.lists(st.text(st.sampled_from("ab01²٣ Aé-."), max_size=6) | st.text(max_size=5), max_size=12)


@given(WORDS, st.randoms(use_true_random=False))
def test_the_order_of_classes_does_not_depend_on_the_order_of_rows(
    words: list[str], shuffle: random.Random
) -> None:
    shuffled = list(words)
    shuffle.shuffle(shuffled)
    classes = CategoryColumn().learn(words).classes
    assert classes == CategoryColumn().learn(shuffled).classes
    assert classes is not None
    assert set(classes) == {word.strip() for word in words}, "blanks at the ends never count"


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_numbers_are_sorted_as_numbers(numbers: list[int]) -> None:
    assert CategoryColumn().learn(str(n) for n in numbers).classes == tuple(
        str(n) for n in sorted(set(numbers))
    )


@given(st.text("01²٣a", max_size=3), st.text("01²٣a", max_size=3))
@example("02", "2")
def test_only_equal_words_have_equal_keys(one: str, other: str) -> None:
    assert (natural_order(one) == natural_order(other)) == (one == other)


def test_numbers_may_have_any_number_of_digits() -> None:
    long = "1" * 5000
    assert CategoryColumn().learn([long, "2" * 4999, "7", "a"]).classes == ("7", "2" * 4999, long, "a")
    assert sorted(["٣", "12", "²", "2"], key=natural_order) == ["2", "٣", "12", "²"]
    inside = ["02", "2", "10", "v", "v9a", "v9b", "v10b"]
    assert sorted(set(inside), key=natural_order) == inside


def test_values_of_other_types_are_classes_by_their_text() -> None:
    column = CategoryColumn().learn([7, 10, None, 7])
    assert column.classes == ("7", "10")
    assert column.encode(10) == 1
    assert column.encode_many(["7", 10]).tolist() == [0, 1]


@pytest.mark.parametrize(("classes", "dtype"), [(1, "uint8"), (256, "uint8"), (257, "uint16")])
def test_the_narrowest_type_holds_all_places(classes: int, dtype: str) -> None:
    column = CategoryColumn().learn(str(i) for i in range(classes))
    assert column.dtype == np.dtype(dtype)
    assert column.encode_many([str(classes - 1)])[0] == classes - 1
    assert column.encode(str(classes - 1)) == classes - 1


def test_more_values_than_there_can_be_classes_look_like_an_identifier() -> None:
    with pytest.raises(DataError, match="identifier"):
        CategoryColumn().learn(str(i) for i in range(MOST_CLASSES + 1))


def test_classes_that_were_given_are_kept_in_their_order() -> None:
    column = CategoryColumn(classes=("no", "yes"))
    assert column.learn(["yes", "maybe"]) == column
    assert column.decode(np.array([[0.5, 0.5]]))[0].value == "no"  # of equally likely ones the first
    assert column.rejects(["yes", "maybe", "no", None]) == [1, 3]


def test_an_unknown_class_is_named_with_the_nearest_one() -> None:
    column = CategoryColumn(classes=tuple(f"class{i}" for i in range(20)))
    with pytest.raises(
        DataError, match=r"'clas3' \(a\.png\) is not one of the 20 classes: .*, \.\.\. \(did you mean"
    ):
        column.encode("clas3", "a.png")
    with pytest.raises(DataError, match="no classes yet"):
        CategoryColumn().encode("a")


@given(st.integers(0, 6), st.integers(1, 5))
def test_the_likeliest_come_first(top: int, classes: int) -> None:
    column = CategoryColumn(classes=tuple("abcde"[:classes]))
    outputs = np.random.default_rng(classes).dirichlet(np.ones(classes), 4).astype(np.float32)
    for row, prediction in zip(outputs, column.decode(outputs, top), strict=True):
        assert prediction.value == column.classes[row.argmax()]  # type: ignore[index]
        assert prediction.confidence == row.max()
        assert len(prediction.top) == min(top, classes)
        assert [p for _, p in prediction.top] == sorted(row.tolist(), reverse=True)[:top]


def test_scores_and_the_baseline_by_hand() -> None:
    column = CategoryColumn(classes=("a", "b"))
    outputs = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.0, 1.0]])
    truth = np.array([0, 1, 1, 0], np.uint8)
    score = column.score(outputs, truth)
    assert score["accuracy"] == 0.5
    assert score["log_loss"] == pytest.approx(-np.log([0.9, 0.8, 0.4, 1e-12]).mean())
    assert column.baseline(np.array([1, 1, 0], np.uint8), truth) == ("always 'b'", 0.5)


def test_as_an_input_what_was_never_learned_is_other() -> None:
    column = CategoryColumn().as_input().learn(["cat", "dog", "", None])
    assert column.classes == ("cat", "dog")
    assert column.encode_many(["dog", "robot", None, "", math.nan]).tolist() == [1, 2, 2, 2, 2]
    assert column.rejects(["robot"]) == []
    assert int(column.encode("robot")) == 2


def test_codes_have_names() -> None:
    column = CategoryColumn(names={"1": "USA", "2": "Europe"}).learn([1, 2, 1, 3])
    assert column.classes == ("3", "Europe", "USA")
    assert column.encode_many([1, "2", 2.0, 3]).tolist() == [2, 1, 1, 0]
    assert column.to_json()["names"] == {"1": "USA", "2": "Europe"}


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series(["a", "b", "a"]),
        pl.Series([1, 2, 1]),
        pl.Series([1.0, 2.0, 1.0]),
        pl.Series([True, False, True]),
        pl.Series(["a", None, "b"]),
        pl.Series(["a", "b"], dtype=pl.Categorical),
    ],
    ids=str,
)
def test_a_whole_column_is_encoded_as_one_by_one(cells: pl.Series) -> None:
    column = CategoryColumn().as_input().learn(cells.to_list())
    found = column.encode_series(cells)
    assert found is not None
    assert found.dtype == column.dtype
    assert found.tolist() == column.encode_many(cells.to_list()).tolist()
    target = CategoryColumn(classes=("z",))
    assert target.encode_series(cells) is None


@pytest.mark.parametrize(
    ("classes", "values"),
    [
        (("false", "true"), [True, np.True_, "true", "True", "TRUE", " true "]),
        (("False", "True"), [True, np.True_, "true", "True", "TRUE"]),
        (("3", "4"), [4, 4.0, "4", "4.0", " 4 ", np.float32(4), np.float64(4), np.int8(4)]),
        (("3.0", "4.0"), [4, 4.0, "4", "4.0", "4.00", " 4 "]),
        (("1", "0.5"), [0.5, "0.5", "0.50", ".5", "5e-1"]),
        (("cafe", "caf\u00e9"), ["caf\u00e9", "cafe\u0301"]),
        (("cafe", "cafe\u0301"), ["caf\u00e9", "cafe\u0301"]),
    ],
)
@pytest.mark.parametrize("other", [True, None])
def test_a_class_is_known_however_it_is_written(
    classes: tuple[str, ...], values: list[Any], other: bool | None
) -> None:
    column = CategoryColumn(classes=classes, other=other)
    assert [int(column.encode(v)) for v in values] == [1] * len(values)
    assert column.encode_many(values).tolist() == [1] * len(values)
    assert column.rejects(values) == []
    texts = pl.Series([v for v in values if isinstance(v, str)])
    found = column.encode_series(texts)
    assert found is not None and found.tolist() == [1] * len(texts)


def test_names_of_codes_are_found_however_the_codes_are_written() -> None:
    apart = CategoryColumn(classes=("4", "4.0", "True", "true"))
    assert apart.encode_many(["4", "4.0", "True", "true"]).tolist() == [0, 1, 2, 3]
    column = CategoryColumn(names={"True": "yes", "False": "no", "1": "one"})
    assert column.learn([True, False, 1.0, "1.0", 2]).classes == ("2", "no", "one", "yes")
