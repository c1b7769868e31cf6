"""Made examples in a folder: the same for any number of processes, nothing lost, nothing overwritten."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hornbook.errors import UsageError
from hornbook.make import folder as module
from hornbook.make.captcha import Captchas
from hornbook.make.folder import MAKING, file_names, make_folder
from hornbook.make.workers import Worker
from hornbook.sources import read_examples

SMALL = Captchas(seed=7, length=1, size=(40, 30))


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few examples be enough for several processes."""
    monkeypatch.setattr(module, "FEW", 1)
    monkeypatch.setattr(module, "SHARE", 4)


def test_one_process_and_two_make_the_same_and_none_stays(tmp_path: Path, tasks: None) -> None:
    one = make_folder(SMALL, tmp_path / "one", 30, jobs=1)
    make_folder(SMALL, tmp_path / "two", 30, jobs=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert len(content(tmp_path / "one")) == 31 and one.found == 0
    assert not (tmp_path / "one" / MAKING).exists()


def test_every_label_is_read_back(tmp_path: Path) -> None:
    odd = Captchas(alphabet='a",#;/', length=(1, 3), size=(60, 30))
    done = make_folder(odd, tmp_path / "odd", 40)
    examples = read_examples(tmp_path / "odd")
    maker = odd.maker()
    by_name = dict(zip(examples.table["image"], examples.table["label"], strict=True))
    names = list(file_names([maker.text(i) for i in range(40)], "png"))
    assert [by_name[name] for name in names] == [maker.text(i) for i in range(40)]
    assert done.unnamed == sum(not maker.text(i).isalnum() for i in range(40)) > 0


def test_names_differ_also_where_case_does_not_count() -> None:
    texts = ["aB", "Ab", "ab", "ab", "con", "COM1", "x" * 64 * 2]
    names = list(file_names(texts, "png"))
    assert names == ["aB.png", "Ab_2.png", "ab_3.png", "ab_4.png", "_4.png", "_5.png", "_6.png"]
    assert len({name.casefold() for name in names}) == len(names)


def test_what_was_left_half_made_is_gone_on_with(tmp_path: Path, tasks: None) -> None:
    make_folder(SMALL, tmp_path / "whole", 30)
    half = tmp_path / "half"
    make_folder(SMALL, half, 30)
    line = (half / "labels.txt").read_text("utf-8").partition("\n")[0]
    (half / "labels.txt").unlink()
    assert b"\r" not in (tmp_path / "whole" / "labels.txt").read_bytes()
    (half / MAKING).write_bytes(f"{line}\r\n".encode())  # as it was once written on Windows
    (half / ".3.png.part").write_bytes(b"half")
    gone = sorted(half.glob("*.png"))[::3]
    for path in gone:
        path.unlink()
    done = make_folder(SMALL, half, 30)
    assert done.found == 30 - len(gone)
    assert content(half) == content(tmp_path / "whole")
    assert make_folder(SMALL, half, 40).found == 30  # more of the same


def test_other_files_are_left_alone_unless_told(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(UsageError, match=r"has other files \(thesis.doc\).*--force"):
        make_folder(SMALL, tmp_path, 3)
    make_folder(SMALL, tmp_path, 3, force=True)
    assert (tmp_path / "thesis.doc").read_text() == "mine"
    with pytest.raises(UsageError, match="made with other options"):
        make_folder(Captchas(seed=8, length=1, size=(40, 30)), tmp_path, 3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"count": 0}, "at least one"), ({"suffix": "bmp"}, "no format"), ({"jobs": 0}, "at least one process")],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, wrong: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make_folder(SMALL, tmp_path / "new", **{"count": 3, **wrong})  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_the_one_who_started_them(tmp_path: Path, number: int) -> None:
    target = tmp_path / "many"
    # Where the tests run in the background of a shell, Ctrl-C is ignored, and what they start inherits that.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "sys.argv[0] = 'hornbook'; from hornbook.cli.main import run; run()"
    )
    command = [sys.executable, "-c", program, "make", "captcha", str(target)]
    command += ["--count", "50000", "--jobs", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for _ in range(600):
        if target.is_dir() and any(target.glob("*.png")):
            break
        time.sleep(0.1)
    workers = children(process.pid)
    assert workers
    process.send_signal(number)
    process.wait(60)
    for _ in range(600):
        if not any(Path(f"/proc/{pid}").exists() for pid in workers):
            break
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
    assert all(path.stat().st_size for path in target.glob("*.png"))


def children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    found.append(int(entry.name))
            except (OSError, IndexError):
                continue
    return [pid for pid in found if pid != os.getpid()]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups and sessions are POSIX")
def test_a_worker_is_of_our_session_but_not_of_our_group() -> None:
    # Of another session it would have half a core even where it is to take only what is left over (autogroup).
    worker = Worker(idle=True)
    try:
        assert worker.ask(math.gcd, 12, 18)[0] == 6
        assert os.getsid(worker.process.pid) == os.getsid(0)
        assert os.getpgid(worker.process.pid) != os.getpgid(0)
    finally:
        worker.close()


def test_what_was_forced_and_stopped_is_made_anew(
    tmp_path: Path, tasks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_folder(SMALL, tmp_path / "r", 20, jobs=1)
    (tmp_path / "r" / "thesis.doc").write_text("mine")
    larger = Captchas(seed=7, length=1, size=(50, 40))

    def stopped(_: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_folder(larger, tmp_path / "r", 20, jobs=1, force=True, progress=stopped)
    done = make_folder(larger, tmp_path / "r", 20, jobs=1)
    assert 0 < done.found < 20
    (tmp_path / "r" / "thesis.doc").rename(tmp_path / "thesis.doc")
    make_folder(larger, tmp_path / "fresh", 20, jobs=1)
    assert content(tmp_path / "r") == content(tmp_path / "fresh")
    with pytest.raises(UsageError, match="holds 20 of the same, more than 5"):
        make_folder(larger, tmp_path / "r", 5)
