"""The families of networks: options that a recipe may set, and the network that they describe.

A family is a frozen dataclass of options with their limits; ``build`` gives the network up to its features.
The last linear layer, to a target's classes or numbers, is added by the head. The options know no torch, so
that a recipe can be checked without loading it; the modules are in blocks.py.

    linear    no hidden layer: the baseline that every network has to beat
    mlp       dense layers
    cnn       stages of convolutions, each half the size of the one before (LeNet to VGG to airbench)
    resnet    the same with shortcuts, for depth (He et al. 2015)

Weights are drawn from torch's global generator, which the caller seeds, and from nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from annotated_types import Ge, Le, Len

from hornbook.errors import RecipeError

if TYPE_CHECKING:
    from torch import nn

__all__ = ["FAMILIES", "Activation", "Cnn", "Family", "Linear", "Mlp", "Resnet"]

Shape = tuple[int, ...]
Activation = Literal[
    "relu", "leaky", "elu", "selu", "gelu", "silu", "mish", "hardswish", "softplus", "tanh", "sigmoid"
]
Width = Annotated[int, Ge(1), Le(65_536)]
Widths = Annotated[tuple[Width, ...], Len(1, 32)]
Fraction = Annotated[float, Ge(0), Le(0.99)]
Kernel = Annotated[int, Ge(1), Le(31)]


class Family(Protocol):
    """What every family can do."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """Return the network for examples of this shape (without the batch), and its features' shape."""
        ...


@dataclass(frozen=True)
class Linear:
    """No hidden layer: logistic or linear regression, depending on the target."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """Return a module that only flattens.

        Examples
        --------
        >>> Linear().build((1, 28, 28))[1]
        (784,)
        """
        from hornbook.networks import blocks

        return blocks.build(blocks.mlp, shape, Mlp(hidden=()))


@dataclass(frozen=True)
class Mlp:
    """Dense layers.

    Parameters
    ----------
    hidden
        Units of each layer.
    activation
        After each layer.
    batchnorm
        Whether each layer is batch-normalized (Ioffe and Szegedy 2015) before its activation.
    dropout
        Fraction of a layer's outputs dropped while training (Srivastava et al. 2014).
    """

    hidden: Annotated[tuple[Width, ...], Len(0, 64)] = (128, 64)
    activation: Activation = "relu"
    batchnorm: bool = False
    dropout: Fraction = 0.0

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """Return the network; a picture is flattened first.

        Examples
        --------
        >>> Mlp(hidden=(32,)).build((1, 28, 28))[1]
        (32,)
        """
        from hornbook.networks import blocks

        return blocks.build(blocks.mlp, shape, self)


@dataclass(frozen=True)
class Cnn:
    """Stages of convolutions; each stage halves the picture after its first convolution.

    Pooling comes *before* batch normalization and activation (as in Keller Jordan's airbench, 2024), where
    both cost a quarter. A picture that has shrunk to one row or column is not pooled any more, so that any
    picture fits any number of stages.

    Parameters
    ----------
    widths
        Filters of each stage.
    convs
        Convolutions in each stage.
    kernel
        Height and width of the kernels; pictures are padded with zeros to keep their size (an even kernel
        still loses one row and column).
    stem
        Filters of a convolution before the first stage; 0 for none.
    stem_kernel, stem_stride
        Of that convolution. A stride of 2 or more makes all that follows cheaper.
    whiten
        The stem's filters are the whitened principal directions of the small patches of the training pictures
        instead of learned (airbench, section 3.2); twice as many as a patch has values. Needs `prepare`.
    activation
        After each convolution.
    batchnorm
        Whether each convolution is batch-normalized.
    pool
        How a stage halves the picture: the largest of 2 × 2, their mean, or a stride of 2 in the convolution.
    global_pool
        What becomes of the last stage's picture: the mean of each filter, the largest of each filter, or
        (``none``) all values.
    dropout
        Fraction of the features dropped while training.
    mirror
        Outside training the features are the mean over a picture and its mirror image: twice the work and,
        for things that may be mirrored, fewer mistakes: test-time augmentation, inside the graph.
    """

    widths: Widths = (32, 64, 128)
    convs: Annotated[int, Ge(1), Le(16)] = 2
    kernel: Kernel = 3
    stem: Annotated[int, Ge(0), Le(4096)] = 0
    stem_kernel: Kernel = 3
    stem_stride: Annotated[int, Ge(1), Le(16)] = 1
    whiten: bool = False
    activation: Activation = "relu"
    batchnorm: bool = True
    pool: Literal["max", "avg", "stride"] = "max"
    global_pool: Literal["avg", "max", "none"] = "avg"
    dropout: Fraction = 0.0
    mirror: bool = False

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """Return the network.

        Examples
        --------
        >>> Cnn(widths=(8, 16)).build((3, 32, 32))[1]
        (16,)

        Raises
        ------
        RecipeError
            When the examples are not pictures, or the network would be larger than any machine.
        """
        from hornbook.networks import blocks

        _need_picture(shape, "cnn")
        return blocks.build(blocks.cnn, shape, self)


@dataclass(frozen=True)
class Resnet:
    """Blocks of two 3 × 3 convolutions with a shortcut around them (He et al. 2015, arXiv:1512.03385).

    Parameters
    ----------
    widths
        Filters of each stage; each stage but the first halves the picture.
    blocks
        Blocks in each stage: 3 with widths of 16, 32, 64 is the paper's ResNet-20, 2 with 64, 128, 256, 512
        and ``stem = "large"`` is ResNet-18.
    stem
        How a picture is taken in: ``small`` for small pictures (3 × 3), ``large`` quarters the sides first
        (7 × 7 with a stride of 2, then a pooling of 3 × 3 with a stride of 2).
    activation
        After each convolution.
    dropout
        Fraction of the features dropped while training.
    mirror
        As for `Cnn`.
    """

    widths: Widths = (16, 32, 64)
    blocks: Annotated[int, Ge(1), Le(64)] = 3
    stem: Literal["small", "large"] = "small"
    activation: Activation = "relu"
    dropout: Fraction = 0.0
    mirror: bool = False

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """Return the network.

        Examples
        --------
        >>> network, features = Resnet().build((3, 32, 32))
        >>> features, sum(p.numel() for p in network.parameters()) + 64 * 10 + 10
        ((64,), 272474)

        Raises
        ------
        RecipeError
            When the examples are not pictures, or the network would be larger than any machine.
        """
        from hornbook.networks import blocks

        _need_picture(shape, "resnet")
        return blocks.build(blocks.resnet, shape, self)


def _need_picture(shape: Shape, name: str) -> None:
    if len(shape) != 3:
        raise RecipeError(
            f'network.name = "{name}" is for pictures, and the inputs are {shape[0]} numbers: use "mlp"'
        )


FAMILIES: dict[str, type[Linear] | type[Mlp] | type[Cnn] | type[Resnet]] = {
    "linear": Linear,
    "mlp": Mlp,
    "cnn": Cnn,
    "resnet": Resnet,
}
"""Every family by the name that a recipe gives it."""
