"""The contract of a kind of value in a page that answers with no server: the scripts that prepare and read it.

A kind has it in a file ``page.py``, with its script ``page.js`` beside it. A script registers in ``COLUMNS`` under the
word of the kind an object with ``prepare(column, value, where)``, where the kind can be an input, and
``read(column, output, top)``, where it can be a target; `hornbook.serve` says more in ``engine/answers.js``.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np

from hornbook.columns.base import Column
from hornbook.columns.kinds import KINDS, class_in
from hornbook.errors import UsageError

C = TypeVar("C", bound=Column)


class Script(NamedTuple):
    """A script: the package that it lies in, and its name."""

    package: str
    name: str

    def text(self) -> str:
        """Return what stands in it."""
        return (files(self.package) / self.name).read_text("utf-8")


class Page(Generic[C]):
    """How values of a column are prepared and read in a page.

    Parameters
    ----------
    column
        As it stands in the recognizer's file.
    """

    needs: ClassVar[tuple[Script, ...]] = ()
    """Scripts of other kinds that its own is built on."""

    def __init__(self, column: C) -> None:
        self.column = column

    def scripts(self) -> tuple[Script, ...]:
        """Return its scripts, each after those that it is built on."""
        return (*self.needs, Script(type(self).__module__.rpartition(".")[0], "page.js"))

    def objection(self) -> str:
        """Return why the column cannot be prepared in a page, as the end of a sentence; empty where it can."""
        return ""

    def data(self) -> dict[str, Any]:
        """Return what the script has to know beside the column as it stands in the file: its ``column.page``."""
        return {}

    def made_up(self, draw: np.random.Generator) -> Any:
        """Return a value that nobody gave, by which a page checks itself: JSON types, or the bytes of a file."""
        raise NotImplementedError(f"a column of type {self.column.type!r} is no input")


def page_of(column: Column, name: str) -> Page[Any]:
    """Return how a column is prepared in a page; UsageError where its kind, or the column, cannot be."""
    said = f"{name} is a column of type {column.type!r}"
    try:
        kind: type[Page[Any]] = class_in(column.type, "page", Page)[0]
    except ModuleNotFoundError as error:
        if error.name != f"{KINDS[column.type]}.page":
            raise
        raise UsageError(f"{said}, which no page prepares without a server: use hornbook serve") from None
    page = kind(column)
    if wrong := page.objection():
        raise UsageError(f"{said}, and {wrong}: use hornbook serve")
    return page
