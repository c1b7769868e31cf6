"""What `docs/extending.md` shows runs: a source, a network family and a command from outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hornbook
from hornbook.cli.main import COMMANDS, main
from hornbook.errors import RecipeError
from hornbook.recipe import Recipe
from hornbook.recipe.networks import FAMILIES
from tests.extending.family import Random, register
from tests.extending.source import Drawings, read_drawings

ROOT = Path(__file__).parent
RECIPE = {
    "inputs": {"image": {"type": "image", "size": [16, 16], "channels": 1}},
    "targets": {"size": "category"},
    "network": {"name": "random", "units": 64},
    "training": {"epochs": 3, "batch_size": 8, "precision": "float32"},
}


def test_a_source_and_a_family_are_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "random", Random)  # it is gone again after the test
    register()
    recipe = Recipe.from_values(RECIPE, "disks", "test")
    run = hornbook.train(read_drawings(60), recipe=recipe, run=tmp_path / "run")
    assert run.recognizer.predict(Drawings().load("3"))["size"].value in ("large", "small")
    with pytest.raises(RecipeError, match=r"network.units is 0"):
        recipe.change(["network.units=0"])


def test_a_command_is_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(COMMANDS, "hello", "tests.extending.hello")  # in a program: COMMANDS["hello"] = ...
    assert main(["hello", "you", "--loud"]) == 0
    assert capsys.readouterr().out == "hello you!\n"
    assert main(["--help"]) == 0
    assert "hello     greet somebody" in capsys.readouterr().out


def test_the_page_shows_what_runs() -> None:
    page = (ROOT.parent / "docs/extending.md").read_text("utf-8")
    files = [p for d in ("extending", "toy_angle") for p in (ROOT / d).glob("*.py")]
    code = "\n".join(p.read_text("utf-8") for p in [*files, *ROOT.glob("test_*.py")])
    shown = [
        line.strip()
        for block in re.findall(r"```python\n(.*?)```", page, re.S)
        for line in block.splitlines()
    ]
    assert [line for line in shown if line and line not in code] == []
    for path in re.findall(r"`(tests/[\w/]+(?:\.py)?)/?`", page):
        assert (ROOT.parent / path).exists(), path
