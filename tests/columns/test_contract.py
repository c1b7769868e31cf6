"""The contract that every column type keeps, in the manner of scikit-learn: a new type is tested by being there."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pytest

from hornbook.columns.base import Array, Column
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.kinds import KINDS, column_from_json, column_types, register
from hornbook.errors import DataError, RecognizerError
from hornbook.recipe import Recipe
from tests.toy_angle.column import AngleColumn

RNG = np.random.default_rng(0)
PICTURES: list[object] = [
    RNG.integers(0, 256, (9, 12), dtype=np.uint8),
    RNG.integers(0, 256, (12, 8), dtype=np.uint8),
    RNG.random((8, 12, 3)),
    np.zeros((4, 4), bool),
]
VALUES: dict[str, Sequence[object]] = {
    "image": PICTURES,
    "category": ["9", "10", "2", "9", "10"],
    "number": [1.5, 3.0, -0.25, 2.0],
    "characters": ["0782", "7711", "0782", "2000"],
}
"""Good values for each type."""
BAD: dict[str, object] = {
    "image": np.zeros((0, 3), np.uint8),
    "category": "11",
    "number": "3,5,1",
    "characters": "07_2",
}
"""A value that each type refuses."""
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "image": [
        {},
        {"size": (12, 8), "channels": 1},
        {"size": (12, 12), "channels": 1, "fit": "ink", "ink": "auto"},
        {"size": (5, 9), "fit": "pad", "ink": "dark", "source": "photo"},
        {"size": (5, 9), "fit": "crop", "ink": "auto", "max_pixels": 10_000},
        {"size": (6, 7), "loss": "bce", "decoder": (4, 3)},
        {"size": (12, 7), "channels": 1, "loss": "ssim", "code": 3, "beta": 0.5},
    ],
    "category": [{}, {"source": "name"}, {"classes": ("10", "9", "2")}, {"names": {"7": "9"}}],
    "number": [
        {},
        {"log": True, "source": "price", "loss": "huber"},
        {"clip": (-1.0, 5.0)},
        {"clip_quantiles": (0.0, 1.0), "loss": "absolute"},
    ],
    "characters": [
        {},
        {"length": 4, "alphabet": "digits", "source": "label"},
        {"length": (3, 6)},
        {"length": (4, 4), "alphabet": "alphanumeric", "case": "upper"},
    ],
}


def probable(column: Column, truth: Array) -> Array:
    """Return probabilities of which the true one is the largest."""
    outputs = np.full((len(truth), column.outputs), 0.1, np.float32)
    outputs[np.arange(len(truth)), truth.astype(int)] = 0.8
    return outputs


def spelled(column: Column, truth: Array) -> Array:
    """Return probabilities of characters; with CTC there is a blank after each."""
    assert isinstance(column, CharactersColumn)
    steps = np.stack([truth, np.zeros_like(truth)], axis=2).reshape(len(truth), -1) if column.ctc else truth
    sure: Array = np.eye(column.outputs, dtype=np.float32)[steps]
    return sure * 0.98 + 0.02 / column.outputs


OUTPUTS: dict[str, Callable[[Column, Array], Array]] = {
    "tags": lambda _, truth: truth[:, :-1] * 0.8 + 0.1,
    "number": lambda _, truth: truth[:, None],
    "image": lambda _, truth: truth.astype(np.float32) / 255,
    "angle": lambda _, truth: np.stack([np.sin(np.radians(truth)), np.cos(np.radians(truth))], 1),
    "characters": spelled,
}
"""Outputs for each type that decode to the truth; those not named have probabilities of classes."""

SOUNDS: list[object] = [
    RNG.integers(-9000, 9000, 4000, dtype=np.int16),
    (RNG.integers(0, 256, (3000, 2), dtype=np.uint8), 11_025),
    (RNG.uniform(-1, 1, 9000), 44_100),
]
VALUES["audio"] = SOUNDS
BAD["audio"] = np.zeros(0, np.int16)
OPTIONS["audio"] = [
    {},
    {"sample_rate": 8000, "mels": 24, "source": "sound"},
    {"sample_rate": 8000, "seconds": 0.2, "window": 0.032, "hop": 0.016},
]

VALUES["text"] = ["Good food!", "很好吃", "good, but don't go", ["two", "lines"]]
BAD["text"] = "  "
OPTIONS["text"] = [
    {},
    {"tokenizer": "characters", "marks": True, "source": "review"},
    {"tokenizer": "words", "lowercase": False, "min_count": 2, "vocabulary": 3, "length": 4},
]
VALUES["series"] = [RNG.uniform(1, 9, 40).tolist(), RNG.uniform(1, 9, (30, 1)), range(1, 50)]
BAD["series"] = [1.0, float("nan")] * 20
OPTIONS["series"] = [{}, {"length": 3, "source": "price"}, {"length": 5, "relative": "none", "log": True}]

VALUES["tags"] = [["a", "b"], ["b"], ["c"], ["a", "c"]]
BAD["tags"] = [["a"], ["b"]]
OPTIONS["tags"] = [
    {},
    {"tags": ("a", "b", "c"), "separator": "|", "source": "topics"},
    {"columns": ("a", "b", "c")},
]

VALUES["date"] = ["2020-01-31", "2021-02-28 10:30", "2022-07-01", date(2023, 12, 24)]
BAD["date"] = "soon"
OPTIONS["date"] = [
    {},
    {"source": "sold", "parts": ("month", "hour", "days")},
    {"format": "%d/%m/%Y"},
    {"parts": ("year", "month", "yearday", "day", "weekday", "hour", "days")},
]

VALUES["sequence"] = ["1979-05-03", "so, is it?", "很好吃", "7"]
BAD["sequence"] = "  "
OPTIONS["sequence"] = [
    {},
    {"tokenizer": "words", "source": "english", "length": 12, "beam": 1},
    {"vocabulary": 40, "lowercase": True},
]


def written(column: Column, truth: Array) -> Array:
    """Return answers of two beams, of which the true one is the likelier."""
    out = np.zeros((len(truth), 2, *column.shape, 2), np.float32)
    out[:, 0, :, 0], out[:, 0, :, 1] = truth, np.where(truth > 0, 0.98, 0)
    out[:, 1, 0] = 1, 0.01
    return out


OUTPUTS["sequence"] = written

VALUES["labels"] = ["DET NOUN VERB", "NOUN VERB", "VERB", "DET NOUN"]
BAD["labels"] = "  "
OPTIONS["labels"] = [{}, {"source": "pos"}]


def labelled(column: Column, truth: Array) -> Array:
    """Return probabilities of which the true label's is the largest; none where a row has ended."""
    sure: Array = np.eye(column.outputs + 1, dtype=np.float32)[truth][..., 1:] * 0.9 + 0.01
    return sure * (truth > 0)[..., None]


OUTPUTS["labels"] = labelled

FORETELL = ("text", "series")
"""Types that foretell what comes after a value, which is tested with each of them."""

VALUES["angle"] = [0.0, 90.0, 359.0, 181.5]
BAD["angle"] = "north"
OPTIONS["angle"] = [{}, {"turn": 720.0, "source": "wind"}]

CASES = [(word, options) for word, every in OPTIONS.items() for options in every]


def known(word: str) -> type[Column]:
    """Return the class of a kind: of the registry, or of the one from outside."""
    return AngleColumn if word == "angle" else column_types()[word]


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register a kind from outside: it keeps the same contract."""
    monkeypatch.setattr("hornbook.columns.kinds.KINDS", dict(KINDS))
    register("angle", "tests.toy_angle")


def learned(word: str, options: dict[str, Any], values: Sequence[object] = ()) -> Column:
    """Return a column that has learned and measured, as after training."""
    values = values or VALUES[word]
    column = column_types()[word](**options).learn(values)
    return column.measure(iter([column.encode_many(values)]))


class Case(NamedTuple):
    """A type, its options, and a column of them that has learned."""

    word: str
    options: dict[str, Any]
    column: Column

    def new(self) -> Column:
        """Return a column that has learned nothing."""
        return column_types()[self.word](**self.options)


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request: pytest.FixtureRequest) -> Case:
    word, options = request.param
    return Case(word, options, learned(word, options))


def test_every_type_has_cases() -> None:
    assert set(column_types()) == set(VALUES) == set(BAD) == set(OPTIONS)


def test_goes_through_json_and_encodes_the_same_bits(case: Case) -> None:
    word, _, column = case
    again = column_from_json(json.loads(json.dumps(column.to_json())))
    assert again == column
    assert again.encode_many(VALUES[word]).tobytes() == column.encode_many(VALUES[word]).tobytes()


def test_learning_changes_nothing_in_place(case: Case) -> None:
    word, column = case.word, case.new()
    before = repr(dataclasses.asdict(column))
    new = column.learn(VALUES[word])
    new.measure(iter([new.encode_many(VALUES[word])]))
    assert repr(dataclasses.asdict(column)) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        column.source = "x"  # type: ignore[misc]


def test_learns_the_same_from_any_order_and_says_that_it_has(case: Case) -> None:
    word, _, column = case
    assert column.learned
    backwards = case.new().learn(list(reversed(VALUES[word])))
    assert backwards.measure(iter([backwards.encode_many(VALUES[word])])) == column


def test_encodes_to_the_declared_shape_and_type_one_by_one_or_many(case: Case) -> None:
    word, _, column = case
    many = column.encode_many(VALUES[word])
    assert many.shape == (len(VALUES[word]), *column.shape)
    assert many.dtype == column.dtype
    for row, value in zip(many, VALUES[word], strict=True):
        one = column.encode(value)
        assert one.shape == column.shape
        assert one.dtype == column.dtype
        assert np.array_equal(one, row)
        assert np.array_equal(column.encode_with_facts(value)[0], row)
    assert column.encode_many([]).shape == (0, *column.shape)


def test_encodes_a_block_as_one_by_one_or_not_at_all(case: Case) -> None:
    column = case.column
    for shape in [(3, *column.shape), (3, *column.shape[:-1]), (3, 7), (3, 2, 2, 5)]:
        block = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
        before = block.copy()
        found = column.encode_block(block)
        assert np.array_equal(block, before)
        if found is not None:
            assert np.array_equal(found, column.encode_many(list(block)))


def test_a_bad_value_is_a_data_error_that_names_the_row(case: Case) -> None:
    word, _, column = case
    values = [VALUES[word][0], BAD[word]]
    with pytest.raises(DataError, match=r"row 2\b"):
        column.encode_many(values)
    with pytest.raises(DataError, match=r"b\.x"):
        column.encode_many(values, ["a.x", "b.x"])
    with pytest.raises(DataError, match=r"this\.one"):
        column.encode(BAD[word], "this.one")
    with pytest.raises(DataError):
        column.encode(object())


def test_options_go_back_through_a_recipe(case: Case) -> None:
    word, column = case.word, case.new()
    other = "category" if word == "image" else "image"
    recipe = Recipe.from_values({"inputs": {"a": column.options()}, "targets": {"b": other}}, "x", "test")
    assert recipe.inputs["a"] == column
    again = Recipe.from_values(recipe.values(), "x", "test")
    assert again.inputs["a"] == column


def test_shows_only_what_differs_and_can_be_read_back(case: Case) -> None:
    column = case.new()
    assert eval(repr(column), {type(column).__name__: type(column)}) == column
    assert repr(column).count("=") == len(case.options)


def test_a_target_decodes_scores_and_has_a_baseline(case: Case) -> None:
    word, _, column = case
    if word in FORETELL:
        return
    if not column.metric:
        for use in (lambda: column.outputs, lambda: column.decode(np.zeros((1, 2)))):
            with pytest.raises(NotImplementedError):
                use()
        return
    truth = column.encode_many(VALUES[word])
    outputs = OUTPUTS.get(word, probable)(column, truth)
    found = [p.value for p in column.decode(outputs)]
    if column.shows:  # a picture is answered as it is encoded
        assert np.array_equal([np.asarray(p).reshape(column.shape) for p in found], truth)
    else:
        assert found == list(VALUES[word])
    assert column.decode(outputs[:0]) == []
    scores = column.score(outputs, truth)
    assert next(iter(scores)) == column.metric
    name, baseline = column.baseline(truth, truth)
    assert name
    assert (scores[column.metric] >= baseline) == column.metric_larger_is_better


DAMAGE: list[Any] = [None, True, -1, 0, 3.5, "x", [], [1], ["a", "a"], [[1]], {"a": 1}, 2**70, float("nan")]


def test_damaged_json_is_a_recognizer_error_or_a_column_that_works(case: Case) -> None:
    word, _, column = case
    whole = column.to_json()
    for key in whole:
        for value in DAMAGE:
            if key == "max_pixels" and value == 2**70:
                continue
            try:
                read = column_from_json({**whole, key: value})
            except RecognizerError as error:
                assert "\n" not in str(error)
                continue
            # What was taken must be as good as any: it encodes, or says in a DataError why not.
            with contextlib.suppress(DataError):
                read.encode_many(VALUES[word])
    with pytest.raises(RecognizerError, match="colour_space"):
        column_from_json({**whole, "colour_space": "lab"})
    if word == "category":
        with pytest.raises(RecognizerError, match="'a' twice"):
            column_from_json({**whole, "classes": ["a", "b", "a"]})
    elif word == "image":
        with pytest.raises(RecognizerError, match="mean of 2 channels"):
            column_from_json({**whole, "mean": [0.1, 0.2]})
    elif word == "characters":
        with pytest.raises(RecognizerError, match="alphabet that has the character 'a' twice"):
            column_from_json({**whole, "alphabet": "aba"})
        with pytest.raises(RecognizerError, match=r"ends before it begins: write \[4, 6\]"):
            column_from_json({**whole, "length": [6, 4]})
    with pytest.raises(RecognizerError, match="imaje"):
        column_from_json({**whole, "type": "imaje"})
