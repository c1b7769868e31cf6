"""The report: one harmless page that says what is so, whatever the classes are called."""

from __future__ import annotations

import dataclasses
import re
import stat
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hornbook.checks.check import check_prepared
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.category.evaluation import CategoryEvaluation
from hornbook.columns.image.column import ImageColumn
from hornbook.common.blocks_html import NOTHING, Media
from hornbook.errors import RunError
from hornbook.examples.prepare import prepare
from hornbook.report import Report, write_report
from hornbook.report.report import page
from hornbook.sources import from_arrays
from tests.columns.judged import judged

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "猫と犬", "{0} $title %s \x1b[31m")
VOID = {"meta", "link", "img", "br", "hr", "wbr"}


class Checked(HTMLParser):
    """Reads a page as a browser does; tags that are not closed in order are kept."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def report_on(classes: tuple[str, ...], rows: int = 240, **changes: Any) -> Report:
    """Return a report on random pictures of these classes, some of them read wrongly."""
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (rows, 12, 12, 3), np.uint8)
    labels = [classes[i % len(classes)] for i in range(rows)]
    examples = from_arrays(image=pictures, label=labels).replace(origin="<my> pictures")
    prepared = prepare(examples, {"image": ImageColumn(size=(12, 12))}, {"label": CategoryColumn()})
    test = prepared.splits["test"]
    column = prepared.targets["label"]
    assert isinstance(column, CategoryColumn)
    truth = prepared.arrays["label"].take(test)
    right = 2 * np.eye(len(classes))[truth] * (random.random(len(test)) < 0.5)[:, None]
    outputs = random.dirichlet(np.ones(len(classes)), len(test)) + right
    outputs /= outputs.sum(axis=1, keepdims=True)
    evaluation = judged(CategoryEvaluation,
        "label", "test", column, outputs, truth,
        training_truth=prepared.arrays["label"].take(prepared.splits["train"]), names=prepared.examples.name, rows=test,
    )  # fmt: skip
    history = [
        {"epoch": float(e), "learning_rate": 0.01 / e, "train_loss": 1 / e, "validation_loss": 1.1 / e,
         "train_accuracy": 1 - 0.5 / e, "validation_accuracy": 0.9 - 0.4 / e, "seconds": 2.0,
         "examples_per_second": 60.0}
        for e in range(1, 6)
    ]  # fmt: skip
    fields: dict[str, Any] = {
        "title": "<b>mine</b>",
        "recipe_text": "[data]\nsource = '<x>'\n",
        "history": history,
        "evaluations": {"label": evaluation},
        "findings": check_prepared(prepared),
        "about": {"machine": "a <fast> one", "best_epoch": "4", "versions.numpy": "2"},
        "media": Media(lambda row: prepared.arrays["image"].take(np.array([row]))[0]),
    }
    return Report(**{**fields, **changes})


@pytest.mark.parametrize("classes", [("a", "b"), HOSTILE, tuple(f"class {i}" for i in range(50))])
def test_the_page_is_whole_and_asks_for_nothing_outside(classes: tuple[str, ...]) -> None:
    text = page(report_on(classes, rows=max(240, 4 * len(classes))))
    read = Checked(text)
    assert not read.wrong and not read.open
    assert not [tag for tag, _ in read.tags if tag in ("script", "iframe", "object", "base", "form")]
    for tag, attributes in read.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")
        if tag == "a":
            assert attributes.get("download") and attributes.get("aria-label")
        if tag == "img":
            assert attributes.get("alt")
        if tag == "svg":
            assert attributes.get("role") == "img" and attributes.get("aria-label")
    assert not re.search(r"url\(|@import|https?://", text)


def test_texts_and_rows_that_were_misread_are_quoted_in_full() -> None:
    report = report_on(("good", "bad"), media=NOTHING)
    found: Any = report.evaluations["label"]
    text = "row 7: a long text that was misread, of which the end is in the middle of nowhere"
    mistakes = (dataclasses.replace(found.mistakes[0], name=text), *found.mistakes[1:])
    found = dataclasses.replace(found, mistakes=mistakes)
    read = Checked(page(dataclasses.replace(report, evaluations={"label": found})))
    assert text in read.text and "read as" in read.text
    assert not [tag for tag, _ in read.tags if tag == "img"]


def test_hostile_names_are_shown_as_they_are() -> None:
    text = page(report_on(HOSTILE))
    assert "<script" not in text and "<img src=x" not in text and "\x1b" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    read = Checked(text)
    assert HOSTILE[0] in read.text and "猫と犬" in read.text and "<b>mine</b>" in read.text
    assert "$title" in read.text


def test_it_says_the_score_the_baseline_and_what_was_used_and_shows_every_mistake() -> None:
    report = report_on(("a", "b"))
    found: Any = report.evaluations["label"]
    read = Checked(page(report))
    text = read.text.replace("\N{NO-BREAK SPACE}", " ")
    assert 0 < found.score < 1
    assert f"{100 * found.score:.2f} % of {found.rows} examples it never learned from" in text
    assert f"{100 * found.baseline[1]:.2f} %" in text
    assert "source = '<x>'" in text and "a <fast> one" in text
    for title in ("The examples", "How it learned", "What it confuses", "Its worst mistakes"):
        assert title in text
    assert "Class by class" in text
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    images = [a for tag, a in read.tags if tag == "img" and "read as" in (a.get("alt") or "")]
    assert found.mistakes and len(images) == len(found.mistakes)


@pytest.mark.parametrize(
    "missing",
    [
        {"history": []}, {"evaluations": {}}, {"findings": None}, {"media": NOTHING}, {"about": {}},
        {"media": Media(lambda row: None)}, {"recipe_text": ""},
        {"history": [{"epoch": 1.0, "train_loss": float("nan")}]},
    ],
)  # fmt: skip
def test_what_is_missing_is_left_out(missing: dict[str, Any]) -> None:
    read = Checked(page(report_on(("a", "b"), **missing)))
    assert not read.wrong and not read.open
    assert not re.search(r"\bnan\b", read.text)


def test_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_on(("a", "b"))
    path = write_report(tmp_path, report)
    before = path.read_bytes()
    assert before.startswith(b"<!doctype html>") and path.name == "report.html"
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) & 0o044 == 0o044

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(
        RunError, match=r"report\.html cannot be written \(no space left on device\): make room"
    ):
        write_report(tmp_path, report)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_findings_and_what_was_left_out_are_in_the_page() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (60, 12, 12, 3), np.uint8)
    pictures[5] = pictures[6]
    examples = from_arrays(image=pictures, label=["a", "b"] * 30)
    examples = examples.replace(
        table=examples.table.with_columns(label=pl.Series([None, *["a", "b"] * 29, "a"], dtype=pl.String))
    )
    findings = check_prepared(
        prepare(examples, {"image": ImageColumn(size=(12, 12))}, {"label": CategoryColumn()})
    )
    text = Checked(page(Report(title="x", findings=findings))).text
    assert "image[5]" in text and "has two labels" in text
    assert "What was left out (1)" in text and "has no label" in text


def test_the_page_lets_sounds_be_played() -> None:
    assert "Nothing has been evaluated yet" in Checked(page(Report(title="new"))).text
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page(Report(title="x")))
    assert policy is not None
    assert "media-src data:" in policy[1]
    assert "default-src 'none'" in policy[1]
