"""Processes that make examples, and end with the process that started them, however that ends.

A worker is ``python -m MODULE``, told what to do by lines of JSON on its standard input and answering on its
standard output. So it needs no fork (which the threads of PyTorch do not survive) and does not run the user's
script a second time, as `multiprocessing` does where a process cannot be forked. When the starting process is
gone, killed or not, the pipe ends, and so does the worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hornbook import errors
from hornbook.errors import HornbookError, RunError

Task = Mapping[str, Any]
Answer = tuple[dict[str, Any], bytes]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Worker:
    """One process.

    Parameters
    ----------
    module
        The module that is run; its ``__main__`` calls `hornbook.make.worker.serve`.
    setup
        What it is told first.
    idle
        Whether it works only while the machine has nothing else to do.
    """

    def __init__(self, module: str, setup: Task, idle: bool = False) -> None:
        here = str(Path(errors.__file__).parent.parent)
        path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        options: dict[str, Any] = {}
        if sys.platform == "win32":
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP | (
                subprocess.IDLE_PRIORITY_CLASS if idle else 0
            )
        else:
            options["start_new_session"] = True  # Ctrl-C is for the one who started it
        self.process = subprocess.Popen(
            # -P: a file captcha.py in the folder one is in must not be taken for the package.
            [sys.executable, "-P", "-m", module, *(["idle"] if idle else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **one, "PYTHONPATH": path},
            **options,
        )
        self.setup: Task | None = setup

    def ask(self, task: Task) -> Answer:
        """Have one task done, and return the answer.

        Raises
        ------
        HornbookError
            What went wrong there, or that the process has ended.
        """
        said, answered = self.process.stdin, self.process.stdout
        assert said is not None and answered is not None
        try:
            if self.setup is not None:
                said.write(json.dumps(self.setup).encode() + b"\n")
                self.setup = None
            said.write(json.dumps(task).encode() + b"\n")
            said.flush()
            head = json.loads(answered.readline() or b"null")
            data = answered.read(head["bytes"]) if head else b""
        except (OSError, ValueError):
            head, data = None, b""
        if head is None or len(data) != head["bytes"]:
            raise RunError(
                "a process that makes examples has ended before its time: give the same command again, and fewer "
                "--jobs where there is not enough memory"
            )
        if "error" in head:
            kind = getattr(errors, head["error"], RunError)
            raise HornbookError.__new__(kind, head["message"])
        return head, data

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.process.wait()


class Workers:
    """Several processes that share tasks.

    >>> with Workers("hornbook.make.worker", {"make": {"kind": "captcha"}}, 1) as workers:
    ...     [len(head["texts"]) for head, _ in workers.map([{"texts": [0, 3]}])]
    [3]
    """

    def __init__(self, module: str, setup: Task, count: int, idle: bool = False) -> None:
        self.count = count
        self._start = (module, setup, idle)
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self._all: list[Worker] = []
        self._lock = threading.Lock()
        self._closed = False

    def map(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        """Yield the answers in the order of the tasks, of which few are in work at a time."""
        with ThreadPoolExecutor(self.count) as pool:
            waiting: deque[Future[Answer]] = deque()
            try:
                for task in tasks:
                    waiting.append(pool.submit(self._ask, task))
                    if len(waiting) > 2 * self.count:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for one in waiting:
                    one.cancel()
                if waiting:  # given up, so that nobody waits for what is in work
                    self.close()

    def _ask(self, task: Task) -> Answer:
        try:
            worker = self._free.get_nowait()
        except queue.Empty:
            worker = self._started()
        answer = worker.ask(task)
        self._free.put(worker)
        return answer

    def _started(self) -> Worker:
        with self._lock:
            if self._closed:
                raise RunError("the making of examples was stopped: give the same command again")
            worker = Worker(*self._start)
            self._all.append(worker)
            return worker

    def close(self) -> None:
        """End all processes; what they were doing is lost."""
        with self._lock:
            self._closed = True
            for worker in self._all:
                worker.close()
            self._all.clear()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
