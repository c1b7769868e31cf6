"""The loop: order, batch, augment, forward, loss, backward, step; validate; keep the best. It reads like the textbook.

Everything random is a pure function of (seed, epoch, row or step): the order of rows, the augmentation,
dropout. So the state at the end of any step says all, and a run that was killed and continued ends with the
same bits (on a CPU with the same number of threads). Rank ``r`` of ``world`` processes takes rows
``r::world`` of each batch.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from hornbook.columns.base import Array
from hornbook.columns.network import Head
from hornbook.common.hashing import seed_of
from hornbook.errors import RecipeError, RunError
from hornbook.examples.prepare import Prepared
from hornbook.networks.inputs import make_augment
from hornbook.networks.model import NUMBERS, Network
from hornbook.recipe.recipe import Training
from hornbook.recognizer.signature import together
from hornbook.training.optimizer import make_optimizer
from hornbook.training.order import by_length, lengths_of
from hornbook.training.precision import autocast, bfloat16_instructions, choose_precision
from hornbook.training.preloaded import Ready
from hornbook.training.sampler import order, row_weights, rows_in_epoch

VALIDATION_BATCH = 512
FIRST = 5000
"""Training rows that a network starts from, where it does (whitening)."""
JUDGED = 100
"""Batches of an epoch whose metric is taken, at least, for the history: of long epochs all of them tell no more."""
START = 0.04
"""Share of the learning rate that a warm-up begins with (1/25, as in Smith and Topin 2018)."""


@dataclass
class State:
    """Where a run stands. ``epoch`` and ``step`` are finished ones; all of it is in a checkpoint.

    ``best_epoch`` is the one that is kept, ``improved_epoch`` the last one better than all before it.
    """

    epoch: int = 0
    step: int = 0
    precision: str = ""
    loss_sum: float = 0.0
    right: float = 0.0
    seen: int = 0
    judged: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    improved_epoch: int = 0
    best_metric: float | None = None
    finished: bool = False
    history: list[dict[str, float]] = field(default_factory=list)


def learning_rate(training: Training, step: int, steps: int, epoch: int) -> float:
    """Return the learning rate of a step out of all steps of the run."""
    top = training.learning_rate
    if training.schedule == "constant":
        return top
    if training.schedule == "step":
        return top * training.step_factor ** (epoch // training.step_epochs)
    warm = max(1, round(training.warmup * steps))
    if step + 1 < warm:
        return top * (START + (1 - START) * (step + 1) / warm)
    left = (steps - step) / (steps - warm + 1)
    return top * left if training.schedule == "one-cycle" else top * (1 - math.cos(math.pi * left)) / 2


class Loop:
    """A network, its optimizer and its state, stepping over prepared examples.

    Parameters
    ----------
    checkpoint
        What ``state_dict`` gave, to go on from there.
    """

    def __init__(
        self,
        network: Network,
        prepared: Prepared,
        training: Training,
        checkpoint: Mapping[str, Any] | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.prepared, self.training, self.rank, self.world = prepared, training, rank, world
        self.rows = torch.from_numpy(prepared.splits["train"])
        self.validation_rows = prepared.splits["validation"]
        self.row_weights = row_weights(prepared)
        taken = rows_in_epoch(len(self.rows), self.row_weights)
        self.batch = taken if training.batch_size == "all" else min(training.batch_size, taken)
        # A last batch of one row has no variance for batch norm: it waits for the next epoch's order.
        self.steps = math.ceil(taken / self.batch)
        if self.steps > 1 and taken % self.batch == 1:
            self.steps -= 1
        self.judge_every = max(1, self.steps // JUDGED)
        self.augment = {n: make_augment(a) for n, a in training.augment.items()}
        self.network = network.to(self.device)
        if self.batch == 1 and any(isinstance(m, _BatchNorm) for m in network.modules()):
            raise RecipeError(
                "training.batch_size is 1, and a network with batch normalization compares the rows of a batch: "
                "use 2 or more"
            )
        self.lengths = lengths_of(prepared.inputs, prepared.arrays, prepared.splits["train"])
        self.weights = {n: self._class_weights(n) for n in prepared.targets}
        self.ready = Ready(self.network, prepared, self.device)
        self.state = State()
        if checkpoint is None and training.initialization == "zero":
            _start_from_zero(network)
        if checkpoint is None and network.starts_from_data:
            first = self._load(self.rows[:FIRST].numpy())
            self.network.prepare(self.network.unit(first[0]))
        self.optimizer = make_optimizer(
            network, training.optimizer, training.learning_rate, training.weight_decay, training.momentum
        )
        self.averaged = copy.deepcopy(self.network) if training.ema else self.network
        if checkpoint is not None:
            self._restore(checkpoint)
        else:
            self.state.precision = training.precision
            if training.precision == "auto":
                self.state.precision = choose_precision(network, bfloat16_instructions(self.device))

    # The steps.

    def run_epoch(self, after_step: Callable[[Loop], bool]) -> bool:
        """Train for the rest of the epoch; return False where ``after_step`` asked to stop."""
        state, training = self.state, self.training
        self.prepared = self.prepared.at(state.epoch)
        if self.prepared is not self.ready.prepared:
            self.ready = Ready(self.network, self.prepared, self.device)
        generator = _generator(seed_of(training.seed, 1, state.epoch))
        turns = order(len(self.rows), self.row_weights, training.seed, state.epoch, generator)
        if self.lengths is not None:
            turns = by_length(turns, self.lengths, self.batch, generator)
        turns = self.rows[turns]
        self.network.train()
        while state.step < self.steps:
            start = time.perf_counter()
            rows = turns[state.step * self.batch : (state.step + 1) * self.batch][self.rank :: self.world]
            self._step(rows)
            state.step += 1
            state.seconds += time.perf_counter() - start
            if not after_step(self):
                return False
        return True

    def _step(self, rows: Tensor) -> None:
        state, training = self.state, self.training
        done = state.epoch * self.steps + state.step
        self._seed(seed_of(training.seed, 2, done))
        rate = learning_rate(training, done, training.epochs * self.steps, state.epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = self._forward(rows)
        value = loss.item()
        if not math.isfinite(value):
            raise RunError(
                f"training broke down in epoch {state.epoch + 1}, step {state.step + 1}: the loss is no number any "
                f"more; start again with --fresh and a lower training.learning_rate (it is {training.learning_rate}), "
                "or with training.max_grad_norm=1"
            )
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if training.max_grad_norm:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), training.max_grad_norm)
        with autocast(state.precision, self.device):
            self.optimizer.step()
        if training.ema:
            self._average(done)
        state.loss_sum += value * len(rows)
        state.seen += len(rows)

    def _forward(self, rows: Tensor) -> Tensor:
        """Return the loss of a batch. What it was made of is let go of here: the way back finds the memory warm."""
        state, training = self.state, self.training
        ready, unit, truths = self.ready.take(rows.to(self.device))
        if not self.ready.whole:
            inputs, others = self._load(rows.numpy(), numbers=NUMBERS not in ready)
            unit, truths = self.network.unit(inputs), {**others, **truths}
        for name, augment in self.augment.items():
            unit[name] = augment(unit[name], seed=training.seed, epoch=state.epoch, rows=rows.to(self.device))
        with autocast(state.precision, self.device):
            raw = self.network(unit, ready)
        if state.step % self.judge_every == 0:
            first = next(iter(raw))
            state.right += float(self.network.heads[first].metric_sum(raw[first].detach(), truths[first]))
            state.judged += len(rows)
        return self._loss(raw, truths)

    def _seed(self, seed: int) -> None:
        """Seed what dropout draws from; `torch.manual_seed` asks after every kind of device, 0.2 ms a step."""
        torch.default_generator.manual_seed(seed)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(seed)

    def _loss(self, raw: Mapping[str, Tensor], truths: Mapping[str, Tensor]) -> Tensor:
        parts = [
            self.network.heads[n].loss(v, truths[n], self.training.label_smoothing, self.weights[n])
            for n, v in raw.items()
        ]
        total: Tensor = torch.stack(parts).sum() if len(parts) > 1 else parts[0]
        return total

    @torch.no_grad()
    def _average(self, done: int) -> None:
        """Move the averaged weights towards the present ones; fewer steps are averaged at the start."""
        decay = min(self.training.ema, (1 + done) / (10 + done))
        for mean, now in zip(_tensors(self.averaged), _tensors(self.network), strict=True):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - decay)
            else:
                mean.copy_(now)

    # Validation.

    @torch.inference_mode()
    def raw(self, rows: Array) -> dict[str, Array]:
        """Return what the heads of the network that is kept give for these rows (logits), ``float32``."""
        network = self.averaged
        was_training = network.training
        network.eval()
        parts = []
        for start in range(0, len(rows), VALIDATION_BATCH):
            inputs, _ = self._load(rows[start : start + VALIDATION_BATCH])
            with autocast(self.state.precision, self.device):
                parts.append(network(network.unit(inputs)))
        network.train(was_training)
        return {n: together([p[n].float().cpu().numpy() for p in parts]) for n in network.heads}

    def validate(self) -> bool:
        """End the epoch: measure on the validation rows, add to the history, and say whether it is the best so far."""
        state = self.state
        targets = self.prepared.targets
        main = next(iter(targets))
        metric = targets[main].metric
        row: dict[str, float] = {
            "epoch": state.epoch + 1,
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "train_loss": state.loss_sum / max(state.seen, 1),
            f"train_{metric}": state.right / max(state.judged, 1),
        }
        better = improved = True
        if len(self.validation_rows):
            raw = self.raw(self.validation_rows)
            loss = 0.0
            for name, column in targets.items():
                truth = self.prepared.arrays[name].take(self.validation_rows)
                head = self.averaged.heads[name]
                head.calibrate(raw[name], truth)
                tensor = torch.from_numpy(raw[name])
                with torch.no_grad():
                    loss += float(head.loss(tensor, torch.from_numpy(truth)))
                outputs = self._judged(head, tensor.to(self.device), truth)
                score = column.score(outputs, truth)[column.metric]
                row[f"validation_{'' if name == main else name + '_'}{column.metric}"] = score
            row["validation_loss"] = loss
            score = row[f"validation_{metric}"]
            sign = 1 if targets[main].metric_larger_is_better else -1
            # Of two epochs with the same score the later one: its learning rate was lower.
            better = state.best_metric is None or sign * score >= sign * state.best_metric
            improved = state.best_metric is None or sign * score > sign * state.best_metric
            if better:
                state.best_metric = score
        if self.training.keep == "last":
            better = True
        row["seconds"] = round(state.seconds, 3)
        row["examples_per_second"] = round(state.seen / state.seconds, 1) if state.seconds else 0.0
        state.history.append(row)
        state.epoch += 1
        state.step = state.seen = state.judged = 0
        state.loss_sum = state.right = state.seconds = 0.0
        if better:
            state.best_epoch = state.epoch
        if improved:
            state.improved_epoch = state.epoch
        patience = self.training.early_stopping
        stop_early = bool(patience) and state.epoch - state.improved_epoch >= patience
        state.finished = state.epoch >= self.training.epochs or stop_early
        return better

    @staticmethod
    @torch.inference_mode()
    def _judged(head: Head, raw: Tensor, truth: Array) -> Array:
        """Return what a column scores."""
        return head.scored(raw, torch.from_numpy(truth).to(raw.device)).detach().cpu().numpy()

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
        self.state = State(**checkpoint["state"])

    # Parts.

    def _load(self, rows: Array, numbers: bool = True) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the encoded inputs and targets of some rows, on the device; ``numbers`` those side by side as well."""
        columns, block = self.prepared.inputs, self.prepared.numbers
        given = {}
        if block is not None and self.network.together:
            if numbers:
                given[NUMBERS] = torch.from_numpy(block.take(rows)).to(self.device)
            columns = {n: c for n, c in columns.items() if n not in self.network.together}
        inputs = self.prepared.take(rows, columns)
        truths = self.prepared.take(rows, self.prepared.targets)
        given.update({n: torch.from_numpy(columns[n].trim(v)).to(self.device) for n, v in inputs.items()})
        return (
            given,
            {n: torch.from_numpy(v).to(self.device) for n, v in truths.items()},
        )

    def _class_weights(self, target: str) -> Tensor | None:
        if self.training.class_weights == "none":
            return None
        truth = self.prepared.arrays[target].take(self.rows.numpy())
        weights = self.prepared.targets[target].class_weights(truth)
        return None if weights is None else torch.tensor(weights, dtype=torch.float32, device=self.device)


@torch.no_grad()
def _start_from_zero(network: Network) -> None:
    """Set all weights to zero; RecipeError where there are hidden layers, whose units would all stay the same."""
    if any(True for _ in network.body.parameters()):
        raise RecipeError(
            'training.initialization is "zero", from which hidden layers learn nothing: use network.name = "linear", '
            'or "random"'
        )
    for parameter in network.parameters():
        parameter.zero_()


def _tensors(network: Network) -> list[Tensor]:
    return list(network.state_dict().values())


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
