"""The kinds of examples that can be made, by their words."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from hornbook.errors import UsageError, did_you_mean, one_of
from hornbook.make.audio import AudioCaptchas
from hornbook.make.captcha import Captchas
from hornbook.make.dates import Dates
from hornbook.make.maker import MakeOptions, Maker
from hornbook.make.reverse import Reversals

MAKERS: dict[str, type[MakeOptions]] = {one.kind: one for one in (Captchas, AudioCaptchas, Dates, Reversals)}
"""The options of each kind of examples that can be made, by its word."""


def options_of(word: object) -> type[MakeOptions]:
    """Return the class of options of a kind.

    Raises
    ------
    UsageError
        There is none of that name.
    """
    if not isinstance(word, str) or word not in MAKERS:
        raise UsageError(
            f"{word!r} is nothing that can be made{did_you_mean(str(word), MAKERS)}; it may be {one_of(MAKERS)}"
        )
    return MAKERS[word]


def options_from_json(data: Mapping[str, Any]) -> MakeOptions:
    """Return the options that ``to_json`` wrote.

    >>> options = Captchas(length=(4, 6), alphabet="lower", seed=3)
    >>> options_from_json(options.to_json()).maker().text(0) == options.maker().text(0)
    True
    """
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    return options_of(fields.pop("kind"))(**fields)


@functools.lru_cache(maxsize=8)
def maker_of(said: str) -> Maker:
    """Return what makes the examples of options that ``to_json`` wrote, as text; a process has one for each."""
    return options_from_json(json.loads(said)).maker()
