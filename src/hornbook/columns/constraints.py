"""Whether a value fits the type that a field was declared with, its limits included.

A recipe is checked by pydantic, which also finds the words for what is wrong. A recognizer's file is checked
here, since pydantic takes longer to load than a prediction takes, and all there is to say is that the file is damaged.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt


def fits(value: Any, hint: Any) -> bool:
    """Return whether a value is of a type: ``int``, ``tuple[str, ...] | None``, ``Annotated[float, Ge(0)]``.

    >>> fits((28, 28), tuple[Annotated[int, Ge(1)], int]), fits((0, 28), tuple[Annotated[int, Ge(1)], int])
    (True, False)
    >>> fits(True, int), fits("pad", Literal["pad", "crop"])
    (False, True)
    """
    origin, parts = _apart(hint)
    if origin is Annotated:
        return fits(value, parts[0]) and all(_within(value, limit) for limit in parts[1:])
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return any(type(value) is type(part) and value == part for part in parts)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        kinds = parts[:1] * len(value) if parts[1:] == (Ellipsis,) else parts
        return len(kinds) == len(value) and all(map(fits, value, kinds))
    if origin is Mapping:
        return isinstance(value, dict) and all(
            fits(k, parts[0]) and fits(v, parts[1]) for k, v in value.items()
        )
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is (NoneType if hint is None else hint)


@functools.cache
def _apart(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return what a type is made of; kept, since a table of 5,000 columns asks for the same ones 400,000 times."""
    return get_origin(hint), get_args(hint)


def _within(value: Any, limit: Any) -> bool:
    match limit:
        case Ge(ge=edge):
            return bool(value >= edge)
        case Gt(gt=edge):
            return bool(value > edge)
        case Le(le=edge):
            return bool(value <= edge)
        case Lt(lt=edge):
            return bool(value < edge)
        case Len(min_length=least, max_length=most):
            return least <= len(value) and (most is None or len(value) <= most)
    return True
