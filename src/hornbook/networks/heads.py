"""What stands behind the body: the head of each target."""

from __future__ import annotations

from hornbook.columns.base import Column
from hornbook.columns.kinds import class_in, column_types
from hornbook.columns.network import Head
from hornbook.errors import RecipeError, one_of


def head_class(name: str, column: Column) -> type[Head]:
    """Return the class of a target's head.

    Raises
    ------
    RecipeError
        A column of this type cannot be a target.
    """
    if not column.metric:
        known = [word for word, kind in column_types().items() if kind.metric]
        raise RecipeError(
            f"targets.{name}: a column of type {column.type!r} cannot be a target; use {one_of(known)}"
        )
    heads: list[type[Head]] = class_in(column.type, "network", Head)
    return next(head for head in heads if head.takes(column))
