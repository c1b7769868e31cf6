"""The cache folder: whole files or none."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from hornbook.common.cache_folder import cache_dir
from hornbook.errors import DataError
from hornbook.examples.cache import made_from


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").write_text("1")
    return tmp_path / "source"


def test_the_folder_is_that_of_the_variable_or_else_the_systems_and_it_is_made(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not cache.exists()
    assert cache_dir() == cache
    assert cache.is_dir()
    monkeypatch.delenv("HORNBOOK_CACHE")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *a, **k: str(tmp_path / "usual"))
    assert cache_dir() == tmp_path / "usual"


def test_a_file_in_its_place_and_a_folder_without_rights_are_said(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hornbook.examples.cache.os.access", lambda *a: False)
    with pytest.raises(DataError, match=r"not allowed.*HORNBOOK_CACHE"):
        cache_dir()
    monkeypatch.setenv("HORNBOOK_CACHE", str(source / "below"))
    with pytest.raises(DataError, match=r"cannot be written.*HORNBOOK_CACHE"):
        cache_dir()


def test_made_from_is_made_once_for_each_state(source: Path, cache: Path) -> None:
    calls = []

    def make(out: BinaryIO) -> None:
        calls.append(1)
        out.write(source.read_bytes())

    one = made_from(source, ".x", make)
    assert made_from(source, ".x", make) == one
    source.write_text("22")
    two = made_from(source, ".x", make)
    assert two.read_text() == "22"
    assert len(calls) == 2
    assert not one.exists()
    assert made_from(source, ".x", make, what="other") != two
    assert two.exists()


@pytest.mark.parametrize("damaged", [b"", b"ab", b"abX", b"abcd"])
def test_what_was_damaged_is_made_again(source: Path, cache: Path, damaged: bytes) -> None:
    def make(out: BinaryIO) -> None:
        out.write(b"abc")

    path = made_from(source, ".x", make)
    path.write_bytes(damaged)
    assert made_from(source, ".x", make).read_bytes() == b"abc"
    source.write_text("22")
    made_from(source, ".x", make)
    assert len(list(path.parent.iterdir())) == 2


def test_what_a_killed_process_left_is_cleared_up(source: Path, cache: Path) -> None:
    left = cache / "unpacked" / ".x.npy.1.ab.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    fresh = left.with_name(".y.npy.1.ab.part")
    fresh.write_bytes(b"half")
    os.utime(left, (1, 1))
    made_from(source, ".x", lambda out: None)
    assert not left.exists()
    assert fresh.exists()


def test_a_full_disk_is_said_and_leaves_nothing(source: Path, cache: Path) -> None:
    def full(out: BinaryIO) -> None:
        out.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DataError, match="disk of the cache folder is full"):
        made_from(source, ".x", full)
    assert not [p for p in cache.rglob("*") if p.is_file()]


def test_no_room_is_said_before_writing(source: Path) -> None:
    with pytest.raises(DataError, match=r"needs 1,000,000.0 GB and the cache folder"):
        made_from(source, ".x", lambda out: None, room=10**15)
