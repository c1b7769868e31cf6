"""Tables from end to end: the textbook's house prices, gates, folds, boosted trees, and what is wrong with a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import polars as pl
import pytest

import hornbook
from hornbook.columns.number.evaluation import NumberEvaluation
from hornbook.common.progress import Silent
from hornbook.errors import DataError, RecipeError, UsageError
from hornbook.examples import Examples
from hornbook.examples.prepare import prepare
from hornbook.networks.tables.boosting import KEPT, MANY, strongest
from hornbook.recipe import Recipe
from hornbook.recognizer.describe import describe
from hornbook.recognizer.signature import NUMBERS
from hornbook.training import Run
from hornbook.training.cross_validation import BOOSTING, MLP, OURS, cross_validate
from tests.training.test_loop import PLAIN
from tests.training.test_warm_start import Notes


def trained(made: Recipe, data: Examples, run: Path) -> Run:
    return hornbook.train(data, recipe=made, run=run, progress=Silent())


def recipe(network: str | dict[str, Any] = "linear", **parts: Any) -> Recipe:
    values: dict[str, Any] = {
        "inputs": {"a": "number", "b": "number", "kind": "category"},
        "targets": {"y": "number"},
        "network": {"name": network} if isinstance(network, str) else network,
        "training": {"epochs": 15, "batch_size": 16, "learning_rate": 0.03},
    }
    return Recipe.from_values({**values, **parts}, "small", "test")


def rows(count: int = 120, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(5, 2, count), rng.normal(100, 30, count)
    kind = rng.integers(0, 3, count)
    table = pl.DataFrame(
        {
            "a": a,
            "b": b,
            "kind": [f"k{k}" for k in kind],
            "y": 3 * a - 0.1 * b + 5 * kind + rng.normal(0, 0.5, count),
        }
    ).with_columns(a=pl.when(pl.int_range(pl.len()) % 10 == 0).then(None).otherwise(pl.col("a")))
    return Examples(table, origin="mine.csv")


@pytest.mark.parametrize(
    "network", [{"name": "mlp", "hidden": [8]}, {"name": "lstm", "units": 6, "dense": [8]}]
)
def test_a_text_beside_numbers_from_end_to_end(network: dict[str, Any], tmp_path: Path) -> None:
    examples = rows()
    words = pl.Series("note", [f"{'dear' if y > 10 else 'cheap'} thing" for y in examples.table["y"]])
    inputs = {"a": "number", "b": "number", "kind": "category", "note": "text"}
    mixed = recipe(
        network, inputs=inputs, targets={"y": "number", "dear": {"type": "category", "from": "note"}}
    )
    run = trained(mixed, examples.replace(table=examples.table.with_columns(words)), tmp_path / "r")
    assert run.evaluations["dear"].score == 1
    given = {"a": 5.0, "b": 100.0, "kind": "k1", "note": "dear thing"}
    answer = hornbook.load(tmp_path / "r").predict(given)
    assert answer["dear"].value == "dear thing"


def test_house_prices_end_at_the_figures_of_the_textbook(shared: Path, tmp_path: Path) -> None:
    told = Notes()
    run = hornbook.train("houses", data=shared / "tables/house_prices.csv", run=tmp_path / "r", progress=told)
    assert "standardized: price = 0.8304 square + 0.0008 bedrooms" in "\n".join(told.said)
    assert round(run.history[-1]["train_loss"], 3) == 0.132
    assert len(run.history) == 500
    assert run.formulas == ["price = 130.654 square + 135.385 bedrooms + 78586.3"]
    square, bedrooms, constant = run.metrics["formulas"][0]["weights_in_units"]
    assert run.predict({"square": 2000, "bedrooms": 3}).value == pytest.approx(
        2000 * square + 3 * bedrooms + constant, rel=1e-6
    )
    page = (run.path / "report.html").read_text("utf-8")
    assert "price = 130.654 square + 135.385 bedrooms + 78586.3" in page
    assert "Over the plane" in page


def test_the_same_figures_from_a_table_that_is_no_file(tmp_path: Path) -> None:
    """Full batch, zero start, plain gradient descent: as numpy has it, step by step."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(3, 2, (40, 2)), rng.normal(size=40)
    data = Examples(pl.DataFrame({"u": x[:, 0], "v": x[:, 1], "y": y}))
    descent = {**PLAIN, "epochs": 30, "batch_size": "all", "initialization": "zero"}
    inputs, split = {"u": "number", "v": "number"}, {"validation": 0.0, "test": 0.0}
    run = trained(recipe(inputs=inputs, split=split, training=descent), data, tmp_path / "r")
    z = (x - x.mean(0)) / x.std(0, ddof=1)
    t = (y - y.mean()) / y.std(ddof=1)
    w, c, losses = np.zeros(2), 0.0, []
    for _ in range(30):
        error = z @ w + c - t
        losses.append(float((error**2).mean() / 2))
        w, c = w - 0.1 * z.T @ error / 40, c - 0.1 * error.mean()
    assert [h["train_loss"] for h in run.history] == pytest.approx(losses, rel=1e-5)
    assert run.metrics["formulas"][0]["weights_standardized"] == pytest.approx([*w, c], abs=1e-6)


@pytest.mark.parametrize("gate", ["and", "nand", "or", "xor"])
def test_gates_are_learned_and_drawn(gate: str, tmp_path: Path) -> None:
    run = hornbook.train(f"gates_{gate}", run=tmp_path / "r", progress=Silent())
    assert run.evaluations["out"].score == 1.0
    answers = [run.predict({"a": a, "b": b}).value for a in (0, 1) for b in (0, 1)]
    wanted = {"and": "0001", "nand": "1110", "or": "0111", "xor": "0110"}
    assert "".join(answers) == wanted[gate]
    assert "Over the plane" in (run.path / "report.html").read_text("utf-8")


def test_a_table_is_learned_exported_and_judged(tmp_path: Path) -> None:
    run = trained(recipe(), rows(300), tmp_path / "r")
    found = run.evaluations["y"]
    assert isinstance(found, NumberEvaluation)
    assert found.score < found.baseline[1] / 3
    answer = run.predict({"a": None, "b": "95.5", "kind": "never seen"})
    assert answer["y"].interval is not None
    assert answer["y"].confidence is None
    page = (run.path / "report.html").read_text("utf-8")
    assert "mean absolute error" in page
    assert "predicted against true" in page
    # The recognizer's columns, which know their interval by now, give the same fingerprint.
    again = prepare(rows(300), run.recognizer.inputs, run.recognizer.targets)
    assert again.fingerprint == run.metrics["fingerprint"]


def test_boosted_trees_are_a_run_like_any_other(tmp_path: Path) -> None:
    run = trained(recipe("boosting"), rows(300), tmp_path / "r")
    assert run.finished
    assert run.evaluations["y"].score < run.evaluations["y"].baseline[1] / 2
    assert run.metrics["leaves"] > 100
    assert run.history[0]["validation_mae"] > 0
    assert isinstance(run.predict({"a": 5, "b": 100, "kind": "k1"}).value, float)


def test_folds_stand_beside_trees_and_a_network_of_scikit_learn() -> None:
    told: list[str] = []
    found = cross_validate(recipe(), rows(), 3, progress=told.append)["y"]
    assert set(found.scores) == {OURS, BOOSTING, MLP, "always the mean"}
    assert all(len(scores) == 3 for scores in found.scores.values())
    assert found.rows == 120
    assert len(told) == 3
    text = found.text()
    assert "on 3 folds of 120 rows" in text
    assert "±" in text
    assert found.mean(OURS) < found.mean("always the mean")
    assert found.verdict() in text
    assert "recipe" in found.verdict()
    assert found.to_json()["scores"][OURS][0]["mae"] > 0


def test_folds_of_boosted_trees_alone() -> None:
    found = cross_validate(recipe("boosting"), rows(), 3, peers=False)["y"]
    assert set(found.scores) == {OURS, "always the mean"}
    assert found.verdict() == ""


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ["1", "2"] * 20 + ["seven"],
            r"mine.csv: 1 of 41 cells of the column .a. is no number: .seven. .1., the first in row 41",
        ),
        (["a"] + ["1", "2"] * 20, r"'a' \(1\), the first in row 1;"),
        (["2020-01-01"] * 41, "a date"),
        ([1.0, 2.0] * 20 + [float("inf")], r"row 41, column 'a': inf is infinite"),
    ],
)
def test_what_is_wrong_in_a_table_is_named(cells: list[Any], said: str) -> None:
    data = Examples(pl.DataFrame({"a": cells, "y": range(41)}), origin="mine.csv")
    made = recipe(inputs={"a": "number"})
    with pytest.raises(DataError, match=said):
        prepare(data, made.inputs, made.targets)


def test_targets_that_are_missing_all_the_same_or_too_large(tmp_path: Path) -> None:
    made = recipe(inputs={"a": "number"})
    large = Examples(
        pl.DataFrame({"a": [*map(float, range(60))], "y": [(3 * i + 1) * 1e300 for i in range(60)]})
    )
    with pytest.raises(
        DataError, match=r"the column .*: numbers as large as .* cannot be learned from: correct"
    ):
        trained(made, large, tmp_path / "r")
    data = Examples(pl.DataFrame({"a": range(20), "y": ["1", "?", "3", "", *["4"] * 16]}), origin="mine.csv")
    prepared = prepare(data, made.inputs, made.targets)
    assert sum(map(len, prepared.splits.values())) == 18
    assert [p.name for p in prepared.problems] == ["row 2", "row 4"]
    with pytest.raises(DataError, match="every training example is 4"):
        prepare(Examples(pl.DataFrame({"a": range(20), "y": [4.0] * 20})), made.inputs, made.targets)
    under = recipe(inputs={"a": "number"}, targets={"y": {"type": "number", "under": 10.0}})
    kept = prepare(Examples(pl.DataFrame({"a": range(20), "y": range(20)})), under.inputs, under.targets)
    assert sum(map(len, kept.splits.values())) == 10
    assert "its y of 10 is not under 10" in str(kept.problems[0])


def test_folds_of_one_row_and_folds_of_which_no_row_can_be_judged() -> None:
    quick = recipe(training={"epochs": 1, "batch_size": 16})
    (found,) = cross_validate(quick, rows(20), 20, peers=False).values()
    assert "mean absolute error" in found.text() and "nan" not in found.text()
    assert all(score["r2"] is None for score in found.to_json()["scores"][OURS])
    assert len(found.scores[OURS]) == 20
    rare = Examples(pl.DataFrame({"a": [*map(float, range(20))], "y": ["x", "z"] * 9 + ["once", "x"]}))
    classes = recipe(
        inputs={"a": "number"}, targets={"y": "category"}, training={"epochs": 1, "batch_size": 16}
    )
    told: list[str] = []
    (found,) = cross_validate(classes, rare, 20, peers=False, progress=told.append).values()
    assert len(found.scores[OURS]) == 19
    assert found.rows == 19
    assert len([said for said in told if "none of its rows can be judged" in said]) == 1
    split = {"group": "y", "validation": 0.0}
    grouped = recipe(inputs={"a": "number"}, targets={"y": "category"}, split=split, training={"epochs": 1})
    three = Examples(pl.DataFrame({"a": [*map(float, range(60))], "y": ["x", "z", "w"] * 20}))
    with pytest.raises(DataError, match="no fold has a row that can be judged"):
        cross_validate(grouped, three, 3, peers=False)
    with pytest.raises(UsageError, match=r"leave network\.start_from out"):
        cross_validate(recipe({"name": "linear", "start_from": "runs/x"}), rows(), 3)


def test_trees_heed_class_weights_and_large_seeds(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    label = ["rare" if i % 12 == 0 else "often" for i in range(240)]
    values = random.normal([0.8 if w == "rare" else 0.0 for w in label], 1.0)
    data = Examples(pl.DataFrame({"a": values, "y": label}))
    answers = []
    for weights in ("none", "balanced"):
        training = {"class_weights": weights, "seed": 2**40}
        trees = {"name": "boosting", "iterations": 20}
        made = recipe(trees, inputs={"a": "number"}, targets={"y": "category"}, training=training)
        run = trained(made, data, tmp_path / weights)
        answers.append(sum(a.value == "rare" for a in run.predict([{"a": v} for v in values])))
    assert answers[1] > answers[0] + 10


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"network": {"name": "boosting", "start_from": "runs/x"}}, r"network\.start_from is for weights"),
        (
            {"network": {"name": "linear", "start_from": "runs/x"}, "training": {"initialization": "zero"}},
            r"would undo network\.start_from",
        ),
        ({"network": {"name": "mlp"}, "training": {"initialization": "zero"}}, "hidden layers learn nothing"),
    ],
)
def test_starts_that_cannot_be(made: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=said):
        trained(recipe(**made), rows(), tmp_path / "s")


@pytest.mark.parametrize("network", ["mlp", "boosting"])
def test_a_wide_table_is_one_input_of_the_graph(network: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, MANY + 2)).round(3)
    table = pl.DataFrame({f"g{i}": c for i, c in enumerate(x.T)})
    table = table.with_columns(kind=pl.Series(["a", "b"] * 40), y=x[:, 400] * 3 + 1)
    inputs = {**dict.fromkeys(table.columns[: x.shape[1]], "number"), "kind": "category"}
    training = {"epochs": 2, "batch_size": 16}
    # What is exported is held against what was trained: of trees, that their features are found among all.
    run = trained(recipe(network, inputs=inputs, training=training), Examples(table), tmp_path / "run")
    session = onnxruntime.InferenceSession(run.path / "recognizer.onnx")
    assert [node.name for node in session.get_inputs()] == ["kind", NUMBERS]
    reader = hornbook.load(run.path)
    row = {**table.row(3, named=True), "g5": None}
    table.with_columns(g5=pl.lit(None, pl.Float64)).write_csv(tmp_path / "rows.csv")
    (block,) = reader.predict_table(tmp_path / "rows.csv")
    answer = block.answers[3]
    assert not isinstance(answer, DataError)
    assert reader.predict(row)["y"].value == pytest.approx(answer.predictions["y"].value, rel=1e-5)
    text = describe(reader, "recognizer.onnx")
    assert f"{NUMBERS}: float32 of shape (rows, {x.shape[1]})" in text
    assert f"'{NUMBERS}': np.zeros((1, {x.shape[1]}), np.float32)" in text


@pytest.mark.parametrize("classes", [True, False])
def test_the_strongest_features_are_those_that_go_with_the_target(classes: bool) -> None:
    x = np.random.default_rng(2).normal(size=(100, 600)).astype(np.float32)
    x[::7, 3] = np.nan
    x[:, 5], x[:, 6] = 1.0, np.nan
    y = np.nan_to_num(x[:, 3]) - x[:, 400]
    found = strongest(x, y > 0 if classes else y, classes)
    assert {3, 400} <= set(found.tolist()) and len(found) == KEPT
    assert not {5, 6} & set(found.tolist())
