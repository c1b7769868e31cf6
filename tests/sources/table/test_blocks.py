"""Rows a block at a time are the rows that are read at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.examples.table_options import TableOptions
from hornbook.sources.table import blocks as reader
from hornbook.sources.table.blocks import Block, blocks

TEXT = 'n,text\n1,plain\n2,"a\nb"\n3,"c ""d"", e"\n4,?\n5,小狗\n'


def rows(path: Path, **options: object) -> tuple[list[tuple[object, ...]], list[Block]]:
    found = list(blocks(path, TableOptions(**options)))  # type: ignore[arg-type]
    return [row for block in found for row in block.table.rows()], found


@pytest.mark.parametrize("size", [1, 7, 16, 33, 1 << 20])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_any_block_gives_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, encoding: str
) -> None:
    (tmp_path / "t.csv").write_bytes(TEXT.encode(encoding))
    monkeypatch.setattr(reader, "BLOCK", size)
    found, made = rows(tmp_path / "t.csv")
    assert found == [("1", "plain"), ("2", "a\nb"), ("3", 'c "d", e'), ("4", None), ("5", "小狗")]
    assert [block.first for block in made] == [
        1 + sum(b.table.height for b in made[:i]) for i in range(len(made))
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "gb18030"]
)
def test_the_encoding_of_a_long_table_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    # The first letter has the byte of a line's end.
    letter = "\u0a0a狗" if encoding.startswith("utf") else "小狗" if encoding == "gb18030" else "é"
    text = "n,text\n" + "".join(f"{i},{letter * (i % 3)}x\n" for i in range(200))
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    for most in (1000, 1001, 1002, 1003, 1007):
        monkeypatch.setattr(reader, "HEAD", most)
        found, _ = rows(tmp_path / "t.csv")
        assert found == [(str(i), letter * (i % 3) + "x") for i in range(200)]


@given(st.lists(st.text('ab\n",', max_size=5), min_size=1, max_size=12), st.integers(1, 40))
def test_blocks_end_where_rows_do(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], size: int
) -> None:
    path = tmp_path_factory.mktemp("b") / "t.csv"
    pl.DataFrame({"n": range(len(texts)), "text": texts}).write_csv(path, quote_style="non_numeric")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "BLOCK", size)
        found, made = rows(path)
    assert [row[0] for row in found] == [str(i) for i in range(len(texts))]
    assert not any(block.wrong for block in made)


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "json", "tsv"])
def test_other_kinds_of_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(reader, "ROWS", 2)
    frame = pl.DataFrame({"n": [1, 2, 3], "t": ["a", "?", "c"]})
    path = tmp_path / f"t.{ending}"
    if ending == "parquet":
        frame.write_parquet(path)
    elif ending == "jsonl":
        frame.write_ndjson(path)
    elif ending == "json":
        frame.write_json(path)
    else:
        frame.write_csv(path, separator="\t")
    found, _ = rows(path)
    assert [(str(n), t) for n, t in found] == [("1", "a"), ("2", None), ("3", "c")]


def test_rows_of_another_length_are_named_and_the_rest_is_there(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3\n4,5,6\n7,8\n")
    found, (block,) = rows(tmp_path / "t.csv")
    assert found == [("1", "2"), ("3", None), ("4", "5"), ("7", "8")]
    assert sorted(block.wrong) == [1, 2]
    assert block.wrong[1].startswith("has 1 value and not 2")


def test_names_without_the_columns_to_be_predicted(tmp_path: Path) -> None:
    (tmp_path / "t.data").write_text("1 2\n3 4\n")
    (block,) = blocks(tmp_path / "t.data", TableOptions(names=("a", "b", "y")), ("y",))
    assert block.table.rows() == [("1", "2"), ("3", "4")]
    assert block.table.columns == ["a", "b"]


def test_what_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "odd.csv").write_bytes(b"\0\1\2\3" * 20)
    for name, says in {
        "empty.csv": "the file is empty",
        "gone.csv": "no such file",
        "odd.csv": "not a text",
    }.items():
        with pytest.raises(DataError, match=says):
            list(blocks(tmp_path / name, TableOptions()))
