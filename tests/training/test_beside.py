"""What the ranks of one machine exchange through memory that they share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
import torch
from torch import Tensor
from torch.distributed import HashStore  # type: ignore[attr-defined]

from hornbook.errors import RunError
from hornbook.training.many import beside
from hornbook.training.many.beside import Beside, meet
from hornbook.training.many.ranks import Ranks

T = TypeVar("T")


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(beside, "MEMORY", tmp_path)
    monkeypatch.setattr(beside, "PATIENCE", 1.0)
    return tmp_path


def together(world: int, work: Callable[[int, Beside | None], T]) -> list[T]:
    """Return what threads give that meet as ranks do."""
    store = HashStore()

    def one(rank: int) -> T:
        found = meet(store, rank, world)
        try:
            return work(rank, found)
        finally:
            if found is not None:
                found.close()

    with ThreadPoolExecutor(world) as pool:
        return list(pool.map(one, range(world)))


def of(rank: int, length: int) -> Tensor:
    return torch.randn(length, generator=torch.Generator().manual_seed(rank))


@pytest.mark.parametrize("length", [1, 1000, beside.SLOT // 4 * 2 + 3])
def test_vectors_of_any_length_come_as_they_are(length: int, memory: Path) -> None:
    every = [of(rank, length) for rank in range(3)]

    def work(rank: int, found: Beside | None) -> list[Tensor]:
        assert found is not None
        summed, told = every[rank].clone(), every[rank].clone()
        gathered = found.gather(every[rank])
        found.add(summed)
        found.spread(told)
        numbers = torch.cat(found.gather(torch.tensor([rank])))
        return [*gathered, summed, told, numbers]

    for *gathered, summed, told, numbers in together(3, work):
        assert all(torch.equal(a, b) for a, b in zip(gathered, every, strict=True))
        assert torch.equal(summed, every[0] + every[1] + every[2])
        assert torch.equal(told, every[0])
        assert numbers.tolist() == [0, 1, 2]
    assert list(memory.iterdir()) == []


def test_shards_are_added_in_their_order() -> None:
    length = beside.SLOT // 8 + 5
    shards = [of(shard, length) for shard in range(5)]
    wanted = shards[0].clone()
    for shard in shards[1:]:
        wanted += shard
    assert not torch.equal(wanted, sum(shards[::-1], torch.zeros(length)))

    def work(rank: int, found: Beside | None) -> Tensor:
        mine = torch.zeros(3, length)
        for row, shard in zip(mine, range(rank, 5, 2), strict=False):
            row.copy_(shards[shard])
        total = torch.empty(length)
        for _ in range(3):  # who writes again has heard that all have read
            Ranks(rank, 2, beside=found).add_shards(mine, 5, total)
        return total

    assert [torch.equal(total, wanted) for total in together(2, work)] == [True, True]


def test_a_rank_that_has_ended_is_said() -> None:
    def work(rank: int, found: Beside | None) -> str:
        if rank == 1:
            return ""
        with pytest.raises(RunError) as told:
            Ranks(rank, 2, beside=found).wait()
        return str(told.value)

    assert "another rank has ended" in together(2, work)[0]


def test_where_there_is_no_room_none_has_it(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert together(2, lambda rank, found: found) == [None, None]
    assert list(memory.iterdir()) == []


def test_where_one_cannot_none_has_it(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = beside._connected

    def one_fails(place: Path, store: HashStore, rank: int, world: int) -> Beside:
        found = connected(place, store, rank, world)
        if rank == 1:
            found.close()
            raise OSError
        return found

    monkeypatch.setattr(beside, "_connected", one_fails)
    assert together(3, lambda rank, found: found) == [None, None, None]
    assert list(memory.iterdir()) == []
