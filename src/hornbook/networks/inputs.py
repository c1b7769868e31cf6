"""What a kind puts before and behind the body: its input, its augmentation and its head, found in its folder."""

from __future__ import annotations

from collections.abc import Sequence

from hornbook.columns.augment import Augment
from hornbook.columns.base import Column
from hornbook.columns.kinds import class_in, column_types
from hornbook.columns.network import BodyOptions, Head, Input
from hornbook.errors import RecipeError, one_of


def make_input(name: str, columns: Sequence[Column], options: BodyOptions | None = None) -> Input:
    """Return the input module of a column, or of several of one kind that stand side by side.

    ``options`` are those of the body that reads it. Raises RecipeError where the kind cannot be an input.
    """
    first = columns[0]
    if not first.is_input:
        known = [word for word, column in column_types().items() if column.is_input]
        raise RecipeError(
            f"inputs.{name}: a column of type {first.type!r} cannot be an input; use {one_of(known)}"
        )
    kind: type[Input] = class_in(first.type, "network", Input)[0]
    return kind.of(columns, options)


def make_augment(options: Augment) -> Augment:
    """Return what does to a batch what a recipe's options say."""
    kind: type[Augment] = class_in(options.type, "augment", Augment)[0]
    return kind(**vars(options))


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
