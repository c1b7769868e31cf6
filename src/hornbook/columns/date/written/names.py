"""The names of months and days of the week in the languages that dates are read in."""

from __future__ import annotations

_FULL = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)
_SHORT = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "янв фев мар апр мая июн июл авг сен окт ноя дек",
    "jan feb mrz apr mai juni juli aug sept okt nov dez",
    "jan febr mar apr may june july aug sept oct nov dec",
    "janu feb maerz apr mai jun jul aout sep okt nov dez",
    "jan fevr mar avr mai jun jui aug sep oct nov dec",
)

LISTS = tuple(tuple(line.split()) for line in (*_SHORT[:8], *_FULL, *_SHORT[8:]))
"""The twelve names in each language and length, in lower case."""

MONTHS = {name: number for names in reversed(LISTS) for number, name in enumerate(names, 1)}
"""The number of each month by its name."""

_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so",
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim",
    "lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom",
)
DAYS = "|".join(sorted({day for line in _DAYS for day in line.split()}, key=len, reverse=True))
"""The names of the days of the week, as a pattern."""


def month_as(example: str, number: int) -> str:
    """Return the name of a month in the language, length and case of another one.

    >>> month_as("May", 6), month_as("MÄRZ", 5), month_as("déc", 1)
    ('Jun', 'MAI', 'janv')
    """
    plain = example.lower()
    names = next(names for names in LISTS if MONTHS.get(plain) and plain in names)
    name = names[number - 1]
    return name.upper() if example.isupper() else name.capitalize() if example[:1].isupper() else name
