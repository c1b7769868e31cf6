"""What the ranks of one machine exchange: vectors in memory that they share, and a byte that wakes who waits for them.

Gloo sends all through sockets and three threads of each rank, 0.3 to 0.9 ms of a processor for each exchange, which is
as long as a step of a small network. This costs a tenth of that; who waits sleeps in the kernel.
"""

from __future__ import annotations

import mmap
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.distributed.distributed_c10d import Store

__all__ = ["Beside", "in_order", "meet"]

SLOT = 1 << 20
"""Bytes of a vector that are exchanged at once; longer ones take several turns."""

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory; elsewhere they are among the temporary ones."""

PATIENCE = 60.0
"""Seconds in which ranks that have met in the store connect."""


class Beside:
    """The ranks of one machine as one of them sees them.

    Each has two slots in the shared memory, written in turns: who writes into one again has heard from all others that
    they have read what was there before.

    Parameters
    ----------
    memory
        Two slots for each rank.
    others
        By their numbers, sockets to the other ranks.
    """

    def __init__(self, memory: mmap.mmap, others: Mapping[int, socket.socket], rank: int) -> None:
        self.rank, self.others = rank, others
        self.slots = torch.frombuffer(memory, dtype=torch.uint8).view(2, len(others) + 1, -1)
        self._turn = 0

    def gather(self, vector: Tensor) -> list[Tensor]:
        """Return the vectors of all ranks, of one length and type, in their order.

        Raises
        ------
        ConnectionError
            Another rank has ended.
        """
        found = [torch.empty_like(vector) for _ in range(len(self.others) + 1)]
        for part, given in self._turns(vector):
            for one, slot in zip(found, given, strict=True):
                one[part] = slot
        return found

    def add(self, vector: Tensor) -> None:
        """Make it the sum of the vectors of all ranks, in their order; raises as `gather`."""
        for part, given in self._turns(vector):
            in_order(list(given), vector[part])

    def add_shards(self, mine: Tensor, count: int, total: Tensor) -> None:
        """Make ``total`` the sum of the vectors of so many shards, in their order; raises as `gather`.

        Parameters
        ----------
        mine
            Of the shards ``rank::ranks``, shape ``(most of a rank, numbers)``.
        """
        ranks = len(self.others) + 1
        longest = SLOT // (mine.element_size() * len(mine))
        for start in range(0, len(total), longest):
            part = slice(start, start + longest)
            given = self._exchanged(mine[:, part])
            in_order([given[shard % ranks, shard // ranks] for shard in range(count)], total[part])

    def spread(self, vector: Tensor) -> None:
        """Make it the vector of rank 0; raises as `gather`."""
        for part, given in self._turns(vector):
            vector[part] = given[0]

    def _turns(self, vector: Tensor) -> Iterator[tuple[slice, Tensor]]:
        """Give, part by part, what all ranks have there, until the next turn; shape ``(ranks, numbers)``."""
        longest = SLOT // vector.element_size()
        for start in range(0, len(vector), longest):
            part = slice(start, start + longest)
            yield part, self._exchanged(vector[part])

    def _exchanged(self, mine: Tensor) -> Tensor:
        """Return what all ranks have, stacked, until this is called again; at most `SLOT` bytes of each."""
        self._turn = 1 - self._turn
        bytes_of_one = mine.numel() * mine.element_size()
        given = self.slots[self._turn, :, :bytes_of_one].view(mine.dtype).view(-1, *mine.shape)
        given[self.rank] = mine
        self._wait()
        return given

    def _wait(self) -> None:
        """Wake the others, and sleep until each has written."""
        for other in self.others.values():
            other.send(b"\1")
        for other in self.others.values():
            if not other.recv(1):
                raise ConnectionError

    def close(self) -> None:
        """Leave the others."""
        for other in self.others.values():
            other.close()


def in_order(parts: Sequence[Tensor], total: Tensor) -> Tensor:
    """Make ``total`` the sum of the parts, added from the first one to the last, and return it."""
    if len(parts) == 1:
        return total.copy_(parts[0])
    torch.add(parts[0], parts[1], out=total)
    for part in parts[2:]:
        total += part
    return total


def meet(store: Store, rank: int, world: int) -> Beside | None:
    """Return what the ranks of one machine share; None where it cannot be had, by this rank or by another one.

    Nothing of it stays on the disk once they have met, however they end.

    Parameters
    ----------
    store
        In which they tell each other the place.
    """
    if not hasattr(socket, "AF_UNIX"):
        return None
    if rank == 0:
        store.set("place", str(_place(world) or ""))
    place = store.get("place").decode()
    if not place:
        return None
    try:
        found = _connected(Path(place), store, rank, world)
    except OSError:  # such as a system that knows no sockets in this folder
        found = None
    store.set(f"met {rank}", "yes" if found else "no")
    met = [store.get(f"met {other}") == b"yes" for other in range(world)]
    if rank == 0:
        shutil.rmtree(place, ignore_errors=True)
    if found is not None and not all(met):
        found.close()
        return None
    return found


def _place(world: int) -> Path | None:
    """Return a new folder that only this user can open, with the memory in it; None where there is no room."""
    place = None
    try:
        place = Path(tempfile.mkdtemp(prefix="hornbook-", dir=MEMORY if MEMORY.is_dir() else None))
        # All of it: a file with holes could fail later.
        (place / "memory").write_bytes(bytes(2 * world * SLOT))
    except OSError:
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)
        return None
    return place


def _connected(place: Path, store: Store, rank: int, world: int) -> Beside:
    """Connect to the ranks below, and take up those above."""
    with (place / "memory").open("r+b") as file:
        memory = mmap.mmap(file.fileno(), 0)
    others: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(PATIENCE)
        try:
            door.bind(str(place / f"rank{rank}"))
            door.listen(world)
        finally:
            store.set(f"listens {rank}", "")
        for other in range(rank):
            store.wait([f"listens {other}"])
            others[other] = socket.socket(socket.AF_UNIX)
            others[other].connect(str(place / f"rank{other}"))
            others[other].sendall(rank.to_bytes(4, "big"))
        for _ in range(rank + 1, world):
            taken, _address = door.accept()
            taken.settimeout(None)
            others[int.from_bytes(taken.recv(4, socket.MSG_WAITALL), "big")] = taken
    return Beside(memory, others, rank)
