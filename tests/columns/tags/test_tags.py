"""Tags: how they stand in cells, which threshold each has, how they are judged, and from a table to an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hornbook
from hornbook.cli.main import main
from hornbook.columns.tags.cells import joined_by, separator_of, words_of
from hornbook.columns.tags.column import TagsColumn, best_threshold, f1
from hornbook.columns.tags.evaluation import TagsEvaluation
from hornbook.errors import DataError
from hornbook.recipe.guess import guess
from hornbook.recipe.guesses.target import is_tagged
from hornbook.recipe.resolve import resolve
from hornbook.recognizer import load
from hornbook.sources import from_arrays, from_frame
from tests.columns.judged import judged

NAMES = ("web", "sql", "python", "big data")
SHORT = ["training.epochs=60", "training.precision=float32"]


def some(rows: int, seed: int = 0) -> list[list[str]]:
    random = np.random.default_rng(seed)
    return [
        [n for n, on in zip(NAMES, random.uniform(size=4) < 0.4, strict=True) if on] or ["web"]
        for _ in range(rows)
    ]


NOT_TAGS = {
    "towns": ["Austin, TX", "Dallas, TX", "Reno, NV", "Boise, ID"] * 9,
    "states": ["New York", "New Jersey", "Ohio", "New Mexico"] * 9,
    "colours": ["light blue", "dark blue", "red"] * 9,
    "people": [f"Name{i}, First{i % 5}" for i in range(40)],
    "sentences": [f"one {i}; two {i + 1}; three {i * 7}" for i in range(40)],
    "dates": [f"{m:02d}/{d:02d}/19" for m in range(1, 13) for d in range(1, 13)],
    "times": [f"{d:02d}/01/2019 {h:02d}:00:00 AM" for d in range(1, 13) for h in range(1, 12)],
    "words": ["a", "b"] * 20,
    "few": ["a|b", *["a", "b"] * 50],
}


@pytest.mark.parametrize("mark", ["|", ";", "; ", ", ", "\n", "/", " / "])
def test_names_that_repeat_with_a_mark_between_are_tags(mark: str) -> None:
    texts = [mark.join(words) for words in some(60)]
    assert joined_by(texts) == (mark.strip(" ") or " ")


@pytest.mark.parametrize("write", [str, json.dumps, lambda words: str(tuple(words))])
def test_lists_that_were_written_as_texts_are_tags(write: Any) -> None:
    texts = [write(words) for words in some(60)]
    assert joined_by(texts) == "\n"
    written, plain_ = TagsColumn().learn([*texts, "[]"]), TagsColumn().learn(some(60))
    assert written.tags == plain_.tags
    assert np.array_equal(written.encode_many(texts), plain_.encode_many(some(60)))
    assert not written.encode("[]").any()


def test_a_blank_is_between_tags_where_each_also_stands_alone() -> None:
    assert joined_by(["scab", "rust", "scab rust", "healthy", "rust scab"] * 9) == " "


@pytest.mark.parametrize("kind", NOT_TAGS)
def test_names_and_addresses_are_none(kind: str) -> None:
    assert not joined_by(NOT_TAGS[kind])


@given(st.lists(st.lists(st.text("abc é-", min_size=1).map(str.strip).filter(bool), unique=True), min_size=1))
def test_a_cell_says_the_same_as_a_list(cells: list[list[str]]) -> None:
    for words in cells:
        assert (words_of(" | ".join(words), "|") or []) == words == (words_of(words, "|") or [])
        assert words_of(dict.fromkeys(words, 1), None) == words
    if any(cells):
        texts = ["|".join(words) for words in cells if words]
        joined, listed = TagsColumn(separator="|").learn(texts), TagsColumn().learn([w for w in cells if w])
        assert joined.tags == listed.tags
        full = [w for w in cells if w]
        assert np.array_equal(joined.encode_many(texts), listed.encode_many(full))


def test_a_tag_never_learned_counts_as_missed() -> None:
    column = TagsColumn().learn(["a|b", "b"])
    assert column.encode("b|x|y").tolist() == [0, 1, 2]
    truth = column.encode_many(["b|x", "b"])
    scores = column.score(np.array([[0.0, 1.0], [0.0, 1.0]]), truth)
    assert scores == {"micro_f1": pytest.approx(2 * 2 / (3 + 2)), "macro_f1": 1.0, "all_right": 0.5}


def test_a_tag_in_another_spelling_is_told_and_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        f"{' '.join(w)} {i},{'|'.join(w).replace('sql', 'SQL' if i % 9 == 0 else 'sql')}"
        for i, w in enumerate(some(90))
    ]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["text,topics", *lines]), "utf-8")
    look = ["look", str(table), "--target", "topics", "--out", str(tmp_path)]
    assert main(look) == 0
    said = capsys.readouterr().out
    assert "tags of topics differ in their spelling alone" in said
    key = said.partition("set targets.topics.names = ")[2].partition("\n")[0]
    told = ["--set", "targets.topics.type=tags", "--set", f"targets.topics.names={key}"]
    assert main([*look, *told]) == 0
    assert "differ in their spelling" not in capsys.readouterr().out
    column = TagsColumn().learn(["sql|web", "web"])
    assert column.encode("SQL").tolist() == [1, 0, 0]


def test_an_empty_cell_is_missing_or_none_as_is_said() -> None:
    with pytest.raises(DataError, match=r'row 1: .* set empty = "none"'):
        TagsColumn().learn(["a", "b"]).encode_many([None])
    column = TagsColumn(empty="none").learn(["a", "b", None])
    assert column.encode_many([None, ""]).tolist() == [[0, 0, 0]] * 2
    assert not column.absent(pl.Series([None, "a"])).any()
    assert TagsColumn().absent(pl.Series([None, "a"])).tolist() == [True, False]


probabilities = st.lists(
    st.tuples(st.integers(0, 8).map(lambda i: i / 8), st.booleans()), min_size=1, max_size=30
)


@given(probabilities)
def test_no_threshold_is_better(rows: list[tuple[float, bool]]) -> None:
    p, truth = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])

    def score(threshold: float) -> float:
        given = p >= threshold
        return f1((given & truth).sum(), truth.sum(), given.sum())

    found = score(best_threshold(p, truth))
    if truth.any() and (p[truth] > 0).any():
        assert found >= max(score(t) for t in [*p[p > 0], 0.5]) - 1e-9


def test_a_rare_tag_shares_the_threshold_of_all() -> None:
    p = np.full((40, 2), 0.1)
    truth = np.zeros((40, 3), np.uint8)
    p[:20, 0], truth[:20, 0] = 0.3, 1
    p[7, 1], truth[3, 1] = 0.9, 1
    low, rare = TagsColumn(tags=("a", "b")).with_thresholds(p, truth).thresholds or ()
    assert 0.1 < low <= 0.3 and 0.1 < rare <= 0.3


def test_each_tag_has_its_scores() -> None:
    column = TagsColumn(tags=("a", "b"), thresholds=(0.2, 0.5))
    truth = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 0]], np.uint8)
    p = np.array([[0.3, 0.1], [0.1, 0.9], [0.1, 0.6], [0.4, 0.2]])
    found = judged(TagsEvaluation, "t", "test", column, p, truth, training_truth=truth)
    assert [(s.name, s.rows, s.precision, s.recall, s.threshold) for s in found.per_tag] == [
        ("a", 2, 0.5, 0.5, 0.2),
        ("b", 2, 1.0, 1.0, 0.5),
    ]
    assert found.wrong == 3 and {m.truth for m in found.mistakes} == {
        "a, b",
        "b and 1 never learned",
        "(none)",
    }
    assert found.interval[0] < found.score < found.interval[1]


def examples(form: str) -> Any:
    """Return texts that name their topics, which stand in the table in one form."""
    topics = some(160)
    text = [" ".join(words * 2) + f" and so on {i}" for i, words in enumerate(topics)]
    if form == "columns":
        hot = {n: [int(n in words) for words in topics] for n in NAMES}
        return from_arrays(text=text, **hot)
    if form == "lists":
        return from_frame(pl.DataFrame({"text": text, "topics": topics}))
    return from_arrays(text=text, topics=["|".join(words) for words in topics])


def notebook_of(answer: Any) -> str:
    return str(answer._repr_html_())


@pytest.mark.parametrize("form", ["joined", "lists", "columns"])
def test_they_are_guessed_learned_and_answered(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = (
        [f"targets.topics.columns={json.dumps(NAMES)}", "targets.topics.type=tags"]
        if form == "columns"
        else []
    )
    target = None if told else "topics"
    run = hornbook.train(examples(form), run=tmp_path / "run", target=target, changes=[*SHORT, *told])
    reader = load(run.path)
    assert list(reader.inputs) == ["text"] and reader.targets["topics"].type == "tags"
    assert run.evaluations["topics"].score > 0.75 > run.evaluations["topics"].baseline[1]
    answer = reader.predict({"text": "sql sql python python and so on"})["topics"]
    assert sorted(answer.value) == ["python", "sql"] and 0 < (answer.confidence or 0) <= 1
    rows = tmp_path / "new.csv"
    rows.write_text("text\nsql sql python python and so on\n", "utf-8")
    assert main(["predict", str(run.path), str(rows), "--out", str(tmp_path / "out.csv")]) == 0
    written = pl.read_csv(tmp_path / "out.csv")["topics"][0]
    assert sorted(written.split("|")) == ["python", "sql"]
    capsys.readouterr()
    assert main(["predict", str(run.path), str(rows), "--top", "4"]) == 0
    printed = capsys.readouterr().out
    assert all(printed.count(name) == 1 for name in ["big data", "web"])
    assert "sql" in notebook_of(reader.predict({"text": "sql sql python"}))
    assert main(["predict", str(run.path), str(rows)]) == 0
    assert "python, sql" in capsys.readouterr().out.replace("sql, python", "python, sql")
    found = reader.evaluate(hornbook.examples.prepare.prepare(examples(form), reader.inputs, reader.targets))
    assert found["topics"].metrics["all_right"] > 0.8


def test_the_thresholds_of_the_best_epoch_stand_in_the_file(tmp_path: Path) -> None:
    told = ["training.epochs=2", "training.learning_rate=0.0001"]
    run = hornbook.train(examples("joined"), run=tmp_path / "run", target="topics", changes=told)
    found = load(run.path).targets["topics"]
    assert isinstance(found, TagsColumn) and not {0.5} >= set(found.thresholds or ())


def test_columns_of_zero_and_one_beside_pictures_are_tags_where_some_have_several() -> None:
    pixels = np.zeros((24, 8, 8), np.uint8)
    hot = {n: [i >> place & 1 for i in range(24)] for place, n in enumerate(("scab", "rust", "rot"))}
    recipe = guess(from_arrays(image=pixels, **hot))
    assert {n: c.sources(n) for n, c in recipe.targets.items()} == {"tags": ("scab", "rust", "rot")}
    assert guess(from_arrays(image=pixels, label=["a;b", "b", "a"] * 8)).targets["label"].type == "tags"


def test_rows_without_tags_are_named_with_the_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{' '.join(w)},{'|'.join(w) if i % 10 else ''}" for i, w in enumerate(some(60))]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["text,topics", *lines]), "utf-8")
    hornbook_look = ["look", str(table), "--target", "topics", "--out", str(tmp_path)]
    assert main(hornbook_look) == 0
    assert "6 files or rows cannot be used" in capsys.readouterr().out
    assert (
        main([*hornbook_look, "--set", "targets.topics.type=tags", "--set", "targets.topics.empty=none"]) == 0
    )
    assert "cannot be used" not in capsys.readouterr().out


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_an_empty_list_says_that_there_are_none(form: str, tmp_path: Path) -> None:
    topics = [[] if i % 7 == 0 else words for i, words in enumerate(some(60))]
    table = pl.DataFrame({"text": [f"{' '.join(w)} and {i}" for i, w in enumerate(topics)], "topics": topics})
    path = tmp_path / f"t.{form}"
    table.write_parquet(path) if form == "parquet" else table.write_ndjson(path)
    recipe, examples = resolve(path, target="topics")
    assert examples is not None and recipe.targets["topics"].type == "tags"
    ready = hornbook.examples.prepare.prepare(examples, recipe.inputs, recipe.targets, recipe.split)
    assert sum(map(len, ready.splits.values())) == 60
    assert (ready.arrays["topics"].take(np.arange(0, 60, 7)) == 0).all()


def test_answers_are_lists_in_json_lines(tmp_path: Path) -> None:
    run = hornbook.train(
        examples("joined"), run=tmp_path / "run", target="topics", changes=["training.epochs=2"]
    )
    (tmp_path / "new.csv").write_text("text\nsql sql\n", "utf-8")
    assert (
        main(["predict", str(run.path), str(tmp_path / "new.csv"), "--out", str(tmp_path / "out.jsonl")]) == 0
    )
    assert isinstance(json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["topics"], list)


def test_targets_of_zero_and_one_are_told_how_to_be_tags() -> None:
    hot = {n: [i >> place & 1 for i in range(40)] for place, n in enumerate(("scab", "rust"))}
    said: list[str] = []
    recipe = guess(from_arrays(size=np.arange(40) ** 1.5, **hot), target=["scab", "rust"], note=said.append)
    assert [c.type for c in recipe.targets.values()] == ["category", "category"]
    assert '--set targets.tags.type=tags --set \'targets.tags.columns=["scab", "rust"]\'' in said[0]


@pytest.mark.parametrize(
    "cells",
    [
        ["1,100", "100", "2,100", "1,200", "200"] * 9,
        ["(1,200)", "(200)", "1,100"] * 9,
        ["1/2/2020", "2/1/2020"] * 9,
    ],
)
def test_amounts_and_dates_are_no_tags(cells: list[str]) -> None:
    assert not is_tagged(pl.Series("y", cells), lambda said: None)
    assert is_tagged(pl.Series("y", ["[1, 2]", "[2]", "[3, 1]"] * 9), lambda said: None)


def test_what_is_between_them_where_nothing_is_sure() -> None:
    assert [separator_of(t) for t in (["a;b"], ["a, b", "c"], ["one name"], [])] == [";", ",", "", ""]
