"""Folders of texts, a second table of test rows, and tables whose name does not say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from hornbook.errors import DataError
from hornbook.sources import read_examples
from tests.sources.make import tree


def test_each_file_is_a_class_and_each_line_a_text(tmp_path: Path) -> None:
    tree(
        tmp_path / "d",
        {"good.txt": b"fine\n\n very nice \n", "bad.txt": b"dull\r\nodd", "README.txt": b"about"},
    )
    table = read_examples(tmp_path / "d").table
    assert table.rows() == [("dull", "bad"), ("odd", "bad"), ("fine", "good"), ("very nice", "good")]
    assert table.columns == ["text", "label"]


def test_a_pattern_says_where_the_class_stands(tmp_path: Path) -> None:
    files = {"rt-polarity.pos": "café “fine”".encode("cp1252"), "rt-polarity.neg": b"dull", "other.png": b"x"}
    tree(tmp_path / "d", files)
    examples = read_examples(tmp_path / "d", pattern="rt-polarity.{label}")
    assert examples.table.rows() == [("dull", "neg"), ("café “fine”", "pos")]
    assert "Windows-1252" in examples.notes[0]


def test_class_folders_of_texts_have_a_text_in_each_file(tmp_path: Path) -> None:
    files = {
        f"{s}/{c}/{i}.txt": f"{c} {i}\nsecond line".encode()
        for s in ("train", "test")
        for c in "ab"
        for i in (1, 2)
    }
    table = read_examples(tree(tmp_path / "d", files)).table
    assert sorted(table["label"].unique()) == ["a", "b"]
    assert table["split"].value_counts().height == 2
    assert "a 1\nsecond line" in table["text"].to_list()


def test_a_file_that_is_no_text_is_named_and_the_rest_read(tmp_path: Path) -> None:
    for name in ("a/1", "a/2", "b/1", "b/2"):
        path = tmp_path / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"text {name}")
    (tmp_path / "a" / "empty.txt").write_bytes(b"")
    (tmp_path / "b" / "noise.txt").write_bytes(b"\xff\xfe\x00")
    examples = read_examples(tmp_path)
    assert sorted(examples.table["text"]) == ["text a/1", "text a/2", "text b/1", "text b/2"]
    said = sorted((str(problem) for problem in examples.problems), key=lambda one: "noise" in one)
    assert said[0].endswith("a/empty.txt: there is no text in it; it is left out")
    assert "b/noise.txt: is not a text" in said[1]
    for name in ("a/1", "a/2", "b/1", "b/2"):
        (tmp_path / f"{name}.txt").write_bytes(b"")
    with pytest.raises(DataError, match="none of its 6 files has a text in it"):
        read_examples(tmp_path)


def test_a_single_text_is_lines_without_a_label(tmp_path: Path) -> None:
    (tmp_path / "novel.txt").write_text("It was a dark night.\n\nThe rain, of course, fell.\n", "utf-8")
    assert read_examples(tmp_path / "novel.txt").table.rows() == [
        ("It was a dark night.",),
        ("The rain, of course, fell.",),
    ]


def test_a_list_of_pictures_that_are_gone_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a.png cat\nb.png dog\n")
    with pytest.raises(DataError, match=r"there is no file 'a\.png'"):
        read_examples(tmp_path / "list.txt")


def test_a_table_is_known_by_its_rows(tmp_path: Path) -> None:
    (tmp_path / "ex1.txt").write_text("2104,3,399900\n1600,3,329900\n")
    assert read_examples(tmp_path / "ex1.txt", names=["square", "rooms", "price"]).table.columns[2] == "price"
    (tmp_path / "noname").write_text("a b\n1 2.5\n3 4.5\n")
    assert read_examples(tmp_path / "noname").table.rows() == [(1, 2.5), (3, 4.5)]


def test_a_second_table_has_the_test_rows(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text,label\none,a\ntwo,b\n")
    (tmp_path / "test.csv").write_text("label,text,extra\na,three,1\n")
    table = read_examples(tmp_path / "train.csv", test="test.csv").table
    assert table.rows() == [("one", "a", "train"), ("two", "b", "train"), ("three", "a", "test")]


@pytest.mark.parametrize(
    ("test", "says"),
    [
        ("label,x\na,1\n", "no column 'text'"),
        ("text,label,x\none,a,much\n", "row 1: the column 'x' has 'much'"),
        (None, "there is no such file"),
    ],
)
def test_what_is_wrong_with_a_second_table(tmp_path: Path, test: str | None, says: str) -> None:
    (tmp_path / "train.csv").write_text("text,label,x\none,a,1\ntwo,b,2\n")
    if test is not None:
        (tmp_path / "held.csv").write_text(test)
    with pytest.raises(DataError, match=says):
        read_examples(tmp_path / "train.csv", test="held.csv")


def test_a_second_table_keeps_the_validation_rows_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text,label,split\none,a,train\ntwo,b,val\n")
    (tmp_path / "test.csv").write_text("text,label\nthree,a\n")
    table = read_examples(tmp_path / "train.csv", test="test.csv").table
    assert table["split"].to_list() == ["train", "validation", "test"]
    (tmp_path / "train.csv").write_text("text,label,split\none,a,train\ntwo,b,test\n")
    with pytest.raises(DataError, match=r"has test rows, and data\.test names others"):
        read_examples(tmp_path / "train.csv", test="test.csv")
    (tmp_path / "a.jsonl").write_text('{"x": [1, 2], "label": "a"}\n')
    (tmp_path / "b.jsonl").write_text('{"x": "much", "label": "a"}\n')
    with pytest.raises(DataError, match="other kinds of values than those of"):
        read_examples(tmp_path / "a.jsonl", test="b.jsonl")


def test_several_tables_hold_the_same_kinds_and_nothing_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("x,label\n1,a\n2,b\n")
    (tmp_path / "2.csv").write_text("x,label\n3,a\n,b\n")
    (tmp_path / "._1.csv").write_bytes(b"\0\5\x16\7")
    assert read_examples(tmp_path / "*.csv").table["x"].to_list() == [1, 2, 3, None]
    (tmp_path / "3.csv").write_text("x,label\nmuch,a\n")
    with pytest.raises(DataError, match=r"the column 'x' holds numbers in one of .*1\.csv and .*3\.csv"):
        read_examples(tmp_path / "*.csv")


def test_the_encoding_that_is_told_is_that_of_all_texts(tmp_path: Path) -> None:
    for name, line in (("good", "Хорошо"), ("bad", "Плохо")):
        (tmp_path / "folder").mkdir(exist_ok=True)
        (tmp_path / "folder" / f"{name}.txt").write_bytes(f"{line}\n".encode("cp1251"))
    examples = read_examples(tmp_path / "folder", encoding="cp1251")
    assert sorted(examples.table["text"]) == ["Плохо", "Хорошо"]
    assert not examples.notes
    told = read_examples(tmp_path / "folder", pattern="{label}.txt", encoding="cp1251")
    assert sorted(told.table["text"]) == ["Плохо", "Хорошо"]
    for name in "ab":
        (tmp_path / "classes" / name).mkdir(parents=True)
        (tmp_path / "classes" / name / "1.txt").write_bytes("犬、猫。".encode("shift_jis"))
    assert set(read_examples(tmp_path / "classes", encoding="shift_jis").table["text"]) == {"犬、猫。"}


@pytest.mark.parametrize("folders", [["data"], ["train", "test"], ["texts"]])
def test_texts_that_nothing_says_the_class_of_are_one_sentence(folders: list[str], tmp_path: Path) -> None:
    tree(tmp_path, {f"{folder}/{i}.txt": b"a text" for folder in folders for i in range(3)})
    with pytest.raises(DataError, match="there is nothing to learn from"):
        read_examples(tmp_path)


def test_texts_without_a_label_are_left_out_by_name(tmp_path: Path) -> None:
    tree(tmp_path, {f"train/{kind}/{i}.txt": b"a text" for kind in ("pos", "neg", "unsup") for i in range(3)})
    examples = read_examples(tmp_path)
    assert set(examples.table["label"]) == {"pos", "neg"}
    assert "3 texts lie in a folder of what has no label" in str(examples.problems[0])
