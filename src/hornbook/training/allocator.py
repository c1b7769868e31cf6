"""Memory of one training step is kept for the next one.

A step takes and frees the same blocks each time. The C library of most Linux systems gives blocks over 32 MiB, and
what it has too much of, back to the system at once, and the next step is given them again page by page, each wiped
with zeros first: 82,000 page faults a step of `cifar10`, a quarter of its time. Kept, there are next to none, and the
process is no larger for it: what counts is the most that is in use at one time. Small nets (`mnist`) have no such
blocks and gain nothing. See mallopt(3) for what is set, `bench/allocator.py` for the measurement.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["kept"]

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX, ARENA_MAX = -1, -2, -4, -8
"""Names of what mallopt sets, from malloc.h."""

KEPT = {ARENA_MAX: 1, MMAP_MAX: 0, TRIM_THRESHOLD: 2**31 - 1, TOP_PAD: 64 << 20}
"""All threads share one heap, nothing lies outside it, it is not made smaller, and grows by 64 MiB at a time."""

USUAL = {ARENA_MAX: 0, MMAP_MAX: 65536, TRIM_THRESHOLD: 128 << 10, TOP_PAD: 128 << 10}
"""What it is otherwise."""


@contextmanager
def kept() -> Iterator[None]:
    """Keep freed memory until the end, and give it back then; does nothing where the C library is not glibc.

    >>> with kept():
    ...     pass
    """
    library = _glibc()
    if library is None:
        yield
        return
    for name, value in KEPT.items():
        library.mallopt(name, value)
    try:
        yield
    finally:
        for name, value in USUAL.items():
            library.mallopt(name, value)
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """Return the C library of this process where it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return (
        library
        if all(hasattr(library, n) for n in ("gnu_get_libc_version", "mallopt", "malloc_trim"))
        else None
    )
