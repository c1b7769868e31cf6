"""One sentence for everything that can be wrong with a recipe.

The constraints are declared where the fields are (``Annotated[int, Ge(1)]``); pydantic finds what breaks them, and here it
becomes: which key, what it may be, what was given, and the nearest word that exists.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

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
            raise RecipeError(
                f"{origin}: unknown key {there}{key}{did_you_mean(key, known)}; "
                f"{'[' + where + ']' if where else 'a recipe'} may have {one_of(known)}"
            )


def build(cls: type[T], given: dict[str, Any], where: str, origin: str) -> T:
    """Make a dataclass from the values of one section, or raise RecipeError with one sentence.

    >>> from hornbook.columns import ImageColumn
    >>> build(ImageColumn, {"size": [28, 28]}, "inputs.image", "mine.toml")
    ImageColumn(size=(28, 28))
    """
    names = [f.name for f in dataclasses.fields(cls) if f.init]  # type: ignore[arg-type]
    learned = getattr(cls, "learned_fields", ())
    check_keys(given, [n for n in names if n not in learned], where, origin)
    try:
        return _adapter(cls).validate_python(given)
    except ValidationError as error:
        raise RecipeError(f"{origin}: {sentence(error, where)}") from None


def _adapter(cls: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(cls)


def sentence(error: ValidationError, where: str) -> str:
    """Say the first thing that is wrong: key, what it may be, what was given."""
    found = error.errors()
    # For a value that may be of several kinds pydantic lists a complaint for each; the last one's words are joined.
    first = found[0]
    place = [p for p in first["loc"] if not (isinstance(p, str) and _is_kind(p))]
    key = ".".join([where, *(str(p) for p in place if isinstance(p, str))]) if where else str(place[0])
    index = next((p for p in place if isinstance(p, int)), None)
    item = "" if index is None else f" (item {index + 1})"
    may = list(dict.fromkeys(_may_be(e) for e in found if e["loc"][: len(place)] == first["loc"][: len(place)]))
    expected = [str(e.get("ctx", {}).get("expected", "")) for e in found]
    words = [w for text in expected for w in text.replace(" or ", ", ").replace("'", "").split(", ") if w]
    near = did_you_mean(first["input"], words) if isinstance(first["input"], str) else ""
    given = first["input"]
    return f"{key}{item} is {_shown(given)}, but it must be {' or '.join(may)}{near}"


def _is_kind(part: str) -> bool:
    return "[" in part or part in ("int", "float", "str", "bool", "list", "constrained-int", "constrained-float")


def _shown(value: Any) -> str:
    text = repr(value)
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
        return f"one of {context['expected']}"
    if kind == "missing":
        return "longer: this item is missing"
    if kind in ("too_short", "too_long"):
        few = "at least" if kind == "too_short" else "at most"
        return f"a list of {few} {context.get('min_length', context.get('max_length'))}"
    for start, said in _KINDS.items():
        if kind.startswith(start):
            return said
    return str(error["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
