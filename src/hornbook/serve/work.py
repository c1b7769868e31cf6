"""The work of the server: recognizers that answer in a bounded number of threads, with a bounded queue before them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hornbook.recognizer import Recognizer

MOST_PIXELS = 25_000_000
"""Pixels of a picture that is answered: what a phone takes, and 75 MB while it is decoded."""

ANSWER_SECONDS = 30.0
"""How long one answer may take; the thread that is still at it keeps its place until it ends."""


class Busy(Exception):
    """All threads work, and as many requests as may wait do."""


class Work:
    """Recognizers by their names, and the threads that answer with them.

    Parameters
    ----------
    models
        Each answers with one thread, so that as many requests are answered at once as there are threads.
    threads
        How many answer at once; 0 is one for each core.
    waiting
        How many more requests may wait for one.
    """

    def __init__(self, models: dict[str, Recognizer], threads: int = 0, waiting: int = 32) -> None:
        self.models = models
        self.threads = threads or os.cpu_count() or 1
        self.most = self.threads + waiting
        self.under_way = 0
        self.pool = ThreadPoolExecutor(self.threads, "hornbook")
        for model in models.values():
            model.inputs = {n: c.limited(MOST_PIXELS) for n, c in model.inputs.items()}

    @property
    def first(self) -> str:
        """The name of the model that answers where none is named."""
        return next(iter(self.models))

    async def do(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function returns in one of the threads.

        Raises
        ------
        Busy
            Too many wait.
        TimeoutError
            It takes too long.
        """
        if self.under_way >= self.most:
            raise Busy
        self.under_way += 1
        future = asyncio.get_running_loop().run_in_executor(self.pool, function, *arguments)
        future.add_done_callback(self._done)
        return await asyncio.wait_for(asyncio.shield(future), ANSWER_SECONDS)

    def _done(self, future: asyncio.Future[Any]) -> None:
        self.under_way -= 1
        if not future.cancelled():
            future.exception()  # nobody may be left who waits for it

    def close(self) -> None:
        """Let the threads end."""
        self.pool.shutdown(wait=False, cancel_futures=True)
