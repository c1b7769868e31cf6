"""Checkpoints: all state of a run, written so that a process killed at any moment loses at most some seconds of work.

The state goes to a temporary file, is flushed to the disk, and takes its name by a rename; the one before
stays beside it. It holds tensors and plain values only and is read with ``weights_only=True``, so a
checkpoint from somebody else runs no code.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import struct
import time
from pathlib import Path
from typing import Any

import torch

from hornbook.errors import RunError

CURRENT = "checkpoint.pt"
PREVIOUS = "checkpoint.previous.pt"

DAMAGED = (
    *(OSError, EOFError, RuntimeError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(AssertionError, MemoryError, pickle.UnpicklingError, struct.error),
)
"""What the unpickler of torch raises of damaged bytes: whatever comes up, as its instructions are damaged too."""

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds to wait where Windows lets no file take a name, since a virus scanner or a copier has the old one open."""


def save_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Write the state; what was there becomes the previous one.

    Raises
    ------
    RunError
        The disk is full or the folder cannot be written; what was there before is still there.
    """
    # torch.save tells a full disk as an error of its archive; through memory it is the system's own.
    memory = io.BytesIO()
    torch.save(state, memory)
    temporary = folder / f".{CURRENT}.part"
    try:
        write_flushed(temporary, memory.getbuffer())
        if (folder / CURRENT).exists():
            rename(folder / CURRENT, folder / PREVIOUS)
        rename(temporary, folder / CURRENT)
    except OSError as error:
        with contextlib.suppress(OSError):  # on a read-only disk there is none, and this fails as well
            temporary.unlink(missing_ok=True)
        raise cannot_write(folder, error) from error


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """Return the newest state that can be read, or None where there is none.

    Raises
    ------
    RunError
        There are checkpoints, and none of them can be read.
    """
    there = [folder / name for name in (CURRENT, PREVIOUS) if (folder / name).exists()]
    for path in there:
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            if isinstance(state, dict):
                return state
        except DAMAGED:
            continue
    if there:
        raise RunError(
            f"{folder}: {' and '.join(p.name for p in there)} cannot be read; use --fresh to start this run again"
        )
    return None


def write_flushed(path: Path, data: Any) -> None:
    """Write bytes and have the system put them on the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file of a run at once, or leave it as it was; RunError where it cannot be written."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        write_flushed(temporary, data)
        rename(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):  # on a read-only disk there is none, and this fails as well
            temporary.unlink(missing_ok=True)
        raise cannot_write(path.parent, error) from error


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


def cannot_write(folder: Path, error: OSError) -> RunError:
    """Return the sentence for a folder that cannot be written."""
    reason = error.strerror or type(error).__name__
    room = "close what has its files open" if held_open(error) else "make room"
    return RunError(
        f"{folder} cannot be written ({reason}): {room} or allow writing there, and give the same command again; "
        "what was saved before is still there"
    )
