"""Dates as people write them, in English, with digits and in Chinese, each with the date in ISO 8601.

Which days there are in a stream is a pure function of the day: no day of a test example is ever trained on, whatever
the seed. A year of two digits is one from 1930 to 2029; of two numbers the day comes before the month.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import ClassVar

from hornbook.make.maker import MakeOptions, Maker
from hornbook.make.repeatable import Draws, seed_of

FIRST, LAST = date(1900, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
"""The days that are made."""

SHORT_FROM, SHORT_TO = 1930, 2029
"""Years that may be written with two digits."""

PARTS = 10
"""One day in so many is for validation, and one for the test."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth", "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth",
    "twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first",
)  # fmt: skip
NUMERALS = "〇一二三四五六七八九"
WEEK = "一二三四五六日"

Form = Callable[[date, Draws], str]


def _nth(day: int) -> str:
    """Return a day with its ending.

    >>> _nth(1), _nth(12), _nth(23)
    ('1st', '12th', '23rd')
    """
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _numeral(number: int) -> str:
    """Return a number under 100 in Chinese.

    >>> _numeral(3), _numeral(10), _numeral(31)
    ('三', '十', '三十一')
    """
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{NUMERALS[tens]}十"
    return ten + (NUMERALS[ones] if ones or not tens else "")


def _digits(year: str, draws: Draws) -> str:
    """Return the digits of a year in Chinese."""
    said = "".join(NUMERALS[int(d)] for d in year)
    return said.replace("〇", "零") if draws.randbelow(4) == 0 else said


def _year(when: date, draws: Draws, short: str = "'{}") -> str:
    """Return a year with four digits, or with two where it may be."""
    if SHORT_FROM <= when.year <= SHORT_TO and draws.randbelow(3) == 0:
        return short.format(f"{when.year % 100:02d}")
    return str(when.year)


def _month(when: date, draws: Draws) -> str:
    name = MONTHS[when.month - 1]
    return name if draws.randbelow(2) else name[:3]


def _weekday(when: date, draws: Draws) -> str:
    name = DAYS[when.weekday()]
    return name if draws.randbelow(2) else name[:3]


def _said(when: date, draws: Draws) -> str:
    """Return "Thursday the third of May, '79"."""
    weekday = f"{_weekday(when, draws)} " if draws.randbelow(2) else ""
    return f"{weekday}the {ORDINALS[when.day - 1]} of {MONTHS[when.month - 1]}, {_year(when, draws)}"


def _of(when: date, draws: Draws) -> str:
    """Return "3rd of May 1979"."""
    comma = "," if draws.randbelow(2) else ""
    return f"{_nth(when.day)} of {_month(when, draws)}{comma} {_year(when, draws)}"


def _british(when: date, draws: Draws) -> str:
    """Return "3 May 1979", "Thursday, 3rd May 1979"."""
    day = str(when.day) if draws.randbelow(2) else _nth(when.day)
    weekday = f"{_weekday(when, draws)}, " if draws.randbelow(4) == 0 else ""
    return f"{weekday}{day} {_month(when, draws)} {_year(when, draws)}"


def _american(when: date, draws: Draws) -> str:
    """Return "May 3, 1979", "Thu, May 3rd, 1979"."""
    day = str(when.day) if draws.randbelow(2) else _nth(when.day)
    weekday = f"{_weekday(when, draws)}, " if draws.randbelow(4) == 0 else ""
    return f"{weekday}{_month(when, draws)} {day}, {_year(when, draws)}"


def _numbers(when: date, draws: Draws) -> str:
    """Return "3.5.79", "03/05/1979"."""
    sign = draws.choice("./-")
    padded = "02d" if draws.randbelow(2) else "d"
    return f"{when.day:{padded}}{sign}{when.month:{padded}}{sign}{_year(when, draws, '{}')}"


def _year_first(when: date, draws: Draws) -> str:
    """Return "1979/05/03", "1979 May 3", "19790503"."""
    sign = draws.choice(["/", ".", "", "name"])
    if sign == "name":
        return f"{when.year} {_month(when, draws)} {when.day}"
    return f"{when.year}{sign}{when.month:02d}{sign}{when.day:02d}"


def _chinese(when: date, draws: Draws) -> str:
    """Return "七九年五月三日", "1979年5月3号 星期四"."""
    day = "日" if draws.randbelow(3) else "号"
    if draws.randbelow(2):
        year = _digits(_year(when, draws, "{}"), draws)
        said = f"{year}年{_numeral(when.month)}月{_numeral(when.day)}{day}"
    else:
        said = f"{_year(when, draws, '{}')}年{when.month}月{when.day}{day}"
    return f"{said} 星期{WEEK[when.weekday()]}" if draws.randbelow(4) == 0 else said


FORMS: tuple[Form, ...] = (
    _said, _of, _british, _british, _american, _american, _numbers, _year_first, _chinese, _chinese,
)  # fmt: skip
"""How a date may be written; of what stands twice there is twice as much."""


@cache
def stream_of(day: int) -> str:
    """Return the stream that a day (the ordinal of its date) belongs to."""
    part = seed_of("day", day) % PARTS
    return {0: "validation", 1: "test"}.get(part, "train")


@dataclass(frozen=True, kw_only=True)
class Dates(MakeOptions):
    """Which dates are made; ``seed`` and ``stream`` as of `MakeOptions`. The stream ``file`` has all days.

    Examples
    --------
    >>> maker = Dates(seed=1).maker()
    >>> maker.value(2), maker.text(2)
    ('2047年2月8号', '2047-02-08')
    """

    kind: ClassVar[str] = "dates"
    column: ClassVar[str] = "said"
    names: ClassVar[str] = "made"
    answer: ClassVar[str] = "date"
    in_cells: ClassVar[bool] = True

    def maker(self) -> DateMaker:
        """Return what makes them."""
        return DateMaker(self)


class DateMaker(Maker):
    """Makes dates as people write them."""

    def text(self, number: int) -> str:
        """Return the date, ``1979-05-03``."""
        return self._drawn(number)[0].isoformat()

    def value(self, number: int) -> str:
        """Return how it is written."""
        when, draws = self._drawn(number)
        return draws.choice(FORMS)(when, draws)

    def _drawn(self, number: int) -> tuple[date, Draws]:
        draws = Draws(self._seed("date", number))
        while True:
            day = FIRST + draws.randbelow(LAST - FIRST + 1)
            if self.options.stream in ("file", stream_of(day)):
                return date.fromordinal(day), draws
