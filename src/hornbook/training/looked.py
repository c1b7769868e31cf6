"""Where a trained network looked when it was wrong: what the report shows beside each of its mistakes.

Where the network ends in a picture of channels that is pooled, that picture says it (Grad-CAM, Selvaraju et al. 2017,
equation 1 and 2) and costs one pass; of others parts are covered, as `hornbook.recognizer.where` does it for files.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch

from hornbook.columns.base import Array
from hornbook.examples.prepare import Prepared
from hornbook.networks.body import Body
from hornbook.networks.model import Network
from hornbook.recognizer.where import heat_of, side_by_side
from hornbook.training.kept_features import network_of_run
from hornbook.training.run import Run

__all__ = ["grad_cam", "looked_at"]

SECONDS = 2.0
"""So long may it take to cover parts of pictures: what is left then is shown without."""


def looked_at(run: Run, prepared: Prepared, rows: Sequence[int]) -> dict[int, Array]:
    """Return for some rows the picture beside itself with what the answer hangs on, as people are shown it.

    Empty where there is no picture among the inputs.
    """
    shown = next(((n, c) for n, c in prepared.inputs.items() if c.medium == "picture" and c.shows), None)
    if shown is None or not rows:
        return {}
    name, column = shown
    network = network_of_run(run, prepared) if len(prepared.inputs) == 1 else None
    body = network.body if network is not None and isinstance(network.body, Body) else None
    start, out = time.perf_counter(), {}
    for row in rows:
        encoded = {n: v[0] for n, v in prepared.take(np.array([row]), prepared.inputs).items()}
        if network is not None and body is not None and body.ends_in_picture:
            heat = grad_cam(network, body, encoded[name])
        else:
            heat = heat_of(run.recognizer, encoded, name)
        out[row] = side_by_side(column.picture(encoded[name]), heat)
        if time.perf_counter() - start > SECONDS:
            break
    return out


def grad_cam(network: Network, body: Body, encoded: Array) -> Array:
    """Return what the likeliest answer hangs on, 0 to 1, for each point of the last picture of channels.

    ``body`` is that of the network, which ends in one.
    """
    network.eval()
    (name,) = network.columns
    unit = network.unit({name: torch.from_numpy(encoded[None])})
    with torch.no_grad():
        picture = body.last_picture(network.inputs[name](unit[name]))
    picture = picture.detach().float().requires_grad_()
    raw = network.answers(body.from_picture(picture), unit)
    asked = [v.reshape(-1) for v in raw.values()]
    total = torch.stack([v.max() - (v.logsumexp(0) if len(v) > 1 else 0) for v in asked]).sum()
    (slope,) = torch.autograd.grad(total, picture)
    weights = slope.mean((2, 3), keepdim=True)
    heat = (weights * picture).sum(1)[0].clamp(min=0).detach().numpy()
    most = float(heat.max())
    found: Array = heat / most if most > 0 else heat
    return found
