"""The small language for plain stacks: ``layers = ["conv 32 3 relu", "maxpool 2", "dense 128 relu"]``.

One line is one layer of a textbook's drawing: a word, its numbers, then its options in any order. The table
at the end of this file is the whole language. The last linear layer, to a target's classes or numbers, is not
part of the list: it follows from the target.

    conv FILTERS [KERNEL] [stride S] [same|valid] [ACTIVATION]   kernel 3, stride 1, valid
    dense UNITS [ACTIVATION]                                     flattens a picture first
    maxpool SIZE [STRIDE]      avgpool SIZE [STRIDE]             the stride is the size unless given
    globalpool [avg|max]       flatten
    batchnorm                  dropout FRACTION
    relu, sigmoid, tanh, ...   an activation as a layer of its own

Padding is ``valid`` (none) unless ``same`` is said, as in Keras, so that a textbook's parameter count comes
out. Also here: `trace_layers`, the table behind ``hornbook summary``.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from hornbook.errors import RecipeError, did_you_mean, one_of

__all__ = ["ACTIVATIONS", "LayerRow", "Shape", "build_layers", "trace_layers"]

Shape = tuple[int, ...]
"""The shape of one example without the batch: (channels, height, width) or (features,)."""

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "hardswish": nn.Hardswish,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}

MOST_PARAMETERS = 500_000_000
"""In one layer: 2 GB of weights. More is a slip of the pen, and would take the machine down with it."""


def build_layers(words: Sequence[str], shape: Shape) -> tuple[nn.Sequential, Shape]:
    """Build a stack from its list of layers.

    Parameters
    ----------
    words
        One layer each, in the language that this module's docstring shows.
    shape
        Of one example: (channels, height, width) or (features,).

    Returns
    -------
    The stack and the shape of what it gives for one example.

    Raises
    ------
    RecipeError
        With the position in the list, the word, and what exists or what fits.

    Examples
    --------
    >>> stack, shape = build_layers(["conv 32 3 relu", "maxpool 2", "dense 128 relu"], (1, 28, 28))
    >>> shape, sum(p.numel() for p in stack.parameters())
    ((128,), 692672)
    """
    stack: OrderedDict[str, nn.Module] = OrderedDict()
    for position, text in enumerate(words, 1):
        try:
            modules, shape = _build_one(text, shape)
        except RecipeError as error:
            raise RecipeError(f"layer {position} of {len(words)}, {text!r}: {error}") from None
        stack.update((f"{name}{position}", module) for name, module in modules.items())
    return nn.Sequential(stack), shape


@dataclass(frozen=True)
class LayerRow:
    """One row of a summary: a layer's dotted name, its class, its output's shape and its own parameters."""

    name: str
    kind: str
    shape: Shape
    parameters: int


def trace_layers(module: nn.Module, *inputs: Any) -> list[LayerRow]:
    """Say what each layer gives and holds, by running a module once; its mode and statistics are left as they were.

    Returns
    -------
    A row for each innermost module in the order of first use; a module used again, as by a network that looks at
    mirror images as well, has no second row.

    Examples
    --------
    >>> trace_layers(nn.Sequential(nn.Linear(3, 2)), torch.zeros(1, 3))
    [LayerRow(name='0', kind='Linear', shape=(2,), parameters=8)]
    """
    rows: list[LayerRow] = []
    counted: set[int] = set()
    seen: set[nn.Module] = set()
    names = {inner: name for name, inner in module.named_modules()}

    def note(inner: nn.Module, _inputs: Any, output: Any) -> None:
        if inner in seen:
            return
        seen.add(inner)
        first = output[0] if isinstance(output, (tuple, list)) else output
        given = tuple(first.shape[1:]) if isinstance(first, Tensor) else ()
        if isinstance(first, Tensor) and first.dim() == 3 and first.shape[0] > 1 == first.shape[1]:
            given = (first.shape[0], *first.shape[2:])  # of the members of an ensemble, of one example each
        own = [p for p in inner.parameters() if id(p) not in counted]
        counted.update(id(p) for p in own)
        rows.append(LayerRow(names[inner], type(inner).__name__, given, sum(p.numel() for p in own)))

    innermost = [inner for inner in names if not any(True for _ in inner.children())]
    modes = {inner: inner.training for inner in names}
    hooks = [inner.register_forward_hook(note) for inner in innermost]
    try:
        module.eval()  # batch normalization refuses one example when it learns, and would move its statistics
        with torch.no_grad():
            module(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
        for inner, mode in modes.items():
            inner.training = mode
    rest = sum(p.numel() for p in module.parameters() if id(p) not in counted)
    return [*rows, LayerRow("other", "Parameters", (), rest)] if rest else rows


# ---- the parser ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Number:
    """A number that a word takes; `default` None means that it must be given."""

    name: str
    least: float = 1
    most: float = 65_536
    default: float | None = None
    whole: bool = True


Modules = dict[str, nn.Module]
Make = Callable[[dict[str, Any], Shape], tuple[Modules, Shape]]


@dataclass(frozen=True)
class _Word:
    """What may follow a word, and what it builds."""

    make: Make
    numbers: tuple[_Number, ...] = ()
    choices: tuple[str, ...] = ()  # one of these may be said; the first is the default
    named: tuple[_Number, ...] = ()  # said as "stride 2"
    activation: bool = False


def _build_one(text: str, shape: Shape) -> tuple[Modules, Shape]:
    if not isinstance(text, str) or not text.split():
        raise RecipeError("a layer is a text such as 'conv 32 3 relu'")
    name, *rest = text.split()
    word = LANGUAGE.get(name)
    if word is None:
        raise RecipeError(
            f"there is no layer {name!r}{did_you_mean(name, LANGUAGE)}; there are {one_of(LANGUAGE)}"
        )
    options = _read_options(name, word, rest)
    modules, shape = word.make(options, shape)
    if options.get("activation"):
        modules[options["activation"]] = ACTIVATIONS[options["activation"]]()
    return modules, shape


def _read_options(name: str, word: _Word, rest: list[str]) -> dict[str, Any]:
    """Read what follows the word: numbers in their order, then named numbers, choices and an activation."""
    options: dict[str, Any] = {"choice": word.choices[0]} if word.choices else {}
    options.update((number.name, number.default) for number in word.numbers + word.named)
    waiting, named = list(word.numbers), {number.name: number for number in word.named}
    known = [*named, *word.choices, *(ACTIVATIONS if word.activation else ())]
    tokens = iter(rest)
    given: set[str] = set()
    for token in tokens:
        part = "choice" if token in word.choices else "activation" if token in ACTIVATIONS else token
        if part in given and not _looks_like_number(token):
            raise RecipeError(
                f"{token!r} comes after another of its kind, and {name!r} takes one: leave one of them out"
            )
        given.add(part)
        if token in named:
            options[token] = _read_number(named[token], next(tokens, None))
        elif token in word.choices:
            options["choice"] = token
        elif word.activation and token in ACTIVATIONS:
            options["activation"] = token
        elif waiting and _looks_like_number(token):
            number = waiting.pop(0)
            options[number.name] = _read_number(number, token)
        else:
            takes = f"may be followed by {one_of(known)}" if known else "takes nothing more"
            raise RecipeError(f"{token!r} is not understood{did_you_mean(token, known)}; {name!r} {takes}")
    if waiting and waiting[0].default is None:
        raise RecipeError(f"{name!r} needs its {waiting[0].name}, as in '{name} {EXAMPLES[name]}'")
    return options


def _looks_like_number(token: str) -> bool:
    try:
        float(token)
    except ValueError:
        return False
    return True


def _read_number(number: _Number, token: str | None) -> float:
    """Return the number within its limits, an int where a whole one is meant."""
    if token is None or not _looks_like_number(token):
        raise RecipeError(
            f"{number.name} must be followed by a number" + (f", not {token!r}" if token else "")
        )
    value = float(token)
    if not number.least <= value <= number.most or (number.whole and value != int(value)):
        kind = "a whole number" if number.whole else "a number"
        raise RecipeError(
            f"{number.name} must be {kind} from {number.least:g} to {number.most:g}, not {token}"
        )
    return int(value) if number.whole else value


# ---- what each word builds -----------------------------------------------------------------------


def _need_picture(shape: Shape, what: str) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise RecipeError(f"{what} needs a picture, but what arrives here is flat: {shape[0]} values")
    channels, height, width = shape
    return channels, height, width


def _afford(parameters: int) -> None:
    if parameters > MOST_PARAMETERS:
        raise RecipeError(
            f"this layer would have {parameters:,} parameters; at most {MOST_PARAMETERS:,} are allowed"
        )


def _windows(shape: Shape, size: int, stride: int, padding: int, what: str) -> tuple[int, int]:
    """Return how many windows fit, down and across; `padding` is the sum over both sides."""
    height, width = shape[-2:]
    if min(height, width) + padding < size:
        raise RecipeError(
            f"{what} of {size} × {size} does not fit a picture of {height} × {width}; leave it out"
        )
    return (height + padding - size) // stride + 1, (width + padding - size) // stride + 1


def _conv(options: dict[str, Any], shape: Shape) -> tuple[Modules, Shape]:
    channels, _, _ = _need_picture(shape, "conv")
    filters, kernel, stride = options["filters"], options["kernel"], options["stride"]
    _afford(filters * channels * kernel**2)
    padding = kernel - 1 if options["choice"] == "same" else 0
    height, width = _windows(shape, kernel, stride, padding, "a kernel")
    modules: Modules = {}
    if padding % 2:  # an even kernel: one more row below and column to the right, as Keras has it
        before, after = padding // 2, padding - padding // 2
        modules["pad"] = nn.ZeroPad2d((before, after, before, after))
        padding = 0
    modules["conv"] = nn.Conv2d(channels, filters, kernel, stride=stride, padding=padding // 2)
    return modules, (filters, height, width)


def _dense(options: dict[str, Any], shape: Shape) -> tuple[Modules, Shape]:
    features, units = math.prod(shape), options["units"]
    _afford(features * units)
    modules: Modules = {"flatten": nn.Flatten()} if len(shape) > 1 else {}
    modules["dense"] = nn.Linear(features, units)
    return modules, (units,)


def _pool(name: str, kind: Callable[[int, int], nn.Module]) -> Make:
    def make(options: dict[str, Any], shape: Shape) -> tuple[Modules, Shape]:
        channels, _, _ = _need_picture(shape, name)
        size, stride = options["size"], options["stride"] or options["size"]
        height, width = _windows(shape, size, stride, 0, "a pool")
        return {name: kind(size, stride)}, (channels, height, width)

    return make


def _globalpool(options: dict[str, Any], shape: Shape) -> tuple[Modules, Shape]:
    channels, _, _ = _need_picture(shape, "globalpool")
    pool = nn.AdaptiveMaxPool2d(1) if options["choice"] == "max" else nn.AdaptiveAvgPool2d(1)
    return {"globalpool": pool, "flatten": nn.Flatten()}, (channels,)


def _batchnorm(_options: dict[str, Any], shape: Shape) -> tuple[Modules, Shape]:
    kind = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
    return {"batchnorm": kind(shape[0])}, shape


def _activation(name: str) -> Make:
    return lambda _, shape: ({name: ACTIVATIONS[name]()}, shape)


_POOL = (_Number("size", most=256), _Number("stride", most=256, default=0))

LANGUAGE: dict[str, _Word] = {
    "conv": _Word(
        _conv,
        (_Number("filters"), _Number("kernel", most=256, default=3)),
        choices=("valid", "same"),
        named=(_Number("stride", most=256, default=1),),
        activation=True,
    ),
    "dense": _Word(_dense, (_Number("units"),), activation=True),
    "maxpool": _Word(_pool("maxpool", nn.MaxPool2d), _POOL),
    "avgpool": _Word(_pool("avgpool", nn.AvgPool2d), _POOL),
    "globalpool": _Word(_globalpool, choices=("avg", "max")),
    "batchnorm": _Word(_batchnorm),
    "dropout": _Word(
        lambda options, shape: ({"dropout": nn.Dropout(options["fraction"])}, shape),
        (_Number("fraction", least=0, most=0.99, whole=False),),
    ),
    "flatten": _Word(lambda _, shape: ({"flatten": nn.Flatten()}, (math.prod(shape),))),
    **{name: _Word(_activation(name)) for name in ACTIVATIONS},
}
"""Every word: what builds it and what may follow it."""

EXAMPLES = {"conv": "32 3 relu", "dense": "128 relu", "maxpool": "2", "avgpool": "2", "dropout": "0.25"}
