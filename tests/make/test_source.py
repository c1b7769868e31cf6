"""Generated examples: a table like any other, the same again, new ones as epochs go by."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
import pytest

from hornbook.columns import ImageColumn
from hornbook.columns.base import Column
from hornbook.columns.kinds import column_types
from hornbook.common.cache_folder import cache_dir
from hornbook.errors import UsageError
from hornbook.examples import Examples
from hornbook.examples.encode import encode_heavy
from hornbook.examples.prepare import Prepared, prepare
from hornbook.make import refresh
from hornbook.make.captcha import Captchas
from hornbook.make.refresh import MadeRefresh, MadeRows
from hornbook.make.source import MadeSource, made_source, read_made
from hornbook.make.store import MadeStore
from hornbook.sources import read_examples

SMALL: dict[str, Any] = {
    "make": "captcha",
    "count": 24,
    "validation": 6,
    "test": 5,
    "size": (40, 20),
    "reuse": 2,
}
SMALL |= {"length": 2, "alphabet": "abc"}


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
        store = MadeStore(made, workers)
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is not there in time made anew, as on a machine that others keep busy."""
    monkeypatch.setattr(refresh, "PATIENCE", 1e-3)
    monkeypatch.setattr(refresh, "SHARE", 1e6)


@pytest.mark.parametrize("waiting", [False, True], ids=["made anew", "waited for"])
def test_every_epoch_brings_new_ones_and_depends_on_its_number_alone(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, waiting: bool
) -> None:
    if waiting:
        monkeypatch.setattr(refresh, "PATIENCE", 60.0)
    else:
        request.getfixturevalue("impatient")
    made: list[int] = []
    encode = refresh._Encoder.encode

    def counted(self: Any, epoch: int, *how: Any) -> Any:
        made.append(epoch)
        return encode(self, epoch, *how)

    monkeypatch.setattr(refresh._Encoder, "encode", counted)
    prepared = ready(reuse=3)
    first = training(prepared)
    epochs, now = [], prepared
    for epoch in range(6):
        now = now.at(epoch)
        epochs.append(training(now))
    maker = Captchas(size=(40, 20), length=2, alphabet="abc", stream="train").maker()
    column, label = prepared.inputs["image"], prepared.targets["label"]
    generations = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [2, 1, 1], [2, 2, 1]]
    for found, parts in zip(epochs, generations, strict=True):
        for i in (0, 7, 8, 15, 16, 23):
            number = 24 * parts[i // 8] + i
            assert (found["image"][i] == column.encode(maker.array(number))).all()
            assert (found["label"][i] == label.encode(maker.text(number))).all()
    assert (epochs[0]["image"] == first["image"]).all() and (epochs[0]["label"] == first["label"]).all()
    for split in ("validation", "test"):
        rows = prepared.splits[split]
        assert (now.take(rows, now.inputs)["image"] == prepared.take(rows, prepared.inputs)["image"]).all()
    made = [epoch for epoch in made if epoch < 6]
    assert set(made) == {1, 2, 3, 4, 5} and (len(made) == 5) == waiting
    jumped = training(ready(reuse=3).at(5))  # as a run that is continued
    assert all((jumped[name] == epochs[5][name]).all() for name in jumped)
    back = training(now.at(2))
    assert all((back[name] == epochs[2][name]).all() for name in back)
    assert all((training(ready(reuse=0).at(5))[name] == first[name]).all() for name in first)


def test_every_example_is_shown_as_often_as_is_said() -> None:
    for count, reuse in ((24, 1), (24, 5), (7, 3), (3, 5)):
        refresh = read_examples({**SMALL, "count": count, "reuse": reuse}).refreshes[0]
        assert isinstance(refresh, MadeRefresh)
        shown: dict[int, int] = {}
        for epoch in range(4 * reuse):
            numbers = list(range(count))
            for brought in refresh.present(epoch):
                rows = refresh.rows(brought)
                cells = refresh.examples(brought).table["image"].cast(int).to_list()
                numbers[rows.start : rows.stop] = cells
            for number in numbers:
                shown[number] = shown.get(number, 0) + 1
        assert all(shown[number] == reuse for number in range(count, 3 * count))
        assert len(shown) >= 4 * count  # of the last ones, not all have come, and some of the first go early


@pytest.mark.usefixtures("impatient")
def test_what_is_replaced_leaves_the_cache_and_nobody_works_on_afterwards() -> None:
    prepared = ready(reuse=2)
    for epoch in range(6):
        prepared.at(epoch)
    anew = prepared.refreshed
    assert anew is not None and isinstance(anew._parts[0], MadeRows)
    coming = anew._parts[0]._coming
    assert coming is not None
    del anew, prepared
    for _ in range(200):
        if not coming._thread.is_alive():
            break
        time.sleep(0.05)
    assert not coming._thread.is_alive()
    left = [path.name for path in (cache_dir() / "encoded").iterdir()]
    assert not [name for name in left if name.startswith("making-")]
    # Three splits, what two epochs brought, and the next where it was done already.
    assert len(left) <= 3 + 2 + 1


def test_processes_stay_from_one_epoch_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "PATIENCE", 60.0)
    prepared = ready(reuse=2)
    pools = []
    for epoch in range(4):
        prepared.at(epoch)
        assert prepared.refreshed is not None
        (rows,) = prepared.refreshed._parts
        assert isinstance(rows, MadeRows)
        coming = rows._coming
        assert coming is not None
        pools.append(coming.pool)
    assert len(set(map(id, pools))) == 1
    workers = pools[0]
    assert 1 <= len(workers._all) <= workers.count and workers.worked > 0
    processes = [worker.process for worker in workers._all]
    workers.close()
    assert all(process.poll() is not None for process in processes)


def test_nothing_is_begun_that_nobody_needs() -> None:
    refresh = read_examples(SMALL).refreshes[0]
    assert isinstance(refresh, MadeRefresh)
    assert [refresh.present(epoch) for epoch in range(5)] == [[], [1], [1, 2], [2, 3], [3, 4]]
    assert refresh.follows(7)
    assert [refresh.lasting(4).follows(epoch) for epoch in (0, 1, 2, 3)] == [True, True, True, False]


def test_values_come_back_and_what_cannot_be_is_one_sentence() -> None:
    source: MadeSource = made_source(SMALL)
    assert made_source(source.values()) == source
    assert len(read_made(source)) == 35
    for wrong, said in (
        ({"cont": 3}, "did you mean 'count'"),
        ({"count": 0}, "count of generated examples cannot be 0"),
        ({"length": [6, 4]}, "runs backwards"),
        ({"make": "capcha"}, "did you mean 'captcha'"),
    ):
        with pytest.raises(UsageError, match=said):
            made_source({**SMALL, **wrong})


def test_sounds_know_how_long_they_are() -> None:
    examples = read_examples({"make": "audio-captcha", "count": 3, "validation": 1, "test": 1, "length": 1})
    audio = column_types()["audio"]()
    prepared = prepare(examples, {"audio": audio}, {"label": column_types()["characters"](length=1)})  # type: ignore[call-arg]
    rows = prepared.arrays["audio"].take(np.arange(5))
    longest = max(len(examples.value("audio", i)) for i in range(5)) * 2  # 8 kHz to 16 kHz
    assert rows.shape[1] >= longest - 100 and rows.any(axis=1).all()
