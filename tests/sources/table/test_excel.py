"""Spreadsheets that are broken, or huge and empty."""

from __future__ import annotations

import io
import zipfile

import pytest

from hornbook.errors import DataError
from hornbook.sources.table.excel import MOST_CELLS, read_excel_table
from hornbook.sources.table.read import parse

openpyxl = pytest.importorskip("openpyxl")


def book(cells: dict[str, object]) -> bytes:
    """Return a spreadsheet with some cells."""
    made = openpyxl.Workbook()
    for place, value in cells.items():
        made.active[place] = value
    memory = io.BytesIO()
    made.save(memory)
    return memory.getvalue()


def changed(data: bytes, name: str, old: bytes, new: bytes | None) -> bytes:
    """Return a spreadsheet with another word in one of its parts, or without that part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for one in before.namelist():
            part = before.read(one)
            if one != name:
                after.writestr(one, part)
            elif new is not None:
                after.writestr(one, part.replace(old, new))
    return out.getvalue()


GOOD = book({"A1": "a", "B1": "b", "A2": 1, "B2": 2.5})
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


@pytest.mark.parametrize(
    "data",
    [
        changed(GOOD, SHEET, b"</sheetData>", b""),
        changed(GOOD, SHEET, b"", None),
        changed(GOOD, SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
        changed(GOOD, BOOK, b"", None),
        changed(GOOD, SHEET, b"1", b"x"),
        GOOD[: len(GOOD) // 2],
    ],
    ids=["cut", "no-sheet", "entities", "no-book", "letters", "half"],
)
def test_a_broken_spreadsheet_is_one_sentence(data: bytes) -> None:
    with pytest.raises(DataError, match=r"^x\.xlsx: is a spreadsheet that cannot be read"):
        read_excel_table(data, (), "x.xlsx")


@pytest.mark.parametrize("place", ["XFD1048576", "ZZ99999", "B1000000000"])
def test_a_huge_empty_sheet_takes_no_memory(place: str) -> None:
    data = changed(GOOD, SHEET, b'"B2"', b'"%b"' % place.encode())
    with pytest.raises(DataError, match=r"goes down to row [\d,]+ and across to column|cannot be read"):
        read_excel_table(data, (), "x.xlsx")


def test_a_wide_sheet_of_few_rows_is_read() -> None:
    cells = {"A1": "a", "XFC1": "b", "A2": 1, "XFC2": 2}
    assert MOST_CELLS > 2 * 16_384
    assert read_excel_table(book(cells), (), "x.xlsx").height == 1


BODY = [[f"{letter}{i}", i * 1.5, i] for i in range(9) for letter in "ab"]
HEAD = ["name", "size", "sold"]


@pytest.mark.parametrize(
    ("above", "below", "note"),
    [
        ([], [], ""),
        ([["Report of sales"], ["by SAP"], []], [], "2 lines above the header"),
        ([], [[], ["Source: own survey"]], "1 line below the table"),
        ([["units below"], HEAD], [["Total", 108.0, 72]], "row 19 ('Total') is left out"),
        ([], [["NA", "kg", "pieces"]], ""),
    ],
)
def test_a_sheet_with_more_than_a_table_in_it(
    above: list[list[str]], below: list[list[object]], note: str
) -> None:
    made = openpyxl.Workbook()
    for row in [*above, *([] if HEAD in above else [HEAD]), *BODY, *below]:
        made.active.append(row)
    memory = io.BytesIO()
    made.save(memory)
    found = parse(memory.getvalue(), "xlsx", "t.xlsx")
    assert found.table.columns == HEAD
    assert found.table.rows()[:18] == [tuple(row) for row in BODY] or not note
    assert note in "\n".join(found.notes)
