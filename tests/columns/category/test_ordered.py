"""Classes that are groups of a number: their mean, and answers that are near."""

from __future__ import annotations

import numpy as np
import pytest

from hornbook.columns import CategoryColumn
from hornbook.columns.evaluation import evaluate
from hornbook.columns.kinds import column_from_json
from hornbook.errors import DataError

AGES = ["more than 70", "10-19", "0-2", "3-9"]


def test_an_answer_has_a_mean() -> None:
    column = CategoryColumn(in_order=True).learn(AGES)
    assert column.classes == ("0-2", "3-9", "10-19", "more than 70")
    (said,) = column.decode(np.array([[0.0, 0.2, 0.8, 0.0]]))
    assert said.value == "10-19"
    assert said.mean == pytest.approx(0.2 * 6.5 + 0.8 * 15)
    assert said.text() == "10-19 (about 13.3)"
    assert said.to_json()["mean"] == 13.3
    assert column.decode_cells(np.array([[0.0, 0.2, 0.8, 0.0]]))["mean"].to_list() == [13.3]
    assert column_from_json(column.to_json()) == column


def test_it_is_judged_how_many_are_near() -> None:
    column = CategoryColumn(in_order=True).learn(AGES)
    sure = np.eye(4)[[0, 1, 2, 0]]
    found = evaluate("age", "test", column, sure, np.array([0, 0, 2, 3]), training_truth=np.array([0, 1]))
    assert found.metrics["accuracy"] == 0.5
    assert found.metrics["within_one"] == 0.75
    assert found.metrics["mean_error"] == pytest.approx((5.0 + 73.5) / 4)
    assert "within one group 75.0 %" in found.text()


@pytest.mark.parametrize("classes", [["cat", "dog"], ["3-9", "old"], ["1-2-3", "4"], ["20-29", "10-39"]])
def test_classes_that_are_no_groups_are_refused(classes: list[str]) -> None:
    with pytest.raises(DataError, match="is in_order, and not every class is a group of numbers"):
        CategoryColumn(in_order=True).learn(classes)
