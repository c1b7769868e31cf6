"""A table that lies beside pictures or sounds, and what its paths mean."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.recipe.guess import guess
from hornbook.sources import read_examples
from hornbook.sources.folder.find import Files
from hornbook.sources.table.paths import with_files, with_one_label
from tests.sources.make import pictures, tree

KINDS = ["cat", "dog", "cat", "dog"]


def write(folder: Path, name: str, columns: dict[str, Sequence[object]]) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(columns, strict=False).write_csv(folder / name)


def rows(examples: Examples, target: str = "label") -> list[tuple[str, str]]:
    return [(str(a), str(b)) for a, b in examples.table.select("image", target).rows()]


WRITTEN: dict[str, Callable[[int], str]] = {
    "bare": lambda i: f"{i}x.png",
    "without an ending": lambda i: f"{i}x",
    "one folder down": lambda i: f"images/{i}x.png",
    "in other letters": lambda i: f"Images/{i}X.PNG",
    "of another machine": lambda i: f"C:\\Users\\me\\data\\images\\{i}x.png",
    "of a notebook": lambda i: f"/content/drive/MyDrive/data/images/{i}x.png",
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("table", ["labels.csv", "train.csv", "meta/anything.csv"])
def test_a_table_is_used_however_it_and_its_paths_are_called(
    written: str, table: str, tmp_path: Path
) -> None:
    tree(tmp_path, pictures([f"images/{i}x.png" for i in range(4)]))
    write(tmp_path, table, {"key": [WRITTEN[written](i) for i in range(4)], "kind": KINDS})
    wanted = [(f"images/{i}x.png", kind) for i, kind in enumerate(KINDS)]
    assert rows(read_examples(tmp_path), "kind") == wanted
    if "/" not in table:
        assert rows(read_examples(tmp_path / table), "kind") == wanted
    elif written != "without an ending":
        assert len(read_examples(tmp_path / table)) == 4


def test_numbers_name_pictures_beside_them_and_nothing_elsewhere(tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"images/{i}.png" for i in range(4)]))
    write(tmp_path, "labels.csv", {"id": range(4), "kind": KINDS})
    assert rows(read_examples(tmp_path / "labels.csv"), "kind")[3] == ("images/3.png", "dog")
    write(tmp_path, "labels.csv", {"rooms": range(4), "kind": KINDS})
    assert not read_examples(tmp_path / "labels.csv").stores


names = st.lists(st.sampled_from(["a", "b", "B", "c"]), min_size=1, max_size=3).map("/".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(names, min_size=1, max_size=6, unique=True), st.lists(names, min_size=1, max_size=6))
def test_a_path_never_means_a_file_in_another_folder_or_of_another_name(
    there: list[str], given: list[str]
) -> None:
    files = [f"{name}.png" for name in there]
    store = read_examples({"image": [b""], "label": ["x"]}).stores["image"]
    known = Files(store, files.__contains__, lambda sure: files)
    paths = [f"{name}.png" for name in given]
    folders = [path.lower().split("/")[:-1] for path in paths]
    levels = [len(set(names)) == 1 for names in zip(*folders, strict=False)]
    common = levels.index(False) if False in levels else len(levels)
    for path, found in zip(paths, known.column(paths, "").names, strict=True):
        if path in files:
            assert found == path
        elif found is not None:  # in which the paths differ is there
            assert found.lower().endswith("/".join(path.lower().split("/")[common:]))


def test_pictures_of_one_name_are_told_apart_by_folder_or_split_or_not_at_all(tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"{s}/{i}.png" for s in ("train", "test") for i in range(3)]))
    write(tmp_path, "train.csv", {"id": range(3), "kind": KINDS[:3]})
    write(tmp_path, "test.csv", {"id": range(3), "kind": KINDS[1:]})
    examples = read_examples(tmp_path)
    assert sorted(examples.table.select("image", "kind", "split").rows())[0] == ("test/0.png", "dog", "test")
    assert len(examples) == 6 and examples.table["split"].to_list().count("test") == 3
    (tmp_path / "test.csv").unlink()
    (tmp_path / "train.csv").rename(tmp_path / "all.csv")
    with pytest.raises(DataError, match=r"all.csv names none of them: .*all.csv --set data.files="):
        read_examples(tmp_path)


def test_what_no_table_names_is_said_and_a_submission_is_no_table(tmp_path: Path) -> None:
    tree(
        tmp_path, pictures([*(f"train/{i}.png" for i in range(4)), *(f"test/{i + 9}.png" for i in range(2))])
    )
    write(tmp_path, "train.csv", {"id": [f"{i}.png" for i in range(4)], "kind": KINDS})
    write(tmp_path, "test.csv", {"id": ["9.png", "10.png"]})
    write(tmp_path, "sample_submission.csv", {"id": ["9.png", "10.png"], "kind": ["cat", "cat"]})
    examples = read_examples(tmp_path)
    assert len(examples) == 4 and "the labels are those of train.csv" in examples.notes[0]
    assert [str(p) for p in examples.problems] == [
        "test: its 2 files are not in train.csv, so they have no label"
    ]


def test_test_pictures_in_one_folder_with_a_table_stay_the_test_set(tmp_path: Path) -> None:
    tree(
        tmp_path,
        pictures(
            [*(f"Train/{c}/{i}.png" for c in "01" for i in range(3)), *(f"Test/{i}.png" for i in range(4))]
        ),
    )
    write(
        tmp_path,
        "Test.csv",
        {"Width": [6] * 4, "ClassId": [0, 1, 0, 1], "Path": [f"Test/{i}.png" for i in range(4)]},
    )
    examples = read_examples(tmp_path)
    assert dict(examples.table["split"].value_counts().iter_rows()) == {"train": 6, "test": 4}
    assert examples.table["label"].to_list()[6:] == ["0", "1", "0", "1"]
    assert "the labels of 4 files in no class folder are those of Test.csv" in examples.notes[0]
    assert not examples.problems
    write(tmp_path, "Test.csv", {"Path": [f"Test/{i}.png" for i in range(4)], "ClassId": [0, 1, 0, 7]})
    assert len(read_examples(tmp_path)) == 6  # there is no class 7, so it may be of something else


def test_tables_that_share_the_pictures_are_one(tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"images/{i}.png" for i in range(4)]))
    write(tmp_path, "cats.csv", {"file": ["0.png", "1.png"], "kind": ["cat", "cat"]})
    write(tmp_path, "dogs.csv", {"file": ["2.png", "3.png"], "kind": ["dog", "dog"]})
    assert read_examples(tmp_path).table["kind"].to_list() == ["cat", "cat", "dog", "dog"]
    write(tmp_path, "dogs.csv", {"file": ["1.png"], "kind": ["dog"]})
    assert read_examples(tmp_path).table["kind"].to_list() == ["cat", "cat"]


def test_class_folders_go_before_a_table_and_one_class_does_not(tmp_path: Path) -> None:
    tree(tmp_path / "a", pictures(["cat/1.png", "dog/2.png"]))
    write(tmp_path / "a", "sizes.csv", {"file": ["cat/1.png", "dog/2.png"], "size": [3, 4]})
    assert rows(read_examples(tmp_path / "a")) == [("cat/1.png", "cat"), ("dog/2.png", "dog")]
    tree(tmp_path / "b", pictures(["holiday/1.png", "holiday/2.png"]))
    write(tmp_path / "b", "what.csv", {"file": ["1.png", "2.png"], "kind": ["cat", "dog"]})
    assert rows(read_examples(tmp_path / "b"), "kind") == [("holiday/1.png", "cat"), ("holiday/2.png", "dog")]


def test_data_files_says_where_they_lie(tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"pics/{k}_{i}.v.png" for i, k in enumerate(KINDS)]))
    write(tmp_path, "t.csv", {"id": range(4), "kind": KINDS, "n": [1, 2, 3, 4]})
    examples = read_examples(tmp_path / "t.csv", files="pics/{kind}_{id}.v.png")
    assert examples.table.columns == ["image", "kind"] or examples.table.columns == ["image", "kind", "n"]
    assert rows(examples, "kind")[1] == ("pics/dog_1.v.png", "dog")
    with pytest.raises(DataError, match=r"no column 'ids'.*did you mean 'id'"):
        read_examples(tmp_path / "t.csv", files="pics/{ids}.png")
    with pytest.raises(DataError, match=r"no column holds names of files"):
        read_examples(tmp_path / "t.csv", files="pics")
    write(tmp_path, "t.csv", {"file": [f"{k}_{i}.v.png" for i, k in enumerate(KINDS)], "kind": KINDS})
    assert rows(read_examples(tmp_path / "t.csv", files="pics/"), "kind")[1] == ("pics/dog_1.v.png", "dog")


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.booleans(), st.booleans())
def test_one_hot_columns_are_one_label(chosen: list[int], as_text: bool, flagged: bool) -> None:
    columns: dict[str, list[object]] = {"image": [f"{i}.png" for i in range(len(chosen))]}
    for place, name in enumerate([" cat", "dog", "ship", "tree"]):
        marks = [int(c == place) for c in chosen]
        columns[name] = [f" {mark}" for mark in marks] if as_text else list(marks)
    if flagged:
        columns["n"] = [2, *([0] * (len(chosen) - 1))]
    table, note = with_one_label(pl.DataFrame(columns))
    assert table["label"].to_list() == [["cat", "dog", "ship", "tree"][c] for c in chosen]
    assert "'cat', 'dog', 'ship', 'tree'" in note and table.columns[:-1] == list(columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"a": [1, 1], "b": [0, 1]},
        {"a": [1, 0], "b": [0, None]},
        {"a": [1, 1]},
        {"a": [1, 0], "label": ["x", "y"]},
    ],
)
def test_other_columns_of_0_and_1_are_left_alone(columns: dict[str, list[object]]) -> None:
    table = pl.DataFrame({"image": ["1.png", "2.png"], **columns})
    assert with_one_label(table) == (table, "") or with_one_label(table)[0].columns == table.columns


def test_a_one_hot_table_in_each_split(tmp_path: Path) -> None:
    for split, count in (("train", 4), ("valid", 2), ("test", 2)):
        tree(tmp_path / split, pictures([f"{split}{i}.png" for i in range(count)]))
        lines = [f"{split}{i}.png, {1 - i % 2}, {i % 2}" for i in range(count)]
        (tmp_path / split / "_classes.csv").write_text("\n".join(["filename, cat, dog", *lines]))
    examples = read_examples(tmp_path)
    assert dict(examples.table["split"].value_counts().iter_rows()) == {
        "train": 4,
        "validation": 2,
        "test": 2,
    }
    assert set(examples.table["label"]) == {"cat", "dog"}
    recipe = guess(examples)
    assert list(recipe.targets) == ["label"] and list(recipe.inputs) == ["image"]


@pytest.mark.parametrize("cell", ["https://m.example.com/{}.jpg", "uploads/{}.png", "call_{}.wav"])
def test_a_column_of_files_that_are_not_there_is_no_input(cell: str, tmp_path: Path) -> None:
    columns: dict[str, Sequence[object]] = {
        "price": [i * i % 17 for i in range(30)],
        "photo": [cell.format(i % 7) for i in range(30)],
        "sold": ["yes", "no"] * 15,
    }
    write(tmp_path, "t.csv", columns)
    examples = read_examples(tmp_path / "t.csv")
    assert not examples.stores and any("'photo'" in note and "no input" in note for note in examples.notes)
    assert "photo" not in guess(examples, target="sold").inputs
    for frame in (pl.read_csv(tmp_path / "t.csv"), columns):
        if cell.startswith("https"):
            assert not read_examples(frame).stores
    with pytest.raises(DataError, match="photo"):
        read_examples(tmp_path / "t.csv", image="photo")
    write(tmp_path, "t.csv", {"photo": columns["photo"], "sold": columns["sold"]})
    with pytest.raises(DataError, match="'photo'"):
        read_examples(tmp_path / "t.csv")


def test_files_are_found_beside_a_table_in_a_folder_of_its_own(tmp_path: Path) -> None:
    tree(tmp_path, {f"audio/fold{1 + i % 2}/s{i}.wav": b"RIFF" for i in range(4)})
    write(tmp_path, "metadata/s.csv", {"name": [f"s{i}.wav" for i in range(4)], "class": KINDS})
    for source, start in ((tmp_path, "audio/"), (tmp_path / "metadata" / "s.csv", "../audio/")):
        examples = read_examples(source)
        assert examples.table["audio"].to_list()[:2] == [f"{start}fold1/s0.wav", f"{start}fold2/s1.wav"]
        assert Path(examples.value("audio", 0)).is_file()


def test_nothing_is_looked_through_for_a_table_without_pictures_near(tmp_path: Path) -> None:
    def listed(sure: bool) -> list[str]:
        raise AssertionError

    store = read_examples({"image": [b""], "label": ["x"]}).stores["image"]
    table = pl.DataFrame({"n": [1, 2], "kind": ["a", "a"]})
    assert not with_files(table, Files(store, lambda name: False, listed), origin="t").stores


def test_numbers_are_found_however_many_zeros_are_before_them(tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"images/{i:04}.png" for i in range(4)]))
    write(tmp_path, "train.csv", {"id": range(4), "kind": KINDS})
    assert rows(read_examples(tmp_path), "kind")[2] == ("images/0002.png", "cat")


def test_one_object_of_files_and_labels_is_a_table(tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"img/{i}x.png" for i in range(4)]))
    (tmp_path / "labels.json").write_text(json.dumps({f"{i}x.png": k for i, k in enumerate(KINDS)}, indent=1))
    wanted = [(f"img/{i}x.png", kind) for i, kind in enumerate(KINDS)]
    assert rows(read_examples(tmp_path)) == rows(read_examples(tmp_path / "labels.json")) == wanted


@pytest.mark.parametrize("line", ["{} 1 -1 1", "{} 0 0.5 0.5 0.1 0.1"])
def test_a_text_of_attributes_or_boxes_is_no_label(line: str, tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"images/{i} x.png" for i in range(4)]))
    (tmp_path / "list_attr.txt").write_text(
        "".join(line.format(f"images/{i} x.png") + "\n" for i in range(4))
    )
    with pytest.raises(DataError, match="nothing says what is on the pictures"):
        read_examples(tmp_path)


@pytest.mark.parametrize("form", ["{}.png", "{}"])
@pytest.mark.parametrize("lists", ["{}ing_list.txt", "meta/{}.txt"])
def test_lists_of_files_say_the_splits_of_class_folders(form: str, lists: str, tmp_path: Path) -> None:
    tree(tmp_path, pictures([f"{kind}/{i}a.png" for kind in ("cat", "dog") for i in range(4)]))
    path = tmp_path / lists.format("test")
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(form.format(f"{kind}/0a") + "\n" for kind in ("cat", "dog")))
    examples = read_examples(tmp_path)
    assert examples.table.filter(split="test")["image"].to_list() == ["cat/0a.png", "dog/0a.png"]
    assert "the splits are those of" in examples.notes[0] and not examples.problems
    path.write_text("cat/0a.png\nnot a file\n")
    assert "split" not in read_examples(tmp_path).table.columns
