"""One sentence for everything that can be wrong with a recipe.

The constraints are declared where the fields are (``Annotated[int, Ge(1)]``); pydantic finds what breaks
them, and here it becomes: which key, what it may be, what was given, and the nearest word that exists.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError

from hornbook.columns.keys import key_of
from hornbook.common.plaintext import clean
from hornbook.errors import RecipeError, did_you_mean, one_of

T = TypeVar("T")

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "a text in quotes",
    "list": "a list",
    "tuple": "a list",
    "dict": "a table",
}


def check_keys(given: dict[str, Any], known: list[str], where: str, origin: str) -> None:
    """Raise RecipeError where ``given`` has a key that is not known."""
    for key in given:
        if key not in known:
            there = f"{where}." if where else ""
            place = f"[{where}]" if where else "a recipe"
            may = f"{place} may have {one_of(known)}" if known else f"{place} has none here"
            raise RecipeError(
                f"{origin}: unknown key {clean(f'{there}{key}')}{did_you_mean(str(key), known)}; {may}"
            )


def build(cls: type[T], given: dict[str, Any], where: str, origin: str, without: Collection[str] = ()) -> T:
    """Make a dataclass from the values of one section, or raise RecipeError with one sentence.

    Fields ``without`` are no keys: what a column learns.

    >>> from hornbook.columns import ImageColumn
    >>> build(ImageColumn, {"size": [28, 28]}, "inputs.image", "mine.toml")
    ImageColumn(size=(28, 28))
    """
    options = {key_of(f): f.name for f in dataclasses.fields(cls) if f.name not in without}  # type: ignore[arg-type]
    check_keys(given, list(options), where, origin)
    values, fields_of = {}, cast(Any, cls)
    for key, value in given.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise RecipeError(f"{origin}: {where}.{key} is {shown(value)}, but it must be finite")
        try:
            # Strict, for otherwise true is 1, "3" is 3 and so is 3.0; a list of TOML is a tuple here.
            values[options[key]] = _adapter(fields_of, options[key]).validate_python(
                _tuples(value), strict=True
            )
        except ValidationError as error:
            raise RecipeError(f"{origin}: {sentence(error, f'{where}.{key}')}") from None
    return cls(**values)


@cache
def _adapter(cls: Any, name: str) -> TypeAdapter[Any]:
    """Return what checks a field; kept, as a table of ten thousand columns has many of one class."""
    return TypeAdapter(get_type_hints(cls, include_extras=True)[name])


def sentence(error: ValidationError, key: str) -> str:
    """Say what is wrong with the value of a key: what it is, and what it may be."""
    found = error.errors()
    # For a value that may be of several kinds pydantic lists a complaint for each: their words are joined.
    first = found[0]
    index = next((p for p in first["loc"] if isinstance(p, int)), None)
    if first["type"] == "missing" and index is not None:
        return f"{key} is {shown(first['input'])}, but its item {index + 1} is missing"
    item = "" if index is None else f" (item {index + 1})"
    may = list(dict.fromkeys(_may_be(e) for e in found))
    expected = [str(e.get("ctx", {}).get("expected", "")) for e in found]
    words = [w for text in expected for w in text.replace(" or ", ", ").replace("'", "").split(", ") if w]
    given = first["input"]
    near = did_you_mean(given, words) if isinstance(given, str) else ""
    return f"{key}{item} is {shown(given)}, but it must be {' or '.join(may)}{near}"


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def shown(value: Any) -> str:
    """Return a value as a message shows it, on one line and not too long."""
    try:
        text = repr(list(value) if isinstance(value, tuple) else value)
    except ValueError:  # Python writes down no number of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) < 60 else text[:57] + "..."


def _may_be(error: Any) -> str:
    kind = error["type"]
    context = error.get("ctx", {})
    bounds = {
        "greater_than_equal": ("at least", "ge"),
        "greater_than": ("more than", "gt"),
        "less_than_equal": ("at most", "le"),
        "less_than": ("less than", "lt"),
    }
    if kind in bounds:
        words, name = bounds[kind]
        return f"{words} {context[name]}"
    if kind == "literal_error":
        words = str(context["expected"])
        return f"one of {words}" if " or " in words else words
    if kind == "missing":
        return "a longer list"
    if kind in ("too_short", "too_long"):
        few = "at least" if kind == "too_short" else "at most"
        return f"a list of {few} {context.get('min_length', context.get('max_length'))}"
    for start, said in _KINDS.items():
        if kind.startswith(start):
            return said
    return str(error["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
