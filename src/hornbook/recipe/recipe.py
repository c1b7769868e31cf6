"""The sections of a recipe, and reading one from a name, a file, or a mapping.

Sections are frozen dataclasses whose fields carry their constraints; the values of a recipe are kept with
where each came from (the recipe's file, ``--set``, a guess), so that a full recipe can say so.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt

from hornbook.columns.augment import Augment
from hornbook.columns.base import Column
from hornbook.columns.kinds import column_types
from hornbook.common.files import reason
from hornbook.common.plaintext import clean
from hornbook.errors import RecipeError, did_you_mean, one_of
from hornbook.examples.split import Fraction, Split
from hornbook.recipe.data import Data, build_data, data_values
from hornbook.recipe.family import Family
from hornbook.recipe.messages import build, check_keys, shown
from hornbook.recipe.nested import apply_change, check_depth, copy_tree, flatten, plain
from hornbook.recipe.networks import FAMILIES, Layers
from hornbook.recipe.renamed import rename_keys
from hornbook.recipe.space import Space, build_space


@dataclass(frozen=True, kw_only=True)
class Training:
    """``[training]``: the loop.

    Parameters
    ----------
    epochs, batch_size
        ``batch_size = "all"`` takes every training row in one step.
    learning_rate
        The highest of the schedule.
    optimizer
        ``adamw`` (Loshchilov and Hutter 2019; betas 0.9 and 0.99), ``sgd`` with ``momentum`` (Nesterov where
        it is over 0), ``muon`` with ``momentum`` for the linear layers and convolutions between inputs and heads and
        ``adamw`` for the rest (Jordan et al. 2024; its learning rate and decay mean what they mean to ``adamw``).
    schedule
        ``one-cycle`` (Smith and Topin 2018): in a straight line up over the share ``warmup`` of all steps,
        then down to zero; ``cosine``: down along a cosine (Loshchilov and Hutter 2017); ``constant``;
        ``step``: times ``step_factor`` every ``step_epochs`` epochs.
    weight_decay
        On weights of two and more dimensions only; added to the gradient with ``sgd``, else decoupled.
    label_smoothing
        The share of probability given to the other classes.
    mixup
        Each picture is mixed with another of its batch, in shares drawn from Beta(mixup, mixup), and so is its loss
        (Zhang et al. 2018): 0.2 to 0.4 where a net learns its pictures by heart, with more epochs; 0 is off.
    ema
        Decay a step of an exponential moving average of the weights, which is then what is evaluated and
        kept; 0 is off.
    early_stopping
        Stop after so many epochs without a better one; 0 is off.
    class_weights
        ``balanced``: a row's loss counts in inverse proportion to how common its class is.
    keep
        ``best``: the epoch that is best on the validation rows; ``last``: the last one.
    precision
        ``auto``: ``bfloat16`` for a network with convolutions where the processor has instructions for it, else
        ``float32``.
    max_grad_norm
        Largest norm of the gradient; 0 is off.
    initialization
        Of the weights: ``random``, or ``zero``, which only a network without hidden layers can learn from, and from
        which a textbook's figures come out to the digit.
    novelty
        Whether a recognizer of pictures or sounds says how unlike the examples an input is.
    seed
        Of the weights, the order of rows, the augmentation.
    shards
        Parts of a batch whose gradients are computed apart and added in their order, so that several processes may
        share them and the bits stay the same. Batch normalization normalizes each part by itself.
    exchange
        ``gather``: each process adds the gradients of all shards in their order; ``sum``: they are added on the way,
        which is quicker for more than some ten million weights, and the bits hang on the number of processes.
    device
        Where it is trained: ``auto`` is a GPU of CUDA where there is one, else the processor; ``mps`` is that of a Mac.
    """

    epochs: Annotated[int, Ge(1), Le(1_000_000)] = 10
    batch_size: Annotated[int, Ge(1)] | Literal["all"] = 128
    learning_rate: Annotated[float, Gt(0), Le(100)] = 0.003
    optimizer: Literal["adamw", "sgd", "muon"] = "adamw"
    momentum: Fraction = 0.9
    schedule: Literal["one-cycle", "cosine", "constant", "step"] = "one-cycle"
    warmup: Fraction = 0.25
    step_epochs: Annotated[int, Ge(1)] = 30
    step_factor: Annotated[float, Gt(0), Le(1)] = 0.333
    weight_decay: Annotated[float, Ge(0)] = 0.01
    label_smoothing: Fraction = 0.0
    mixup: Annotated[float, Ge(0), Le(10)] = 0.0
    ema: Fraction = 0.0
    early_stopping: Annotated[int, Ge(0)] = 0
    class_weights: Literal["none", "balanced"] = "none"
    keep: Literal["best", "last"] = "best"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    max_grad_norm: Annotated[float, Ge(0)] = 0.0
    initialization: Literal["random", "zero"] = "random"
    novelty: bool = True
    seed: Annotated[int, Ge(0), Lt(2**63)] = 0
    shards: Annotated[int, Ge(1), Le(4096)] = 1
    exchange: Literal["gather", "sum"] = "gather"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    augment: Mapping[str, Augment] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """A whole recipe.

    Attributes
    ----------
    name
        What it is called: the name of its file.
    origins
        For each key that was given (``training.epochs``), where: a file, ``--set``, a guess.
    given
        The values that were given, without the defaults.
    start_from
        ``[network] start_from``: the run's folder or the recognizer that the weights are taken from where they fit.
    search
        ``[search]``: what `hornbook search` may change, and between which values.
    remarks
        What a person should know of how it was read, a sentence each: keys that are called otherwise now.

    Examples
    --------
    >>> recipe = Recipe.read("digits", ["training.epochs=3"])
    >>> recipe.training.epochs
    3
    """

    name: str
    data: Data
    split: Split
    inputs: Mapping[str, Column]
    targets: Mapping[str, Column]
    network: Family
    training: Training
    start_from: str | None = None
    search: Space = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    given: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    remarks: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def read(cls, name: str | Path, changes: Iterable[str] = ()) -> Recipe:
        """Read a recipe by its built-in name or from a TOML file, with changes like ``training.epochs=3``.

        Raises
        ------
        RecipeError
            There is no such recipe, it is no TOML, or a key or value in it is wrong.
        """
        values, title, origin = _load(name)
        return cls.from_values(values, title, origin, changes)

    @classmethod
    def from_values(
        cls, values: Mapping[str, Any], name: str, origin: str, changes: Iterable[str] = ()
    ) -> Recipe:
        """Make a recipe from nested values, as TOML gives them; ``origin`` says where they are from."""
        check_depth(values, origin)
        tree = copy_tree(values)
        remarks = rename_keys(tree, origin)
        origins = dict.fromkeys(flatten(tree), origin)
        for change in changes:
            key = apply_change(tree, change)
            old = change.partition("=")[0].strip()
            remarks += [] if old == key else [f"--set {old}: it is now called {key}"]
            origins = {k: v for k, v in origins.items() if k != key and not k.startswith(key + ".")}
            origins[key] = "--set"
        check_depth(tree, "--set")
        said = origin if not any(o == "--set" for o in origins.values()) else f"{origin} with --set"
        check_keys(tree, ["data", "split", "inputs", "targets", "network", "training", "search"], "", said)
        for section, value in tree.items():
            if not isinstance(value, dict):
                raise RecipeError(
                    f"{said}: {section} must be a section, [{section}], but it is {shown(value)}"
                )
        training = dict(tree.get("training", {}))
        augment = training.pop("augment", {})
        inputs, targets = (_columns(tree.get(part, {}), part, said) for part in ("inputs", "targets"))
        inputs, targets = _paired(inputs, targets)
        both = next((name for name in inputs if name in targets), None)
        if both is not None:
            raise RecipeError(
                f"{said}: {clean(both)} is in [inputs] and in [targets]: give one of them another name, "
                f"with from = {both!r}"
            )
        if "input" in targets:  # a prediction says in this word what it is about
            raise RecipeError(
                f"{said}: a target cannot be called 'input': give it another name, with from = 'input'"
            )
        if not isinstance(augment, dict) or not all(isinstance(v, dict) for v in augment.values()):
            raise RecipeError(f"{said}: write [training.augment.NAME] with the name of an input")
        options = {n: c.augment for n, c in inputs.items() if c.augment is not None}
        check_keys(augment, list(options), "training.augment", said)
        made = build(Training, training, "training", said)
        made = dataclasses.replace(
            made,
            augment={k: build(options[k], v, f"training.augment.{k}", said) for k, v in augment.items()},
        )
        return cls(
            name=name,
            data=build_data(tree.get("data", {}), said),
            split=build(Split, tree.get("split", {}), "split", said),
            inputs=inputs,
            targets=targets,
            network=_network(tree.get("network", {}), said),
            training=made,
            start_from=_start_from(tree.get("network", {}), said),
            search=build_space(tree.get("search", {}), said),
            origins=origins,
            given=tree,
            remarks=tuple(remarks),
        )

    def change(self, changes: Iterable[str]) -> Recipe:
        """Return the recipe with some keys set, ``["training.epochs=3"]``."""
        made = Recipe.from_values(self.given, self.name, self.name, changes)
        remarks = (*self.remarks, *made.remarks)
        origins = {k: (v if v == "--set" else self.origins.get(k, v)) for k, v in made.origins.items()}
        return dataclasses.replace(made, origins=origins, remarks=remarks)

    def values(self) -> dict[str, Any]:
        """Return the full recipe as nested plain values; ``from_values`` takes it back."""
        network = plain(self.network)
        if not isinstance(self.network, Layers):
            network = {
                "name": next(n for n, kind in FAMILIES.items() if kind is type(self.network)),
                **network,
            }
        training = plain(self.training)
        if training.pop("augment"):
            training["augment"] = {n: plain(a) for n, a in self.training.augment.items()}
        return {
            "data": data_values(self.data),
            "split": plain(self.split),
            "inputs": {n: plain(c.options()) for n, c in self.inputs.items()},
            "targets": {n: plain(c.options()) for n, c in self.targets.items()},
            "network": network if self.start_from is None else {**network, "start_from": self.start_from},
            "training": training,
            **({"search": {k: part.to_values() for k, part in self.search.items()}} if self.search else {}),
        }

    def differences(self, other: Recipe) -> list[str]:
        """Return a line for each key in which the two differ, ``training.epochs: 3, was 4``."""
        mine, theirs = flatten(self.values()), flatten(other.values())
        both = {key: (mine.get(key, "not set"), theirs.get(key, "not set")) for key in {**mine, **theirs}}
        return [f"{key}: {now!r}, was {before!r}" for key, (now, before) in both.items() if now != before]

    def to_toml(self, origins: bool = False) -> str:
        """Return the full recipe as TOML; with ``origins``, each value says where it came from."""
        from hornbook.recipe.toml import write_toml

        return write_toml(self.values(), self.origins if origins else None)


def recipe_names() -> list[str]:
    """Return the names of the built-in recipes.

    >>> "mnist" in recipe_names()
    True
    """
    folder = resources.files("hornbook") / "recipes"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))


def _load(name: str | Path) -> tuple[dict[str, Any], str, str]:
    """Return the values, the title and the origin of a recipe."""
    text = str(name)
    if text.endswith(".toml"):
        path = Path(text)
        try:
            data = path.read_bytes()
            # What PowerShell writes with ">" is of 16 bits.
            raw = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        except (OSError, ValueError) as error:
            raise RecipeError(f"the recipe {clean(text)} cannot be read: {reason(error)}") from None
        origin, title = path.name, path.stem
    else:
        names = recipe_names()
        if text not in names:
            raise RecipeError(
                f"there is no recipe {text!r}{did_you_mean(text, names)}; the built-in ones are {one_of(names)}, and a "
                "file's name ends in .toml"
            )
        raw = (resources.files("hornbook") / "recipes" / f"{text}.toml").read_text("utf-8")
        origin, title = f"{text}.toml", text
    try:
        return tomllib.loads(raw), title, origin
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{origin} is not a TOML file: {reason(error)}") from None


def _columns(given: Any, where: str, origin: str) -> dict[str, Column]:
    types = column_types()
    out: dict[str, Column] = {}
    if not given or "" in given:
        raise RecipeError(f"{origin}: [{where}] must name at least one column, and none without a name")
    for name, value in given.items():
        key = f"{where}.{clean(name)}"
        options = {"type": value} if isinstance(value, str) else value
        if not isinstance(options, dict) or not isinstance(options.get("type"), str):
            raise RecipeError(
                f"{origin}: {key} must say its type, such as {clean(name)} = {{ type = 'image' }}; "
                f"the types are {one_of(types)}"
            )
        options = dict(options)
        word = options.pop("type")
        if word not in types:
            raise RecipeError(
                f"{origin}: {key} has the type {word!r}{did_you_mean(word, types)}; "
                f"the types are {one_of(types)}"
            )
        if "source" in options:
            raise RecipeError(f"{origin}: {key}: the key for another source column is 'from', not 'source'")
        out[name] = build(types[word], options, key, origin, types[word].learned_fields)
        if out[name].objection():
            raise RecipeError(f"{origin}: {key} {out[name].objection()}")
    return out


def _paired(
    inputs: Mapping[str, Column], targets: Mapping[str, Column]
) -> tuple[dict[str, Column], dict[str, Column]]:
    """Return inputs and targets, a text that is the target of itself cut into the same tokens on both sides.

    The target takes the options of the input, see `Column.paired`. One of other values is an answer, see
    `Column.as_answer`.
    """
    inputs, targets = dict(inputs), dict(targets)
    for name, target in targets.items():
        alike = [
            other
            for other, column in inputs.items()
            if type(column) is type(target) and (column.source or other) == (target.source or name)
        ]
        for other in alike:
            inputs[other], targets[name] = inputs[other].paired(target)
        if not alike:
            targets[name] = target.as_answer()
    return inputs, targets


def _network(given: Mapping[str, Any], origin: str) -> Family:
    options = {key: value for key, value in given.items() if key != "start_from"}
    if "layers" in options and "name" not in options:
        return build(Layers, options, "network", origin)
    name = options.pop("name", "cnn")
    if not isinstance(name, str) or name not in FAMILIES:
        raise RecipeError(
            f"{origin}: network.name is {shown(name)}{did_you_mean(str(name), FAMILIES)}; it may be "
            f"{one_of(FAMILIES)}, or leave it out and give layers = [...]"
        )
    own = {f.name for f in dataclasses.fields(FAMILIES[name])}
    for key in options:
        others = [n for n, family in FAMILIES.items() if key in {f.name for f in dataclasses.fields(family)}]
        if key not in own and others:
            raise RecipeError(
                f"{origin}: network.{key} is of other networks ({', '.join(others)}), and this one is {name!r}: set "
                "network.name too, or leave it out"
            )
    check_keys(options, [*own, "name", "start_from"], "network", origin)
    return build(FAMILIES[name], options, "network", origin)


def _start_from(given: Mapping[str, Any], origin: str) -> str | None:
    """Return what ``[network] start_from`` names: it is of every family."""
    name = given.get("start_from")
    if name is not None and (not isinstance(name, str) or not name):
        raise RecipeError(
            f"{origin}: network.start_from is {shown(name)}, but it must be the folder of a run or a .onnx file"
        )
    return name


def data_of(changes: Iterable[str]) -> Data:
    """Return what changes say of ``[data]``, for reading examples before there is a recipe for them.

    >>> data_of(["training.epochs=3", "data.pattern={digit}_{}.png"]).pattern
    '{digit}_{}.png'
    """
    tree: dict[str, Any] = {}
    for change in changes:
        if change.lstrip().startswith("data."):
            apply_change(tree, change)
    return build_data(tree.get("data", {}), "--set")
