"""What TensorBoard shows of a run: the history as scalars, the network as a graph, the weights as histograms.

All of it goes into the folder ``tensorboard`` of the run: ``tensorboard --logdir runs``. The job tells it at the end
of each epoch, so that the loop knows nothing of it.
"""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from hornbook.errors import MissingExtra
from hornbook.networks.language import make_graph

if TYPE_CHECKING:
    from hornbook.training.loop import Loop

FOLDER = "tensorboard"
NOT_SCALARS = ("epoch",)


class Board:
    """Writes for TensorBoard.

    Parameters
    ----------
    folder
        Where the events are written.

    Raises
    ------
    MissingExtra
        TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            with warnings.catch_warnings(action="ignore"):  # of the packages that it is made of
                from torch.utils.tensorboard import SummaryWriter
        except ModuleNotFoundError:
            raise MissingExtra("train --tensorboard", "tensorboard") from None
        self.folder, self.make = folder, SummaryWriter
        self.writer: Any = None

    def epoch(self, loop: Loop) -> None:
        """Write the scores of the epoch; before the first one, the graph."""
        row = loop.state.history[-1]
        number = int(row["epoch"])
        if self.writer is None:
            # What a run that was killed has written of later epochs is not shown twice.
            self.writer = self.make(str(self.folder), purge_step=number)
            self._graph(loop)
        for name, value in row.items():
            if name not in NOT_SCALARS:
                part, _, rest = name.partition("_")
                shown = f"{part}/{rest}" if part in ("train", "validation") else name
                self.writer.add_scalar(shown, value, number)
        for name, weights in loop.averaged.named_parameters():
            if torch.isfinite(weights).all():
                self.writer.add_histogram(name, weights.detach().float().cpu(), number)
        self.writer.flush()

    def _graph(self, loop: Loop) -> None:
        prepared = loop.prepared
        rows = loop.sampler.rows[:2].numpy()
        encoded = {n: prepared.inputs[n].trim(v) for n, v in prepared.take(rows, prepared.inputs).items()}
        graph = make_graph(copy.deepcopy(loop.averaged).cpu().eval())
        given = (*(torch.from_numpy(v) for v in encoded.values()), *graph.start(len(rows)))
        # Ignored is that a traced graph is of one shape.
        with warnings.catch_warnings(action="ignore"), torch.random.fork_rng(devices=[]):
            self.writer.add_graph(graph, given)
