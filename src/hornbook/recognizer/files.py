"""What ``predict`` is given where an input is a file: pictures, sounds, and the rows of tables among them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from hornbook.common.endings import ending
from hornbook.errors import DataError
from hornbook.recognizer.arguments import TABLES
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.inputs import Given, inputs


def given_files(reader: Graph, paths: Sequence[str]) -> Iterator[Given]:
    """Yield what is at some paths, as `hornbook.recognizer.inputs.inputs` does, and the rows of tables among them."""
    name, column = next((n, c) for n, c in reader.inputs.items() if c.heavy)
    loose: list[tuple[str, Any]] = []
    for path in paths:
        if ending(path) not in TABLES - {"txt", "data"} or not os.path.isfile(path):  # noqa: PTH113
            loose += inputs([path], column.type)
            continue
        from hornbook.recognizer.file_tables import rows_of  # a table library is loaded for tables alone

        if loose:
            yield Given(loose, name)
        loose = []
        try:
            yield rows_of(reader, path)
        except DataError as error:
            yield Given([], path, [error])
    if loose:
        yield Given(loose, name)
