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
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import hornbook.errors
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
        here = str(Path(__file__).parents[2])
        path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        options: dict[str, Any] = {}
        if sys.platform == "win32":
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP | (
                subprocess.IDLE_PRIORITY_CLASS if idle else 0
            )
        else:
            # Ctrl-C is for the one who started it. Not a session of its own: Linux shares time out by sessions first
            # (autogroup, sched(7)), so that there the lowest priority would still be half of a core.
            options["process_group"] = 0
        self.process = subprocess.Popen(
            # -P: a file captcha.py in the folder one is in must not be taken for the package.
            [sys.executable, "-P", "-m", module, *(["idle"] if idle else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **one, "PYTHONPATH": path},
            **options,
        )
        self.setup: Task | None = setup
        self.ended = False

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
            self.ended = True
            raise RunError(
                "a process that makes examples has ended before its time: give the same command again, and fewer "
                "--jobs where there is not enough memory"
            )
        if "error" in head:
            kind = getattr(hornbook.errors, head["error"], RunError)
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
    """Several processes that share tasks; they are started when they are needed, and stay until they are closed.

    >>> with Workers("hornbook.make.worker", {"make": {"kind": "captcha"}}, 1) as workers:
    ...     [len(head["texts"]) for head, _ in workers.map([{"texts": [0, 3]}])]
    [3]
    """

    def __init__(self, module: str, setup: Task, count: int, idle: bool = False) -> None:
        self.count = count
        self._start = (module, setup, idle)
        self.worked, self.longest = 0.0, 0.0
        """Seconds of a processor that all tasks so far took, and the longest of them."""
        self._all: list[Worker] = []
        self._free: list[Worker] = []
        self._lock = threading.RLock()  # it may be closed by the garbage collector, wherever that comes
        self._closed = False

    def map(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        """Yield the answers in the order of the tasks."""
        to_do: queue.SimpleQueue[tuple[int, Task]] = queue.SimpleQueue()
        count = 0
        for count, task in enumerate(tasks, start=1):
            to_do.put((count - 1, task))
        answers: dict[int, Answer | HornbookError] = {}
        ready = threading.Condition()

        def work() -> None:
            worker: Worker | None = None
            with contextlib.suppress(queue.Empty):
                while True:
                    number, task = to_do.get_nowait()
                    try:
                        worker = worker or self._started()
                        answer = worker.ask(task)
                        with self._lock:
                            self.worked += answer[0]["seconds"]
                            self.longest = max(self.longest, answer[0]["seconds"])
                        found: Answer | HornbookError = answer
                    except HornbookError as error:
                        found = error
                    with ready:
                        answers[number] = found
                        ready.notify()
            if worker is not None and not worker.ended:
                with self._lock:
                    self._free.append(worker)

        # Threads that nobody waits for when the process ends, unlike those of concurrent.futures.
        for _ in range(min(self.count, count)):
            threading.Thread(target=work, daemon=True).start()
        try:
            for number in range(count):
                with ready:
                    while number not in answers:
                        ready.wait(0.2)
                    answer = answers.pop(number)
                if isinstance(answer, HornbookError):
                    raise answer
                yield answer
        finally:
            with contextlib.suppress(queue.Empty):
                while True:
                    to_do.get_nowait()

    def _started(self) -> Worker:
        with self._lock:
            if self._closed:
                raise RunError("the making of examples was stopped: give the same command again")
            if self._free:
                return self._free.pop()
            try:
                worker = Worker(*self._start)
            except OSError as error:
                reason = (error.strerror or type(error).__name__).lower()
                raise RunError(
                    f"no process can be started to make examples ({reason}): use fewer --jobs"
                ) from error
            self._all.append(worker)
            return worker

    def close(self) -> None:
        """End all processes; what they were doing is lost."""
        with self._lock:
            self._closed = True
            for worker in self._all:
                worker.close()
            self._all.clear()
            self._free.clear()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
