"""A process that makes examples and encodes them, straight into the file of a column's rows.

    {"make": {"kind": "captcha", ...}, "column": {"type": "image", ...}, "stream": "train"}
    {"file": ".../rows.npy", "offset": 128, "numbers": [0, 256]}

The answer's bytes are the facts of these rows. See `hornbook.make.workers`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hornbook.columns.kinds import column_from_json
from hornbook.common.files import cannot_write
from hornbook.errors import DataError
from hornbook.examples.facts import FACTS, encode_value
from hornbook.make.registry import options_from_json
from hornbook.make.worker import Handler, serve


def _prepare(setup: dict[str, Any]) -> Handler:
    maker = options_from_json(setup["make"]).maker()
    column = column_from_json(setup["column"])

    def handle(task: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        numbers = range(*task["numbers"])
        block = np.zeros((len(numbers), *column.shape), column.dtype)
        facts = np.zeros(len(numbers), FACTS)
        problems = []
        for at, number in enumerate(numbers):
            name = f"{maker.options.stream}/{number}"
            try:
                encode_value(column, maker.value(number), name, facts, at, block)
            except DataError as error:
                facts["bad"][at] = True
                problems.append([name, str(error)])
        try:
            with Path(task["file"]).open("r+b") as file:
                file.seek(task["offset"])
                file.write(block.data)
        except OSError as error:
            raise cannot_write(Path(task["file"]), error, "make room, and give the command again") from error
        return {"problems": problems}, facts.tobytes()

    return handle


if __name__ == "__main__":
    serve(_prepare)
