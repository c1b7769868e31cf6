"""What is encoded once is read again, and nothing else is: the cache, and rows from memory and from files."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from hornbook.columns import CategoryColumn, ImageColumn
from hornbook.columns.base import Array
from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.examples import encode as encoded
from hornbook.examples import rows as rows_module
from hornbook.examples import stores as files
from hornbook.examples.cache import MAKING, MARK, made_from, prune
from hornbook.examples.encode import HeavyColumn, encode_heavy, encode_light
from hornbook.examples.prepare import prepare
from hornbook.examples.rows import Rows
from hornbook.examples.stores import FolderStore
from hornbook.sources import from_arrays, read_examples
from tests.sources.make import picture, pictures, tree

Patch = pytest.MonkeyPatch

COLUMN = ImageColumn(size=(6, 6), channels=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tree(tmp_path / "pictures", pictures(f"{c}/{i}.png" for c in "ab" for i in range(4)))


@pytest.fixture
def reads(monkeypatch: Patch) -> list[str]:
    """Return a list of the files that are opened while encoding."""
    opened: list[str] = []
    read = encoded._read

    def noted(path: str, most: int) -> bytes | str:
        opened.append(path)
        return read(path, most)

    monkeypatch.setattr(encoded, "_read", noted)
    return opened


def encode(folder: Path, column: ImageColumn = COLUMN) -> HeavyColumn:
    return encode_heavy(read_examples(folder), column, "image")


def pixels(found: HeavyColumn) -> Array:
    return found.rows.take(np.arange(len(found.rows)))


def made(cache: Path) -> list[Path]:
    return sorted((cache / "encoded").iterdir())


def test_encodes_each_picture_and_its_facts_once_wherever_it_lies(
    folder: Path, reads: list[str], tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(encoded, "CHUNK", 3)
    examples = read_examples(folder)
    told: list[tuple[int, int]] = []
    found = encode_heavy(examples, COLUMN, "image", lambda _, done, total: told.append((done, total)))
    assert told == [(3, 8), (6, 8), (8, 8)]
    assert np.array_equal(pixels(found), COLUMN.encode_many(list(examples.values("image"))))
    assert found.facts["width"].tolist() == [6] * 8
    assert set(found.facts["mode"]) == {b"L"}
    assert len(set(found.facts["content"].tolist())) == 8
    assert not found.facts["bad"].any()
    assert found.problems == ()
    again = encode(folder)
    assert len(reads) == 8
    assert again.fingerprint == found.fingerprint
    assert np.array_equal(pixels(again), pixels(found))
    assert np.array_equal(again.facts, found.facts)
    shutil.copytree(folder, tmp_path / "copy")
    assert encode(tmp_path / "copy").fingerprint == found.fingerprint


@pytest.mark.parametrize("what", ["content", "time", "added", "removed", "options"])
def test_what_has_changed_is_read_again(folder: Path, reads: list[str], what: str) -> None:
    first = encode(folder)
    column, path = COLUMN, folder / "a" / "2.png"
    if what == "content":
        path.write_bytes(picture(77, side=8))
    elif what == "time":
        os.utime(path, ns=(1, 1))
    elif what == "added":
        (folder / "b" / "new.png").write_bytes(picture(3))
    elif what == "removed":
        path.unlink()
    else:
        column = ImageColumn(size=(5, 6), channels=1)
    again = encode(folder, column)
    assert len(reads) > 8
    assert (again.fingerprint == first.fingerprint) == (what in ("time", "options"))
    assert len(again.rows) == {"added": 9, "removed": 7}.get(what, 8)


def _npy(shape: tuple[int, ...], kind: type[np.generic] = np.uint8) -> bytes:
    out = io.BytesIO()
    np.save(out, np.zeros(shape, kind))
    return out.getvalue()


DAMAGE: list[Callable[[bytes], bytes]] = [
    lambda old: old[: len(old) // 2],
    lambda old: old[:-1],
    lambda old: b"PK\3\4" + old,
]
JUNK = [b"", b"\x93NUMPY\1\0" + b"x" * 300, b"[]", b'{"problems": [1], "fingerprint": 3}', b"[" * 100_000]
JUNK += [_npy((8, 6, 6, 1), np.uint16), _npy((8, 6, 6)), _npy((8,)), _npy((7, 6, 6, 1))]


@pytest.mark.parametrize("name", ["rows.npy", "facts.npy", "problems.json"])
def test_a_damaged_cache_is_made_again(folder: Path, cache: Path, name: str) -> None:
    whole = encode(folder)
    (place,) = made(cache)
    good = (place / name).read_bytes()
    for bad in [*(damage(good) for damage in DAMAGE), *JUNK, None]:
        (place / name).unlink() if bad is None else (place / name).write_bytes(bad)
        again = encode(folder)
        assert np.array_equal(pixels(again), pixels(whole))
        assert np.array_equal(again.facts, whole.facts)
        assert made(cache) == [place]


def test_unreadable_pictures_are_zeros_and_named_again_the_second_time(folder: Path) -> None:
    (folder / "a" / "1.png").write_bytes(b"no picture")
    (folder / "b" / "0.png").write_bytes(picture()[:40])
    for _ in range(2):
        found = encode(folder)
        assert found.facts["bad"].tolist() == [False, True, False, False, True, False, False, False]
        assert not pixels(found)[[1, 4]].any()
        assert [p.name for p in found.problems] == ["a/1.png", "b/0.png"]
        assert all(p.name in str(p) for p in found.problems)
    table = pl.DataFrame({"image": ["a/2.png", None, "a/3.png"]})
    found = encode_heavy(Examples(table, {"image": FolderStore(folder)}), COLUMN, "image")
    assert found.facts["bad"].tolist() == [False, True, False]
    assert [str(p) for p in found.problems] == ["row 2 names no file; it is left out"]


def test_arrays_are_encoded_as_their_rows(monkeypatch: Patch) -> None:
    monkeypatch.setattr(encoded, "CHUNK", 4)
    images = np.random.default_rng(0).integers(0, 256, (11, 6, 6), dtype=np.uint8)
    found = encode_heavy(from_arrays(image=images), COLUMN, "image")
    assert np.array_equal(pixels(found)[..., 0], images)
    assert found.facts["height"].tolist() == [6] * 11
    changed = images.copy()
    changed[10, 5, 5] ^= 1
    again = encode_heavy(from_arrays(image=changed), COLUMN, "image")
    assert np.array_equal(pixels(again)[..., 0], changed)
    assert again.fingerprint != found.fingerprint


def test_a_cache_that_cannot_be_written_is_one_sentence(
    folder: Path, cache: Path, monkeypatch: Patch
) -> None:
    # Not by permissions, which the administrator does not have to keep.
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(DataError, match=r"disk of the cache folder is full.*HORNBOOK_CACHE") as error:
        encode(folder)
    assert "\n" not in str(error.value)
    monkeypatch.undo()
    monkeypatch.setenv("HORNBOOK_CACHE", str(cache))
    cache.mkdir(exist_ok=True)
    shutil.rmtree(cache / "encoded", ignore_errors=True)
    (cache / "encoded").write_text("mine")
    with pytest.raises(DataError, match="HORNBOOK_CACHE"):
        encode(folder)
    assert (cache / "encoded").read_text() == "mine"


def test_an_encoding_that_breaks_off_leaves_nothing(folder: Path, cache: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode_heavy(read_examples(folder), COLUMN, "image", stop)
    assert made(cache) == []
    assert len(encode(folder).rows) == 8


@pytest.mark.parametrize("late", [False, True])
def test_what_another_process_published_meanwhile_is_used(
    folder: Path, cache: Path, monkeypatch: Patch, late: bool
) -> None:
    encode(folder)
    (published,) = made(cache)
    away = published.with_name("away")
    published.rename(away)
    replace = Path.replace

    def publish(*_: object) -> None:
        if away.exists():
            away.rename(published)
            (published / "mark").write_text("the other's")

    def too_late(path: Path, target: Path) -> Path:
        publish()
        return replace(path, target)

    if late:  # between the look whether it is there, and the renaming
        monkeypatch.setattr(Path, "replace", too_late)
    found = encode_heavy(read_examples(folder), COLUMN, "image", *([] if late else [publish]))
    assert len(found.rows) == 8
    assert made(cache) == [published]
    assert (published / "mark").exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_killed_encoding_leaves_no_half_cache(folder: Path, cache: Path) -> None:
    code = """
import os, signal, sys
from hornbook.columns import ImageColumn
from hornbook.examples import encode as encoded
from hornbook.sources import read_examples
encoded.CHUNK = 3
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
encoded.encode_heavy(read_examples(sys.argv[1]), ImageColumn(size=(6, 6), channels=1), "image", kill)
"""
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    (half,) = made(cache)
    assert half.name.startswith(MAKING)
    assert len(encode(folder).rows) == 8
    os.utime(half, (time.time() - 90_000,) * 2)
    prune()
    assert half not in made(cache)
    assert len(made(cache)) == 1


def test_the_cache_forgets_what_was_used_longest_ago(folder: Path, cache: Path) -> None:
    for width in (3, 4, 5):
        encode(folder, ImageColumn(size=(width, 6), channels=1))
    folders = made(cache)
    for age, place in enumerate(folders):
        os.utime(place, (1000 - age, 1000 - age))
    size = sum(f.stat().st_size for f in folders[0].iterdir())
    prune(keep=2 * size + size // 2)
    assert made(cache) == sorted(folders[:2])
    prune(keep=1)
    assert made(cache) == folders[:1]


def test_the_cache_forgets_what_was_unpacked_longest_ago(folder: Path, cache: Path, tmp_path: Path) -> None:
    encode(folder)

    def make(out: BinaryIO) -> None:
        out.truncate(1 << 20)

    unpacked = []
    for age in (3, 2, 0):  # days
        source = tmp_path / f"source{age}"
        source.write_text("1")
        unpacked.append(made_from(source, ".npy", make))
        mark = unpacked[-1].with_name(unpacked[-1].name + MARK)
        os.utime(mark, (time.time() - age * 86_400,) * 2)
    prune(keep=5 << 19)
    assert [path.exists() for path in unpacked] == [False, True, True]
    prune(keep=1)
    assert [path.exists() for path in unpacked] == [False, False, True]
    assert len(list(unpacked[-1].parent.iterdir())) == 2
    assert len(made(cache)) == 1


# Rows.

SOURCES = hnp.arrays(
    st.sampled_from([np.uint8, np.uint16, np.float32, np.int64, np.bool_]),
    hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(array=SOURCES, data=st.data())
def test_rows_are_taken_as_numpy_takes_them(
    array: Array, data: st.DataObject, tmp_path: Path, monkeypatch: Patch
) -> None:
    path = tmp_path / "rows.npy"
    np.save(path, array)
    count = len(array)
    numbers = st.integers(-count - 1, count)
    rows = data.draw(
        st.lists(numbers, max_size=12).map(lambda n: np.array(n, np.int64))
        | hnp.arrays(np.bool_, count)
        | st.just(np.arange(count))
    )
    monkeypatch.setattr(rows_module, "IN_MEMORY", -1)
    stored = Rows(path)
    monkeypatch.undo()
    assert stored._array is None
    for source in (stored, Rows(path), Rows(array)):
        assert (len(source), source.shape, source.dtype) == (count, array.shape, array.dtype)
        try:
            wanted = array[rows]
        except IndexError:
            with pytest.raises(IndexError):
                source.take(rows)
            continue
        found = source.take(rows)
        assert np.array_equal(found, wanted, equal_nan=array.dtype.kind == "f")
        assert found.dtype == wanted.dtype
        assert found.flags.writeable
        assert not np.shares_memory(found, array)
        if len(rows) and rows.dtype != bool:
            chunks = list(source.chunks(rows, 3))
            assert np.array_equal(np.concatenate(chunks), wanted, equal_nan=array.dtype.kind == "f")


def test_a_file_that_became_shorter_is_said(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(rows_module, "IN_MEMORY", 0)
    path = tmp_path / "rows.npy"
    np.save(path, np.zeros((100, 8)))
    rows = Rows(path)
    os.truncate(path, 1000)
    with pytest.raises(DataError, match=r"rows\.npy is shorter than it was"):
        rows.take(np.array([99]))


def test_light_columns_are_encoded_by_row() -> None:
    examples = from_arrays(label=["b", "a", "c"], other=[1, 2, 3])
    column = CategoryColumn(classes=("a", "b", "c"), source="label")
    assert encode_light(examples, column, "x", [2, 0]).tolist() == [2, 1]
    with pytest.raises(DataError, match="no column 'y'"):
        encode_light(examples, CategoryColumn(classes=("a",)), "y", [0])


@pytest.mark.parametrize("count", [0, 1, 4, 9])
@pytest.mark.parametrize("slow", [False, True])
def test_files_are_looked_at_in_order_by_one_thread_or_several(
    count: int, slow: bool, tmp_path: Path, monkeypatch: Patch
) -> None:
    parts = []
    for i in range(count):
        (tmp_path / str(i)).write_bytes(b"x" * i)
        parts.append([str(tmp_path / str(i)), str(tmp_path / "gone")])
    times = iter([0.0, 1.0, 2.0 if slow else 9.0])  # one part alone, then several by threads
    monkeypatch.setattr(time, "perf_counter", lambda: next(times))
    found = files._each_part(parts)
    assert [list(sizes) for sizes, _ in found] == [[i, -1] for i in range(count)]


def even(path: Path, level: int) -> None:
    """Write a picture of one shade: files of one size and one time, as archives with fixed times unpack them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"P5 4 4 255\n" + bytes([level]) * 16)
    os.utime(path, (1e9, 1e9))


def test_folders_of_the_same_relative_name_are_told_apart(tmp_path: Path, monkeypatch: Patch) -> None:
    seen = []
    for folder, level in (("a", 10), ("b", 200)):
        for kind in ("cat", "dog"):
            even(tmp_path / folder / "pics" / kind / "1.pgm", level)
        monkeypatch.chdir(tmp_path / folder)
        column = {"image": ImageColumn(size=(4, 4), channels=1)}
        found = prepare(read_examples("pics"), column, {"label": CategoryColumn()})
        seen.append(int(found.arrays["image"].take(np.array([0])).max()))
    assert seen == [10, 200]


@pytest.mark.skipif(os.name == "nt", reason="Windows does not say when a file was put in its place")
def test_files_that_change_places_are_read_anew(tmp_path: Path) -> None:
    for name, level in (("1.pgm", 10), ("2.pgm", 200)):
        even(tmp_path / name, level)
    store = FolderStore(tmp_path)
    before = store.fingerprint(["1.pgm", "2.pgm"])
    assert store.fingerprint(["1.pgm", "2.pgm"]) == before
    time.sleep(0.02)  # a file system's clock ticks some hundred times a second
    for old, new in (("1.pgm", "x"), ("2.pgm", "1.pgm"), ("x", "2.pgm")):
        (tmp_path / old).rename(tmp_path / new)
    assert store.fingerprint(["1.pgm", "2.pgm"]) != before


def test_open_pictures_are_known_by_what_they_show() -> None:
    from hornbook.examples.facts import FACTS, encode_value

    column = ImageColumn(size=(4, 4), channels=1)
    facts, block = np.zeros(4, FACTS), np.zeros((4, 4, 4, 1), np.uint8)
    for at, level in enumerate((1, 1, 2, 1)):
        shown = Image.new("L", (4, 4), level)
        encode_value(column, shown if at < 3 else shown.convert("RGB"), "", facts, at, block)
    contents = [bytes(c) for c in facts["content"]]
    assert contents[0] == contents[1] and len(set(contents)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX systems")
def test_what_is_kept_is_as_open_as_the_folder_it_is_kept_in(folder: Path, session_cache: Path) -> None:
    root = session_cache / "encoded"
    root.mkdir(exist_ok=True)
    before = root.stat().st_mode
    root.chmod(0o755)
    try:
        kept = encode(folder, ImageColumn(size=(7, 5), channels=1)).folder
        assert kept is not None
        assert kept.stat().st_mode & 0o777 == 0o755
    finally:
        root.chmod(before)


def test_memory_that_is_short_once_leaves_nothing_out_for_ever(folder: Path, monkeypatch: Patch) -> None:
    column = ImageColumn(size=(9, 7), channels=1)

    def short(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(encoded, "encode_value", short)
        with pytest.raises(DataError, match=r"\.png: there is not enough memory for it"):
            encode(folder, column)
    assert not encode(folder, column).facts["bad"].any()


def test_what_another_person_has_kept_is_used(folder: Path, monkeypatch: Patch) -> None:
    column = ImageColumn(size=(5, 7), channels=1)
    first = encode(folder, column).folder

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "touch", refused)
    monkeypatch.setattr(tempfile, "mkdtemp", refused)
    assert encode(folder, column).folder == first
