"""IDX files: every number in them is checked."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.sources import read_examples
from hornbook.sources.array.idx import is_idx_name, read_idx
from tests.sources.make import idx_labels, idx_pictures, idx_set, shared


def test_which_is_which_is_found_from_the_magic_number_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "a.idx").write_bytes(idx_pictures(2))
    (tmp_path / "a-labels.idx").write_bytes(idx_labels(2))
    assert len(read_examples(tmp_path)) == 2
    (tmp_path / "a.idx").write_bytes(idx_labels(2))
    (tmp_path / "a-labels.idx").write_bytes(idx_pictures(2))
    assert len(read_examples(tmp_path)) == 2
    assert len(read_examples(tmp_path / "a.idx")) == 2


def test_unpacking_is_done_once_and_again_when_the_file_changes(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "x-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx_pictures(2)))
    assert len(read_idx(path)) == 2
    (kept,) = (cache / "unpacked").glob("*.npy")
    before = kept.stat().st_mtime_ns
    read_idx(path)
    assert kept.stat().st_mtime_ns == before
    path.write_bytes(gzip.compress(idx_pictures(3)))
    assert len(read_idx(path)) == 3
    assert len(list((cache / "unpacked").glob("*.npy"))) == 1


def test_names() -> None:
    names = "train-images-idx3-ubyte.gz train-images.idx3-ubyte x.idx emnist-letters-test-labels-idx1-ubyte"
    assert all(map(is_idx_name, names.split()))
    assert not any(map(is_idx_name, ["idx_1.png", "labels.txt", "a-idx.csv", "midx", "ubyte.png"]))


LARGE = gzip.compress(idx_pictures(500))
BAD = {
    "another magic number": (idx_pictures(2, magic=2049 + 1024), "magic number 3073"),
    "no header": (b"\0\0", "only 2 bytes"),
    "half a header": (idx_pictures(2)[:9], "breaks off in its header"),
    "truncated": (idx_pictures(2)[:-1], "promises 2 pictures of 4 x 4.* breaks off"),
    "too long": (idx_pictures(2) + b"\0", "goes on after the last"),
    "promises more": (idx_pictures(2, promise=4_000_000_000), "promises 4,000,000,000"),
    "no pixels": (idx_pictures(2, side=0), "0 x 0 pixels"),
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, what: str, packed: bool, cache: Path) -> None:
    data, says = BAD[what]
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(gzip.compress(data) if packed else data)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_labels(2))
    with pytest.raises(DataError, match=says) as caught:
        read_examples(tmp_path)
    assert "train-images-idx3-ubyte" in str(caught.value)
    assert not list(cache.rglob("*.npy")) + list(cache.rglob("*.part"))


def test_counts_that_differ(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx_pictures(3))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_labels(4))
    with pytest.raises(DataError, match=r"has 3 pictures and .* has 4 labels"):
        read_examples(tmp_path)


@pytest.mark.parametrize(("gone", "what"), [("images-idx3", "pictures"), ("labels-idx1", "labels")])
def test_a_pair_with_one_missing(tmp_path: Path, gone: str, what: str) -> None:
    idx_set(tmp_path)
    (tmp_path / f"train-{gone}-ubyte.gz").unlink()
    with pytest.raises(DataError, match=f"its {what} are missing"):
        read_examples(tmp_path)


def test_two_sets_in_one_folder(tmp_path: Path) -> None:
    for name in ("letters", "digits"):
        (tmp_path / f"{name}-train-images-idx3-ubyte").write_bytes(idx_pictures(2))
        (tmp_path / f"{name}-train-labels-idx1-ubyte").write_bytes(idx_labels(2))
    with pytest.raises(DataError, match="several sets of pictures"):
        read_examples(tmp_path)
    assert len(read_examples(tmp_path / "letters-train-images-idx3-ubyte")) == 2


def test_a_file_that_was_also_unpacked_counts_once(tmp_path: Path) -> None:
    idx_set(tmp_path, packed=True)
    idx_set(tmp_path, packed=False)
    assert len(read_examples(tmp_path)) == 8


@given(header=st.binary(max_size=20), body=st.binary(max_size=40))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_in_one_sentence(tmp_path: Path, header: bytes, body: bytes) -> None:
    path = tmp_path / "any-images-idx3-ubyte"
    for data in (header + body, b"\0\0\x08" + header + body):
        path.write_bytes(data)
        try:
            array = read_idx(path)
            assert array[:].nbytes + 4 + 4 * array.ndim == len(data)
        except DataError as error:
            assert str(path) in str(error)
            assert "\n" not in str(error)


@pytest.mark.skipif(not (shared() / "mnist").exists(), reason="the real MNIST is not here")
def test_the_real_mnist() -> None:
    examples = read_examples("mnist", data=shared() / "mnist")
    assert examples.table["split"].value_counts().sort("split").rows() == [("train", 60000), ("test", 10000)]
    assert examples.table["label"][:5].to_list() == [5, 0, 4, 1, 9]
    assert abs(np.mean(examples.stores["image"].arrays["train-images"][:]) / 255 - 0.1307) < 1e-4  # type: ignore[attr-defined]


def test_folders_of_the_same_names_beside_the_files(tmp_path: Path) -> None:
    idx_set(tmp_path)
    files = sorted(path.name for path in tmp_path.iterdir())
    rows = read_examples(tmp_path).table.height
    for name in files:
        (tmp_path / (name.replace("-idx", ".idx") if "-idx" in name else name + "-idx1-ubyte")).mkdir()
    assert read_examples("mnist", data=tmp_path).table.height == rows
    assert read_examples(tmp_path / next(name for name in files if "images" in name)).table.height > 0


def test_damaged_gzip_is_one_sentence_by_any_name(tmp_path: Path) -> None:
    for data, said in (
        (LARGE[: len(LARGE) // 2], "gzip data breaks off"),
        (LARGE[:100] + bytes(64) + LARGE[164:], "gzip data is damaged"),
    ):
        (tmp_path / "x-images-idx3-ubyte.gz").write_bytes(data)
        with pytest.raises(DataError, match=said):
            read_idx(tmp_path / "x-images-idx3-ubyte.gz")
    whole = gzip.compress(b"\0\0\x08\x03" + bytes(200))
    for name in ("x-images-idx3-ubyte.gz", "reviews.csv.gz", "noend"):
        for at in range(10, len(whole) - 8):
            (tmp_path / name).write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            with pytest.raises(DataError):
                read_examples(tmp_path / name)
