"""Evaluations of strings: by hand, at the edges, and through JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from hornbook.columns.base import Array
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.characters.evaluation import CharactersEvaluation
from hornbook.columns.evaluation import Evaluation
from hornbook.errors import RunError
from tests.columns.judged import judged


def outputs_of(column: CharactersColumn, texts: list[str], chances: list[float]) -> Array:
    """Return outputs of which these texts are the likeliest; with CTC there is a blank after each character."""
    truth = column.encode_many(texts).astype(int)
    if column.ctc:
        truth = np.stack([truth, np.zeros_like(truth)], axis=2).reshape(len(texts), -1)
    c = np.array(chances)[:, None, None]
    out: Array = np.eye(column.outputs)[truth] * c + (1 - c) / column.outputs
    return out


def judge(
    column: CharactersColumn, read: list[str], truth: Any, training: list[str], **more: Any
) -> CharactersEvaluation:
    """Judge what was read, each character with a chance of 0.9 where nothing else is said."""
    outputs = outputs_of(column, read, more.pop("chances", [0.9] * len(read)))
    given = ("text", "test", column, outputs, truth)
    return judged(CharactersEvaluation, *given, training_truth=column.encode_many(training), **more)


def made(length: Any, true: list[str], read: list[str], **more: Any) -> CharactersEvaluation:
    column = CharactersColumn(length=length, alphabet="digits").learn([])
    return judge(column, read, column.encode_many(true), true[:1], **more)


def test_whole_strings_come_first_whatever_characters_say() -> None:
    found = made(4, ["1234", "1111", "0987", "1234"], ["1234", "1112", "0987", "4321"])
    assert list(found.metrics) == ["accuracy", "characters", "edit_distance"]
    assert found.score == 0.5
    assert found.metrics["characters"] == 1 - 5 / 16
    assert found.metrics["edit_distance"] == 5 / 4
    assert found.baseline == ("always '1234'", 0.5)
    assert found.wrong == 2
    low, high = found.interval
    assert low < 0.5 < high
    lines = found.text().splitlines()
    assert lines[3].split()[:3] == ["accuracy", "50.00", "%"]
    assert found.line().startswith("text: accuracy 50.00 % on 4 test rows")


@pytest.mark.parametrize("length", [4, (4, 4)])
def test_what_is_never_answered_is_wrong(length: Any) -> None:
    column = CharactersColumn(length=length, alphabet="digits").learn([])
    truth = column.with_unanswerable(column.encode_many(["1234"]), ["12345", "x234"])
    found = judge(column, ["1234"] * 3, truth, ["1234"])
    assert (found.rows, found.unanswerable, found.wrong) == (3, 2, 2)
    assert [found.score, found.baseline[1]] == pytest.approx([1 / 3, 1 / 3])
    never = [(s.name, s.count, s.right) for s in found.per_character if s.name in "5x"]
    assert never == [("5", 1, 0), ("x", 1, 0)]
    assert ("x", "1", 1) in found.confused
    assert "2 rows have texts of a length or with a character that is never read" in found.text()
    assert Evaluation.from_json(json.loads(json.dumps(found.to_json()))) == found
    none = judge(column, ["1234"], column.with_unanswerable(column.encode_many([]), ["12"]), [])
    assert (none.rows, none.score, none.baseline) == (1, 0.0, ("nothing", 0.0))


def test_places_are_compared_as_they_stand_where_each_is_read_by_itself() -> None:
    found = made(4, ["1234", "1234"], ["1234", "2341"])
    assert [(s.name, s.count, s.right) for s in found.per_place] == [(str(i + 1), 2, 1) for i in range(4)]
    assert found.per_length == ()
    # Laid side by side, a 1 was missed at the front and one added at the end.
    assert found.confused == (("", "1", 1), ("1", "", 1))
    assert {s.name: s.right for s in found.per_character} == {"1": 1, "2": 2, "3": 2, "4": 2}


def test_a_missed_character_does_not_make_those_after_it_wrong_with_ctc() -> None:
    found = made((3, 5), ["1234", "5678"], ["134", "56978"])
    assert [s.right for s in found.per_place] == [2, 1, 2, 2]
    assert found.confused == (("", "9", 1), ("2", "", 1))
    shown = [line.split() for line in found.text().splitlines()]
    assert ["nothing", "there", "9", "1"] in shown and ["2", "missed", "1"] in shown


def test_lengths_are_told_apart_where_there_are_several() -> None:
    found = made((1, 4), ["1", "22", "22", "333"], ["1", "22", "2", "333"])
    assert [(s.name, s.count, s.right) for s in found.per_length] == [("1", 1, 1), ("2", 2, 1), ("3", 1, 1)]
    assert found.per_place == ()
    assert "length" in found.text()


def test_worst_mistakes_come_first_and_abstaining_leaves_them_out() -> None:
    said: dict[str, Any] = {"names": lambda row: f"{row}.png", "rows": np.array([7, 8, 9, 10])}
    chances = [0.99, 0.6, 0.8, 0.95]
    found = made(2, ["11", "22", "33", "44"], ["11", "23", "32", "44"], chances=chances, **said)
    wrong = [(m.name, m.truth, m.predicted) for m in found.mistakes]
    assert wrong == [("9.png", "33", "32"), ("8.png", "22", "23")]
    assert {t: right for t, _, right in found.coverage}[0.85] == 1.0
    assert len(made(1, ["1", "2", "3"], ["2", "3", "1"], most_mistakes=2).mistakes) == 2
    assert ["9.png", "33", "32"] in [line.split()[:3] for line in found.text().splitlines()]


@pytest.mark.parametrize("key", ["confused", "per_character", "mistakes", "coverage"])
def test_damaged_json_is_one_sentence(key: str) -> None:
    found = made((1, 3), ["1", "22"], ["13", "2"])
    with pytest.raises(RunError, match="evaluate the run again"):
        Evaluation.from_json({**found.to_json(), key: [1]})


def test_of_many_characters_the_hardest_are_shown() -> None:
    alphabet = "".join(chr(0x4E00 + i) for i in range(50))
    column = CharactersColumn(length=1, alphabet=alphabet).learn([])
    read = [*alphabet[:-1], alphabet[0]]
    found = judge(column, read, column.encode_many(list(alphabet)), list(alphabet))
    assert len(found.per_character) == 50
    assert found.hardest()[0].name == alphabet[-1]
    assert "The 20 hardest of 50 characters" in found.text()


def test_hostile_characters_do_not_move_the_cursor() -> None:
    column = CharactersColumn(alphabet="a\u202eb", length=1).learn([])
    found = judge(column, ["a"], column.encode_many(["\u202e"]), ["a"])
    assert "\u202e" not in found.text()
