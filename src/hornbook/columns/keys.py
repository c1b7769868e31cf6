"""What the fields of a column are called in a recipe and in a file."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any


def key_of(option: dataclasses.Field[Any]) -> str:
    """Return what an option is called in a recipe: its name, or the word that Python keeps for itself (``from``)."""
    return str(option.metadata.get("key", option.name))


@functools.cache
def keys_of(kind: Any) -> tuple[tuple[str, str], ...]:
    """Return the names of the fields of a dataclass with their keys; kept, since a table has thousands of columns."""
    return tuple((option.name, key_of(option)) for option in dataclasses.fields(kind))
