from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pytest

from hornbook.cli import main as cli
from hornbook.cli.arguments import Says, call, parser_of
from hornbook.cli.main import main
from hornbook.errors import DataError, RunError, UsageError
from tests.conftest import Ran


def run(
    arguments: list[str], output: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "hornbook", *arguments],
        stdout=output,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


def test_the_overview_names_every_command(ran: Ran) -> None:
    said = ran(["--help"]).out
    for name in cli.COMMANDS:
        assert f"  {name} " in said
    assert ran([], 2).out.startswith("usage: hornbook COMMAND")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_a_help_that_fits_a_narrow_terminal(
    name: str, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    said = ran([name, "--help"]).out
    assert "examples:\n  hornbook " in said
    prose = said.partition("examples:")[0]
    assert max(map(len, prose.splitlines())) < 60


@pytest.mark.parametrize(
    "words", ["predict", "predict run", "train --epochs 3 x", "export run --to keras", "look", "tran"]
)
def test_a_wrong_command_line_is_one_line_and_status_2(words: str, ran: Ran) -> None:
    out, err = ran(words.split(), 2)
    said = f"see hornbook {words.split(maxsplit=1)[0]} --help"
    if words == "tran":
        said = "error: there is no command 'tran' (did you mean 'train'?)"
    assert out == "" and err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (DataError("a.png is empty"), 1, "error: a.png is empty\n"),
        (UsageError("not both"), 2, "error: not both\n"),
        (type("Interrupted", (RunError,), {})("stopped"), 130, "stopped\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
        (OSError(28, "No space left on device", "x"), 1, "error: x: no space left on device\n"),
        (DataError("a\x1b[31mb\u202ec"), 1, "error: a\\x1b[31mb\\u202ec\n"),
    ],
)
def test_what_goes_wrong_is_one_harmless_line(
    raised: BaseException,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_arguments: list[str]) -> int:
        raise raised

    monkeypatch.setattr(cli, "_run", fail)
    assert main(["look"]) == status
    assert capsys.readouterr().err == said


def test_options_may_stand_between_arguments() -> None:
    seen: list[object] = []

    def shout(
        first: Annotated[str, Says("one")],
        rest: Annotated[Sequence[str], Says("more")],
        *,
        times: Annotated[int | None, Says("how often")] = None,
        words: Annotated[Sequence[str], Says("words", flag="--word")] = (),
        loud: Annotated[bool, Says("loud")] = False,
    ) -> int:
        """Shout."""
        seen.extend([first, rest, times, words, loud])
        return 3

    assert call(shout, "shout", ["a", "b", "--times", "2", "c", "--word", "x", "--word", "y", "--loud"]) == 3
    assert seen == ["a", ["b", "c"], 2, ["x", "y"], True]
    with pytest.raises(UsageError, match="invalid whole number value: 'two'"):
        parser_of(shout, "shout").parse_args(["a", "b", "--times", "two"])


def test_a_reader_that_has_seen_enough_is_no_error(finished: Path, pictures: Path) -> None:
    if os.name == "nt":
        pytest.skip("a pipe of POSIX systems")
    receiving, sending = os.pipe()
    os.close(receiving)
    try:
        found = run(["predict", str(finished), str(pictures / "bar")], output=sending)
    finally:
        os.close(sending)
    assert found.returncode == 141
    assert found.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_one_line(finished: Path, pictures: Path) -> None:
    with Path("/dev/full").open("w") as full:
        found = run(["predict", str(finished), str(pictures / "bar" / "00.png")], output=full.fileno())
    assert found.returncode == 1
    assert found.stderr == "error: no space left on device\n"


def test_an_encoding_without_the_letters_is_no_error(finished: Path, pictures: Path, here: Path) -> None:
    picture = here / "七.png"
    picture.write_bytes((pictures / "bar" / "00.png").read_bytes())
    found = run(["predict", str(finished), "七.png"], PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert found.returncode == 0
    assert found.stdout.startswith("\\u4e03.png  ")


def test_the_end_is_at_once_and_nothing_is_left_undone(here: Path) -> None:
    program = """
import atexit, sys, weakref
class Thing: pass
thing = Thing()
weakref.finalize(thing, print, "finalized")
atexit.register(print, "left")
sys.argv = ["hornbook", *sys.argv[1:]]
from hornbook.cli.main import run
run()
"""
    for arguments, status in ((["--version"], 0), (["nothing"], 2)):
        ended = subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, encoding="utf-8", check=False
        )
        assert ended.returncode == status
        assert "finalized\n" in ended.stdout
        assert "left\n" in ended.stdout
        assert ("hornbook 0" in ended.stdout) == (status == 0)


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX systems")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_is_closed_is_no_error(closed: str, here: Path) -> None:
    command = f'"{sys.executable}" -m hornbook recipe {closed}'
    ended = subprocess.run(command, shell=True, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 0
    assert ended.stderr == ""
    assert ended.stdout[:12] == ("recipes that" if closed == "2>&-" else "")
    wrong = f'"{sys.executable}" -m hornbook recipe nothing {closed}'
    ended = subprocess.run(wrong, shell=True, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
