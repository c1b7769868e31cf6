"""The families: shapes, counts, seeds, whitening, mirroring, and the same answers from ONNX."""

from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from hornbook.errors import RecipeError
from hornbook.networks.blocks import PictureNet, Whitening
from hornbook.networks.families import build_network
from hornbook.networks.layers import ACTIVATIONS
from hornbook.recipe.family import Family
from hornbook.recipe.networks import FAMILIES, Activation, Cnn, Mlp, Resnet, Unet

PICTURES = [(1, 28, 28), (3, 32, 32), (3, 64, 64), (1, 50, 200), (1, 8, 8), (1, 1, 1), (2, 3, 40)]
VARIANTS: dict[str, Family] = {
    "cnn": Cnn(widths=(4, 8, 8)),
    "cnn no batchnorm": Cnn(widths=(4, 8), convs=1, batchnorm=False, dropout=0.2, activation="tanh"),
    "cnn stride": Cnn(widths=(4, 8, 8, 8, 8, 8, 8, 8), pool="stride", global_pool="none"),
    "cnn avg stem": Cnn(widths=(4, 8), pool="avg", global_pool="max", stem=5, stem_kernel=5, stem_stride=2),
    "cnn whiten": Cnn(widths=(4, 8), whiten=True, mirror=True, activation="gelu"),
    "cnn shortcut": Cnn(widths=(4, 8), convs=3, shortcut=True),
    "resnet": Resnet(widths=(4, 8), blocks=1, dropout=0.1),
    "resnet large": Resnet(widths=(4, 8), blocks=2, stem="large", activation="silu", mirror=True),
    "mlp": Mlp(hidden=(5, 4), batchnorm=True, dropout=0.1),
    "linear": FAMILIES["linear"](),
}


@pytest.mark.parametrize("shape", PICTURES)
@pytest.mark.parametrize("name", VARIANTS)
def test_any_picture_gives_the_promised_features(name: str, shape: tuple[int, ...]) -> None:
    network, features = build_network(VARIANTS[name], shape)
    assert len(features) == 1
    for mode in (True, False):
        network.train(mode)
        assert network(torch.rand(2, *shape)).shape == (2, *features)


def test_resnet20_and_resnet18_are_the_published_ones() -> None:
    # torchvision's resnet18 has 11,689,512 with its 1,000 classes; ResNet-20 with projections 272,474 with 10
    for family, shape, head, total in [
        (Resnet(), (3, 32, 32), 65 * 10, 272_474),
        (Resnet(widths=(64, 128, 256, 512), blocks=2, stem="large"), (3, 64, 64), 513 * 1000, 11_689_512),
    ]:
        network, _ = build_network(family, shape)
        assert sum(p.numel() for p in network.parameters()) + head == total


def test_pooling_comes_before_normalization() -> None:
    network, _ = build_network(Cnn(widths=(4,), convs=2), (1, 8, 8))
    stage = network.get_submodule("stages.stage1")
    names = [name for name, _ in stage.named_children()]
    assert names == ["conv1", "pool", "batchnorm1", "relu1", "conv2", "batchnorm2", "relu2"]


def test_a_shortcut_goes_around_all_convolutions_of_a_stage_but_the_first() -> None:
    network, _ = build_network(Cnn(widths=(4,), convs=3, shortcut=True, batchnorm=False), (1, 8, 8))
    stage = network.get_submodule("stages.stage1")
    assert [name for name, _ in stage.named_children()] == ["conv1", "pool", "relu1", "added", "relu3"]
    pictures = torch.rand(2, 1, 8, 8)
    with torch.no_grad():
        first = stage[:3](pictures)  # type: ignore[index]
        inner = stage.get_submodule("added")
        second = inner.get_submodule("conv3")(inner.get_submodule("conv2")(first).relu())
        assert torch.allclose(stage(pictures), (first + second).relu(), atol=1e-6)


LARGE = r"it would have [0-9,]+ parameters, and at most 500,000,000"


@pytest.mark.parametrize(
    ("family", "shape", "said"),
    [
        (Cnn(convs=1, shortcut=True), (3, 16, 16), r"network\.convs is 1: give 2 or more"),
        (
            Cnn(kernel=4, shortcut=True),
            (3, 16, 16),
            "a kernel of 4 loses a row and a column: give an odd network",
        ),
        (
            Cnn(pools=((2, 2),)),
            (3, 16, 16),
            r"network\.pools has 1 items and network\.widths 3: give one for",
        ),
        (Cnn(widths=(4,), pools=((2, 2), (2, 2))), (3, 16, 16), r"network\.pools has 2 items and network"),
        (
            Cnn(kernel=2, widths=(4, 4)),
            (1, 2, 2),
            "a kernel of 2 does not fit a picture of 1 × 1; use an odd kernel",
        ),
        (Cnn(), (7,), 'is for pictures, and the inputs are 7 numbers: use "mlp"'),
        (Resnet(), (7,), 'is for pictures, and the inputs are 7 numbers: use "mlp"'),
        (Cnn(widths=(4096, 65_536)), (1, 28, 28), LARGE),
        (Mlp(hidden=(65_536, 65_536)), (1, 28, 28), LARGE),
        (Resnet(widths=(8192, 8192)), (1, 28, 28), LARGE),
    ],
)
def test_what_cannot_be_built_is_one_sentence(family: Family, shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        build_network(family, shape)


def test_a_new_residual_block_is_its_shortcut() -> None:
    network, _ = build_network(Resnet(widths=(4,), blocks=1), (3, 8, 8))
    block = network.get_submodule("stages.stage1.0")
    pictures = torch.rand(2, 4, 8, 8)
    assert torch.equal(block(pictures), pictures)


def test_whitening_makes_patches_white() -> None:
    torch.manual_seed(0)
    network, _ = build_network(Cnn(widths=(4,), whiten=True, stem_kernel=2), (3, 32, 32))
    assert isinstance(network, PictureNet)
    smooth = nn.functional.avg_pool2d(torch.randn(200, 3, 66, 66), 3, stride=1)[:, :, ::2, ::2] * 3 + 2
    network.prepare(smooth)
    stem = network.get_submodule("stages.stem.0")
    assert isinstance(stem, Whitening)
    with torch.no_grad():
        stem.bias.zero_() if stem.bias is not None else None
        out = stem(smooth).movedim(1, -1).flatten(0, 2)
    half = out.shape[1] // 2
    assert torch.allclose(out[:, :half], -out[:, half:], atol=1e-4)
    covariance = torch.cov(out[:, :half].T)
    assert torch.allclose(covariance, torch.eye(half), atol=0.05)
    assert not stem.weight.requires_grad
    assert stem.weight.shape == (24, 3, 2, 2)
    large, _ = build_network(Cnn(widths=(4,), whiten=True, stem_kernel=31), (1, 28, 28))
    assert isinstance(large, PictureNet)
    large.prepare(torch.rand(40, 1, 28, 28))
    assert large(torch.rand(2, 1, 28, 28)).isfinite().all()


@pytest.mark.parametrize(
    "family", [Cnn(widths=(4, 8), mirror=True), Resnet(widths=(4,), blocks=1, mirror=True)]
)
def test_mirrored_answers_do_not_depend_on_the_side(family: Family) -> None:
    network, _ = build_network(family, (1, 12, 12))
    pictures = torch.rand(3, 1, 12, 12)
    network.eval()
    assert torch.allclose(network(pictures), network(pictures.flip(-1)), atol=1e-6)
    network.train()
    assert not torch.allclose(network(pictures), network(pictures.flip(-1)), atol=1e-6)


@pytest.mark.parametrize("family", [Cnn(widths=(4, 8), shifted=2), Resnet(widths=(4,), blocks=1, shifted=2)])
def test_shifted_answers_are_the_mean_over_moved_pictures(family: Cnn | Resnet) -> None:
    network, _ = build_network(family, (1, 12, 12))
    plain, _ = build_network(dataclasses.replace(family, shifted=0), (1, 12, 12))
    plain.load_state_dict(network.state_dict())
    network.eval(), plain.eval()
    pictures = torch.rand(3, 1, 12, 12)
    around = torch.from_numpy(np.pad(pictures.numpy(), ((0, 0), (0, 0), (2, 2), (2, 2)), mode="reflect"))
    moved = [plain(around[..., at : at + 12, at : at + 12]) for at in (0, 2, 4)]
    assert torch.allclose(network(pictures), moved[1] / 2 + (moved[0] + moved[2]) / 4, atol=1e-6)
    with pytest.raises(RecipeError, match=r"network\.shifted is 2 and a side of the pictures has 2 pixels"):
        build_network(family, (1, 12, 2))


def test_every_option_has_a_default() -> None:
    for family in FAMILIES.values():
        assert family() == family()
        assert all(field.default is not dataclasses.MISSING for field in dataclasses.fields(family))


def test_every_activation_is_known_to_both_floors() -> None:
    assert set(get_args(Activation)) == set(ACTIVATIONS)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 7, 5), (3, 1, 1), (1, 9, 33)])
@pytest.mark.parametrize("batchnorm", [True, False])
def test_unet_gives_features_of_every_pixel_of_any_picture(shape: tuple[int, ...], batchnorm: bool) -> None:
    network, features = build_network(Unet(widths=(4, 6, 8), batchnorm=batchnorm), shape)
    assert features == (4, *shape[1:])
    network.eval()
    assert network(torch.rand(2, *shape)).shape == (2, *features)
    assert network(torch.rand(2, shape[0], 13, 21)).shape == (2, 4, 13, 21)  # whatever the size was
