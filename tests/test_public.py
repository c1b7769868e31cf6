"""The public surface, and what is not loaded when it is not needed."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import hornbook
from hornbook.recipe import Recipe

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "polars", "onnxruntime", "sklearn", "cv2", "pydantic", "onnx"}


def loaded_by(program: str, *arguments: str) -> set[str]:
    """Return which of the heavy packages a program loads, run by itself."""
    tail = f"\nimport sys\nprint('loaded', *({HEAVY!r} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", program + tail, *arguments], capture_output=True, text=True, check=True
    )
    return set(found.stdout.splitlines()[-1].split()[1:])


def test_the_version_stands_in_two_places() -> None:
    assert f'\nversion = "{hornbook.__version__}"\n' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"## {hornbook.__version__.partition('.dev')[0]}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_public_names() -> None:
    assert hornbook.__all__ == [
        "Examples",
        "Findings",
        "HornbookError",
        "Recipe",
        "Recognizer",
        "check",
        "find_faces",
        "load",
        "read_examples",
        "train",
    ]
    assert set(hornbook.__all__) <= set(dir(hornbook))
    for name in hornbook.__all__:
        assert getattr(hornbook, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'tain'"):
        hornbook.tain  # noqa: B018


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        ("train", "what run recipe data changes target fresh progress tensorboard"),
        ("check", "examples"),
        ("find_faces", "picture detector smallest score weights"),
        ("load", "path threads"),
        ("read_examples", "source pattern data image label test files table"),
        ("Recognizer", "path threads"),
        ("Recognizer.predict", "self value top abstain alphabet"),
        ("Recognizer.evaluate", "self prepared split top"),
        ("Examples.split", "self validation test seed stratify group"),
        ("Examples.check", "self"),
        ("Recipe.read", "name changes"),
    ],
)
def test_the_signatures(function: str, parameters: str) -> None:
    """A change here is a change for everybody who uses hornbook: only ever add."""
    found: object = hornbook
    for part in function.split("."):
        found = getattr(found, part)
    assert callable(found)
    assert list(inspect.signature(found).parameters) == parameters.split()


def test_importing_loads_nothing_heavy() -> None:
    assert loaded_by("import hornbook") == set()


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["train", "--help"], ["predict", "--help"], ["nonsense"]]
)
def test_the_help_loads_nothing_heavy(words: list[str]) -> None:
    program = "import sys\nfrom hornbook.cli.main import main\nmain(sys.argv[1:])"
    assert loaded_by(program, *words) == set()


def test_predicting_loads_only_what_it_needs(finished: Path, pictures: Path) -> None:
    picture = pictures / "bar" / "00.png"
    program = "import sys\nfrom hornbook.cli.main import main\nassert main(sys.argv[1:]) == 0"
    assert loaded_by(program, "predict", str(finished), str(picture)) <= {"onnxruntime", "cv2"}
    assert loaded_by(program, "predict", str(finished), str(pictures), "--json") <= {"onnxruntime", "cv2"}
    program = "import sys, hornbook\nhornbook.load(sys.argv[1]).predict(sys.argv[2])"
    assert loaded_by(program, str(finished), str(picture)) <= {"onnxruntime", "cv2"}


def test_recipes_come_with_the_package() -> None:
    assert Recipe.read("digits").data.source == "digits"
