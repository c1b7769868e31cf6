"""Labels in the names of files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError, UsageError
from hornbook.sources import read_examples
from hornbook.sources.folder.name_patterns import parse_pattern
from tests.sources.make import pictures, tree


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [
        ("{digit}_{}.png", "7_anna.png", {"digit": "7"}),
        ("{digit}_{}.png", "7_a_b.PNG", {"digit": "7"}),
        ("{}_{digit}.png", "a_b_7.png", {"digit": "b_7"}),
        ("{digit}.png", "2b4m.png", {"digit": "2b4m"}),
        ("{who}/{digit}-{}.jpg", "anna/7-1.jpg", {"who": "anna", "digit": "7"}),
        ("{{{digit}}}.png", "{7}.png", {"digit": "7"}),
        ("a+b.{digit}.png", "a+b.7.png", {"digit": "7"}),
        (r"(?P<digit>\d)_.*", "7_x.png", {"digit": "7"}),
        ("{digit}_{}.png", "7.png", None),
        ("{digit}.png", "7xpng", None),
        (r"(?P<digit>\d)", "7_x.png", None),
    ],
)
def test_patterns(pattern: str, name: str, found: dict[str, str] | None) -> None:
    match = parse_pattern(pattern).fullmatch(name)
    assert (match.groupdict() if match else None) == found


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("*.png", "names no column"),
        ("{}_{}.png", "names no column"),
        ("{digit_{}.png", "single '{' at place 1"),
        ("digit}_{x}.png", "single '}' at place 6"),
        ("{a}{b}.png", "nothing between them at place 4"),
        ("{a}_{a}.png", "stands there twice"),
        ("{a b}.png", "is no name"),
        ("{image}.png", "the file's own"),
        ("(?P<a>", "no regular expression"),
        ("(?P<a>x)(?P<a>y)", "no regular expression"),
    ],
)
def test_patterns_that_cannot_be_read(pattern: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_pattern(pattern)


@given(st.text(max_size=40))
def test_any_pattern_is_read_or_refused_in_one_sentence(pattern: str) -> None:
    try:
        assert parse_pattern(pattern).groupindex
    except UsageError as error:
        assert "pattern" in str(error)


names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@given(names, names)
def test_what_was_written_with_a_pattern_is_read_with_it(label: str, rest: str) -> None:
    match = parse_pattern("{label}_{}.png").fullmatch(f"{label}_{rest}.png")
    assert match is not None
    assert match["label"] == label


def test_a_folder(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["7_anna.png", "below/1_ben.png", "none.png"]))
    examples = read_examples(tmp_path, pattern="{digit}_{who}.png")
    assert examples.table.columns == ["image", "digit", "who"]
    assert examples.table.rows() == [("7_anna.png", "7", "anna"), ("below/1_ben.png", "1", "ben")]
    assert [problem.name for problem in examples.problems] == ["none.png"]
    named = read_examples(tmp_path, pattern=r"(?P<digit>\d)_.*", label="digit")
    assert named.table["label"].to_list() == ["7", "1"]


def test_no_name_matches(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no name matches the pattern .* the names are like a\.png"):
        read_examples(tree(tmp_path, pictures(["a.png"])), pattern="{digit}_{}.png")
