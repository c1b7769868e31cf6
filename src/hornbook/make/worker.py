"""The other end of `hornbook.make.workers`: a process that calls the functions it is told, until nobody asks.

    ["hornbook.make.folder", "write_made", ["{...}", "captchas", [0, 1], ["0782.png", "3361.png"]]]  a task
    ["", null, 0.004]                                                                             its answer

An answer is the name of an error, empty where there was none, what the function returned or what the error says, and
how many seconds of the processor's time it took.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time

from hornbook.errors import HornbookError


def _serve() -> None:
    """Answer tasks until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed must not stand between the answers
    if "idle" in sys.argv[1:]:
        _step_back()
    with contextlib.suppress(OSError, KeyboardInterrupt):  # who asked is gone
        while line := sys.stdin.buffer.readline():
            start = time.process_time()
            module, name, arguments = json.loads(line)
            failed = ""
            try:
                said = getattr(importlib.import_module(module), name)(*arguments)
            except HornbookError as error:
                failed, said = type(error).__name__, str(error)
            except MemoryError:
                failed, said = "RunError", "there is not enough memory: use fewer --jobs"
            answers.write(json.dumps([failed, said, time.process_time() - start]).encode() + b"\n")
            answers.flush()
    os._exit(0)  # without a look at pipes that are broken


def _step_back() -> None:
    """Take only the time that nobody else wants."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(19)
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


if __name__ == "__main__":
    _serve()
