"""What a training begins with: the examples, what the folder of the run holds, and that all ranks have the same."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from hornbook.common.plaintext import first_of
from hornbook.errors import RecipeError, RunError
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared
from hornbook.recipe import Recipe
from hornbook.recipe.nested import flatten
from hornbook.recognizer import FILE
from hornbook.training.checkpoint import load_checkpoint
from hornbook.training.device import choose_device
from hornbook.training.environment import machine, versions
from hornbook.training.many.ranks import Ranks
from hornbook.training.run import RECIPE, Run

FORMAT = 3
"""Of a checkpoint: raise it when what is in it changes, for an older one cannot be continued."""

PLACES = ("data.source", "data.folder", "data.pattern", "training.device")
"""Keys that say where data lies and where it is learned, which may change: the data's fingerprint is compared. What a
search may change is of no account either."""


@dataclass(frozen=True)
class Beginning:
    """What a training begins with.

    Attributes
    ----------
    examples
        As they were before they were split.
    checkpoint
        What the run goes on from, if anything.
    longer
        Whether it goes on for more epochs than were asked for before.
    """

    prepared: Prepared
    examples: Examples
    checkpoint: dict[str, Any] | None = None
    longer: bool = False


def compare(run: Run, recipe: Recipe, fresh: bool, again: bool = False) -> bool:
    """Refuse a folder that holds another recipe's run; return whether this is a longer run of the same one.

    A run that is whole is refused too, but where all ranks were started ``again``: one may have died at the very end.
    """
    if recipe.start_from is not None and recipe.network.closed_form:
        raise RecipeError(
            "network.start_from is for weights that are trained on, and those of this family are found at once: "
            "leave it out"
        )
    if fresh or not (run.path / RECIPE).exists():
        return False
    theirs = run.recipe
    differences = [
        d for d in recipe.differences(theirs) if d.split(":")[0] not in PLACES and not d.startswith("search.")
    ]
    alone = [d.split(":")[0] for d in differences] == ["training.epochs"]
    longer = alone and recipe.training.epochs > theirs.training.epochs
    if differences and not longer:
        raise RunError(
            f"{run.path} holds a run of a different recipe ({first_of(differences)}): go on with its own "
            f"(--recipe {run.path / RECIPE}), name another folder with --run, or start again with --fresh"
        )
    if not differences and run.whole and not again:
        raise RunError(
            f"{run.path} is finished after {len(run.history)} epochs: use it with hornbook "
            f"predict, go on with --set training.epochs={2 * recipe.training.epochs}, or start again "
            "with --fresh"
        )
    return longer


def taken_up(run: Run, recipe: Recipe, fresh: bool) -> dict[str, Any] | None:
    """Return the checkpoint that the run goes on from, if any."""
    checkpoint = None if fresh else load_checkpoint(run.path)
    if checkpoint is not None and checkpoint.get("format") != FORMAT:
        raise RunError(f"{run.path} was trained by another version of hornbook: start again with --fresh")
    gone = checkpoint is None and not fresh and not recipe.network.closed_form
    if gone and (run.path / FILE).exists():
        raise RunError(
            f"{run.path} was trained, and its checkpoint, from which it would go on, is gone: name another "
            "folder with --run, or start again with --fresh"
        )
    return checkpoint


def compare_data(run: Run, prepared: Prepared, checkpoint: dict[str, Any]) -> None:
    """Refuse to go on with other data than the run has learned from."""
    if checkpoint["fingerprint"] != prepared.fingerprint:
        raise RunError(
            f"{run.path} was trained on other data, or by a version of hornbook that reads it otherwise "
            f"({checkpoint['rows']:,} rows, fingerprint {checkpoint['fingerprint'][:8]}; now "
            f"{len(prepared.examples):,} rows, {prepared.fingerprint[:8]}): name another folder with --run, or "
            "start again with --fresh"
        )


def shared(ready: Beginning, recipe: Recipe, ranks: Ranks) -> Beginning:
    """Return it with the checkpoint of rank 0, once all ranks are known to do the same on the same.

    Raises
    ------
    RunError
        A rank has another recipe, other versions, another processor or other data.
    """
    if ranks.world == 1:
        return ready
    keys = {k: v for k, v in flatten(recipe.values()).items() if not k.startswith(PLACES)}
    data = f"{len(ready.prepared.examples):,} rows with the fingerprint {ready.prepared.fingerprint[:8]}"
    ranks.compare(
        {
            **{f"in the recipe {key} =": repr(value) for key, value in keys.items()},
            **{f"{name}": version for name, version in versions().items()},
            "the processor": f"{machine()} ({torch.backends.cpu.get_cpu_capability()})",
            "the device": choose_device(recipe.training.device).type,
            "as data": data,
        }
    )
    memory = io.BytesIO()
    if ranks.first:
        torch.save({"checkpoint": ready.checkpoint, "longer": ready.longer}, memory)
    told = torch.load(io.BytesIO(ranks.told(memory.getvalue())), map_location="cpu", weights_only=True)
    return ready if ranks.first else replace(ready, checkpoint=told["checkpoint"], longer=told["longer"])


def digest_of(network: nn.Module, ranks: Ranks) -> str:
    """Return a hash of all weights; of one rank alone, which compares them with nobody's, nothing."""
    if ranks.world == 1:
        return ""
    digest = hashlib.sha256()
    for tensor in network.state_dict().values():
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:8]
