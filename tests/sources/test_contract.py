"""What holds for every source: one small data set, written in every form that can be read, gives the same examples."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
from PIL import Image

from hornbook.columns import CategoryColumn, ImageColumn
from hornbook.columns.base import Array
from hornbook.columns.summary import SPLITS
from hornbook.examples import Examples
from hornbook.examples.examples import NUMBER
from hornbook.examples.prepare import prepare
from hornbook.examples.split import Split, split_rows
from hornbook.examples.stores import Store
from hornbook.sources import read_examples
from hornbook.sources.array import cifar
from hornbook.sources.mixture import Part, mix_sources
from tests.sources.make import tarred, tree, zipped

SIDE = cifar.SIDE
ROWS = 2
"""Pictures in each file of CIFAR-10, which has five to train and one to test."""


class Row(NamedTuple):
    """An example: gray pixels, its class and its split."""

    pixels: Array
    label: str
    split: str

    @property
    def png(self) -> bytes:
        out = io.BytesIO()
        Image.fromarray(self.pixels).save(out, "png")
        return out.getvalue()

    @property
    def number(self) -> int:
        return cifar.CLASSES.index(self.label)


DATA = [
    Row(
        np.random.default_rng(i).integers(0, 256, (SIDE, SIDE), np.uint8),
        ("cat", "dog", "ship")[i % 3],
        "test" if i >= 5 * ROWS else "train",
    )
    for i in range(6 * ROWS)
]
PIXELS, LABELS, SPLIT = (list(part) for part in zip(*DATA, strict=True))
FILES = {f"{r.split}/{r.label}/{i:02}.png": r.png for i, r in enumerate(DATA)}
FRAME = pl.DataFrame({"image": list(FILES), "label": LABELS, "split": SPLIT})


def of(split: str) -> list[Row]:
    return [row for row in DATA if row.split == split]


def named(folder: Path) -> dict[str, bytes]:
    return {f"{r.split}/{r.label}_{i:02}.png": r.png for i, r in enumerate(DATA)}


def labelled(folder: Path, name: str, line: str, head: str = "") -> Path:
    """Write the pictures of each split with a file of their labels."""
    for split in ("train", "test"):
        rows = {f"{i}.png": row for i, row in enumerate(of(split))}
        lines = head + "".join(line.format(file, row.label) for file, row in rows.items())
        tree(folder / split, {**{file: row.png for file, row in rows.items()}, name: lines.encode()})
    return folder


def table(folder: Path, write: Callable[[pl.DataFrame, Path], object], ending: str) -> Path:
    """Write a table with a column of paths, and the pictures."""
    path = tree(folder, FILES) / f"table.{ending}"
    write(FRAME, path)
    return path


def embedded(folder: Path) -> Path:
    """Write a table with the pictures in it."""
    cells = [{"bytes": data, "path": name} for name, data in FILES.items()]
    FRAME.with_columns(image=pl.Series(cells)).write_parquet(folder / "x.parquet")
    return folder / "x.parquet"


def pandas(columns: dict[str, Any]) -> Any:
    return pytest.importorskip("pandas").DataFrame(columns)


def archived(folder: Path, write: Callable[..., Path], how: object) -> Path:
    """Write an archive, which is known by what it begins with."""
    return write(folder / "archive", FILES, how)


def excel(folder: Path) -> Path:
    return table(folder, write_excel, "xlsx")


def write_excel(frame: pl.DataFrame, path: Path) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    for row in (frame.columns, *frame.rows()):
        book.active.append(row)
    book.save(path)


def idx(folder: Path, packed: bool) -> Path:
    files = {}
    for split, name in (("train", "train"), ("test", "t10k")):
        rows = of(split)
        pixels = (
            struct.pack(">IIII", 2051, len(rows), SIDE, SIDE) + np.stack([r.pixels for r in rows]).tobytes()
        )
        files[f"{name}-images-idx3-ubyte"] = pixels
        files[f"{name}-labels-idx1-ubyte"] = struct.pack(">II", 2049, len(rows)) + bytes(
            r.number for r in rows
        )
    return tree(folder, {f"{n}.gz": gzip.compress(d) for n, d in files.items()} if packed else files)


def npz(folder: Path, save: Callable[..., None]) -> Path:
    arrays: dict[str, Array] = {}
    for split in ("train", "test"):
        arrays[f"x_{split}"] = np.stack([row.pixels for row in of(split)])
        arrays[f"y_{split}"] = np.array([row.number for row in of(split)], np.uint8)
    save(folder / "x.npz", **arrays)
    return folder / "x.npz"


def batches(folder: Path) -> dict[str, bytes]:
    """Return the six files of CIFAR-10's binary version."""
    rows = [bytes([row.number]) + row.pixels.tobytes() * 3 for row in DATA]
    return {name: b"".join(rows[i * ROWS : (i + 1) * ROWS]) for i, name in enumerate(cifar.FILES)}


FORMS: dict[str, Callable[[Path], Any]] = {
    "class folders": lambda p: tree(p, FILES),
    "labels.txt": lambda p: labelled(p, "labels.txt", "{} {}\n"),
    "labels.csv": lambda p: labelled(p, "labels.csv", "{},{}\n", "file,label\n"),
    "metadata.jsonl": lambda p: labelled(p, "metadata.jsonl", '{{"file_name": "{}", "label": "{}"}}\n'),
    "names of files": lambda p: (tree(p, named(p)), {"pattern": "{label}_{}.png"}),
    "csv": lambda p: table(p, pl.DataFrame.write_csv, "csv"),
    "tsv": lambda p: table(p, lambda f, path: f.write_csv(path, separator="\t"), "tsv"),
    "semicolons": lambda p: table(p, lambda f, path: f.write_csv(path, separator=";"), "csv"),
    "json": lambda p: table(p, pl.DataFrame.write_json, "json"),
    "json lines": lambda p: table(p, pl.DataFrame.write_ndjson, "jsonl"),
    "parquet": lambda p: table(p, pl.DataFrame.write_parquet, "parquet"),
    "excel": excel,
    "parquet with the pictures": embedded,
    **{
        f"zip, method {method}": partial(archived, write=zipped, how=method)
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
    },
    **{f"tar, {mode}": partial(archived, write=tarred, how=mode) for mode in ("w", "w:gz", "w:bz2", "w:xz")},
    "zip of names": lambda p: (zipped(p / "x.zip", named(p)), {"pattern": "{label}_{}.png"}),
    "table in a zip": lambda p: zipped(p / "x.zip", {**FILES, "labels.csv": FRAME.write_csv().encode()}),
    "idx": lambda p: idx(p, packed=False),
    "idx.gz": lambda p: idx(p, packed=True),
    "npz": lambda p: npz(p, np.savez),
    "npz, compressed": lambda p: npz(p, np.savez_compressed),
    "cifar": lambda p: tree(p, batches(p)),
    "cifar.tar.gz": lambda p: tarred(p / cifar.ARCHIVE, batches(p), "w:gz"),
    "arrays": lambda p: {"image": np.stack(PIXELS), "label": np.array(LABELS), "split": SPLIT},
    "list of arrays": lambda p: {"image": PIXELS, "label": LABELS, "split": SPLIT},
    "list of bytes": lambda p: {"image": list(FILES.values()), "label": LABELS, "split": SPLIT},
    "Pillow": lambda p: {"image": list(map(Image.fromarray, PIXELS)), "label": LABELS, "split": SPLIT},
    "list of paths": lambda p: {
        "image": [tree(p, FILES) / n for n in FILES],
        "label": LABELS,
        "split": SPLIT,
    },
    "pairs": lambda p: list(zip(PIXELS, LABELS, strict=True)),
    "Polars": lambda p: FRAME.with_columns(image=str(tree(p, FILES)) + "/" + pl.col("image")),
    "Polars, lazy": lambda p: FRAME.with_columns(image=str(tree(p, FILES)) + "/" + pl.col("image")).lazy(),
    "pandas": lambda p: pandas({"image": list(FILES.values()), "label": LABELS, "split": SPLIT}),
}


@pytest.fixture(autouse=True)
def small_cifar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files of two pictures, where the real ones have ten thousand."""
    monkeypatch.setattr(cifar, "ROWS", ROWS)
    monkeypatch.setattr(cifar, "TOGETHER", ROWS)


def read(form: str, folder: Path) -> Examples:
    folder.mkdir(parents=True, exist_ok=True)
    made = FORMS[form](folder)
    source, how = made if isinstance(made, tuple) else (made, {})
    return read_examples(source, **how)


def said(label: Any) -> str:
    """Return the word for a label; where a format has only numbers, those of CIFAR-10."""
    return cifar.CLASSES[int(label)] if str(label).isdigit() else str(label)


def encoded(examples: Examples) -> list[Row]:
    """Return the rows as they come out of the encoded arrays, in an order of their own."""
    ready = prepare(
        examples,
        {"image": ImageColumn(size=(SIDE, SIDE), channels=1)},
        {"label": CategoryColumn()},
        Split(validation=0, test=0),
    )
    classes = ready.targets["label"]
    assert isinstance(classes, CategoryColumn) and classes.classes is not None
    assert not ready.problems and sum(map(len, ready.splits.values())) == len(DATA)
    return [
        Row(
            ready.arrays["image"].take(np.array([row]))[0, ..., 0],
            said(classes.classes[int(ready.arrays["label"].take(np.array([row]))[0])]),
            split,
        )
        for split in SPLITS
        for row in ready.splits[split].tolist()
    ]


def comparable(rows: list[Row], splits: bool = True) -> list[tuple[bytes, str, str]]:
    return sorted((row.pixels.tobytes(), row.label, row.split if splits else "") for row in rows)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_examples(form: str, tmp_path: Path) -> None:
    examples = read(form, tmp_path / "set")
    given = form != "pairs"  # which say nothing of splits
    assert examples.table.columns == ["image", "label", "split"][: 2 + given] and not examples.problems
    assert list(examples.stores) == ["image"] and len(examples) == len(DATA)
    assert comparable(encoded(examples), given) == comparable(DATA, given)
    assert read_examples(examples) is examples
    # Read again it is known to be the same; other rows are known to be others.
    again = read(form, tmp_path / "set")
    assert again.table.equals(examples.table)
    assert examples.replace(table=examples.table[1:]).fingerprint() != examples.fingerprint()


def generated(folder: Path) -> Examples:
    return read_examples({"make": "captcha", "count": 3, "validation": 2, "test": 1, "length": 2})


def mixed(folder: Path) -> Examples:
    parts = [Part(read(form, folder / form)) for form in ("class folders", "zip of names", "arrays")]
    found = mix_sources([*parts, Part(generated(folder), held_out=False)])
    assert set(found.table[NUMBER]) == {1, 2, 3, 4}
    return found


STORES: dict[str, Callable[[Path], Examples]] = {
    "generated": generated,
    "mixed": mixed,
    **{form: partial(read, form) for form in FORMS},
}


@pytest.mark.parametrize("form", STORES)
def test_every_store_keeps_its_contract(form: str, tmp_path: Path) -> None:
    examples = STORES[form](tmp_path / "set")
    store, cells = examples.store("image"), examples.table["image"]
    assert isinstance(store, Store) and examples.store("label").load("cat") == "cat"
    names = cells.to_list()
    assert len(set(names)) == len(names)
    # A store is known by what is behind its names, however they are given, and by nothing that passes.
    assert store.fingerprint(names) == store.fingerprint(cells) == store.fingerprint(tuple(names))
    column = ImageColumn(size=(SIDE, SIDE), channels=1)
    values = [column.encode(value) for value in examples.values("image")]
    assert all(np.array_equal(column.encode(store.load(n)), v) for n, v in zip(names, values, strict=True))
    block = store.chunk(names[:3])
    if block is not None:
        assert all(np.array_equal(column.encode(b), v) for b, v in zip(block, values, strict=False))
    assert store.chunk([]) is None
    for key, part in store.parts():
        inner = [name.removeprefix(key) for name in names if name.startswith(key)]
        assert not part.parts() and all(part.load(name) is not None for name in inner[:1])
    below = store.folder()
    assert below is None or all(Path(below, name).is_file() for name in names)
    # The same rows fall into the same splits, in whatever order they stand, where they have names of their own.
    free = examples.replace(table=examples.table.drop("split", strict=False))
    once = split_rows(free, Split(test=0.3)).table
    assert once.equals(split_rows(free, Split(test=0.3)).table)
    if not store.numbered:
        turned = split_rows(free.replace(table=free.table.reverse()), Split(test=0.3)).table
        assert turned.reverse().equals(once)


TABLE = pl.DataFrame(
    {"n": [1, None, 30], "x": [0.5, -2.25, None], "word": ["red", None, "deep blue"], "kind": ["a", "b", "a"]}
)


def several(folder: Path) -> str:
    """Write the table in two files, which are read together."""
    for i, part in enumerate((TABLE[:2], TABLE[2:])):
        part.write_csv(folder / f"part{i}.csv")
    return str(folder / "part*.csv")


TABLES: dict[str, Callable[[Path], Any]] = {
    "csv": lambda p: TABLE.write_csv(p / "t.csv"),
    "tsv": lambda p: TABLE.write_csv(p / "t.tsv", separator="\t"),
    "semicolons": lambda p: TABLE.write_csv(p / "t.csv", separator=";"),
    "bars": lambda p: TABLE.write_csv(p / "t.csv", separator="|"),
    "decimal commas": lambda p: TABLE.write_csv(p / "t.csv", separator=";", decimal_comma=True),
    "windows": lambda p: (p / "t.csv").write_text(
        TABLE.write_csv(line_terminator="\r\n"), "utf-16", newline=""
    ),
    "zip": lambda p: zipped(p / "t.zip", {"t.csv": TABLE.write_csv().encode()}),
    "several": several,
    "json": lambda p: TABLE.write_json(p / "t.json"),
    "json lines": lambda p: TABLE.write_ndjson(p / "t.jsonl"),
    "parquet": lambda p: TABLE.write_parquet(p / "t.parquet"),
    "columns": lambda p: TABLE.to_dict(as_series=False),
    "series": lambda p: TABLE.to_dict(),
    "Polars": lambda p: TABLE,
    "Polars, lazy": lambda p: TABLE.lazy(),
    "pandas": lambda p: pandas(TABLE.to_dict(as_series=False)),
}


@pytest.mark.parametrize("form", TABLES)
def test_every_form_of_a_table_gives_the_same_cells(form: str, tmp_path: Path) -> None:
    source = TABLES[form](tmp_path)
    examples = read_examples(next(tmp_path.glob("t.*"), source))
    assert examples.table.columns == TABLE.columns and not examples.stores and not examples.problems
    numbers = pl.col("n", "x").cast(pl.Float64).fill_nan(None)
    assert examples.table.with_columns(numbers).rows() == TABLE.with_columns(numbers).rows()


def test_a_second_table_is_the_test_split(tmp_path: Path) -> None:
    """In the forms in which a table and the table of test rows may be given."""
    TABLE.write_csv(tmp_path / "t.csv")
    TABLE.write_parquet(tmp_path / "last.parquet")
    examples = read_examples(tmp_path / "t.csv", test="last.parquet").table
    assert examples["split"].to_list() == ["train"] * 3 + ["test"] * 3
    assert examples.drop("split").rows() == TABLE.rows() * 2
