"""What stands around a table: lines above its header, notes below it, units and totals in it, a name twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.examples.table_options import TableOptions
from hornbook.sources import read_examples
from hornbook.sources.table.blocks import blocks
from hornbook.sources.table.read import parse
from hornbook.sources.table.text import TextTable
from tests.sources.make import shared

CASES = shared().parent / "cases"

titles = st.text("abc XYZé0123456789.:-", max_size=30).map(lambda text: f"Note: {text}")
rows = st.lists(
    st.tuples(st.integers(0, 99), st.floats(0, 9, width=16), st.sampled_from(["yes", "no", "Ünna"])),
    min_size=12,
    max_size=30,
)


def read(text: str, **options: Any) -> TextTable:
    return parse(text.encode(), "csv", "t", TableOptions(**options))


@given(
    st.lists(titles, max_size=5), st.lists(titles, max_size=4), rows, st.sampled_from(",;\t"), st.booleans()
)
def test_a_table_is_the_same_whatever_stands_above_and_below_it(
    above: list[str], below: list[str], cells: list[tuple[int, float, str]], separator: str, blank: bool
) -> None:
    gap = "\n" if blank else ""
    table = "\n".join(separator.join(map(str, row)) for row in [("age", "size", "kind"), *cells]) + "\n"
    plain = read(table)
    found = read("".join(f"{t}\n" for t in above) + gap + table + gap + "".join(f"{t}\n" for t in below))
    assert found.table.equals(plain.table)
    said = "\n".join(found.notes)
    assert ("above the header" in said) is bool(above)
    assert ("below the table" in said) is bool(below)


@pytest.mark.parametrize(
    ("text", "columns", "height", "note"),
    [
        ("Report of sales\nby SAP,,\n\na,b,c\n1,2,x\n3,4,y\n5,6,z\n", ["a", "b", "c"], 3, "2 lines above the header"),
        ("Name,World Bank,\n\nDate,2021,\n\nland,code,2019\nA,B,1\nC,D,2\nE,F,\n", ["land", "code", "2019"], 3, "2"),
        (",a,b\n0,1,2\n1,3,4\n2,5,6\n", ["x1", "a", "b"], 3, ""),  # pandas writes its index so
        ("v1,v2,,,\nx,y z,,,\n\nq,r s,o,p,\nx,a a,,,\n", ["v1", "v2", "x3", "x4", "x5"], 3, ""),
        ("land,2018,2019\nA,1,2\nB,3,4\n", ["land", "2018", "2019"], 2, ""),
        ("Ford,2018,1\nOpel,2019,2\n", ["x1", "x2", "x3"], 2, "no header"),
        ("a,b\n1,2\n3,4\nSource: own survey\n", ["a", "b"], 2, "1 line below the table is left out"),
        ("a,b,c\n1,2,3\n3,4,5\n\nSource: IMF, 2016\n1 in constant, dollars\n", ["a", "b", "c"], 2, "2 lines below"),
        ("a,b,c\n1,2,3\n3,4,5\nmade by me,,\n", ["a", "b", "c"], 2, "1 line below"),
        ('a,b\n1,"x\ny"\n2,"z\nw"\n', ["a", "b"], 2, ""),
        ("a,b,a\n1,2,3\n4,5,6\n", ["a", "b", "a_2"], 2, "so the second is called 'a_2'"),
        ("a,a,a_2\n1,2,3\n4,5,6\n", ["a", "a_3", "a_2"], 2, "so the second is called 'a_3'"),
        ("a,b\nkg,EUR\n1,2\n3,4\n", ["a", "b"], 2, "it has units or a second header in it ('kg', 'EUR')"),
        ("a,b\nx,(kg)\ny,2\nz,4\n", ["a", "b"], 2, "('(kg)')"),
        ("a,b\nx,unknown\ny,2\nz,4\n", ["a", "b"], 3, ""),  # no unit
        ("a,b\nx,NA\ny,2\nz,4\n", ["a", "b"], 3, ""),
        ("a,b\nx,3+\ny,2\nz,4\n", ["a", "b"], 3, ""),
        ("a,b\nx,1\ny,2\nTotal,3\n", ["a", "b"], 2, "row 3 ('Total') is left out"),
        ("id,b\n1,1\n2,2\nTOTAL:,3\nAverage,1.5\n", ["id", "b"], 2, "row 3 ('TOTAL:'), row 4 ('Average') are left out"),
        ("id,who,b\n1,x,1\n2,x,2\n3,x,2\n4,x,2\n5,x,2\n,,9\n", ["id", "who", "b"], 5, "row 6 (the sum of the others)"),
        ("a,b\ntotal,1\nx,2\ntotal,3\n", ["a", "b"], 3, ""),  # one of several such rows: a class
        ("a,b\nx,1\ny,2\ntotal,\n", ["a", "b"], 3, ""),
        ("a;b;;\n1,5;2;;\n2,5;3;;\n;;;\n;;;\n", ["a", "b", "x3", "x4"], 2, "2 rows with nothing in them are left out"),
    ],
)  # fmt: skip
def test_what_is_no_example_is_left_out_and_named(
    text: str, columns: list[str], height: int, note: str
) -> None:
    found = read(text)
    assert (found.table.columns, found.table.height) == (columns, height)
    said = "\n".join(found.notes)
    assert note in said if note else not said
    if "odd_rows" in said:
        try:
            assert read(text, odd_rows="keep").table.height > height
        except DataError as error:
            assert "where the first line has" in str(error)  # and no row is lost


def test_lines_above_that_are_not_found_are_named_with_the_key_that_says_so() -> None:
    text = "made by,me\nin,May\na,b,c\n1,2,3\n3,4,5\n5,6,7\n"
    with pytest.raises(
        DataError, match=r"t line 3: has 3 values .* where it is the header, set data.skip = 2"
    ):
        read(text)
    assert read(text, skip=2).table.columns == ["a", "b", "c"]
    assert read("title\na,b\n1,2\n3,4\n5,6\n", skip=1).notes == ()


def test_the_rows_of_a_new_table_are_those_of_training(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("Report\n\na,b\nkg,EUR\n1,2\n3,4\nmade by me\n")
    (block,) = blocks(path, TableOptions())
    assert block.table.columns == ["a", "b"]
    assert block.table.rows()[1:3] == [("1", "2"), ("3", "4")]
    assert set(block.wrong) == {0, 3}


@pytest.mark.parametrize("above", ["north,x,2\nsouth,y,3\n", "1,2,3\n", ""])
def test_a_header_whose_names_are_known_is_found_below_lines_as_wide(tmp_path: Path, above: str) -> None:
    path = tmp_path / "new.csv"
    path.write_text(f"{above}a,b,c\n1,2,3\n3,4,5\n")
    (block,) = blocks(path, TableOptions(header_has=frozenset("ab")))
    assert block.table.columns == ["a", "b", "c"] and block.table.height == 2


def test_totals_of_a_table_with_types_are_left_out(tmp_path: Path) -> None:
    pl.DataFrame({"town": ["Ulm", "Bonn", "Total"], "sold": [3, 4, 7]}).write_parquet(tmp_path / "t.parquet")
    examples = read_examples(tmp_path / "t.parquet")
    assert len(examples) == 2 and "row 3 ('Total') is left out" in examples.notes[0]
    assert len(read_examples(tmp_path / "t.parquet", odd_rows="keep")) == 3


@pytest.mark.parametrize(
    ("name", "columns", "height"),
    [("preamble", 3, 60), ("footer", 3, 60), ("worldbank", 3, 40), ("gdp_per_capita", 7, 189)],
)
def test_files_that_people_have(name: str, columns: int, height: int) -> None:
    path = CASES / "tables-12-lines-above-and-below-the-table" / f"{name}.csv"
    if not path.exists():
        pytest.skip("the cases are not there")
    table = read_examples(path).table
    assert (table.width, table.height) == (columns, height)
