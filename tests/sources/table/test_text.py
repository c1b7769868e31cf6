"""Tables as people write them: separators, quotes, encodings, comments, decimal marks, and what is wrong with them."""

from __future__ import annotations

import csv
import io
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hornbook.checks.describe import describe
from hornbook.columns.number.written.parse import NumberForm
from hornbook.errors import DataError, UsageError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Note
from hornbook.examples.table_options import TableKeys, TableOptions
from hornbook.sources import read_examples
from hornbook.sources.table.dialect import find_dialect
from hornbook.sources.table.header import is_header
from hornbook.sources.table.read import parse
from hornbook.sources.table.text import read_text_table
from tests.sources.make import shared


def read(text: str, kind: str = "csv", encoding: str = "utf-8", **options: Any) -> pl.DataFrame:
    return read_text_table(text.encode(encoding), kind, TableOptions(**options), "t").table


ROWS = [(1, 2.5, "red"), (2, 3.5, "blue"), (3, 4.25, "red")]


def written(separator: str, header: bool = True, end: str = "\n") -> str:
    lines = [["n", "x", "colour"]] if header else []
    lines += [[str(v) for v in row] for row in ROWS]
    return "".join(separator.join(line) + end for line in lines)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " ", "   ", " \t "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_is_found(separator: str, end: str) -> None:
    table = read(written(separator, end=end), "txt")
    assert table.columns == ["n", "x", "colour"]
    assert table.rows() == ROWS
    assert list(table.dtypes) == [pl.Int64, pl.Float64, pl.String]


@pytest.mark.parametrize(
    ("separator", "said"), [(";", "semicolons"), ("|", "bars"), (" ", "blanks"), (",", "")]
)
def test_a_separator_that_is_not_plain_is_said(separator: str, said: str) -> None:
    notes = parse(written(separator).encode(), "csv", "t").notes
    assert notes == ((f"t: its values are cut at {said}",) if said else ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_chinese_in_every_encoding(encoding: str) -> None:
    text = "名字,数\n小狗和小猫都在这里,1\n天气很好我们去公园,2\n"
    found = parse(text.encode(encoding), "csv", "t")
    assert found.table.rows() == [("小狗和小猫都在这里", 1), ("天气很好我们去公园", 2)]
    assert bool(found.notes) == (encoding not in ("utf-8", "utf-8-sig"))


@pytest.mark.parametrize("text", ["price,shop\n¥12,a\n¥13,b\n", "价格,店\n¥1200,北\n￥13,南\n"])
def test_the_yen_sign_in_gb18030(text: str) -> None:
    found = parse(text.encode("gb18030"), "csv", "t")
    assert found.table.to_series(0).sum() in (25, 1213)
    assert "GBK" in found.notes[0]


def test_windows_1252_is_told_and_said() -> None:
    found = parse("text,label\ncafé “fine”,good\nnaïve,bad\n".encode("cp1252"), "csv", "t")
    assert found.table["text"].to_list() == ["café “fine”", "naïve"]
    assert "Windows-1252" in found.notes[0]


def test_an_encoding_can_be_said() -> None:
    data = "text,label\nñandú,a\n".encode("latin-1")
    assert parse(data, "csv", "t", TableOptions(encoding="latin-1")).table["text"][0] == "ñandú"
    with pytest.raises(DataError, match="'klingon' is no encoding"):
        parse(data, "csv", "t", TableOptions(encoding="klingon"))
    with pytest.raises(DataError, match="line 2: is not in the encoding 'utf-8'"):
        parse(data, "csv", "t", TableOptions(encoding="utf-8"))


def test_as_uci_writes_them() -> None:
    text = '18.0   8   130.0\t"chevrolet malibu"\n15.0   8   ?\t"buick ""320"""\n'
    table = read(text, "data", names=("mpg", "cylinders", "power", "name"))
    assert table.rows() == [(18.0, 8, 130.0, "chevrolet malibu"), (15.0, 8, None, 'buick "320"')]


def test_blanks_after_commas_mean_nothing() -> None:
    table = read("age, work, income\n39, State-gov, <=50K\n50, ?, >50K\n")
    assert table["work"].to_list() == ["State-gov", None]
    assert table["age"].to_list() == [39, 50]


def test_comments_are_left_out() -> None:
    assert read("# made by me\n# in May\na,b\n1,2\n# more\n3,4\n").rows() == [(1, 2), (3, 4)]
    assert read("a,b\n1,2\n% odd\n3,4\n", comment="%").rows() == [(1, 2), (3, 4)]
    assert read("# a b\n1.5 2\n3 4\n", "txt").columns == ["a", "b"]  # as numpy.savetxt writes a header


def test_a_hash_in_the_data_is_no_comment() -> None:
    assert read("text,n\n#happy day,1\n#sad day,2\n")["text"].to_list() == ["#happy day", "#sad day"]


@pytest.mark.parametrize(
    ("first", "rest", "header"),
    [
        (["a", "b"], [["1", "2"]], True),
        (["a", "b"], [["x", "y"]], True),
        (["1", "b"], [["2", "c"]], False),
        (["great", "good"], [["awful", "bad"], ["fine", "good"]], False),
        (["", "x"], [["0", "1.5"]], True),
        (["a", "b"], [["a", "b"], ["1", "2"]], True),
    ],
)
def test_what_is_a_header(first: list[str], rest: list[list[str]], header: bool) -> None:
    assert is_header(first, rest) is header


def test_names_are_made_up_or_said() -> None:
    found = parse(b"1,2\n3,4\n", "csv", "t")
    assert found.table.columns == ["x1", "x2"]
    assert "no header" in found.notes[0]
    assert read("1,2\n3,4\n", names=("a", "b")).columns == ["a", "b"]
    assert read("p,q\n1,2\n", names=("a", "b")).rows() == [(1, 2)]
    with pytest.raises(DataError, match=r"line 1: has 2 values, and data.names has 3 names"):
        read("1,2\n3,4\n", names=("a", "b", "c"))
    with pytest.raises(DataError, match="'a' stands twice"):
        read("1,2\n3,4\n", names=("a", "a"))


def test_a_separator_of_two_characters_is_refused() -> None:
    with pytest.raises(UsageError, match="one character"):
        read("a::b\n", separator="::")


def test_missing_values() -> None:
    text = "n,t\n1,a\n?,?\n,NA\nN/A,null\nNaN,b\n"
    assert read(text).rows() == [(1, "a"), (None, None), (None, None), (None, None), (None, "b")]
    assert read("n,t\n1,a\n-9,?\n", missing=("-9",)).rows() == [(1, "a"), (None, "?")]


def test_a_dash_is_missing_only_among_numbers() -> None:
    table = read("n,t\n1,a\n-,-\n3,b\n")
    assert table["n"].to_list() == [1, None, 3]
    assert table["t"].to_list() == ["a", "-", "b"]


@pytest.mark.parametrize(
    ("cells", "separator", "options", "numbers"),
    [
        (["1,5", "2,25"], ";", {}, [1.5, 2.25]),
        (["1,250.50", "900.25"], ";", {}, [1250.5, 900.25]),
        (["1.250,50", "900,25"], ";", {}, [1250.5, 900.25]),
        (["1.250.000", "2.000"], ";", {}, [1_250_000, 2000]),
        (["3,5", "1.250"], ";", {}, [3.5, 1250]),
        (["1,250", "906"], "|", {}, [1250, 906]),
        (["1,250", "906"], ";", {}, [1.25, 906]),
        (["1,250", "906"], ";", {"decimal": "."}, [1250, 906]),
        (["1,250", "906"], "|", {"decimal": ","}, [1.25, 906]),
        (["0,125", "1,250"], "|", {}, [0.125, 1.25]),
        (["1,250", "906"], ";", {"numbers": {"n": NumberForm(".", ",")}}, [1250, 906]),
        (["1.250", "906"], "|", {"numbers": {"n": NumberForm(",", ".")}}, [1250, 906]),
        (["-1,250.5e3", "?", "none", "–"], "|", {}, [-1_250_500, None, None, None]),
        (["1,250", "12,34,5"], "|", {}, ["1,250", "12,34,5"]),
        (['"1,250"', "906"], ",", {}, [1250, 906]),
        (['"1,5"', '"1,250"'], ",", {}, [1.5, 1.25]),
        (["$1,299.00", "$900"], "|", {}, [1299, 900]),
        (["87 %", "5%"], "|", {}, [87, 5]),
        (["2.3M", "5K"], "|", {}, [2.3e6, 5000]),
        (["(1,234.50)", "3"], "|", {}, [-1234.5, 3]),
        (["1\u00a0234", "5"], "|", {}, [1234, 5]),
        (["€5", "$6"], "|", {}, ["€5", "$6"]),
        (["72.800", "105.500", "98.700", "850"], ";", {}, [72_800, 105_500, 98_700, 850]),
        (["72.800", "105.500", "98.700", "850"], ",", {}, [72.8, 105.5, 98.7, 850]),
        (["72.831", "105.549"], ";", {}, [72.831, 105.549]),
        (["72.831", "105.549"], ";", {"decimal": ","}, [72_831, 105_549]),
        (
            [f"{100 + i}.8{i}" for i in range(10, 40)],
            ";",
            {},
            [100_800 + 1001 * i + 0 for i in range(10, 40)],
        ),
    ],
)
def test_decimal_commas_and_thousands(
    cells: list[str], separator: str, options: dict[str, Any], numbers: list[object]
) -> None:
    text = f"n{separator}t\n" + "".join(f"{cell}{separator}x\n" for cell in cells)
    assert read(text, **options)["n"].to_list() == numbers


def test_another_column_says_what_an_open_one_is() -> None:
    german = parse(b"n;t;k\n72.831;1,5;3\n105.549;2,25;4\n", "csv", "t")
    assert german.table["n"].to_list() == [72_831, 105_549]
    assert german.written.numbers == {"n": NumberForm(",", "."), "t": NumberForm(","), "k": NumberForm(",")}
    english = parse(b"n;t\n1,250;1.5\n1,906;2.25\n", "csv", "t")
    assert english.table["n"].to_list() == [1250, 1906]
    notes = [*german.notes, *english.notes]
    assert not any(note.doubt for note in notes if isinstance(note, Note))
    assert "t: points in the column 'n' stand between thousands" in notes


@pytest.mark.parametrize("cells", ["1,250;906", "72.831;105.549", "11.100 €;72.850 €", "1.248 l;2.496 l"])
def test_what_is_a_guess_is_a_doubt(cells: str) -> None:
    notes = parse(("n;t\n" + cells.replace(";", ";x\n") + ";x\n").encode(), "csv", "t").notes
    assert [note.doubt for note in notes if isinstance(note, Note)] == [False, True]


def test_points_that_may_be_between_thousands_are_said_in_a_file_cut_at_tabs() -> None:
    found = parse(b"n\tt\n72.831\tx\n105.549\ty\n", "tsv", "t")
    assert found.table["n"].to_list() == [72.831, 105.549]
    assert "data.decimal = ','" in found.notes[-1]
    assert not any(note.doubt for note in found.notes if isinstance(note, Note))
    assert len(parse(b"n,t\n72.831,x\n105.549,y\n", "csv", "t").notes) == 0


def test_a_word_among_numbers_hides_no_doubt() -> None:
    cells = [f"1,{100 + 3 * i}" for i in range(15)] + ["unknown"]
    found = parse(("n;t\n" + "".join(f"{cell};x\n" for cell in cells)).encode(), "csv", "t")
    assert found.table["n"].dtype == pl.String
    assert found.written.numbers["n"] == NumberForm(",")
    assert [note.doubt for note in found.notes if isinstance(note, Note)] == [False, True]
    examples = Examples(found.table, written=found.written)
    assert describe(examples)[0].numbers[2] == 1.1


def test_what_is_open_is_said_and_what_was_taken_is_kept() -> None:
    found = parse(b"n;t\n1,250;x\n906;y\n", "csv", "t")
    assert "decimal commas, as it seems" in found.notes[1] and "data.decimal = '.'" in found.notes[1]
    assert found.written.numbers == {"n": NumberForm(",")}
    assert found.written.usual_separator == ";"
    assert [found.written.to_json(used)["numbers"] for used in ("n", "")] == [{"n": [",", ""]}, {}]


def test_quoted_line_breaks_and_separators() -> None:
    table = read('text,n\n"a\nb, ""c""",1\n"\n\n",2\nplain,3\n')
    assert table["text"].to_list() == ['a\nb, "c"', None, "plain"]
    assert table["n"].to_list() == [1, 2, 3]


def test_quotes_in_the_middle_of_a_cell() -> None:
    assert read('text,n\n5" disk,1\nplain,2\n')["text"].to_list() == ['5" disk', "plain"]
    assert read('text\tn\n"half,1\nb\t2\n'.replace(",1", "\t1"), "tsv")["text"].to_list() == ['"half', "b"]


def test_a_number_column_that_turns_into_text_late() -> None:
    text = "n,x\n" + "".join(f"{i},{i}\n" for i in range(3000)) + "oops,2.5\n"
    table = read(text)
    assert table.dtypes == [pl.String, pl.Float64]
    assert table["n"][3000] == "oops"
    text = "zip,x\n" + "".join(f"{10_000 + i},{i}\n" for i in range(3000)) + "01234,1\n"
    assert read(text)["zip"].dtype == pl.String


def test_a_header_in_the_middle_is_left_out_and_named() -> None:
    found = parse(b"a,b\n1,2\na,b\n3,4\n", "csv", "t")
    assert found.table.rows() == [(1, 2), (3, 4)]
    assert [str(p) for p in found.problems] == ["row 2: is the header again; it is left out"]


def test_infinite_numbers_are_left_out_and_named() -> None:
    found = parse(b"a,b\n1,2.5\n2,inf\n3,4\n4,-Infinity\n", "csv", "t")
    assert found.table["a"].to_list() == [1, 3]
    assert [p.name for p in found.problems] == ["row 2", "row 4"]
    assert "'b' is infinite" in found.problems[0].message


BAD: dict[str, tuple[bytes, str]] = {
    "too few values": (b"a,b,c\n1,2,3\n4,5\n6,7,8\n", "t line 3: has 2 values where the first line has 3"),
    "too many values": (b"a,b\n1,2\n3,4,5\n", "t line 3: has 3 values where the first line has 2"),
    "too few at the end": (b"a,b\n1,2\n3\n", "t line 3: has 1 value"),
    "after a quoted line break": (b'a,b\n"x\ny",2\n3\n', "t line 4: has 1 value"),
    "mixed decimal marks": (
        b"a;b\n1,5;2\n1.5;3\n",
        "t row 1: the column 'a' has '1,5' with a decimal comma, and '1.5' in row 2 with a decimal point",
    ),
    "nothing": (b"", "the file is empty"),
    "blanks": (b" \n\t\n", "the file is empty"),
    "only a header": (b"a,b\n", "a header and no row"),
    "only comments": (b"# a\n# b\n", "no row"),
    "a NUL byte": (b"a,b\n" + b"1,2\n" * 40 + b"3,\0\n", "line 42 has a NUL byte in it"),
    "a control character": (b"a,b\n" + b"1,2\n" * 40 + b"3,\x02\n", "line 42 has the byte 0x02 in it"),
    "broken UTF-8": (
        b"text,n\n" + "Zürich,1\n".encode() * 20 + b"Z\xffrich,2\n",
        "is in UTF-8, but not on line 22",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_said_by_line_or_by_row_and_column(what: str) -> None:
    data, says = BAD[what]
    with pytest.raises(DataError) as caught:
        parse(data, "csv", "t")
    assert says in str(caught.value)
    assert str(caught.value).startswith("t")
    assert "\n" not in str(caught.value)


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=9
)
texts = st.one_of(words, st.text("ab\n\"',;|\t ", min_size=1, max_size=9)).filter(
    lambda text: not text.strip().lower().lstrip("+-").startswith("inf")  # a number, where the others are
)


@given(
    st.lists(st.tuples(texts, st.floats(-1e6, 1e6, width=32)), min_size=2, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@example([('"', 0.5), ("a", 1.5)], ",", "utf-8")
def test_what_a_csv_writer_wrote_is_read(
    rows: list[tuple[str, float]], separator: str, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["text", "number"])
    writer.writerows(rows)
    options = TableOptions(separator=separator, missing=("MISSING",), encoding=encoding)
    table = parse(out.getvalue().encode(encoding), "csv", "t", options).table
    assert table["number"].to_list() == pytest.approx([row[1] for row in rows])
    found = table["text"].cast(pl.String).fill_null("").to_list()
    if table["text"].dtype == pl.String:
        # A cell of blanks alone is missing; of a cell that begins each row with one they mean nothing.
        assert [v.strip() for v in found] == [row[0].strip() for row in rows]


@given(st.binary(max_size=120), st.sampled_from(["csv", "tsv", "data", "txt", "json", "jsonl", "parquet"]))
def test_any_bytes_are_a_table_or_one_sentence(data: bytes, kind: str) -> None:
    try:
        parse(data, kind, "t")
    except DataError as error:
        assert str(error).startswith("t")
        assert "\n" not in str(error)


@given(st.text(st.sampled_from('ab1.,;\t "\n#-?'), max_size=80), st.sampled_from(["csv", "data"]))
def test_any_text_is_a_table_or_one_sentence(text: str, kind: str) -> None:
    try:
        found = parse(text.encode(), kind, "t")
    except DataError as error:
        assert str(error).startswith("t")
        assert "\n" not in str(error)
    else:
        assert found.table.width >= 1


@given(st.text(st.sampled_from('ab1.,;\t "\n#'), min_size=1, max_size=200))
def test_a_dialect_has_a_name_for_every_value_of_the_first_row(text: str) -> None:
    try:
        dialect = find_dialect(text, "txt", TableOptions(), "t")
    except DataError:
        return
    assert len(set(dialect.names)) == len(dialect.names) >= 1


REAL: dict[str, tuple[TableKeys, tuple[int, int]]] = {
    "tables/auto-mpg.data": ({}, (398, 9)),
    "tables/ex1data2.txt": ({"names": ["square", "bedrooms", "price"]}, (47, 3)),
    "tables/winequality-red.csv": ({}, (1599, 12)),
    "tables/house_prices.csv": ({}, (47, 3)),
    "tables/quality_data_original.csv": ({}, (411, 3)),
    "series/zgpa_train.csv": ({}, (731, 6)),
    "tables/titanic.csv": ({}, (891, 15)),
    "text/ChnSentiCorp_htl_all.csv": ({}, (7766, 2)),
    "text/rt-polarity.pos": ({}, (5331, 1)),
    "text/poet.tang.0.json": ({}, (1000, 5)),
    "text/xyj.txt": ({}, (22159, 1)),
}


@pytest.mark.skipif(not (shared() / "tables").exists(), reason="the real tables are not here")
@pytest.mark.parametrize("name", REAL)
def test_real_tables(name: str) -> None:
    keys, shape = REAL[name]
    assert read_examples(shared() / name, **keys).table.shape == shape


@pytest.mark.skipif(not (shared() / "tables").exists(), reason="the real tables are not here")
def test_missing_values_of_real_tables() -> None:
    mpg = read_examples(shared() / "tables/auto-mpg.data").table
    assert mpg["x4"].null_count() == 6
    assert mpg["x4"].dtype == pl.Float64
    titanic = read_examples(shared() / "tables/titanic.csv").table
    assert (titanic["age"].null_count(), titanic["deck"].null_count()) == (177, 688)


@pytest.mark.parametrize("rows", [60, 3, 0])
def test_a_stray_quote_in_the_last_column_loses_no_rows(rows: int) -> None:
    lines = [f"{i},{i * 2},{'a' if i % 2 else 'b'}\n" for i in range(100)]
    if not rows:
        assert read("x,y,kind\n" + "".join(lines)).height == 100
        return
    lines[20], lines[20 + rows] = '20,40,"b\n', f'{20 + rows},1,b"\n'
    with pytest.raises(DataError, match=r"row 21: 'kind' holds .* of the table: a quote"):
        read("x,y,kind\n" + "".join(lines))
