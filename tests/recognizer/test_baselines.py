"""TF-IDF with logistic regression beside a network for texts, and the sentence where the network is not better."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hornbook.columns import CategoryColumn
from hornbook.columns.text.column import TextColumn
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.split import Split
from hornbook.recognizer.baselines import tfidf
from tests.training.test_sequences import reviews


def prepared(**columns: TextColumn) -> Prepared:
    made = columns or {"review": TextColumn()}
    return prepare(reviews(), made, {"label": CategoryColumn()}, Split(test=0.3))


def test_it_learns_from_the_training_rows_and_is_judged_on_the_others() -> None:
    pytest.importorskip("sklearn")
    ready = prepared()
    found = tfidf(ready, ready.inputs, "label", "test")
    assert found == {"TF-IDF of 1 and 2 words, logistic regression": 1.0}
    labels = ready.examples.table["label"].to_list()
    shuffled = np.random.default_rng(0).permutation(labels)
    swapped = ready.examples.replace(table=ready.examples.table.with_columns(label=pl.Series(shuffled)))
    worse = prepare(swapped, {"review": TextColumn()}, {"label": CategoryColumn()})
    assert next(iter(tfidf(worse, worse.inputs, "label", "test").values())) < 1


def test_characters_where_a_language_puts_no_blanks() -> None:
    pytest.importorskip("sklearn")
    rows = [("很好吃，送得快", "1"), ("太慢了，不好", "0")] * 20
    frame = pl.DataFrame(rows, schema=["review", "label"], orient="row")
    ready = prepare(
        Examples(frame), {"review": TextColumn(tokenizer="characters")}, {"label": CategoryColumn()}
    )
    assert list(tfidf(ready, ready.inputs, "label", "test")) == [
        "TF-IDF of 1 and 2 characters, logistic regression"
    ]


def test_it_stays_away_where_it_does_not_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = prepared()
    assert tfidf(ready, {}, "label", "test") == {}
    assert tfidf(ready, {"a": TextColumn(source="x"), "b": TextColumn(source="y")}, "label", "test") == {}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert tfidf(ready, ready.inputs, "label", "test") == {}


def test_evaluate_prints_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn")
    import hornbook
    from hornbook.cli.main import main
    from hornbook.common.progress import Silent
    from tests.training.test_sequences import recipe

    reviews().table.write_csv(tmp_path / "reviews.csv")
    made = recipe("reviews", epochs=1, learning_rate=0.0001).change(
        [f"data.source={json.dumps(str(tmp_path / 'reviews.csv'))}"]
    )
    hornbook.train(made, run=tmp_path / "run", progress=Silent())
    assert main(["evaluate", str(tmp_path / "run")]) == 0
    assert "TF-IDF of 1 and 2 words, logistic regression" in capsys.readouterr().out
    found = json.loads((tmp_path / "run" / "evaluation" / "test.json").read_text("utf-8"))["label"]
    assert found["mistakes"]
    for mistake in found["mistakes"]:
        text = reviews().table["review"][mistake["row"]]
        assert mistake["name"] == f"row {mistake['row'] + 1}: {text}"
