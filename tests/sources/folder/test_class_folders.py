"""Folders that are splits, that only store files, and that are classes."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.sources import read_examples
from hornbook.sources.folder.class_folders import Place, read_folders
from hornbook.sources.folder.roles import are_stores, splits_among
from tests.sources.make import picture, pictures, tree

SPLITS = [
    ("train", "test", "valid"),
    ("Train", "Test", "Validation"),
    ("seg_train", "seg_test", "seg_val"),
    ("training_set", "test_set", "dev_set"),
    ("asl_alphabet_train", "asl_alphabet_test", "asl_alphabet_val"),
    ("train2017", "test2017", "val2017"),
    ("Training", "PublicTest", "Validation"),
    ("dogs.train", "dogs.test1", "dogs.valid"),
]
STORES = [["images"], ["JPEGImages"], ["fold1", "fold2", "fold3"], ["part_1", "part_2"], ["part_a", "part_b"]]
STORES += [["HAM10000_images_part_1", "HAM10000_images_part_2"], ["images", "masks"], ["train", "test"]]


@given(
    st.sampled_from(SPLITS),
    st.booleans(),
    st.sampled_from(["", "images", "data"]),
    st.sampled_from(["", "out"]),
)
def test_splits_in_any_spelling_with_class_folders_in_them(
    names: tuple[str, str, str], doubled: bool, store: str, around: str
) -> None:
    """Each folder of a split may hold itself again, or a store; what lies beside them changes nothing."""
    wanted = {}
    for name, split in zip(names, ("train", "test", "validation"), strict=True):
        for label in ("cat", "dog"):
            parts = [around, name, name if doubled else "", store, label]
            wanted["/".join(part for part in parts if part)] = Place(label, "", split)
    beside = f"{around}/seg_pred".lstrip("/")
    found, notes = read_folders([*wanted, beside])
    if around_of(names):  # two of the splits are called alike, so what is not stays beside them
        assert isinstance(found.pop(beside), str)
        assert found == wanted and not notes
    found, notes = read_folders(wanted)
    assert found == wanted and not notes


def around_of(names: tuple[str, ...]) -> bool:
    """Return whether all three splits are told by their names among others."""
    return len(splits_among([*names, "seg_pred"])) == 3


@given(
    st.sampled_from(STORES), st.lists(st.sampled_from(["cat", "dog", "7", "pass"]), min_size=2, unique=True)
)
def test_stores_are_no_classes_wherever_they_lie(stores: list[str], classes: list[str]) -> None:
    for folders in (
        [f"{s}/{c}" for s in stores for c in classes],
        [f"{c}/{s}" for s in stores for c in classes],
    ):
        places = read_folders(folders)[0]
        assert {place.label for place in places.values() if isinstance(place, Place)} == set(classes)
    assert all(isinstance(place, str) for place in read_folders(stores)[0].values())


@pytest.mark.parametrize(
    "names",
    [
        *(["cat", "dog"], ["photos", "drawings"], ["1", "2"], ["car", "train", "bus"], ["test", "control"]),
        *(
            ["train_station", "bus_station"],
            ["with_mask", "without_mask"],
            ["valid", "invalid"],
            ["data", "noise"],
        ),
    ],
)
def test_what_only_sounds_like_it_is_a_class(names: list[str]) -> None:
    assert not are_stores(names) and not splits_among(names)
    assert read_folders(names)[0] == {name: Place(name, "", None) for name in names}


@pytest.mark.parametrize(
    ("folders", "labels"),
    [
        (["cat", "dog", "more/cat", "more/dog"], ["cat", "dog", "cat", "dog"]),
        (["cells/cells/sick", "cells/cells/well", "cells/sick", "cells/well"], ["sick", "well"] * 2),
        (["cat/train", "cat/test", "dog/train", "dog/test"], ["cat", "cat", "dog", "dog"]),
        (["train/n01/images", "train/n02/images", "val/images"], ["n01", "n02", None]),
        (["bottle/train/good", "bottle/test/good", "bottle/test/cut", "bottle/ground_truth/cut"],
         ["good", "good", "cut", None]),
        (["rps/rock", "rps/paper", "rps-test-set/rock"], ["rock", "paper", "rock"]),
        (["fold1/dog", "fold2/dog", "fold2/cat"], ["dog", "dog", "cat"]),
        (["asl_train/asl_train/A", "asl_train/asl_train/B", "asl_test/asl_test"], ["A", "B", None]),
        (["anna/photo", "anna/drawing", "ben/photo"], ["photo", "drawing", "photo"]),
    ],
)  # fmt: skip
def test_layouts_of_public_sets(folders: list[str], labels: list[str | None]) -> None:
    found = read_folders(folders)[0]
    assert [place.label if isinstance(place, Place) else None for place in map(found.get, folders)] == labels


def test_different_depths_and_classes_called_as_splits_are_said() -> None:
    assert (
        "the class is the topmost one (cat/old/x is 'cat')" in read_folders(["cat", "cat/old/x", "dog"])[1][0]
    )
    assert "test, train are taken for classes" in read_folders(["car", "test", "train"])[1][0]


def test_a_folder_beside_the_splits_is_one_line(tmp_path: Path) -> None:
    names = [f"{split}/{label}/1.png" for split in ("seg_train", "seg_test") for label in "ab"]
    tree(tmp_path, pictures([*names, *(f"seg_pred/seg_pred/{i}.png" for i in range(3))]))
    examples = read_examples(tmp_path)
    assert examples.table["split"].to_list() == ["test", "test", "train", "train"]
    (problem,) = examples.problems
    assert problem.name == "seg_pred/seg_pred" and "3 pictures lie beside the folders of the splits" in str(
        problem
    )


@pytest.mark.parametrize("names", [["fold1", "fold2"], ["train", "test"], ["images"]])
def test_without_class_folders_the_error_says_what_helps(names: list[str], tmp_path: Path) -> None:
    tree(tmp_path / "d", pictures([f"{name}/{i} x.png" for name in names for i in range(2)]))
    with pytest.raises(
        DataError, match=r"(?s)nothing says what is on the pictures.*only where they are stored"
    ):
        read_examples(tmp_path / "d")
    assert set(read_examples(tmp_path / "d", pattern="{label}/{}.png").table["label"]) == set(names)
    (tmp_path / "d" / "about.csv").write_text("id,kind\n91,cat\n92,dog\n")
    with pytest.raises(DataError, match=r"about.csv names none of them: .*--set data.files="):
        read_examples(tmp_path / "d")


def test_names_that_tell_are_offered_as_a_pattern(tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"train/{kind}.{i}.jpg" for kind in ("cat", "big dog") for i in range(3)]))
    with pytest.raises(DataError, match=r'say --pattern "\{label\}.\{\}.jpg"'):
        read_examples(tmp_path)
    assert set(read_examples(tmp_path, pattern="{label}.{}.jpg").table["label"]) == {"cat", "big dog"}


NAMES = ["train", "test", "seg_train", "seg_test", "images", "fold1", "fold2", "cat", "dog", "unsup", "x"]
FILES = ["1.png", "2.png", "a b.png", "labels.csv", "t.csv", "notes.txt", "test.txt", "s.wav"]
TEXTS = [
    b"file,label\n1.png,cat\n2.png,dog\n",
    b"1.png cat\n2.png dog\n",
    b"cat/1.png\n",
    b"x\n",
    b"id,a,b\n1,0,1\n",
]
PLACES = st.lists(st.sampled_from(NAMES), max_size=3).map("/".join)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.tuples(PLACES, st.sampled_from(FILES)), st.sampled_from(TEXTS), min_size=1, max_size=12
    )
)
def test_no_picture_is_left_out_without_a_word(files: dict[tuple[str, str], bytes]) -> None:
    """Each is an example, is a problem by its name or by its folder's, or the whole is one sentence."""
    with tempfile.TemporaryDirectory() as folder:
        for (place, name), text in files.items():
            tree(Path(folder, place), {name: picture() if name.endswith("png") else text})
        try:
            examples = read_examples(folder)
        except DataError as error:
            assert "\n" not in str(error)
            return
        told = {problem.name for problem in examples.problems}
        column = next(iter(examples.stores), "")
        known = set(examples.table[column]) if column else set()
        for place, name in files:
            path = f"{place}/{name}".lstrip("/")
            if column == "image" and name.endswith("png"):
                assert path in known or path in told or place in told or (not place and folder in told)
