"""Answers to many files on a Ray cluster: each part is a task, the same code as in a process of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hornbook.errors import HornbookError, MissingExtra, RunError, UsageError
from hornbook.recognizer.bulk.parts_of import Asked, Done, Part, answer

TRIES = 3
"""Times that a part is begun again where a worker vanished."""


def answer_on_ray(asked: Asked, parts: Sequence[Part], address: str) -> Iterator[Done]:
    """Answer parts on a Ray cluster, and yield what became of each; in no order.

    The recognizer, the files and the folder of answers stand under the same paths on every machine.

    Parameters
    ----------
    address
        Of the cluster: ``auto`` for that of this machine, ``local`` for one that is started and ended here,
        ``HOST:6379`` or ``ray://HOST:10001``.

    Raises
    ------
    UsageError
        There is no cluster.
    RunError
        A task ended otherwise than by its answers.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("--ray", "ray") from error
    mine = not ray.is_initialized()
    try:
        if mine:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"--ray {address}: there is no Ray cluster; start one with `ray start --head`, or give --ray local"
        ) from error
    try:
        task = ray.remote(max_retries=TRIES)(answer)
        waiting = [task.remote(asked, part) for part in parts]
        while waiting:
            ready, waiting = ray.wait(waiting)
            yield from ray.get(ready)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, HornbookError):
            raise error.cause from None
        raise
    except ray.exceptions.RayError as error:
        raise RunError(
            f"a worker of the Ray cluster was lost {TRIES} times: give the same command again to go on"
        ) from error
    finally:
        if mine:
            ray.shutdown()
