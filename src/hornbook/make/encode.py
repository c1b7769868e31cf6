"""Making examples and encoding them, straight into the file of a column's rows: the task of one process.

It imports no table, so that a process starts at once.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np

from hornbook.columns.kinds import column_from_json
from hornbook.common.files import cannot_write
from hornbook.errors import DataError
from hornbook.examples.facts import FACTS, encode_value
from hornbook.make.registry import maker_of


def write_encoded(
    made: str, kind: dict[str, Any], file: str, offset: int, first: int, last: int
) -> tuple[str, list[tuple[str, str]]]:
    """Write the examples of the numbers from ``first`` to ``last`` into a file from ``offset`` on.

    ``made`` is what `hornbook.make.registry.maker_of` takes, ``kind`` the column as JSON. What is returned are the
    facts of the rows (`hornbook.examples.facts.FACTS`) as bytes in base64, and name and message of each problem.
    """
    maker, column, path, numbers = maker_of(made), column_from_json(kind), Path(file), range(first, last + 1)
    block = np.zeros((len(numbers), *column.shape), column.dtype)
    facts = np.zeros(len(numbers), FACTS)
    problems = []
    for at, number in enumerate(numbers):
        name = f"{maker.options.stream}/{number}"
        try:
            encode_value(column, maker.value(number), name, facts, at, block)
        except DataError as error:
            facts["bad"][at] = True
            problems.append((name, str(error)))
    try:
        with path.open("r+b") as out:
            out.seek(offset)
            out.write(block.data)
    except OSError as error:
        raise cannot_write(path, error, "make room, and give the command again") from error
    return base64.b64encode(facts.tobytes()).decode(), problems
