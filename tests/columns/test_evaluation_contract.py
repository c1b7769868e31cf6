"""What every kind's evaluation keeps: through JSON and back, blocks that a page and a terminal can show, sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.evaluation import Attended, Evaluation, Judged, evaluate, evaluate_on
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.kinds import KINDS
from hornbook.columns.labels.column import LabelsColumn
from hornbook.columns.number.column import NumberColumn
from hornbook.columns.sequence.column import SequenceColumn
from hornbook.columns.series.column import SeriesColumn
from hornbook.columns.tags.column import TagsColumn
from hornbook.columns.text.column import TextColumn
from hornbook.common.blocks import Block, Section, Table
from hornbook.common.blocks_html import Media
from hornbook.common.blocks_text import said, text
from hornbook.common.plaintext import clean
from hornbook.render.page import page
from tests.report.test_html import Checked

HOSTILE = "<b>x</b>\x1b[31m"
ROWS = 40


def category(random: np.random.Generator, classes: int) -> Evaluation:
    column = CategoryColumn(classes=(HOSTILE, *(f"c{i}" for i in range(1, classes))))
    truth = random.integers(0, classes, ROWS)
    outputs = random.dirichlet(np.ones(classes), ROWS)
    return evaluate(HOSTILE, "test", column, outputs, truth, training_truth=truth, names=lambda row: HOSTILE)


def characters(random: np.random.Generator, longest: int) -> Evaluation:
    texts = ["".join(random.choice(list("<&1a"), random.integers(1, longest + 1))) for _ in range(ROWS)]
    column = CharactersColumn().learn(texts)
    truth = column.encode_many(texts)
    outputs = random.dirichlet(np.ones(column.outputs), (ROWS, 3 * longest))
    return evaluate("code", "test", column, outputs, truth, training_truth=truth)


def number(random: np.random.Generator, size: int) -> Evaluation:
    true = random.normal(0, 10.0**size, ROWS)
    column = NumberColumn().learn(true).with_margin(np.ones(50))
    outputs = (true + random.normal(size=ROWS))[:, None]
    return evaluate(
        "price", "validation", column, outputs, true, training_truth=true, names=lambda row: HOSTILE
    )


def series(random: np.random.Generator, horizon: int) -> Evaluation:
    column = SeriesColumn(horizon=horizon, season=2)
    truth = random.normal(size=(ROWS, 3, horizon))
    return evaluate("load", "test", column, random.normal(size=(ROWS, horizon)), truth, training_truth=truth)


def language(random: np.random.Generator, length: int) -> Evaluation:
    texts = [" ".join(random.choice(["<b>", "cat", "dog"], length)) for _ in range(ROWS)]
    column = TextColumn().learn(texts)
    truth = np.stack([column.encode(one) for one in texts])
    outputs = np.log(random.uniform(0.1, 0.9, truth.shape))
    return evaluate("poem", "train", column, outputs, truth, training_truth=truth, names=lambda row: HOSTILE)


def tags(random: np.random.Generator, many: int) -> Evaluation:
    column = TagsColumn(tags=(HOSTILE, *(f"t{i}" for i in range(1, many))), thresholds=(0.3,) * many)
    truth = (random.uniform(size=(ROWS, many + 1)) < 0.3).astype(np.uint8)
    outputs = random.uniform(size=(ROWS, many))
    return evaluate("topics", "test", column, outputs, truth, training_truth=truth, names=lambda row: HOSTILE)


def sequence(random: np.random.Generator, longest: int) -> Evaluation:
    texts = [
        " ".join(random.choice(["<b>", "cat", HOSTILE], random.integers(1, longest + 1))) for _ in range(ROWS)
    ]
    column = SequenceColumn(tokenizer="words" if longest == 2 else "characters").learn(texts)
    truth = column.encode_many(texts)
    outputs = np.zeros((ROWS, 1, *column.shape, 2), np.float32)
    outputs[..., 0, :, 0] = truth[random.permutation(ROWS)]
    outputs[..., 1] = random.uniform(size=outputs.shape[:-1])
    looked = Attended(3, HOSTILE, ("<", " ", HOSTILE) if longest == 2 else (), ("a",), ((0.2, 0.3, 0.5),))
    found = evaluate("said", "test", column, outputs, truth, training_truth=truth, names=lambda row: HOSTILE)
    return found.with_attention([looked, looked])


def image(random: np.random.Generator, side: int) -> Evaluation:
    column = ImageColumn(size=(side, side + 1), channels=3 if side > 2 else 1)
    truth = random.integers(0, 256, (ROWS, *column.shape), dtype=np.uint8)
    noisy = random.integers(0, 256, truth.shape, dtype=np.uint8)
    outputs = random.uniform(size=truth.shape)
    given = (lambda places: noisy[places]) if side > 2 else None
    names = (lambda row: HOSTILE) if side > 2 else None
    return evaluate_on(column, outputs, truth, Judged("clean", "test", truth, names, given=given))


def labels(random: np.random.Generator, longest: int) -> Evaluation:
    rows = [list(random.choice(["A", HOSTILE, "<b>"], random.integers(1, longest + 1))) for _ in range(ROWS)]
    column = LabelsColumn().learn([[str(x).replace(" ", "") for x in row] for row in rows])
    truth = column.encode_many([[str(x) for x in row] for row in rows])
    outputs = random.dirichlet(np.ones(column.outputs), truth.shape) * (truth > 0)[..., None]
    return evaluate("pos", "test", column, outputs, truth, training_truth=truth, names=lambda row: HOSTILE)


MADE: dict[str, Callable[[np.random.Generator, int], Evaluation]] = {
    "category": category,
    "characters": characters,
    "image": image,
    "number": number,
    "labels": labels,
    "sequence": sequence,
    "series": series,
    "tags": tags,
    "text": language,
}
CASES = [(kind, size) for kind in MADE for size in (2, 5)] + [("category", 60), ("tags", 60)]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def found(request: pytest.FixtureRequest) -> Evaluation:
    kind, size = request.param
    return MADE[kind](np.random.default_rng(size), size)


def test_every_kind_that_is_judged_has_a_case() -> None:
    assert set(MADE) == {word for word in KINDS if find_spec(f"{KINDS[word]}.evaluation")}


def within(blocks: Any) -> Iterator[Block]:
    """Yield all blocks, also those within others."""
    for block in blocks:
        yield block
        yield from within(getattr(block, "blocks", ()))
        beside = getattr(block, "beside", None) or getattr(block, "instead", None)
        yield from within([beside] if beside is not None else [])


def test_goes_through_json(found: Evaluation) -> None:
    again = Evaluation.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))
    assert type(again) is type(found)
    assert again.to_json() == found.to_json()
    assert again.text() == found.text()


def test_its_blocks_are_sections_whose_tables_are_whole(found: Evaluation) -> None:
    sections = found.blocks()
    assert all(isinstance(section, Section) and section.title for section in sections)
    assert len({section.key for section in sections}) == len(sections)
    assert all(re.fullmatch("[a-z]+", section.key) for section in sections)
    tables = [block for block in within(sections) if isinstance(block, Table)]
    assert tables
    for table in tables:
        across = len(table.head) + table.matrix
        assert all(len(row) == across for row in table.rows)
        assert all(0 <= place < across for place in table.numbers)


def test_its_page_is_whole_with_and_without_pictures(found: Evaluation) -> None:
    picture = np.zeros((12, 30, 3), np.uint8)
    for media in (Media(), Media(lambda row: picture, lambda row: b"RIFF")):
        read = Checked(page(found.target, found.blocks(), media, head=[]))
        assert not read.wrong and not read.open
        assert "\x1b" not in read.text and not re.search(r"\bnan\b", read.text)
        assert not [tag for tag, _ in read.tags if tag == "script"]
        assert all(section.title in read.text for section in found.blocks() if section.blocks)


def test_a_terminal_shows_it_without_what_moves_the_cursor(found: Evaluation) -> None:
    shown = found.text()
    assert shown.startswith(found.title())
    assert found.say(found.score) in shown and found.say(found.baseline[1]) in shown
    assert "\x1b" not in shown and "\x1b" not in text(found.blocks())


def test_the_top_of_a_page_says_score_rows_and_baseline(found: Evaluation) -> None:
    verdict = said(found.verdict())
    assert clean(found.target) in verdict and found.say(found.score) in verdict and str(found.rows) in verdict
    assert ("it learned from" if found.split == "train" else "it never learned from") in verdict
    ruler = found.ruler()
    assert (ruler is None) or 0 <= ruler.low <= ruler.score <= ruler.high <= 1
    assert all(name and value for name, value in found.facts())


def test_another_model_that_is_better_is_said(found: Evaluation) -> None:
    sign = 1 if found.larger_is_better else -1
    beaten, better = (replace(found, beside={"other": found.score + sign * by}) for by in (-0.1, 0.1))
    assert "not better than other" in better.text()
    assert "not better than other" not in beaten.text() and "other" in beaten.text()
