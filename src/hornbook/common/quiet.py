"""Keeping what libraries of C, C++ and Rust print on standard error from the reader."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what a library prints on standard error to itself: what is wrong is said in our own words.

    Such libraries write to the descriptor itself, so it leads elsewhere for as long as this holds.

    >>> with quiet():
    ...     _ = os.write(2, b"thread '<unnamed>' panicked")
    """
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
