"""``[data]``: where the examples are: in one place or in several, there already or made as they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from annotated_types import Gt, Le

from hornbook.errors import RecipeError, UsageError, did_you_mean, one_of
from hornbook.examples.table_options import Writing
from hornbook.make.source import SOURCES, MadeSource
from hornbook.recipe.messages import build, shown
from hornbook.recipe.nested import plain


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where examples are, and where their labels stand."""

    source: str | MadeSource | None = None
    folder: str | None = None
    pattern: str | None = None
    image: str | None = None
    label: str | None = None
    files: str | None = None


@dataclass(frozen=True, kw_only=True)
class Source(Place):
    """One of several ``sources``.

    ``source``, ``folder``, ``pattern``, ``image``, ``label`` and ``files`` are as in `Data`; in place of ``source`` an
    entry may have ``make`` and what belongs to it. ``weight`` is how often each training row is seen in an epoch.
    ``held_out`` says whether validation and test rows are taken from it; unless it is said, from the first source
    alone.
    """

    weight: Annotated[float, Gt(0), Le(10_000)] = 1.0
    held_out: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Data(Writing, Place):
    """``[data]``: where the examples are.

    ``source`` is a built-in name, a folder, an archive or a file, or ``{ make = "captcha", ... }`` (see
    `hornbook.make.source`); ``sources`` is a list of several (see `hornbook.sources.mixture`); ``folder`` says
    where the files of a built-in name lie, so that nothing is fetched; ``pattern`` reads labels out of file names (see
    `hornbook.read_examples`); ``image`` and ``label`` name the columns of a table that hold the picture and
    the label; ``files`` says how the names of files are made of a table's columns (``"images/{id}.jpg"``), or which
    folder they are relative to; ``test`` is a second table, whose rows are the test rows; ``home`` says where a
    source can be had that is not there. How a table is written is
    found by looking, unless ``names``, ``separator``, ``encoding``, ``missing``, ``comment``, ``decimal``, ``skip`` or
    ``odd_rows`` say it (see
    `hornbook.examples.table_options.Writing`).
    """

    sources: tuple[Source, ...] = ()
    test: str | None = None
    home: str | None = None


def build_data(given: Mapping[str, Any], origin: str) -> Data:
    """Make ``[data]`` from the values of its section, or raise RecipeError with one sentence."""
    plain = dict(given)
    source, sources = plain.pop("source", None), plain.pop("sources", [])
    data = build(Data, {**plain, **({"source": source} if isinstance(source, str) else {})}, "data", origin)
    if source is not None and not isinstance(source, str):
        data = replace(data, source=_made(source, "data.source", origin))
    if not sources:
        return data
    if source is not None:
        raise RecipeError(
            f"{origin}: data.source and data.sources are both there: move the one into the other"
        )
    if not isinstance(sources, (list, tuple)) or not all(isinstance(one, dict) for one in sources):
        raise RecipeError(
            f"{origin}: data.sources is {shown(sources)}, but it must be a list such as "
            '[{ source = "mine" }, { make = "captcha", count = 1000 }]'
        )
    made = tuple(_source(one, f"data.sources[{i}]", origin) for i, one in enumerate(sources, start=1))
    first, *rest = (replace(m, held_out=i == 0) if m.held_out is None else m for i, m in enumerate(made))
    if not any(m.held_out for m in (first, *rest)):
        raise RecipeError(f"{origin}: no data.sources has held_out = true: nothing could be judged by")
    return replace(data, sources=(first, *rest))


def data_values(data: Data) -> dict[str, Any]:
    """Return ``[data]`` as it stands in a recipe; `build_data` takes it back."""
    out = plain(data)
    del out["sources"]
    if isinstance(data.source, MadeSource):
        out["source"] = data.source.values()
    if data.sources:
        out["sources"] = [_source_values(one) for one in data.sources]
    return out


def _source_values(one: Source) -> dict[str, Any]:
    out = plain(one)
    made = out.pop("source")
    return {**(made.values() if isinstance(made, MadeSource) else {"source": made}), **out}


def _source(given: Mapping[str, Any], where: str, origin: str) -> Source:
    if "make" in given:
        kept = {k: v for k, v in given.items() if k in ("weight", "held_out")}
        made = {k: v for k, v in given.items() if k not in kept}
        return replace(build(Source, kept, where, origin), source=_made(made, where, origin))
    named = {k: v for k, v in given.items() if not isinstance(v, dict)}
    source = build(Source, named, where, origin)
    if isinstance(given.get("source"), dict):
        source = replace(source, source=_made(given["source"], f"{where}.source", origin))
    if source.source is None:
        raise RecipeError(f"{origin}: {where} has neither source nor make: say where its examples are")
    return source


def _made(given: Any, where: str, origin: str) -> MadeSource:
    if not isinstance(given, dict):
        raise RecipeError(
            f"{origin}: {where} is {shown(given)}, but it must be a text in quotes or "
            '{ make = "captcha", count = 20000 }'
        )
    options = dict(given)
    word = options.pop("make", None)
    if not isinstance(word, str) or word not in SOURCES:
        said = "is missing" if word is None else f"is {shown(word)}"
        raise RecipeError(
            f"{origin}: {where}.make {said}{did_you_mean(str(word), SOURCES)}; it may be {one_of(SOURCES)}"
        )
    made: MadeSource = build(SOURCES[word], options, where, origin)
    try:
        wrong = made.objection()
    except UsageError as error:
        wrong = str(error)
    if wrong:
        raise RecipeError(f"{origin}: {where}: {wrong}")
    return made
