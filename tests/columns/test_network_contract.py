"""The contracts of inputs and heads, held by every kind in the registry and by one from outside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hornbook.columns.base import Array, Column
from hornbook.columns.kinds import column_types
from hornbook.columns.network import Head, Input
from hornbook.columns.series.column import SeriesColumn
from hornbook.columns.text.column import TextColumn
from hornbook.errors import RecipeError
from hornbook.networks.inputs import head_class, make_augment, make_input
from tests.columns.test_contract import OPTIONS, VALUES, _outside, known, learned
from tests.networks.make import exported

__all__ = ["_outside"]

FEATURES = 7
STEPS = 24
TARGETS: dict[str, list[tuple[dict[str, Any], list[Any]]]] = {
    "series": [
        (
            {"horizon": 2, "relative": relative, "season": 2},
            [np.random.default_rng(i).uniform(1, 9, (3, 2)) for i in range(5)],
        )
        for relative in ("none", "last", "season")
    ]
}
"""Options and values of targets, where they are others than those of inputs."""

HEADS = [
    pytest.param((word, options, values), id=f"{word}-{options}")
    for word, every in OPTIONS.items()
    for options, values in TARGETS.get(word, [(o, list(VALUES[word])) for o in every])
    if known(word).metric
]
INPUTS = [
    pytest.param(word, options, id=f"{word}-{options}")
    for word, every in OPTIONS.items()
    for options in every
    if known(word).is_input
]


Made = tuple[Column, Head, list[Tensor], Tensor]


class Whole(nn.Module):
    """A head or an input as it stands in a graph."""

    def __init__(self, part: Head | Input) -> None:
        super().__init__()
        self.part = part

    def forward(self, *given: Tensor) -> Tensor:
        """Return a head's outputs, or what an input gives a body."""
        if isinstance(self.part, Head):
            return self.part.outputs(self.part(*given))
        found: Tensor = self.part(self.part.unit(*given))
        return found


@pytest.fixture(params=HEADS)
def made(request: pytest.FixtureRequest) -> Made:
    """Return a learned column, its head, what that is given, and encoded truths."""
    word, options, values = request.param
    column = learned(word, options, values)
    cls = head_class("y", column)
    torch.manual_seed(0)
    head = cls(column, (STEPS, FEATURES) if cls.wants == "sequence" else (FEATURES,))
    truth = torch.from_numpy(column.encode_many(values))
    shape = (truth.shape[1] if cls.causal else STEPS, FEATURES) if cls.wants == "sequence" else (FEATURES,)
    given = [torch.randn(len(values), *shape, requires_grad=True)]
    if head.look_at("y", {"x": SeriesColumn(columns=("y",), length=5)}) == "x":
        given.append(torch.rand(len(truth), 5, 1) + 1)
    return column, head, given, truth


def in_onnx(module: nn.Module, given: list[Tensor]) -> Array:
    """Return what an exported module gives for one row more than it was exported with."""
    names = [f"x{i}" for i in range(len(given))]
    return exported(module, given, {name: [0] for name in [*names, "y"]})(
        *(torch.cat([g, g[:1]]) for g in given)
    )


def test_a_head_learns_from_every_batch(made: Made) -> None:
    column, head, given, truth = made
    raw = head(*given)
    assert len(raw) == len(truth)
    loss = head.loss(raw, truth)
    assert loss.shape == () and bool(torch.isfinite(loss))
    assert bool(torch.isfinite(head.loss(raw, truth, 0.1)))
    assert torch.allclose(head.loss(raw, head.prepared(truth)), loss)
    loss.backward()  # type: ignore[no-untyped-call]
    assert given[0].grad is not None and torch.isfinite(given[0].grad).all()
    gradients = {name: parameter.grad for name, parameter in head.named_parameters()}
    assert all(g is not None and bool(torch.isfinite(g).all()) for g in gradients.values()), gradients
    if column.outputs > 2 or not isinstance(
        column, TextColumn
    ):  # where no token is known, what follows is certain
        assert any(g is not None and bool(g.any()) for g in gradients.values())
    assert (head.linear() is None) or head.linear() in list(head.modules())


def test_a_head_is_measured_as_its_column_measures(made: Made) -> None:
    column, head, given, truth = made
    with torch.no_grad():
        raw = head(*given)
        mean = float(head.metric_sum(raw, truth)) / len(truth)
        assert mean == pytest.approx(float(head.metric_sum(raw, head.prepared(truth))) / len(truth), rel=1e-4)
        score = column.score(head.scored(raw, truth).numpy(), truth.numpy())[column.metric]
        assert 0 <= mean <= (1 if column.metric_larger_is_better else np.inf)
        # CTC reads the likeliest class of each step while training, and the likeliest string in use.
        assert mean == pytest.approx(score, rel=1e-3) or len(head(*given).shape) == 3
        outputs = head.outputs(raw)
    wanted = (
        len(truth),
        *(side or have for side, have in zip(column.output_shape, outputs.shape[1:], strict=True)),
    )
    assert outputs.shape == wanted and bool(torch.isfinite(outputs).all())
    assert len(column.decode(outputs.numpy())) == len(truth)


def test_a_head_is_calibrated_on_some_rows_or_none(made: Made) -> None:
    column, head, given, truth = made
    with torch.no_grad():
        raw = head(*given)
        for rows in (len(truth), 0):
            head.calibrate(raw[:rows].numpy(), truth[:rows].numpy())
            assert bool(torch.isfinite(head.outputs(raw)).all())
            assert type(head.calibrated(column)) is type(column)


def test_a_head_answers_the_same_from_onnx(made: Made) -> None:
    _, head, given, _ = made
    found = in_onnx(Whole(head), given)
    with torch.no_grad():
        wanted = Whole(head)(*given).numpy()
    assert np.allclose(found[:-1], wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("word", "options"), INPUTS)
def test_an_input_has_its_shape_and_is_finite_in_any_batch(word: str, options: dict[str, Any]) -> None:
    column = learned(word, options).as_input()
    module = make_input("x", [column])
    encoded = torch.from_numpy(column.encode_many(VALUES[word]))
    given = module.train()(module.unit(encoded))
    assert given.shape[1:] == tuple(s or have for s, have in zip(module.shape, given.shape[1:], strict=True))
    if given.requires_grad:
        given.sum().backward()
    assert all(p.grad is not None for p in module.parameters())
    module.eval()
    whole = module(module.unit(encoded))
    assert bool(torch.isfinite(whole).all())
    for i in range(len(encoded)):
        assert torch.allclose(module(module.unit(encoded[i : i + 1]))[0], whole[i], atol=1e-5)
    augment = column.augment
    assert augment is None or not make_augment(augment()).active


@pytest.mark.parametrize(("word", "options"), INPUTS)
def test_an_input_gives_the_same_from_onnx(word: str, options: dict[str, Any]) -> None:
    column = learned(word, options).as_input()
    module = make_input("x", [column]).eval()

    encoded = torch.from_numpy(column.encode_many(VALUES[word]))
    found = in_onnx(Whole(module), [encoded])
    assert np.allclose(found[:-1], module(module.unit(encoded)).detach().numpy(), rtol=1e-3, atol=1e-4)


def test_what_cannot_stand_in_a_place_is_one_sentence() -> None:
    for word in column_types():
        column = column_types()[word]()
        said = f"a column of type '{word}' cannot be"
        if not column.metric:
            with pytest.raises(RecipeError, match=f"targets.y: {said} a target; use"):
                head_class("y", column)
        if not column.is_input:
            with pytest.raises(RecipeError, match=f"inputs.x: {said} an input; use"):
                make_input("x", [column])
