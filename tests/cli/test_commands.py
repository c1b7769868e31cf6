"""evaluate, export, look, recipe, summary and train, each by what it prints and writes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hornbook.cli.main import main
from hornbook.recipe import Recipe, recipe_names
from hornbook.recognizer.describe import read_weights, weights_text
from tests.conftest import Ran
from tests.training.make import state_of

Captured = pytest.CaptureFixture[str]


def test_evaluate_gives_the_scores_that_training_gave(world: Path, ran: Ran) -> None:
    # The pictures lie elsewhere now; what counts is what is in them.
    more = ["--data", "my_pictures"]
    found = json.loads(ran(["evaluate", "runs/mine", *more, "--json"]).out)["label"]
    metrics = json.loads((world / "runs/mine/metrics.json").read_text("utf-8"))["evaluations"]["label"]
    assert found["metrics"] == metrics["metrics"]
    assert found["split"] == metrics["split"]
    saved = json.loads((world / "runs/mine/evaluation" / f"{found['split']}.json").read_text("utf-8"))
    assert saved["label"] == found
    of_run, of_file = (ran(["evaluate", f"runs/mine{file}", *more]) for file in ("", "/recognizer.onnx"))
    assert of_run.out == of_file.out
    (world / "my_pictures" / "ring" / "00.png").unlink()
    assert "not those the run was trained on" in ran(["evaluate", "runs/mine", *more]).err


def test_evaluate_names_the_rows_it_cannot_judge(world: Path, ran: Ran) -> None:
    (world / "my_pictures" / "bar").rename(world / "my_pictures" / "stroke")
    (world / "my_pictures" / "ring" / "00.png").write_bytes(b"")
    shutil.copy("runs/mine/recognizer.onnx", "alone.onnx")
    said = ran(["evaluate", "alone.onnx", "my_pictures"])
    assert said.out.startswith("label on 23 rows of my_pictures\n")
    assert "ring/00.png" in said.err
    assert "left out: " in said.err
    for file in (world / "my_pictures").rglob("*.png"):
        file.write_bytes(b"no picture")
    err = ran(["evaluate", "runs/mine", "--data", "my_pictures"], 1).err
    assert "left out: " in err and "has no rows" in err and "Traceback" not in err


def test_evaluate_on_a_source_judges_the_rows_it_was_not_trained_on(world: Path, ran: Ran) -> None:
    shutil.copy("runs/mine/recognizer.onnx", "alone.onnx")
    assert "give labelled examples" in ran(["evaluate", "alone.onnx"], 2).err
    assert "--split" in ran(["evaluate", "runs/mine", "my_pictures", "--split", "test"], 2).err
    said = ran(["evaluate", "runs/mine/recognizer.onnx", "my_pictures", "--out", "found"])
    assert said.out.startswith("label on 2 rows of my_pictures that it was not trained on\n")
    assert "of 36 rows of my_pictures it was trained on 31, and its best epoch was chosen by 3" in said.err
    assert "baseline" in said.out
    assert {p.name for p in (world / "found").iterdir()} >= {"my_pictures.json", "my_pictures.html"}


def test_export_onnx_reads_alone_and_says_what_goes_in(world: Path, ran: Ran) -> None:
    import hornbook

    assert ran(["export", "runs/mine", "--to", "onnx"]).out == "mine.onnx\nmine.onnx.txt\n"
    ours, theirs = (hornbook.load(f).predict("photo.jpg") for f in ("runs/mine", "mine.onnx"))
    assert ours == theirs
    text = (world / "mine.onnx.txt").read_text("utf-8")
    reader = hornbook.load("mine.onnx")
    assert f"image: uint8 of shape (rows, {', '.join(map(str, reader.inputs['image'].shape))})" in text
    assert "0 bar\n    1 box\n    2 ring" in text
    # The program in it runs.
    program = "\n".join(line.strip() for line in text.partition("In Python:")[2].splitlines())
    names: dict[str, object] = {}
    exec(program, names)
    answers = names["answers"]
    assert isinstance(answers, list)
    assert answers[0].shape == (1, 3)


def test_export_leaves_other_files_alone(world: Path, monkeypatch: pytest.MonkeyPatch, ran: Ran) -> None:
    words = ["export", "runs/mine", "--to", "onnx", "--out"]
    for out in ("runs/mine/recognizer.onnx", "runs"):
        assert "--out" in ran([*words, out], 2).err
    (world / "labels.txt").write_text("mine")
    ran([*words, "labels.onnx"])
    assert (world / "labels.txt").read_text() == "mine"
    assert not list(world.glob(".*"))
    # What was written before stays whole where the disk is full.
    before = (world / "labels.onnx").read_bytes()
    broken = OSError(28, "No space left on device")

    def refused(*_: object, **__: object) -> None:
        raise broken

    monkeypatch.setattr(Path, "replace", refused)
    assert "no space left" in ran([*words, "labels.onnx"], 1).err
    assert (world / "labels.onnx").read_bytes() == before
    assert not list(world.glob(".*"))
    broken = OSError(30, "Read-only file system")
    monkeypatch.setattr(Path, "unlink", refused)  # which fails there as well
    said = ran(["export", "runs/mine", "--to", "weights.npz", "--out", "w.npz"], 1).err
    assert said == "error: w.npz cannot be written (read-only file system): name another file with --out\n"


def test_export_weights_as_arrays_and_as_text(world: Path) -> None:

    assert main(["export", "runs/mine", "--to", "weights.npz", "--out", "new/w.npz"]) == 0
    assert main(["export", "runs/mine/", "--to", "weights.txt"]) == 0
    with np.load("new/w.npz") as saved:
        weights = {name: saved[name] for name in saved.files}
    learned = sum(w.size for n, w in weights.items() if "running" not in n and "temperature" not in n)
    assert learned == json.loads((world / "runs/mine/metrics.json").read_text("utf-8"))["parameters"]
    assert any("batchnorm" in name and name.endswith("running_mean") for name in weights)
    blocks = (world / "mine.weights.txt").read_text().split("\n\n")
    assert len(blocks) == len(weights)
    for block in blocks:
        head, *rows = block.strip().splitlines()
        name, _, shape = head.partition(" ")
        values = np.array(" ".join(rows).split(), np.float32)
        assert shape == "(" + ", ".join(map(str, weights[name].shape)) + ")"
        assert np.array_equal(values, weights[name].reshape(-1))
    best = state_of(world / "runs/mine")
    inside = read_weights(world / "runs/mine/recognizer.onnx")
    for name, value in best["best"].items():
        if "num_batches" not in name and "temperature" not in name:
            assert np.array_equal(inside[name], value.numpy()), name


def test_weights_text_keeps_every_bit() -> None:
    values = np.array([[1 / 3, 1e-30], [-0.0, 16777217]], np.float32)
    text = weights_text({"a": values, "scale": np.array(0.1, np.float32)}).decode()
    assert text.startswith("a (2, 2)\n")
    assert "scale ()\n0.1\n" in text
    back = np.array(" ".join(text.splitlines()[1:3]).split(), np.float32).reshape(2, 2)
    assert back.tobytes() == values.tobytes()
    others = {"count": np.array([16777217], np.int64), "wide": np.array([0.1 + 1e-12]), "none": np.zeros(0)}
    assert weights_text(others).decode().split("\n") == [
        *("count (1)", "16777217", ""),
        *("wide (1)", repr(0.1 + 1e-12), ""),
        *("none (0)", ""),
    ]


def test_look_prints_the_findings_and_writes_a_page(world: Path, ran: Ran) -> None:
    words = ["look", "my_pictures", "--augment", "--out", "pages"]
    assert "augments nothing" in ran(words, 2).err
    assert main([*words, "--set", "training.augment.image.shift=0.2"]) == 0
    page = (world / "pages" / "look.html").read_text("utf-8").partition("As it is trained on")[2]
    assert page.count("<img") == 10 * (1 + 8)
    (world / "my_pictures" / "box" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    said = ran(["look", "my_pictures"])
    assert "box/bad.png" in said.out and "36 examples" in said.out
    assert f"page: {Path('look', 'look.html')}" in said.err
    assert (world / "look" / "look.html").read_text("utf-8").count("<img") == 31


def test_recipe_lists_and_prints(here: Path, ran: Ran) -> None:
    said = ran(["recipe"]).out
    for name in recipe_names():
        assert f"  {name} " in said
    said = ran(["recipe", "digits", "--set", "training.epochs=3"]).out
    assert 'source = "digits"' in said
    lines = {
        line.split(" =")[0]: line.partition("#")[2].strip() for line in said.splitlines() if " = " in line
    }
    assert lines["epochs"] == "--set"
    assert lines["max_grad_norm"] == "default"
    assert lines["source"] == "digits.toml"
    Path("again.toml").write_text(said, "utf-8")
    assert main(["recipe", "again.toml"]) == 0


def test_summary_of_the_textbook_net_of_texts_and_of_strings(here: Path, ran: Ran) -> None:
    said = ran(["summary", "mnist_cnn"]).out
    assert "total: 1,199,882 parameters\n" in said
    assert "64 × 24 × 24" in said
    said = ran(["summary", "poems", "--set", "inputs.poem.vocabulary=50"]).out
    assert "poem: 50 tokens assumed, as the data is not there to count them" in said
    (here / "views.csv").write_text("view,label\n" + "good food here today,1\nbad food here today,0\n" * 10)
    (here / "views.toml").write_text(
        '[data]\nsource = "views.csv"\n[inputs]\nview = "text"\n[targets]\nlabel = "category"\n'
        '[network]\nname = "lstm"\nunits = 4\nembedding = 3\n'
    )
    said = ran(["summary", "views.toml"]).out
    assert re.search(r"inputs.view.embedding +Embedding +4 × 3 +21\n", said)  # padding, unknown, five words
    assert "assumed" not in said


def test_summary_counts_classes_in_the_data_or_says_that_it_does_not(world: Path, ran: Ran) -> None:
    assert ran(["summary", "my_pictures"]).out.splitlines()[-3].split()[2] == "3"
    assert ran(["summary", "runs/mine"]).out.splitlines()[-3].split()[2] == "3"
    assert "1 × 56 × 40" in ran(["summary", "runs/mine", "--set", "inputs.image.size=[40,56]"]).out
    Path("mine.toml").write_text(
        '[data]\nsource = "gone"\n[inputs]\nimage = "image"\n[targets]\nlabel = "category"\n'
    )
    assert "10 classes assumed" in ran(["summary", "mine.toml"]).out


def test_train_refuses_a_finished_run_and_goes_on_with_more_epochs(world: Path, ran: Ran) -> None:
    words = ["train", "mine.toml", "--data", "my_pictures", "--run", "runs/new", "--set", "training.epochs=1"]
    assert "report.html" in ran(words).err
    assert "--fresh" in ran(words, 1).err
    assert "going on" in ran([*words, "--set", "training.epochs=2"]).err


def test_a_missing_package_is_one_sentence(world: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "onnx", None)
    for words in (
        ["train", "my_pictures"],
        ["summary", "my_pictures"],
        ["look", "my_pictures", "--augment", "--set", "training.augment.image.shift=0.1"],
        ["export", "runs/mine", "--to", "weights.npz"],
    ):
        assert 'pip install "hornbook[train]"' in ran(words, 1).err
    # What needs no PyTorch goes on without it.
    assert main(["look", "my_pictures"]) == 0
    assert main(["evaluate", "runs/mine", "--data", "my_pictures"]) == 0


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent to a whole console there")
def test_ctrl_c_saves_and_stops(world: Path) -> None:
    words = [sys.executable, "-m", "hornbook", "train", "my_pictures", "--run", "runs/stopped"]
    words += ["--set", "network.widths=[4,8]", "--set", "training.precision=float32"]
    process = subprocess.Popen(
        [*words, "--set", "training.epochs=100000"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    with process, process.stderr as said:
        lines = []
        for line in said:
            lines.append(line)
            if line.startswith("epoch ") and not line.startswith("epoch 1/"):
                process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    text = "".join(lines)
    assert "Traceback" not in text
    assert "all is saved in runs/stopped" in lines[-1]
    assert len((world / "runs/stopped/history.csv").read_text("utf-8").splitlines()) >= 3


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_a_recipe_in_a_file_is_read_again_whatever_its_encoding(encoding: str, here: Path) -> None:
    rows = "".join(f"{i % 7},{i % 5}.5\n" for i in range(60))
    Path("preise.csv").write_text(f"Straße,Preis €\n{rows}", "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "hornbook", "recipe"]
    first = subprocess.run(
        [*command, "preise.csv", "--target", "Preis €"], capture_output=True, env=environment, check=True
    ).stdout
    Path("mine.toml").write_bytes(first)
    Path("wide.toml").write_bytes(first.decode(encoding).encode("utf-16"))  # as PowerShell's ">" does
    expected = Recipe.read(Path("mine.toml")).values()
    assert {"Straße"} == set(expected["inputs"])
    assert {"Preis €"} == set(expected["targets"])
    assert Recipe.read(Path("wide.toml")).values() == expected


def test_recipe_and_summary_take_what_their_errors_advise(world: Path, ran: Ran) -> None:
    flat = world / "flat"
    flat.mkdir()
    for path in (world / "my_pictures").rglob("*.png"):
        path.rename(flat / f"{path.parent.name}_{path.name}")
    for command in ("recipe", "summary"):
        assert "--pattern" in ran([command, "flat"], 1).err
        assert main([command, "flat", "--pattern", "{label}_{}.png"]) == 0
    (world / "rows.csv").write_text("a,b,c\n" + "".join(f"{i},{i % 3},{i % 4}.5\n" for i in range(60)))
    assert "--target" in ran(["evaluate", "rows.csv", "--folds", "2"], 2).err
    for words in (
        ["summary", "rows.csv"],
        ["evaluate", "rows.csv", "--folds", "2", "--set", "training.epochs=1"],
    ):
        assert main([*words, "--target", "c"]) == 0
    for wrong in (["recipe"], ["summary"], ["evaluate", "--folds", "2"]):
        assert "leave it out" in ran([wrong[0], "runs/mine", "--target", "c", *wrong[1:]], 2).err
    assert "--target is for --folds" in ran(["evaluate", "runs/mine", "--target", "c"], 2).err


def test_evaluations_of_targets_with_strange_names_stay_in_their_folder(here: Path, capsys: Captured) -> None:
    Path("rows.csv").write_text("a,up\n" + "".join(f"{i % 9},{i % 9}\n" for i in range(60)))
    recipe = """
[data]
source = "rows.csv"
[inputs]
a = "number"
[targets]
"../../up/km/h" = { type = "number", from = "up" }
"km:h" = { type = "number", from = "up" }
"km?h" = { type = "number", from = "up" }
[network]
name = "linear"
[training]
epochs = 1
"""
    Path("mine.toml").write_text(recipe, "utf-8")
    assert main(["train", "mine.toml", "--run", "run"]) == 0
    before = {p for p in here.rglob("*") if "evaluation" not in p.parts}
    assert main(["evaluate", "run", "--out", "evaluation"]) == 0
    assert {p for p in here.rglob("*") if "evaluation" not in p.parts} == before
    names = {p.name for p in Path("evaluation").iterdir()}
    assert names == {"test.json", "test.html"}
