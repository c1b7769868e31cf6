"""Keeping the cache small: what was encoded or unpacked longest ago goes first."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from hornbook.examples.cache import MARK, cache_dir

MAKING = "making-"
"""What the name of a folder begins with while it is written."""


def prune(keep: int = 20 << 30) -> None:
    """Remove what was encoded or unpacked and used longest ago, until at most ``keep`` bytes are left in the cache.

    The column used last is kept, and what was unpacked and used within a day, for it may be in use. What a
    killed process was making is removed a day later.
    """
    lately = time.time() - 86_400
    columns = sorted(_kept_columns(lately), reverse=True)
    unpacked = list(_kept_unpacked())
    spared = {path for _, _, path in columns[:1]} | {path for used, _, path in unpacked if used > lately}
    total = 0
    for _, size, path in sorted(columns + unpacked, reverse=True):
        total += size
        if total <= keep or path in spared:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            for file in (path, path.with_name(path.name + MARK)):
                with contextlib.suppress(OSError):
                    file.unlink(missing_ok=True)


def _kept_columns(lately: float) -> Iterator[tuple[float, int, Path]]:
    """Yield when each encoded column was used, its bytes and its folder; remove what was never finished."""
    root = cache_dir() / "encoded"
    for folder in root.iterdir() if root.is_dir() else ():
        try:
            size = sum(file.stat().st_size for file in folder.iterdir())
            used = folder.stat().st_mtime
        except OSError:
            continue
        if not folder.name.startswith(MAKING):
            yield used, size, folder
        elif used < lately:
            shutil.rmtree(folder, ignore_errors=True)


def _kept_unpacked() -> Iterator[tuple[float, int, Path]]:
    """Yield when each unpacked file was used, its bytes and its path."""
    root = cache_dir() / "unpacked"
    for path in root.iterdir() if root.is_dir() else ():
        if path.name.startswith(".") or path.name.endswith(MARK):
            continue
        mark = path.with_name(path.name + MARK)
        with contextlib.suppress(OSError):
            status = path.stat()
            yield (mark.stat() if mark.exists() else status).st_mtime, status.st_size, path
