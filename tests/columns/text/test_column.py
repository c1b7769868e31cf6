"""The text column: cutting never fails, the vocabulary is the training rows' own, long and empty texts are said."""

from __future__ import annotations

import builtins
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns.text.column import MARK, PADDING, UNKNOWN, TextColumn
from hornbook.columns.text.evaluation import TextEvaluation, written
from hornbook.columns.text.tokens import WORDS, Tokenizer, find_tokenizer, jieba_cut, plain, tokens_of
from hornbook.errors import DataError, MissingExtra
from tests.columns.judged import judged

CHINESE = ["送餐速度很快，味道也不错", "太慢了，不好吃", "包装很好，下次还来"]
ANY_TEXT = st.text(max_size=60)


@given(ANY_TEXT, st.sampled_from(["words", "characters"]), st.booleans())
def test_any_text_is_cut_and_only_blanks_are_lost(text: str, cut: Tokenizer, lowercase: bool) -> None:
    said = plain(text, lowercase)
    found = tokens_of(said, cut)
    assert all(found)
    assert "".join(found) == ("".join(said.split()) if cut == "words" else said)
    assert tokens_of(said, cut, 3) == found[:3]


@given(st.lists(ANY_TEXT, min_size=1, max_size=5), ANY_TEXT)
def test_any_text_is_encoded_or_refused_in_one_sentence(training: list[str], text: str) -> None:
    column = TextColumn().learn([t for t in training if t.strip()] or ["a"])
    try:
        encoded = column.encode(text)
    except DataError as error:
        assert not text.strip()
        assert "\n" not in str(error)
        return
    length = int(column.lengths(encoded[None])[0])
    assert length >= 1
    assert (encoded[:length] != PADDING).all()
    assert (encoded[length:] == PADDING).all()
    assert column.trim(encoded[None]).shape == (1, length)


@given(st.lists(st.sampled_from(["good", "food", "was", "the", "not", "!"]), min_size=1, max_size=6))
def test_known_words_come_back(words: list[str]) -> None:
    column = TextColumn(length=6).learn(["good food was not the", "!"])
    assert written(column, column.encode(" ".join(words))) == " ".join(words)


def test_the_commonest_tokens_are_known_and_rare_ones_are_not() -> None:
    column = TextColumn(vocabulary=2).learn(["b b a c", "a b"])
    assert column.known == ("b", "a")
    assert column.encode("a c b").tolist() == [3, UNKNOWN, 2, PADDING]
    marked = TextColumn(marks=True, length=5).learn(["a b c d e f"])
    assert marked.encode("a b c d e f").tolist() == [MARK, 3, 4, 5, MARK]
    assert TextColumn(min_count=2).learn(["b b a c", "a b"]).known == ("b", "a")


def test_what_is_cut_off_is_said() -> None:
    column = TextColumn(length=3, tokenizer="words").learn(["one two three four", "one two"])
    assert column.remarks() == [
        "texts are cut into words; 4 tokens are known",
        "1 training text of more than 3 tokens is cut there (length says where)",
    ]


def test_the_learned_length_leaves_out_the_few_longest() -> None:
    column = TextColumn().learn(["a b c"] * 999 + ["a " * 5000])
    assert column.shape == (3,)
    assert column.shortened == 1


def test_of_a_million_characters_only_the_beginning_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    column = TextColumn(length=8).learn(["some words"])
    seen: list[int] = []

    def counted(text: str, lowercase: bool) -> str:
        seen.append(len(text))
        return plain(text, lowercase)

    monkeypatch.setattr("hornbook.columns.text.column.plain", counted)
    assert column.encode(" " * 1000 + "words").tolist() == column.encode("words").tolist()
    seen.clear()
    assert column.encode("words " * 200_000).tolist() == [3] * 8
    assert seen == [8 * 64]


@pytest.mark.parametrize("empty", ["", "  \n", []])
def test_an_empty_text_is_named(empty: object) -> None:
    column = TextColumn(tokenizer="characters").learn(["some words"])
    with pytest.raises(DataError, match="row 2: the text is empty"):
        column.encode_many(["words", empty])
    assert column.rejects(["words", empty, None, 3]) == [1, 2, 3]
    assert column.why_rejected(empty, "review") == "its review is empty"
    assert column.why_rejected(3, "review") == "its review is 3, which is no text"


@pytest.mark.parametrize("none", ["", "  \n", [], None, float("nan")])
def test_beside_other_inputs_a_missing_text_is_a_value(none: object) -> None:
    texts = ["good food", none, "food"]
    column = TextColumn().as_input(alone=False).learn(texts)
    assert column.missing is True and column.rejects(texts) == []
    food, good = column.number("food"), column.number("good")
    assert column.encode_many(texts).tolist() == [[good, food], [2, 0], [food, 0]] and {food, good} == {3, 4}
    assert column.weight_rows() == [0, 1, -1, "food", "good"]
    whole = TextColumn().as_input(alone=False).learn(["good food", "food"])
    assert whole.missing is False and whole.first == 2
    assert whole.encode(none).tolist() == [UNKNOWN, PADDING]
    assert column.rejects([3, [5]]) == [0, 1], "what is no text is not a missing one"
    assert TextColumn().as_input(alone=True).learn(texts).rejects(texts) == [1], (
        "it is all that is known of a row"
    )
    assert whole.as_input(alone=True) == whole, "what was learned stays"


def test_chinese_is_found_out_and_cut_into_words() -> None:
    pytest.importorskip("jieba")
    column = TextColumn().learn(CHINESE)
    assert column.chosen_tokenizer == "jieba"
    assert "味道" in (column.known or ())
    assert column.remarks()[0].startswith("texts are cut into Chinese words, by jieba")
    assert written(column, column.encode("味道很好")) == "味道很好"


def test_without_jieba_chinese_is_characters_unless_words_were_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "jieba":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    jieba_cut.cache_clear()
    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert find_tokenizer(CHINESE, "auto") == "characters"
    with pytest.raises(MissingExtra, match=r"hornbook\[chinese\]"):
        find_tokenizer(CHINESE, "words")
    # A recognizer that was trained with it needs it too.
    column = TextColumn(chosen_tokenizer="jieba", known=("味道",), longest=4, shortened=0)
    with pytest.raises(MissingExtra, match="cutting Chinese into words"):
        column.encode("味道很好")


def test_scripts_without_blanks_become_characters_and_mixed_ones_words() -> None:
    assert find_tokenizer(["สวัสดีครับ", "ขอบคุณ"], "auto") == "characters"
    assert find_tokenizer(["とてもおいしいです"], "auto") == "characters"
    assert find_tokenizer(["a good 好 day for all of us"], "auto") == "words"


def test_a_language_model_is_scored_by_what_it_gave_each_token() -> None:
    column = TextColumn(tokenizer="characters", marks=True).learn(["ab"])
    truth = column.encode_many(["ab", "a"])
    sure = np.where(truth > 0, np.log(0.5), 0.0)
    assert column.score(sure, truth) == {"perplexity": pytest.approx(2.0), "bits_a_token": pytest.approx(1.0)}
    name, simplest = column.baseline(truth, truth)
    # a twice, b once, the mark twice, and every one of the five tokens once more.
    expected = np.exp(-np.mean(np.log(np.array([3, 2, 3, 3, 3]) / 9)))
    assert name == "tokens by how common they are"
    assert simplest == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("हिन्दी में किताब अच्छी है।", ["हिन्दी", "में", "किताब", "अच्छी", "है", "।"]),
        ("தமிழ் நூல்", ["தமிழ்", "நூல்"]),
        ("বাংলা বই", ["বাংলা", "বই"]),
        ("שָׁלוֹם עוֹלָם", ["שָׁלוֹם", "עוֹלָם"]),
        ("شَهْرٌ جَدِيدٌ", ["شَهْرٌ", "جَدِيدٌ"]),
        ("İstanbul'da ev", ["i̇stanbul'da", "ev"]),
        ("don't stop_x 3.5", ["don't", "stop_x", "3", ".", "5"]),
    ],
)
def test_marks_are_part_of_their_word(text: str, words: list[str]) -> None:
    text = plain(text, True)
    assert tokens_of(text, "words") == [plain(word, True) for word in words]
    assert re.findall(WORDS, "हिन्दी में। a an")[:3] == ["हिन्दी", "में", "an"]
    assert find_tokenizer([text], "auto") == "words"


def test_bits_a_character_count_blanks_where_there_are_some() -> None:

    for texts, cut in ((["the dog ran", "a cat ran"], "words"), (["今天天气很好", "我们学习"], "jieba")):
        if cut == "jieba":
            pytest.importorskip("jieba")
        column = TextColumn(tokenizer="words", marks=True).learn(texts)
        assert column.chosen_tokenizer == cut
        truth = column.encode_many(texts)
        outputs = np.where(truth > 0, -1.0, 0.0)
        outputs[:, 0] = 0
        found = judged(TextEvaluation, "t", "test", column, outputs, truth, training_truth=truth)
        written = sum(len(text) + 1 for text in texts)  # and its end, which has a blank before it
        written += len(texts) if cut == "words" else 0
        tokens = int((truth[:, 1:] > 0).sum())
        assert found.metrics["bits_a_character"] == pytest.approx(tokens / np.log(2) / written)
        alone = judged(TextEvaluation, "t", "test", column, outputs, truth, training_truth=truth[:0])
        assert list(alone.others) == ["every token alike"]  # nothing is counted in what is judged
        assert alone.others["every token alike"] == pytest.approx(column.size - 1)
