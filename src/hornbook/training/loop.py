"""The loop: sample a batch, augment, forward, loss, backward, step; validate after each epoch.

Everything random is a pure function of (seed, epoch, row or step): the order of rows, the augmentation, dropout. So the
state after any step says all, and a run that was killed and continued ends with the same bits (on a CPU with the same
number of threads). Several processes may share the work, see `hornbook.training.many.shards`.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.columns.spoiled import JUDGED, spoiled_inputs
from hornbook.errors import RecipeError, RunError
from hornbook.examples.prepare import Prepared
from hornbook.networks.ensemble import apart
from hornbook.networks.inputs import make_augment
from hornbook.networks.model import Network
from hornbook.recipe.recipe import Training
from hornbook.recognizer.signature import together
from hornbook.training.blend.blind import Blind
from hornbook.training.device import choose_device
from hornbook.training.few.kept import Kept
from hornbook.training.many.ranks import Ranks
from hornbook.training.many.shards import Shards
from hornbook.training.mixup import Mixed, check_mixup, mix
from hornbook.training.optimizer import make_optimizer
from hornbook.training.precision import autocast, bfloat16_instructions, choose_precision
from hornbook.training.preloaded import Preloaded
from hornbook.training.sampler import Sampler
from hornbook.training.schedule import learning_rate

VALIDATION_BATCH = 512

WHITENING_ROWS = 5000
"""Training rows that whitening is computed from."""

METRIC_BATCHES = 100
"""Batches of an epoch whose metric is taken, at least, for the history: of long epochs all of them tell no more."""

OLD_FIELDS = {"right": "metric_sum", "judged": "metric_rows", "seen": "rows_seen"}
"""Fields of `State` by the names that they have in checkpoints made before."""


@dataclass
class State:
    """Where a run stands; all of it is in a checkpoint.

    Attributes
    ----------
    epoch, step
        How many are finished; steps of the present epoch.
    loss_sum, rows_seen
        Of the present epoch: losses times rows, and rows.
    metric_sum, metric_rows
        The same for the metric, which is taken of some batches only.
    seconds
        That the steps of the present epoch have taken.
    best_epoch, best_metric
        The epoch that is kept, and its score.
    improved_epoch
        The last one that was better than all before it.
    """

    epoch: int = 0
    step: int = 0
    precision: str = ""
    loss_sum: float = 0.0
    metric_sum: float = 0.0
    rows_seen: int = 0
    metric_rows: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    improved_epoch: int = 0
    best_metric: float | None = None
    finished: bool = False
    history: list[dict[str, float]] = field(default_factory=list)


class Loop:
    """A network, its optimizer and its state, stepping over prepared examples.

    Parameters
    ----------
    checkpoint
        What ``state_dict`` gave, to go on from there.
    kept
        What the first part of the network says of the rows, where it never changes: then the rows themselves are not
        read.
    ranks
        The processes that train the same network together.
    """

    def __init__(
        self,
        network: Network,
        prepared: Prepared,
        training: Training,
        checkpoint: Mapping[str, Any] | None = None,
        kept: Kept | None = None,
        blind: Blind | None = None,
        ranks: Ranks | None = None,
    ) -> None:
        self.device = choose_device(training.device)
        self.prepared, self.training, self.ranks = prepared, training, ranks or Ranks()
        self.kept, self.blind = kept, blind
        self.validation_rows = prepared.splits["validation"]
        self.sampler = Sampler(prepared, training.batch_size, training.seed, training.shards)
        self.steps = self.sampler.steps
        self.augment = {n: make_augment(a) for n, a in training.augment.items()}
        if training.mixup:
            check_mixup(prepared.inputs, kept is not None)
        self.spoiled = spoiled_inputs(prepared.inputs, prepared.targets, training.augment)
        self.network = network.to(self.device)
        self.shards = Shards(network, training, self.ranks, self.sampler.batch_size)
        self.class_weights = {n: self._class_weights(n) for n in prepared.targets}
        self.data = Preloaded(network, prepared, self.device)
        self.state = State()
        if checkpoint is None and training.initialization == "zero":
            _set_to_zero(network)
        if checkpoint is None and network.starts_from_data:
            first = self.data.encoded(self.sampler.rows[:WHITENING_ROWS].numpy())
            network.prepare(network.unit(first))
        self.optimizer = make_optimizer(
            network,
            training.optimizer,
            training.learning_rate,
            training.weight_decay,
            training.momentum,
            network.factors(),
        )
        self.averaged = copy.deepcopy(network) if training.ema else network
        if checkpoint is not None:
            self._restore(checkpoint)
        else:
            self.state.precision = training.precision
            if training.precision == "auto":
                self.state.precision = choose_precision(network, bfloat16_instructions(self.device))

    # Training.

    def run_epoch(self, after_step: Callable[[Loop], bool]) -> bool:
        """Train for the rest of the epoch; return False where ``after_step`` asked to stop."""
        state = self.state
        self.prepared = self.prepared.at(state.epoch)
        if self.prepared is not self.data.prepared:
            self.data = Preloaded(self.network, self.prepared, self.device)
        self.network.train()
        for rows in self.sampler.epoch(state.epoch)[state.step :]:
            start = time.perf_counter()
            self._train_step(rows)
            state.step += 1
            state.seconds += time.perf_counter() - start
            if not after_step(self):
                return False
        return True

    def _train_step(self, rows: Tensor) -> None:
        """Move the weights once, by the gradient of the loss of some rows."""
        state, training = self.state, self.training
        step = state.epoch * self.steps + state.step
        sums = self.shards.backward(rows, step, self._loss)
        if not math.isfinite(sums.loss):
            raise RunError(
                f"training broke down in epoch {state.epoch + 1}, step {state.step + 1}: the loss is no number any "
                f"more; start again with --fresh and a lower training.learning_rate (it is {training.learning_rate}), "
                "or with training.max_grad_norm=1"
            )
        if training.max_grad_norm:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), training.max_grad_norm)
        self.optimizer.set_learning_rate(
            learning_rate(training, step, training.epochs * self.steps, state.epoch)
        )
        with autocast(state.precision, self.device):
            self.optimizer.step()
        if training.ema:
            self._average(step)
        state.loss_sum += sums.loss * len(rows)
        state.rows_seen += len(rows)
        state.metric_sum += sums.metric
        state.metric_rows += int(sums.judged)

    def _loss(self, rows: Tensor) -> tuple[Tensor, Tensor | None, int]:
        """Return the loss of some rows, and in some steps the sum of their metric and of how many rows it is.

        The batch is freed when this returns, before the backward pass, which is faster in memory just used.
        """
        state = self.state
        raw, targets, mixed = self._raw_of(rows)
        heads = self.network.heads
        if self.blind is not None:  # each member learns from the rows that it is not blind to
            seen = self.blind.learned(rows).to(self.device)
            targets = {n: torch.cat([t] * self.blind.count)[seen] for n, t in targets.items()}
            raw = {n: r[seen] for n, r in raw.items()}
        metric, judged = None, 0
        if state.step % max(1, self.steps // METRIC_BATCHES) == 0:
            first = next(iter(raw))
            metric, judged = heads[first].metric_sum(raw[first].detach(), targets[first]), len(targets[first])
        losses = []
        for name, given in raw.items():
            of = partial(self._loss_of, name, given)
            losses.append(of(targets[name]) if mixed is None else mixed.loss(of, targets[name]))
        return torch.stack(losses).sum() if len(losses) > 1 else losses[0], metric, judged

    def _loss_of(self, target: str, raw: Tensor, truth: Tensor) -> Tensor:
        found: Tensor = self.network.heads[target].loss(
            raw, truth, self.training.label_smoothing, self.class_weights[target]
        )
        return found

    def _raw_of(self, rows: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor], Mixed | None]:
        """Return what the heads give for training rows, changed as in this epoch, the truths, and how it was mixed."""
        state = self.state
        body = self.network.first_part
        if self.kept is not None and body is not None:
            given = self.kept.take(rows, state.epoch).to(self.device)
            with autocast(state.precision, self.device):
                return self.network.answers(body.rest(given), {}), self.data.targets(rows), None
        batch = self.data.take(rows)
        for name, augment in self.augment.items():
            batch.unit[name] = augment(
                batch.unit[name], seed=self.training.seed, epoch=state.epoch, rows=rows.to(self.device)
            )
        unit, mixed = mix(batch.unit, self.training.mixup) if self.training.mixup else (batch.unit, None)
        with autocast(state.precision, self.device):
            return self.network(unit, batch.standardized), batch.targets, mixed

    @torch.no_grad()
    def _average(self, step: int) -> None:
        """Move the averaged weights towards the present ones; fewer steps are averaged at the start."""
        decay = min(self.training.ema, (1 + step) / (10 + step))
        averaged, present = self.averaged.state_dict().values(), self.network.state_dict().values()
        for mean, now in zip(averaged, present, strict=True):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - decay)
            else:
                mean.copy_(now)

    # Validation.

    def raw(self, rows: Array) -> dict[str, Array]:
        """Return what the heads of the network that is kept give for these rows (logits), ``float32``.

        Of members that are blind to parts of the rows, each row is answered by who has not learned from it.
        """
        return self._raw(rows, Ranks())

    @torch.inference_mode()
    def _raw(self, rows: Array, ranks: Ranks) -> dict[str, Array]:
        """Return what `raw` does, each rank having computed some batches of it."""
        network, blind = self.averaged.eval(), self.blind
        apart(network.heads, blind is not None)
        parts = {}
        for number, start in enumerate(range(0, len(rows), VALIDATION_BATCH)):
            if number % ranks.world == ranks.rank:
                some = rows[start : start + VALIDATION_BATCH]
                raw = self._raw_as_they_are(network, some)
                raw = raw if blind is None else {n: blind.honest(r, some) for n, r in raw.items()}
                parts[number] = {n: r.float().cpu().numpy() for n, r in raw.items()}
        apart(network.heads, False)
        every = ranks.gather_arrays(parts)
        return {n: together([every[i][n] for i in sorted(every)]) for n in network.heads}

    def _raw_as_they_are(self, network: Network, rows: Array) -> dict[str, Tensor]:
        body = network.first_part
        with autocast(self.state.precision, self.device):
            if self.kept is None or body is None:
                encoded = self.data.encoded(rows)
                for name, how in self.spoiled.items():
                    given = how.spoiled(encoded[name].cpu().numpy(), seed=JUDGED, epoch=JUDGED, rows=rows)
                    encoded[name] = torch.from_numpy(given).to(self.device)
                found: dict[str, Tensor] = network(network.unit(encoded))
                return found
            given = self.kept.take(torch.from_numpy(rows)).to(self.device)
            return network.answers(body.rest(given), {})

    def validate(self) -> bool:
        """End the epoch: measure on the validation rows, add to the history, and say whether it is the best so far."""
        state, targets = self.state, self.prepared.targets
        main = next(iter(targets.values()))
        measured = self._measure() if len(self.validation_rows) else {}
        state.history.append(
            {
                "epoch": state.epoch + 1,
                "learning_rate": self.optimizer.param_groups[0]["lr"],
                "train_loss": state.loss_sum / max(state.rows_seen, 1),
                f"train_{main.metric}": state.metric_sum / max(state.metric_rows, 1),
                **measured,
                "seconds": round(state.seconds, 3),
                "examples_per_second": round(state.rows_seen / state.seconds, 1) if state.seconds else 0.0,
            }
        )
        state.epoch += 1
        state.step = state.rows_seen = state.metric_rows = 0
        state.loss_sum = state.metric_sum = state.seconds = 0.0
        better = improved = True
        if measured:
            score, best = measured[f"validation_{main.metric}"], state.best_metric
            sign = 1 if main.metric_larger_is_better else -1
            # Of two epochs with the same score the later one: its learning rate was lower.
            better = best is None or sign * score >= sign * best
            improved = best is None or sign * score > sign * best
            if better:
                state.best_metric = score
        better |= self.training.keep == "last"
        state.best_epoch = state.epoch if better else state.best_epoch
        state.improved_epoch = state.epoch if improved else state.improved_epoch
        patience = self.training.early_stopping or math.inf
        state.finished = state.epoch >= self.training.epochs or state.epoch - state.improved_epoch >= patience
        return better

    def _measure(self) -> dict[str, float]:
        """Return the score of each target and the loss on the validation rows."""
        rows, ranks = self.validation_rows, self.ranks
        alone = len(rows) <= VALIDATION_BATCH  # one batch is computed sooner than it is exchanged
        raw = {} if alone and not ranks.first else self._raw(rows, Ranks() if alone else ranks)
        return ranks.told_values(self._judge(raw) if ranks.first else {})

    def _judge(self, raw: dict[str, Array]) -> dict[str, float]:
        """Return the scores of raw values of the validation rows, and calibrate the heads on them."""
        rows, measured, loss = self.validation_rows, dict[str, float](), 0.0
        for i, (name, column) in enumerate(self.prepared.targets.items()):
            truth = self.prepared.arrays[name].take(rows)
            head = self.averaged.heads[name]
            head.calibrate(raw[name], truth)
            found, wanted = torch.from_numpy(raw[name]), torch.from_numpy(truth)
            with torch.inference_mode():
                loss += float(head.loss(found, wanted))
                outputs = head.scored(found.to(self.device), wanted.to(self.device)).cpu().numpy()
            key = f"validation_{column.metric}" if i == 0 else f"validation_{name}_{column.metric}"
            measured[key] = head.calibrated(column).score(outputs, truth)[column.metric]
        return {**measured, "validation_loss": loss}

    # State.

    def state_dict(self) -> dict[str, Any]:
        """Return all state as tensors and plain values."""
        return {
            "state": vars(self.state),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict() if self.training.ema else None,
            "optimizer": self.optimizer.state_dict(),
        }

    def _restore(self, checkpoint: Mapping[str, Any]) -> None:
        try:
            self.network.load_state_dict(checkpoint["network"])
            if self.training.ema:
                self.averaged.load_state_dict(checkpoint["averaged"])
            self.optimizer.load_state_dict(checkpoint["optimizer"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise RunError(
                "the run's checkpoint is of another network than its recipe gives: it was trained by another version "
                "of hornbook; start again with --fresh"
            ) from error
        self.state = State(**{OLD_FIELDS.get(name, name): v for name, v in checkpoint["state"].items()})

    def _class_weights(self, target: str) -> Tensor | None:
        if self.training.class_weights == "none":
            return None
        truth = self.prepared.arrays[target].take(self.sampler.rows.numpy())
        weights = self.prepared.targets[target].class_weights(truth)
        return None if weights is None else torch.tensor(weights, dtype=torch.float32, device=self.device)


@torch.no_grad()
def _set_to_zero(network: Network) -> None:
    """Set all weights to zero; RecipeError where there are hidden layers, whose units would all stay the same."""
    if any(p.requires_grad for p in network.body.parameters()):
        raise RecipeError(
            'training.initialization is "zero", from which hidden layers learn nothing: use network.name = "linear", '
            'or "random"'
        )
    for parameter in network.parameters():
        if parameter.requires_grad:
            parameter.zero_()
