"""The house stands: floors import from below, nothing under the networks knows torch, all files are small."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hornbook

ROOT = Path(hornbook.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

FLOORS = [
    {"errors", "plaintext"},
    {"columns", "markup"},
    {"evaluation"},
    {"make"},
    {"examples"},
    {"recipe"},
    {"recognizer"},
    {"networks"},
    {"training"},
    {"report"},
    {"learning"},
    {"cli", "__main__"},
]
"""From the ground."""

STAIRS = {
    # `hornbook.__version__` stands in the package itself, which imports nothing when it is imported.
    ("training/job.py", "hornbook"),
    ("training/export.py", "hornbook"),
}
"""The only ways up, by file and floor."""

SHOWS = {"_repr_html_", "__repr__"}
"""Methods that a notebook calls: what draws for them may live above."""

HEAVY = {"torch", "torchvision", "onnx", "onnxscript"}


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def floor_of(name: str) -> int | None:
    return next((i for i, floor in enumerate(FLOORS) if name in floor), None)


def own_floor(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield all modules that a file imports when it runs, wherever in it, but for what shows it in a notebook."""

    def walk(node: ast.AST) -> Iterator[tuple[str, int]]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.FunctionDef) and node.name in SHOWS:
            return
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)}:{node.lineno}: imports are absolute here"
            yield str(node.module), node.lineno
        for child in ast.iter_child_nodes(node):
            yield from walk(child)

    yield from walk(ast.parse(path.read_text("utf-8")))


def test_every_part_has_a_floor() -> None:
    parts = {own_floor(p) for p in FILES} - {"__init__"}
    assert parts <= set().union(*FLOORS)


@pytest.mark.parametrize("path", FILES, ids=place)
def test_imports_go_down(path: Path) -> None:
    mine = floor_of(own_floor(path))
    if mine is None:
        return
    for name, line in imports(path):
        if name.partition(".")[0] != "hornbook":
            continue
        part = name.split(".")[1] if "." in name else "hornbook"
        theirs = floor_of(part)
        allowed = (place(path), part) in STAIRS or (theirs is not None and theirs <= mine)
        assert allowed or own_floor(path) == "cli", f"{place(path)}:{line} imports {name}, which is above it"


@pytest.mark.parametrize("path", FILES, ids=place)
def test_nothing_below_the_networks_knows_torch(path: Path) -> None:
    mine, ground = floor_of(own_floor(path)), floor_of("networks")
    assert ground is not None
    if mine is not None and mine < ground:
        wrong = [(name, line) for name, line in imports(path) if name.partition(".")[0] in HEAVY]
        assert not wrong


@pytest.mark.parametrize("path", FILES, ids=place)
def test_files_and_functions_stay_small_and_errors_are_named(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a file says what lives in it, and why"
    assert text.count("\n") < 410, "about 400 lines"
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = "" if node.type is None else ast.unparse(node.type)
            assert node.type is not None, f"{place(path)}:{node.lineno}: a bare except"
            assert caught not in ("Exception", "BaseException"), (
                f"{place(path)}:{node.lineno}: except {caught}"
            )
        if isinstance(node, ast.FunctionDef):
            where = f"{place(path)}:{node.lineno} {node.name}"
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines < 60, f"{where} has {lines} lines"
            arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            names = [a.arg for a in arguments if a.arg not in ("self", "cls")]
            assert len(names) <= 9 or own_floor(path) == "cli", f"{where} has {len(names)} arguments"


def test_no_file_pickles() -> None:
    for path in FILES:
        for name, line in imports(path):
            # The checkpoint's reader names the error of a damaged file.
            assert name not in ("pickle", "shelve", "marshal") or place(path) == "training/checkpoint.py", (
                path,
                line,
            )


@pytest.mark.parametrize(
    ("statement", "without"),
    [
        ("import hornbook", ["torch", "matplotlib", "polars", "numpy", "pydantic", "onnxruntime"]),
        (
            "import hornbook.columns",
            ["torch", "matplotlib", "polars", "pydantic", "onnxruntime", "PIL", "cv2"],
        ),
        ("import hornbook.recognizer", ["torch", "matplotlib", "polars", "pydantic"]),
        ("import hornbook.recipe", ["torch", "matplotlib", "onnxruntime"]),
        ("from hornbook.examples.media import is_picture", ["torch", "polars", "matplotlib"]),
    ],
)
def test_what_is_imported_loads_only_what_it_needs(statement: str, without: list[str]) -> None:
    code = f"import sys; {statement}; print(*[m for m in {without!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
