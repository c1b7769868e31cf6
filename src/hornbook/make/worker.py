"""The other end of `hornbook.make.workers`: a process that makes what it is asked for, until nobody asks.

    {"make": {"kind": "captcha", ...}}                                  the first line: what is made
    {"write": "captchas", "numbers": [0, 1], "names": ["0782.png", "3361.png"]}  a task

The answer to a task is a line of JSON whose ``bytes`` says how many bytes follow, and ``seconds`` how much of the
processor's time it took.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from hornbook.common.files import cannot_write, write_file
from hornbook.errors import HornbookError
from hornbook.make.maker import Maker
from hornbook.make.registry import options_from_json

Handler = Callable[[dict[str, Any]], tuple[dict[str, Any], bytes]]


def serve(prepare: Callable[[dict[str, Any]], Handler]) -> None:
    """Answer tasks until standard input ends; ``prepare`` takes the first line and returns what does a task."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed must not stand between the answers
    if "idle" in sys.argv[1:]:
        _step_back()
    questions = sys.stdin.buffer
    handler: Handler | None = None
    setup = questions.readline()
    with contextlib.suppress(OSError, KeyboardInterrupt):  # who asked is gone
        while line := questions.readline():
            try:
                start = time.process_time()
                handler = handler or prepare(json.loads(setup))
                said, data = handler(json.loads(line))
                said = {**said, "seconds": time.process_time() - start}
            except HornbookError as error:
                said, data = {"error": type(error).__name__, "message": str(error)}, b""
            except MemoryError:
                said, data = (
                    {"error": "RunError", "message": "there is not enough memory: use fewer --jobs"},
                    b"",
                )
            answers.write(json.dumps({**said, "bytes": len(data)}).encode() + b"\n")
            answers.write(data)
            answers.flush()
    os._exit(0)  # without a look at pipes that are broken


def _step_back() -> None:
    """Take only the time that nobody else wants."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(19)
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def write_files(maker: Maker, folder: Path, numbers: Sequence[int], names: Sequence[str]) -> None:
    """Write examples into a folder, each there as a whole or not at all.

    Raises
    ------
    RunError
        The disk is full, or the folder cannot be written.
    """
    do = "make room or name another folder, and give the command again"
    cannot = partial(cannot_write, folder, do=do)
    for number, name in zip(numbers, names, strict=True):
        write_file(folder / name, maker.file(number, name.rpartition(".")[2]), cannot=cannot)


def _prepare(setup: dict[str, Any]) -> Handler:
    maker = options_from_json(setup["make"]).maker()

    def handle(task: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        if "texts" in task:
            return {"texts": [maker.text(i) for i in range(*task["texts"])]}, b""
        write_files(maker, Path(task["write"]), task["numbers"], task["names"])
        return {}, b""

    return handle


if __name__ == "__main__":
    serve(_prepare)
