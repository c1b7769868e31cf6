"""Every command that the README shows is run, and what it shows as output has the form of what comes out."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hornbook.cli.arguments import parser_of
from hornbook.cli.main import command
from tests.conftest import shape

ROOT = Path(__file__).resolve().parents[1]


def _tool() -> ModuleType:
    """Return `docs/readme.py`, which writes the README's output, so that both read it alike."""
    spec = importlib.util.spec_from_file_location("docs_readme", ROOT / "docs" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()
README = (ROOT / "README.md").read_text("utf-8")


SHORT = ("--set", "training.epochs=2", "--set", "training.precision=float32")


def form(line: str) -> str:
    """Return a line without what differs from one machine and one training to the next: numbers, times, a best."""
    line = re.sub(r"\bb?float(16|32)\b", "float", line).replace("  best", "").replace("unsure", "#")
    line = re.sub(r"\d+ min \d+ s", "# s", line)
    line = re.sub(r"[<>](?=\d)", "", line)  # <0.1 %
    return " ".join(re.sub(r"\d[\d.,]*", "#", line).split())


def test_forms() -> None:
    assert (
        form("epoch 1/3  loss 0.5  1,200/s  best")
        == form("epoch 2/3  loss 0.25  900/s")
        == "epoch #/# loss # #/s"
    )
    assert form("a.png  7  99.8 %") != form("b.png  7  99.8 %")


def test_every_command_of_the_readme_runs(tmp_path: Path, pictures: Path) -> None:
    shutil.copytree(pictures, tmp_path / "my_pictures")
    shape("ring", 5).save(tmp_path / "photo.jpg")
    seen = set()
    for shown in tool.commands(README):
        seen.add(shown.kind)
        if shown.text.split()[0] in tool.NOT_RUN:
            continue
        # All as it stands there, only that training is short.
        lines = tool.run(shown, tmp_path, SHORT if shown.text.startswith("hornbook train") else ())
        # What is printed of one's own pictures depends on them.
        if shown.kind == "console" and "mine" not in shown.text and "my_pictures" not in shown.text:
            expected = [form(line) for line in shown.output]
            assert [form(line) for line in tool.cut(lines, shown.output)] == expected, shown.text
    assert seen == {"console", "sh", "python"}
    assert (tmp_path / "runs" / "digits" / "report.html").is_file()
    # The files that the README lists are those of a run.
    listed = set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", README, re.M))
    assert listed <= {path.name for path in (tmp_path / "runs" / "digits").iterdir()}
    assert "recognizer.onnx" in listed


def test_the_recipes_shown_are_those_that_come_with_it() -> None:
    shown = list(tool.recipes(README))
    assert shown
    for name, text in shown:
        assert text == tool.recipe_text(name)


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_the_commands_of_the_pages_can_be_read(page: Path) -> None:
    found = [c for c in tool.commands(page.read_text("utf-8")) if c.text.startswith("hornbook ")]
    assert found
    for shown in found:
        _, name, *words = shlex.split(shown.text)
        parser_of(command(name), name).parse_intermixed_args(words)


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
