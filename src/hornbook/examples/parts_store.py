"""A column whose values come from several places: each part is encoded, and kept in the cache, by itself.

So the pictures of a folder are encoded once, however many generated ones they are mixed with, and of generated ones
the training part can be made anew while the others stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.examples.stores import Store


@dataclass(frozen=True)
class PartsStore(Store):
    """Several stores with their keys (``train/``, ``my_captchas/``); a name begins with the key of the one it is in.

    No key begins with another one.
    """

    stores: tuple[tuple[str, Store], ...]

    def parts(self) -> Sequence[tuple[str, Store]]:
        """Return the stores with their keys."""
        return self.stores

    def load(self, name: str) -> Any:
        """Return a value from its store."""
        key, store = next((part for part in self.stores if name.startswith(part[0])), self.stores[0])
        return store.load(name[len(key) :])

    def longest(self, names: Collection[str]) -> Iterator[Any]:
        """Yield what each store says of its own names."""
        for _, store, inner in self._each(names):
            yield from store.longest(inner) if len(inner) else ()

    def fingerprint(self, names: Collection[str]) -> str:
        """Hash what the stores say of their own names."""
        digest = hashlib.blake2b(digest_size=16)
        for key, store, inner in self._each(names):
            digest.update(f"{key}\0{store.fingerprint(inner)}\0".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def _each(self, names: Collection[str]) -> Iterator[tuple[str, Store, pl.Series]]:
        """Yield each store with its key and its own names."""
        cells = pl.Series(names, dtype=pl.String)
        which = places(self.stores, cells)
        for i, (key, store) in enumerate(self.stores):
            yield key, store, cells.gather(np.flatnonzero(which == i)).str.strip_prefix(key)


def places(parts: Sequence[tuple[str, Store]], cells: pl.Series) -> Array:
    """Return for each name the place of its store among the parts, ``int64``; the first where no key fits."""
    which = np.zeros(len(cells), np.int64)
    for i, (key, _) in enumerate(parts):
        which[cells.str.starts_with(key).fill_null(False).to_numpy()] = i
    return which
