"""Broken and hostile inputs: some hundred by chance, and those that once were answered wrongly."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bench.fuzz import LINES, LONGEST, OLD, Case, judged

from hornbook.cli.main import main
from hornbook.errors import RunError
from hornbook.recognizer.bulk.answer_writer import AnswerWriter

ROOT = Path(__file__).parents[1]

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="cases are forked, for the speed of it")


@forks
def test_some_hundred_inputs_end_in_an_answer_or_a_sentence() -> None:
    # In a process of its own: here Polars' threads run already, and are not there after a fork.
    words = [sys.executable, "-m", "bench.fuzz", "--count", "150", "--seed", "16"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["count"] == 150


@forks
@pytest.mark.parametrize(
    ("said", "status", "memory", "wrong"),
    [
        ("error: x.png is cut off\n", 1 << 8, 0, ""),
        ("", 0, 0, "silent"),
        ("Traceback (most recent call last):\n", 70 << 8, 0, "traceback"),
        ("", signal.SIGXCPU, 0, "hang"),
        ("terminate called\n", signal.SIGABRT, 0, "abort"),
        ("error: x\n", 1 << 8, 1 << 40, "memory"),
        ("x\n" * (LINES + 1), 1 << 8, 0, "wordy"),
        ("x" * (LONGEST + 1), 1 << 8, 0, "wordy"),
    ],
)
def test_the_fuzzer_sees_what_is_wrong(said: str, status: int, memory: int, wrong: str) -> None:
    case = Case(0, "png", "cut_off", b"", ("predict", "digits.onnx", "{}"), certain=True)
    assert judged(case, said, status, memory) == wrong


CASES = {
    "fuzz-01": (["recipe", "m.toml"], 1, "m.toml: it is nested too deeply"),
    "fuzz-02": (["look", "broken.npz"], 1, "broken.npz: the array"),
    "fuzz-03": (["look", "broken.npz"], 1, "broken.npz: the array"),
    "fuzz-05": (["look", "broken.xlsx"], 1, "broken.xlsx: is a spreadsheet"),
    "fuzz-06": (["look", "broken.xlsx"], 1, "broken.xlsx: is a spreadsheet"),
    "fuzz-07": (["look", "broken.xlsx"], 1, "broken.xlsx: is a spreadsheet"),
    "fuzz-08": (["look", "broken.xlsx"], 1, "broken.xlsx: the sheet has 84 cells with something in them"),
    "fuzz-09": (["recipe", "w10k.csv", "--target", "price"], 1, "w10k.csv: price is always"),
    "fuzz-11": (["predict", "digits.onnx", "broken.tif"], 1, "broken.tif is damaged"),
    "fuzz-13": (["predict", "text.onnx", "broken.csv"], 1, "broken.csv: there is not one row to predict"),
    "fuzz-15": (["recipe", "m.toml"], 1, "..."),
    "fuzz-16": (["predict", "digits.onnx", "broken.jpg"], 1, "broken.jpg is cut off"),
}
"""What is done in each case, its exit status, and words of the sentence that is due."""


@pytest.mark.parametrize("name", CASES)
def test_what_once_went_wrong(
    name: str,
    shared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    case = shared.parent / "cases" / name
    if not case.is_dir():
        pytest.skip(f"the case is not there: {case}")
    for path in (*case.iterdir(), *OLD.glob("*.onnx")):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    words, status, due = CASES[name]
    start = time.process_time()
    assert main(words) == status
    said = capfd.readouterr().err
    assert due in said
    assert said.count("\n") <= LINES
    assert len(said) <= LONGEST
    assert time.process_time() - start < 15


def test_two_do_not_write_one_table(tmp_path: Path) -> None:
    (tmp_path / "o.csv.part").write_text("mine", "utf-8")
    with (
        AnswerWriter(tmp_path / "o.csv", {}, (), print),
        pytest.raises(RunError, match=r"o\.csv is being written by another process: wait for it, or name"),
        AnswerWriter(tmp_path / "o.csv", {}, (), print),
    ):
        pass
    with AnswerWriter(tmp_path / "o.csv", {}, (), print):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["o.csv.part"]
    assert (tmp_path / "o.csv.part").read_text("utf-8") == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="there a process that is ended is not asked")
def test_what_is_half_written_is_cleaned_up_at_a_polite_kill(tmp_path: Path) -> None:
    rows = (OLD / "unfinished_run" / "rents.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "rents.csv").write_text(rows[0] + "".join(rows[1:]) * 1000, "utf-8")
    words = [
        sys.executable,
        "-m",
        "hornbook",
        "predict",
        str(OLD / "table.onnx"),
        "rents.csv",
        "--out",
        "o.csv",
    ]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not list(tmp_path.glob(".o.csv.*.part")):
        time.sleep(0.01)
    process.terminate()
    assert "o.csv was not written" in process.communicate()[1]
    assert process.returncode == 143
    assert [path.name for path in tmp_path.iterdir()] == ["rents.csv"]
