"""The kinds of examples that can be made, by their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hornbook.errors import UsageError, did_you_mean, one_of
from hornbook.make.audio import AudioCaptchas, AudioMaker
from hornbook.make.captcha import CaptchaMaker, Captchas

Made = Captchas | AudioCaptchas
Maker = CaptchaMaker | AudioMaker

KINDS: dict[str, type[Captchas] | type[AudioCaptchas]] = {"captcha": Captchas, "audio-captcha": AudioCaptchas}
"""What each word makes."""


def kind_of(word: object) -> type[Captchas] | type[AudioCaptchas]:
    """Return the class of options of a kind.

    Raises
    ------
    UsageError
        There is none of that name.
    """
    if not isinstance(word, str) or word not in KINDS:
        raise UsageError(
            f"{word!r} is nothing that can be generated{did_you_mean(str(word), KINDS)}; it may be {one_of(KINDS)}"
        )
    return KINDS[word]


def made_from_json(data: Mapping[str, Any]) -> Made:
    """Return the options that ``to_json`` wrote.

    >>> options = Captchas(length=(4, 6), alphabet="lower", seed=3)
    >>> made_from_json(options.to_json()).maker().text(0) == options.maker().text(0)
    True
    """
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    made: Made = kind_of(fields.pop("kind"))(**fields)
    return made
