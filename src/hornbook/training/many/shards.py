"""A batch in shards: each has its own gradient, and these are added in the order of the shards.

Floating-point sums hang on their order. What torch adds up over ranks therefore gives other bits for another number of
them. Here rank ``r`` of ``world`` computes the shards ``r::world``; their gradients are gathered on every rank, and
added from the first shard to the last. So the bits are those of the number of shards, and not of the ranks.

Batch normalization normalizes each shard by itself, which is ghost batch normalization (Hoffer et al. 2017,
arXiv:1705.08741); its running statistics become the mean of what they would be after each shard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from hornbook.common.hashing import seed_of
from hornbook.errors import RecipeError
from hornbook.recipe.recipe import Training
from hornbook.training.many.beside import in_order
from hornbook.training.many.ranks import Ranks

DROPOUT = 2
"""What the seed of a step is mixed with; the sampler has others."""

MANY_WEIGHTS = 10_000_000
"""Weights from which on gathering the gradients of all shards takes long."""


class Sums(NamedTuple):
    """Of a batch: its mean loss, the sum of its metric, and of how many rows that is."""

    loss: float
    metric: float
    judged: float


Forward = Callable[[Tensor], tuple[Tensor, Tensor | None, int]]
"""From rows to their mean loss, and where the metric is taken its sum and of how many rows."""


class Shards:
    """The gradient of a batch.

    Raises
    ------
    RecipeError
        Shards are too small, or fewer than ranks.
    """

    def __init__(self, network: nn.Module, training: Training, ranks: Ranks, batch_size: int) -> None:
        self.count, self.ranks, self.training = training.shards, ranks, training
        self.parameters = [p for p in network.parameters() if p.requires_grad]
        norms = [m for m in network.modules() if isinstance(m, _BatchNorm)]
        self._check(batch_size, bool(norms))
        kept = [(m.running_mean, m.running_var) for m in norms]
        self.statistics = [b for both in kept for b in both if b is not None]
        self.counts = [m.num_batches_tracked for m in norms if m.num_batches_tracked is not None]
        own = self.parameters
        self.sizes = [len(own), *(p.numel() for p in own), *(b.numel() for b in self.statistics), 4]
        self.mine = self.total = torch.zeros(0)
        if self.count > 1:  # made once: memory that is new costs as much as what is done with it
            device, numbers = own[0].device, sum(self.sizes)
            self.mine = torch.zeros(-(-self.count // ranks.world), numbers, device=device)
            self.total = torch.zeros(numbers, device=device)

    def _check(self, batch_size: int, normalizes: bool) -> None:
        if self.count < self.ranks.world:
            raise RecipeError(
                f"training.shards is {self.count}, and there are {self.ranks.world} ranks to compute them: add --set "
                f"training.shards={self.ranks.world}, or start fewer with torchrun --nproc-per-node"
            )
        if batch_size < self.count:
            raise RecipeError(
                f"training.shards is {self.count}, and a batch has {batch_size} rows: use fewer shards or a larger "
                "training.batch_size"
            )
        if normalizes and batch_size < 2 * self.count:
            where = f" in {self.count} shards" if self.count > 1 else ""
            raise RecipeError(
                f"training.batch_size is {batch_size}{where}, and a network with batch normalization compares the rows "
                f"of a {'shard' if where else 'batch'}: use {2 * self.count} or more"
            )

    def remark(self) -> str:
        """Return what a person should know of how gradients are exchanged; nothing where there is one rank."""
        if self.ranks.world == 1:
            return ""
        if self.training.exchange == "sum":
            return 'training.exchange is "sum": the bits depend on the number of ranks'
        weights = sum(p.numel() for p in self.parameters)
        if weights < MANY_WEIGHTS:
            return ""
        return (
            f"each step gathers {self.count} gradients of {weights:,} numbers: training.exchange=sum is quicker, and "
            "the bits then depend on the number of ranks"
        )

    def backward(self, rows: Tensor, step: int, forward: Forward) -> Sums:
        """Leave the gradient of the mean loss of a batch in the parameters.

        ``step`` is counted over the whole run: what is dropped at random is a function of it and of the shard.
        """
        if self.count == 1:
            return self._backward(rows, 1.0, forward, seed_of(self.training.seed, DROPOUT, step))
        before = [b.clone() for b in (*self.statistics, *self.counts)]
        for vector, shard in zip(
            self.mine, range(self.ranks.rank, self.count, self.ranks.world), strict=False
        ):
            for buffer, kept in zip((*self.statistics, *self.counts), before, strict=True):
                buffer.copy_(kept)
            some = rows[shard :: self.count]
            seed = seed_of(self.training.seed, DROPOUT, step, *([shard] if shard else []))
            share = len(some) / len(rows)
            self._fill(vector, self._backward(some, share, forward, seed), share)
        return self._take(self._added())

    def _backward(self, rows: Tensor, share: float, forward: Forward, seed: int) -> Sums:
        """Leave the gradient of the loss of some rows, times a share, in the parameters."""
        # torch.manual_seed asks after every kind of device, 0.2 ms a step.
        torch.default_generator.manual_seed(seed)
        if torch.cuda.is_available():
            torch.cuda.manual_seed(seed)
        loss, metric, judged = forward(rows)
        for parameter in self.parameters:
            parameter.grad = None
        if share != 1.0:
            loss = loss * share
        loss.backward()  # type: ignore[no-untyped-call]
        return Sums(loss.item(), 0.0 if metric is None else float(metric), judged)

    @torch.no_grad()
    def _fill(self, vector: Tensor, sums: Sums, share: float) -> None:
        """Write all that a shard has brought: which parameters have a gradient, these, statistics, and sums."""
        own = self.parameters
        there = torch.tensor([float(p.grad is not None) for p in own], device=vector.device)
        gradients = [(torch.zeros_like(p) if p.grad is None else p.grad).reshape(-1) for p in own]
        statistics = [b.reshape(-1) * share for b in self.statistics]
        said = torch.tensor([*sums, float(self.ranks.asked.is_set())], device=vector.device)
        torch.cat([there, *gradients, *statistics, said], out=vector)

    @torch.no_grad()
    def _added(self) -> Tensor:
        """Return the sum over all shards, those of other ranks too."""
        if self.training.exchange == "sum":
            return self.ranks.add(in_order(list(self.mine), self.total))
        return self.ranks.add_shards(self.mine, self.count, self.total)

    @torch.no_grad()
    def _take(self, total: Tensor) -> Sums:
        """Give the parameters their gradients, and batch normalization its statistics."""
        own = self.parameters
        there, *parts, said = torch.split(total, self.sizes)
        for parameter, known, part in zip(own, there.tolist(), parts, strict=False):
            view = part.view(parameter.shape)
            if not parameter.is_contiguous():
                # As it lies in memory, for the optimizer goes through both side by side.
                view = torch.empty_like(parameter).copy_(view)
            parameter.grad = view if known else None
        for buffer, part in zip(self.statistics, parts[len(own) :], strict=True):
            buffer.copy_(part.view(buffer.shape))
        loss, metric, judged, asked = said.tolist()
        self.ranks.note_stop(asked > 0)
        return Sums(loss, metric, judged)
