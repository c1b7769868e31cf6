"""Answers to many files: a table of answers for each, whatever is killed, in how many processes and shards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import hornbook
from hornbook.common.progress import Silent
from hornbook.errors import DataError
from hornbook.recognizer.bulk import parts_of as bulk
from hornbook.recognizer.bulk.table_files import FILES
from tests.conftest import Ran

KINDS = ("parquet", "csv", "tsv", "jsonl")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with a small run on numbers and classes, and one on pictures."""
    folder = tmp_path_factory.mktemp("bulk")
    draw = np.random.default_rng(0)
    x = draw.normal(size=(200, 2))
    table = pl.DataFrame(
        {"a": x[:, 0], "b": x[:, 1], "kind": np.where(x[:, 0] > 0, "up", "down"), "sum": x.sum(1)}
    )
    table.write_csv(folder / "train.csv")
    changes = ["training.epochs=2", "training.precision=float32", "network.name=mlp"]
    hornbook.train(
        folder / "train.csv",
        run=folder / "run",
        target=["kind", "sum"],
        changes=changes,
        progress=Silent(),
    )
    yield folder


def rows(count: int, seed: int) -> pl.DataFrame:
    """Return rows to be answered, numbered."""
    x = np.random.default_rng(seed).normal(size=(count, 2))
    return pl.DataFrame({"id": np.arange(count), "a": x[:, 0], "b": x[:, 1]})


def write(table: pl.DataFrame, path: Path) -> None:
    """Write a table by the end of its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffix:
        case ".parquet":
            table.write_parquet(path)
        case ".jsonl":
            table.write_ndjson(path)
        case ".tsv":
            table.write_csv(path, separator="\t")
        case _:
            table.write_csv(path)


def read(path: Path) -> pl.DataFrame:
    """Read a table by the end of its name."""
    match path.suffix:
        case ".parquet":
            return pl.read_parquet(path)
        case ".jsonl":
            return pl.read_ndjson(path)
        case ".tsv":
            return pl.read_csv(path, separator="\t")
        case _:
            return pl.read_csv(path)


@pytest.fixture
def given(here: Path) -> Path:
    """Return a folder with a table of each kind, one of them in a folder of its own."""
    for i, kind in enumerate(KINDS):
        write(rows(30 + i, i), here / "in" / ("more" if i == 1 else "") / f"t{i}.{kind}")
    return here


@pytest.mark.parametrize("words", [[], ["--jobs", "2"]], ids=["alone", "two"])
def test_each_table_has_one_of_its_answers(runs: Path, given: Path, ran: Ran, words: list[str]) -> None:
    said = ran(["predict", str(runs / "run"), "in", "--out", "out/", *words])
    assert "126 answers in 4 tables: out/" in said.err
    reader = hornbook.load(runs / "run")
    for i, kind in enumerate(KINDS):
        place = Path("more" if i == 1 else "") / f"t{i}.{kind}"
        found, table = read(given / "out" / place), rows(30 + i, i)
        assert found.columns == ["id", "a", "b", "kind", "kind_confidence", "sum", "sum_low", "sum_high"]
        alone = [a.predictions for a in reader.predict(table.select("a", "b"))]
        assert found["kind"].to_list() == [a["kind"].value for a in alone]
        np.testing.assert_allclose(found["sum"], [a["sum"].value for a in alone], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(
            found["kind_confidence"], [a["kind"].confidence for a in alone], atol=1.1e-4
        )
        assert found["id"].to_list() == list(range(30 + i))


def test_what_is_there_stays_and_what_is_newer_is_answered_again(runs: Path, given: Path, ran: Ran) -> None:
    command = ["predict", str(runs / "run"), "in/*.parquet", "in/*.jsonl", "--out", "out/"]
    ran(command)
    (given / "out" / "t0.parquet").unlink()
    before = (given / "out" / "t3.jsonl").stat().st_mtime_ns
    said = ran(command).err
    assert "1 table of 2 is there already" in said
    assert "30 answers in 1 table" in said
    assert (given / "out" / "t3.jsonl").stat().st_mtime_ns == before
    os.utime(given / "in" / "t3.jsonl")
    assert "33 answers in 1 table" in ran(command).err


def test_shards_are_each_of_the_tables_once(runs: Path, given: Path, ran: Ran) -> None:
    counts = []
    for i in (1, 2, 3):
        said = ran(["predict", str(runs / "run"), "in", "--out", "out/", "--shard", f"{i}/3"]).err
        counts.append(int(said.split(" answers in ")[0].split()[-1]))
    assert sum(counts) == 126 and len(list((given / "out").rglob("t*"))) == 4


def test_rows_that_cannot_be_used_have_no_answer_and_are_named(runs: Path, here: Path, ran: Ran) -> None:
    lines = [f"{i},{'x' if i in (3, 5, 7) else 0.5},1" for i in range(10)]
    (here / "t.csv").write_text("id,a,b\n" + "\n".join(lines) + "\n")
    said = ran(["predict", str(runs / "run"), "t.csv", "--out", "out/"], status=1).err
    assert "t.csv row 4: column 'a'" in said and "1 more row cannot be used" in said
    found = pl.read_csv(here / "out" / "t.csv")
    assert found["kind"].is_null().to_list() == [i in (3, 5, 7) for i in range(10)]
    assert found["sum"].is_null().sum() == found["sum_low"].is_null().sum() == 3


def test_one_broken_table_does_not_stop_the_others(runs: Path, given: Path, ran: Ran) -> None:
    (given / "in" / "broken.parquet").write_bytes(b"PAR1 and nothing")
    write(rows(3, 0).drop("b"), given / "in" / "lacks.csv")
    said = ran(["predict", str(runs / "run"), "in", "--out", "out/"], status=1).err
    assert "broken.parquet: the table is damaged" in said and "there is no column 'b'" in said
    assert "126 answers in 4 tables" in said
    assert not (given / "out" / "broken.parquet").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["in", "--out", "in/"], "is where t1.csv is read"),
        (["in", "--out", "out.csv", "--jobs", "2"], "--jobs is for many tables: give a folder"),
        (["in", "--out", "out/", "--shard", "4/3"], "give which one and of how many"),
        (["in", "--out", "out/", "--shard", "x"], "give which one and of how many"),
        (["in", "--out", "out/", "--jobs", "0"], "at least 1 process"),
        (["in", "--out", "out/", "--json"], "leave --json out"),
        (["in", "--out", "out/", "--show", "seen"], "--show does not go with --out"),
        (["in", "--out", "out/", "--ray", "auto", "--jobs", "2"], "leave one of them out"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    runs: Path, given: Path, ran: Ran, words: list[str], said: str
) -> None:
    found = ran(["predict", str(runs / "run"), *words], status=2).err
    assert said in found and found.count("\n") == 1


def test_a_folder_of_other_answers_is_left_alone(runs: Path, given: Path, ran: Ran) -> None:
    command = ["predict", str(runs / "run"), "in", "--out", "out/"]
    ran(command)
    assert "holds answers with another --abstain" in ran([*command, "--abstain", "0.9"], status=2).err
    (given / "out" / bulk.MARK).write_text("{")
    assert "holds answers of another recognizer" in ran(command, status=2).err
    (given / "out" / bulk.MARK).unlink()
    assert "nothing says that it holds answers" in ran(command, status=2).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nothing/*.csv", "there is no table in nothing/*.csv"),
        ("gone.csv", "gone.csv: there is no such file"),
    ],
)
def test_what_is_not_there_is_said(runs: Path, given: Path, ran: Ran, words: str, said: str) -> None:
    assert said in ran(["predict", str(runs / "run"), words, "--out", "out/"], status=1).err
    assert not (given / "out").exists()


def test_parquet_holds_columns_of_one_kind(tmp_path: Path) -> None:
    with (tmp_path / "t.parquet").open("wb") as file:
        table = FILES["parquet"](file)
        table.write(pl.DataFrame({"a": [1.5]}))
        table.write(pl.DataFrame({"a": [2]}))
        with pytest.raises(DataError, match="another kind than in the rows before"):
            table.write(pl.DataFrame({"a": ["x"]}))
        table.close()
    assert read(tmp_path / "t.parquet")["a"].to_list() == [1.5, 2.0]


def test_a_table_that_nobody_wants_ends_its_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with (tmp_path / "t.parquet").open("wb") as file:
        table = FILES["parquet"](file)
        for _ in range(5):
            table.write(pl.DataFrame({"a": [1.5]}))
        table.drop()
    assert threading.active_count() == before


def test_a_killed_command_goes_on_with_every_row_once(runs: Path, here: Path) -> None:
    for i in range(8):
        write(rows(4000, i), here / "in" / f"t{i}.parquet")
    command = [sys.executable, "-m", "hornbook", "predict", str(runs / "run"), "in", "--out", "out/"]
    draw = random.Random(0)
    for attempt in range(4):
        process = subprocess.Popen(
            [*command, *(["--jobs", "2"] if attempt % 2 else [])],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(draw.uniform(0.3, 0.9))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True)
    for i in range(8):
        found = read(here / "out" / f"t{i}.parquet")
        assert_frame_equal(found.select("id", "a", "b"), rows(4000, i))
        assert not found["kind"].null_count()


def test_pictures_are_answered_by_the_thousand(
    here: Path, ran: Ran, pictures: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PICTURES", 5)
    said = ran(["predict", str(finished), str(pictures), "--out", "out/"]).err
    tables = sorted((here / "out").glob("answers-*.csv"))
    count = len(list(pictures.rglob("*.png")))
    assert len(tables) == -(-count // 5) and f"{count} answers" in said
    found = pl.concat([pl.read_csv(t) for t in tables])
    assert found.height == count == found[found.columns[0]].n_unique()


def test_the_same_on_a_cluster(runs: Path, given: Path, ran: Ran) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    said = ran(["predict", str(runs / "run"), "in", "--out", "out/", "--ray", "local"]).err
    assert "126 answers in 4 tables" in said
