"""The report on strings: one whole, harmless page with the strings as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hornbook.checks.check import check_prepared
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.characters.evaluation import marked
from hornbook.columns.evaluation import evaluate
from hornbook.columns.image.column import ImageColumn
from hornbook.common.blocks_html import Media, inline
from hornbook.examples.prepare import prepare
from hornbook.examples.split import Split
from hornbook.report import Report
from hornbook.report.report import page
from hornbook.sources import from_arrays
from tests.report.test_html import Checked


def report_on(
    texts: list[str], wrong: dict[str, str], size: tuple[int, int] = (40, 15), **options: Any
) -> Report:
    """Return a report on random pictures of texts, of which some are read as others."""
    random = np.random.default_rng(0)
    arrays = random.integers(0, 256, (len(texts), size[1], size[0], 1), np.uint8)
    inputs = {"image": ImageColumn(size=size, channels=1)}
    prepared = prepare(
        from_arrays(image=arrays, text=texts), inputs, {"text": CharactersColumn(**options)}, Split(test=0.4)
    )
    column = prepared.targets["text"]
    assert isinstance(column, CharactersColumn)
    test = prepared.splits["test"]
    truth = prepared.arrays["text"].take(test)
    read = column.encode_many([wrong.get(t, t) for t in column.texts(truth)]).astype(int)
    if column.ctc:
        read = np.stack([read, np.zeros_like(read)], axis=2).reshape(len(read), -1)
    outputs = np.eye(column.outputs)[read] * 0.9 + 0.1 / column.outputs
    found = evaluate(
        "text", "test", column, outputs, truth,
        training_truth=truth, names=prepared.examples.name, rows=test,
    )  # fmt: skip
    return Report(
        title="captchas",
        evaluations={"text": found},
        findings=check_prepared(prepared),
        media=Media(lambda row: prepared.arrays["image"].take(np.array([row]))[0]),
    )


TEXTS = ["1234", "5678", "9012", "3456"] * 10


@pytest.mark.parametrize("length", [4, (3, 5), None])
def test_the_page_is_whole_and_says_what_was_read(length: Any) -> None:
    text = page(report_on(TEXTS, {"1234": "1224", "5678": "8765"}, length=length, alphabet="digits"))
    read = Checked(text)
    assert not read.wrong and not read.open
    assert "It reads the whole text right for" in read.text
    assert '<code>12<b>3</b>4</code><span>read</span><code>12<b class="no">2</b>4</code>' in text
    for said in ("Its worst mistakes", "What it confuses", "Where it goes wrong", "Character by character"):
        assert said in read.text
    assert "characters right" in read.text and "edits a string" in read.text
    assert 'alt="' in text and "1234, read as 1224" in text
    ids = [a["id"] for _, a in read.tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_a_missed_character_is_marked_where_it_should_be_and_no_mistake_is_said() -> None:
    assert list(map(inline, marked("1234", "124"))) == ["12<b>3</b>4", '12<b class="no">·</b>4']
    assert list(map(inline, marked("12", "132"))) == ["1<b>·</b>2", '1<b class="no">3</b>2']
    text = page(report_on(["1234", "5678"] * 15, {"1234": "134"}, length=(3, 4)))
    assert '1<b class="no">·</b>34' in text
    assert "missed" in text
    text = page(report_on(TEXTS, {}))
    assert "Not one mistake in 16 strings." in text
    assert "What it confuses" not in text


def test_wide_pictures_are_shown_wider_than_square_ones() -> None:
    def widths(text: str) -> set[str | None]:
        return {a.get("width") for tag, a in Checked(text).tags if tag == "img"}

    assert widths(page(report_on(TEXTS, {"1234": "1224"}))) == {"160"}
    assert widths(page(report_on(["1", "2", "3"] * 10, {"1": "2"}, size=(12, 12)))) == {"88"}
