"""Tables in files, with and without a column of paths."""

import io
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.sources import read_examples
from hornbook.sources.table.read import parse_table
from tests.sources.make import picture, pictures, shared, tree, zipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tree(tmp_path, pictures(["img/a.png", "img/b.png"]))


ROWS = [("img/a.png", "cat", 1.5), ("img/b.png", "dog", 2.0)]


def test_a_table_without_paths(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text("square,bedrooms,price\n2104,3,399900\n1600,,329900\n")
    examples = read_examples(tmp_path / "houses.csv")
    assert examples.table.rows() == [(2104, 3, 399900), (1600, None, 329900)]
    assert examples.stores == {}


def test_a_leading_zero_is_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text("label,age,weight\n007,40,0.5\n7,41,10\n01,,100\n")
    table = read_examples(tmp_path / "agents.csv").table
    assert table["label"].to_list() == ["007", "7", "01"]
    assert table["age"].to_list() == [40, 41, None]
    assert table["weight"].to_list() == [0.5, 10.0, 100.0]


def test_a_number_with_too_many_digits_is_a_name(tmp_path: Path) -> None:
    numbers = ["10000000000000000000000000000000000000001", "10000000000000000000000000000000000000002"]
    (tmp_path / "ids.csv").write_text("id,x\n" + "".join(f"{n},1\n" for n in numbers))
    assert read_examples(tmp_path / "ids.csv").table["id"].cast(pl.String).to_list() == numbers


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
    "empty.csv": (b"", "the file is empty"),
    "blank.csv": (b" \n\n", "the file is empty"),
    "header.csv": (b"a,b\n", "a header and no row"),
    "short.csv": (b"a,b,c\n1,2,3\n4,5\n", r"line 3: has 2 values where the first line has 3"),
    "long.csv": (b"a,b\n1,2\n3,4,5\n", r"line 3: has 3 values where the first line has 2"),
    "break.csv": (b'a,b\n"x\ny",2\n3\n', r"line 4: has 1 values where the first line has 2"),
    "twice.csv": (b"a,b,a\n1,2,3\n", "'a' stands twice"),
    "binary.csv": (b"a,b\n\0\1\2\3,4\n", "not a text file"),
    "quote.csv": (b'a,b\n"x,2\n3,4\n', "line 2: has 1 values"),
    "missing.csv": (b"image,label\nx.png,1\n", "none of the files in the column 'image' is there"),
    "bad.jsonl": (b'{"a": 1}\n{"a": \n', "line 2: is no JSON"),
    "list.jsonl": (b"[1, 2]\n", "must be an object"),
    "bad.json": (b'[{"a": 1},', "is no JSON"),
    "empty.json": (b"[]", "the table has no rows"),
    "bad.parquet": (b"PAR1 and nothing", "cannot be read"),
    "sheet.xlsx": (b"PK\3\4", "is a spreadsheet|cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_table_is_said(tmp_path: Path, name: str) -> None:
    data, says = BAD[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=says) as caught:
        read_examples(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


@given(
    st.lists(st.tuples(st.integers(-9, 9), cells), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_a_table_that_was_written_is_read(rows: list[tuple[int, str]], separator: str) -> None:
    frame = pl.DataFrame(rows, schema={"number": pl.Int64, "text": pl.String}, orient="row")
    out = io.BytesIO()
    frame.write_csv(out, separator=separator, quote_style="non_numeric")
    read = parse_table(out.getvalue(), "csv", "x")
    assert read["number"].to_list() == [row[0] for row in rows]
    texts = read["text"].cast(pl.String).fill_null("").to_list()
    assert len(texts) == len(rows)


@given(st.binary(max_size=80), st.sampled_from(["csv", "tsv", "parquet", "jsonl", "json"]))
def test_any_bytes_are_a_table_or_refused_in_one_sentence(data: bytes, kind: str) -> None:
    try:
        parse_table(data, kind, "x")
    except DataError as error:
        assert str(error).startswith("x")
        assert "\n" not in str(error)


@given(st.text(max_size=80), st.sampled_from(["csv", "tsv", "jsonl", "json"]))
def test_any_text_is_a_table_or_refused_in_one_sentence(text: str, kind: str) -> None:
    try:
        parse_table(text.encode("utf-8", "ignore"), kind, "x")
        parse_table(json.dumps([text]).encode(), kind, "x")
    except DataError as error:
        assert str(error).startswith("x")


@pytest.mark.skipif(not (shared() / "tables").exists(), reason="the real tables are not here")
@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("tables/house_prices.csv", 47, 3),
        ("tables/BostonHousing.csv", 506, 14),
        ("tables/quality_data_original.csv", 411, 3),
        ("tables/winequality-red.csv", 1599, 12),
        ("tables/titanic.csv", 891, 15),
        ("text/ChnSentiCorp_htl_all.csv", 7766, 2),
        ("text/waimai_10k.csv", 11987, 2),
        ("series/zgpa_train.csv", 731, 6),
    ],
)
def test_real_tables(name: str, rows: int, columns: int) -> None:
    assert read_examples(shared() / name).table.shape == (rows, columns)


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["08.30", "09.15", "10.02"], [8.3, 9.15, 10.02]),
        (["1.5", "12345678901234567890", "2.5"], None),
        (["007", "012", "100"], None),
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
