"""The loop: its steps, its schedules, what it keeps, and when it stops."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
import torch

from hornbook.columns import NumberColumn
from hornbook.errors import RecipeError, RunError
from hornbook.recipe.recipe import Training
from hornbook.training.loop import OLD_FIELDS, Loop
from hornbook.training.schedule import WARMUP_START, learning_rate
from tests.training.make import examples, loop, recipe, run


@pytest.fixture(autouse=True)
def own_randomness() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        yield


def weights(one: Loop) -> dict[str, torch.Tensor]:
    return {k: v.clone() for k, v in one.averaged.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[k], other[k]) for k in one)


def history(one: Loop) -> list[dict[str, float]]:
    return [
        {k: v for k, v in r.items() if k not in ("seconds", "examples_per_second")} for r in one.state.history
    ]


# Schedules.


@pytest.mark.parametrize("schedule", ["one-cycle", "cosine"])
@pytest.mark.parametrize("steps", [1, 2, 10, 1000])
def test_a_cycle_goes_up_to_the_top_and_down_to_nothing(schedule: Any, steps: int) -> None:
    training = Training(schedule=schedule, learning_rate=0.5, warmup=0.25)
    rates = [learning_rate(training, step, steps, 0) for step in range(steps)]
    peak = int(np.argmax(rates))
    assert max(rates) == pytest.approx(0.5)
    assert all(a < b for a, b in pairwise(rates[: peak + 1]))
    assert all(a > b for a, b in pairwise(rates[peak:]))
    assert min(rates) > 0
    if steps == 1000:
        assert peak == 249
        assert rates[0] == pytest.approx(0.5 * WARMUP_START, rel=0.15)
        assert rates[-1] < 0.001
        middle = rates[(249 + 999) // 2]
        assert middle == pytest.approx(0.25, rel=0.01)
        quarter = 0.375 if schedule == "one-cycle" else 0.25 * (1 + math.cos(math.pi / 4))
        assert rates[249 + 188] == pytest.approx(quarter, rel=0.02)


def test_constant_and_step_and_no_warm_up() -> None:
    plain = Training(learning_rate=0.5, warmup=0.0)
    assert learning_rate(plain, 0, 100, 0) == 0.5 > learning_rate(plain, 1, 100, 0)
    assert learning_rate(Training(schedule="constant", learning_rate=0.2), 77, 100, 9) == 0.2
    training = Training(schedule="step", learning_rate=0.8, step_epochs=3, step_factor=0.5)
    assert [learning_rate(training, 0, 9, epoch) for epoch in range(7)] == [0.8] * 3 + [0.4] * 3 + [0.2]


def test_the_rate_is_set_at_every_step() -> None:
    one = loop(recipe(epochs=1, batch_size=16, learning_rate=0.1))
    seen: list[float] = []

    def note(now: Loop) -> bool:
        seen.append(now.optimizer.param_groups[0]["lr"])
        return True

    one.run_epoch(note)
    assert seen == [learning_rate(one.training, step, one.steps, 0) for step in range(one.steps)]
    assert {group["lr"] for group in one.optimizer.param_groups} == {seen[-1]}


# Batches.


def rows_of(one: Loop, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    seen: list[list[int]] = []

    def noted(rows: torch.Tensor) -> None:
        seen.append(rows.tolist())
        Loop._train_step(one, rows)

    monkeypatch.setattr(one, "_train_step", noted)
    one.run_epoch(lambda _: True)
    one.validate()
    return seen


@pytest.mark.parametrize(
    ("size", "sizes"), [(16, [16, 16, 16]), (20, [20, 20, 8]), ("all", [48]), (999, [48]), (47, [47])]
)
def test_every_row_once_an_epoch(size: int | str, sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    # Of a last batch of one row, batch normalization knows no variance: it is left for another epoch.
    one = loop(recipe(batch_size=size), examples(60))
    first, second = (rows_of(one, monkeypatch) for _ in range(2))
    assert [len(rows) for rows in first] == sizes
    flat = list(chain(*first))
    assert len(set(flat)) == len(flat)
    assert set(flat) <= set(one.prepared.splits["train"].tolist())
    assert list(chain(*second)) != flat
    assert one.state.history[0]["train_accuracy"] <= 1


def test_the_last_row_alone_is_another_one_in_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    one = loop(recipe(batch_size=47, epochs=9), examples(60))
    everything = set(one.prepared.splits["train"].tolist())
    left = [min(everything - set(chain(*rows_of(one, monkeypatch)))) for _ in range(4)]
    assert len(set(left)) > 1


def test_one_row_a_batch_needs_a_net_that_does_not_compare_rows() -> None:
    run(loop(recipe(batch_size=1, epochs=1), examples(12)))
    with pytest.raises(RecipeError, match=r"training\.batch_size is 1"):
        loop(recipe({"name": "cnn", "widths": [4]}, batch_size=1), examples(12))


# Bits.


NET: dict[str, Any] = {"name": "cnn", "widths": [4, 4], "dropout": 0.3}
AUGMENT = {"image": {"shift": 0.1, "erase": 0.1}}
RANDOM: dict[str, Any] = {"augment": AUGMENT, "ema": 0.9, "label_smoothing": 0.1}


def test_the_same_seed_gives_the_same_bits_and_another_gives_others() -> None:
    runs = []
    for seed in (3, 3, 4):
        torch.rand(17)  # what was drawn before changes nothing
        runs.append(run(loop(recipe(NET, seed=seed, **RANDOM))))
    one, same_seed, other = (weights(r) for r in runs)
    assert same(one, same_seed)
    assert history(runs[0]) == history(runs[1])
    assert not same(one, other)
    assert history(runs[0]) != history(runs[2])


# What it learns, and options.


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"optimizer": "sgd", "learning_rate": 0.1},
        {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 0.3},
        {"optimizer": "muon"},
        {"schedule": "cosine"},
        {"schedule": "constant"},
        {"batch_size": "all", "learning_rate": 0.05},
        {"max_grad_norm": 0.5},
        {"class_weights": "balanced"},
        {"ema": 0.8},
        {"label_smoothing": 0.2},
        {"precision": "bfloat16"},
    ],
    ids=str,
)
def test_learns_what_is_plain(options: dict[str, Any]) -> None:
    done = run(loop(recipe(**{"epochs": 12, "learning_rate": 0.02, **options}), examples(120)))
    assert done.state.history[-1]["validation_accuracy"] >= 0.9
    assert done.state.history[-1]["train_loss"] < done.state.history[0]["train_loss"]
    assert all(p.dtype == torch.float32 for p in done.network.parameters())


PLAIN: dict[str, Any] = {
    "optimizer": "sgd", "momentum": 0.0, "schedule": "constant", "learning_rate": 0.1, "weight_decay": 0.0
}  # fmt: skip


def test_the_first_step_is_the_textbooks() -> None:
    """Plain gradient descent by hand, on all rows at once."""
    one = loop(recipe({"name": "linear"}, **PLAIN, batch_size="all", epochs=1))
    before = {k: v.clone() for k, v in one.network.named_parameters()}
    batch = one.data.take(one.sampler.rows)
    loss = torch.nn.functional.cross_entropy(one.network(batch.unit)["label"], batch.targets["label"].long())
    gradients = torch.autograd.grad(loss, list(one.network.parameters()))
    one.run_epoch(lambda _: True)
    for (name, parameter), gradient in zip(one.network.named_parameters(), gradients, strict=True):
        assert torch.allclose(parameter, before[name] - 0.1 * gradient, atol=1e-6)
    assert one.state.loss_sum / one.state.rows_seen == pytest.approx(float(loss.detach()))


def test_clipping_bounds_the_gradient() -> None:
    one = loop(recipe(**{**PLAIN, "learning_rate": 1.0, "max_grad_norm": 0.01}))
    before = torch.cat([p.detach().flatten().clone() for p in one.network.parameters()])
    one.run_epoch(lambda _: False)
    after = torch.cat([p.detach().flatten() for p in one.network.parameters()])
    assert 0 < float((after - before).norm()) <= 0.0101


def test_class_weights_make_up_for_rare_classes() -> None:
    labels = ["rare" if i % 10 == 0 else "common" for i in range(100)]
    one = loop(recipe(class_weights="balanced"), examples(100, label=labels))
    counts = np.bincount(one.prepared.arrays["label"].take(one.prepared.splits["train"]))
    found = one.class_weights["label"]
    assert found is not None
    assert (found.numpy() * counts).tolist() == pytest.approx([counts.sum() / 2] * 2)
    plain = loop(recipe(), examples(100, label=labels))
    assert plain.class_weights["label"] is None
    logits, truth = torch.tensor([[2.0, 0.0], [0.5, 1.0]]), torch.tensor([0, 1], dtype=torch.uint8)
    each = -torch.log_softmax(logits, 1)[[0, 1], [0, 1]]
    loss = one.network.heads["label"].loss
    assert float(loss(logits, truth)) == pytest.approx(float(each.mean()))
    assert float(loss(logits, truth, 0.0, found)) == pytest.approx(float((found * each).sum() / found.sum()))


def test_the_average_follows_the_weights_and_is_what_is_evaluated() -> None:
    one = loop(recipe(ema=0.99, epochs=1))
    start = weights(one)
    seen: list[dict[str, torch.Tensor]] = []

    def note(now: Loop) -> bool:
        seen.append({k: v.clone() for k, v in now.network.state_dict().items()})
        return True

    one.run_epoch(note)
    mean = start
    for step, now in enumerate(seen):
        decay = min(0.99, (1 + step) / (10 + step))
        mean = {k: v * decay + now[k] * (1 - decay) for k, v in mean.items()}
    for name, value in one.averaged.state_dict().items():
        assert torch.allclose(value, mean[name], atol=1e-6), name
    raw = one.raw(one.validation_rows)["label"]
    one.averaged.eval()
    encoded = one.data.encoded(one.validation_rows)
    assert np.allclose(raw, one.averaged(one.averaged.unit(encoded))["label"].detach().numpy(), atol=1e-6)


# Keeping and stopping.


def scored(one: Loop, monkeypatch: pytest.MonkeyPatch, scores: list[float]) -> list[bool]:
    """Run epochs whose validation accuracy is as told; return which were kept."""
    told = iter(scores)
    column = one.prepared.targets["label"]
    monkeypatch.setattr(type(column), "score", lambda *_: {"accuracy": next(told)})
    monkeypatch.setattr(one, "_train_step", lambda _: None)
    kept = []
    while not one.state.finished:
        one.run_epoch(lambda _: True)
        kept.append(one.validate())
    return kept


@pytest.mark.parametrize(
    ("options", "scores", "kept", "best", "improved"),
    [
        (
            {"epochs": 5},
            [0.5, 0.7, 0.6, 0.7, 0.2],
            [True, True, False, True, False],
            4,
            2,
        ),  # of equal ones the later
        ({"epochs": 3, "keep": "last"}, [0.9, 0.7, 0.6], [True, True, True], 3, 1),
        ({"early_stopping": 2}, [0.5, 0.6, 0.55, 0.59, 0.99], [True, True, False, False], 2, 2),
        ({"early_stopping": 2, "keep": "last"}, [0.5, 0.6, 0.55, 0.59, 0.99], [True] * 4, 4, 2),
        ({"early_stopping": 2}, [0.5, 0.5, 0.5, 0.5], [True] * 3, 3, 1),  # the same score is no better one
    ],
)
def test_which_epoch_is_kept_and_when_training_stops_early(
    options: dict[str, Any],
    scores: list[float],
    kept: list[bool],
    best: int,
    improved: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = loop(recipe(**{"epochs": 99, **options}))
    assert scored(one, monkeypatch, scores) == kept
    assert (one.state.epoch, one.state.best_epoch, one.state.improved_epoch) == (len(kept), best, improved)
    assert one.state.best_metric == max(scores[: len(kept)])


def test_without_validation_rows_the_last_epoch_is_kept() -> None:
    done = run(loop(recipe(split={"validation": 0.0, "test": 0.0}, epochs=3, early_stopping=1)))
    assert (done.state.epoch, done.state.best_epoch) == (3, 3)
    assert "validation_loss" not in done.state.history[0]
    assert float(done.network.heads["label"].temperature) == 1.0  # type: ignore[arg-type]


def test_a_loss_that_is_no_number_ends_training_with_what_to_do() -> None:
    one = loop(recipe(learning_rate=0.5))
    with torch.no_grad():
        next(iter(one.network.heads["label"].parameters())).fill_(float("nan"))
    before = weights(one)
    with pytest.raises(RunError, match=r"epoch 1, step 1: .*lower training\.learning_rate \(it is 0\.5\)"):
        one.run_epoch(lambda _: True)
    assert all(torch.equal(v, before[k]) or v.isnan().any() for k, v in weights(one).items())


# Kinds of targets.


def test_several_targets_are_learned_together() -> None:
    made = recipe(epochs=15, learning_rate=0.02)
    values = {**made.given, "targets": {"label": "category", "half": "category"}}
    both = type(made).from_values(values, "two", "test")
    data = examples(120, half=[str(i % 3 == 0) for i in range(120)])
    row = run(loop(both, data)).state.history[-1]
    assert row["validation_accuracy"] >= 0.9
    assert row["validation_half_accuracy"] >= 0.9


def test_more_classes_than_a_byte_holds() -> None:
    done = run(loop(recipe(epochs=1, class_weights="balanced"), examples(900, classes=300)))
    assert done.prepared.arrays["label"].dtype == np.uint16
    assert math.isfinite(done.state.history[0]["validation_loss"])


def test_a_run_begun_before_keeps_its_precision() -> None:
    one = loop(recipe(precision="auto"))
    assert one.state.precision == "float32"
    saved = one.state_dict()
    saved["state"] = {**saved["state"], "precision": "bfloat16"}
    assert Loop(one.network, one.prepared, one.training, saved).state.precision == "bfloat16"


def test_a_checkpoint_with_the_old_names_of_its_state_goes_on() -> None:
    one = loop(recipe())
    one.run_epoch(lambda now: now.state.step < 2)
    new = {name: old for old, name in OLD_FIELDS.items()}
    saved = one.state_dict()
    saved["state"] = {new.get(name, name): value for name, value in saved["state"].items()}
    assert not set(OLD_FIELDS.values()) & set(saved["state"])
    assert Loop(one.network, one.prepared, one.training, saved).state == one.state


def test_balanced_classes_beside_a_number() -> None:
    data = examples(size=np.linspace(0, 1, 60))
    values = recipe(class_weights="balanced")
    both = dataclasses.replace(values, targets={**values.targets, "size": NumberColumn()})
    made = loop(both, data)
    assert made.class_weights["label"] is not None and made.class_weights["size"] is None
    run(made)
