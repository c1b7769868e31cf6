"""The heads for strings: losses against the plain sums over paths, greedy reading, padding, temperatures."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.characters.network import CtcHead, PositionsHead
from hornbook.columns.characters.reading.ctc import best_path, likelihood
from hornbook.errors import RecipeError
from hornbook.networks.inputs import head_class

FIXED = CharactersColumn(length=3, alphabet="abcd")
RANGE = CharactersColumn(length=(1, 4), alphabet="abcd")


def logits(rows: int = 40, steps: int = 9, seed: int = 0) -> torch.Tensor:
    return 2 * torch.randn(rows, steps, 5, generator=torch.Generator().manual_seed(seed))


def truth(rows: int = 40) -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.from_numpy(
        RANGE.encode_many(["".join(rng.choice(list("abcd"), n)) for n in rng.integers(1, 5, rows)])
    )


def test_the_column_chooses() -> None:
    assert head_class("y", FIXED) is PositionsHead
    assert head_class("y", RANGE) is CtcHead
    assert head_class("y", CharactersColumn(length=(5, 5), alphabet="ab")) is CtcHead
    assert (PositionsHead.wants, CtcHead.wants) == ("vector", "sequence")


def test_positions() -> None:
    head = PositionsHead(FIXED, (6,))
    raw = head(torch.randn(7, 6))
    assert raw.shape == (7, 3, 4)
    strings = torch.from_numpy(FIXED.encode_many(["abc", "dda", "bbb", "cab", "aaa", "bcd", "dcb"]))
    likely = torch.log_softmax(raw, 2).gather(2, strings.long()[:, :, None])
    assert torch.allclose(head.loss(raw, strings), -likely.mean())
    raw = torch.nn.functional.one_hot(strings.long(), 4) * 9.0
    raw[0, 1] = -raw[0, 1]
    assert int(head.metric_sum(raw, strings)) == 6
    assert head.loss(raw, strings, 0.1) > head.loss(raw, strings)
    assert torch.allclose(head.outputs(raw).sum(2), torch.ones(7, 3))
    assert FIXED.decode(head.outputs(raw).detach().numpy())[1].value == "dda"


def test_the_ctc_loss_is_the_sum_over_all_paths() -> None:
    raw, strings = logits(), truth()
    chance, _ = likelihood(torch.softmax(raw, 2).numpy(), strings.numpy().astype(np.int64))
    wanted = (-np.log(chance) / (strings > 0).sum(1).numpy()).mean()
    head = CtcHead(RANGE, (9, 6))
    assert float(head.loss(raw, strings)) == pytest.approx(wanted, rel=1e-4)
    assert head.loss(raw, strings, 0.1) != head.loss(raw, strings)


def test_greedy_reading_is_the_columns() -> None:
    raw = logits(300)
    places, lengths = best_path(torch.softmax(raw, 2).numpy())
    strings = np.zeros((300, 4), np.uint8)
    fits = lengths <= 4
    strings[fits, : places.shape[1]] = places[fits][:, :4]
    strings[np.flatnonzero(fits)[:7], 0] += 1
    assert int(CtcHead(RANGE, (9, 6)).metric_sum(raw, torch.from_numpy(strings))) == fits.sum() - 7
    assert 20 < fits.sum() < 300


def test_padding_says_nothing() -> None:
    head = CtcHead(RANGE, (0, 6))
    features = torch.randn(4, 9, 6)
    features[1, 5:] = 0
    raw, alone = head(features), head(features[1:2, :5])
    assert torch.equal(raw[1:2, :5], alone)
    assert not raw[1, 5:].any()
    strings = truth(4)
    assert torch.allclose(head.loss(raw[1:2], strings[1:2]), head.loss(alone, strings[1:2]))
    assert head.metric_sum(raw[1:2], strings[1:2]) == head.metric_sum(alone, strings[1:2])
    outputs = head.outputs(raw)
    assert torch.equal(outputs[1, 5:], torch.eye(5)[:1].expand(4, -1))
    chance, _ = likelihood(outputs[1:2].detach().numpy(), strings[1:2].numpy().astype(np.int64))
    wanted, _ = likelihood(head.outputs(alone).detach().numpy(), strings[1:2].numpy().astype(np.int64))
    assert np.allclose(chance, wanted)


def test_a_string_that_does_not_fit_counts_nothing() -> None:
    raw = logits(2, 3).requires_grad_()
    strings = torch.from_numpy(RANGE.encode_many(["aaaa", "ab"]))
    head = CtcHead(RANGE, (0, 6))
    loss = head.loss(raw, strings)
    assert torch.isfinite(loss)
    loss.backward()  # type: ignore[no-untyped-call]
    assert raw.grad is not None
    assert not raw.grad[0].any()
    assert raw.grad[1].any()


def test_too_few_steps_for_the_strings_is_one_sentence() -> None:
    said = r"in 6 steps, and strings of up to 4 characters need 7, .* smaller network\."
    with pytest.raises(RecipeError, match=said):
        CtcHead(RANGE, (6, 6))
    CtcHead(RANGE, (7, 6))


def sampled(raw: torch.Tensor) -> torch.Tensor:
    """Return a class for each step, by its probability (Gumbel 1954)."""
    noise = -torch.log(-torch.log(torch.rand_like(raw)))
    return (raw + noise).argmax(2)


def test_temperatures_are_found() -> None:
    torch.manual_seed(0)
    raw = 3 * torch.randn(800, 6, 5)
    paths = torch.nn.functional.one_hot(sampled(raw), 5)
    strings, _ = best_path(paths.numpy())
    head = CtcHead(CharactersColumn(length=(1, 6), alphabet="abcd"), (0, 6))
    for factor in (0.5, 1.0, 2.0):
        head.calibrate((factor * raw).numpy(), strings)
        assert float(head.temperature) == pytest.approx(factor, rel=0.1)
    fixed = PositionsHead(FIXED, (6,))
    characters = sampled(raw[:, :3, :4]).numpy()
    fixed.calibrate((2 * raw[:, :3, :4]).numpy(), characters)
    assert float(fixed.temperature) == pytest.approx(2, rel=0.1)
    for one in (head, fixed):
        one.calibrate(np.zeros((0, 3, 4), np.float32), np.zeros((0, 3), np.uint8))
        assert float(one.temperature) == 1


def test_rows_read_without_a_mistake_are_not_certain() -> None:
    head = CtcHead(RANGE, (9, 6))
    strings = truth(30)
    raw = np.zeros((30, 9, 5), np.float32)
    for row, string in enumerate(strings.numpy()):
        raw[row, np.arange(9), np.r_[np.c_[string, string * 0].ravel(), 0]] = 8
    head.calibrate(raw, strings.numpy())
    sure = head.outputs(torch.from_numpy(raw)).amax(2).prod(1)
    assert 0.9 < float(sure.mean()) < 0.9999
    assert math.isfinite(float(head.temperature))
