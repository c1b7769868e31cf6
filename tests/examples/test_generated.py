"""Generated examples: a table like any other, the same again, new ones as epochs go by."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hornbook.columns import ImageColumn
from hornbook.columns.base import Column, column_types
from hornbook.errors import UsageError
from hornbook.examples import Examples, read_examples
from hornbook.examples import blocks as blocks_module
from hornbook.examples.cache import cache_dir
from hornbook.examples.encoded import encode_heavy
from hornbook.examples.generated import Generated, generated_from, read_generated
from hornbook.examples.generated_rows import GeneratedStore
from hornbook.examples.prepared import Prepared, prepare
from hornbook.make.captcha import Captchas

SMALL: dict[str, Any] = {
    "generate": "captcha",
    "count": 24,
    "validation": 6,
    "test": 5,
    "size": (40, 20),
    "length": 2,
    "alphabet": "abc",
    "reuse": 2,
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))


def columns() -> tuple[dict[str, Column], dict[str, Column]]:
    text = column_types()["characters"](length=2, alphabet="abc")  # type: ignore[call-arg]
    return {"image": ImageColumn(size=(20, 10), channels=1)}, {"label": text}


def ready(**changes: Any) -> Prepared:
    return prepare(read_examples({**SMALL, **changes}), *columns())


def training(prepared: Prepared) -> dict[str, Any]:
    rows = prepared.splits["train"]
    return prepared.take(rows, {**prepared.inputs, **prepared.targets})


def test_a_table_with_splits_of_their_own() -> None:
    examples = read_examples(SMALL)
    assert [len(examples.rows(s)) for s in ("train", "validation", "test")] == [24, 6, 5]
    maker = Captchas(size=(40, 20), length=2, alphabet="abc", stream="validation").maker()
    row = int(examples.rows("validation")[3])
    assert examples.table["label"][row] == maker.text(3)
    assert (examples.value("image", row) == maker.array(3)).all()
    assert examples.name(row) == "validation/3"
    contents = [examples.value("image", i).tobytes() for i in range(len(examples))]
    assert len(set(contents)) == len(contents)
    assert examples.fingerprint() != read_examples({**SMALL, "seed": 1}).fingerprint()


def test_rows_are_the_same_for_any_number_of_processes_and_when_made_again() -> None:
    made = Captchas(size=(40, 20), stream="train")
    column = ImageColumn(size=(20, 10), channels=1)
    found = []
    for workers in (1, 2):
        store = GeneratedStore(made, workers)
        table = read_examples(SMALL).table.head(0)
        names = [*map(str, range(150)), "7", "9", "8"]
        examples = Examples(table.clear(0), {}).replace(
            table=type(table)({"image": names}), stores={"image": store}, origin=str(workers)
        )
        encoded = encode_heavy(examples, column, "image")
        found.append(encoded.rows.take(np.arange(153)))
        assert encoded.folder is not None
        os.rename(encoded.folder, encoded.folder.with_name(f"away{workers}"))  # noqa: PTH104
    assert (found[0] == found[1]).all()
    assert (found[0][150:] == found[0][[7, 9, 8]]).all()
    assert (found[0][12] == column.encode(made.maker().array(12))).all()


def test_blocks_follow_each_other_and_depend_on_the_epoch_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "PATIENCE", 0.0)  # on a busy machine the background may take its time
    prepared = ready()
    first = training(prepared)
    epochs, now = [], prepared
    for epoch in range(6):
        now = now.at(epoch)
        epochs.append(training(now))
    same = [(epochs[i]["image"] == epochs[i + 1]["image"]).all() for i in range(5)]
    assert same == [True, False, True, False, True]
    assert (epochs[0]["image"] == first["image"]).all() and (epochs[0]["label"] == first["label"]).all()
    maker = Captchas(size=(40, 20), length=2, alphabet="abc", stream="train").maker()
    column = prepared.inputs["image"]
    for i in (0, 23):
        assert (epochs[5]["image"][i] == column.encode(maker.array(48 + i))).all()
        assert (epochs[5]["label"][i] == prepared.targets["label"].encode(maker.text(48 + i))).all()
    for split in ("validation", "test"):
        rows = prepared.splits[split]
        assert (now.take(rows, now.inputs)["image"] == prepared.take(rows, prepared.inputs)["image"]).all()
    jumped = training(ready().at(5))  # as a run that is continued
    assert all((jumped[name] == epochs[5][name]).all() for name in jumped)
    assert all((training(ready(reuse=0).at(5))[name] == first[name]).all() for name in first)


def test_old_blocks_leave_the_cache_and_nobody_works_on_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "PATIENCE", 0.0)
    prepared = ready(reuse=1)
    for epoch in range(4):
        prepared.at(epoch)
    blocks = prepared.blocks
    assert blocks is not None and blocks._lines is not None
    coming = blocks._lines[0]._coming
    assert coming is not None
    del blocks, prepared
    for _ in range(200):
        if not coming._thread.is_alive():
            break
        time.sleep(0.05)
    assert not coming._thread.is_alive()
    left = [path.name for path in (cache_dir() / "encoded").iterdir()]
    assert not [name for name in left if name.startswith("making-")]
    assert len(left) <= 3 + 2  # three splits, the present block, and the next where it was done already


def test_no_block_is_begun_that_nobody_needs() -> None:
    renewal = read_examples(SMALL).renewals[0]
    assert [renewal.block(epoch) for epoch in range(5)] == [0, 0, 1, 1, 2]
    assert renewal.follows(7)
    from dataclasses import replace

    assert [replace(renewal, epochs=4).follows(block) for block in (0, 1, 2)] == [True, False, False]


def test_what_cannot_be_is_one_sentence() -> None:
    for wrong, said in (
        ({"cont": 3}, "did you mean 'count'"),
        ({"count": 0}, "count of generated examples cannot be 0"),
        ({"length": [6, 4]}, "runs backwards"),
        ({"generate": "capcha"}, "did you mean 'captcha'"),
    ):
        with pytest.raises(UsageError, match=said):
            generated_from({**SMALL, **wrong})


def test_values_come_back() -> None:
    source: Generated = generated_from(SMALL)
    assert generated_from(source.values()) == source
    assert len(read_generated(source)) == 35


def test_sounds_know_how_long_they_are() -> None:
    examples = read_examples(
        {"generate": "audio-captcha", "count": 3, "validation": 1, "test": 1, "length": 1}
    )
    audio = column_types()["audio"]()
    prepared = prepare(examples, {"audio": audio}, {"label": column_types()["characters"](length=1)})  # type: ignore[call-arg]
    rows = prepared.arrays["audio"].take(np.arange(5))
    longest = max(len(examples.value("audio", i)) for i in range(5)) * 2  # 8 kHz to 16 kHz
    assert rows.shape[1] >= longest - 100 and rows.any(axis=1).all()
