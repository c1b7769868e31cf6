"""A run that is killed and continued ends with the same bits as one that was never stopped."""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import torch

from hornbook.common import files
from hornbook.common.progress import Silent, Step
from hornbook.errors import RunError
from hornbook.examples import Examples
from hornbook.learning import train
from hornbook.recipe import Recipe
from hornbook.training import Run, checkpoint
from hornbook.training import job as train_module
from hornbook.training.checkpoint import CURRENT, PREVIOUS, load_checkpoint, save_checkpoint
from hornbook.training.run import locked
from tests.training import make
from tests.training.make import examples

Patch = pytest.MonkeyPatch


class Killed(BaseException):
    """Stands for SIGKILL: nothing that would be saved on the way out is saved."""


class KillAt(Silent):
    """Kills after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, now: Step) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


def pictures(seed: int = 0) -> Examples:
    return examples(160, seed=seed)


def recipe(**training: Any) -> Recipe:
    """Return a recipe that uses everything random: order, augmentation, dropout, averaged weights."""
    augment = {"image": {"shift": 0.1, "rotation": 10, "brightness": 0.1, "erase": 0.2}}
    network = {"name": "cnn", "widths": [4, 8], "dropout": 0.2}
    return make.recipe(network, **{"epochs": 4, "ema": 0.9, "augment": augment, **training})


def bits(run: Run) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """Return the final weights and the history without its timings."""
    state = make.state_of(run.path)
    tensors = {
        f"{part}.{k}": v for part in ("network", "averaged") for k, v in (state["loop"][part] or {}).items()
    }
    tensors |= {f"best.{k}": v for k, v in state["best"].items()}
    timings = ("seconds", "examples_per_second")
    history = [
        {k: v for k, v in row.items() if k not in timings} for row in state["loop"]["state"]["history"]
    ]
    return tensors, history


def assert_same(one: Run, other: Run) -> None:
    weights, history = bits(one)
    weights_too, history_too = bits(other)
    assert history == history_too
    assert weights.keys() == weights_too.keys()
    for name, tensor in weights.items():
        assert torch.equal(tensor, weights_too[name]), name


def killed_again_and_again(data: Any, run: Path, draw: Callable[[], int], **how: Any) -> Run:
    """Train to the end, killed after so many steps as are drawn each time."""
    for kills in itertools.count():
        try:
            done = train(data, run=run, progress=KillAt(draw()), **how)
        except Killed:
            continue
        assert kills >= 2
        return done
    raise AssertionError


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "muon"])
def test_killed_at_random_steps_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: Patch, optimizer: str
) -> None:
    made = recipe(optimizer=optimizer)
    whole = train(pictures(), run=tmp_path / "whole", progress=Silent(), recipe=made)
    monkeypatch.setattr(train_module, "SAVE_EVERY", 0.0)
    rng = random.Random(optimizer)
    broken = killed_again_and_again(
        pictures(), tmp_path / "broken", lambda: rng.randrange(1, 12), recipe=made
    )
    assert_same(whole, broken)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the run that was never stopped, for reading only."""
    folder = tmp_path_factory.mktemp("undisturbed") / "r"
    return train(pictures(), run=folder, progress=Silent(), recipe=recipe())


def test_killed_between_saves_replays_the_same_steps(undisturbed: Run, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train(pictures(), run=tmp_path / "broken", progress=KillAt(13), recipe=recipe())
    assert_same(undisturbed, train(pictures(), run=tmp_path / "broken", progress=Silent(), recipe=recipe()))


def test_killed_while_saving_goes_on_from_the_one_before(
    undisturbed: Run, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(train_module, "SAVE_EVERY", 0.0)
    for where in ("flush_to_disk", "replace"):
        with monkeypatch.context() as patch:
            _kill_in_save(patch, where, after=9)
            with pytest.raises(Killed):
                train(pictures(), run=tmp_path / "broken", progress=Silent(), recipe=recipe())
    assert_same(undisturbed, train(pictures(), run=tmp_path / "broken", progress=Silent(), recipe=recipe()))


def _kill_in_save(patch: Patch, where: str, after: int) -> None:
    """Kill in the middle of writing a checkpoint, or between its two renames; what was half written stays."""
    count = {"n": 0}
    flush, move = files.flush_to_disk, Path.replace

    def half(file: BinaryIO) -> None:
        flush(file)
        count["n"] += Path(file.name).name.startswith(f".{CURRENT}")
        if count["n"] > after:
            left = Path(file.name)
            left.with_name(f".{CURRENT}.1.ab.part").write_bytes(left.read_bytes()[: left.stat().st_size // 2])
            raise Killed

    def not_moved(self: Path, to: Any) -> Path:
        count["n"] += self.name.startswith(f".{CURRENT}")
        if count["n"] > after and self.name.startswith(f".{CURRENT}"):
            raise Killed
        return move(self, to)

    if where == "replace":
        patch.setattr(Path, "replace", not_moved)
    else:
        patch.setattr(files, "flush_to_disk", half)
        patch.setattr(checkpoint, "flush_to_disk", half)


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, {"step": 1})
    save_checkpoint(tmp_path, {"step": 2})
    (tmp_path / CURRENT).write_bytes((tmp_path / CURRENT).read_bytes()[:100])
    assert load_checkpoint(tmp_path) == {"step": 1}
    (tmp_path / PREVIOUS).write_bytes(b"")
    with pytest.raises(RunError, match="--fresh"):
        load_checkpoint(tmp_path)


def test_a_second_process_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with locked(tmp_path / "r"), pytest.raises(RunError, match="another process"):
        train(pictures(), run=tmp_path / "r", progress=Silent(), recipe=recipe())


def test_a_full_disk_is_one_sentence_and_loses_nothing(
    undisturbed: Run, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(train_module, "SAVE_EVERY", 0.0)
    flush, count = files.flush_to_disk, {"n": 0}

    def full(file: BinaryIO) -> None:
        count["n"] += 1
        if count["n"] > 20:
            raise OSError(28, "No space left on device")
        flush(file)

    with monkeypatch.context() as patch:
        patch.setattr(files, "flush_to_disk", full)
        with pytest.raises(RunError, match="no space left"):
            train(pictures(), run=tmp_path / "r", progress=Silent(), recipe=recipe())
    assert_same(undisturbed, train(pictures(), run=tmp_path / "r", progress=Silent(), recipe=recipe()))


DAMAGES: list[tuple[str, bytes | None]] = [
    ("recognizer.onnx", None),
    ("recognizer.onnx", b"damaged"),
    ("metrics.json", b""),
    ("metrics.json", b"{}"),
    ("metrics.json", b'{"evaluations": {"label": {}}}'),
    ("metrics.json", b'{"evaluations": {"label": 1}}'),
    ("history.csv", None),
    ("history.csv", b"epoch,loss\n1,2,3\n"),
    ("history.csv", b"epoch,loss\n1,x\n"),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("whole") / "r"
    return train(pictures(), run=folder, recipe=recipe(epochs=2), progress=Silent())


def test_a_finished_run_refuses_what_is_other_and_goes_on_with_more_epochs(
    whole: Run, tmp_path: Path
) -> None:
    run = Run(shutil.copytree(whole.path, tmp_path / "r"))
    before = (run.path / CURRENT).read_bytes()
    for data, made, said in (
        (pictures(), recipe(epochs=2), r"--set training\.epochs=4"),
        (pictures(), recipe(epochs=2, batch_size=8), r"training\.batch_size: 8, was 16"),
        (pictures(seed=1), recipe(epochs=3), "other data"),
    ):
        with pytest.raises(RunError, match=said):
            train(data, run=run.path, progress=Silent(), recipe=made)
    assert (run.path / CURRENT).read_bytes() == before
    more = train(pictures(), run=run.path, progress=Silent(), recipe=recipe(epochs=3))
    assert [row["epoch"] for row in more.history] == [1, 2, 3]
    assert run.recipe.training.epochs == 3


@pytest.mark.parametrize(("name", "raw"), DAMAGES)
def test_what_is_lost_of_a_finished_run_is_written_anew(
    name: str, raw: bytes | None, whole: Run, tmp_path: Path
) -> None:
    run = Run(shutil.copytree(whole.path, tmp_path / "r"))
    assert run.whole
    if raw is None:
        (run.path / name).unlink()
    else:
        (run.path / name).write_bytes(raw)
    assert not run.whole
    again = train(pictures(), run=run.path, recipe=recipe(epochs=2), progress=Silent())
    assert_same(whole, again)
    assert again.whole
    with pytest.raises(RunError, match="is finished after 2 epochs"):
        train(pictures(), run=run.path, recipe=recipe(epochs=2), progress=Silent())


@pytest.mark.parametrize("error", [TypeError, IndexError, AttributeError, OverflowError, AssertionError])
def test_whatever_damage_makes_torch_raise_the_checkpoint_before_is_read(
    error: type[Exception], whole: Run, tmp_path: Path, monkeypatch: Patch
) -> None:
    for name in (CURRENT, PREVIOUS):
        shutil.copy(whole.path / CURRENT, tmp_path / name)
    load = torch.load

    def damaged(path: Path, **options: Any) -> Any:
        if path.name == CURRENT:
            raise error("the instructions themselves are damaged")
        return load(path, **options)

    monkeypatch.setattr(torch, "load", damaged)
    assert make.state_of(tmp_path)["loop"]
