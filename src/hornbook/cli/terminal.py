"""Printing: what comes from outside (names, classes, messages) must not reach a terminal raw."""

from __future__ import annotations

import contextlib
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from hornbook.common.plaintext import clean
from hornbook.errors import MissingExtra, brief

if TYPE_CHECKING:
    from hornbook.common.progress import Reading


def prepare_streams() -> None:
    """Let no character be unprintable: what the encoding of a stream lacks is written as an escape.

    Windows writes to files and pipes in an old code page unless told otherwise, and ``LANG=C`` knows ASCII
    alone. Where a stream is closed, or there is none (``>&-``, ``pythonw``), what is printed goes nowhere.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def plain(text: object) -> str:
    """Return text of several lines with everything but the line breaks made harmless."""
    return "\n".join(clean(line) for line in str(text).split("\n"))


def complain(error: object) -> None:
    """Print one line on standard error, after what was printed so far."""
    with contextlib.suppress(OSError):  # who read it is gone, or the disk is full: whoever printed says so
        sys.stdout.flush()
    print(f"error: {plain(brief(str(error)))}", file=sys.stderr, flush=True)


def note(text: object) -> None:
    """Print something that is not the answer, on standard error."""
    print(plain(text), file=sys.stderr, flush=True)


def needs_torch(what: str) -> None:
    """Raise MissingExtra where PyTorch, which some command needs, is not installed."""
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra(what, "train") from error


def progress() -> Reading:
    """Return what tells how far reading has come, on standard error."""
    from hornbook.common.progress import Lines

    return Lines().reading
