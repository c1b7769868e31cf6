"""Data sets with a name."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from hornbook.common.fetch import NotFetchedError, Remote
from hornbook.errors import DataError, UsageError
from hornbook.sources import builtin, read_examples
from hornbook.sources.array import cifar
from hornbook.sources.builtin import REMOTES, read_builtin
from tests.sources.make import idx_labels, idx_set, pictures, tarred, tree


def test_digits() -> None:
    examples = read_examples("digits")
    assert len(examples) == 1797
    assert examples.origin == "digits"
    first = examples.value("image", 0)
    assert (first.shape, first.dtype, int(first.max())) == ((8, 8), np.uint8, 239)
    assert sorted(set(examples.table["label"])) == list("0123456789")


def test_digits_are_the_same_when_scikit_learn_keeps_them_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = read_examples("digits")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    other = read_examples("digits")
    assert other.fingerprint() == usual.fingerprint()


@pytest.mark.parametrize(("name", "rows", "columns", "classes"), [("iris", 150, 5, 3), ("wine", 178, 14, 3)])
def test_iris_and_wine(name: str, rows: int, columns: int, classes: int) -> None:
    examples = read_examples(name)
    assert examples.table.shape == (rows, columns)
    assert examples.table["label"].n_unique() == classes
    assert all(name.isidentifier() for name in examples.table.columns)


def test_an_unknown_name() -> None:
    with pytest.raises(UsageError, match="did you mean 'mnist'"):
        read_builtin("mnits")


def test_every_sum_is_pinned_and_every_address_https() -> None:
    files = [remote for remotes in REMOTES.values() for remote in remotes]
    assert all(len(bytes.fromhex(remote.sha256)) == 32 and remote.size > 0 for remote in files)
    assert all(url.startswith("https://") for remote in files for url in remote.urls)
    assert len({remote.sha256 for remote in files}) == len(files)


@pytest.mark.parametrize("below", [".", "raw", "MNIST/raw"])
@pytest.mark.parametrize("packed", [True, False])
def test_mnist_from_a_folder(tmp_path: Path, below: str, packed: bool) -> None:
    idx_set(tmp_path / below, packed)
    examples = read_examples("mnist", data=tmp_path)
    assert len(examples) == 8
    assert examples.origin == "mnist"


def test_fashion_mnist_has_names_for_its_classes(tmp_path: Path) -> None:
    examples = read_examples("fashion_mnist", data=idx_set(tmp_path))
    assert examples.table["label"][:3].to_list() == ["T-shirt/top", "Trouser", "Pullover"]
    bad = bytearray(idx_labels(5))
    bad[-1] = 11
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(bad))
    with pytest.raises(DataError, match="there is a label 11"):
        read_examples("fashion_mnist", data=tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    idx_set(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz is not there"):
        read_examples("mnist", data=tmp_path)


def test_a_name_with_other_data_reads_that(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["0/a.png", "1/b.png"]))
    for name in ("mnist", "cifar10", "digits"):
        assert read_examples(name, data=tmp_path).table["label"].to_list() == ["0", "1"]
    with pytest.raises(DataError, match="no such file or folder"):
        read_examples("mnist", data=tmp_path / "nothing")


def test_with_no_network_the_files_and_their_place_are_said(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(remote: Remote, folder: Path) -> Path:
        raise NotFetchedError(f"{remote.name} could not be fetched (no network)")

    monkeypatch.setattr(builtin, "fetch", refuse)
    with pytest.raises(DataError) as caught:
        read_examples("mnist")
    said = str(caught.value)
    assert str(cache / "mnist") in said
    assert "--data DIR" in said
    assert all(remote.urls[0] in said for remote in REMOTES["mnist"])


def test_what_was_fetched_is_read_from_the_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    idx_set(cache / "mnist")
    fetched = []
    monkeypatch.setattr(builtin, "fetch", lambda remote, folder: fetched.append(remote.name))
    assert len(read_examples("mnist")) == 8
    assert len(fetched) == 4


# CIFAR-10. A file of ten thousand records is 30 MB, so the tests make it ten.


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar, "ROWS", 20)
    monkeypatch.setattr(cifar, "TOGETHER", 10)


THIRD = "data_batch_3.bin"


def batches() -> dict[str, bytes]:
    generator = np.random.default_rng(0)
    out = {}
    for name in cifar.FILES:
        records = generator.integers(0, 256, (20, cifar.RECORD), dtype=np.uint8)
        records[:, 0] = np.arange(20) % 10
        out[name] = records.tobytes()
    return out


def archive(path: Path, files: dict[str, bytes]) -> Path:
    inside = {f"cifar-10-batches-bin/{name}": data for name, data in sorted(files.items(), reverse=True)}
    tarred(path / cifar.ARCHIVE, inside, "w:gz")  # in an order of its own
    return path


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("kind", ["archive", "archive's folder", "files", "folder of files"])
def test_cifar10_from_its_binary_version(tmp_path: Path, kind: str) -> None:
    files = batches()
    source = tmp_path
    if kind.startswith("archive"):
        archive(tmp_path, files)
        source = tmp_path / cifar.ARCHIVE if kind == "archive" else tmp_path
    else:
        tree(tmp_path / "cifar-10-batches-bin", files)
        source = tmp_path / "cifar-10-batches-bin" if kind == "files" else tmp_path
    for _ in range(2):
        examples = read_examples("cifar10", data=source)
        assert len(examples) == 120
        assert examples.table["split"].to_list() == ["train"] * 100 + ["test"] * 20
        assert examples.table["label"][:11].to_list() == [*cifar.CLASSES, "airplane"]
        record = np.frombuffer(files["data_batch_2.bin"], np.uint8).reshape(20, -1)[3]
        np.testing.assert_array_equal(
            examples.value("image", 23), record[1:].reshape(3, 32, 32).transpose(1, 2, 0)
        )
    assert len(read_examples(source)) == 120


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda files: files.pop("test_batch.bin"), r"test_batch\.bin is not there"),
        (lambda files: files.update({THIRD: files[THIRD][:-1]}), "data_batch_3.bin breaks off"),
        (lambda files: files.update({THIRD: files[THIRD] + b"x"}), "data_batch_3.bin goes on"),
        (lambda files: files.update({THIRD: b"\xff" * 20 * cifar.RECORD}), "has a label 255"),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_what_is_wrong_with_cifar10_is_said(tmp_path: Path, change: object, says: str, packed: bool) -> None:
    files = batches()
    change(files)  # type: ignore[operator]
    source = archive(tmp_path, files) if packed else tree(tmp_path, files)
    with pytest.raises(DataError, match=says):
        read_examples("cifar10", data=source)


@pytest.mark.usefixtures("few")
def test_a_cifar10_archive_that_breaks_off(tmp_path: Path, cache: Path) -> None:
    archive(tmp_path, batches())
    path = tmp_path / cifar.ARCHIVE
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(DataError, match="breaks off"):
        read_examples("cifar10", data=tmp_path)
    assert not [p for p in cache.rglob("*") if p.is_file()]
