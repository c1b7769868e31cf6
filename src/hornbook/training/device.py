"""Where a network is trained: the processor, a GPU of CUDA, or that of a Mac."""

from __future__ import annotations

import os

import torch

from hornbook.errors import RecipeError, one_of


def choose_device(asked: str = "auto") -> torch.device:
    """Return the device of ``training.device``: of ``auto`` a GPU of CUDA where there is one, else the processor.

    Of several ranks on one machine each has a GPU of its own.

    Raises
    ------
    RecipeError
        There is no such device here.

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    kind = asked if asked != "auto" else "cuda" if there["cuda"] else "cpu"
    if not there[kind]:
        raise RecipeError(
            f"training.device is {kind!r}, and PyTorch finds none here: leave it out, or set it to "
            f"{one_of(k for k in there if there[k])}"
        )
    if kind != "cuda":
        return torch.device(kind)
    number, count = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if number >= count:
        raise RecipeError(
            f"this is process {number + 1} of its machine, which has GPUs for {count}: start fewer with torchrun "
            "--nproc-per-node, or set training.device=cpu"
        )
    return torch.device("cuda", number)


def device_name(device: torch.device) -> str:
    """Return what a device is called: ``cpu``, ``mps``, or ``cuda`` with the name of the GPU."""
    return f"cuda, {torch.cuda.get_device_name(device)}" if device.type == "cuda" else device.type
