"""Boosted trees: the file answers as scikit-learn does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hornbook.columns import CategoryColumn, ImageColumn, NumberColumn
from hornbook.columns.base import Array, Column
from hornbook.columns.text.column import TextColumn
from hornbook.errors import RecipeError, RunError
from hornbook.networks.tables.boosting import Boosted
from hornbook.recipe.networks import Boosting
from hornbook.recognizer import Recognizer
from hornbook.training.export.graph import check_answers, export

RNG = np.random.default_rng(0)
ROWS = 200


def columns(log: bool = False) -> tuple[dict[str, Column], dict[str, Array]]:
    a = RNG.normal(size=ROWS).round(1)
    b = np.where(RNG.random(ROWS) < 0.2, np.nan, RNG.random(ROWS))
    t = 1_700_000_000 + RNG.integers(0, 100, ROWS)
    few = RNG.integers(0, 3, ROWS).astype(str)
    many = RNG.integers(0, 30, ROWS).astype(str)
    cells = {"a": a, "b": b, "t": t, "few": few, "many": many}
    inputs: dict[str, Column] = {
        n: (CategoryColumn().as_input() if n in ("few", "many") else NumberColumn()).learn(v.tolist())
        for n, v in cells.items()
    }
    return inputs, {n: inputs[n].encode_many(v.tolist()) for n, v in cells.items()}


def written(path: Path, model: Boosted, inputs: dict[str, Column]) -> Recognizer:
    path.write_bytes(export(model, inputs, model.learned, {}))
    return Recognizer(path)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("log", [False, True])
def test_the_file_answers_as_the_trees(classes: int, log: bool, tmp_path: Path) -> None:
    inputs, encoded = columns()
    names = tuple(f"c{i}" for i in range(classes))
    number = NumberColumn(log=log, clip=None if log else (-3.0, 4.0)).learn(np.exp(encoded["a"]).tolist())
    targets: dict[str, Column] = {"y": CategoryColumn(classes=names), "n": number}
    truths = {
        "y": ((encoded["a"] > 0).astype(int) + (encoded["few"] == 1)).clip(0, classes - 1).astype(np.uint8),
        "n": np.exp(encoded["a"]) + encoded["few"],
    }
    model = Boosted(inputs, targets, Boosting(iterations=20)).fit(encoded, truths)
    model.calibrate(encoded, truths)
    reader = written(tmp_path / "r.onnx", model, inputs)
    strange = {n: v.copy() for n, v in encoded.items()}
    strange["a"][:5], strange["b"][:9] = np.nan, np.nan
    strange["few"][:5], strange["many"][:7] = 3, 30
    for some in (encoded, strange):
        check_answers(reader, model.outputs, "fitted trees", some, "here")
        ours, theirs = model.outputs(some), reader.run(some)
        assert (ours["y"].argmax(1) == theirs["y"].argmax(1)).all()
        assert np.allclose(ours["y"], theirs["y"], atol=1e-5)
    assert model.leaves() > 40
    assert reader.targets["n"].margin is not None  # type: ignore[attr-defined]
    said = reader.predict({"a": 1.0, "b": None, "t": 1_700_000_050, "few": "?", "many": "7"})
    assert said["y"].value in names


def test_a_class_without_a_training_row_is_never_likely(tmp_path: Path) -> None:
    inputs, encoded = columns()
    targets: dict[str, Column] = {"y": CategoryColumn(classes=("a", "b", "c"))}
    for seen in ([0, 2], [1, 2]):
        truths = {"y": np.array(seen, np.uint8)[(encoded["a"] > 0).astype(int)]}
        model = Boosted(inputs, targets, Boosting(iterations=5)).fit(encoded, truths)
        check_answers(
            written(tmp_path / "r.onnx", model, inputs), model.outputs, "fitted trees", encoded, "here"
        )
        found = model.outputs(encoded)["y"]
        assert set(found.argmax(1)) == set(seen)
        assert found.sum(1) == pytest.approx(1)


def test_texts_are_counted(tmp_path: Path) -> None:
    said = ["good food", "bad food", "good place, so good", "place", "bad bad"] * 20
    inputs: dict[str, Column] = {"t": TextColumn().learn(said), "a": NumberColumn().learn([1.0, 2.0] * 50)}
    encoded = {"t": inputs["t"].encode_many(said), "a": inputs["a"].encode_many([1.0, 2.0] * 50)}
    targets: dict[str, Column] = {"y": CategoryColumn(classes=("no", "yes"))}
    truths = {"y": np.array(["good" in text for text in said], np.uint8)}
    model = Boosted(inputs, targets, Boosting(iterations=5)).fit(encoded, truths)
    check_answers(written(tmp_path / "r.onnx", model, inputs), model.outputs, "fitted trees", encoded, "here")
    assert (model.outputs(encoded)["y"].argmax(1) == truths["y"]).all()


def test_a_file_that_answers_otherwise_is_refused(tmp_path: Path) -> None:
    inputs, encoded = columns()
    targets: dict[str, Column] = {"n": NumberColumn().learn(encoded["a"].tolist())}
    model = Boosted(inputs, targets, Boosting(iterations=5)).fit(encoded, {"n": encoded["a"]})
    other = Boosted(inputs, targets, Boosting(iterations=9)).fit(encoded, {"n": encoded["a"]})
    with pytest.raises(RunError, match="not answer as the fitted trees"):
        check_answers(
            written(tmp_path / "r.onnx", model, inputs), other.outputs, "fitted trees", encoded, "here"
        )


@pytest.mark.parametrize(
    ("given", "target", "said"),
    [
        (ImageColumn(), CategoryColumn(), r"inputs\.x: .* 'image'"),
        (NumberColumn(), NumberColumn(loss="huber"), r"targets\.y: .*huber"),
    ],
)
def test_what_trees_cannot_do(given: Column, target: Column, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        Boosted({"x": given}, {"y": target}, Boosting())
