"""Texts that are made: dates, never those of another split; strings backwards; new ones in each epoch."""

from __future__ import annotations

from datetime import date

import pytest

from hornbook.columns.base import Column
from hornbook.columns.sequence.column import SequenceColumn
from hornbook.columns.text.column import TextColumn
from hornbook.errors import UsageError
from hornbook.examples.prepare import prepare
from hornbook.make.dates import DAYS, FORMS, MONTHS, NUMERALS, Dates, stream_of
from hornbook.make.repeatable import Draws
from hornbook.make.reverse import Reversals
from hornbook.make.source import made_source
from hornbook.sources import read_examples


def test_dates_are_what_people_write() -> None:
    day, said = date(1979, 5, 3), set()
    for form in FORMS:
        said |= {form(day, Draws(seed)) for seed in range(40)}
    wanted = {
        "3 May 1979",
        "Thursday the third of May, '79",
        "七九年五月三日",
        "3.5.79",
        "1979/05/03",
        "1979年5月3日",
    }
    assert wanted <= said
    assert {"May 3, 1979", "3rd of May 1979", "一九七九年五月三号"} <= said
    for one in said:  # nothing contradicts the day
        assert not any(m in one for m in MONTHS if m != "May")
        assert not any(d in one for d in DAYS if d != "Thursday")
        assert any(c in one for c in f"3{NUMERALS[3]}") or "third" in one


def test_a_year_of_two_digits_says_which_it_is() -> None:
    for year in (1929, 2030, 1900, 2099):
        day = date(year, 3, 4)
        assert all(
            str(year)[:2] in form(day, Draws(s)) or "年" in form(day, Draws(s))
            for form in FORMS
            for s in range(9)
        )
        assert not any(
            form(day, Draws(s)).endswith(f"'{year % 100:02d}") for form in FORMS for s in range(30)
        )


def test_no_day_is_in_two_splits_and_the_same_seed_makes_the_same() -> None:
    days: dict[str, set[str]] = {}
    for stream in ("train", "validation", "test"):
        maker = Dates(seed=3, stream=stream).maker()
        days[stream] = {maker.text(i) for i in range(300)}
        assert {stream_of(date.fromisoformat(d).toordinal()) for d in days[stream]} == {stream}
        assert maker.value(7) == Dates(seed=3, stream=stream).maker().value(7)
    assert not days["train"] & days["test"] and not days["train"] & days["validation"]
    assert Dates(seed=4).maker().value(7) != Dates(seed=3).maker().value(7)


def test_strings_backwards() -> None:
    maker = Reversals(length=(2, 5), alphabet="abc", seed=1).maker()
    assert all(maker.value(i) == maker.text(i)[::-1] and 2 <= len(maker.text(i)) <= 5 for i in range(50))


def columns() -> tuple[dict[str, Column], dict[str, Column]]:
    return {"text": TextColumn(tokenizer="characters")}, {"reversed": SequenceColumn()}


def test_each_epoch_has_others_and_a_continued_one_the_same() -> None:
    said = {"make": "reverse", "count": 40, "validation": 5, "test": 6, "alphabet": "abcd"}
    ready = prepare(read_examples(said), *columns())
    assert [len(ready.splits[s]) for s in ("train", "validation", "test")] == [40, 5, 6]
    rows, every = ready.splits["train"], {**ready.inputs, **ready.targets}
    epochs = []
    for epoch in range(3):
        now = ready.at(epoch)
        found = now.take(rows, every)
        read = ["".join(ready.inputs["text"].step_names(one)) for one in found["text"]]
        assert [one[::-1] for one in read] == ready.targets["reversed"].labels(found["reversed"])
        epochs.append(read)
    assert len(set(map(tuple, epochs))) == 3
    again = prepare(read_examples(said), *columns())
    found = again.at(2).take(rows, every)
    assert ["".join(again.inputs["text"].step_names(one)) for one in found["text"]] == epochs[2]
    ready.close()
    again.close()


def test_what_cannot_be_made_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="generated examples have no 'length'"):
        made_source({"make": "dates", "length": 3})
    with pytest.raises(UsageError, match="has a blank"):
        made_source({"make": "reverse", "alphabet": "a b"})
    with pytest.raises(UsageError, match="dates makes texts, and no files"):
        Dates().maker().file(0)
