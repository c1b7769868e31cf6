from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from hornbook.common import files
from hornbook.common.files import clear_up, write_file, writing
from hornbook.errors import RunError


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.bin"
    with writing(path) as file:
        file.write(b"abc")
        assert not path.exists()
    assert path.read_bytes() == b"abc"
    with pytest.raises(KeyError), writing(path) as file:
        file.write(b"half")
        raise KeyError
    assert path.read_bytes() == b"abc"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("flush", [True, False])
def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(tmp_path: Path, flush: bool) -> None:
    path = write_file(tmp_path / "x.json", b"old")
    with (
        pytest.raises(RunError, match=r"x\.json cannot be written \(no space left on device\): buy a disk$"),
        writing(path, flush=flush, do="buy a disk") as file,
    ):
        file.write(b"new")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_could_not_be_read_is_not_taken_for_what_is_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="other"), writing(tmp_path / "x"):
        raise OSError(errno.EIO, "other", str(tmp_path / "source"))


def test_a_folder_in_its_place_is_one_sentence_and_the_longest_name_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path, tmp_path / "file" / "x"):
        with pytest.raises(RunError, match="cannot be written"):
            write_file(path, b"x")
    assert write_file(tmp_path / ("\U0001f600" * 63), b"x").read_bytes() == b"x"


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    there, link = write_file(tmp_path / "folder" / "there", b"old"), tmp_path / "link"
    link.symlink_to(there)
    write_file(link, b"new")
    assert link.is_symlink() and there.read_bytes() == b"new"
    write_file(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()
    assert there.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_file_that_something_reads_is_replaced_when_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, replace, refused = tmp_path / "history.csv", Path.replace, 0

    def busy(self: Path, target: Path) -> Path:
        nonlocal refused
        if refused:
            refused -= 1
            raise PermissionError(13, "Access is denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    monkeypatch.setattr(files, "PAUSES", (0.0,) * 3)
    monkeypatch.setattr(files, "held_open", lambda error: isinstance(error, PermissionError))
    refused = 3
    write_file(path, b"1")
    assert path.read_bytes() == b"1"
    refused = 4
    with pytest.raises(RunError, match="access is denied"):
        write_file(path, b"2")
    refused = 4
    with writing(path, same=True) as file:
        file.write(b"1")
    assert [p.name for p in tmp_path.iterdir()] == ["history.csv"]
    assert path.read_bytes() == b"1"


def test_only_what_is_old_is_cleared_up(tmp_path: Path) -> None:
    old, fresh, other = (write_file(tmp_path / n, b"") for n in (".x.1.ab.part", ".y.1.ab.part", "z.part"))
    os.utime(old, (1, 1))
    os.utime(other, (1, 1))
    clear_up(tmp_path)
    assert sorted(tmp_path.iterdir()) == [fresh, other]
    clear_up(tmp_path, 0.0)
    assert list(tmp_path.iterdir()) == [other]
