"""The cache folder: what was unpacked or fetched once is there the next time.

Everything in it can be made again, so the whole folder may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from hornbook.common.cache_folder import VARIABLE, cache_dir, cannot_keep
from hornbook.common.files import clear_up, writing
from hornbook.errors import DataError

MARK = ".mark"
"""How the name of a file ends that notes length and hash of a file in the cache."""

MAKING = "making-"
"""What the name of a folder begins with while it is written."""

_ENDS = 1 << 20


def file_key(path: Path, what: str = "") -> str:
    """Return a name for what is made from a file; it changes with its place, size and time of change."""
    status = path.stat()
    place = hashlib.blake2b(f"{what}\0{path.resolve()}".encode("utf-8", "surrogatepass"), digest_size=8)
    state = hashlib.blake2b(f"{status.st_size}\0{status.st_mtime_ns}".encode(), digest_size=8)
    return f"{place.hexdigest()}-{state.hexdigest()}"


def _mark(path: Path) -> str:
    """Return a file's length and a hash of its first and last MiB, where headers and lists of files stand."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        for start in (0, max(size - _ENDS, 0)):
            file.seek(start)
            digest.update(file.read(_ENDS))
    return f"{size} {digest.hexdigest()}"


def _whole(path: Path) -> bool:
    """Return whether a file is there and as it was made; then note that it was used."""
    mark = path.with_name(path.name + MARK)
    try:
        if mark.read_text("ascii") != _mark(path):
            return False
    except (OSError, ValueError):
        return False
    with contextlib.suppress(OSError):
        mark.touch()
    return True


def made_from(
    source: Path, suffix: str, make: Callable[[BinaryIO], None], *, what: str = "", room: int = 0
) -> Path:
    """Return the cached file made from ``source``. Make it where it is missing, damaged or out of date.

    Parameters
    ----------
    suffix
        The end of the cached file's name, ``.npy`` say.
    make
        Writes to the open file. What was made from an older state of the source is deleted afterwards.
    what
        Tells apart several things made from one source.
    room
        Bytes that will be written, as far as known: refused at once where the disk has less.
    """
    folder = cache_dir() / "unpacked"
    key = file_key(source, what)
    path = folder / f"{key}{suffix}"
    if _whole(path):
        return path
    free = shutil.disk_usage(cache_dir()).free
    if room > free:
        raise DataError(
            f"unpacking {source.name} needs {room / 1e9:,.1f} GB and the cache folder {folder} has {free / 1e9:,.1f} "
            f"GB free: make room, or name another folder in {VARIABLE}"
        )
    cannot = partial(cannot_keep, folder)
    with writing(path, flush=True, same=True, cannot=cannot) as file:
        make(file)
    with writing(path.with_name(path.name + MARK), same=True, cannot=cannot) as file:
        file.write(_mark(path).encode())
    clear_up(folder)
    for old in folder.glob(f"{key.split('-', maxsplit=1)[0]}-*"):
        if not old.name.startswith(key) and old.name.endswith((suffix, suffix + MARK)):
            with contextlib.suppress(OSError):
                old.unlink()
    return path


def prune(keep: int = 20 << 30) -> None:
    """Remove what was used longest ago until the cache has at most ``keep`` bytes.

    The column used last stays, and so does what was unpacked and used within a day: it may be in use. Half-made
    folders of killed processes are removed after a day.
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
    """Yield for each encoded column when it was used, its bytes and its folder. Remove unfinished ones."""
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
