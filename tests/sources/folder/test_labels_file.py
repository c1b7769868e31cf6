"""Labels files: every line is used or named."""

import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.sources import read_examples
from hornbook.sources.folder.labels_file import parse_line
from tests.sources.make import pictures, tree


@pytest.mark.parametrize(
    ("line", "path", "label"),
    [
        ("a.png 7", "a.png", "7"),
        ("a.png\t7", "a.png", "7"),
        ("a.png,7", "a.png", "7"),
        ("a.png , 7 ", "a.png", "7"),
        ("  a.png   7", "a.png", "7"),
        ("img/my cat.JPG golden retriever", "img/my cat.JPG", "golden retriever"),
        ('"img/my cat" fat cat', "img/my cat", "fat cat"),
        ("'a b.png', 'fat cat'", "a b.png", "fat cat"),
        ("a.png.png x", "a.png.png", "x"),
        ("a.jpeg.b/c.png d.png", "a.jpeg.b/c.png", "d.png"),
        ("noending\tfat cat", "noending", "fat cat"),
        ("no ending,fat cat", "no ending", "fat cat"),
        ("noending cat", "noending", "cat"),
        ("图片/一.png 猫", "图片/一.png", "猫"),
        ("a.png;7", "a.png", "7"),
    ],
)
def test_lines(line: str, path: str, label: str) -> None:
    assert parse_line(line) == (path, label)


@pytest.mark.parametrize("line", ["a.png", "a.png ", ",cat", "cat", '"a b.png"'])
def test_lines_with_one_of_the_two_missing(line: str) -> None:
    assert parse_line(line) is None


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10)


@given(words, words, st.sampled_from([" ", "\t", ",", ", ", "\t ", " , "]))
def test_a_line_that_was_written_is_read(stem: str, label: str, between: str) -> None:
    assert parse_line(f"{stem}.png{between}{label}") == (f"{stem}.png", label)
    assert parse_line(f'"{stem} {stem}.png"{between}{label}') == (f"{stem} {stem}.png", label)


@given(st.text(max_size=60))
def test_any_line_is_read_or_not(line: str) -> None:
    found = parse_line(line)
    assert found is None or (found[0] and found[1])


def test_beside_the_pictures(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["a.png", "b.png", "c.png"]))
    (tmp_path / "labels.txt").write_text("# my cats\na.png cat\n\nb.png dog\ngone.png dog\nwhat\n")
    header = tree(tmp_path / "headed", {**pictures(["a.png"]), "labels.txt": b"filename label\na.png cat\n"})
    assert len(read_examples(header)) == 1 and not read_examples(header).problems
    shutil.rmtree(header)
    for source in (tmp_path, tmp_path / "labels.txt"):
        examples = read_examples(source)
        assert examples.table.rows() == [("a.png", "cat"), ("b.png", "dog")]
        assert Path(examples.value("image", 1)) == tmp_path / "b.png"
    found = {problem.name: problem.message for problem in read_examples(tmp_path).problems}
    assert list(found) == ["labels.txt line 5", "labels.txt line 6", "c.png"]
    assert "there is no file 'gone.png'" in found["labels.txt line 5"]
    assert "no path and label but 'what'" in found["labels.txt line 6"]
    assert "is not in labels.txt" in found["c.png"]


def test_paths_are_relative_to_the_file_and_may_be_written_as_on_windows(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["img/a.png", "lists/x.txt"]))
    (tmp_path / "lists" / "mine.txt").write_text("..\\img\\a.png cat\n../img/a.png dog\n")
    examples = read_examples(tmp_path / "lists" / "mine.txt")
    assert examples.table["label"].to_list() == ["cat", "dog"]
    assert Path(examples.value("image", 0)).read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    tree(tmp_path, pictures(["一.png", "二.png"]))
    (tmp_path / "labels.txt").write_bytes("一.png 猫猫\n二.png 狗狗\n".encode(encoding))
    assert read_examples(tmp_path).table["label"].to_list() == ["猫猫", "狗狗"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"# nothing\n", "it is empty"),
        (b"gone.png cat\n", "no line has a file that is there.*line 1"),
        (bytes(range(9)), "not a text file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, data: bytes, says: str) -> None:
    tree(tmp_path, {**pictures(["a.png"]), "labels.txt": data})
    for source in (tmp_path, tmp_path / "labels.txt"):
        with pytest.raises(DataError, match=says):
            read_examples(source)


@pytest.mark.parametrize("name", ["labels.txt", "labels.csv"])
@pytest.mark.parametrize("kind", ["./img/{}.png", "img//{}.png", "img/../img/{}.png", "absolute"])
def test_a_path_may_be_written_as_programs_write_it(tmp_path: Path, name: str, kind: str) -> None:
    between = "," if name.endswith("csv") else " "
    form = f"{tmp_path}/img/{{}}.png" if kind == "absolute" else kind
    lines = [f"{form.format(i)}{between}{'cat' if i % 2 else 'dog'}\n" for i in range(4)]
    head = "path,label\n" if name.endswith("csv") else ""
    tree(tmp_path, {**pictures([f"img/{i}.png" for i in range(4)]), name: (head + "".join(lines)).encode()})
    for source in (tmp_path, tmp_path / name):
        examples = read_examples(source)
        assert examples.table["label"].to_list() == ["dog", "cat", "dog", "cat"]
        if ".." not in kind:
            assert examples.table["image"].to_list() == [f"img/{i}.png" for i in range(4)]
        assert not examples.problems


def test_a_labels_file_that_fits_no_file_is_not_passed_over(tmp_path: Path) -> None:
    # Without the sentence the folder's name would be learned.
    tree(
        tmp_path, {**pictures(["img/1.png", "img/2.png"]), "labels.txt": b"data/7.png cat\ndata/8.png dog\n"}
    )
    with pytest.raises(DataError, match=r"no line has a file that is there and its label"):
        read_examples(tmp_path)
    # A list of classes is no labels file.
    tree(tmp_path, {**pictures(["cat/1.png", "dog/2.png"]), "labels.txt": b"0 cat\n1 dog\n"})
    assert set(read_examples(tmp_path).table["label"]) >= {"cat", "dog"}


def test_a_labels_file_of_other_files_beside_class_folders_is_said(tmp_path: Path) -> None:
    files = pictures(["cat/1.png", "cat/2.png", "dog/3.png"])
    tree(tmp_path, {**files, "labels.csv": b"file,label\n1.png,cat\n"})
    examples = read_examples(tmp_path)
    assert examples.table["label"].to_list() == ["cat", "cat", "dog"]
    assert any("names no file that is there" in str(problem) for problem in examples.problems)


def test_a_file_is_found_however_its_accents_are_written(tmp_path: Path) -> None:
    files = {
        unicodedata.normalize("NFD", name): data for name, data in pictures(["café.png", "thé.png"]).items()
    }
    lines = unicodedata.normalize("NFC", "café.png warm\nthé.png warm\n").encode()
    tree(tmp_path / "drinks", {**files, "labels.txt": lines})
    examples = read_examples(tmp_path / "drinks")
    assert examples.table["label"].to_list() == ["warm", "warm"]
    assert not examples.problems
