"""Predicting on the rows of tables, and looking at tables, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.cli.main import main
from hornbook.common.progress import Silent
from hornbook.sources.table.blocks import may_be_in
from tests.conftest import Ran

LONG = "kind\n" + "north\n" * 300_000 + "é\n"
CHANGES = ["training.epochs=3", "training.precision=float32"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with two small runs on tables: `houses`, of numbers, and `pets`, of classes."""
    folder = tmp_path_factory.mktemp("tables")
    random = np.random.default_rng(0)
    size = random.uniform(50, 250, 120).round(1)
    frame = pl.DataFrame(
        {"size": size, "zone": ["1", "2"] * 60, "price": (size * 3 + random.normal(0, 40, 120)).round(1)}
    )
    frame.write_csv(folder / "houses.csv")
    changes = [*CHANGES, "inputs.zone=category"]
    hornbook.train(
        folder / "houses.csv", run=folder / "houses", target="price", changes=changes, progress=Silent()
    )
    pets = pl.DataFrame({"weight": size, "kind": ["cat" if s < 150 else "dog" for s in size]})
    pets.write_csv(folder / "pets.csv")
    hornbook.train(
        folder / "pets.csv", run=folder / "pets", target="kind", changes=CHANGES, progress=Silent()
    )
    yield folder


def test_the_encoding_of_the_run_is_that_of_tables_that_are_not_in_utf8(here: Path, ran: Ran) -> None:
    rows = "".join(f"{kind},{i}\n" for i, kind in enumerate(["север", "юг", "восток"] * 30))
    (here / "train.csv").write_bytes(("kind,number\n" + rows).encode("cp1251"))
    changes = [*CHANGES, "inputs.kind=category", "data.encoding=cp1251"]
    hornbook.train(here / "train.csv", run=here / "run", target="number", changes=changes, progress=Silent())
    assert hornbook.load(here / "run").inputs["kind"].classes == ("восток", "север", "юг")  # type: ignore[attr-defined]
    answers = []
    for encoding in ("cp1251", "utf-8", "utf-16"):
        (here / "new.csv").write_bytes("kind\nсевер\nюг\n".encode(encoding))
        answers.append(ran(["predict", str(here / "run"), "new.csv"]).out)
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    ("run", "table", "text", "used"),
    [
        ("cp1251", "cp1251", "kind\nсевер\n", True),
        ("cp1251", "ascii", "kind\nnorth\n", True),
        ("cp1251", "utf-8", "kind\nсевер\n", False),
        ("cp1252", "utf-8", LONG, False),  # only late it is seen that it is UTF-8
        ("cp1252", "cp1252", LONG, True),
        ("utf-16", "ascii", "kind\nab\n", False),
        ("cp500", "ascii", "kind\nab\n", False),
        ("utf-8", "cp1252", "kind\nné\n", False),
        ("gb18030", "cp1252", "kind\né\n", False),
        ("nonsense", "ascii", "kind\nab\n", False),
    ],
)
def test_where_a_run_tells_the_encoding_of_a_table(
    run: str, table: str, text: str, used: bool, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode(table))
    assert may_be_in(tmp_path / "t.csv", run) == used


def test_a_line_for_each_row_or_json_as_python_says(runs: Path, here: Path, ran: Ran) -> None:
    (here / "new.csv").write_text("weight\n60\n240\n")
    lines = ran(["predict", str(runs / "pets"), "new.csv"]).out.splitlines()
    assert [line.split()[:3] for line in lines] == [["row", "1", "cat"], ["row", "2", "dog"]]
    reader = hornbook.load(runs / "pets")
    said = map(json.loads, ran(["predict", str(runs / "pets"), "new.csv", "--json"]).out.splitlines())
    wanted = [reader.predict({"weight": w}).to_json() for w in (60, 240)]
    assert list(said) == [{**answer, "input": f"row {i + 1}"} for i, answer in enumerate(wanted)]


def test_the_table_with_the_answers_beside_it(runs: Path, here: Path) -> None:
    assert main(["predict", str(runs / "pets"), str(runs / "pets.csv"), "--out", "deep/out.csv"]) == 0
    out = pl.read_csv(here / "deep" / "out.csv")
    assert out.columns[:4] == ["weight", "kind", "predicted_kind", "predicted_kind_confidence"]
    assert out.height == 120
    assert out["predicted_kind_confidence"].is_between(0, 1).all()
    assert not list((here / "deep").glob("*.part"))


def test_rows_that_cannot_be_used_are_named(runs: Path, here: Path, ran: Ran) -> None:
    (here / "new.csv").write_text("zone,size\n1,100\n1,big\n2\n2,?\n1.0,90\n")
    said = ran(["predict", str(runs / "houses"), "new.csv", "--out", "out.csv"], 1).err.splitlines()
    assert said[0].startswith("error: new.csv row 2: column 'size': 'big' is not a number")
    assert said[1].startswith("error: new.csv row 3: has 1 value and not 2")
    out = pl.read_csv(here / "out.csv")
    assert [v is None for v in out["price"]] == [False, True, True, False, False]


def test_the_rows_of_several_tables_stand_below_the_same_header(runs: Path, here: Path, ran: Ran) -> None:
    (here / "1.csv").write_text("weight,zone,name\nbig,1,a\n")  # whose only row has no answer
    (here / "2.csv").write_text("name,zone,weight\nb,1,60\n")
    (here / "3.csv").write_text("weight,zone\n240,2\n")
    (here / "4.csv").write_text("weight,zone,name,more\n240,2,d,9\n")
    (here / "5.csv").write_text("weight,zone,name\nbig,1,e\n240,1,e\n")
    names = [f"{i}.csv" for i in range(1, 6)]
    said = ran(["predict", str(runs / "pets"), *names, "--out", "out.csv"], 1).err
    assert "3.csv lacks 'name', other than the rows before" in said
    assert "4.csv also has 'more'" in said and "5.csv row 1" in said
    out = pl.read_csv(here / "out.csv")
    assert out.columns == ["weight", "zone", "name", "kind", "kind_confidence"]
    assert out["name"].to_list() == ["a", "b", "e", "e"]
    assert out["kind"].to_list() == [None, "cat", None, "dog"]
    assert out["weight"].to_list() == ["big", "60", "big", "240"]

    assert main(["predict", str(runs / "pets"), "2.csv", "3.csv", "--out", "out.jsonl"]) == 0
    lines = [json.loads(line) for line in (here / "out.jsonl").read_text("utf-8").splitlines()]
    assert [line.get("name") for line in lines] == ["b", None]


def test_a_table_that_cannot_be_read_does_not_stop_the_others(runs: Path, here: Path, ran: Ran) -> None:
    (here / "1.csv").write_text("weight\n60\n")
    (here / "empty.csv").write_text("")
    names = ["gone.csv", "1.csv", "empty.csv", "a" * 300 + ".csv", "1.csv"]
    said = ran(["predict", str(runs / "pets"), *names, "--out", "out.csv"], 1).err
    assert said.count("there is no such file") == 2 and "empty.csv: the file is empty" in said
    assert "2 answers: out.csv" in said
    assert pl.read_csv(here / "out.csv").height == 2
    assert main(["predict", str(runs / "pets"), "gone.csv", "--out", "none.csv"]) == 1
    assert not list(here.glob("none.csv*"))


def test_answers_do_not_replace_the_table_they_are_about(
    runs: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "mine.csv").write_text("# a comment\nweight\n60\n")
    assert main(["predict", str(runs / "pets"), "mine.csv", "--out", "./mine.csv"]) == 2
    assert "is a table that is to be read, and would be written over" in capsys.readouterr().err
    assert (here / "mine.csv").read_text() == "# a comment\nweight\n60\n"
    assert not list(here.glob("*.part"))


def test_numbers_with_decimal_commas_are_read_as_in_training(runs: Path, here: Path, ran: Ran) -> None:
    (here / "a.csv").write_text("size;zone\n100,5;1\n")
    (here / "b.csv").write_text("size,zone\n100.5,1\n")
    one, two = ran(["predict", str(runs / "houses"), "a.csv", "b.csv"]).out.splitlines()
    assert one.split()[-1] == two.split()[-1]
    assert one.startswith("a.csv row 1") and two.startswith("b.csv row 1")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["new.csv"], "there is no column 'size', which the recognizer needs"),
        (["gone.csv"], "there is no such file"),
        (["new.csv", "--out", "x.doc"], "must end in one of"),
        (["new.csv", "--text", "great"], "--text is for recognizers of texts"),
        (["new.csv", "--show", "seen"], "--show is for recognizers of pictures"),
    ],
)
def test_what_cannot_be_done(
    runs: Path, here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    (here / "new.csv").write_text("sise,zone\n1,1\n")
    assert main(["predict", str(runs / "houses"), *arguments]) != 0
    assert says in capsys.readouterr().err


def test_export_says_all_that_goes_in(runs: Path, here: Path) -> None:
    assert main(["export", str(runs / "houses"), "--to", "onnx", "--out", "houses.onnx"]) == 0
    text = (here / "houses.onnx.txt").read_text("utf-8")
    names: dict[str, list[np.ndarray]] = {}
    exec("\n".join(line.strip() for line in text.partition("In Python:")[2].splitlines()), names)
    assert names["answers"][0].shape == (1, 1)
    assert "price: float32 of shape (rows, 1)" in text


def test_evaluate_on_rows_of_other_classes_says_so(runs: Path, here: Path, ran: Ran) -> None:
    (here / "other.csv").write_text("weight,kind\n60,Fish\n240,Dogfish\n")
    said = ran(["evaluate", str(runs / "pets"), "other.csv"], 1).err
    assert "left out: " in said and "'Fish'" in said
    assert "other.csv: there is no row to judge the recognizer on" in said
    assert "--split" not in said


def test_a_table_without_a_row_is_said(runs: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "none.csv").write_text("weight,zone\n")
    assert main(["predict", str(runs / "pets"), "none.csv", "--out", "out.csv"]) == 1
    assert "there is not one row to predict, so out.csv was not written" in capsys.readouterr().err
    assert not (here / "out.csv").exists()


def test_lines_of_json_may_have_keys_of_their_own(
    runs: Path, here: Path, monkeypatch: pytest.MonkeyPatch, ran: Ran
) -> None:
    from hornbook.sources.table import blocks

    monkeypatch.setattr(blocks, "BLOCK", 60)
    lines = [{"weight": 60, "o": {"a": 1}}, {"weight": 240, "late": 7, "o": None}, {"weight": 60, "o": None}]
    (here / "new.jsonl").write_text("".join(json.dumps(x) + " " * 30 + "\n" for x in lines for _ in range(3)))
    said = ran(["predict", str(runs / "pets"), "new.jsonl", "--out", "out.csv"]).err
    assert said.count("'late' is not among the keys it began with, and is left out") == 1
    out = pl.read_csv(here / "out.csv")
    assert out.columns == ["weight", "kind", "kind_confidence"]
    assert out["kind"].to_list() == ["cat"] * 3 + ["dog"] * 3 + ["cat"] * 3


def test_no_column_of_the_table_is_replaced_by_the_answers(runs: Path, here: Path) -> None:
    frame = pl.DataFrame(
        {"weight": [60.0, 240.0], "kind_confidence": ["keep", "these"], "predicted_kind": ["x", "y"]}
    )
    frame.write_csv("pets.csv")
    assert main(["predict", str(runs / "pets"), "pets.csv", "--out", "out.csv"]) == 0
    found = pl.read_csv("out.csv")
    assert found.columns == [*frame.columns, "predicted_kind_2", "predicted_kind_2_confidence"]
    assert found.select(frame.columns).equals(frame)


@pytest.mark.parametrize("kind", ["csv", "parquet", "ndjson", "json"])
def test_cells_that_are_only_handed_on_stay_as_they_are(kind: str, runs: Path, here: Path) -> None:
    frame = pl.DataFrame({"weight": [60.0, 240.0, 50.0], "country": ["NA", "null", "-"]})
    name = "in.jsonl" if kind == "ndjson" else f"in.{kind}"
    getattr(frame, f"write_{kind}")(name)
    assert main(["predict", str(runs / "pets"), name, "--out", "out.csv"]) == 0
    lines = (here / "out.csv").read_text().splitlines()
    assert lines[1].startswith("60.0,NA,")
    assert [line.split(",")[1] for line in lines[1:]] == ["NA", "null", "-"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("nope", "nope: there is no such file; check the name"),
        ("nope.csv", "nope.csv: there is no such file; check the name"),
        ("plain", "plain: this recognizer takes tables, whose names end in csv, "),
        ("in.csv.gz", "in.csv.gz: this recognizer takes tables, whose names end in csv, "),
        ("photo.png", "photo.png: this recognizer takes tables, whose names end in csv, "),
        ("folder", "folder is a folder, and tables are wanted: name the files in it"),
        ("-", "standard input is not read as a table: give a file whose name ends in .csv"),
    ],
)
def test_what_is_no_table_is_said_and_the_tables_are_read(
    given: str, said: str, runs: Path, here: Path, ran: Ran
) -> None:
    for name in ("plain", "in.csv.gz", "photo.png", "pets.csv"):
        (here / name).write_text("weight\n60\n")
    (here / "folder").mkdir()
    found = ran(["predict", str(runs / "pets"), given, "pets.csv"], 1)
    assert said in found.err
    assert found.out.startswith("pets.csv row 1")


@pytest.mark.parametrize("option", [["--json"], ["--top", "2"]])
def test_options_that_a_table_of_answers_has_no_room_for(
    option: list[str], runs: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "pets.csv").write_text("weight\n60\n")
    assert main(["predict", str(runs / "pets"), "pets.csv", "--out", "o.csv", *option]) == 2
    assert f"leave {option[0]} out" in capsys.readouterr().err


def test_a_column_with_other_capitals_is_meant(runs: Path, here: Path, ran: Ran) -> None:
    (here / "pets.csv").write_text("Weight,height\n60,1\n")
    assert "did you mean 'Weight'?" in ran(["predict", str(runs / "pets"), "pets.csv"], 1).err


def test_rows_of_a_data_frame_are_many(runs: Path) -> None:
    reader = hornbook.load(runs / "houses")
    frame = pl.DataFrame({"size": [100.0, 200.0], "zone": ["1", "2"], "more": [0, 0]})
    expected = [reader.predict(row).value for row in frame.to_dicts()]
    assert [a.value for a in reader.predict(frame)] == expected

    class Arrow:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return frame.__arrow_c_stream__(requested_schema)

    assert [a.value for a in reader.predict(Arrow())] == expected
    pets = hornbook.load(runs / "pets")
    assert [a.value for a in pets.predict(pl.Series([60.0, 240.0]))] == ["cat", "dog"]
