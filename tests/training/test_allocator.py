"""Memory that is kept between steps: it is kept, it is given back, and where it cannot be all goes on as before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hornbook.training import allocator

PROGRAM = """
import ctypes, resource, sys
from contextlib import nullcontext
from hornbook.training.allocator import kept

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
SIZE = 48 << 20

def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        block = libc.malloc(SIZE)
        ctypes.memset(block, 1, SIZE)
        libc.free(block)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

with kept() if sys.argv[1] == "kept" else nullcontext():
    pages()
    print(pages(), resident())
print(resident())
SIZE = 4 << 20
pages()
print(pages())
"""


@pytest.mark.skipif(
    allocator._glibc() is None, reason="the C library is not glibc, which alone is told to keep memory"
)
def test_what_is_freed_is_there_for_the_next_step_and_given_back_at_the_end() -> None:
    said = {}
    for way in ("kept", "usual"):
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, way], check=True, capture_output=True, encoding="utf-8"
        )
        said[way] = [int(word) for word in ran.stdout.split()]
    faults, during, after, later = said["kept"]
    assert faults * 20 < said["usual"][0]
    assert during - after > 40 << 20
    assert later <= said["usual"][3] + 100  # what follows a training is no slower than without it


def test_what_the_user_says_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "100000")
    assert allocator._glibc() is None


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with allocator.kept():
        assert allocator._glibc() is None
