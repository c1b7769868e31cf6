"""Every example in the help of a command is run."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from hornbook.cli.main import COMMANDS, command, main
from tests.conftest import TINY

EXAMPLES = [
    line.strip()
    for name in COMMANDS
    for line in (command(name).__doc__ or "").partition("--------\n")[2].splitlines()
    if line.strip()
]


def test_every_command_has_examples() -> None:
    assert {line.split()[1] for line in EXAMPLES} == set(COMMANDS)
    assert all(line.startswith("hornbook ") for line in EXAMPLES)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of the recipe `digits`, as short as can be."""
    import hornbook
    from hornbook.training.progress import Silent

    folder = tmp_path_factory.mktemp("digits") / "digits"
    hornbook.train("digits", run=folder, changes=TINY, progress=Silent())
    return folder


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_example_runs(line: str, world: Path, digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, name, *words = shlex.split(line)
    if name == "train":
        shutil.rmtree(world / "runs")
        words += [word for change in TINY for word in ("--set", change)]
    else:
        shutil.copytree(digits, world / "runs" / "digits")
    assert main([name, *words]) == 0, capsys.readouterr().err
