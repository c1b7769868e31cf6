"""Class folders: which folder is a class, what is left out, and that listing ends."""

import itertools
import os
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.sources import read_examples
from hornbook.sources.folder.disk import list_folder
from hornbook.sources.folder.listing import is_junk, may_hold_junk
from tests.sources.make import picture, pictures, shared, tree

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")


def rows(examples: Examples, *columns: str) -> list[tuple[object, ...]]:
    return examples.table.select(columns).rows()


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (
            ["Train/cat/1.png", "Train/dog/2.png", "testing/cat/3.png", "val/dog/4.png"],
            {"label": ["cat", "dog", "cat", "dog"], "split": ["train", "train", "test", "validation"]},
        ),
        (["car/2.png", "test/1.png", "train/3.png"], {"label": ["car", "test", "train"]}),
        (["out/data v2/cat/1.png", "out/data v2/dog/2.png"], {"label": ["cat", "dog"]}),
        (["cat/1.png", "cat/2.png"], {"label": ["cat", "cat"]}),
        (
            ["anna/7/1.png", "anna/8/2.png", "ben/7/3.png"],
            {"label": ["7", "8", "7"], "folder": ["anna", "anna", "ben"]},
        ),
        (
            ["cat/1.png", "cat/old/x/2.png", "dog/3.png"],
            {"label": ["cat", "cat", "dog"], "folder": ["", "old/x", ""]},
        ),
    ],
    ids=["splits", "classes called test", "folders around all", "one class", "equal depth", "unequal depth"],
)
def test_which_folder_is_a_class(names: list[str], columns: dict[str, list[str]], tmp_path: Path) -> None:
    table = read_examples(tree(tmp_path / "d", pictures(names))).table
    assert table.to_dict(as_series=False) == {"image": names, **columns}


def test_what_systems_leave_behind_is_ignored_without_a_word(tmp_path: Path) -> None:
    junk = ["Thumbs.db", ".DS_Store", "cat/._1.png", "__MACOSX/cat/1.png", ".git/x.png", "cat/desktop.ini"]
    examples = read_examples(tree(tmp_path, pictures(["cat/1.png", "dog/2.png", *junk])))
    assert len(examples) == 2
    assert examples.problems == ()


@given(
    st.lists(
        st.sampled_from(
            ["1.png", ".x", "Thumbs.db", "a\nThumbs.DB", "ICON\r", "x\n.y", "desktop.ini2", "\u0130.png"]
        )
    )
)
def test_a_look_at_all_names_together_misses_no_junk(names: list[str]) -> None:
    assert may_hold_junk(names) or not any(map(is_junk, names))
    assert not may_hold_junk(name for name in names if name in ("1.png", "desktop.ini2", "\u0130.png"))


def test_an_ending_is_of_the_name_and_not_of_its_folder(tmp_path: Path) -> None:
    names = ["v1.png/photo", "v1.png/2.PNG", "v2/png", "v2/x.", "v2/3.png"]
    examples = read_examples(tree(tmp_path, {**pictures(names), "v1.png/text": b"hello", "v2/4.txt": b""}))
    assert rows(examples, "image") == [(name,) for name in sorted(names)]
    assert sorted(problem.name for problem in examples.problems) == ["v1.png/text", "v2/4.txt"]


def test_what_is_no_picture_is_reported_by_name(tmp_path: Path) -> None:
    files = {**pictures(["cat/1.png", "dog/2.png", "stray.png"]), "cat/notes.txt": b"hi", "README": b"hi"}
    tree(tmp_path, files)
    (tmp_path / "fox" / "inner").mkdir(parents=True)
    examples = read_examples(tmp_path)
    found = {problem.name: problem.message for problem in examples.problems}
    assert sorted(found) == ["README", "cat/notes.txt", "fox", "stray.png"]
    assert "'.txt' is not the ending of a picture" in found["cat/notes.txt"]
    assert "no picture in it" in found["fox"]
    assert "no class folder" in found["stray.png"]


def test_pictures_beside_the_splits_are_in_none(tmp_path: Path) -> None:
    names = ["train/cat/1.png", "test/cat/2.png", "more/cat/3.png", "train/4.png"]
    examples = read_examples(tree(tmp_path, pictures(names)))
    assert len(examples) == 2
    assert [problem.name for problem in examples.problems] == ["more/cat/3.png", "train/4.png"]


def test_a_name_that_is_not_there_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    with pytest.raises(DataError, match="did you mean 'pictures'"):
        read_examples(tmp_path / "picturs")
    with pytest.raises(DataError, match="did you mean 'mnist'"):
        read_examples("mnits")


@needs_links
def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    root = tree(tmp_path / "pets", pictures(["cat/1.png", "dog/2.png"]))
    outside = tree(tmp_path / "elsewhere", pictures(["3.png"]))
    (root / "fox").symlink_to(outside, target_is_directory=True)
    (root / "cat" / "again").symlink_to(root, target_is_directory=True)
    (root / "dog" / "gone.png").symlink_to(root / "nowhere.png")
    (root / "dog" / "4.png").symlink_to(outside / "3.png")
    examples = read_examples(root)
    assert rows(examples, "image", "label") == [
        ("cat/1.png", "cat"),
        ("dog/2.png", "dog"),
        ("dog/4.png", "dog"),
        ("fox/3.png", "fox"),
    ]
    assert [problem.name for problem in examples.problems] == ["cat/again", "dog/gone.png"]


@needs_links
def test_many_links_to_each_other_do_not_multiply(tmp_path: Path) -> None:
    folders = [tmp_path / f"level{i}" for i in range(40)]
    for folder in folders:
        folder.mkdir()
    for folder, below in itertools.pairwise(folders):
        (folder / "a").symlink_to(below, target_is_directory=True)
        (folder / "b").symlink_to(below, target_is_directory=True)
    tree(folders[-1], pictures(["1.png"]))
    assert len(list_folder(tmp_path).files) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes in a name")
def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / os.fsdecode(b"\xff\xfe.png")).write_bytes(picture(7))
    tree(tmp_path, pictures(["dog/2.png"]))
    examples = read_examples(tmp_path)
    row = examples.table["label"].to_list().index("caf\\xe9")
    assert Path(examples.value("image", row)).read_bytes() == picture(7)
    assert len(examples.fingerprint()) == 32


def test_the_fingerprint_changes_with_a_file(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["cat/1.png", "dog/2.png"]))
    before = read_examples(tmp_path).fingerprint()
    assert read_examples(tmp_path).fingerprint() == before
    os.utime(tmp_path / "cat" / "1.png", ns=(1, 1))
    touched = read_examples(tmp_path).fingerprint()
    (tmp_path / "cat" / "1.png").unlink()
    assert len({before, touched, read_examples(tmp_path).fingerprint()}) == 3


@pytest.mark.skipif(not (shared() / "own_digits").exists(), reason="the real pictures are not here")
def test_real_pictures_by_several_writers() -> None:
    examples = read_examples(shared() / "own_digits")
    assert len(examples) == 294
    assert set(examples.table["label"]) == set("0123456789")
    assert examples.table["folder"].n_unique() == 6


def test_what_hornbook_wrote_is_not_learned_from(tmp_path: Path) -> None:
    files = pictures([f"{kind}/{i}.png" for kind in ("cat", "dog") for i in range(3)])
    own = pictures(["look/look.png", "look/augmented.png", "runs/mine/pictures/look.png"])
    run = {"runs/mine/recipe.toml": b"", "runs/mine/history.csv": b""}
    tree(tmp_path, {**files, **own, **run})
    examples = read_examples(tmp_path)
    assert set(examples.table["label"]) == {"cat", "dog"} and not examples.problems
    # Of a folder that is given by itself all is meant, and so it is where only the name is the same.
    assert read_examples(tmp_path, pattern="{label}/{}.png").table.height == 6
    tree(tmp_path, pictures(["look/1.png", "look/look.png"]))
    assert set(read_examples(tmp_path).table["label"]) == {"cat", "dog", "look"}


def test_accents_beside_their_letters_are_the_same_class(tmp_path: Path) -> None:
    apart, whole = (unicodedata.normalize(form, "café") for form in ("NFD", "NFC"))
    names = [f"train/{whole}/1.png", "train/tee/2.png", f"test/{apart}/3.png", "test/tee/4.png"]
    examples = read_examples(tree(tmp_path / "drinks", pictures(names)))
    assert sorted(examples.table["label"]) == [whole, whole, "tee", "tee"]
    old = pictures(
        ["\uf900/1.png", "\u8c48/2.png"]
    )  # one character to those who compose, and two to who draws them
    assert read_examples(tree(tmp_path / "glyphs", old)).table["label"].n_unique() == 2
    assert all(Path(examples.value("image", i)).is_file() for i in range(4))
