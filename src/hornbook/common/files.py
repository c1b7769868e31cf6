"""Files are written whole or not at all, and where that fails one sentence says why.

What is written goes to a temporary file beside its place, and takes its name by a rename. A process that is
killed, or two that write at once, leave no half file under a name that counts; what was there before stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from hornbook.common.safe_names import shown
from hornbook.errors import HornbookError, RunError

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds to wait where Windows lets no file take a name, since a virus scanner or a copier has the old one open."""

ANOTHER_FOLDER = "make room there, or name a folder that can be written"

FULL = frozenset([errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)])
"""Numbers of the errors of a disk, or of a person's share of it, that is full."""


@contextlib.contextmanager
def writing(
    path: Path,
    *,
    flush: bool = False,
    same: bool = False,
    do: str = ANOTHER_FOLDER,
    cannot: Callable[[OSError], HornbookError] | None = None,
) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name only when all is written.

    A link stays a link, and a pipe or a device is written to as it is. Folders that are missing are made.

    Parameters
    ----------
    flush
        Have the system put it on the disk before it takes its name, so that a power cut leaves it whole.
    same
        Whoever writes this file writes the same into it: one that another process holds open is left as it is.
    do
        What a person can do where it fails, for the end of the sentence.
    cannot
        Makes another error of what the system says than `cannot_write` does.

    Raises
    ------
    RunError
        The disk is full, or the folder may not be written; with ``cannot``, what that returns.
    """
    cannot = cannot or partial(cannot_write, path, do=do)
    temporary = None
    try:
        path = path.resolve() if path.is_symlink() else path
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                yield file
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name has 255 bytes at most, and a character up to four.
        temporary = path.with_name(f".{path.name[:50]}.{os.getpid()}.{os.urandom(4).hex()}.part")
        with temporary.open("wb") as file:
            yield file
            if flush:
                flush_to_disk(file)
        try:
            rename(temporary, path)
        except PermissionError:
            if not same or not path.exists():
                raise
    except OSError as error:
        if error.errno is None or error.filename not in (None, *map(str, (temporary, path, path.parent))):
            raise  # what was read failed, not what is written
        raise cannot(error) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):  # on a read-only disk there is none, and this fails as well
                temporary.unlink(missing_ok=True)


def write_file(
    path: Path,
    data: Any,
    *,
    flush: bool = False,
    do: str = ANOTHER_FOLDER,
    cannot: Callable[[OSError], HornbookError] | None = None,
) -> Path:
    """Write bytes as `writing` does; return the path."""
    with writing(path, flush=flush, do=do, cannot=cannot) as file:
        file.write(data)
    return path


@contextlib.contextmanager
def alone(path: Path, *, do: str = ANOTHER_FOLDER) -> Iterator[None]:
    """Be the only process that writes a file; what is no file, such as a pipe, may be written by several.

    Raises
    ------
    RunError
        Another process writes it, or its folder cannot be written.
    """
    from filelock import FileLock, Timeout

    if path.exists() and not path.is_file():
        yield
        return
    lock = path.with_name(f".{path.name[:50]}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(lock)
        held.acquire(timeout=0)
    except Timeout:
        raise RunError(f"{shown(path)} is being written by another process: wait for it, or {do}") from None
    except OSError as error:
        raise cannot_write(path, error, do) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink(missing_ok=True)
        held.release()


def flush_to_disk(file: BinaryIO) -> None:
    """Have the system put on the disk what was written so far."""
    file.flush()
    os.fsync(file.fileno())


def rename(path: Path, name: Path) -> None:
    """Give a file a name that another may have; on Windows, when whoever reads that one is done."""
    for pause in PAUSES:
        try:
            path.replace(name)
            return
        except PermissionError as error:
            if not held_open(error):
                raise
        time.sleep(pause)
    path.replace(name)


def held_open(error: BaseException | None) -> bool:
    """Return whether a file could not be replaced because something has it open, which Windows alone minds."""
    return os.name == "nt" and isinstance(error, PermissionError)


def reason(error: BaseException) -> str:
    """Return why a file cannot be read or written, as it stands inside a sentence.

    >>> reason(OSError(28, "No space left on device")), reason(UnicodeDecodeError("utf-8", b"", 0, 1, ""))
    ('no space left on device', 'it is not text in UTF-8')
    """
    if isinstance(error, OSError):
        return (error.strerror or str(error) or type(error).__name__).lower()
    if isinstance(error, UnicodeError):
        return "it is not text in UTF-8"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def cannot_write(path: Path, error: OSError, do: str = ANOTHER_FOLDER) -> RunError:
    """Return the sentence for a file or folder that cannot be written, with what to ``do`` about it."""
    return RunError(f"{shown(path)} cannot be written ({reason(error)}): {do}")


def clear_up(folder: Path, older: float = 86400.0) -> None:
    """Remove what processes that were killed left half written, so many seconds ago or longer."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            if part.stat().st_mtime <= time.time() - older:
                part.unlink()
