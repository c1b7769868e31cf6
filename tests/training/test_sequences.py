"""Learning from texts and series, from a table to a file that answers: to the bit, at any length, token by token."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

import hornbook
from hornbook.columns.series.evaluation import SeriesEvaluation
from hornbook.columns.text.column import TextColumn
from hornbook.columns.text.evaluation import TextEvaluation
from hornbook.columns.text.network import TextHead
from hornbook.common.progress import Silent
from hornbook.errors import DataError, RecipeError, RecognizerError, UsageError
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.recognizer import Recognizer
from hornbook.recognizer.signature import LOGS
from hornbook.recognizer.writing.generate import generate
from hornbook.training.loop import Loop
from hornbook.training.run import Run
from hornbook.training.sampler import group_by_length
from tests.recognizer.unsealed import unsealed
from tests.training.make import run as run_to_end

GOOD, BAD = ["great", "lovely", "tasty"], ["awful", "bland", "cold"]
LINES = ["春 雨 來 。", "夏 風 去 。", "秋 月 明 。", "冬 雪 白 。"]


def reviews(rows: int = 120) -> Examples:
    rng = np.random.default_rng(0)
    texts, labels = [], []
    for i in range(rows):
        words = GOOD if i % 2 else BAD
        filler = ["the", "food", "was"] * int(rng.integers(1, 6))
        texts.append(" ".join([*filler, str(rng.choice(words)), "!"]))
        labels.append("good" if i % 2 else "bad")
    return Examples(pl.DataFrame({"review": texts, "label": labels}))


def poems(rows: int = 80) -> Examples:
    rng = np.random.default_rng(1)
    lines = [line.replace(" ", "") for line in LINES]
    texts = ["\n".join(rng.permutation(lines)[: 1 + i % 3].tolist()) for i in range(rows)]
    return Examples(pl.DataFrame({"poem": texts}))


def series(rows: int = 240) -> Examples:
    t = np.arange(rows)
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 1, 1) + pl.duration(days=rows - 1), eager=True)
    return Examples(pl.DataFrame({"day": days, "sold": 50 + 0.2 * t + 10 * np.sin(t * 2 * np.pi / 7)}))


def recipe(kind: str, network: dict[str, Any] | None = None, **training: Any) -> Recipe:
    values: dict[str, dict[str, Any]] = {
        "reviews": {
            "inputs": {"review": "text"},
            "targets": {"label": "category"},
            "network": {"name": "gru", "units": 6, "embedding": 4, "bidirectional": True, "dropout": 0.1},
        },
        "views": {
            "inputs": {
                "words": {"type": "text", "from": "review"},
                "letters": {"type": "text", "from": "review", "tokenizer": "characters"},
            },
            "targets": {"label": "category"},
            "network": {
                "name": "bag",
                "buckets": 512,
                "features": 4,
                "windows": [2],
                "filters": 3,
                "embedding": 4,
            },
        },
        "poems": {
            "inputs": {"poem": {"type": "text", "tokenizer": "characters"}},
            "targets": {"next": {"type": "text", "from": "poem"}},
            "network": {"name": "lstm", "units": 12, "embedding": 12},
        },
        "series": {
            "inputs": {"past": {"type": "series", "columns": ["sold"], "length": 14}},
            "targets": {"sold": {"type": "series", "horizon": 3, "season": 7, "relative": "season"}},
            "network": {"name": "lstm", "units": 6},
        },
    }
    chosen = {**values[kind], "split": {"validation": 0.2, "test": 0.2}}
    usual = {"epochs": 4, "batch_size": 16, "precision": "float32", "learning_rate": 0.02}
    chosen |= {"network": network or chosen["network"], "training": {**usual, **training}}
    return Recipe.from_values(chosen, kind, "test")


DATA = {"reviews": reviews, "views": reviews, "poems": poems, "series": series}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a finished run of each kind, for reading only."""
    out = {}
    for kind, data in DATA.items():
        out[kind] = tmp_path_factory.mktemp("runs") / kind
        epochs = {"poems": 25}.get(kind, 8)
        hornbook.train(data(), recipe=recipe(kind, epochs=epochs), run=out[kind], progress=Silent())
    return out


def ready(made: Recipe, data: Examples) -> Prepared:
    return prepare(data, made.inputs, made.targets, made.split)


def foretelling(names: list[str], target: dict[str, Any], frame: pl.DataFrame, run: Path) -> Recognizer:
    """Train a linear network of windows of six rows for an epoch."""
    values = {
        "inputs": {"past": {"type": "series", "columns": names, "length": 6}},
        "targets": {"a": {"type": "series", "horizon": 1, **target}},
        "network": {"name": "linear"},
        "training": {"epochs": 1},
    }
    made = Recipe.from_values(values, "x", "x")
    return hornbook.train(Examples(frame), run=run, recipe=made, progress=Silent()).recognizer


def loop(kind: str, **training: Any) -> Loop:
    made = recipe(kind, **training)
    data = ready(made, DATA[kind]())
    return Loop(Network(data.inputs, data.targets, made.network, made.training.seed), data, made.training)


@pytest.mark.parametrize("kind", DATA)
def test_a_run_that_was_stopped_ends_with_the_same_bits(kind: str) -> None:
    whole = run_to_end(loop(kind))
    stopped = loop(kind)
    stopped.run_epoch(lambda one: False)  # after the first step
    again = loop(kind)
    going = Loop(again.network, again.prepared, again.training, stopped.state_dict())
    run_to_end(going)
    theirs = going.network.state_dict()
    for name, ours in whole.network.state_dict().items():
        assert torch.equal(ours, theirs[name]), name


def test_batches_hold_rows_of_like_length_and_every_row_once() -> None:
    lengths = torch.from_numpy(np.random.default_rng(0).geometric(0.05, 1000))
    order = torch.randperm(1000, generator=torch.Generator().manual_seed(0))
    sorted_ = group_by_length(order, lengths, 32, torch.Generator().manual_seed(1))
    assert sorted(sorted_.tolist()) == list(range(1000))
    assert sorted_[992:].tolist() == order[992:].tolist()

    def steps(rows: torch.Tensor) -> int:
        return sum(int(lengths[batch].max()) * len(batch) for batch in torch.split(rows, 32))

    assert steps(sorted_) < 0.5 * steps(order)
    assert steps(sorted_) < 1.2 * int(lengths.sum())
    other = group_by_length(order, lengths, 32, torch.Generator().manual_seed(2))
    assert sorted_.tolist() != other.tolist()


@pytest.mark.parametrize("kind", ["reviews", "views"])
def test_a_text_is_read_the_same_alone_and_among_others(runs: dict[str, Path], kind: str) -> None:
    reader = Recognizer(runs[kind])
    texts = ["great food", "the food was cold and bland , the room was cold too", "lovely", "zebra"]
    together = reader.predict(texts)
    assert [a.value for a in together[:3]] == ["good", "bad", "good"]
    for text, answer in zip(texts, together, strict=True):
        alone = reader.predict(text)
        assert alone.input == text
        assert alone.value == answer.value
        assert alone.confidence == pytest.approx(answer.confidence, abs=1e-5)
    by_column = {"review": texts[0]} if kind == "reviews" else {"words": texts[0], "letters": texts[0]}
    assert reader.predict(by_column).value == "good"


def test_each_view_learns_how_rare_its_ngrams_are() -> None:
    one = loop("views")
    for body in one.network.body.bodies:  # type: ignore[union-attr]
        weights = body.rarity.unique()
        assert weights[0] == 0
        assert len(weights) > 3


def test_a_language_model_learns_what_follows_and_says_how_sure(runs: dict[str, Path]) -> None:
    reader = Recognizer(runs["poems"])
    assert reader.states == [(1, 12), (1, 12)]
    found = Run(runs["poems"]).evaluations["next"]
    assert isinstance(found, TextEvaluation)
    assert found.score < found.others["tokens by how common they are"]
    assert found.metrics["bits_a_token"] == pytest.approx(np.log2(found.score))
    assert found.tokens == sum(len(t) + 1 for t in poems().table["poem"].gather(_test_rows("poems")))


def _test_rows(kind: str) -> list[int]:
    rows: list[int] = ready(recipe(kind), DATA[kind]()).splits["test"].tolist()
    return rows


def test_probabilities_are_those_of_the_whole_text(runs: dict[str, Path]) -> None:
    reader = Recognizer(runs["poems"])
    column = reader.inputs["poem"]
    text = column.encode("春雨來。\n夏風去。")[None]
    text = column.trim(text)
    logs = reader.run_graph({"poem": text}, [LOGS])[LOGS]
    for step in range(1, text.shape[1]):
        p = reader.run({"poem": text[:, :step]})["next"][0]
        assert p.sum() == pytest.approx(1, abs=1e-4)
        assert p[0] == 0  # padding never follows
        assert np.log(p[text[0, step]]) == pytest.approx(logs[0, step], abs=1e-4)


def test_writing_is_a_pure_function_of_the_seed(runs: dict[str, Path]) -> None:
    reader = Recognizer(runs["poems"])
    one = "".join(generate(reader, "春", length=20, seed=3))
    assert one.startswith("春")
    assert one == "".join(generate(reader, "春", length=20, seed=3))
    others = {"".join(generate(reader, "", length=20, temperature=3, seed=seed)) for seed in range(5)}
    assert len(others) > 1
    text = "".join(generate(reader, acrostic="冬春夏", length=40, seed=1))
    assert [line[0] for line in text.split("\n")] == ["冬", "春", "夏"]
    cold = {"".join(generate(reader, "春", length=4, temperature=0.01, seed=seed)) for seed in range(3)}
    assert cold == {"春雨來。\n"[: len(next(iter(cold)))]}


@pytest.mark.parametrize(
    "options", [{"length": 0}, {"temperature": 0.0}, {"seed": -1}, {"prompt": "春", "acrostic": "夏"}]
)
def test_what_cannot_be_written_is_said(runs: dict[str, Path], options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        generate(Recognizer(runs["poems"]), **options)
    with pytest.raises(UsageError, match="does not say what follows"):
        generate(Recognizer(runs["reviews"]))


def test_states_that_do_not_fit_the_graph_are_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    import onnx

    model = unsealed((runs["poems"] / "recognizer.onnx").read_bytes())
    entry = model.metadata_props[0]
    about = json.loads(entry.value)
    for states in ([[1, 13], [1, 12]], [[1, 12]], "x", [[0, 1]] * 2, [[2**40, 2**40]] * 2):
        entry.value = json.dumps({**about, "states": states})
        onnx.save(model, str(tmp_path / "bad.onnx"))
        with pytest.raises(RecognizerError, match="do not fit together"):
            Recognizer(tmp_path / "bad.onnx")


def test_a_series_is_foretold_from_its_season(runs: dict[str, Path]) -> None:
    found = Run(runs["series"]).evaluations["sold"]
    assert isinstance(found, SeriesEvaluation)
    # A season ago it was 7 * 0.2 less, which is all there is to learn.
    assert found.steps[0].season == pytest.approx(1.4, abs=1e-3)
    assert found.score < 0.1
    assert found.skills["season"][0] > 0.9
    assert "better than the value one season ago" in found.text()
    reader = Recognizer(runs["series"])
    t = np.arange(300, 314)
    answer = reader.predict({"past": 50 + 0.2 * t + 10 * np.sin(t * 2 * np.pi / 7)})
    to_come = np.arange(314, 317)
    assert answer.value == pytest.approx(
        (50 + 0.2 * to_come + 10 * np.sin(to_come * 2 * np.pi / 7)).tolist(), abs=0.5
    )


def test_a_network_that_has_learned_nothing_says_the_last_value() -> None:
    made = recipe("series").change(["targets.sold.relative=last"])
    data = ready(made, series())
    network = Network(data.inputs, data.targets, made.network)
    encoded = {"past": torch.from_numpy(data.arrays["past"].take(np.arange(3)))}
    said = network.heads["sold"].outputs(network(network.unit(encoded))["sold"])
    last = torch.from_numpy(data.arrays["sold"].take(np.arange(3)))[:, 1]
    drift = torch.tensor(data.targets["sold"].mean)  # type: ignore[attr-defined]
    assert torch.allclose(said, last + drift, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("series", "inputs.past.columns=['rain']", "season value of 'sold', which is in no input"),
        ("series", "inputs.past.length=5", "use a length of 7 or more"),
        ("poems", "network.bidirectional=true", r"network\.bidirectional is set"),  # not from what follows
    ],
)
def test_what_cannot_be_foretold_is_said(kind: str, change: str, said: str) -> None:
    data, made = DATA[kind](), recipe(kind).change([change])
    prepared = ready(made, data.replace(table=data.table.with_columns(rain=pl.lit(1.0))))
    with pytest.raises(RecipeError, match=said):
        Network(prepared.inputs, prepared.targets, made.network)


def test_texts_of_one_token_have_nothing_that_follows() -> None:
    head = TextHead(TextColumn(tokenizer="words").learn(["a b c"]), (4, 6))
    features = torch.randn(3, 4, 6, requires_grad=True)
    words = torch.tensor([[2, 3, 4, 0], [3, 0, 0, 0], [4, 2, 0, 0]])
    # The mean over what follows: a row of one token adds nothing to it, and a batch of such rows is no nan.
    assert torch.allclose(head.loss(features, words), head.loss(features[::2], words[::2]), atol=1e-6)
    alone = head.loss(features, torch.tensor([[2, 0, 0, 0]] * 3))
    alone.backward()  # type: ignore[no-untyped-call]
    assert alone.item() == 0 and features.grad is not None and not features.grad.any()


def test_the_loss_counts_what_is_foreseen_with_certainty() -> None:
    head = TextHead(TextColumn(tokenizer="words").learn(["a b c"]), (4, 6))
    with torch.no_grad():
        head.dense.weight[:] = 0
        head.dense.bias[:] = torch.tensor([0.0, -200.0, 100.0, -200.0, -200.0])  # always the first word
    words = torch.tensor([[2, 2, 2, 0]] * 40)
    features = torch.zeros(40, 4, 6)
    words[0, 2] = 3
    with torch.no_grad():
        assert head.loss(features, words).item() == pytest.approx(300 / 80, rel=1e-4)
        assert head.loss(features[:8], words[:8]).item() == pytest.approx(300 / 16, rel=1e-4)


def test_a_prompt_of_any_length_is_read_whole(runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Recognizer(runs["poems"])
    long = "春雨來。\n夏風去。\n秋月明。\n" * 20
    read: list[int] = []
    run = reader.run_graph

    def watched(given: Any, wanted: Any) -> Any:
        read.append(next(iter(given.values())).shape[1])
        return run(given, wanted)

    monkeypatch.setattr(reader, "run_graph", watched)
    text = "".join(generate(reader, long, length=1, seed=0))
    assert text.startswith(long)
    assert sum(read) in (len(long) + 1, len(long) + 2)  # the mark before it, and what was written
    assert max(read) <= reader.inputs["poem"].shape[0]


def test_an_acrostic_of_words_is_refused(tmp_path: Path) -> None:
    made = recipe("poems", {"name": "lstm", "units": 4, "embedding": 4}, epochs=1)
    values = {"poem": ["the cat sat on the mat", "a dog ran to the mat"] * 20}
    words = dataclasses.replace(
        made, inputs={"poem": TextColumn(tokenizer="words")}, targets={"next": TextColumn(source="poem")}
    )
    run = hornbook.train(Examples(pl.DataFrame(values)), recipe=words, run=tmp_path / "w", progress=Silent())
    with pytest.raises(UsageError, match="an acrostic is of lines"):
        generate(run.recognizer, acrostic="cat dog")
    assert "".join(generate(run.recognizer, "the cat", length=3)).startswith("the cat")


def test_windows_are_given_as_numbers_and_as_arrays(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({name: random.normal(0, 1, 80).cumsum() for name in "abc"})
    for names in (["a"], ["a", "b", "c"]):
        reader = foretelling(names, {}, frame, tmp_path / "".join(names))
        windows = random.normal(0, 1, (7, 6, len(names)))
        found = reader.predict(windows)
        assert [a.value for a in found] == [reader.predict(w).value for w in windows]
        one = windows[0, :, 0].tolist() if len(names) == 1 else windows[0]
        assert reader.predict(one).value == found[0].value
        with pytest.raises(DataError):
            reader.predict([[10**400] * 6])
        with pytest.raises(DataError, match="missing or infinite"):
            reader.predict(np.full((6, len(names)), 1e39))


@pytest.mark.parametrize("relative", ["last", "season", "none"])
def test_a_window_whose_base_has_no_logarithm_is_said_and_the_others_answered(
    relative: str, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"a": random.uniform(1, 5, 80)})
    reader = foretelling(["a"], {"season": 3, "relative": relative, "log": True}, frame, tmp_path / "r")
    place = {"last": 5, "season": 3, "none": 0}[relative]
    window = np.full(6, 2.0)
    window[place] = -1
    good = np.full(6, 2.0)
    good[: place if place else 6] = -1  # before the value that counts
    answers = list(reader.predict_each([("x", good), ("y", window), ("z", np.full(6, 2.0))]))
    if relative == "none":
        assert not any(isinstance(answer, DataError) for answer in answers)
    else:
        assert str(answers[1]).startswith("y, column 'a': holds -1, which has no logarithm")
        assert not isinstance(answers[0], DataError) and not isinstance(answers[2], DataError)
