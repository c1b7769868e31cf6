"""Tables in files, with and without a column of paths."""

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hornbook.columns import CategoryColumn, ImageColumn, NumberColumn
from hornbook.columns.number.written.parse import NumberForm
from hornbook.columns.number.written.units import Unit
from hornbook.errors import DataError
from hornbook.examples.prepare import prepare
from hornbook.examples.split import Split
from hornbook.examples.stores import Note
from hornbook.recipe.resolve import read, resolve
from hornbook.sources import read_examples
from tests.sources.make import picture, pictures, tree, zipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tree(tmp_path, pictures(["img/a.png", "img/b.png"]))


ROWS = [("img/a.png", "cat", 1.5), ("img/b.png", "dog", 2.0)]


def test_a_leading_zero_is_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text("label,age,weight\n007,40,0.5\n7,41,10\n01,,100\n")
    table = read_examples(tmp_path / "agents.csv").table
    assert table["label"].to_list() == ["007", "7", "01"]
    assert table["age"].to_list() == [40, 41, None]
    assert table["weight"].to_list() == [0.5, 10.0, 100.0]


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl", "json"])
def test_amounts_are_numbers_in_a_table_of_any_kind(tmp_path: Path, ending: str) -> None:
    table = pl.DataFrame({"price": ["$1,299.00", "$3.50"], "share": ["5 %", "87 %"], "code": ["x1", "x2"]})
    path = tmp_path / f"t.{ending}"
    getattr(table, {"jsonl": "write_ndjson"}.get(ending, f"write_{ending}"))(path)
    examples = read_examples(path)
    assert examples.table.rows() == [(1299.0, 5, "x1"), (3.5, 87, "x2")]
    assert examples.written.numbers == {
        "price": NumberForm(".", ",", Unit("$")),
        "share": NumberForm(unit=Unit(after=" %")),
    }
    assert any("'price' has numbers in '$'" in note for note in examples.notes)


TEXTS = ["12.50", "07.25", "2e10", "+12", "70,010", "12,50", "NA", "NULL", "1,299.00 €", "0.10", "1.0", "nan"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_beside_pictures_a_text_stays_as_it_is_to_the_last_digit(tmp_path: Path, separator: str) -> None:
    tree(tmp_path, pictures([f"{i}.png" for i in range(len(TEXTS))]))
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = [[f"{i}.png", text, i % 3, f"${i + 1},000.50"] for i, text in enumerate(TEXTS)]
        csv.writer(file, delimiter=separator).writerows([["image", "text", "kind", "price"], *rows])
    examples = read_examples(tmp_path)
    assert examples.table["text"].to_list() == TEXTS
    assert any("'NA', 'NULL', 'nan' in the column 'text'" in note for note in examples.notes)
    columns = {"text": CategoryColumn(), "kind": CategoryColumn(), "price": NumberColumn()}
    prepared = prepare(examples, {"image": ImageColumn(size=(8, 8))}, columns, Split(validation=0, test=0))
    assert set(prepared.targets["text"].class_names() or ()) == set(TEXTS)
    assert prepared.targets["kind"].class_names() == ("0", "1", "2")
    prices = prepared.arrays["price"].take(np.arange(len(TEXTS)))
    assert prices.tolist() == [1000 * i + 1000.5 for i in range(len(TEXTS))]
    assert prepared.targets["price"].say_score(3.0) == "$3"
    left = read_examples(tmp_path, missing=["NA"]).table["text"].to_list()
    assert left == [None if text == "NA" else text for text in TEXTS]


def test_without_a_header(folder: Path) -> None:
    (folder / "t.csv").write_text("img/a.png,cat\nimg/b.png,dog\n")
    assert read_examples(folder / "t.csv").table.rows(named=True)[0] == {"image": "img/a.png", "label": "cat"}
    (folder / "n.csv").write_text("1,2,3\n4,5,6\n")
    assert read_examples(folder / "n.csv").table.columns == ["x1", "x2", "x3"]


def test_paths_without_an_ending_are_found_where_they_exist(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["one", "two"]))
    (tmp_path / "t.csv").write_text("id,animal\none,cat\ntwo,dog\n")
    assert read_examples(tmp_path / "t.csv").table.columns == ["image", "animal"]


def test_image_and_label_can_be_named(folder: Path) -> None:
    (folder / "t.csv").write_text("left,right,kind\nimg/a.png,img/b.png,x\n")
    assert set(read_examples(folder / "t.csv").stores) == {"left", "right"}
    examples = read_examples(folder / "t.csv", image="right", label="kind")
    assert examples.table.rows(named=True) == [{"left": "img/a.png", "image": "img/b.png", "label": "x"}]
    with pytest.raises(DataError, match=r"no column 'rihgt'.*did you mean 'right'"):
        read_examples(folder / "t.csv", image="rihgt")
    with pytest.raises(DataError, match="no column 'class'"):
        read_examples(folder / "t.csv", label="class")


def test_files_that_are_missing_are_named_by_row(folder: Path) -> None:
    (folder / "t.csv").write_text("image,label\nimg/a.png,cat\ngone.png,dog\n,dog\nhttps://x.org/a.png,dog\n")
    examples = read_examples(folder / "t.csv")
    assert len(examples) == 1
    said = [str(problem) for problem in examples.problems]
    assert said[0].startswith("row 2: there is no file 'gone.png'")
    assert said[1].startswith("row 3: the column 'image' is empty")
    assert said[2].startswith("row 4: 'https://x.org/a.png' is an address on the web")


def test_in_an_archive(tmp_path: Path) -> None:
    files = {
        **pictures(["pets/img/a.png", "pets/img/b.png"]),
        "pets/labels.csv": b"file,label\nimg/a.png,cat\n",
    }
    files["labels.csv"] = b"file,label\npets/img/a.png,cat\n"
    examples = read_examples(zipped(tmp_path / "x.zip", files))
    assert examples.value("image", 0) == picture(0)
    assert [problem.name for problem in examples.problems] == ["pets/img/b.png"]


def test_the_only_table_in_a_folder_without_classes(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["a.png", "b.png"]))
    (tmp_path / "pets.csv").write_text("file,animal,age\na.png,cat,1\nb.png,dog,2\n")
    assert read_examples(tmp_path).table.columns == ["image", "animal", "age"]


BAD = {
    "binary.csv": (b"a,b\n\0\1\2\3,4\n", "not a text file"),
    "quote.csv": (b'a,b\n"x,2\n3,4\n', "line 2: has 1 value"),
    "missing.csv": (b"image,label\nx.png,1\n", "none of the files in the column 'image' is there"),
    "bad.jsonl": (b'{"a": 1}\n{"a": \n', "line 2: is no JSON"),
    "list.jsonl": (b"[1, 2]\n", "must be an object"),
    "bad.json": (b'[{"a": 1},', "is no JSON"),
    "empty.json": (b"[]", "the table has no rows"),
    "bad.parquet": (b"PAR1 and nothing", "damaged or cut off"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_table_is_said(tmp_path: Path, name: str) -> None:
    data, says = BAD[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=says) as caught:
        read_examples(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["08.30", "09.15", "10.02"], [8.3, 9.15, 10.02]),
        (["1.5", "12345678901234567890", "2.5"], None),
        (["007", "012", "100"], None),
        (["10000000000000000000000000000000000000001", "10000000000000000000000000000000000000002"], None),
    ],
)
def test_digits_with_a_point_are_numbers_and_names_of_digits_are_not(
    tmp_path: Path, cells: list[str], wanted: list[float] | None
) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{c},{i}\n" for i, c in enumerate(cells)))
    assert read_examples(tmp_path / "a.csv").table["x"].to_list() == (wanted or cells)


def test_a_label_that_is_also_a_file_without_an_ending_stays_a_label(folder: Path) -> None:
    tree(folder, {"cat": b"notes", "dog": b"notes"})
    frame = pl.DataFrame([row[:2] for row in ROWS], schema=["file", "breed"], orient="row")
    frame.write_csv(folder / "t.csv")
    examples = read_examples(folder / "t.csv")
    assert examples.table["breed"].to_list() == ["cat", "dog"]
    assert list(examples.stores) == ["image"]


def test_a_form_is_decided_once_for_several_tables(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("n;t\n1,250;x\n2,500;y\n")  # leaves it open
    (tmp_path / "a2.csv").write_text("n;t\n1,250.5;x\n3;y\n")
    both = read_examples(tmp_path / "a*.csv")
    assert both.table["n"].to_list() == [1250, 2500, 1250.5, 3]
    assert not any(isinstance(note, Note) and note.doubt for note in both.notes)
    held = read_examples(tmp_path / "a2.csv", test="a1.csv")
    assert held.table["n"].to_list() == [1250.5, 3, 1250, 2500]


def test_a_target_of_strings_keeps_its_text_in_any_table(tmp_path: Path) -> None:
    cells = ["07.25", "2e10", "+12", "70,010", "1.50", "NA"]
    frame = pl.DataFrame({"x": range(len(cells)), "code": cells})
    frame.write_csv(tmp_path / "t.csv")
    changes = ["targets.code=characters", "inputs.x=number"]
    recipe, examples = resolve(tmp_path / "t.csv", target="code", changes=changes)
    examples = read(recipe) if examples is None else examples
    assert examples.table["code"].to_list() == cells
