"""Numbers with a currency, a unit, a percent sign, K and M around them: found in a column, kept, and read alike."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.number.written.find import find_form
from hornbook.columns.number.written.parse import PLAIN, NumberForm, all_with_point, with_point
from hornbook.columns.number.written.units import NOTHING, Unit, all_bare, bare, find_unit
from hornbook.errors import DataError

READ: dict[str, tuple[list[str], list[float]]] = {
    "dollars": (["$1,299.00", "$3.50", "-$2", "$ 7", "$-1"], [1299, 3.5, -2, 7, -1]),
    "euros": (["1.299,00 €", "5,00 €", "7 €"], [1299, 5, 7]),
    "yen": (["¥1,200.5", "￥3", "5元"], [1200.5, 3, 5]),
    "codes": (["USD 5", "US$6", "$7", "8 dollars"], [5, 6, 7, 8]),
    "rupees": (["₹ 12,34,567", "₹ 1,200"], [1_234_567, 1200]),
    "percent": (["87%", "5.5 %", "-3%"], [87, 5.5, -3]),
    "scales": (["2.3M", "5K", "850", "1.2k"], [2.3e6, 5e3, 850, 1200]),
    "scaled money": (["$46.0 B", "$1.2 B", "$0.5 B"], [46e9, 1.2e9, 0.5e9]),
    "german scales": (["4,6 Mio. €", "2,1 Mrd. €"], [4.6e6, 2.1e9]),
    "chinese scales": (["3.5万", "2亿"], [3.5e4, 2e8]),
    "scales of a currency": (["120k€", "45k€"], [120e3, 45e3]),
    "kilograms": (["12 kg", "5.5kg", "7 KG", "9"], [12, 5.5, 7, 9]),
    "metres": (["5 m", "7 m"], [5, 7]),
    "kelvin": (["5 K", "300 K"], [5, 300]),
    "bytes": (["8GB", "16GB"], [8, 16]),
    "years": (["1 year", "5 years"], [1, 5]),
    "areas": (["50 m²", "60 m2", "70 m^2"], [50, 60, 70]),
    "rates": (["$120/night", "$80/night"], [120, 80]),
    "credits": (["37.00 CR", "5.50 CR"], [37, 5.5]),
    "accounts": (["(1,234.50)", "12.00", "($3.00)", "$(4.00)"], [-1234.5, 12, -3, -4]),
    "a minus behind": (["1,250.00-", "3.5"], [-1250, 3.5]),
    "nothing in accounts": (["$1,250.50", "$ -", "$3"], [1250.5, math.nan, 3]),
    "a minus of its own": (["−5", "6"], [-5, 6]),
    "blanks": (["1 234", "5"], [1234, 5]),
    "blanks that do not break": (["1\u00a0234,5", "5,25", "1\u202f000,0"], [1234.5, 5.25, 1000]),
    "apostrophes": (["1'234.50", "7", "2’000"], [1234.5, 7, 2000]),
}  # fmt: skip


@pytest.mark.parametrize("what", READ)
def test_numbers_with_something_around_them(what: str) -> None:
    cells, numbers = READ[what]
    found = find_form(pl.Series([c for c in cells if c != "$ -"]), ".")
    assert found is not None and not found.open
    known = [(c, n) for c, n in zip(cells, numbers, strict=True) if not math.isnan(n)]
    assert [float(with_point(c, found.form)) for c, _ in known] == pytest.approx([n for _, n in known])
    assert NumberForm.from_json(found.form.to_json()) == found.form
    column = NumberColumn().learn(pl.Series(cells))
    series = column.encode_series(pl.Series(cells))
    assert series is not None and series.tolist() == pytest.approx(numbers, nan_ok=True)
    assert [float(column.encode(cell)) for cell in cells] == pytest.approx(numbers, nan_ok=True)


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01-31", "2024-02-28"],
        ["31.01.2024", "01.02.2024"],
        ["12:30", "1:15"],
        ["(1999)", "(2001)"],
        ["$5", "€6"],
        ["5 apples", "3 pears", "1 plum"],
        ["12ABC", "13XYZ"],
        ["1st", "2nd", "3rd"],
        ["0.png", "1.png"],
        ["12a.png", "7a.png"],
        ["3x3", "4x2"],
        ["A12", "B7"],
        ["1-2", "3-4"],
        ["5-", "4-"],
    ],
)
def test_what_is_no_number(cells: list[str]) -> None:
    assert find_form(pl.Series(cells), ".") is None


def test_one_odd_cell_changes_no_form() -> None:
    found = find_form(pl.Series([f"${n}.50" for n in range(30)] + ["€3", "on request"]), ".")
    assert found is not None and found.form == NumberForm(".", "", Unit("$"))
    texts, _ = all_with_point(pl.Series(["$1.50", "€3", "on request"]), found.form)
    assert texts.to_list() == ["1.50", "€3", "on request"]


def test_another_unit_is_no_number() -> None:
    column = NumberColumn().learn(pl.Series(["12 kg", "5 kg"]))
    assert column.unit == ("", " kg", "")
    with pytest.raises(DataError, match="'12 lb' is not a number in 'kg'"):
        column.encode("12 lb")
    with pytest.raises(DataError, match="not a number"):
        NumberColumn().learn([1.0, 2.0]).encode("12 kg")


def test_a_unit_is_said() -> None:
    price = NumberColumn().learn(pl.Series(["$1,299.00", "$900.00"]))
    assert price.say_score(1203.4) == "$1,203"
    assert price.decode(price.encode_many([2818.7712])[:, None])[0].said == "$2,818.77"
    assert NumberColumn().learn([1.0, 2.0]).say_score(1203.4) == "1,203"


def test_classes_keep_their_unit() -> None:
    column = CategoryColumn().written(NumberForm(unit=Unit(after=" stars"))).learn([5, 4.0, "3.0 stars"])
    assert column.classes == ("3 stars", "4 stars", "5 stars")
    assert [int(column.encode(v)) for v in (3, "4", "5 stars", 5.0)] == [0, 1, 2, 2]


def test_a_unit_out_of_a_file_is_looked_at() -> None:
    assert "multiplies by nothing" in NumberColumn(unit=("", "", "Z")).objection()
    wrong = ([".", "", ["", "", "Z"]], [".", "", [1, 2, 3]], [".", "", "x"], [".", "-"], None)
    assert [NumberForm.from_json(given) for given in wrong] == [None] * 5


cells = st.one_of(
    st.text(st.sampled_from("0123456789.,' $€%kKMm()-+−\u00a0eE/²万元"), max_size=14),
    st.from_regex(
        r"\(?[+-]?(USD |\$|€)?[0-9]{1,3}([., '][0-9]{3}){0,2}([.,][0-9]{1,3})?( ?(kg|%|K|M|Mio. €))?\)?",
        fullmatch=True,
    ),
)
units = st.sampled_from(
    [NOTHING, Unit("$"), Unit(after=" kg"), Unit("$", "", "K|M"), Unit("", " €", " Mio."), Unit(after="%")]
)


@given(st.lists(cells.map(str.strip), min_size=1, max_size=8), units)
def test_a_column_is_read_as_its_cells_are(texts: list[str], unit: Unit) -> None:
    assert all_bare(pl.Series(texts), unit).to_list() == [bare(text, unit) for text in texts]
    for form in (PLAIN._replace(unit=unit), NumberForm(",", "", unit), NumberForm(",", ".", unit)):
        assert all_with_point(pl.Series(texts), form)[0].to_list() == [with_point(t, form) for t in texts]


@given(
    st.lists(st.integers(-9_999_999, 9_999_999), min_size=3, max_size=20),
    st.sampled_from(["$", "€", "¥ ", "CHF ", "Rs. ", ""]),
    st.sampled_from(["", "%", " %", " kg", "km/h", " sq ft", "°C", "元"]),
    st.sampled_from([",", ".", " ", "\u00a0", "'"]),
)
def test_what_was_written_around_a_number_is_found(
    numbers: list[int], before: str, after: str, mark: str
) -> None:
    decimal = "," if mark in ". \u00a0" else "."
    texts = []
    for number in numbers:
        text = f"{abs(number) / 100:,.2f}".replace(".", "d").replace(",", mark).replace("d", decimal)
        texts.append(f"{'-' if number < 0 else ''}{before}{text}{after}")
    found = find_form(pl.Series(texts), ".")
    assert found is not None and not found.open
    assert [float(with_point(t, found.form)) for t in texts] == pytest.approx([n / 100 for n in numbers])
    said = found.form.unit.say(numbers[0] / 100, exactly=True)
    assert before.strip() in said and after in said
    again = float(with_point(said, PLAIN._replace(unit=found.form.unit)))
    assert math.isclose(again, numbers[0] / 100, rel_tol=1e-4, abs_tol=1e-9)


def test_most_columns_of_text_are_told_by_their_first_cells() -> None:
    assert find_unit(pl.Series(["a text", "12 kg"])) is None
    assert find_form(pl.Series([], dtype=pl.String), ".") is None
