"""Numbers and categories in a network: arithmetic, joining, heads, ensembles, formulas, textbook counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from hornbook.columns import CategoryColumn, ImageColumn, NumberColumn
from hornbook.columns.base import Column
from hornbook.columns.category.network import CategoryInput
from hornbook.columns.number.network import NumberHead, NumberInput
from hornbook.networks.by_column import NUMBERS
from hornbook.networks.model import Graph, Network
from hornbook.networks.tables.formula import formulas
from tests.networks.make import options

A = NumberColumn().learn([1.0, 2.0, 3.0])
B = NumberColumn(log=True, clip=(0.0, 50.0)).learn([0.0, 10.0, 100.0, None])
C = CategoryColumn(classes=("x", "y", "z")).as_input()
TWO = CategoryColumn(classes=("no", "yes"))
NAN = float("nan")


def count(inputs: dict[str, Column], targets: dict[str, Column], **network: Any) -> int:
    return Network(inputs, targets, options(**network)).parameters_count()


@pytest.mark.parametrize("column", [A, B, NumberColumn(standardize=False).learn([1.0, 5.0])], ids=str)
def test_the_graph_standardizes_as_the_column_does(column: NumberColumn) -> None:
    numbers = np.array([0.0, 1.5, 2.0, 70.0], np.float32)
    found = NumberInput(column)(torch.from_numpy(numbers)[:, None])
    assert np.allclose(found[:, 0].numpy(), column.standardized(numbers), atol=1e-5)


def test_what_is_missing_is_the_mean_and_marked_where_training_rows_had_missing_ones() -> None:
    block = torch.tensor([[NAN, NAN], [2.0, 10.0]])
    found = NumberInput(A, B)(block)
    assert found.shape == (2, 3)
    assert found[0].tolist() == [0.0, 0.0, 1.0]
    assert found[1, 2] == 0
    plain = NumberColumn(standardize=False).learn([1.0, 5.0])
    assert NumberInput(plain)(torch.tensor([[NAN]])).item() == 3.0


def test_float64_keeps_small_differences_of_large_numbers() -> None:
    times = NumberColumn().learn([1_700_000_000.0 + i for i in range(100)])
    encoded = torch.from_numpy(times.encode_many([1_700_000_000, 1_700_000_001]))
    found = NumberInput(times)(encoded[:, None])
    assert float(found[1] - found[0]) == pytest.approx(1 / (times.std or 1), rel=1e-3)
    assert found.dtype == torch.float32


def test_few_values_are_one_hot_and_many_an_embedding() -> None:
    few = CategoryInput(C).eval()
    assert few.shape == (4,)
    assert few(few.unit(torch.tensor([0, 3], dtype=torch.uint8))).tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    many = CategoryInput(CategoryColumn(classes=tuple(map(str, range(17)))).as_input())
    assert many.embedding is not None
    assert many.shape == (8,)
    assert many(many.unit(torch.tensor([17], dtype=torch.uint8))).shape == (1, 8)


def test_some_values_are_forgotten_in_training_the_same_ones_for_a_seed() -> None:
    reads = CategoryInput(C).train()
    places = torch.zeros(5000, dtype=torch.uint8)
    torch.manual_seed(3)
    first = reads.unit(places)
    torch.manual_seed(3)
    assert torch.equal(first, reads.unit(places))
    assert 0.01 < float((first == 3).float().mean()) < 0.03
    assert not reads.eval().unit(places).any()


def test_numbers_side_by_side_are_numbers_one_by_one() -> None:
    inputs: dict[str, Column] = {"a": A, "c": C, "b": B}
    net = Network(inputs, {"y": TWO}, options(name="mlp")).eval()
    encoded = {"a": torch.tensor([1.0, NAN]), "c": torch.tensor([0, 3]), "b": torch.tensor([NAN, 4.0])}
    one = net(net.unit(encoded))["y"]
    block = net.unit({NUMBERS: torch.stack([encoded["a"], encoded["b"]], 1), "c": encoded["c"]})
    assert torch.equal(one, net(block)["y"])
    assert torch.allclose(Graph(net)(*encoded.values())[0], torch.softmax(one, 1))


def test_parameter_counts_of_the_textbooks() -> None:
    numbers: dict[str, Column] = {"x1": A, "x2": A}
    assert count(numbers, {"y": TWO}, name="mlp", hidden=[20]) == 81
    assert count(numbers, {"y": TWO}, name="linear") == 3
    image: dict[str, Column] = {"x": ImageColumn(size=(28, 28), channels=1)}
    ten = CategoryColumn(classes=tuple(map(str, range(10))))
    assert count(image, {"y": ten}, layers=["dense 392 relu", "dense 392 relu"]) == 465_706


@pytest.mark.parametrize(
    ("loss", "wanted"), [("squared", (1 + 4) / 4), ("absolute", 1.5), ("huber", (0.5 + 1.5) / 2)]
)
def test_the_loss_of_a_number_is_of_its_standardized_value(loss: Any, wanted: float) -> None:
    column = NumberColumn(loss=loss).learn([1.0, 2.0, 3.0])
    head = NumberHead(column, (1,))
    raw, truth = torch.tensor([[1.0], [2.0]]), torch.tensor([2.0, 2.0])
    assert float(head.loss(raw, truth)) == pytest.approx(wanted)
    assert float(head.metric_sum(raw, truth)) == pytest.approx(3.0)
    assert head.outputs(raw).tolist() == [[3.0], [4.0]]


def test_a_head_keeps_the_interval_for_the_file() -> None:
    head = NumberHead(A, (1,))
    assert head.calibrated(A).margin is None
    head.calibrate(np.zeros((40, 1)), np.linspace(1, 3, 40, dtype=np.float32))
    assert head.calibrated(A).margin == pytest.approx(1.0, abs=0.1)
    head.calibrate(np.zeros((4, 1)), np.ones(4, np.float32))
    assert head.calibrated(A).margin is None


@pytest.mark.parametrize(
    "network", [{"hidden": [5, 4], "dropout": 0.1}, {"hidden": []}, {"hidden": [5], "batchnorm": True}]
)
def test_members_are_averaged(network: dict[str, Any]) -> None:
    inputs: dict[str, Column] = {"a": A, "b": B}
    targets: dict[str, Column] = {"y": TWO, "n": A}
    net = Network(inputs, targets, options(name="mlp", members=3, **network))
    one = count(inputs, targets, name="mlp", **network)
    assert net.parameters_count() == 3 * one
    encoded = {"a": torch.randn(6), "b": torch.rand(6)}
    raw = net(net.unit(encoded))
    assert raw["n"].shape == (18, 1)
    truth = {"y": torch.tensor([0, 1] * 3), "n": torch.rand(6)}
    for name, head in net.heads.items():
        assert torch.isfinite(head.loss(raw[name], truth[name]))
        assert float(head.metric_sum(raw[name].detach(), truth[name])) >= 0
    net.eval()
    together = net(net.unit(encoded))
    assert together["n"].shape == (6, 1)
    if not network.get("dropout") and not network.get("batchnorm"):
        assert torch.allclose(together["n"], raw["n"].view(3, 6, 1).mean(0), atol=1e-6)
    assert not torch.allclose(raw["n"][:6], raw["n"][6:12])


def test_the_formula_answers_as_the_network() -> None:
    inputs: dict[str, Column] = {"a": A, "c": C, "b": NumberColumn().learn([1.0, None, 7.0])}
    net = Network(
        inputs, {"n": NumberColumn().learn([10.0, 20.0, 60.0]), "y": TWO}, options(name="linear")
    ).eval()
    number, odds = formulas(net)
    assert number.names == ("a", "b", "[b missing]", "[c is x]", "[c is y]", "[c is z]", "[c is other]")
    with torch.inference_mode():
        n, p, *_ = Graph(net)(torch.tensor([2.5]), torch.tensor([1], dtype=torch.uint8), torch.tensor([4.0]))
    row = np.array([2.5, 4.0, 0, 0, 1, 0, 0, 1])
    assert float(n) == pytest.approx(float(row @ np.array(number.in_units)), rel=1e-5)
    wanted = float(row @ np.array(odds.in_units))
    assert float(torch.log(p[0, 1] / p[0, 0])) == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    assert odds.target == "log odds of y yes"
    assert formulas(Network(inputs, {"y": TWO}, options(name="mlp"))) == ()
    cut: dict[str, Column] = {"a": NumberColumn(clip=(0.0, 5.0)).learn([1.0, 2.0, 9.0])}
    assert formulas(Network(cut, {"y": TWO}, options(name="linear"))) == ()


@pytest.mark.parametrize("count", [16, 18, 20, 40])
def test_many_values_are_embedded_and_have_no_formula(count: int) -> None:
    many = CategoryColumn().as_input().learn([f"k{i}" for i in range(count - 1)])
    inputs: dict[str, Column] = {"a": A, "c": many}
    net = Network(inputs, {"y": TWO}, options(name="linear"))
    assert len(formulas(net)) == (count <= 16)
