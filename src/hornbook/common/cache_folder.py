"""The cache folder: where what was fetched or unpacked once lies the next time."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from hornbook.common.files import FULL, reason
from hornbook.errors import DataError

__all__ = ["VARIABLE", "cache_dir", "cannot_keep"]

VARIABLE = "HORNBOOK_CACHE"
"""The environment variable that names another cache folder."""


def cache_dir() -> Path:
    """Return the cache folder, made if it is not there.

    It is the system's usual place (``~/.cache/hornbook`` on Linux), or what ``HORNBOOK_CACHE`` says.

    Raises
    ------
    DataError
        The folder cannot be made or written to.
    """
    import platformdirs

    folder = Path(os.environ.get(VARIABLE) or platformdirs.user_cache_dir("hornbook", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_keep(folder, error) from error
    if not os.access(folder, os.W_OK):
        raise cannot_keep(folder, PermissionError(errno.EACCES, "not allowed"))
    return folder


def cannot_keep(path: Path, error: OSError) -> DataError:
    """Return the sentence for a cache that cannot be written."""
    if error.errno in FULL:
        return DataError(
            f"the disk of the cache folder is full ({path}): make room, or name another folder in {VARIABLE}"
        )
    return DataError(
        f"the cache folder cannot be written ({path}: {reason(error)}): name another folder in {VARIABLE}"
    )
