"""Checkpoints: all state of a run, written so that a process killed at any moment loses at most some seconds of work.

The state goes to a temporary file, is flushed to the disk, and takes its name by a rename; the one before
stays beside it. It holds tensors and plain values only and is read with ``weights_only=True``, so a
checkpoint from somebody else runs no code.
"""

from __future__ import annotations

import io
import pickle
import struct
from functools import partial
from pathlib import Path
from typing import Any

import torch

from hornbook.common.files import cannot_write, flush_to_disk, held_open, rename, write_file, writing
from hornbook.errors import RunError

CURRENT = "checkpoint.pt"
PREVIOUS = "checkpoint.previous.pt"

DAMAGED = (
    *(OSError, EOFError, RuntimeError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(AssertionError, MemoryError, pickle.UnpicklingError, struct.error),
)
"""What the unpickler of torch raises of damaged bytes: whatever comes up, as its instructions are damaged too."""


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
    with writing(folder / CURRENT, flush=True, cannot=partial(cannot_save, folder)) as file:
        file.write(memory.getbuffer())
        flush_to_disk(file)
        if (folder / CURRENT).exists():
            rename(folder / CURRENT, folder / PREVIOUS)


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


def write_in_run(path: Path, data: Any) -> None:
    """Replace a file of a run at once, or leave it as it was; RunError where it cannot be written."""
    write_file(path, data, flush=True, cannot=partial(cannot_save, path.parent))


def cannot_save(folder: Path, error: OSError) -> RunError:
    """Return the sentence for the folder of a run that cannot be written."""
    room = "close what has its files open" if held_open(error) else "make room"
    return cannot_write(
        folder,
        error,
        f"{room} or allow writing there, and give the same command again; what was saved before is still there",
    )
