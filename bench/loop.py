"""The training loop against the barest PyTorch loop: same network, precision, batches and data.

    python -m bench.loop

The bare loop has its pictures in memory as a tensor, indexes a batch, and steps; hornbook's reads from its
cache and does everything that it does in a run. Both in one process, in turn; the medians are compared.
"""

from __future__ import annotations

import copy
import time
from dataclasses import replace

import torch
import torch.nn.functional as F

from bench.common import interleaved, report, shared
from hornbook.columns.image.augment import Augment
from hornbook.examples.prepare import prepare
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.sources import read_examples
from hornbook.training.loop import Loop

STEPS = 60


def main() -> None:
    recipe = Recipe.read("mnist", ["training.epochs=100"])
    examples = read_examples("mnist", data=shared("mnist"))
    prepared = prepare(examples, recipe.inputs, recipe.targets, replace(recipe.split, test=0.0))
    loop = Loop(Network(prepared.inputs, prepared.targets, recipe.network), prepared, recipe.training)
    bare = copy.deepcopy(loop.network)
    train = prepared.splits["train"]
    pictures = torch.from_numpy(prepared.arrays["image"].take(train))
    truth = torch.from_numpy(prepared.arrays["digit"].take(train)).long()
    optimizer = torch.optim.AdamW(bare.parameters(), lr=0.001, fused=True)
    augment = Augment(**vars(recipe.training.augment["image"]))
    head = next(iter(bare.heads))
    size = loop.sampler.batch_size

    def bare_steps() -> float:
        bare.train()
        order = torch.randperm(len(pictures))
        start = time.perf_counter()
        for step in range(STEPS):
            rows = order[step * size : (step + 1) * size]
            batch = pictures[rows].permute(0, 3, 1, 2).float() / 255
            batch = augment(batch, seed=0, epoch=0, rows=rows)
            with torch.autocast("cpu", torch.bfloat16, enabled=loop.state.precision == "bfloat16"):
                logits = bare({"image": batch})[head]
                loss = F.cross_entropy(logits.float(), truth[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        return STEPS * size / (time.perf_counter() - start)

    def our_steps() -> float:
        stop = loop.state.step + STEPS
        if stop >= loop.steps:
            loop.state.epoch += 1
            loop.state.step, stop = 0, STEPS
        start = time.perf_counter()
        loop.run_epoch(lambda now: now.state.step < stop)
        return STEPS * size / (time.perf_counter() - start)

    bare_steps(), our_steps()
    found = interleaved(7, bare=bare_steps, hornbook=our_steps)
    report(
        "loop",
        bare_per_second=round(found["bare"]),
        hornbook_per_second=round(found["hornbook"]),
        ratio=round(found["hornbook"] / found["bare"], 3),
        precision=loop.state.precision,
    )


if __name__ == "__main__":
    main()
