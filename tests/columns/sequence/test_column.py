"""What a `sequence` column reads and writes, and the search that writes with it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hornbook.columns.base import Array
from hornbook.columns.sequence.column import END, FIRST, SequenceColumn
from hornbook.columns.sequence.write import Writer, write
from hornbook.errors import DataError
from hornbook.recipe import Recipe


def test_words_are_put_together_as_they_were() -> None:
    said = ["It's 5 o'clock, isn't it?", "(so it is)", "“Yes!”  he\nsaid", "3.14 €"]
    column = SequenceColumn(tokenizer="words").learn(said)
    assert column.texts(column.encode_many(said)) == [" ".join(one.split()) for one in said]


def test_what_is_not_known_is_never_right() -> None:
    column = SequenceColumn(vocabulary=2).learn(["aab", "abc"])
    (truth,) = column.texts(column.encode_many(["abc"]))
    assert truth == "ab□"
    outputs = np.zeros((1, 1, *column.shape, 2), np.float32)
    outputs[0, 0, :3, 0] = FIRST, FIRST + 1, END
    assert column.score(outputs, column.encode_many(["abc"]))["accuracy"] == 0


def test_a_longer_answer_than_any_is_left_out_and_counts_as_wrong() -> None:
    column = SequenceColumn().learn(["abc", "ab"])
    assert column.rejects(["abc", "abcd", None, ""]) == [1, 2, 3]
    assert [column.unanswerable(v) for v in ("abcd", None)] == [True, False]
    assert column.why_rejected("abcd", "name") == "the name 'abcd' has 4 tokens, and at most 3 are written"
    with pytest.raises(DataError, match="not one text to learn from"):
        SequenceColumn(length=2).learn(["abc"])


def chain(seed: int, size: int) -> Writer:
    """Return a writer whose next token hangs on the last one alone, and which never writes 0 and 2."""
    likely = np.random.default_rng(seed).dirichlet(np.full(size, 0.5), size).astype(np.float32)
    likely[:, [0, 2]] = 0

    def step(previous: Array, memory: Array, state: Array) -> tuple[Array, Array, Array]:
        return likely[previous[:, 0]], np.ones((len(previous), memory.shape[1]), np.float32), state

    return Writer(step, 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_beam_finds_the_likeliest_answer_of_all(seed: int) -> None:
    column = SequenceColumn(beam=64).learn(["abc"])
    writer, memory = chain(seed, column.outputs), np.zeros((2, 1, 1), np.float32)
    found = column.decode(write(writer, column, memory), top=3)[1]
    every: dict[str, float] = {}
    for length in range(column.shape[0] + 1):
        for tokens in itertools.product(range(FIRST, column.outputs), repeat=length):
            numbers = [END, *tokens, *([END] if length < column.shape[0] else [])]
            chance = 1.0
            for before, after in itertools.pairwise(numbers):
                chance *= float(writer.step(np.array([[before]]), memory[:1], memory[:1])[0][0, after])
            every["".join(column.tokens_written(np.array(tokens, np.int64)))] = chance
    best = sorted(every.items(), key=lambda one: -one[1])[:3]
    assert [text for text, _ in found.top] == [text for text, _ in best]
    assert [p for _, p in found.top] == pytest.approx([p for _, p in best], rel=1e-4)
    assert found.confidence == found.top[0][1]


def test_greedy_takes_the_likeliest_token_at_each_step() -> None:
    column = SequenceColumn(beam=1).learn(["abc"])
    writer = chain(7, column.outputs)
    (numbers,) = write(writer, column, np.zeros((1, 1, 1), np.float32))[:, 0, :, 0].astype(int).tolist()
    before = END
    for number in numbers:
        assert number == writer.step(np.array([[before]]), np.zeros((1, 1, 1)), np.zeros(1))[0][0].argmax()
        before = number
        if number == END:
            break


def test_a_recipe_may_name_it_by_its_word_alone() -> None:
    recipe = Recipe.from_values({"inputs": {"a": "text"}, "targets": {"b": "sequence"}}, "x", "test")
    assert recipe.targets["b"] == SequenceColumn()
