"""Answers to many files on a Ray cluster: each part is a task, the same code as in a process of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hornbook.common.cluster import ray_cluster
from hornbook.recognizer.bulk.parts_of import Asked, Done, Part, answer

TRIES = 3
"""Times that a part is begun again where a worker vanished."""


def answer_on_ray(asked: Asked, parts: Sequence[Part], address: str) -> Iterator[Done]:
    """Answer parts on a Ray cluster, and yield what became of each; in no order.

    The recognizer, the files and the folder of answers stand under the same paths on every machine. ``address`` is as
    that of `hornbook.common.cluster.ray_cluster`, which says what is raised.
    """
    with ray_cluster(address, TRIES) as ray:
        task = ray.remote(max_retries=TRIES)(answer)
        waiting = [task.remote(asked, part) for part in parts]
        while waiting:
            ready, waiting = ray.wait(waiting)
            yield from ray.get(ready)
