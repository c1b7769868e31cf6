"""What training says while it works: one live line on a terminal, a plain line for each epoch elsewhere."""

from __future__ import annotations

import shutil
import sys
import textwrap
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from hornbook.training.loop import Loop

BETWEEN = 0.1
"""Seconds between two drawings of the live line: more often costs time and flickers."""

MANY, BETWEEN_LINES = 60, 2.0
"""Of more epochs than so many, a line is printed after so many seconds only, and for the last one."""


class Silent:
    """Says nothing."""

    def note(self, text: str) -> None:
        """Say something once."""

    def reading(self, what: str, done: int, total: int) -> None:
        """Say how far reading has come."""

    def step(self, loop: Loop) -> None:
        """Say how far an epoch has come."""

    def epoch(self, loop: Loop) -> None:
        """Say what an epoch has brought."""

    def close(self) -> None:
        """Finish the live line."""


class Lines(Silent):
    """Says it on a stream, by default standard error: live where it is a terminal, in plain lines where not."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
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
                print(
                    f"{what}  {total:,} examples, {now - self.reading_since:.1f} s",
                    file=self.stream,
                    flush=True,
                )
            self.reading_since = 0.0

    def step(self, loop: Loop) -> None:
        """Draw the live line: epoch, step, loss, metric, examples/s, time left."""
        now = time.monotonic()
        state = loop.state
        steps_done = state.epoch * loop.steps + state.step
        if self.started is None:
            self.started, self.done_before = now, steps_done
        if not self.live or now - self.shown < BETWEEN:
            return
        done, to_do = steps_done - self.done_before, loop.training.epochs * loop.steps - steps_done
        left = f"{duration((now - self.started) / done * to_do)} left" if done else ""
        target = next(iter(loop.prepared.targets.values()))
        parts = [
            f"epoch {state.epoch + 1}/{loop.training.epochs}",
            f"step {state.step}/{loop.steps}",
            f"loss {state.loss_sum / max(state.seen, 1):.4f}",
            f"{target.metric} {target.say_score(state.right / max(state.judged, 1))}",
            f"{state.seen / max(state.seconds, 1e-9):,.0f} examples/s",
            left,
        ]
        for least in (4, 1, 2):  # in a narrow terminal: speed, then step, then loss
            if len("  ".join(filter(None, parts))) >= _columns():
                parts[least] = ""
        self._draw("  ".join(filter(None, parts)), now)

    def epoch(self, loop: Loop) -> None:
        """Print the line of an epoch."""
        now = time.monotonic()
        if loop.training.epochs > MANY and not loop.state.finished and now - self.printed < BETWEEN_LINES:
            return
        self.printed = now
        row = loop.state.history[-1]
        target = next(iter(loop.prepared.targets.values()))
        metric = target.metric
        parts = [f"epoch {int(row['epoch'])}/{loop.training.epochs}", f"loss {row['train_loss']:.4f}"]
        if "validation_loss" in row:
            parts.append(f"validation loss {row['validation_loss']:.4f}")
        which = "validation" if f"validation_{metric}" in row else "train"
        parts.append(f"{metric} {target.say_score(row[f'{which}_{metric}'])}")
        parts.append(duration(row["seconds"]))
        # At most 80 characters, so that it is one line on every terminal; the speed is in history.csv.
        self.note("  ".join(parts) + ("  best" if loop.state.best_epoch == row["epoch"] else ""))

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


def duration(seconds: float) -> str:
    """Return seconds as people say them.

    >>> duration(0.4), duration(75), duration(7265)
    ('0.4 s', '1 min 15 s', '2 h 01 min')
    """
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    seconds = round(seconds)
    if seconds < 3600:
        return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60:02d} min"
