"""Which recipe and which examples are meant: for looking, training and evaluating alike, without PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hornbook.common.safe_names import to_file, to_table
from hornbook.errors import DataError, RecipeError, UsageError, did_you_mean
from hornbook.examples import Examples
from hornbook.examples.align import with_sources
from hornbook.examples.table_options import TableOptions, texts_of
from hornbook.make.source import MadeSource, is_made, read_made
from hornbook.recipe.data import Data, Source
from hornbook.recipe.guess import guess
from hornbook.recipe.guesses.target import names_of
from hornbook.recipe.recipe import Recipe, data_of, recipe_names
from hornbook.recipe.retarget import for_targets
from hornbook.recipe.toml import show_toml
from hornbook.sources import read_examples
from hornbook.sources.builtin import BUILTIN
from hornbook.sources.mixture import Part, mix_sources
from hornbook.sources.read import ARCHIVES, has_labels
from hornbook.sources.table.several import is_several

if TYPE_CHECKING:
    import os


def resolve(
    what: Any,
    *,
    recipe: Recipe | str | os.PathLike[str] | None = None,
    data: str | os.PathLike[str] | None = None,
    changes: Iterable[str] = (),
    target: str | Sequence[str] | None = None,
    note: Callable[[str], None] | None = None,
    shown: bool = True,
    fetch: bool = False,
) -> tuple[Recipe, Examples | None]:
    """Return the recipe that is meant, and the examples where they had to be read already.

    Parameters
    ----------
    what, recipe, data, changes, target
        As in `hornbook.train`.
    note
        Is told of a guess.
    shown
        Whether it is told all of a guessed recipe, and not only what might be meant otherwise.
    fetch
        Whether the weights of a net that others have trained are fetched where they would help and are not there.

    Raises
    ------
    DataError, RecipeError, UsageError
        With one sentence that says what is wrong and what to do.
    """
    note, changes, named = note or (lambda said: None), list(changes), names_of(target)
    if recipe is not None:
        chosen = recipe if isinstance(recipe, Recipe) else Recipe.read(Path(recipe))
        chosen = _said(for_targets(chosen, named).change(changes), note)
        if isinstance(what, (str, Path)):
            return _placed(with_data(chosen, what, "source"), data), None
        return chosen, read_examples(what, data=data)
    if isinstance(what, Recipe):
        return _placed(_said(for_targets(what, named).change(changes), note), data), None
    if isinstance(what, (str, Path)) and is_recipe(what):
        chosen = (
            for_targets(Recipe.read(what), named).change(changes) if named else Recipe.read(what, changes)
        )
        return _placed(_said(chosen, note), data), None
    examples = read_told(what, data, changes)
    told = isinstance(what, (str, Path)) or (isinstance(what, dict) and is_made(what))
    chosen = _said(guess(examples, what if told else None, target, changes, note, fetch), note)
    if data is not None:
        chosen = with_data(chosen, data)
    # What was guessed, without the defaults: `hornbook recipe` prints these too.
    if shown:
        note(f"the recipe guessed from {examples.origin or 'the examples'}:\n\n{show_toml(chosen.given)}")
    # What stays a text has been read as numbers, before it was known what it is for.
    table = examples.table
    again = told and any(table[n].dtype.is_numeric() for n in _texts(chosen) & {*table.columns})
    return chosen, None if again else examples


def _texts(recipe: Recipe) -> frozenset[str]:
    """Return the columns of a recipe's table whose cells stay as they are written."""
    return texts_of({**recipe.inputs, **recipe.targets})


def resolve_run(
    what: str,
    *,
    data: str | os.PathLike[str] | None = None,
    changes: Iterable[str] = (),
    target: str | Sequence[str] | None = None,
    note: Callable[[str], None] | None = None,
) -> tuple[Recipe, Examples | None, Path | None]:
    """Return what `resolve` does, and None; of the folder of a run its recipe, None, and the folder.

    A built-in name goes before a folder called so.
    """
    file = Path(what) / "recipe.toml"
    if is_recipe(what) or not file.is_file():
        return *resolve(what, data=data, changes=changes, target=target, note=note), None
    if names_of(target):
        raise UsageError("--target is for a table, and the recipe of a run says its targets: leave it out")
    return _placed(Recipe.read(file, changes), data), None, file.parent


def _said(recipe: Recipe, note: Callable[[str], None]) -> Recipe:
    for remark in recipe.remarks:
        note(remark)
    return recipe


def read_told(what: Any, data: str | os.PathLike[str] | None, changes: Iterable[str]) -> Examples:
    """Read examples as changes such as ``data.separator=;`` say."""
    said = data_of(changes)
    if isinstance(what, str) and what.isidentifier() and what not in BUILTIN and not Path(what).exists():
        near = did_you_mean(what, [*recipe_names(), *BUILTIN])
        raise DataError(
            f"{what}: there is no such file or folder, and no such recipe{near}; `hornbook recipe` lists the recipes"
        )
    return _read(what, said, data)


def is_recipe(what: str | Path) -> bool:
    """Return whether a word names a recipe: a built-in one, or a file that ends in ``.toml``."""
    return str(what).endswith(".toml") or str(what) in recipe_names()


def with_data(recipe: Recipe, data: str | os.PathLike[str], key: str = "") -> Recipe:
    """Return the recipe with another source, or for a built-in name with the folder of its files."""
    before = recipe.data.source
    key = key or ("folder" if before in BUILTIN else "source")
    told = recipe.data.pattern is not None  # then the folder's files are meant by their names
    if key == "source" and isinstance(before, str) and not told and (Path(data) / before).is_file():
        data = Path(data) / before  # the folder that the recipe's file lies in
    placed = replace(recipe.data, sources=(), home=None)
    given = {
        **recipe.given,
        "data": {k: v for k, v in recipe.given.get("data", {}).items() if k != "sources"},
    }
    if told and recipe.origins.get("data.pattern") != "--set" and _has_labels(Path(data)):
        placed = replace(placed, pattern=None)
        given["data"].pop("pattern", None)
    place = to_table(str(data))
    origins = {k: v for k, v in recipe.origins.items() if not k.startswith(("data.source.", "data.sources"))}
    origins[f"data.{key}"] = "the command line"
    if placed.pattern is None:
        origins.pop("data.pattern", None)
    placed = replace(placed, source=place) if key == "source" else replace(placed, folder=place)
    given["data"][key] = place
    given["data"].pop("home", None)
    origins.pop("data.home", None)
    return replace(recipe, data=placed, origins=origins, given=given)


def _has_labels(place: Path) -> bool:
    """Whether labels are inside this file, or lie among the files of this place: then their names need not say them."""
    if place.is_dir() or place.name.lower().endswith(ARCHIVES):
        return has_labels(place)
    return place.is_file() or is_several(place)


def _placed(recipe: Recipe, data: str | os.PathLike[str] | None) -> Recipe:
    return recipe if data is None else with_data(recipe, data)


def read(recipe: Recipe) -> Examples:
    """Read a recipe's examples.

    Raises
    ------
    RecipeError
        It does not say where they are.
    DataError
        They cannot be read.
    """
    data = recipe.data
    if data.sources:
        return _refreshed(mix_sources([_part(one, recipe) for one in data.sources]), recipe)
    if isinstance(data.source, MadeSource):
        return _refreshed(read_made(data.source), recipe)
    if data.source is None:
        raise RecipeError(
            f"{recipe.name}: the recipe names no [data] source: say where the examples are with --data"
        )
    if data.home is not None and (missing := _missing(data.source, data.test)):
        raise DataError(
            f"the recipe {recipe.name} is for {missing}, which is not here: get it from {data.home}, and say where it "
            "is with --data"
        )
    folder = None if data.folder is None else to_file(data.folder)
    return _read(to_file(data.source), data, folder, _texts(recipe))


def _missing(source: str, test: str | None) -> str:
    """Return which of a recipe's files is not there; empty where none is missing."""
    place = Path(source)
    there = any(place.parent.glob(place.name)) if is_several(place) else place.exists()
    if not there or test is None:
        return "" if there else source
    return "" if (place.parent / test).exists() or Path(test).exists() else test


def _read(
    what: Any, said: Data, folder: str | os.PathLike[str] | None, texts: frozenset[str] = frozenset()
) -> Examples:
    """Read examples as ``[data]`` says; ``texts`` are the columns that stay as they are written."""
    return read_examples(
        what,
        pattern=said.pattern,
        data=folder,
        image=said.image,
        label=said.label,
        files=said.files,
        test=None if said.test is None else to_file(said.test),
        like=TableOptions.of(said).replace(as_text=texts),
    )


def _part(one: Source, recipe: Recipe) -> Part:
    """Read one of several sources, and call its columns what the recipe does: a folder says ``label``, a pattern more.

    The pattern and the names of columns that ``[data]`` has hold for each file and folder that has none of its own.
    """
    if isinstance(one.source, MadeSource):
        source = one.source if one.held_out else replace(one.source, validation=0, test=0)
        examples = read_made(source)
    else:
        assert one.source is not None, "a recipe is not built without it"
        folder = None if one.folder is None else to_file(one.folder)
        data = recipe.data
        examples = read_examples(
            to_file(one.source),
            pattern=one.pattern or data.pattern,
            data=folder,
            image=one.image or data.image,
            label=one.label or data.label,
            files=one.files or data.files,
            like=TableOptions(as_text=_texts(recipe)),
        )
    return Part(with_sources(examples, recipe.inputs, recipe.targets), one.weight, bool(one.held_out))


def _refreshed(examples: Examples, recipe: Recipe) -> Examples:
    """Return generated examples that know for how many epochs they are wanted."""
    refreshes = tuple(refresh.lasting(recipe.training.epochs) for refresh in examples.refreshes)
    return examples.replace(refreshes=refreshes)
