"""NumPy archives."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.sources import read_examples

X = np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4)
Y = np.array([7, 1, 7], np.uint8)


@pytest.mark.parametrize(
    "names", ["image label", "images labels", "arr_0 arr_1", "faces emotion", "X y", "data target"]
)
def test_pictures_and_labels_under_any_names(tmp_path: Path, names: str) -> None:
    arrays: dict[str, Any] = dict(zip(names.split(), (X, Y), strict=True))
    np.savez(tmp_path / "x.npz", **arrays)
    assert read_examples(tmp_path / "x.npz").table.columns == ["image", "label"]


def test_other_arrays_are_columns_of_their_own(tmp_path: Path) -> None:
    texts = np.array(["a", "b", "a"])
    np.savez(tmp_path / "x.npz", train_images=X, train_labels=Y, val_images=X, val_labels=Y)
    assert read_examples(tmp_path / "x.npz").table["split"].to_list() == ["train"] * 3 + ["validation"] * 3
    np.savez(tmp_path / "y.npz", image=X, digit=Y, writer=texts)
    examples = read_examples(tmp_path / "y.npz")
    assert examples.table.columns == ["image", "digit", "writer"]
    assert read_examples(tmp_path / "y.npz", label="digit").table.columns == ["image", "label", "writer"]


def test_compressed_ones_are_unpacked_once(tmp_path: Path, cache: Path) -> None:
    np.savez_compressed(tmp_path / "x.npz", image=X, label=Y)
    first = read_examples(tmp_path / "x.npz").fingerprint()
    kept = {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")}
    assert len(kept) == 2
    assert read_examples(tmp_path / "x.npz").fingerprint() == first
    assert kept == {path: path.stat().st_mtime_ns for path in cache.rglob("*.npy")}


def save_lies(path: Path) -> None:
    out = io.BytesIO()
    np.save(out, X)
    _zip(path, {"image.npy": out.getvalue().replace(b"(3, 4, 4)", b"(9, 4, 4)")})


BAD = {
    "objects": (lambda p: np.savez(p, image=np.array([{}, {}]), label=Y[:2]), "holds Python objects"),
    "records": (lambda p: np.savez(p, image=np.zeros(3, [("a", "u1")])), "holds Python objects"),
    "lengths": (lambda p: np.savez(p, image=X, label=Y[:2]), "image has 3, label has 2"),
    "number": (lambda p: np.savez(p, image=X, label=3), "'label' is a single number"),
    "complex": (lambda p: np.savez(p, image=X, label=Y * 1j), "'label' is of type complex"),
    "fortran": (lambda p: np.savez(p, image=np.asfortranarray(X), label=Y), "Fortran order"),
    "header": (save_lies, "size that its header promises"),
    "none": (lambda p: zipfile.ZipFile(p, "w").close(), "there is no array"),
    "not an array": (lambda p: _zip(p, {"image.npy": b"hello"}), "'image' is no NumPy array"),
    "pickle": (lambda p: _zip(p, {"image.npy": b"\x80\x04."}), "'image' is no NumPy array"),
    "not a zip": (lambda p: p.write_bytes(b"PK\3\4 and nothing"), "archive is damaged"),
}


def _zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_said(tmp_path: Path, what: str) -> None:
    make, says = BAD[what]
    path = tmp_path / "x.npz"
    make(path)  # type: ignore[no-untyped-call]
    with pytest.raises(DataError, match=says) as caught:
        read_examples(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@given(place=st.integers(0, 2000), data=st.binary(min_size=1, max_size=12))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_refused_or_read(tmp_path: Path, save: object, place: int, data: bytes) -> None:
    path = tmp_path / "x.npz"
    save(path, image=X, label=Y)  # type: ignore[operator]
    broken = bytearray(path.read_bytes())
    place %= len(broken)
    broken[place : place + len(data)] = data
    path.write_bytes(broken)
    try:
        list(read_examples(path).values("image"))
    except DataError as error:
        assert "x.npz" in str(error)


def test_an_array_without_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    with pytest.raises(DataError, match="one array without labels"):
        read_examples(tmp_path / "x.npy")


def test_a_name_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    memory = io.BytesIO()
    np.savez(memory, ima=np.zeros((2, 2)))
    data = bytearray(memory.getvalue())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 8 : entry + 10] = (0x800).to_bytes(2, "little")  # the name is UTF-8, says its flag
    data[entry + 46] = 0xFF
    (tmp_path / "a.npz").write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"a\.npz"):
        read_examples(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("kind", "shape"), [("|V0", (3,)), ("|S0", (3,)), ("|u1", (300_000_000, 0, 5)), ("|V8", (3, 2))]
)
def test_rows_without_a_value_are_refused_before_there_is_room_for_them(
    tmp_path: Path, kind: str, shape: tuple[int, ...]
) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": kind, "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", head.getvalue() + bytes(48 if kind == "|V8" else 0))
    with pytest.raises(DataError, match="the array 'x' has rows without a value in them"):
        read_examples(tmp_path / "x.npz")
