"""Memory of one training step is kept for the next one.

A step takes and frees the same blocks each time. The C library of most Linux systems gives blocks over 32 MiB, and
what it has too much of, back to the system at once, and the next step is given them again page by page, each wiped
with zeros first: in a step of `cifar10` of 0.7 s 55,000 page faults and 0.10 s of the system's time, 0.002 s where they
are kept. The peak was no higher. Small nets (`mnist`) have no such blocks and gain nothing. See mallopt(3) for what is
set, `bench/allocator.py` for the measurement. It holds for the whole process: trainings in several threads share it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["kept"]

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD, MMAP_MAX = -1, -2, -3, -4
"""Names of what mallopt sets, from malloc.h."""

KEPT = {MMAP_MAX: 0, TRIM_THRESHOLD: -1, TOP_PAD: 64 << 20}
"""No block lies outside the heap, the heap is never made smaller, and grows by 64 MiB at a time."""

GROWN = {MMAP_MAX: 65536, MMAP_THRESHOLD: 32 << 20, TRIM_THRESHOLD: 64 << 20, TOP_PAD: 128 << 10}
"""What the library comes to by itself once a block of 32 MiB has been freed; after a call it no longer learns it."""

SAID = (
    "GLIBC_TUNABLES",
    *(f"MALLOC_{name}_" for name in ("TRIM_THRESHOLD", "TOP_PAD", "MMAP_THRESHOLD", "MMAP_MAX")),
)
"""Variables of the environment by which a user says these things."""


@contextmanager
def kept() -> Iterator[None]:
    """Keep freed memory until the end, and give it back then.

    Nothing is done where the C library is not glibc, or the user has said in the environment how it is to be.

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
        for name, value in GROWN.items():
            library.mallopt(name, value)
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """Return the C library of this process where it is glibc and ours to tell."""
    if sys.platform != "linux" or any(name in os.environ for name in SAID):
        return None
    library = ctypes.CDLL(None)
    return (
        library
        if all(hasattr(library, n) for n in ("gnu_get_libc_version", "mallopt", "malloc_trim"))
        else None
    )
