"""Finding after training where the examples lie, so that the recognizer can say what is unlike all of them."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.columns.summary import spread
from hornbook.examples.prepare import Prepared
from hornbook.networks.body import Body
from hornbook.networks.language import is_language_model, writes
from hornbook.networks.model import Network
from hornbook.networks.novelty import Nearest, Novelty, fit_novelty
from hornbook.training.few.kept import Kept

__all__ = ["features_of", "find_novelty"]

MOST_ROWS = 2000
"""Training rows that are asked, and as many validation rows: of more the same comes out."""

BATCH = 128

MOST_BYTES = 256 << 20
"""Bytes of the features that are held at once; of wide ones fewer rows are asked."""


def find_novelty(
    network: Network, prepared: Prepared, seed: int, kept: Kept | None = None
) -> Novelty | Nearest | None:
    """Return what says how unlike the examples an input is; None where no input is a picture or a sound.

    Parameters
    ----------
    network
        Trained, on the processor.
    prepared
        Its examples. No random number is drawn but for folds, so that a run that was interrupted ends the same.
    kept
        What the first part of the network says of the rows, where that is known.
    """
    if is_language_model(network) or writes(network) or not any(c.medium for c in prepared.inputs.values()):
        return None
    train, others = prepared.splits["train"], prepared.splits["validation"]
    first = features_of(network, prepared, train[:1], kept)
    most = min(MOST_ROWS, MOST_BYTES // (4 * max(first.shape[1], 1)))
    rows = spread(train, most)
    if isinstance(network.body, Body) and (apart := network.body.apart) is not None:
        return Nearest(features_of(network, prepared, rows, kept), apart)
    classes = next(
        (found for n in prepared.targets if (found := _classes(prepared, n, rows)) is not None), None
    )
    return fit_novelty(
        features_of(network, prepared, rows, kept),
        features_of(network, prepared, spread(others, most), kept),
        classes,
        sum(p.numel() for p in network.parameters()),
        seed,
    )


def _classes(prepared: Prepared, target: str, rows: Array) -> Array | None:
    """Return the class of each row; None where the target is no class."""
    truth = prepared.arrays[target].take(rows)
    known = prepared.targets[target].class_names()
    return truth.astype(np.int64) if known is not None and truth.ndim == 1 else None


@torch.no_grad()
def features_of(network: Network, prepared: Prepared, rows: Array, kept: Kept | None = None) -> Tensor:
    """Return what the body gives for some rows, ``(rows, F)``, ``float32``."""
    network.eval()
    parts = []
    if kept is not None and (body := network.first_part) is not None and len(rows):
        some = (torch.from_numpy(rows[i : i + BATCH]) for i in range(0, len(rows), BATCH))
        return torch.cat([network.flat(body.rest(kept.take(numbers))).float() for numbers in some])
    for start in range(0, len(rows), BATCH):
        encoded = prepared.take(rows[start : start + BATCH], prepared.inputs)
        given = {n: torch.from_numpy(prepared.inputs[n].trim(v)) for n, v in encoded.items()}
        parts.append(network.flat(network.body_of(network.unit(given))).float())
    if parts:
        return torch.cat(parts)
    shape = network.flat(network.body_of(network.unit(_nothing(prepared)))).shape
    return torch.zeros((0, math.prod(shape[1:])))


def _nothing(prepared: Prepared) -> dict[str, Tensor]:
    """Return inputs of one row of zeros."""
    return {n: torch.from_numpy(np.zeros((1, *c.shape), c.dtype)) for n, c in prepared.inputs.items()}
