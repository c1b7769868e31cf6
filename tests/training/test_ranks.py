"""Several processes train one network, with the bits of one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from torch import Tensor

from hornbook.common.progress import Silent
from hornbook.errors import HornbookError, RecipeError, RunError
from hornbook.examples import Examples
from hornbook.learning import train
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.training.loop import Loop
from hornbook.training.many.ranks import OfAnotherRank, Ranks
from hornbook.training.resume import Beginning, shared
from tests.training import make

T = TypeVar("T")

ONE_BY_ONE = threading.Lock()
"""Networks are made from the generator of the process, which threads share."""

NET: dict[str, Any] = {"name": "cnn", "widths": [4, 8]}


class Thread(Ranks):
    """A rank that is a thread: it exchanges vectors through a list."""

    def __init__(self, rank: int, world: int, table: list[Tensor], meet: threading.Barrier) -> None:
        super().__init__(rank, world, rank)
        self.table, self.meet = table, meet

    def gather(self, vector: Tensor) -> list[Tensor]:
        self.table[self.rank] = vector.clone()
        self.meet.wait()
        found = [part.clone() for part in self.table]
        self.meet.wait()
        return found

    def add(self, vector: Tensor) -> Tensor:
        return torch.stack(self.gather(vector)).sum(0)

    def spread(self, vector: Tensor) -> Tensor:
        return self.gather(vector)[0]


def together(world: int, work: Callable[[Ranks], T]) -> list[T | HornbookError]:
    """Return what each rank gives, or the error that it ends with."""
    table, meet = [torch.zeros(0)] * world, threading.Barrier(world, timeout=60)

    def one(rank: int) -> T | HornbookError:
        try:
            return work(Thread(rank, world, table, meet))
        except HornbookError as error:
            return error

    with ThreadPoolExecutor(world) as pool:
        return list(pool.map(one, range(world)))


def pictures() -> Examples:
    return make.examples(90)


def dying_recipe() -> Recipe:
    augment = {"image": {"shift": 0.1, "rotation": 10}}
    return make.recipe({**NET, "dropout": 0.2}, epochs=3, shards=2, ema=0.9, augment=augment, novelty=False)


def trained(made: Recipe, ranks: Ranks) -> dict[str, Tensor]:
    ready = make.prepared(made, pictures())
    with ONE_BY_ONE:
        network = Network(ready.inputs, ready.targets, made.network, made.training.seed)
    ranks.wait()  # steps seed it
    loop = Loop(network, ready, made.training, ranks=ranks)
    make.run(loop)
    known = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
    history = torch.tensor([[row[k] for k in known] for row in loop.state.history])
    state = loop.network.state_dict()
    del state["heads.label.temperature"]  # which rank 0 alone finds, and nobody learns from
    return {**state, "history": history}


@pytest.fixture(scope="module")
def alone() -> dict[str, Tensor]:
    return trained(make.recipe(NET, shards=4), Ranks())


@pytest.mark.parametrize("world", [2, 3, 4])
def test_the_bits_are_those_of_the_shards(world: int, alone: dict[str, Tensor]) -> None:
    # Of three ranks, two have one shard and one has two.
    for found in together(world, lambda ranks: trained(make.recipe(NET, shards=4), ranks)):
        assert isinstance(found, dict)
        assert [n for n in alone if not torch.equal(alone[n], found[n])] == []


def test_a_sum_in_any_order_is_the_same_but_for_rounding(alone: dict[str, Tensor]) -> None:
    one, other = together(2, lambda ranks: trained(make.recipe(NET, shards=4, exchange="sum"), ranks))
    assert isinstance(one, dict) and isinstance(other, dict)
    assert all(torch.equal(one[n], other[n]) for n in one)
    assert all(torch.allclose(one[n].float(), alone[n].float(), atol=1e-3) for n in one if n != "history")


def test_shards_have_the_gradient_of_the_batch_where_nothing_compares_rows() -> None:
    def first_step(shards: int) -> list[Tensor]:
        loop = make.loop(make.recipe({"name": "mlp", "hidden": [8]}, shards=shards, batch_size=15))
        loop.run_epoch(lambda _: False)
        return [p.grad.clone() for p in loop.network.parameters() if p.grad is not None]

    for whole, parts in zip(first_step(1), first_step(4), strict=True):
        assert torch.allclose(whole, parts, atol=1e-6)
        assert whole.abs().max() > 1e-3


def test_shards_normalize_by_themselves_and_keep_the_mean_of_their_statistics() -> None:
    def statistics(shards: int) -> Tensor:
        loop = make.loop(make.recipe(NET, shards=shards))
        loop.run_epoch(lambda _: False)
        return next(b for n, b in loop.network.named_buffers() if n.endswith("running_mean")).clone()

    assert torch.allclose(statistics(1), statistics(4), atol=1e-5)  # of one step from the same weights
    assert not torch.equal(statistics(1), statistics(4))


def test_a_last_batch_with_a_row_for_a_shard_waits() -> None:
    seen = [len(rows) for rows in make.loop(make.recipe(NET, shards=4, batch_size=20)).sampler.epoch(0)]
    assert seen == [20, 20, 8]
    assert len(make.loop(make.recipe(NET, shards=5, batch_size=20)).sampler.epoch(0)) == 2


@pytest.mark.parametrize(
    ("options", "world", "said"),
    [
        ({}, 2, r"training\.shards is 1, and there are 2 ranks .* --set training\.shards=2"),
        ({"shards": 16, "batch_size": 8}, 2, "a batch has 8 rows"),
        ({"shards": 16, "batch_size": 24}, 2, "24 in 16 shards, .* use 32 or more"),
    ],
)
def test_shards_that_cannot_be(options: dict[str, Any], world: int, said: str) -> None:
    made = make.recipe(NET, **options)
    ready = make.prepared(made, pictures())
    with pytest.raises(RecipeError, match=said):
        Loop(Network(ready.inputs, ready.targets, made.network), ready, made.training, ranks=Ranks(0, world))


def test_ranks_that_see_other_data_or_do_other_things_are_told_apart() -> None:
    def begin(ranks: Ranks, made: Recipe, data: Examples) -> Beginning:
        with ranks.agreed():
            ready = Beginning(
                make.prepared(made, data), data, {"step": torch.ones(1)} if ranks.first else None
            )
        return shared(ready, made, ranks)

    recipes, data = (
        [make.recipe(NET), make.recipe(NET, seed=1)],
        [make.examples(90), make.examples(90, seed=1)],
    )
    other_recipe = together(2, lambda ranks: begin(ranks, recipes[ranks.rank], data[0]))
    other_data = together(2, lambda ranks: begin(ranks, recipes[0], data[ranks.rank]))
    for (first, other), said in (
        (other_recipe, r"rank 1 on .* has in the recipe training\.seed = 1, and rank 0 on .* has 0"),
        (other_data, "rank 1 on .* has as data 90 rows with the fingerprint"),
    ):
        assert isinstance(first, RunError) and isinstance(other, OfAnotherRank)
        assert re.search(said, str(first))
    same = together(2, lambda ranks: begin(ranks, recipes[0], data[0]))
    assert [r.checkpoint for r in same if isinstance(r, Beginning)] == [{"step": torch.ones(1)}] * 2


def test_what_one_rank_cannot_do_none_does() -> None:
    def work(ranks: Ranks, whose: int) -> None:
        with ranks.agreed():
            if ranks.rank == whose:
                raise RecipeError("there is no such file")

    first, other = together(2, lambda ranks: work(ranks, 1))
    assert str(first) == "rank 1: there is no such file"
    assert isinstance(other, OfAnotherRank)
    first, other = together(2, lambda ranks: work(ranks, 0))
    assert isinstance(first, RecipeError) and isinstance(other, OfAnotherRank)


def test_when_one_is_asked_to_stop_all_stop_after_the_same_step() -> None:
    def work(ranks: Ranks) -> int:
        made = make.recipe(NET, shards=2)
        ready = make.prepared(made, pictures())
        loop = Loop(Network(ready.inputs, ready.targets, made.network), ready, made.training, ranks=ranks)

        def after_step(loop: Loop) -> bool:
            if loop.ranks.rank == 1 and loop.state.step == 2:
                ranks.asked.set()
            return not ranks.stopping

        assert not loop.run_epoch(after_step)
        return loop.state.step

    assert together(2, work) == [3, 3]


def test_values_and_arrays_come_over_to_the_bit() -> None:
    def work(ranks: Ranks) -> tuple[dict[str, float], dict[int, dict[str, Any]]]:
        told = ranks.told_values({"a": 0.1 + 0.2, "b": float("inf")} if ranks.first else {})
        own = {ranks.rank: {"label": np.full((2, ranks.rank), 1 / 3, np.float32)}}
        return told, ranks.gather_arrays(own)

    for found in together(2, work):
        assert isinstance(found, tuple)
        assert found[0] == {"a": 0.1 + 0.2, "b": float("inf")}
        assert [found[1][i]["label"].shape for i in (0, 1)] == [(2, 0), (2, 1)]
        assert (found[1][1]["label"] == np.float32(1 / 3)).all()


@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's gloo is for Unix")
def test_two_processes_of_which_one_is_killed_end_with_the_file_of_one(tmp_path: Path) -> None:
    whole = train(pictures(), run=tmp_path / "whole", recipe=dying_recipe(), progress=Silent())
    root = Path(__file__).parents[2]
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    told = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)}
    start = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--max-restarts=1"]
    start += ["--monitor-interval=0.1", "--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0"]
    done = subprocess.run(
        [*start, "-m", "tests.training.rank_that_dies", str(tmp_path / "ranks")],
        env=told, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "exitcode: -9" in done.stderr.replace(" :", ":") or "SIGKILL" in done.stderr or "-9" in done.stderr
    mine = tmp_path / "ranks" / "recognizer.onnx"
    assert mine.read_bytes() == (whole.path / "recognizer.onnx").read_bytes()


def test_a_run_that_was_whole_when_a_rank_died_is_whole_when_all_are_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once() -> bytes:
        train(pictures(), run=tmp_path / "run", recipe=dying_recipe(), progress=Silent())
        return (tmp_path / "run" / "recognizer.onnx").read_bytes()

    first = once()
    with pytest.raises(RunError, match="is finished after"):
        once()
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert once() == first
    assert (tmp_path / "run" / "metrics.json").exists()
