"""The house stands: no circle of files, no import up, torch where it may be, small files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import hornbook
from hornbook.columns.kinds import KINDS

ROOT = Path(hornbook.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

FLOORS = [
    *("errors", "common", "columns", "examples", "make", "sources", "checks", "recipe", "recognizer"),
    *("render", "networks", "report", "training", "learning", "serve", "search", "cli"),
]
"""From the ground: a file imports from its own floor and those before it."""

HEAVY = {"torch", "torchvision", "onnx", "onnxscript"}

TORCH_ROOMS = {"networks", "training", "learning", "search"}
TORCH_FILES = {"network.py", "augment.py"}
"""Where torch may be imported when a file is: these floors, and these files of a kind of value."""


class Import(NamedTuple):
    """A module that a file imports; ``late`` where that is inside a function or for types alone."""

    file: str
    module: str
    line: int
    late: bool


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def floor_of(module: str) -> int | None:
    """Return the floor of a module or a file; None for the package's face and for what is no floor's."""
    parts = module.removesuffix(".py").replace("/", ".").removeprefix("hornbook.").split(".")
    return FLOORS.index(parts[0]) if parts[0] in FLOORS else None


def module_of(path: Path) -> str:
    return ".".join(("hornbook", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


MODULES = {module_of(path): place(path) for path in FILES}


def imports(path: Path) -> Iterator[Import]:
    """Yield every import of a file, wherever it stands in it."""

    def walk(node: ast.AST, late: bool) -> Iterator[Import]:
        if (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)) or isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef)
        ):
            late = True
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(place(path), alias.name, node.lineno, late)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)}:{node.lineno}: imports are absolute here"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield Import(place(path), whole if whole in MODULES else str(node.module), node.lineno, late)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, late)

    yield from walk(ast.parse(path.read_text("utf-8")), False)


IMPORTS = [found for path in FILES for found in imports(path)]


def circles() -> list[frozenset[str]]:
    """Return the files that import each other round about: the graph's strongly connected parts.

    A package's ``__init__.py`` hands names on and is no file of a circle.
    """
    graph: dict[str, set[str]] = {place(p): set() for p in FILES if p.name != "__init__.py"}
    for found in IMPORTS:
        target = MODULES.get(found.module)
        if found.file in graph and target in graph and target != found.file:
            graph[found.file].add(target)

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for following in graph[waiting.pop()] - seen:
                seen.add(following)
                waiting.append(following)
        return seen

    reach = {file: reached(file) for file in graph}
    return sorted(
        {frozenset(g for g in reach[f] if f in reach[g]) for f in graph if f in reach[f]}, key=sorted
    )


def test_no_file_imports_itself_round_about() -> None:
    assert [sorted(circle) for circle in circles()] == []


def test_no_import_runs_up() -> None:
    up = set()
    for found in IMPORTS:
        mine, theirs = floor_of(found.file), floor_of(found.module)
        if found.module.startswith("hornbook") and mine is not None and theirs is not None and theirs > mine:
            up.add((found.file, found.module))
    assert not up


@pytest.mark.parametrize(
    ("folder", "known"), [("common/", ("errors", "common")), ("render/", ("errors", "common", "render"))]
)
def test_what_serves_all_knows_no_kind_of_value(folder: str, known: tuple[str, ...]) -> None:
    ours = [
        found for found in IMPORTS if found.file.startswith(folder) and found.module.startswith("hornbook.")
    ]
    assert not [found for found in ours if found.module.split(".")[1] not in known]


def test_every_part_has_a_floor() -> None:
    parts = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in FILES}
    assert parts <= {*FLOORS, "__init__", "__main__"}


def test_torch_is_imported_where_it_may_be() -> None:
    wrong = [
        f"{found.file}:{found.line}: {found.module}"
        for found in IMPORTS
        if found.module.partition(".")[0] in HEAVY
        and not found.late
        and found.file.partition("/")[0].removesuffix(".py") not in TORCH_ROOMS
        and not (found.file.startswith("columns/") and found.file.rpartition("/")[2] in TORCH_FILES)
    ]
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
            assert len(names) <= 9 or place(path).startswith("cli/"), f"{where} has {len(names)} arguments"


def test_nobody_outside_asks_which_kind_a_column_is() -> None:
    """A question to a column is a method of its base class, which a kind from outside can answer too."""
    asks = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            said = ast.unparse(node) if isinstance(node, (ast.Call, ast.Compare)) else ""
            kind = re.match(r"isinstance\(.*\b\w+Column\b", said) or re.match(
                rf"\w+\.type (==|!=|in|not in) .*['\"]({'|'.join(KINDS)})['\"]", said
            )
            if kind and not place(path).startswith("columns/"):
                asks.add(place(path))
    assert not asks


def test_no_file_pickles() -> None:
    for found in IMPORTS:
        # The checkpoint's reader names the error of a damaged file.
        if found.module in ("pickle", "shelve", "marshal"):
            assert found.file == "training/checkpoint.py", found


@pytest.mark.parametrize(
    ("statement", "without"),
    [
        ("import hornbook", ["torch", "polars", "numpy", "pydantic", "onnxruntime"]),
        ("import hornbook.columns", ["torch", "polars", "pydantic", "onnxruntime", "PIL", "cv2"]),
        ("import hornbook.recognizer", ["torch", "polars", "pydantic"]),
        ("import hornbook.recipe.networks", ["torch", "onnxruntime"]),
        ("import hornbook.columns.evaluation", ["torch", "polars", "cv2"]),
        ("from hornbook.common.endings import is_picture", ["torch", "polars"]),
    ],
)
def test_what_is_imported_loads_only_what_it_needs(statement: str, without: list[str]) -> None:
    code = f"import sys; {statement}; print(*[m for m in {without!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
