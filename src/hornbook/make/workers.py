"""Processes that make examples, and end with the process that started them, however that ends.

A worker is ``python -m hornbook.make.worker``, which calls the functions that it reads from its standard input and
answers on its standard output. So it needs no fork (which the threads of PyTorch do not survive) and does not run the
user's script a second time, as `multiprocessing` does where a process cannot be forked. When the starting process is
gone, killed or not, the pipe ends, and so does the worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, TypeVar

import hornbook.errors
from hornbook.common.files import reason
from hornbook.errors import HornbookError, RunError

T = TypeVar("T")


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Worker:
    """One process; where it is ``idle`` it works only while the machine has nothing else to do."""

    def __init__(self, idle: bool = False) -> None:
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
            [sys.executable, "-P", "-m", "hornbook.make.worker", *(["idle"] if idle else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **one, "PYTHONPATH": path},
            **options,
        )
        self.ended = False

    def ask(self, function: Callable[..., T], *arguments: Any) -> tuple[T, float]:
        """Have a function of a module called, and return what it returned and the seconds of a processor that it took.

        Arguments and what is returned are what JSON knows.

        Raises
        ------
        HornbookError
            What went wrong there, or that the process has ended.
        """
        asked, answered = self.process.stdin, self.process.stdout
        assert asked is not None and answered is not None
        try:
            asked.write(json.dumps([function.__module__, function.__name__, arguments]).encode() + b"\n")
            asked.flush()
            failed, said, seconds = json.loads(answered.readline())
        except (OSError, ValueError):
            self.ended = True
            raise RunError(
                "a process that makes examples has ended before its time: give the same command again, and fewer "
                "--jobs where there is not enough memory"
            ) from None
        if failed:
            raise HornbookError.__new__(getattr(hornbook.errors, failed, RunError), said)
        return said, seconds

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

    >>> import math
    >>> with Workers(1) as workers:
    ...     list(workers.map(math.gcd, [(12, 18), (7, 2)]))
    [6, 1]
    """

    def __init__(self, count: int, idle: bool = False) -> None:
        self.count, self.idle = count, idle
        self.worked, self.longest = 0.0, 0.0
        """Seconds of a processor that all tasks so far took, and the longest of them."""
        self._all: list[Worker] = []
        self._free: list[Worker] = []
        self._lock = threading.RLock()  # it may be closed by the garbage collector, wherever that comes
        self._closed = False

    def map(self, function: Callable[..., T], tasks: Iterable[tuple[Any, ...]]) -> Iterator[T]:
        """Yield what a function returns of the arguments of each task, in the order of the tasks."""
        to_do = deque((Future[T](), arguments) for arguments in tasks)
        answers = deque(future for future, _ in to_do)

        def work() -> None:
            worker: Worker | None = None
            with contextlib.suppress(IndexError):  # nothing is left to do
                while True:
                    future, arguments = to_do.popleft()
                    try:
                        worker = worker or self._started()
                        answer, seconds = worker.ask(function, *arguments)
                    except HornbookError as error:
                        future.set_exception(error)
                        continue
                    with self._lock:
                        self.worked += seconds
                        self.longest = max(self.longest, seconds)
                    future.set_result(answer)
            if worker is not None and not worker.ended:
                with self._lock:
                    self._free.append(worker)

        # Threads that nobody waits for when the process ends, unlike those of concurrent.futures.
        for _ in range(min(self.count, len(to_do))):
            threading.Thread(target=work, daemon=True).start()
        try:
            while answers:
                future = answers.popleft()
                while not future.done():
                    wait([future], 0.2)  # a longer wait is deaf to Ctrl-C on Windows
                yield future.result()
        finally:
            to_do.clear()

    def _started(self) -> Worker:
        with self._lock:
            if self._closed:
                raise RunError("the making of examples was stopped: give the same command again")
            if self._free:
                return self._free.pop()
            try:
                worker = Worker(self.idle)
            except OSError as error:
                raise RunError(
                    f"no process can be started to make examples ({reason(error)}): use fewer --jobs"
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
