"""The language for plain stacks: parameter counts of textbooks, geometry, errors, the summary."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from hornbook.errors import RecipeError
from hornbook.networks.layers import ACTIVATIONS, LANGUAGE, build_layers, trace_layers

MNIST_CNN = ["conv 32 3 relu", "conv 64 3 relu", "maxpool 2", "dropout 0.25", "flatten", "dense 128 relu"]


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("words", "shape", "parameters"),
    [
        (MNIST_CNN, (1, 28, 28), 1_199_882),
        (["dense 512 relu", "dropout 0.2", "dense 512 relu", "dropout 0.2"], (1, 28, 28), 669_706),
        (["dense 512 relu", "dense 512 relu"], (784,), 669_706),
    ],
)
def test_textbook_parameter_counts(words: list[str], shape: tuple[int, ...], parameters: int) -> None:
    stack, out = build_layers(words, shape)
    head = nn.Linear(out[0], 10)
    assert count(stack) + count(head) == parameters


@pytest.mark.parametrize(
    ("word", "out"),
    [
        ("conv 8", (8, 9, 11)),
        ("conv 8 3 valid", (8, 9, 11)),
        ("conv 8 3 same", (8, 11, 13)),
        ("conv 8 4 same", (8, 11, 13)),
        ("conv 8 2 same stride 2", (8, 6, 7)),
        ("conv 8 3 stride 2 same relu", (8, 6, 7)),
        ("conv 8 1 gelu", (8, 11, 13)),
        ("maxpool 2", (3, 5, 6)),
        ("maxpool 3 2", (3, 5, 6)),
        ("avgpool 3", (3, 3, 4)),
        ("globalpool", (3,)),
        ("globalpool max", (3,)),
        ("flatten", (429,)),
        ("dense 7 tanh", (7,)),
        ("batchnorm", (3, 11, 13)),
        ("dropout 0.5", (3, 11, 13)),
        ("leaky", (3, 11, 13)),
    ],
)
def test_shapes_are_what_torch_gives(word: str, out: tuple[int, ...]) -> None:
    stack, shape = build_layers([word], (3, 11, 13))
    assert shape == out
    assert tuple(stack(torch.randn(2, 3, 11, 13)).shape[1:]) == out


@given(
    kernel=st.integers(1, 7),
    stride=st.integers(1, 4),
    padding=st.sampled_from(["same", "valid"]),
    height=st.integers(7, 20),
    width=st.integers(7, 20),
)
@settings(max_examples=60, deadline=None)
def test_conv_geometry(kernel: int, stride: int, padding: str, height: int, width: int) -> None:
    stack, shape = build_layers([f"conv 2 {kernel} stride {stride} {padding}"], (1, height, width))
    assert tuple(stack(torch.zeros(1, 1, height, width)).shape[1:]) == shape
    if padding == "same":
        assert shape[1:] == (math.ceil(height / stride), math.ceil(width / stride))


@pytest.mark.parametrize("name", LANGUAGE)
def test_every_word_builds(name: str) -> None:
    number = {"conv": " 4", "dense": " 4", "maxpool": " 2", "avgpool": " 2", "dropout": " 0.1"}.get(name, "")
    stack, shape = build_layers([name + number], (2, 8, 8))
    assert tuple(stack(torch.randn(3, 2, 8, 8)).shape[1:]) == shape


def test_activation_is_the_layer_after() -> None:
    for name, kind in ACTIVATIONS.items():
        stack, _ = build_layers([f"dense 4 {name}"], (3,))
        assert isinstance(stack[-1], type(kind()))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["conv 8", "maxpol 2"], r"layer 2 of 2, 'maxpol 2': there is no layer.*did you mean 'maxpool'\?"),
        (["conv 8 3 rellu"], r"layer 1 of 1.*'rellu' is not understood.*did you mean 'relu'\?"),
        (["conv"], r"'conv' needs its filters, as in 'conv 32 3 relu'"),
        (["conv 0"], r"filters must be a whole number from 1 to 65536, not 0"),
        (["conv 8.5"], r"filters must be a whole number"),
        (["conv 8 3 stride"], r"stride must be followed by a number"),
        (["conv 8 3 stride same"], r"stride must be followed by a number, not 'same'"),
        (["dropout 1.5"], r"fraction must be a number from 0 to 0.99, not 1.5"),
        (["dropout nan"], r"fraction must be a number"),
        (["dense 10 20"], r"'20' is not understood"),
        (["dense -1"], r"units must be"),
        (["flatten 3"], r"'flatten' takes nothing more"),
        (["maxpool 30"], r"a pool of 30 × 30 does not fit a picture of 28 × 28"),
        (["globalpool", "maxpool 2"], r"layer 2 of 2.*maxpool needs a picture, .* is flat: 1 values"),
        (["flatten", "conv 3"], r"conv needs a picture"),
        (["globalpool", "globalpool"], r"globalpool needs a picture"),
        (["conv 8 29"], r"a kernel of 29 × 29 does not fit"),
        ([""], r"a layer is a text"),
        (["conv 3 3 relu tanh"], "comes after another of its kind"),
        (["conv 3 same valid"], "comes after another of its kind"),
        (["conv 3 stride 2 stride 3"], "comes after another of its kind"),
        (["dense 65536", "dense 65536"], r"layer 2 of 2.*would have 4,294,967,296 parameters"),
    ],
)
def test_errors_are_one_sentence_with_the_place(words: list[str], message: str) -> None:
    with pytest.raises(RecipeError, match=message) as caught:
        build_layers(words, (1, 28, 28) if "dense 65536" not in words else (1,))
    assert "\n" not in str(caught.value)


def test_summary_adds_up_and_leaves_the_module_alone() -> None:
    stack, shape = build_layers([*MNIST_CNN, "batchnorm"], (1, 28, 28))
    stack[0].eval()
    rows = trace_layers(stack, torch.zeros(1, 1, 28, 28))
    assert sum(row.parameters for row in rows) == count(stack)
    first = rows[0]
    assert (first.name, first.kind, first.shape, first.parameters) == ("conv1", "Conv2d", (32, 26, 26), 320)
    assert rows[-1].shape == shape
    assert stack.training and not stack[0].training
    assert not any(module._forward_hooks for module in stack.modules())


class Twice(nn.Module):
    """One layer used twice, and a parameter that belongs to no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.scale = nn.Parameter(torch.ones(5))

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layer(self.layer(x + y))
        return out


def test_summary_has_shared_layers_and_loose_parameters_once() -> None:
    rows = trace_layers(Twice(), torch.zeros(1, 4), torch.zeros(1, 4))
    assert [row.parameters for row in rows] == [20, 5]
