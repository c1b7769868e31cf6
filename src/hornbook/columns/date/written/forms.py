"""The forms that dates are written in, in the codes of ``strptime``, and the pattern of each.

``%q`` is a quarter of the year, ``%b`` the name of a month, short or long; where a form has no time of day, one may
stand behind any date: ``10:30``, ``T10:30:15.5Z``, ``10:30 PM``.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from hornbook.columns.date.written.names import DAYS
from hornbook.errors import UsageError

_CODES = {
    "Y": ("year", r"(\d{4})"),
    "y": ("short", r"['’]?(\d{2})"),
    "-y": ("short", r"(\d{1,2})"),
    "m": ("month", r"(\d{1,2})"),
    "M": ("minute", r"(\d{2})"),
    "d": ("day", r"(\d{1,2})(?:st|nd|rd|th)?"),
    "b": ("name", r"([^\W0-9_]{3,12})\.?"),
    "q": ("quarter", r"([1-4])"),
    "G": ("year", r"(\d{4})"),
    "V": ("week", r"(\d{1,2})"),
    "j": ("ordinal", r"(\d{1,3})"),
    "H": ("hour", r"(\d{1,2})"),
    "I": ("hour", r"(\d{1,2})"),
    "S": ("second", r"(\d{2})"),
    "f": ("fraction", r"(\d{1,9})"),
    "p": ("half", r"([AaPp])\.?[Mm]\.?"),
    "z": ("zone", r"(Z|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|UTC|GMT)"),
}
_SAME = {
    "B": "b",
    "h": "b",
    "e": "d",
    "-d": "d",
    "-m": "m",
    "-H": "H",
    "-I": "I",
    "A": "a",
    "F": "F",
    "T": "X",
}

_CLOCK = (
    r"(\d{1,2})(?:(?:[:hH时時点]|시 ?)(\d{2})(?:(?:[:分]|분 ?)(\d{2})(?:[.,](\d{1,9}))?[秒초]?)?[分분]?)?[hH时時点시]?"
    r"(?:[ \u00a0\u202f]?([AaPp])\.?[Mm]\.?)?(?: ?(Z|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|UTC|GMT))?"
    r"(?: (?:UTC|GMT|[ECMPA][SD]T|C?E[ES]?T|CEST|WES?T|ME[SZ]Z|MEZ|BST|IST|JST|KST|MSK|HKT|SGT|AE[SD]T|Uhr))?"
    r"(?: \([^()]{3,40}\))?"
)
_CLOCK_PARTS = ("hour", "minute", "second", "fraction", "half", "zone")
_BEFORE_CLOCK = r"(?:T|[ ,]+|:| - )"
_BLANKS = r"[ \u00a0\u202f]+"
_TIMES = frozenset("HIX")
_OF_A_DAY = frozenset(["day", "ordinal"])

_FULL_DATES = (
    *(f.replace("-", mark) for mark in "-. " for f in ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y")),
    *("%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y"),
    *(f.replace("-", mark) for mark in "-." for f in ("%d-%m-%y", "%m-%d-%y", "%y-%m-%d")),
    *("%m/%d/%y", "%d/%m/%y", "%y/%m/%d"),
)
_NAMED = (
    *(
        "%d %b %Y",
        "%d-%b-%Y",
        "%d/%b/%Y",
        "%d. %b %Y",
        "%d %b, %Y",
        "%d%b%Y",
        "%d.%b.%Y",
        "%d de %b de %Y",
        "%d of %b %Y",
    ),
    *("%b %d, %Y", "%b %d %Y", "%b-%d-%Y", "%b/%d/%Y", "%Y-%b-%d", "%Y %b %d", "%Y/%b/%d", "%b %d %X %Y"),
    *("%d-%b-%y", "%d %b %y", "%d/%b/%y", "%d. %b %y", "%b %d, %y", "%d%b%y", "%y-%b-%d"),
    *("%b %Y", "%b-%Y", "%b, %Y", "%b/%Y", "%Y-%b", "%Y %b", "%b-%y", "%b %y", "%b/%y", "%b. %y"),
)
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%m.%Y", "%YM%m", "%Y:%m", "%-y-%m")
_QUARTERS = (
    *(
        "%YQ%q",
        "%Y-Q%q",
        "%Y Q%q",
        "%Y/Q%q",
        "%Y:Q%q",
        "Q%q %Y",
        "Q%q-%Y",
        "Q%q/%Y",
        "Q%q%Y",
        "%qQ%Y",
        "%qQ%y",
    ),
    *("%qQ %Y", "Q%q %y", "Q%q-%y", "Q%q/%y", "%yQ%q", "%Y年第%q季度", "%Y年%q季度"),
)
_EAST = ("%Y年%m月%d日", "%Y年%m月", "%Y年%m月%d号", "%Y년 %m월 %d일", "%Y년 %m월")
_TOGETHER = ("%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%dT%H%M%S%z", "%Y%m%dT%H%M%S")
_WEEKS = ("%G-W%V", "%GW%V")
FORMS = (*_FULL_DATES, *_NAMED, *_MONTHS, *_QUARTERS, *_EAST, *_TOGETHER, *_WEEKS)
"""Every form that is looked for in a column of texts; of two that fit equally well, the first one is taken."""

NUMBERS = {
    "excel": 86_400_000_000,
    "unix": 1_000_000,
    "unix ms": 1_000,
    "unix us": 1,
    "unix ns": 0.001,
}
"""Forms of dates that are numbers, with the microseconds of one: days since 1899-12-30, or seconds since 1970."""


class Pattern(NamedTuple):
    """A form as a regular expression, the part of a date that each of its groups is, and which parts must be there."""

    text: str
    parts: tuple[str, ...]

    def matches(self, text: str) -> bool:
        """Return whether a text is written so."""
        return re.search(self.text, text) is not None


@functools.cache
def pattern(form: str) -> Pattern:
    """Return the pattern of a form.

    Raises
    ------
    UsageError
        It has a code that is not known, or says no year.
    """
    out, parts, timed = [], [], False
    for code in re.findall(r"%-?.|\s+|.", form, re.DOTALL):
        if code[0] != "%":
            out.append(_BLANKS if code.isspace() else re.escape(code) + (" ?" if code in "年月년월" else ""))
            continue
        letter = _SAME.get(code[1:], code[1:])
        timed |= letter in _TIMES
        if letter == "F":
            out.append(r"(\d{4})-(\d{1,2})-(\d{1,2})")
            parts += ["year", "month", "day"]
        elif letter == "X":
            out.append(_CLOCK)
            parts += _CLOCK_PARTS
        elif letter == "a":
            out.append(rf"(?:{DAYS})\.?")
        elif letter == "%":
            out.append("%")
        elif letter in _CODES:
            part, text = _CODES[letter]
            # Of digits without marks between them each part has all of its own.
            out.append(text.replace("{1,2}", "{2}") if _is_packed(form) else text)
            parts.append(part)
        else:
            raise UsageError(
                f"format = {form!r} has {code!r}, which is none of the codes %Y %y %m %d %b %q %H %I %M %S %p %z"
            )
    if not {"year", "short"} & {*parts} or len(parts) != len({*parts}):
        raise UsageError(
            f"format = {form!r} must say the year once, as %Y or %y, and each other part at most once"
        )
    plain = timed or not _OF_A_DAY & {*parts}
    before = _BEFORE_CLOCK if form[-1].isascii() else f"{_BEFORE_CLOCK}?"
    clock = "" if plain else f"(?:{before}{_CLOCK})?"
    text = rf"(?i)^(?:(?:{DAYS})\.?,?{_BLANKS})?{''.join(out)}{clock}$"
    # Digits of other scripts are no numbers to who reads the parts.
    text = text.replace(r"\d", "[0-9]")
    return Pattern(text, (*parts, *(() if plain else _CLOCK_PARTS)))


def may_be(form: str, text: str) -> bool:
    """Return whether a text has the marks and letters of a form, which is known before its pattern is made."""
    letters = "%b" not in form or any(c.isalpha() for c in text)
    return letters and all(mark in text or mark.lower() in text for mark in _marks(form))


@functools.cache
def _marks(form: str) -> str:
    """Return what stands between the parts of a form."""
    return re.sub(r"%-?.|\s", "", form)


def _is_packed(form: str) -> bool:
    return "%Y%m" in form


def is_known(form: str) -> bool:
    """Return whether a form is one of numbers, or has a pattern."""
    if form in NUMBERS:
        return True
    try:
        pattern(form)
    except UsageError:
        return False
    return True
