"""Evaluations: against scikit-learn and the formulas, at the edges, and through JSON."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from hornbook.columns.calibration import calibration_error, temperature, wilson
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.category.evaluation import CategoryEvaluation
from hornbook.columns.evaluation import Evaluation, evaluate
from hornbook.errors import DataError, RunError
from tests.columns.judged import judged

ANY = [0, 0, 1]
ANIMALS = CategoryColumn(classes=("cat", "dog", "猫", "<b>"))


def outputs_of(predicted: list[int], confidence: float = 0.7, classes: int = 4) -> np.ndarray[Any, Any]:
    out = np.full((len(predicted), classes), (1 - confidence) / (classes - 1))
    out[np.arange(len(predicted)), predicted] = confidence
    return out


def of(outputs: Any, truth: list[int], training: list[int] = ANY, **more: Any) -> CategoryEvaluation:
    """Judge outputs, of animals where no other column is given."""
    column = more.pop("column", ANIMALS)
    given = np.array(outputs), np.array(truth, int)
    return judged(
        CategoryEvaluation, "animal", "test", column, *given, training_truth=np.array(training), **more
    )


def made(truth: list[int], predicted: list[int], **more: Any) -> CategoryEvaluation:
    return of(outputs_of(predicted), truth, **more)


def test_scores_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    truth, predicted = random.integers(0, 4, 200), random.integers(0, 4, 200)
    found = made(truth.tolist(), predicted.tolist())
    precision, recall, f1, rows = precision_recall_fscore_support(truth, predicted)
    assert [s.precision for s in found.per_class] == pytest.approx(precision)
    assert [s.recall for s in found.per_class] == pytest.approx(recall)
    assert [s.f1 for s in found.per_class] == pytest.approx(f1)
    assert [s.rows for s in found.per_class] == rows.tolist()
    assert found.metrics["macro_f1"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    assert found.metric == "accuracy"
    assert found.score == pytest.approx((truth == predicted).mean())
    expected = np.zeros((4, 4), int)
    np.add.at(expected, (truth, predicted), 1)
    assert (found.confusion == expected).all()


def test_worst_mistakes_come_first_with_their_rows_and_names() -> None:
    outputs = np.array([[0.6, 0.4, 0, 0], [0.1, 0.9, 0, 0], [0.05, 0.95, 0, 0], [0.8, 0.2, 0, 0]])
    rows = np.array([7, 8, 9, 10])
    found = of(outputs, [1, 0, 0, 0], rows=rows, names=lambda row: f"picture {row}", most_mistakes=2)
    assert [(m.row, m.name, m.truth, m.predicted, m.confidence) for m in found.mistakes] == [
        (9, "picture 9", "cat", "dog", 0.95),
        (8, "picture 8", "cat", "dog", 0.9),
    ]


def test_names_may_be_a_list_or_missing() -> None:
    assert made([0, 0], [0, 1], names=["a", "b"]).mistakes[0].name == "b"
    assert made([0, 0], [0, 1]).mistakes[0].name == "row 2"


def test_a_class_never_seen_or_never_named_is_not_a_number_and_no_warning() -> None:
    found = made([0, 0, 1], [0, 0, 0])
    assert found.baseline == ("always 'cat'", 2 / 3)
    cat, dog, unseen, _ = found.per_class
    assert cat.recall == 1.0
    assert math.isnan(dog.precision) and dog.recall == 0.0 and dog.f1 == 0.0
    assert math.isnan(unseen.recall) and math.isnan(unseen.f1)
    assert found.metrics["macro_f1"] == pytest.approx((0.8 + 0.0) / 2)
    assert "-" in found.text()


def test_coverage_falls_and_says_nothing_where_nothing_is_answered() -> None:
    outputs = np.array([[0.99, 0.01, 0, 0], [0.6, 0.4, 0, 0], [0.55, 0.45, 0, 0]])
    found = of(outputs, [0, 0, 1])
    shares = [share for _, share, _ in found.coverage]
    assert shares == sorted(shares, reverse=True)
    assert found.coverage[0] == pytest.approx((0.0, 1.0, 2 / 3))
    at_90 = next(c for c in found.coverage if c[0] == 0.9)
    assert at_90 == pytest.approx((0.9, 1 / 3, 1.0))
    assert math.isnan(found.coverage[-1][2])


def test_top_5_where_there_are_many_classes() -> None:
    column = CategoryColumn(classes=tuple(f"c{i}" for i in range(30)))
    outputs = np.tile(np.linspace(1, 0, 30), (2, 1))
    found = of(outputs, [4, 5], column=column)
    assert found.metrics["top_5"] == 0.5
    assert "hardest" not in found.text() and "commonest confusions" in found.text()


def test_no_rows_is_an_error_of_one_sentence() -> None:
    with pytest.raises(DataError, match="no rows; choose another with --split"):
        of(np.zeros((0, 4)), [])


@pytest.mark.parametrize(
    "change", [{"type": "zebra"}, {"metrics": None}, {"interval": []}, {"mistakes": [{"x": 1}]}]
)
def test_damaged_json_is_a_run_error(change: dict[str, Any]) -> None:
    data = {**made([0, 1], [0, 0]).to_json(), **change}
    with pytest.raises(RunError, match="evaluat"):
        Evaluation.from_json(data)


def test_text_of_ten_classes_has_the_matrix() -> None:
    column = CategoryColumn(classes=tuple("0123456789"))
    truth = np.arange(100) % 10
    predicted = truth.copy()
    predicted[3] = 8
    outputs = outputs_of(predicted.tolist(), classes=10)
    text = of(outputs, truth.tolist(), truth.tolist(), column=column).text()
    assert "99.00 %" in text and "10.00 %" in text
    assert "true class down" in text
    assert "3 read as 8 (1)" in text


def test_wilson_as_published() -> None:
    # Newcombe 1998, table I, method 3: 81 of 263 and 15 of 148.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == pytest.approx(1.0)


def test_calibration_error_of_honest_and_of_boastful_confidence() -> None:
    right = np.array([True] * 7 + [False] * 3)
    assert calibration_error(np.full(10, 0.7), right) == pytest.approx(0.0, abs=1e-12)
    assert calibration_error(np.full(10, 1.0), right) == pytest.approx(0.3)


def log_loss(z: np.ndarray[Any, Any], truth: np.ndarray[Any, Any], t: float) -> float:
    """Return the mean log loss at a temperature, with the imagined row of unknown class."""
    p = z / t
    p = p - p.max(axis=1, keepdims=True)
    p = p - np.log(np.exp(p).sum(axis=1, keepdims=True))
    unknown = 1 / (len(z) + 1)
    return float(-((1 - unknown) * p[np.arange(len(z)), truth] + unknown * p.mean(axis=1)).mean())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 40), st.integers(2, 12), st.integers(5, 300))
def test_temperature_has_the_least_loss(seed: int, sharp: float, classes: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    z = random.normal(size=(rows, classes))
    truth = (z + random.gumbel(size=z.shape)).argmax(axis=1)
    z *= sharp
    found = temperature(z, truth)
    assert 0.05 <= found <= 20
    best = min(log_loss(z, truth, t) for t in np.geomspace(0.05, 20, 400))
    assert log_loss(z, truth, found) <= best + 1e-5 * (1 + best)


def test_temperature_makes_nobody_certain_for_reading_a_small_set_without_a_mistake() -> None:
    truth = np.arange(100) % 10
    z = 5.0 * np.eye(10)[truth]
    t = temperature(z, truth)
    p = np.exp(z[0] / t)
    assert 0.98 < p[0] / p.sum() < 0.9999


@pytest.mark.parametrize("z", [np.full((4, 3), np.nan), np.zeros((4, 1)), np.zeros((4, 3))])
def test_temperature_of_nothing_to_go_by(z: np.ndarray[Any, Any]) -> None:
    assert 0.05 <= temperature(z, np.zeros(4, int)) <= 20


def test_of_very_many_classes_those_confused_most_are_drawn() -> None:
    count = 65_536
    column = CategoryColumn(classes=tuple(map(str, range(count))))
    outputs = np.zeros((5, count), np.float32)
    outputs[np.arange(5), [5, 70, 70, 5, 3]] = 1
    found = of(outputs, [5, 5, 70, 60_000, 3], column=column)
    assert found.confusion_of(3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    few = of(np.eye(2)[[0, 1, 1]], [0, 1, 0], column=CategoryColumn(classes=("a", "b")))
    assert few.confusion_of(3).tolist() == few.confusion.tolist() == [[1, 1], [0, 1]]


def test_a_rare_class_is_not_lost_in_silence() -> None:
    column = CategoryColumn(classes=("fine", "fraud"))
    truth = np.array([0] * 97 + [1] * 3)
    never = np.tile([0.9, 0.1], (100, 1))
    found = evaluate("kind", "test", column, never, truth, training_truth=truth)
    assert found.line().endswith("; 'fraud' is never answered, though 3 rows are of it")
    some = never.copy()
    some[96:98] = [0.2, 0.8]
    found = evaluate("kind", "test", column, some, truth, training_truth=truth)
    assert found.line().endswith("; of 3 'fraud' 1 found, 50.0 % of such answers right")
    assert found.metrics["average_precision"] == pytest.approx((1 / 2 + 2 * 3 / 100) / 3)
    assert "average precision" in found.text()
    even = evaluate("kind", "test", column, never, np.array([0, 1] * 50), training_truth=truth)
    assert "average_precision" not in even.metrics and "never answered" not in even.line()
