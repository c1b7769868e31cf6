"""What is said while training works: live on a terminal, in plain lines elsewhere."""

from __future__ import annotations

import io
import itertools
import re
import sys
import time

import pytest

from hornbook.common.plaintext import duration
from hornbook.common.progress import Lines
from hornbook.training.status import epoch_of, step_of
from tests.training.make import loop, recipe


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second pass between two looks at the clock."""
    ticks = itertools.count(1000.0)
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))


def train(lines: Lines, **training: object) -> None:
    one = loop(recipe(**training))  # type: ignore[arg-type]

    def told(_: object) -> bool:
        lines.step(step_of(one))
        return True

    while not one.state.finished:
        one.run_epoch(told)
        one.validate()
        lines.epoch(epoch_of(one))
    lines.close()


@pytest.mark.usefixtures("clock")
def test_a_terminal_shows_a_live_line_that_fits_and_wipes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    stream = Terminal()
    train(Lines(stream))
    written = stream.getvalue()
    assert re.search(
        r"epoch 1/2  step 2/3  loss \d\.\d+  accuracy [\d.]+ %  [\d,]+ examples/s  4\.0 s left", written
    )
    assert not re.search(r"epoch 1/2  step 1/3 [^\r]* left", written)  # after one step nobody knows
    # Every live line is wiped before something else is written: what stays are the epochs.
    stays = [line.rpartition("\x1b[K")[2] for line in written.split("\n")]
    assert stays.pop() == ""
    assert len(stays) == 2
    assert all(line.startswith("epoch ") and "step" not in line for line in stays)
    monkeypatch.setenv("COLUMNS", "45")
    stream = Terminal()
    train(Lines(stream), epochs=1)
    live = [part.rstrip("\r") for part in stream.getvalue().split("\x1b[K") if "left" in part]
    assert live
    assert all(part.startswith("epoch 1/1") and len(part) < 45 for part in live)


def test_a_notebook_is_told_on_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    page = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr(sys, "stdout", page)
    Lines().note("hello")
    assert page.getvalue() == "hello\n"


def test_elsewhere_there_is_one_plain_line_for_each_epoch() -> None:
    stream = io.StringIO()
    train(Lines(stream), epochs=3)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 1/3  loss ")
    assert re.search(r"validation loss \d\.\d+  accuracy [\d.]+ %  [\d.]+ s  best$", lines[0])
    assert all(len(line) <= 80 for line in lines)
    assert "\x1b" not in stream.getvalue()


def test_without_validation_rows_the_training_score_is_said() -> None:
    stream = io.StringIO()
    one = loop(recipe(split={"validation": 0.0}, epochs=1))
    one.run_epoch(lambda _: True)
    one.validate()
    Lines(stream).epoch(epoch_of(one))
    assert re.search(r"loss \d\.\d+  accuracy +\d", stream.getvalue())
    assert "validation" not in stream.getvalue()


@pytest.mark.usefixtures("clock")
def test_reading_is_shown_where_it_takes_a_while() -> None:
    stream, plain = Terminal(), io.StringIO()
    for to, stages in ((stream, (256, 5000, 10_000)), (plain, (256, 5000, 7000, 10_000))):
        lines = Lines(to)
        for done in stages:
            lines.reading("reading", done, 10_000)
    assert "reading  5,000 of 10,000   50%" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")
    assert plain.getvalue() == "reading  10,000 examples, 3.0 s\n"


def test_what_is_quick_is_not_told() -> None:
    plain = io.StringIO()
    lines = Lines(plain)
    for count in (100, 0):
        lines.reading("reading", count, count)
    assert plain.getvalue() == ""


def test_a_note_is_printed_under_the_live_line() -> None:
    stream = Terminal()
    lines = Lines(stream)
    lines._draw("live", 0.0)
    lines.note("said")
    lines.close()
    assert stream.getvalue() == "\r\x1b[Klive\r\x1b[Ksaid\n"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 s"), (0.42, "0.42 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.9, "1 min 00 s"),
     (3599, "59 min 59 s"), (3600, "1 h 00 min"), (90_000, "25 h 00 min")],
)  # fmt: skip
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said
