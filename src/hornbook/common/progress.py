"""What training says while it works: one live line on a terminal, a plain line for each epoch elsewhere."""

from __future__ import annotations

import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, TextIO

from hornbook.common.plaintext import duration

BETWEEN = 0.1
"""Seconds between two drawings of the live line: more often costs time and flickers."""

MANY, BETWEEN_LINES = 60, 2.0
"""Of more epochs than so many, a line is printed after so many seconds only, and for the last one."""


Reading = Callable[[str, int, int], None]
"""Is told how far reading has come: what is done, how many rows are, and how many there will be."""


def silent(what: str, done: int, total: int) -> None:
    """Show no progress."""


class Step(NamedTuple):
    """What is known after a step: its place, and the averages of its epoch so far."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    metric: str
    score: float
    say: Callable[[float], str]
    """Writes a score as the metric is written."""
    per_second: float
    """Examples in a second."""


class Epoch(NamedTuple):
    """What an epoch has brought."""

    row: Mapping[str, float]
    """Its row of the history: ``epoch``, ``train_loss``, ``seconds`` and so on."""
    epochs: int
    metric: str
    say: Callable[[float], str]
    best: bool
    last: bool


class Progress:
    """What is told how training goes, in numbers; what a subclass does not say is not said."""

    def note(self, text: str) -> None:
        """Say something once."""

    def reading(self, what: str, done: int, total: int) -> None:
        """Say how far reading has come."""

    def step(self, now: Step) -> None:
        """Say how far an epoch has come."""

    def epoch(self, done: Epoch) -> None:
        """Say what an epoch has brought."""

    def close(self) -> None:
        """Finish the live line."""


class Silent(Progress):
    """Says nothing."""


def _in_notebook() -> bool:
    """Return whether what is printed goes to the page of a notebook."""
    return type(sys.stdout).__module__.startswith("ipykernel.")


class Lines(Silent):
    """Says it on a stream: live where it is a terminal, in plain lines where not.

    By default on standard error; in a notebook, which shows that as an alarm, on standard output.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or (sys.stdout if _in_notebook() else sys.stderr)
        self.live = self.stream.isatty()
        self.shown = 0.0
        self.printed = 0.0
        self.drawn = False
        self.started: float | None = None
        self.reading_since = 0.0
        self.done_before = 0

    def note(self, text: str) -> None:
        """Print a line, or several; on a terminal what is too long for it is broken between words."""
        self.close()
        if self.live:
            text = "\n".join(_broken(line, _columns()) for line in text.split("\n"))
        print(text, file=self.stream, flush=True)

    def reading(self, what: str, done: int, total: int) -> None:
        """Draw a line where reading takes a while."""
        now = time.monotonic()
        if done <= 256 or not self.reading_since:
            self.reading_since = now
        if self.live and now - self.reading_since > 0.5 and now - self.shown > BETWEEN:
            self._draw(f"{what}  {done:,} of {total:,}  {done / max(total, 1):4.0%}", now)
        if done >= total:
            self.close()
            if now - self.reading_since > 2 and not self.live:
                self.note(f"{what}  {total:,} examples, {now - self.reading_since:.1f} s")
            self.reading_since = 0.0

    def step(self, now: Step) -> None:
        """Draw the live line: epoch, step, loss, metric, examples/s, time left."""
        clock = time.monotonic()
        steps_done = (now.epoch - 1) * now.steps + now.step
        if self.started is None:
            self.started, self.done_before = clock, steps_done
        if not self.live or clock - self.shown < BETWEEN:
            return
        done, to_do = steps_done - self.done_before, now.epochs * now.steps - steps_done
        parts = [
            f"epoch {now.epoch}/{now.epochs}",
            f"step {now.step}/{now.steps}",
            f"loss {now.loss:.4f}",
            f"{now.metric} {now.say(now.score)}",
            f"{now.per_second:,.0f} examples/s",
            f"{duration((clock - self.started) / done * to_do)} left" if done else "",
        ]
        for least in (4, 1, 2):  # in a narrow terminal: speed, then step, then loss
            if len("  ".join(filter(None, parts))) >= _columns():
                parts[least] = ""
        self._draw("  ".join(filter(None, parts)), clock)

    def epoch(self, done: Epoch) -> None:
        """Print the line of an epoch."""
        now = time.monotonic()
        if done.epochs > MANY and not done.last and now - self.printed < BETWEEN_LINES:
            return
        self.printed = now
        row = done.row
        parts = [f"epoch {int(row['epoch'])}/{done.epochs}", f"loss {row['train_loss']:.4f}"]
        if "validation_loss" in row:
            parts.append(f"validation loss {row['validation_loss']:.4f}")
        which = "validation" if f"validation_{done.metric}" in row else "train"
        parts.append(f"{done.metric} {done.say(row[f'{which}_{done.metric}'])}")
        parts.append(duration(row["seconds"]))
        # At most 80 characters, so that it is one line on every terminal; the speed is in history.csv.
        self.note("  ".join(parts) + ("  best" if done.best else ""))

    def close(self) -> None:
        """Wipe the live line."""
        if self.drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self.drawn = False

    def _draw(self, text: str, now: float) -> None:
        self.stream.write("\r\x1b[K" + text[: _columns() - 1])
        self.stream.flush()
        self.shown, self.drawn = now, True


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _broken(line: str, wide: int) -> str:
    """Return a line as lines that fit; a table's line, which begins with blanks, is left as it is."""
    if len(line) <= wide or line.startswith(" "):
        return line
    return textwrap.fill(line, wide, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
