"""A Ray cluster: found, its errors told as ours, and left as it was."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hornbook.errors import HornbookError, MissingExtra, RunError, UsageError

REACHED = 5.0
"""Seconds within which a cluster answers at its address."""


@contextmanager
def ray_cluster(address: str, tries: int) -> Iterator[Any]:
    """Give the package ``ray``, connected to a cluster, which is left again at the end.

    What one of our errors ended in a task is raised here as that error.

    Parameters
    ----------
    address
        Of the cluster: ``auto`` for that of this machine, ``local`` for one that is started and ended here,
        ``HOST:6379`` or ``ray://HOST:10001``.
    tries
        Times that a task is begun again where a worker vanished, for the sentence that says that it was.

    Raises
    ------
    MissingExtra
        Ray is not installed.
    UsageError
        There is no cluster.
    RunError
        Workers were lost again and again.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("--ray", "ray") from error
    mine = not ray.is_initialized()
    try:
        if mine:
            _reach(address)
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"--ray {address}: there is no Ray cluster; start one with `ray start --head`, or give --ray local"
        ) from error
    try:
        yield ray
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, HornbookError):
            raise error.cause from None
        raise
    except ray.exceptions.RayError as error:
        raise RunError(
            f"a worker of the Ray cluster was lost {tries} times: give the same command again to go on"
        ) from error
    finally:
        if mine:
            ray.shutdown()


def _reach(address: str) -> None:
    """Raise OSError where nobody listens at an address with a port: Ray itself asks again for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdigit() and int(port) < 2**16:
        socket.create_connection((host.strip("[]"), int(port)), REACHED).close()
