"""A column whose values come from several places: each part is encoded, and kept in the cache, by itself.

So the pictures of a folder are encoded once, however many generated ones they are mixed with, and of generated ones
the training part can be made anew while the others stay.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.errors import DataError
from hornbook.examples.stores import Store


@dataclass(frozen=True)
class PartsStore:
    """Several stores; a name begins with the key of the one it is in.

    Parameters
    ----------
    parts
        The stores by their keys (``train/``, ``my_captchas/``), none of which begins with another one.
    """

    parts: tuple[tuple[str, Store], ...]

    def load(self, name: str) -> str | bytes | Array:
        """Return a value from its store."""
        key, store = self.find(name)
        return store.load(name[len(key) :])

    def sizing(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield values that are as long as the longest: all of them, where a store does not know better."""
        cells = pl.Series(names, dtype=pl.String)
        which = self.places(cells)
        for i, (key, store) in enumerate(self.parts):
            inner = _inner(cells.gather(np.flatnonzero(which == i)), key)
            yield from sizing(store, inner) if len(inner) else ()

    def find(self, name: str) -> tuple[str, Store]:
        """Return the key and the store of a name."""
        return next((part for part in self.parts if name.startswith(part[0])), self.parts[0])

    def fingerprint(self, names: Sequence[str]) -> str:
        """Hash what the stores say of their own names."""
        digest = hashlib.blake2b(digest_size=16)
        cells = pl.Series(names, dtype=pl.String)
        which = self.places(cells)
        for i, (key, store) in enumerate(self.parts):
            inner = _inner(cells.gather(np.flatnonzero(which == i)), key)
            digest.update(f"{key}\0{store.fingerprint(inner)}\0".encode("utf-8", "surrogatepass"))  # type: ignore[arg-type]
        return digest.hexdigest()

    def places(self, cells: pl.Series) -> Array:
        """Return for each name the place of its store among the parts, ``int64``."""
        which = np.zeros(len(cells), np.int64)
        for i, (key, _) in enumerate(self.parts):
            which[cells.str.starts_with(key).fill_null(False).to_numpy()] = i
        return which


def _inner(cells: pl.Series, key: str) -> pl.Series:
    """Return names without the key of their store."""
    return cells.str.strip_prefix(key)


def sizing(store: Store, names: Sequence[str] | pl.Series) -> Iterator[Any]:
    """Yield values among which is one as long as the longest of these names; what cannot be had is left out."""
    if hasattr(store, "sizing"):
        yield from store.sizing(names)
        return
    for name in names:
        with contextlib.suppress(DataError):  # it is named when it is encoded
            yield store.load(name)
