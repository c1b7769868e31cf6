"""``read_examples``: finds the reader for a source by looking at it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hornbook.errors import DataError, UsageError
from hornbook.examples.arrays import from_arrays, from_frame, from_pairs
from hornbook.examples.builtin import read_builtin
from hornbook.examples.folders import list_folder
from hornbook.examples.idx import is_idx_name, read_idx_folder
from hornbook.examples.layout import read_class_folders
from hornbook.examples.table import Examples

BUILTIN = ("digits", "iris", "wine", "mnist", "fashion_mnist", "cifar10")


def read_examples(
    source: Any,
    *,
    pattern: str | None = None,
    data: str | os.PathLike[str] | None = None,
    image: str | None = None,
    label: str | None = None,
) -> Examples:
    if isinstance(source, Examples):
        return source
    if isinstance(source, Mapping):
        return from_arrays(**source)
    if isinstance(source, (list, tuple)):
        return from_pairs(source)
    if not isinstance(source, (str, os.PathLike)):
        return from_frame(source)
    if source in BUILTIN:
        return read_builtin(str(source), Path(data) if data else None)
    path = Path(source)
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder")
    listing = list_folder(path)
    idx = [n for n in listing.files if "/" not in n and is_idx_name(n)]
    if idx:
        return read_idx_folder(path, idx)
    return read_class_folders(listing)
