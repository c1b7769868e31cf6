"""The processes that train one network together: what torchrun starts, and what they tell each other.

Rank 0 writes, exports and reports; the others compute. What they exchange are vectors of one length and bytes: JSON,
arrays and checkpoints, never pickles.
"""

from __future__ import annotations

import io
import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.errors import HornbookError, RunError
from hornbook.training.many.beside import Beside, in_order, meet

__all__ = ["OfAnotherRank", "Ranks", "joined"]


class OfAnotherRank(RunError):
    """Another rank cannot go on, and rank 0 says why."""


class Ranks:
    """The processes that train together, as one of them sees them; by default it is alone.

    Attributes
    ----------
    rank, world
        Its number, from 0 on, and how many there are.
    local
        Its number on its machine.
    asked
        What Ctrl-C sets in this process.
    again
        Whether torchrun started all of them again, as one had died.
    beside
        What they share where all are on one machine; without it gloo sends what they exchange.
    """

    def __init__(
        self,
        rank: int = 0,
        world: int = 1,
        local: int = 0,
        again: bool = False,
        beside: Beside | None = None,
    ) -> None:
        self.rank, self.world, self.local, self.again = rank, world, local, again
        self.beside = beside
        self.asked = threading.Event()
        self._stop = False

    @property
    def first(self) -> bool:
        """Whether it is the one that writes."""
        return self.rank == 0

    @property
    def stopping(self) -> bool:
        """Whether training is to stop after this step: of several ranks, what they have told each other in it."""
        return self.asked.is_set() if self.world == 1 else self._stop

    def note_stop(self, asked: bool) -> None:
        """Take up whether any rank was asked to stop."""
        self._stop = self._stop or asked

    def gather(self, vector: Tensor) -> list[Tensor]:
        """Return the vectors of all ranks, of one length and type, in their order."""
        if self.world == 1:
            return [vector]
        with _lost():
            if self.beside is not None and vector.device.type == "cpu":
                return self.beside.gather(vector)
            found = [torch.empty_like(vector) for _ in range(self.world)]
            torch.distributed.all_gather(found, vector)
        return found

    def add_shards(self, mine: Tensor, count: int, total: Tensor) -> Tensor:
        """Make ``total`` the sum of the vectors of so many shards, in their order, and return it.

        Parameters
        ----------
        mine
            Of the shards ``rank::world``, shape ``(most of a rank, numbers)``.
        """
        if self.world == 1:
            return in_order(list(mine), total)
        if self.beside is not None and mine.device.type == "cpu":
            with _lost():
                self.beside.add_shards(mine, count, total)
            return total
        every = [part.view(mine.shape) for part in self.gather(mine.view(-1))]
        return in_order([every[shard % self.world][shard // self.world] for shard in range(count)], total)

    def add(self, vector: Tensor) -> Tensor:
        """Return the sum of the vectors of all ranks, added in any order."""
        if self.world > 1:
            with _lost():
                if self.beside is not None and vector.device.type == "cpu":
                    self.beside.add(vector)
                else:
                    torch.distributed.all_reduce(vector)
        return vector

    def gather_bytes(self, data: bytes) -> list[bytes]:
        """Return the bytes of all ranks, in their order."""
        sizes = [int(n) for n in self.gather(torch.tensor([len(data)]))]
        own = torch.zeros(max(sizes), dtype=torch.uint8)
        own[: len(data)] = torch.frombuffer(bytearray(data or b"\0"), dtype=torch.uint8)[: len(data)]
        every = self.gather(own) if max(sizes) else [own] * self.world
        return [e[:n].numpy().tobytes() for e, n in zip(every, sizes, strict=True)]

    def told(self, data: bytes) -> bytes:
        """Return the bytes of rank 0."""
        if self.world == 1:
            return data
        size = int(self.gather(torch.tensor([len(data)]))[0])
        held = (
            torch.frombuffer(bytearray(data), dtype=torch.uint8) if self.first else torch.zeros(size).byte()
        )
        return self.spread(held).numpy().tobytes()

    def spread(self, vector: Tensor) -> Tensor:
        """Return the vector of rank 0; on the others it is one of the same length and type, written over."""
        if self.world > 1:
            with _lost():
                if self.beside is not None and vector.device.type == "cpu":
                    self.beside.spread(vector)
                else:
                    torch.distributed.broadcast(vector, 0)
        return vector

    def told_values(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the numbers of rank 0, to the bit."""
        if self.world == 1:
            return dict(values)
        told = self.told(json.dumps({name: float(value) for name, value in values.items()}).encode())
        found: dict[str, float] = json.loads(told)
        return found

    def gather_arrays(self, parts: Mapping[int, Mapping[str, Array]]) -> dict[int, dict[str, Array]]:
        """Return the numbered arrays of all ranks together; each number is of one rank."""
        if self.world == 1:
            return {i: dict(part) for i, part in parts.items()}
        memory = io.BytesIO()
        np.savez(memory, **{f"{i} {n}": a for i, part in parts.items() for n, a in part.items()})  # type: ignore[arg-type]
        out: dict[int, dict[str, Array]] = {}
        for raw in self.gather_bytes(memory.getvalue()):
            with np.load(io.BytesIO(raw), allow_pickle=False) as read:
                for key in read.files:
                    number, _, name = key.partition(" ")
                    out.setdefault(int(number), {})[name] = read[key]
        return out

    def wait(self) -> None:
        """Go on when all ranks have come here."""
        self.gather(torch.zeros(1))

    @contextmanager
    def agreed(self) -> Iterator[None]:
        """Do something that may fail, first where a cache is made that others share; go on where all ranks could.

        Raises
        ------
        HornbookError
            What one rank could not do none does. Rank 0 says why, and the others are silent.
        """
        if self.world == 1:
            yield
            return
        failed: HornbookError | None = None
        if self.local:
            self.wait()
        try:
            yield
        except HornbookError as error:
            failed = error
        if not self.local:
            self.wait()
        self._compare_failures(failed)

    def _compare_failures(self, failed: HornbookError | None) -> None:
        said = [s.decode() for s in self.gather_bytes(str(failed or "").encode())]
        whose = next((i for i, s in enumerate(said) if s), None)
        if whose is None:
            return
        if not self.first:
            raise OfAnotherRank(said[whose])
        if failed is not None:
            raise failed
        raise RunError(f"rank {whose}: {said[whose]}")

    def compare(self, facts: Mapping[str, str]) -> None:
        """Refuse ranks that differ in what decides about the bits.

        Parameters
        ----------
        facts
            What a fact is called in the sentence, and what it is here; the first one that differs is named.

        Raises
        ------
        RunError
            On rank 0; on the others `OfAnotherRank`.
        """
        if self.world == 1:
            return
        mine = {**facts, "host": socket.gethostname()}
        every = [json.loads(raw) for raw in self.gather_bytes(json.dumps(mine).encode())]
        for rank, theirs in enumerate(every):
            for what, first in every[0].items():
                if what != "host" and theirs.get(what) != first:
                    said = (
                        f"rank {rank} on {theirs['host']} has {what} {theirs.get(what)}, and rank 0 on "
                        f"{every[0]['host']} has {first}: all ranks need the same, as any of them may compute any shard"
                    )
                    raise RunError(said) if self.first else OfAnotherRank(said)


@contextmanager
def joined() -> Iterator[Ranks]:
    """Join the processes that torchrun started, by gloo and, on GPUs, by NCCL; alone where it started none.

    Raises
    ------
    RunError
        They do not find each other.
    """
    told = os.environ
    attempt = told.get("TORCHELASTIC_RESTART_COUNT", "0")
    if "TORCHELASTIC_RUN_ID" not in told or int(told.get("WORLD_SIZE", "1")) == 1:
        yield Ranks(again=int(attempt) > 0)
        return
    from torch.distributed.distributed_c10d import PrefixStore
    from torch.distributed.rendezvous import rendezvous

    ways = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    try:
        store, rank, world = next(iter(rendezvous("env://")))
        # torchrun may hand on the store of the attempt before, in which gloo would find the addresses of the dead.
        store = PrefixStore(f"attempt {attempt}", store)
        torch.distributed.init_process_group(ways, store=store, rank=rank, world_size=world)
    except (RuntimeError, ValueError) as error:
        place = f"{told.get('MASTER_ADDR')}:{told.get('MASTER_PORT')}"
        raise RunError(
            f"the ranks do not find each other at {place}: see that every machine reaches that address, or name "
            "another one with torchrun --rdzv-endpoint"
        ) from error
    beside = None
    if told.get("LOCAL_WORLD_SIZE") == str(world):
        beside = meet(PrefixStore("beside", store), rank, world)
    try:
        yield Ranks(rank, world, int(told.get("LOCAL_RANK", "0")), int(attempt) > 0, beside)
    finally:
        if beside is not None:
            beside.close()
        torch.distributed.destroy_process_group()


@contextmanager
def _lost() -> Iterator[None]:
    """Say in one sentence that another rank is not there any more."""
    try:
        yield
    except (RuntimeError, ConnectionError) as error:
        raise RunError(
            "another rank has ended, and this one ends with it: torchrun --max-restarts 3 starts all again, or give "
            "the same command again; it goes on from what was saved"
        ) from error
