"""The folder of a run: what is in it, what is refused, and how it is stopped."""

from __future__ import annotations

import csv
import json
import os
import pickle
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
import torch

from hornbook.common import files
from hornbook.common.progress import Silent, Step
from hornbook.errors import DataError, RunError, UsageError
from hornbook.examples import Examples
from hornbook.learning import train
from hornbook.training import Interrupted, Run, job, run
from hornbook.training.checkpoint import load_checkpoint, save_checkpoint
from hornbook.training.export.graph import export
from hornbook.training.loop import Loop
from hornbook.training.run import LOCK
from tests.training.make import examples, recipe, state_of

Patch = pytest.MonkeyPatch


def go(folder: Path, data: Examples | None = None, fresh: bool = False, **training: Any) -> Run:
    data = examples() if data is None else data
    return train(data, run=folder, recipe=recipe(**training), fresh=fresh, progress=Silent())


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.name != LOCK}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a finished run, for reading only."""
    return go(tmp_path_factory.mktemp("runs") / "done", epochs=3)


def test_a_notebook_shows_curves_and_scores(done: Run, tmp_path: Path) -> None:
    shown = done._repr_html_()
    assert shown.count('<svg class="chart"') == 2
    assert "validation" in shown and "baseline" in shown
    assert "<svg" not in Run(tmp_path)._repr_html_()  # nothing is there yet
    (found,) = done.evaluations.values()
    assert found.say(found.score) in done.evaluations._repr_html_()
    assert repr(done.evaluations) == found.line()


def test_the_folder_holds_what_it_says(done: Run) -> None:
    names = {p.name for p in done.path.iterdir()}
    assert names >= {
        *["recipe.toml", "recognizer.onnx", "checkpoint.pt", "history.csv", "metrics.json", "report.html"]
    }
    best = state_of(done.path)["loop"]["state"]["best_epoch"]
    assert done.recognizer.about["epoch"] == best == done.metrics["best_epoch"]
    assert not [n for n in names if n.startswith(".") and n != LOCK]
    assert done.finished
    assert done.recipe.training.epochs == 3
    assert [row["epoch"] for row in done.history] == [1, 2, 3]
    with (done.path / "history.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 3
    metrics = done.metrics
    assert metrics["rows"] == {"train": 48, "validation": 6, "test": 6}
    assert metrics["epochs"] == 3
    assert metrics["precision"] == "float32"
    assert metrics["versions"]["torch"] == str(torch.__version__)
    json.loads((done.path / "metrics.json").read_text("utf-8"), parse_constant=pytest.fail)
    evaluation = done.evaluations["label"]
    assert (evaluation.split, evaluation.rows) == ("test", 6)
    assert done.predict(examples().value("image", 0)).value in ("c0", "c1", "c2")
    assert repr(done) == f"Run({str(done.path)!r})"


def test_training_touches_neither_the_data_nor_the_random_state(tmp_path: Path) -> None:
    data = examples()
    before = data.fingerprint()
    state = torch.random.get_rng_state()
    go(tmp_path / "r", data, epochs=1)
    assert data.fingerprint() == before
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("recipe.toml", [b"x = [", b"\xff", b"[training]\nepoch = 3\n", b"", b"x = " + b"[" * 50_000]),
        ("metrics.json", [b"{", b"\xff", b"[" * 100_000]),
        ("history.csv", [b"epoch\nx\n", b"epoch\n\xff\n", b"epoch,seconds\n1,0.5,7\n"]),
        ("history.csv", [b"epoch,seconds\n1,0.5\n3,0.5\n", b"epoch,seconds\n1,0.5\n2\n"]),
    ],
)
def test_a_damaged_file_of_a_run_is_one_sentence(tmp_path: Path, name: str, bad: list[bytes]) -> None:
    for raw in bad:
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(RunError, match=name.replace(".", r"\.")) as error:
            getattr(Run(tmp_path), name.partition(".")[0])
        assert "\n" not in str(error.value)


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    run = Run(tmp_path / "none")
    assert run.history == []
    assert not run.finished
    for attribute, said in (("recipe", "not the folder of a run"), ("metrics", "of a run: it is not there")):
        with pytest.raises(RunError, match=said):
            getattr(run, attribute)
    run.path.mkdir()
    with pytest.raises(RunError, match="is not finished"):
        _ = run.metrics


def test_fresh_removes_what_a_run_wrote_once_the_data_is_there(done: Run, tmp_path: Path) -> None:
    run = Run(shutil.copytree(done.path, tmp_path / "r"))
    (run.path / "notes.txt").write_text("mine")
    (run.path / "pictures").mkdir()  # as earlier versions wrote
    (run.path / "pictures" / "curves.png").write_bytes(b"curves")
    (run.path / "pictures" / "aunt.png").write_bytes(b"aunt")
    before = contents(run.path)
    with pytest.raises(DataError):
        go(run.path, examples(label=["a"] * 60), fresh=True, epochs=1)
    assert contents(run.path) == before
    run.clear()
    assert not (run.path / "pictures" / "curves.png").exists()
    assert (run.path / "pictures" / "aunt.png").exists()
    again = go(run.path, examples(seed=1), fresh=True, epochs=2)  # and a start killed right there is taken up
    assert [row["epoch"] for row in again.history] == [1, 2]
    assert (run.path / "notes.txt").read_text() == "mine"


def test_fresh_leaves_nothing_of_the_run_before(tmp_path: Path) -> None:
    go(tmp_path / "r", epochs=3)
    with pytest.raises(Interrupted):
        train(examples(), run=tmp_path / "r", recipe=recipe(epochs=2), fresh=True, progress=Stop(1))
    left = set(contents(tmp_path / "r"))
    assert not left & {"recognizer.onnx", "metrics.json", "history.csv"}
    assert state_of(tmp_path / "r")["loop"]["state"]["epoch"] == 0
    if (tmp_path / "r" / "checkpoint.previous.pt").exists():
        (tmp_path / "r" / "checkpoint.pt").write_bytes(b"")
        assert state_of(tmp_path / "r")["loop"]["state"]["epoch"] == 0


def test_a_run_without_rows_to_validate_or_test_is_judged_on_what_there_is(tmp_path: Path) -> None:
    run = go(tmp_path / "r", split={"validation": 0.0, "test": 0.0})
    assert run.evaluations["label"].split == "train"


# A folder that cannot be written.


def refuse(monkeypatch: Patch, error: OSError, after: int = 0) -> None:
    """Let writing fail, as the system would say it; the administrator does not have to keep permissions."""
    flush, count = files.flush_to_disk, {"n": 0}

    def refused(file: BinaryIO) -> None:
        count["n"] += 1
        if count["n"] > after:
            raise error
        flush(file)

    monkeypatch.setattr(files, "flush_to_disk", refused)


@pytest.mark.parametrize("after", range(5))
def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: Patch, after: int
) -> None:
    refuse(monkeypatch, PermissionError(13, "Permission denied"), after)
    with pytest.raises(RunError, match=r"r cannot be written \(permission denied\)") as error:
        go(tmp_path / "r", epochs=1)
    assert "\n" not in str(error.value)
    monkeypatch.undo()
    assert go(tmp_path / "r", epochs=1).finished


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions count here"
)
def test_a_read_only_folder_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(RunError, match="cannot be written"):
            go(tmp_path / "r")
    finally:
        tmp_path.chmod(0o700)


def test_a_file_in_the_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("mine")
    with pytest.raises(RunError, match="r is no folder, and a run is one"):
        go(tmp_path / "r")
    assert (tmp_path / "r").read_text() == "mine"


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path(tmp_path / "ran").write_text, ("x",))

    torch.save({"loop": Evil()}, tmp_path / "checkpoint.pt")
    with pytest.raises(RunError, match="cannot be read"):
        load_checkpoint(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_checkpoint_of_another_version_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        train(examples(), run=tmp_path / "r", recipe=recipe(), progress=Stop(1))
    states: list[Any] = [{}, {"loop": {}, "best": None, "fingerprint": "x", "rows": 3}, [1, 2]]
    for state in states:
        save_checkpoint(tmp_path / "r", state)
        save_checkpoint(tmp_path / "r", state)
        with pytest.raises(RunError, match="--fresh"):
            go(tmp_path / "r")


# Stopping.


class Stop(Silent):
    """Presses Ctrl-C after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, now: Step) -> None:
        self.left -= 1
        if not self.left:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("steps", [1, 3, 4, 8])
def test_ctrl_c_saves_and_the_run_goes_on_with_the_same_bits(tmp_path: Path, steps: int) -> None:
    handler = signal.getsignal(signal.SIGINT)
    whole = go(tmp_path / "whole", epochs=3)
    with pytest.raises(Interrupted, match=r"all is saved in .*same command again") as stopped:
        train(examples(), run=tmp_path / "r", recipe=recipe(epochs=3), progress=Stop(steps))
    assert signal.getsignal(signal.SIGINT) is handler
    assert "\n" not in str(stopped.value)
    assert (tmp_path / "r" / "recognizer.onnx").exists() == (steps > 3)
    assert not (tmp_path / "r" / "metrics.json").exists()
    assert "This run is not finished" in (tmp_path / "r" / "report.html").read_text("utf-8")
    state = state_of(tmp_path / "r")["loop"]["state"]
    assert 3 * state["epoch"] + state["step"] == steps
    run = go(tmp_path / "r", epochs=3)
    assert "not finished" not in (tmp_path / "r" / "report.html").read_text("utf-8")
    one, other = state_of(whole.path), state_of(run.path)
    assert all(torch.equal(v, other["best"][k]) for k, v in one["best"].items())
    assert (run.path / "recognizer.onnx").read_bytes() == (whole.path / "recognizer.onnx").read_bytes()


@pytest.fixture
def heard() -> Iterator[None]:
    """Have Ctrl-C heard, also where the tests were started in the background of a shell, which switches it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_the_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    class Twice(Silent):
        def step(self, now: Step) -> None:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(examples(), run=tmp_path / "r", recipe=recipe(), progress=Twice())
    assert go(tmp_path / "r").finished


def test_ctrl_c_while_reading_stops_there(tmp_path: Path, monkeypatch: Patch) -> None:
    class Early(Silent):
        def reading(self, what: str, done: int, total: int) -> None:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted, match="while reading"):
        train(examples(seed=77), run=tmp_path / "r", recipe=recipe(), progress=Early())
    assert go(tmp_path / "r", examples(seed=77)).finished


def test_exports_now_and_then_and_at_the_end(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(job, "EXPORT_EVERY", 0.0)
    exported: list[int] = []

    def noted(network: Any, inputs: Any, targets: Any, about: dict[str, Any], novelty: Any) -> bytes:
        exported.append(about["epoch"])
        return export(network, inputs, targets, about, novelty)

    monkeypatch.setattr(job, "export", noted)
    run = go(tmp_path / "r", epochs=3, keep="last")
    assert exported == [1, 2, 3]
    assert run.recognizer.about["epoch"] == 3


def test_a_file_that_answers_otherwise_is_not_kept(tmp_path: Path, monkeypatch: Patch) -> None:
    def refuse_it(*_: object, **__: object) -> None:
        raise RunError("the exported file does not answer as the trained network")

    monkeypatch.setattr(job, "check_export", refuse_it)
    with pytest.raises(RunError, match="does not answer"):
        go(tmp_path / "r", epochs=1)
    assert not list((tmp_path / "r").glob("*.onnx"))
    assert not list((tmp_path / "r").glob(".*.onnx"))
    monkeypatch.undo()
    assert go(tmp_path / "r", epochs=1).finished


@pytest.mark.parametrize("fresh", [False, True])
def test_a_persons_recipe_beside_pictures_is_no_run_and_loses_nothing(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "recipe.toml").write_text("[data]\n")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "aunt.png").write_bytes(b"aunt")
    with pytest.raises(RunError, match="holds other files"):
        go(tmp_path, fresh=fresh)
    assert (tmp_path / "pictures" / "aunt.png").read_bytes() == b"aunt"


def test_too_little_memory_is_one_sentence_and_other_errors_stay(tmp_path: Path, monkeypatch: Patch) -> None:
    for text in ("[enforce fail at alloc_cpu.cpp:127] can't allocate memory: you tried to", "a bug"):

        def fail(*_: Any, said: str = text) -> None:
            raise RuntimeError(said)

        monkeypatch.setattr(Loop, "_train_step", fail)
        with pytest.raises(RunError if "memory" in text else RuntimeError, match=r"batch_size|a bug"):
            go(tmp_path / text[-5:], epochs=1)


def test_a_run_that_stopped_early_goes_on_where_more_epochs_are_asked_for(tmp_path: Path) -> None:
    first = go(tmp_path / "r", epochs=40, early_stopping=1, learning_rate=1e-9)
    stopped = len(first.history)
    assert stopped < 40
    assert len(go(tmp_path / "r", epochs=41, early_stopping=1, learning_rate=1e-9).history) > stopped


def test_a_run_whose_checkpoint_is_gone_is_not_trained_over(tmp_path: Path) -> None:
    go(tmp_path / "r")
    before = (tmp_path / "r" / "recognizer.onnx").read_bytes()
    for path in (tmp_path / "r").glob("checkpoint*"):
        path.unlink()
    with pytest.raises(RunError, match="its checkpoint, from which it would go on, is gone"):
        go(tmp_path / "r", epochs=4)
    assert (tmp_path / "r" / "recognizer.onnx").read_bytes() == before
    assert len(go(tmp_path / "r", fresh=True).history) == 2


def test_a_history_that_is_being_looked_at_ends_no_training(tmp_path: Path, monkeypatch: Patch) -> None:
    def refused(*_: object) -> None:
        raise RunError("held") from PermissionError(13, "Access is denied")

    found = Run(tmp_path)
    monkeypatch.setattr(run, "write_in_run", refused)
    with pytest.raises(RunError):
        found.write_history([{"epoch": 1}], last=False)
    monkeypatch.setattr(run, "held_open", lambda error: isinstance(error, PermissionError))
    found.write_history([{"epoch": 1}], last=False)
    with pytest.raises(RunError):
        found.write_history([{"epoch": 1}])


def test_a_run_opens_its_recognizer_once(tmp_path: Path) -> None:
    found = go(tmp_path / "r", epochs=1)
    assert found.recognizer is found.recognizer
    picture = np.zeros((12, 12), np.uint8)
    before = found.predict(picture)
    assert found.recognizer.predict(picture) == before
    go(tmp_path / "r", epochs=3)
    assert found.recognizer.predict(picture) != before
    with pytest.raises(UsageError, match="alphabet"):
        found.predict(picture, alphabet="digits")
    assert pickle.loads(pickle.dumps(found)).predict(picture) == found.predict(picture)
