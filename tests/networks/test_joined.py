"""Inputs of every kind side by side in networks of every family, with dense layers over all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from hornbook.columns import CategoryColumn, ImageColumn, NumberColumn
from hornbook.columns.base import Column
from hornbook.columns.series.column import SeriesColumn
from hornbook.columns.text.column import TextColumn
from hornbook.errors import RecipeError
from hornbook.networks.bag import BagNet
from hornbook.networks.blocks import PictureNet
from hornbook.networks.model import Graph, Network
from hornbook.networks.recurrent import RecurrentNet
from hornbook.recipe.networks import FAMILIES as REGISTRY
from tests.networks.make import options

INPUTS: dict[str, Column] = {
    "photo": ImageColumn(size=(8, 6), channels=1, mean=(0.1,), std=(0.5,)),
    "note": TextColumn(chosen_tokenizer="words").learn(["a good one", "a bad one", "none"]),
    "size": NumberColumn().learn([1.0, 2.0, 3.0]),
    "kind": CategoryColumn(classes=("x", "y", "z")).as_input(),
    "past": SeriesColumn(columns=("price",), length=5, mean=(0.0,), std=(1.0,)),
}
TARGETS: dict[str, Column] = {
    "y": CategoryColumn(classes=("no", "yes", "else")),
    "n": NumberColumn().learn([1.0, 5.0]),
}
FAMILIES: dict[str, dict[str, Any]] = {
    "linear": {"name": "linear"},
    "mlp": {"name": "mlp", "hidden": [7, 5]},
    "several": {"name": "mlp", "hidden": [5], "members": 3},
    "stack": {"layers": ["dense 9 relu", "dense 5 relu"]},
    "cnn": {"name": "cnn", "widths": [4], "dense": [5]},
    "resnet": {"name": "resnet", "widths": [4], "blocks": 1},
    "pretrained": {"name": "pretrained", "backbone": "efficientnet_lite0", "fine_tune": "all"},
    "crnn": {"name": "crnn", "widths": [4], "stem": 0, "units": 4},
    "bag": {"name": "bag", "buckets": 50, "dense": [5]},
    "rnn": {"name": "rnn", "units": 6, "dense": [5]},
    "lstm": {"name": "lstm", "units": 6, "dense": [5]},
    "gru": {"name": "gru", "units": 6, "bidirectional": True},
}


def encoded(inputs: dict[str, Column], rows: int = 2) -> dict[str, torch.Tensor]:
    values: dict[str, Any] = {
        "photo": [np.zeros((6, 8), np.uint8)] * rows,
        "note": ["a good one", "bad"] * rows,
        "size": [2.5] * rows,
        "kind": ["x"] * rows,
        "past": [np.ones((5, 1))] * rows,
    }
    return {n: torch.from_numpy(c.encode_many(values[n][:rows])) for n, c in inputs.items()}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("left", ["", "photo", "note", "size", "past"])
def test_every_family_takes_every_kind_beside_others(family: str, left: str) -> None:
    inputs = {n: c for n, c in INPUTS.items() if n != left}
    if FAMILIES[family].get("layers") and left != "photo":
        pytest.skip("a stack is that of the picture, where there is one")
    net = Network(inputs, TARGETS, options(**FAMILIES[family])).eval()
    raw = net(net.unit(encoded(inputs)))
    assert (raw["y"].shape, raw["n"].shape) == ((2, 3), (2, 1))
    (raw["y"].square().sum() + raw["n"].square().sum()).backward()
    learned = [*net.body.parameters(), *net.heads.parameters()]
    assert all(p.grad is not None for p in learned if p.requires_grad)
    assert all(bool(torch.isfinite(v).all()) for v in Graph(net)(*encoded(inputs).values()))


def test_every_family_is_tested() -> None:
    """Boosted trees are no network, and autoregression takes one window: `test_boosting` and `test_autoregression`.

    A blend has the dense layers of an mlp: `tests/training/test_blending.py`. A U-Net has features of each pixel of one
    picture: `tests/networks/test_families.py`. A memory learns nothing: `tests/training/test_remember.py`.
    """
    assert {o.get("name", "layers") for o in FAMILIES.values()} == {*REGISTRY, "layers"} - {
        "boosting",
        "autoregression",
        "blend",
        "unet",
        "memory",
    }


def kinds(net: Network) -> set[type]:
    return {type(m) for m in net.modules() if isinstance(m, BagNet | PictureNet | RecurrentNet)}


def test_the_body_of_each_kind() -> None:
    assert kinds(Network(INPUTS, TARGETS, options(**FAMILIES["mlp"]))) == {BagNet}
    assert kinds(Network(INPUTS, TARGETS, options(**FAMILIES["cnn"]))) == {BagNet, PictureNet, RecurrentNet}
    assert kinds(Network(INPUTS, TARGETS, options(**FAMILIES["lstm"]))) == {RecurrentNet, PictureNet}


def test_dense_layers_are_over_all_inputs() -> None:
    net = Network(INPUTS, TARGETS, options(**FAMILIES["mlp"]))
    # A picture of 48 pixels, the 32 features of a bag, a number, three values and "other", five steps.
    assert net.body.top.dense1.in_features == 48 + 32 + 1 + 4 + 5  # type: ignore[union-attr]
    lstm = Network({n: INPUTS[n] for n in ("note", "size")}, TARGETS, options(**FAMILIES["lstm"]))
    assert lstm.body.top.dense1.in_features == 6 + 1  # type: ignore[union-attr]


@pytest.mark.parametrize("family", ["linear", "mlp", "several", "stack", "bag", "lstm"])
def test_a_text_alone(family: str) -> None:
    inputs = {"note": INPUTS["note"]}
    net = Network(inputs, TARGETS, options(**FAMILIES[family])).eval()
    assert net(net.unit(encoded(inputs)))["y"].shape == (2, 3)
    assert kinds(net) == {RecurrentNet if family == "lstm" else BagNet}


def test_members_foretell_a_series_together() -> None:
    inputs = {"past": INPUTS["past"]}
    targets: dict[str, Column] = {
        "price": SeriesColumn(horizon=2, relative="last", mean=(0.0, 0.0), std=(1.0, 1.0))
    }
    net = Network(inputs, targets, options(**FAMILIES["several"])).eval()
    given = net.unit({"past": torch.full((4, 5, 1), 3.0)})
    raw = net(given)["price"]
    assert raw.shape == (4, 2, 2)
    assert net.heads["price"].outputs(raw).tolist() == [[3.0, 3.0]] * 4
    assert net.train()(given)["price"].shape == (12, 2, 2)


@pytest.mark.parametrize(
    ("family", "column", "says"),
    [
        ("cnn", "note", "is for pictures, and the input is a sequence"),
        ("resnet", "note", "is for pictures, and the input is a sequence"),
        ("bag", "size", "is for texts and series"),
        ("bag", "past", "is for texts, and the input is a series"),
        ("cnn", "past", "is for pictures, and the input is a sequence"),
        ("lstm", "photo", "is for texts and series"),
    ],
)
def test_what_a_family_does_not_take_alone(family: str, column: str, says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        Network({column: INPUTS[column]}, TARGETS, options(**FAMILIES[family]))
