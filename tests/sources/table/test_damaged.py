"""Damaged Parquet files end in one sentence, also where the library panics and prints lines of its own."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import polars as pl
import pytest

from hornbook.errors import DataError
from hornbook.examples.table_options import TableOptions
from hornbook.recognizer.codes.files import read_codes
from hornbook.sources.table.blocks import blocks
from hornbook.sources.table.damaged import told_as_damaged
from hornbook.sources.table.read import parse


def turned(data: bytes, seed: int) -> bytes:
    """Return a file with some bits turned."""
    chance, out = random.Random(seed), bytearray(data)
    for _ in range(chance.choice((1, 4, 32))):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def test_a_panic_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match=r"^sales: the table is damaged"), told_as_damaged("sales"):
        os.write(2, b"thread 'async-executor-0' panicked\nstack backtrace:\n")
        raise pl.exceptions.PanicException("unreachable")
    os.write(2, b"said")
    assert capfd.readouterr().err == "said"


def test_damaged_parquet_files_print_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    memory, path, refused = io.BytesIO(), tmp_path / "t.parquet", 0
    pl.DataFrame({"code0": [1.5 * i for i in range(80)], "kind": ["x", "yy"] * 40}).write_parquet(memory)
    for seed in range(40, 80):
        path.write_bytes(turned(memory.getvalue(), seed))
        for read in (
            lambda: parse(path.read_bytes(), "parquet", "t"),
            lambda: list(blocks(path, TableOptions())),
            lambda: read_codes(path),
        ):
            try:
                read()
            except DataError:
                refused += 1
    assert refused > 40
    assert capfd.readouterr().err == ""
