"""The family for strings: shapes, what padding may not change, and the same answers from ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hornbook.errors import RecipeError
from hornbook.networks.crnn import BothWays, StringNet
from hornbook.networks.families import build_network
from hornbook.recipe.networks import Cnn, Crnn
from tests.networks.make import exported

SMALL: dict[str, Any] = {"widths": (4, 6, 6), "stem": 3, "features": 5, "units": 4}
VARIANTS = {
    "gru": Crnn(**SMALL, width_stride=4),
    "lstm, no stem": Crnn(**{**SMALL, "stem": 0}, width_stride=4, recurrent="lstm", layers=2, dropout=0.2),
    "none": Crnn(**SMALL, recurrent="none", width_stride=2, convs=2, kernel=5, activation="silu"),
    "reach, context": Crnn(**SMALL, recurrent="none", width_stride=4, step_kernel=5, context=True),
}


def built(name: str, shape: tuple[int, ...], sequence: bool = True) -> tuple[nn.Module, tuple[int, ...]]:
    torch.manual_seed(1)
    network, features = build_network(VARIANTS[name], shape, sequence)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                assert module.running_mean is not None
                module.running_mean.normal_()
                module.bias.normal_()
    return network, features


@pytest.mark.parametrize("shape", [(1, 60, 160), (3, 50, 200), (1, 32, 37), (3, 8, 16), (1, 1, 40)])
@pytest.mark.parametrize("name", VARIANTS)
def test_any_picture_gives_the_promised_features(name: str, shape: tuple[int, ...]) -> None:
    for sequence in (True, False):
        network, features = built(name, shape, sequence)
        assert len(features) == 1 + sequence
        for mode in (True, False):
            network.train(mode)
            assert network(torch.rand(2, *shape)).shape == (2, *features)


@pytest.mark.parametrize(("shrink", "steps"), [(2, 80), (4, 40), (8, 20), (16, 10)])
def test_a_step_for_so_many_pixels(shrink: Any, steps: int) -> None:
    assert build_network(Crnn(width_stride=shrink), (1, 60, 160), True)[1] == (steps, 192)


def test_a_picture_that_is_too_small_is_one_sentence() -> None:
    with pytest.raises(
        RecipeError, match=r"a picture 3 wide is too small to be shrunk 8 times; use a smaller network\."
    ):
        build_network(Crnn(), (1, 60, 3), True)
    with pytest.raises(RecipeError, match=r'"crnn" is for pictures'):
        build_network(Crnn(), (7,), False)


def test_reading_both_ways_is_what_torch_does() -> None:
    for kind, cell in (("gru", nn.GRU), ("lstm", nn.LSTM)):
        ours = BothWays(kind, 3, 4)
        theirs = cell(3, 4, batch_first=True, bidirectional=True)
        back = {f"{k}_reverse": v for k, v in ours.back.state_dict().items()}
        theirs.load_state_dict({**ours.forth.state_dict(), **back})
        steps, lengths = torch.randn(3, 6, 3), torch.tensor([6, 2, 4])
        assert torch.allclose(ours(steps), theirs(steps)[0], atol=1e-6)
        packed = nn.utils.rnn.pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
        wanted, _ = nn.utils.rnn.pad_packed_sequence(theirs(packed)[0], batch_first=True)
        found = ours(steps, lengths)
        for row, length in enumerate(lengths.tolist()):
            assert torch.allclose(found[row, :length], wanted[row, :length], atol=1e-6)


def padded(lengths: list[int]) -> Tensor:
    pictures = torch.randn(len(lengths), 1, 20, max(lengths))
    for row, length in enumerate(lengths):
        pictures[row, :, :, length:] = 0
    return pictures


@pytest.mark.parametrize("name", VARIANTS)
def test_of_free_width_a_row_does_not_depend_on_what_it_is_batched_with(name: str) -> None:
    lengths = [33, 20, 5, 1]
    pictures = padded(lengths)
    for sequence in (True, False):
        network, features = built(name, (1, 20, 0), sequence)
        assert features == ((0, features[-1]) if sequence else (features[-1],))
        network.eval()
        together = network(pictures)
        for row, length in enumerate(lengths):
            alone = network(pictures[row : row + 1, :, :, :length])[0]
            steps = len(alone) if sequence else None
            assert torch.allclose(together[row, :steps] if sequence else together[row], alone, atol=1e-5)
            if sequence:
                assert not together[row, steps:].any()


@pytest.mark.parametrize("width", [24, 0])
@pytest.mark.parametrize("name", VARIANTS)
def test_onnx_gives_the_same_answers_for_any_rows_and_widths(name: str, width: int) -> None:
    network, _ = built(name, (1, 20, width))
    network.eval()
    free = {"x": [0] if width else [0, 3], "y": [0] if width else [0, 1]}
    in_file = exported(network, [padded([width or 9, width or 4])], free)
    for lengths in ([24], [24] * 5) if width else ([1], [7, 13, 2], [40, 3]):
        pictures = padded(lengths)
        with torch.no_grad():
            assert np.allclose(in_file(pictures), network(pictures).numpy(), atol=1e-5)


def test_half_precision_stops_before_the_recurrence() -> None:
    network, _ = built("gru", (1, 20, 24))
    assert isinstance(network, StringNet)
    with torch.autocast("cpu", torch.bfloat16):
        assert network(padded([24, 24])).dtype == torch.float32


def test_pools_shrink_width_and_height_apart() -> None:
    made, features = build_network(
        Cnn(widths=(4, 6, 8), pools=((2, 2), (2, 2), (1, 2)), global_pool="none", dense=(7,)), (1, 20, 40)
    )
    assert features == (7,)
    stages = made.get_submodule("stages")
    assert stages[:3](torch.rand(2, 1, 20, 40)).shape == (2, 8, 2, 10)  # type: ignore[index]
    assert made(torch.rand(2, 1, 20, 40)).shape == (2, 7)
    strided, features = build_network(
        Cnn(widths=(4, 6), pools=((1, 2), (3, 2)), pool="stride", global_pool="none"), (1, 6, 9)
    )
    assert features == (6 * 2 * 3,)
    assert strided(torch.rand(2, 1, 6, 9)).shape == (2, *features)
