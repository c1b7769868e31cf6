"""Randomness that can be repeated, for a package that asks the operating system for it.

The ``captcha`` package draws from `secrets`, since its pictures guard logins. Examples to learn from must come
out the same again, so a copy of its module of our own gets a seeded generator under that name. Whoever else
uses the package in the same process keeps the real one: predictable login pictures would be no guard.
"""

from __future__ import annotations

import hashlib
import importlib.util
import random
from collections.abc import Sequence
from types import ModuleType
from typing import TypeVar

from hornbook.errors import MissingExtra, UsageError

T = TypeVar("T")


class Draws:
    """What the package uses of `secrets`, from a seed.

    All is made of `random.Random.random`, whose numbers Python promises to keep from version to version.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Begin anew."""
        self.source = random.Random(seed)
        self._next = self.source.random

    def randbelow(self, limit: int) -> int:
        """Return a whole number from 0 to ``limit - 1``."""
        return int(self._next() * limit)

    def randbits(self, bits: int) -> int:
        """Return a whole number of so many bits, 53 at most."""
        return int(self._next() * (1 << bits))

    def choice(self, values: Sequence[T]) -> T:
        """Return one of the values."""
        return values[int(self._next() * len(values))]


def seed_of(*parts: object) -> int:
    """Hash words and numbers to a seed of 128 bits.

    >>> seed_of("captcha", 7, "train", 0) != seed_of("captcha", 7, "train", 1)
    True
    """
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "little")


def own_copy(name: str, draws: Draws) -> ModuleType:
    """Return a copy of a module of the ``captcha`` package that draws from ``draws``.

    Raises
    ------
    MissingExtra
        The package is not installed.
    UsageError
        Another file of that name hides it.
    """
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name == "captcha":
            raise MissingExtra("making captchas", "captcha") from error
        package = importlib.import_module("captcha")
        raise UsageError(
            f"{package.__file__} hides the package captcha that draws the pictures: rename the file"
        ) from error
    if spec is None or spec.loader is None:
        raise MissingExtra("making captchas", "captcha")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.__dict__["secrets"] = draws
    return module
