"""A row answers the same, whatever it stands in: a table of any kind, cut anywhere, a data frame, a dict."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import hornbook
from hornbook.common.progress import Silent
from hornbook.errors import DataError
from hornbook.recognizer import Recognizer
from hornbook.sources.table import blocks

Row = dict[str, str | None]

gaps = st.sampled_from(["", " ", "?", "NA", "null", "nan", "missing", None])
whole = st.integers(-3_000_000, 3_000_000)
thousands = st.one_of(
    whole.map(lambda n: f"{n:,}"), whole.map(lambda n: f"{n / 100:,.2f}"), whole.map(str), st.just("-")
)
commas = st.one_of(
    whole.map(lambda n: f"{n / 1000:.3f}".replace(".", ",")),
    whole.map(str),
    st.sampled_from([",5", "+7,", "none"]),
)
powers = st.one_of(
    st.floats(-1e9, 1e9, width=32).map(repr), st.sampled_from(["1e3", "+2.5E-2", "-.5", "7.", " 12 ", "--"])
)
COLUMNS = {
    "price": thousands | gaps,
    "weight": commas | gaps,
    "power": powers | gaps,
    "cost": st.one_of(
        whole.map(lambda n: f"{'-' if n < 0 else ''}${abs(n) / 100:,.2f}"),
        whole.map(lambda n: f"{n} €"),
        st.sampled_from(["($5.00)", "5", "$ 7", "2.5K", "1'200", "n.a.", "$-3"]),
    )
    | gaps,
    "size": st.sampled_from(["2.3M", "5K", "850", "1,5 k", "3 kg", "0.5m", "2M2", "(4K)"]) | gaps,
    "zone": st.sampled_from(["1", "2", "1.0", "07", "Zürich", "None", "x,y"]) | gaps,
    "code": st.sampled_from(["1,250", "1250", "2,000.0", " 2000 ", "3,100", "3100.00", "1.25", "9"]) | gaps,
    "day": st.sampled_from(["2024-01-31", "31.01.2024", "1/2/24", "12:30"]) | gaps,
    "sold": st.one_of(
        st.dates(date(1950, 1, 1), date(2050, 1, 1)).map(lambda d: d.strftime("%d/%m/%Y")),
        st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)).map(
            lambda t: t.strftime("%d/%m/%Y %I:%M %p")
        ),
        st.sampled_from(
            ["2024-01-31", " 1/2/2024 ", "31/31/2024", "soon", "0000-00-00", "2024-05-01T10:30:00Z"]
        ),
    )
    | gaps,
    "name": st.text("aé小 ,;|'\"\t.-1", min_size=1, max_size=9).map(lambda text: f"n{text}n") | gaps,
}
INPUTS = {
    "price": "number",
    "weight": "number",
    "power": "number",
    "cost": "number",
    "size": "number",
    "zone": "category",
    "code": "category",
    "day": "category",
    "sold": "date",
    "name": "text",
}


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Recognizer, Recognizer]]:
    """Return a recognizer in the folder of its run, and its file alone, copied elsewhere."""
    folder = tmp_path_factory.mktemp("one_way")
    random = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "price": [f"{n:,.2f}" for n in random.uniform(100, 900_000, 90)],
            "weight": [f"{n:.2f}".replace(".", ",") for n in random.uniform(0.5, 90, 90)],
            "power": [f"{n:.3e}" for n in random.normal(0, 1e5, 90)],
            "cost": [f"${n:,.2f}" for n in random.uniform(100, 900_000, 90)],
            "size": [f"{n:.1f}{'KM'[i % 2]}" for i, n in enumerate(random.uniform(1, 900, 90))],
            "zone": ["1", "2", "Zürich"] * 30,
            "code": ["1,250", "2,000", "3,100"] * 30,
            "day": ["2024-01-31", "31.01.2024", "missing"] * 30,
            "sold": [f"{i % 28 + 1:02d}/0{i % 9 + 1}/20{i % 20 + 10}" for i in range(90)],
            "name": [f"n{'aé小 1'[i % 5]} n" if i % 6 else None for i in range(90)],
            "y": random.normal(0, 1, 90).round(2),
        }
    )
    frame.write_csv(folder / "t.csv", separator="|")
    changes = [f"inputs.{name}={kind}" for name, kind in INPUTS.items()]
    changes += [
        "training.epochs=2",
        "training.precision=float32",
        "data.missing=['?', 'NA', 'null', 'nan', 'missing']",
    ]
    hornbook.train(folder / "t.csv", run=folder / "run", target="y", changes=changes, progress=Silent())
    (folder / "elsewhere").mkdir()
    shutil.copy(folder / "run" / "recognizer.onnx", folder / "elsewhere" / "mine.onnx")
    yield hornbook.load(folder / "run"), hornbook.load(folder / "elsewhere" / "mine.onnx")


def test_classes_are_read_as_they_were_in_training(readers: tuple[Recognizer, Recognizer]) -> None:
    for reader in readers:
        code = reader.inputs["code"]
        assert code.class_names() == ("1250", "2000", "3100")
        said: list[list[Any]] = [["1,250", "1250", 1250], ["2,000", 2000.0], [" 3,100.00 "], ["1.25", 1.25]]
        assert [{int(code.encode(cell)) for cell in cells} for cells in said] == [{0}, {1}, {2}, {3}]
        assert set(reader.written.numbers) == {"price", "weight", "power", "cost", "size", "code", "y"}


def alone(reader: Recognizer, row: Row) -> float | None:
    try:
        return float(reader.predict(row).value)
    except DataError:
        return None


def of_table(reader: Recognizer, path: Path) -> list[float | None]:
    answers = [answer for block in reader.predict_table(path) for answer in block.answers]
    return [None if isinstance(a, DataError) else float(a.value) for a in answers]


def write(rows: list[Row], path: Path) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String))
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".jsonl":
        frame.write_ndjson(path)
    else:
        out = io.StringIO()
        separator = "\t" if path.suffix == ".tsv" else "|"
        writer = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([list(COLUMNS), *([row[name] or "" for name in COLUMNS] for row in rows)])
        path.write_text(out.getvalue(), "utf-8")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],
)
@given(st.lists(st.fixed_dictionaries(COLUMNS), min_size=1, max_size=6))
def test_a_row_answers_the_same_whatever_it_stands_in(
    readers: tuple[Recognizer, Recognizer], tmp_path: Path, rows: list[Row]
) -> None:
    with_run, lone = readers
    expected = [alone(with_run, row) for row in rows]
    found: dict[str, list[Any]] = {"alone, elsewhere": [alone(lone, row) for row in rows]}
    for reader in readers:
        for ending in ("csv", "tsv", "jsonl", "parquet"):
            write(rows, tmp_path / f"t.{ending}")
            for size, count in ((1, 1), (8 << 20, 20_000)):
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(blocks, "BLOCK", size)
                    patch.setattr(blocks, "ROWS", count)
                    found[f"{ending}, {count} at once, {reader.path.name}"] = of_table(
                        reader, tmp_path / f"t.{ending}"
                    )
        good = [row for row, value in zip(rows, expected, strict=True) if value is not None]
        values = [value for value in expected if value is not None]
        if good:
            table = pl.DataFrame(good, schema=dict.fromkeys(COLUMNS, pl.String))
            for many in (table, pd.DataFrame(good), good):
                assert [a.value for a in reader.predict(many)] == pytest.approx(values, rel=1e-5, abs=1e-6)
    for where, answers in found.items():
        assert [a is None for a in answers] == [e is None for e in expected], where
        assert [a for a in answers if a is not None] == pytest.approx(values, rel=1e-5, abs=1e-6), where
