"""Two classes of which one is rare: the threshold that is chosen, what is answered with it, and how it is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hornbook
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.category.evaluation import CategoryEvaluation
from hornbook.columns.category.rare.threshold import Decided, decide
from hornbook.columns.evaluation import evaluate
from hornbook.columns.kinds import column_from_json
from hornbook.common.progress import Silent
from hornbook.errors import DataError, RecipeError, RecognizerError, UsageError
from hornbook.examples import Examples

METRICS = ["f1", "recall@precision=0.9", "precision@recall=0.9", "cost=10"]


def both(p: Any) -> Any:
    return np.stack([1 - np.asarray(p), np.asarray(p)], 1)


def counts(found: Decided, p: Any, truth: Any) -> tuple[int, int, int]:
    said = p[:, found.sought] >= found.threshold
    true = truth == found.sought
    return int((said & true).sum()), int((said & ~true).sum()), int((~said & true).sum())


def value(by: str, found: Decided, p: Any, truth: Any) -> float:
    hits, alarms, missed = counts(found, p, truth)
    precision, recall = hits / max(hits + alarms, 1), hits / (hits + missed)
    if by == "f1":
        return 2 * hits / (2 * hits + alarms + missed)
    if by.startswith("cost"):
        return -(10 * missed + alarms)
    first, second = (precision, recall) if by.startswith("recall") else (recall, precision)
    return 1 + second if first >= 0.9 else first - 1


@given(
    st.sampled_from(METRICS),
    st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=40),
)
def test_no_other_threshold_is_better_on_the_rows_it_was_chosen_on(
    by: str, rows: list[tuple[int, bool]]
) -> None:
    p = both([n / 20 for n, _ in rows])
    truth = np.array([int(one) for _, one in rows])
    found = decide(by, p, truth)
    if len(set(truth.tolist())) < 2:
        assert found is None
        return
    assert found is not None
    assert 0 <= found.threshold <= 1
    assert (truth == found.sought).sum() <= (truth != found.sought).sum()
    best = value(by, found, p, truth)
    for step in np.linspace(0.02, 1, 60):
        other = Decided(found.sought, float(step))
        if sum(counts(other, p, truth)[:2]):  # one that answers nothing is none
            assert value(by, other, p, truth) <= best + 1e-9


def test_what_is_answered_is_the_same_everywhere_and_kept_in_the_file() -> None:
    column = CategoryColumn(decided_by="f1").learn(["no", "yes"]).decided(Decided(1, 0.3))
    p = both([0.29, 0.3, 0.6]).astype(np.float32)
    p[1, 1] = 0.3001
    assert [one.value for one in column.decode(p)] == ["no", "yes", "yes"]
    assert column.decode(p)[1].confidence == pytest.approx(0.3001)
    assert column.decode(p)[1].top[0][0] == "yes"
    assert column.decode_cells(p)[""].to_list() == ["no", "yes", "yes"]
    assert column.score(p, np.array([0, 1, 1]))["accuracy"] == 1
    assert "the answer is yes where that is 0.3 or more, and else no" in column.about_outputs()[0]
    assert column_from_json(column.to_json()) == column
    changes: list[tuple[dict[str, Any], str]] = [
        ({"sought": None}, "half of a threshold"),
        ({"classes": ["no"]}, "a threshold between two classes"),
    ]
    for change, said in changes:
        with pytest.raises(RecognizerError, match=said):
            column_from_json({**column.to_json(), **change})
    found = evaluate("fraud", "test", column, p, np.array([0, 1, 1]), training_truth=np.array([0, 0, 1]))
    assert isinstance(found, CategoryEvaluation)
    assert "'yes' is answered from 30.00 % on, for f1" in found.line()
    assert "How the rare class is found" in found.text()
    assert "(in use)" in found.text()


def rare(rows: int = 600) -> Examples:
    rng = np.random.default_rng(3)
    x = rng.normal(size=rows)
    fraud = x + rng.normal(0, 0.7, rows) > 2.1
    return Examples(
        pl.DataFrame({"x": x, "z": rng.normal(size=rows), "label": np.where(fraud, "fraud", "fine")})
    )


def test_a_metric_that_is_asked_for_moves_the_threshold(tmp_path: Any) -> None:
    examples = rare()
    few = ["training.epochs=3", "network.parts=0", "training.novelty=false", "metric=cost=20"]
    run = hornbook.train(examples, run=tmp_path / "r", target="label", changes=few, progress=Silent())
    column = run.recognizer.targets["label"]
    assert isinstance(column, CategoryColumn)
    assert column.sought == 1 and column.threshold is not None and column.threshold < 0.4
    page = (run.path / "report.html").read_text("utf-8")
    assert "How the rare class is found" in page


@pytest.mark.parametrize(
    ("target", "metric", "error", "said"),
    [
        ("label", "auc", RecipeError, 'has the metric .auc., and it can be "f1"'),
        ("label", "cost=x", RecipeError, "has the metric"),
        ("x", "f1", UsageError, "is no class; leave it out"),
        ("three", "f1", DataError, "between two classes, and there are 3; leave --metric out"),
    ],
)
def test_what_cannot_be_decided_so_is_one_sentence(
    target: str, metric: str, error: type[Exception], said: str, tmp_path: Any
) -> None:
    examples = rare(200)
    examples = examples.replace(table=examples.table.with_columns(three=pl.Series(["a", "b", "c", "a"] * 50)))
    with pytest.raises(error, match=said):
        hornbook.train(
            examples, run=tmp_path / "r", target=target, changes=[f"metric={metric}"], progress=Silent()
        )
