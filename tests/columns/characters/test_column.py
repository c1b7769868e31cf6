"""Strings: what is learned, what goes in and comes out again, and what is said of a label that cannot be."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hornbook.columns.base import Array
from hornbook.columns.characters.column import LONGEST, CharactersColumn
from hornbook.columns.kinds import column_from_json
from hornbook.errors import DataError, RecipeError, UsageError
from hornbook.recipe import Recipe
from tests.columns.characters.test_ctc import every_string

ALPHABET = "0123ab猫é"
TEXTS = st.lists(st.text(ALPHABET, min_size=1, max_size=6), min_size=1, max_size=6)


def column(length: Any = 4, alphabet: str = "digits", **more: Any) -> CharactersColumn:
    return CharactersColumn(length=length, alphabet=alphabet, **more).learn([])


def sure(column: CharactersColumn, texts: list[str], chance: float = 1.0) -> Array:
    """Return outputs that say these texts; with CTC each character stands twice, and a blank after it."""
    truth = column.encode_many(texts).astype(int)
    if column.ctc:
        truth = np.stack([truth, truth, np.zeros_like(truth)], axis=2).reshape(len(texts), -1)
    out: Array = np.eye(column.outputs)[truth] * chance + (1 - chance) / column.outputs
    return out.astype(np.float32)


@settings(max_examples=40)
@given(TEXTS)
def test_what_is_encoded_is_decoded_again(texts: list[str]) -> None:
    for learned in (CharactersColumn().learn(texts), column((1, 6), ALPHABET)):
        encoded = learned.encode_many(texts)
        assert learned.texts(encoded) == texts
        assert [p.value for p in learned.decode(sure(learned, texts), 1)] == texts
        assert [p.value for p in learned.decode(sure(learned, texts, 0.9))] == texts
        assert learned.score(sure(learned, texts), encoded) == {"accuracy": 1.0, "characters": 1.0}


@given(TEXTS)
def test_lengths_and_alphabet_are_learned(texts: list[str]) -> None:
    learned = CharactersColumn().learn([*texts, None])
    lengths = {len(t) for t in texts}
    assert learned.span == (min(lengths), max(lengths))
    assert learned.ctc == (len(lengths) > 1)
    assert learned.alphabet == "".join(sorted(set("".join(texts))))
    assert learned.output_shape[0] == (None if learned.ctc else learned.span[1])
    assert learned.outputs == len(learned.characters) + learned.ctc


def test_what_is_given_is_not_learned() -> None:
    assert column((4, 4)).ctc and column((4, 4)).encode("0000").tolist() == [1, 1, 1, 1]
    assert column(4).encode("0000").tolist() == [0, 0, 0, 0]
    assert column(4, "cab").learn(["0000"]).alphabet == "cab"
    assert CharactersColumn(length=4).learn(["ab12", "abc", "ab1"]).alphabet == "12ab"
    assert CharactersColumn(alphabet="digits").learn(["12", "345", "abcd"]).length == (2, 3)


@pytest.mark.parametrize(("size", "ctc", "dtype"), [(256, 0, "uint8"), (256, 1, "uint16"), (255, 1, "uint8")])
def test_the_narrowest_type_holds_all_places_and_the_blank(size: int, ctc: int, dtype: str) -> None:
    alphabet = "".join(chr(0x4E00 + i) for i in range(size))
    learned = column((1, 2) if ctc else 2, alphabet)
    assert learned.dtype == np.dtype(dtype)
    assert learned.texts(learned.encode_many([alphabet[-2:]])) == [alphabet[-2:]]


def test_one_code_point_is_one_character_after_composing() -> None:
    learned = CharactersColumn().learn(["e\N{COMBINING ACUTE ACCENT}1"])
    assert (learned.length, learned.alphabet) == (2, "1é")
    assert learned.encode("é1").tolist() == learned.encode("e\N{COMBINING ACUTE ACCENT}1").tolist()


def test_case_is_folded_in_alphabet_labels_and_answers() -> None:
    learned = column(3, "alphanumeric", case="lower")
    assert learned.characters == "0123456789abcdefghijklmnopqrstuvwxyz"
    assert learned.texts(learned.encode_many(["aB1"])) == ["ab1"]
    assert CharactersColumn(case="upper").learn(["straße"]).alphabet == "AERSTß"
    assert CharactersColumn(case="upper").learn(["ab", "AB"]).alphabet == "AB"


@pytest.mark.parametrize(
    ("given", "value", "said"),
    [
        (column(4), "12345", "'12345' has 5 characters, not 4"),
        (column((4, 6)), "123", "'123' has 3 characters, not 4 to 6"),
        (column(4), "12_4", "'12_4' has '_', which is not in the alphabet 0123456789"),
        (column(4), "", "'' is empty"),
        (column(1), "12", "has 2 characters, not 1"),
        (column((1, 9)), "1" * 400, "has 400 characters, not 1 to 9"),
        (CharactersColumn(), "1" * 400, f"has 400 characters, and up to {LONGEST}"),
        (CharactersColumn(), "a\nb", r"has '\n', which is no character"),
    ],
)
def test_a_label_that_cannot_be_is_one_sentence(given: CharactersColumn, value: str, said: str) -> None:
    assert given.rejects([value]) == [0]
    why = given.why_rejected(value, "text")
    assert why.startswith("the text '")
    assert why.endswith(said) or said in why
    assert len(why) < 160 and "\n" not in why
    if given.learned:
        with pytest.raises(DataError, match=r"\(a\.png\)") as raised:
            given.encode(value, "a.png")
    else:
        with pytest.raises(DataError, match="not one text to learn from: the text") as raised:
            given.learn([value])
    assert said.rpartition("' ")[2] in str(raised.value)


def test_values_of_other_types_are_texts_and_nothing_is_empty() -> None:
    learned = CharactersColumn().learn([12, 34])
    assert learned.texts(learned.encode_many([43])) == ["43"]
    assert learned.rejects([None, 21, 5]) == [0, 2]
    with pytest.raises(DataError, match="there is not one text to learn from; correct"):
        CharactersColumn().learn([])
    with pytest.raises(DataError, match="no alphabet yet"):
        CharactersColumn(length=4).encode("1234")
    with pytest.raises(DataError, match="no length yet"):
        _ = CharactersColumn(alphabet="digits").shape


def test_a_confidence_is_the_product_of_its_parts_and_alternatives_are_exact() -> None:
    learned = column(2, "abc")
    p = np.array([[[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]], np.float32)
    (found,) = learned.decode(p, 4)
    assert found.value == "ac"
    assert [v for v, _ in found.top] == ["ac", "ab", "bc", "aa"]
    assert [c for _, c in found.top] == pytest.approx([0.42, 0.21, 0.12, 0.07])
    assert [c for c, _ in found.parts] == ["a", "c"]
    assert [x for _, x in found.parts] == pytest.approx([0.7, 0.6])
    assert found.confidence == pytest.approx(0.42)
    assert found.to_json()["characters"] == [["a", 0.7], ["c", 0.6]]
    assert [v for v, _ in learned.decode(p, 1)[0].top] == ["ac"]
    assert len(learned.decode(p, 100)[0].top) == 9
    assert learned.decode(p, 0)[0].top == ()


def test_with_ctc_the_sum_over_paths_decides_not_the_best_path() -> None:
    # The best path is two blanks (0.36), but "a" has three paths: 0.24 + 0.24 + 0.16.
    learned = column((1, 2), "a")
    p = np.array([[[0.6, 0.4], [0.6, 0.4]]])
    (found,) = learned.decode(p, 3)
    assert found.value == "a"
    assert found.confidence == pytest.approx(0.64)
    assert learned.decode(p, 1)[0].confidence == pytest.approx(0.64)
    ((character, sure_of_it),) = found.parts
    assert character == "a"
    assert sure_of_it == pytest.approx(0.64)


def test_no_string_of_another_length_is_given_however_likely() -> None:
    learned = column((2, 3), "ab")
    p = np.array([[[0.02, 0.97, 0.01], [1.0, 0.0, 0.0], [0.7, 0.0, 0.3]]])
    (found,) = learned.decode(p, 3)
    assert found.value == "ab"
    assert found.confidence == pytest.approx(0.97 * 0.3)
    # Nearly sure of a single character, and not at all of a second one.
    p = np.array([[[0.001, 0.999, 0.0], [0.9989, 0.001, 0.0001], [0.999, 0.0, 0.001]]])
    (found,) = learned.decode(p, 1)
    assert found.value == "ab"
    assert found.confidence == pytest.approx(0.001, rel=0.2)
    # Not even where nothing is likely: here the best path is a string of one character.
    vague = np.array([[[0.30, 0.35, 0.35], [0.45, 0.275, 0.275], [0.4, 0.3, 0.3], [0.5, 0.25, 0.25]]])
    assert len(column((4, 4), "ab").decode(vague, 3)[0].value) == 4
    silent = np.array([[[1.0, 0.0, 0.0]] * 4])
    (nothing,) = learned.decode(silent, 3)
    assert len(nothing.value) in (2, 3)
    assert nothing.confidence == 0.0
    long = sure(column((1, 9), "ab"), ["ababa"])
    assert learned.decode(long, 2)[0].value == "aba"
    assert column((2, 2), "ab").decode(long[:, :1])[0].value == "a"  # a string of two needs more than a step


@pytest.mark.parametrize("seed", range(40))
def test_the_string_given_is_nearly_the_likeliest_of_the_lengths_there_are(seed: int) -> None:
    random = np.random.default_rng(seed)
    characters, steps, shortest = random.integers(1, 4), random.integers(3, 7), int(random.integers(1, 3))
    p = random.dirichlet([random.choice([0.5, 3, 10]), *[0.5] * characters], (3, steps))
    learned = column((shortest, shortest + 1), "abc"[:characters])
    for row, found in zip(p, learned.decode(p, 1), strict=True):
        inside = {s: c for s, c in every_string(row).items() if shortest <= len(s) <= shortest + 1}
        given = inside[tuple("_abc".index(c) for c in found.value)]
        assert found.confidence == pytest.approx(given, abs=1e-9)
        assert given >= 0.75 * max(inside.values())


def test_steps_of_zeros_are_padding() -> None:
    learned = column((1, 4), "ab")
    p = sure(learned, ["ab", "aab"], 0.95)
    padded = np.pad(p, ((0, 0), (0, 5), (0, 0)))
    assert learned.decode(padded) == learned.decode(p)
    kept = learned.restrict(padded, "ab")
    assert [x.value for x in learned.decode(kept)] == ["ab", "aab"]


def test_more_alternatives_are_looked_for_only_where_it_is_unsure() -> None:
    learned = column((1, 4), "abc")
    clear, vague = sure(learned, ["ab"], 0.9999), sure(learned, ["ab"], 0.8)
    assert len(learned.decode(clear, 3)[0].top) == 1
    found = learned.decode(vague, 3)[0].top
    assert len(found) == 3
    assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)
    assert len({v for v, _ in found}) == 3


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([4, (2, 5)]))
def test_restricted_answers_have_only_those_characters_and_sum_to_one(seed: int, length: Any) -> None:
    learned = column(length, "digits")
    p = np.random.default_rng(seed).dirichlet(np.full(learned.outputs, 0.3), (3, 9 if learned.ctc else 4))
    kept = learned.restrict(p, "024")
    assert kept.sum(axis=2) == pytest.approx(np.ones(kept.shape[:2]))
    for found in learned.decode(kept, 3):
        assert set(found.value) <= set("024")
    assert learned.restrict(p, "digits") == pytest.approx(p)


def test_a_restriction_to_what_cannot_be_read_is_refused() -> None:
    learned = column(4, "012ab")
    p = learned.restrict(sure(learned, ["a1b2"]), "012")
    assert learned.decode(p)[0].confidence == pytest.approx(1 / 9)
    p = learned.restrict(sure(learned, ["0a1b"], 0.5), "digits")
    assert set(learned.decode(p)[0].value) <= set("012")
    p = sure(learned, ["0000"])
    for characters_, said in [("03x", "cannot read '3', 'x'; its alphabet is 012ab"), ("upper", "any of the upper"),
                              ("", "has no character"), ("00", "twice")]:  # fmt: skip
        with pytest.raises(UsageError, match=said):
            learned.restrict(p, characters_)


def test_scores_and_the_baseline_by_hand() -> None:
    learned = column((1, 4), "digits")
    outputs = sure(learned, ["1234", "99", "5", "7"])
    truth = learned.encode_many(["1234", "9", "6", "1777"])
    assert learned.score(outputs, truth) == {"accuracy": 0.25, "characters": 1 - 5 / 10}
    assert learned.score(sure(learned, ["9999"]), learned.encode_many(["1"]))["characters"] == 0.0
    training = learned.encode_many(["12", "12", "3"])
    assert learned.baseline(training, learned.encode_many(["12", "3", "123", "12"])) == ("always '12'", 0.5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"length": "four"}, "targets.text.length is 'four', but it must be a whole number or a list"),
        ({"length": 0}, "targets.text.length is 0, but it must be at least 1 or a list"),
        ({"length": [4]}, r"targets.text.length is [4], but it must be a whole number or a longer list"),
        ({"length": [4, 5, 6]}, "must be a whole number or a list of at most 2"),
        ({"length": [6, 4]}, "targets.text has the length [6, 4], which ends before it begins: write [4, 6]"),
        ({"alphabet": "abca"}, "targets.text has an alphabet that has the character 'a' twice"),
        ({"alphabet": "digit"}, "twice (did you mean 'digits'?)"),
        ({"alphabet": 3}, "targets.text.alphabet is 3, but it must be a text in quotes"),
        ({"case": "small"}, "targets.text.case is 'small', but it must be one of 'keep', 'lower' or 'upper'"),
    ],
)
def test_a_recipe_that_cannot_be_is_one_sentence(options: dict[str, Any], said: str) -> None:
    values = {
        "inputs": {"image": "image"},
        "targets": {"text": {"type": "characters", **options}},
        "network": {"name": "mlp"},
    }
    with pytest.raises(RecipeError, match=re.escape(said)) as raised:
        Recipe.from_values(values, "mine", "mine.toml")
    assert str(raised.value).startswith("mine.toml: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("seed", range(5))
def test_the_answer_does_not_depend_on_how_many_alternatives_are_asked_for(seed: int) -> None:
    learned = column((5, 5), "digits")
    random = np.random.default_rng(seed)
    # Mostly blank, so that nearly all that is likely is too short.
    p = random.dirichlet([2.0, *[0.1] * 10], (20, 14)).astype(np.float32)
    three = learned.decode(p, 3)
    assert [x.value for x in learned.decode(p, 1)] == [x.value for x in three]
    assert all(len(x.value) == 5 and x.top for x in three)


LETTERS = st.text(st.characters(categories=["L", "M"]), min_size=1, max_size=8)


@given(st.lists(LETTERS, min_size=1, max_size=6))
@example(["yẹ́", "bọ́", "yọ"])
@example(["خانهٔ", "مؤمن"])
@example(["नाम", "नज़र"])
@example(["কো", "ে", "া", "ক"])
@example(["가", "ᄀ", "ᅡ"])
def test_any_alphabet_is_what_occurs(labels: list[str]) -> None:
    learned = CharactersColumn().learn(labels)
    assert column_from_json(json.loads(json.dumps(learned.to_json()))) == learned
    assert set(learned.characters) == set("".join(learned.text(label) for label in labels))
    assert learned.texts(learned.encode_many(labels)) == [learned.text(label) for label in labels]
