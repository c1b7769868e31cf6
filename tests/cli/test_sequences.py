"""The commands on texts and series: said, in files, in tables; writing; the next values."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import hornbook
from hornbook.cli.main import main
from hornbook.common.progress import Silent
from hornbook.recognizer.inputs import texts
from tests.conftest import Ran
from tests.recognizer.unsealed import unsealed
from tests.training.test_sequences import DATA, recipe, series


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = {}
    for kind, epochs in (("views", 8), ("poems", 12), ("series", 4)):
        folder = tmp_path_factory.mktemp("cli") / kind
        hornbook.train(DATA[kind](), recipe=recipe(kind, epochs=epochs), run=folder, progress=Silent())
        out[kind] = str(folder)
    return out


def test_predicts_texts_that_are_said_in_files_and_in_tables(
    runs: dict[str, str], here: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["predict", runs["views"]]
    first, second = ran([*words, "--text", "the food was lovely", "--text", "bland !"]).out.splitlines()
    assert first.startswith("the food was lovely  good")
    assert second.split()[2] == "bad"
    (here / "mine.txt").write_text("great food\n\nit was cold\n", "utf-8")
    found = [json.loads(line) for line in ran([*words, "mine.txt", "--json"]).out.splitlines()]
    assert [f["input"] for f in found] == ["great food", "it was cold"]
    assert [f["label"]["value"] for f in found] == ["good", "bad"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO("tasty\n".encode("utf-16"))))
    assert ran([*words, "-"]).out.startswith("tasty  good")
    pl.DataFrame({"id": [1, 2, 3], "review": ["awful", "great", "great"]}).write_csv(here / "new.csv")
    found = [json.loads(line) for line in ran([*words, "new.csv", "--json"]).out.splitlines()]
    assert [f["label"]["value"] for f in found] == ["bad", "good", "good"]


def test_what_is_no_text_is_said_and_the_rest_predicted(runs: dict[str, str], here: Path, ran: Ran) -> None:
    out, err = ran(["predict", runs["views"], "missing.txt", "--text", " ", "--text", "great"], 1)
    assert out.startswith("great")
    assert "the text is empty" in err
    assert "missing.txt: no such file" in err
    assert main(["predict", runs["views"]]) == 2
    assert main(["predict", runs["series"], "--text", "x"]) == 2


def test_predicting_texts_loads_no_training_framework(runs: dict[str, str]) -> None:
    code = (
        "import sys\nfrom hornbook.cli.main import main\n"
        f"main(['predict', {runs['views']!r}, '--text', 'great'])\nmain(['generate', {runs['poems']!r}])\n"
        "heavy = {'torch', 'polars', 'pydantic', 'sklearn', 'jieba'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("great  good")


def test_writes_a_text(runs: dict[str, str], monkeypatch: pytest.MonkeyPatch, ran: Ran) -> None:
    from hornbook.recognizer.writing import generate as module

    options = "--prompt 春 --length 12 --temperature 0.5 --seed 3"
    arguments = ["generate", runs["poems"], *options.split()]
    first = ran(arguments).out
    assert first.startswith("春")
    assert ran(arguments).out == first
    acrostic = ran(["generate", runs["poems"], "--acrostic", "夏冬"]).out
    assert [line[0] for line in acrostic.strip().split("\n")] == ["夏", "冬"]
    assert "does not say what follows a text" in ran(["generate", runs["views"]], 2).err
    # Nothing of it reaches a terminal raw.
    monkeypatch.setattr(module, "generate", lambda *_, **__: iter(["a\n", "\x1b[31mb"]))
    assert ran(["generate", runs["poems"]]).out == "a\n\\x1b[31mb\n"


def test_foretells_what_follows_the_last_rows_of_a_table(runs: dict[str, str], here: Path, ran: Ran) -> None:
    table = series().table
    table.reverse().write_csv(here / "sold.csv")
    answer = json.loads(ran(["predict", runs["series"], "sold.csv", "--json"]).out)
    assert answer["input"].endswith("sold.csv")
    expected = hornbook.load(runs["series"]).predict({"past": table["sold"][-14:].to_numpy()})
    assert answer["sold"]["value"] == expected.value
    steps = answer["sold"]["steps"]
    assert [step["value"] for step in steps] == expected.value
    assert all(step["low"] <= step["value"] <= step["high"] for step in steps)
    last = table["day"][-1]
    assert [step["time"] for step in steps] == [str(last + timedelta(days=i)) for i in (1, 2, 3)]
    lines = ran(["predict", runs["series"], "sold.csv"]).out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [step["time"] for step in steps] and " to " in lines[1]
    assert (
        "3 steps to come: to_come.csv"
        in ran(["predict", runs["series"], "sold.csv", "--out", "to_come.csv"]).err
    )
    written = pl.read_csv(here / "to_come.csv")
    assert written.columns == ["time", "sold", "sold_low", "sold_high"]
    assert written["sold"].to_list() == expected.value
    assert hornbook.load(runs["series"]).forecast(table)[0]["sold"].steps[0].time == steps[0]["time"]
    assert "would be written over" in ran(["predict", runs["series"], "sold.csv", "--out", "sold.csv"], 2).err
    table.head(5).write_csv(here / "short.csv")
    said = ran(["predict", runs["series"], "short.csv"], 1).err
    assert "the last 14 rows are wanted, and there are 5 rows" in said


@contextmanager
def told(run: str, older: bool, **keys: Any) -> Iterator[None]:
    """Let a recognizer have kept more of its training table; an older one kept nothing, and its recipe says it."""
    file, recipe = Path(run) / "recognizer.onnx", Path(run) / "recipe.toml"
    before = file.read_bytes(), recipe.read_text("utf-8")
    model = unsealed(before[0])
    (entry,) = (e for e in model.metadata_props if e.key == "hornbook")
    about = json.loads(entry.value)
    kept = about.pop("table") | keys
    entry.value = json.dumps(about if older else {**about, "table": kept})
    file.write_bytes(model.SerializeToString())
    if older:
        said = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        recipe.write_text("[data]\n" + said + before[1].replace("[data]\n", "", 1), "utf-8")
    try:
        yield
    finally:
        file.write_bytes(before[0])
        recipe.write_text(before[1], "utf-8")


@pytest.mark.parametrize("older", [False, True])
def test_a_series_is_read_as_in_training(older: bool, runs: dict[str, str], here: Path, ran: Ran) -> None:
    series().table.with_columns(pl.col("day").cast(pl.String)).tail(60).write_csv(here / "whole.csv")
    lines = (here / "whole.csv").read_text().splitlines()
    day = lines[-3].partition(",")[0]
    (here / "marked.csv").write_text("\n".join([*lines[:-3], f"{day},-999", *lines[-2:]]) + "\n")
    ran(["predict", runs["series"], "whole.csv", "--json"])
    with told(runs["series"], older, missing=["-999"]):  # and no number of the last window
        said = json.loads(ran(["predict", runs["series"], "marked.csv", "--json"]).out)
    assert said["remarks"] == ["1 of the last 14 rows is bridged"]


@pytest.mark.parametrize("older", [False, True])
def test_texts_are_cut_and_read_as_in_training(
    older: bool, runs: dict[str, str], here: Path, ran: Ran
) -> None:
    (here / "mine.txt").write_bytes("great\u2028food\n  it was cold  \n".encode())
    said = ran(["predict", runs["views"], "mine.txt", "--json"]).out
    found = [json.loads(line)["input"] for line in said.strip().split("\n")]
    assert found == ["great\u2028food", "it was cold"]
    town = "\u0433\u043e\u0440\u043e\u0434 great"
    (here / "old.txt").write_bytes(f"{town}\n".encode("cp1251"))
    assert "is not in UTF-8 and was read as" in ran(["predict", runs["views"], "old.txt"]).err
    with told(runs["views"], older, encoding="cp1251"):
        out, err = ran(["predict", runs["views"], "old.txt", "--json"])
    assert json.loads(out)["input"] == town and "UTF-8" not in err


def test_a_text_and_a_table_are_not_mixed(runs: dict[str, str], here: Path, ran: Ran) -> None:
    pl.DataFrame({"review": ["awful"]}).write_csv(here / "new.csv")
    words = ["predict", runs["views"], "--text", "great"]
    for more in (["new.csv"], ["new.csv", "--out", "a.csv"]):
        assert "predict one after the other" in ran([*words, *more], 2).err
    assert "--out is for the rows of tables" in ran([*words, "--out", "a.csv"], 2).err


def test_texts_in_an_encoding_that_nobody_can_guess_are_read_as_told(here: Path) -> None:
    (here / "sjis.txt").write_bytes("犬、猫。\n".encode("shift_jis"))
    (here / "utf8.txt").write_text("犬、猫。\n", "utf-8")
    for name in ("sjis.txt", "utf8.txt"):
        assert [text for _, text in texts([name], encoding="shift_jis")] == ["犬、猫。"]
