"""From a recipe's options to the network they describe, up to its features.

The last linear layer, to a target's classes or numbers, is added by the head. Weights are drawn from torch's global
generator, which the caller seeds, and from nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial, singledispatch

from torch import nn

from hornbook.errors import RecipeError
from hornbook.networks import blocks
from hornbook.networks.bag import bag
from hornbook.networks.crnn import crnn
from hornbook.networks.free_width import free_cnn
from hornbook.networks.layers import Shape, build_layers
from hornbook.networks.memory import memory
from hornbook.networks.pretrained import pretrained
from hornbook.networks.recurrent import recurrent
from hornbook.networks.unet import unet
from hornbook.recipe.family import Family
from hornbook.recipe.networks import Blend, Cnn, Crnn, Layers, Linear, Mlp, Resnet
from hornbook.recipe.networks_memory import Memory
from hornbook.recipe.networks_pictures import Unet
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.recipe.networks_sequence import Autoregression, Bag, Recurrent

__all__ = ["build_network"]


@singledispatch
def build_network(options: Family, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    """Return the network for examples of this shape (without the batch), and its features' shape.

    Each family's options have a function here that builds it. One from outside is registered:
    ``@build_network.register``, and its options stand in `hornbook.recipe.networks.FAMILIES`.

    Parameters
    ----------
    sequence
        Whether features of each step, shape ``(steps, F)``, are wanted instead of features of the whole.

    Raises
    ------
    RecipeError
        The options do not fit the examples.

    Examples
    --------
    >>> build_network(Cnn(widths=(8, 16)), (3, 32, 32))[1]
    (16,)
    >>> build_network(Linear(), (1, 28, 28))[1]
    (784,)
    """
    raise RecipeError(
        'network.name = "boosting" is no network, and has no layers: it is trained by hornbook train'
    )


@build_network.register
def _(options: Crnn, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_picture(shape, "crnn")
    return blocks.build(partial(crnn, sequence=sequence), shape, options)


@build_network.register
def _(options: Cnn, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_whole(sequence)
    _need_picture(shape, "cnn")
    return blocks.build(blocks.cnn if shape[2] else free_cnn, shape, options)


@build_network.register
def _(options: Resnet, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_whole(sequence, shape)
    _need_picture(shape, "resnet")
    return blocks.build(blocks.resnet, shape, options)


@build_network.register
def _(options: Unet, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_whole(sequence, shape)
    _need_picture(shape, "unet")
    return blocks.build(unet, shape, options)


@build_network.register
def _(options: Pretrained, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_whole(sequence, shape)
    _need_picture(shape, "pretrained")
    return pretrained(options)


@build_network.register
def _(options: Memory, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_whole(sequence, shape)
    _need_picture(shape, "memory")
    return memory(options, shape)


@build_network.register
def _(options: Layers, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_whole(sequence, shape)
    return build_layers(options.layers, shape)


@build_network.register
def _(options: Mlp | Linear, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_whole(sequence, shape)
    return blocks.build(blocks.mlp, shape, options if isinstance(options, Mlp) else Mlp(hidden=()))


@build_network.register
def _(options: Autoregression, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_whole(sequence)
    if len(shape) != 2 or not shape[0]:
        raise RecipeError(
            'network.name = "autoregression" is for a window of a series, and the inputs are others: use "mlp"'
        )
    return blocks.build(blocks.mlp, shape, Mlp(hidden=()))


@build_network.register
def _(options: Blend, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    return build_network(options.layers, shape, sequence=sequence)


@build_network.register
def _(options: Bag, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_sequence(shape, "bag")
    if sequence:
        raise RecipeError('network.name = "bag" knows no order of steps, as the target wants it: use "lstm"')
    if shape[0]:
        raise RecipeError('network.name = "bag" is for texts, and the input is a series: use "lstm"')
    return _with_dense(*blocks.build(bag, shape, options), options)


@build_network.register
def _(options: Recurrent, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    _need_sequence(shape, options.kind)
    if sequence and options.dense:
        raise RecipeError(
            "network.dense is for features of the whole, and the target is read step by step: leave it out"
        )
    return _with_dense(*blocks.build(partial(recurrent, sequence=sequence), shape, options), options)


def _with_dense(body: nn.Module, features: Shape, options: Family) -> tuple[nn.Module, Shape]:
    """Return the body with the dense layers that the options want after it."""
    if not options.dense:
        return body, features
    dense, features = blocks.build(blocks.mlp, features, Mlp(hidden=options.dense))
    return nn.Sequential(OrderedDict(body=body, dense=dense)), features


def _need_whole(sequence: bool, shape: Shape = (1,)) -> None:
    """Raise RecipeError where features of each step are wanted, or the length of the input is free."""
    if sequence:
        raise RecipeError(
            "[network] this family gives features of the whole, and the target is read step by step: for strings in "
            'pictures and sounds use name = "crnn", for texts and series "lstm"'
        )
    if shape[-1] == 0:
        raise RecipeError(
            "[network] this family is for inputs of one size, and sounds have lengths of their own: "
            'use name = "cnn" or "crnn"'
        )


def _need_sequence(shape: Shape, name: str) -> None:
    if len(shape) != 2:
        raise RecipeError(
            f'network.name = "{name}" is for texts and series, and the inputs are no such: use "mlp"'
        )


def _need_picture(shape: Shape, name: str) -> None:
    if len(shape) == 2:
        raise RecipeError(
            f'network.name = "{name}" is for pictures, and the input is a sequence: use "lstm", or "bag" for texts'
        )
    if len(shape) != 3:
        raise RecipeError(
            f'network.name = "{name}" is for pictures, and the inputs are {shape[0]} numbers: use "mlp"'
        )
