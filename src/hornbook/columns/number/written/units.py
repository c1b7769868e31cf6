"""What stands around a number in its cell: a currency, a unit, a percent sign, K and M, parentheses for a minus.

What most cells of the training column have is kept (`Unit`), and cells are read with that or with nothing around the
number; a cell with another unit is none that can be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from hornbook.common.plaintext import say_number

if TYPE_CHECKING:
    import polars as pl

MOSTLY = 0.9
"""A column of texts of which so many are numbers is one of numbers, and the others are mistakes to be named."""

MOST_UNITS = 50
"""A column with more different words behind its numbers is one of texts."""

LONGEST = 80
"""Characters up to which a text may be a number with something around it."""

LOOKED_AT = 2_000
"""Cells that say what stands around the numbers of a column, spread over it."""

SCALES = {
    **dict.fromkeys(["k", "thousand", "tsd", "千"], 3),
    **dict.fromkeys(["m", "mn", "mln", "mio", "million"], 6),
    **dict.fromkeys(["b", "bn", "mrd", "billion"], 9),
    **dict.fromkeys(["t", "tn", "trillion"], 12),
    **dict.fromkeys(["万", "萬"], 4),
    **dict.fromkeys(["亿", "億"], 8),
    **dict.fromkeys(["lakh", "lac"], 5),
    "crore": 7,  # not "cr", which stands for credit beside "dr" for debit
}
"""Words that multiply the number before them, and by which power of ten."""

SIGNS = "$€£¥￥₹₽₩₺₫฿₴₦₱₪₡₵₸₼₾₿＄"
CODES = (
    "USD|EUR|GBP|JPY|CNY|RMB|CHF|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RUB|BRL|MXN|KRW|TRY|ZAR|SGD|HKD|TWD|THB|IDR|"
    "MYR|PHP|VND|NGN|KES|EGP|AED|SAR|ILS|Rs|RS|Kr|kr|Fr|RM|Rp"
)
_SAME = {"usd": "$", "us$": "$", "dollar": "$", "eur": "€", "euro": "€", "gbp": "£"} | dict.fromkeys(
    ["cny", "rmb", "jpy", "cn¥", "元", "圆", "円", "人民币", "yuan", "yen"], "¥"
)

GAPS = " \u00a0\u2007\u2009\u202f'’"
"""What stands between thousands and can be nothing else: blanks, also those that do not break, and apostrophes."""

_NUMBER = rf"(?:[0-9](?:[0-9.,{GAPS}]*[0-9])?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
_AFTER = (
    r"\+|[cdkm]?m\^?[23]|(?:ft|in|yd)\^?[23]|/?[^\s0-9.,+()'’\-–—:;/\\#&*_=<>\"?!|~@\[\]{}][^0-9()\n]{0,15}"
)
_CELL = (
    rf"^(\()?\s*([+−-]?)\s*((?:[A-Z]{{1,3}})?[{SIGNS}]\s*|(?:{CODES})\.?\s*)?([+−(-]?)\s*({_NUMBER})(\s*(?:{_AFTER}))?\s*"
    r"([)-])?$"
)
DASH = rf"^\s*(?:(?:[A-Z]{{1,3}})?[{SIGNS}]|{CODES})\s*[-–—]\s*$"
"""What spreadsheets write for nothing in a column of amounts."""

_GAPPED = rf"^[1-9][0-9]{{0,2}}(?:[{GAPS}][0-9]{{3}})+(?:[.,][0-9]*)?(?:[eE][+-]?[0-9]+)?$"
_MATCH, _GROUPED, _GAP = re.compile(_CELL).match, re.compile(_GAPPED).match, f"[{GAPS}]"
_HAS_GAP, _DIGITS = re.compile(_GAP), re.compile(r"[+-]?[0-9.,]+$").match


class Unit(NamedTuple):
    """What stands around the numbers of a column, as most cells have it.

    Attributes
    ----------
    before, after
        A currency or a unit, with the blank that is between it and the number: ``$``, `` kg``, ``%``.
    scale
        The words that multiply, from the least: ``K|M``; empty where none does, and a ``B`` is a unit.
    """

    before: str = ""
    after: str = ""
    scale: str = ""

    def around(self, text: str) -> str:
        """Return a written number with its unit."""
        minus = "-" if text.startswith("-") else ""
        after = "" if self.after == "+" else self.after
        return f"{minus}{self.before}{text.removeprefix('-')}{after}"

    def say(self, number: float, exactly: bool = False) -> str:
        """Return a number as people read it, with its unit; ``exactly`` with six digits that count in place of four.

        >>> Unit("$").say(-1203.4), Unit(after=" kg").say(2.5), Unit("$", "", "K|M").say(4_600_000)
        ('-$1,203', '2.5 kg', '$4.6M')
        """
        if number != number:  # noqa: PLR0124 (not a number)
            return say_number(number)
        words = [(10.0 ** _exponent(word), word) for word in self.scale.split("|") if word]
        size, word = max(
            (w for w in words if w[0] <= abs(number)), default=words[0] if words and number else (1, "")
        )
        number /= size
        said = _exact(
            number, cents=not word and {key_of(self.before), key_of(self.after)} & {"$", "€", "£"} != set()
        )
        said = said if exactly else say_number(number)
        return self.around(f"{said}{word}")


NOTHING = Unit()


def _exponent(word: str) -> int:
    return SCALES[word.strip().rstrip(".").casefold().removesuffix("s")]


def is_money(unit: Unit) -> bool:
    """Return whether a unit is a currency."""
    return (
        re.search(rf"[{SIGNS}]|\b(?:{CODES})\b", f"{unit.before} {unit.after}") is not None
        or "元" in unit.after
    )


def _exact(number: float, cents: bool) -> str:
    """Return a number with six digits that count, whole where it is large; money to the cent."""
    if cents and 0.01 <= abs(number) < 1e15:
        return f"{number:,.2f}"
    return f"{number:,.0f}" if 1e6 <= abs(number) < 1e15 else f"{number:,.6g}"


def said_wrong(unit: Unit) -> str:
    """Return what is wrong with a unit, as the end of a sentence; empty where nothing is."""
    try:
        for word in filter(None, unit.scale.split("|")):
            _exponent(word)
    except KeyError:
        return f"has the scale {unit.scale!r}, which multiplies by nothing"
    return ""


@lru_cache(4096)
def key_of(unit: str) -> str:
    """Return what units of one meaning have in common: ``Years`` and ``year``, ``USD`` and ``$``, ``m²`` and ``m2``."""
    plain = unicodedata.normalize("NFKC", unit).casefold()
    plain = re.sub(r"[\s^]", "", plain).rstrip(".")
    plain = plain.removesuffix("s") if len(plain) > 2 else plain
    return _SAME.get(plain, plain)


@lru_cache(4096)
def _split(after: str) -> tuple[str, str] | None:
    """Return what multiplies and the unit behind it: ``Mio. €`` is ``Mio.`` and ``€``; None where nothing multiplies.

    Of ``km`` the k does not: a letter stands alone, or before a currency.
    """
    found = re.match(rf"(\s*)([^\W\d_]+\.?)(?:(\s+\S.*|[{SIGNS}].*))?$", after)
    if found is None:
        return None
    word = found[2]
    if word.rstrip(".").casefold().removesuffix("s") in SCALES:
        return found[1] + word, found[3] or ""
    if word[0] in SCALES and not word[0].isascii():  # 万元
        return found[1] + word[0], word[1:] + (found[3] or "")
    return None


@lru_cache(65536)
def _behind(after: str, unit: Unit) -> str | None:
    """Return the power that what stands behind a number gives it, ``e6``; None where it is another unit."""
    known = {"", key_of(unit.before), key_of(unit.after)}
    if key_of(after) in known:
        return ""
    split = _split(after) if unit.scale else None
    return None if split is None or key_of(split[1]) not in known else f"e{_exponent(split[0])}"


def bare(text: str, unit: Unit) -> str:
    """Return a number without what stands around it, and nothing but commas and points in it; other texts as they are.

    >>> bare("$ (1,234.50)", Unit("$")), bare("4.6M", Unit(scale="M")), bare("1 234,5", NOTHING), bare("12 kg", NOTHING)
    ('-1,234.50', '4.6e6', '1234,5', '12 kg')
    """
    if not text or len(text) > LONGEST:
        return text
    found = _MATCH(text)
    if found is None:
        return text
    opened, sign, before, inner, number, after, closed = (part or "" for part in found.groups())
    power = _behind(after, unit)
    if power is None or key_of(before) not in ("", key_of(unit.before), key_of(unit.after)):
        return text
    if closed == "-":  # as accountants write 1,250.00-; a mark at school is 5-
        if opened or sign or inner or not {",", "."} & {*number}:
            return text
    elif bool(closed) != (bool(opened) or inner == "(") or (sign and inner) or (opened and inner == "("):
        return text
    if _HAS_GAP.search(number):
        if not _GROUPED(number):
            return text
        number = re.sub(_GAP, "", number)
    if power and "e" in number.lower():
        return text
    minus = closed or {sign, inner} & {"-", "−"}
    return f"{'-' if minus else ''}{number}{power}"


def all_bare(cells: pl.Series, unit: Unit) -> pl.Series:
    """Return a column of texts as `bare` does."""
    import polars as pl

    part = _parts(cells)
    afters = part["after"].unique()
    powers = pl.Series(
        [_behind(after, unit) if after is not None else None for after in afters], dtype=pl.String
    )
    befores = part["before"].unique()
    mine = ("", key_of(unit.before), key_of(unit.after))
    ours = befores.filter(pl.Series([b is not None and key_of(b) in mine for b in befores], dtype=pl.Boolean))
    gapped, power = pl.col("number").str.contains(_GAP), pl.col("after").replace_strict(afters, powers)
    opened, sign, inner, closed = (pl.col(name) for name in ("opened", "sign", "inner", "closed"))
    usual = (
        ((closed != "") == ((opened != "") | (inner == "(")))
        & ~((sign != "") & (inner != ""))
        & ~((opened != "") & (inner == "("))
    )
    last = ((opened + sign + inner) == "") & pl.col("number").str.contains("[.,]")
    fits = (
        pl.col("before").is_in(ours.implode())
        & power.is_not_null()
        & pl.when(closed == "-").then(last).otherwise(usual)
        & (~gapped | pl.col("number").str.contains(_GAPPED))
        & ((power == "") | ~pl.col("number").str.contains("[eE]"))
    )
    minus = (closed != "") | sign.is_in(["-", "−"]) | inner.is_in(["-", "−"])
    text = pl.concat_str(
        pl.when(minus).then(pl.lit("-")).otherwise(pl.lit("")),
        pl.col("number").str.replace_all(_GAP, ""),
        power,
    )
    return part.select(pl.when(fits).then(text).otherwise("cell").alias(cells.name)).to_series()


def _parts(cells: pl.Series) -> pl.DataFrame:
    """Return the parts of cells that are numbers with something around them; all are null of one that is none."""
    import polars as pl

    names = ("opened", "sign", "before", "inner", "number", "after", "closed")
    short = cells.to_frame("cell").select("cell", (pl.col("cell").str.len_chars() <= LONGEST).alias("short"))
    text = pl.when("short").then("cell").otherwise(None)
    part = short.select(
        "cell", text.str.extract_groups(_CELL).struct.rename_fields(names).alias("part")
    ).unnest("part")
    is_one = pl.col("number").is_not_null()
    return part.with_columns(
        pl.when(is_one).then(pl.col(n).fill_null("")).otherwise(None).alias(n) for n in names
    )


def likely_amounts(cells: pl.Series) -> bool:
    """Return whether most of some texts are numbers with something around them, whatever that is."""
    part = _parts(cells.gather_every(max(len(cells) // LOOKED_AT, 1)).str.strip_chars())
    return len(part) > 0 and part["number"].count() >= MOSTLY * len(part)


def alike(cells: Sequence[str]) -> bool:
    """Return whether some texts may be numbers of one unit: a quick look, before `find_unit` is asked."""
    units: Counter[str] = Counter()
    for cell in cells:
        found = _MATCH(cell) if len(cell) <= LONGEST else None
        if found is not None:
            after = found[6] or ""
            split = _split(after)
            units[key_of(after if split is None else split[1])] += 1
        elif _DIGITS(cell):
            units[""] += 1
    count = units.total()
    return count >= MOSTLY * len(cells) and count > 0 and units.most_common(1)[0][1] * 2 >= count


def find_unit(cells: pl.Series) -> Unit | None:
    """Return what stands around the numbers of a column of texts; None where most are no numbers of one kind.

    >>> import polars as pl
    >>> find_unit(pl.Series(["$1,299.00", "$3.50", "-$2"])), find_unit(pl.Series(["2.9K", "5.2M"]))
    (Unit(before='$', after='', scale=''), Unit(before='', after='', scale='K|M'))
    >>> find_unit(pl.Series(["5 m", "20 m"])), find_unit(pl.Series(["5 apples", "3 pears", "1 plum"]))
    (Unit(before='', after=' m', scale=''), None)
    """
    cells = cells.gather_every(max(len(cells) // LOOKED_AT, 1))
    part = _parts(cells).drop_nulls("number")
    part = part.filter(~part["after"].str.contains(r"\.\w{3,4}$"))  # 12a.png is a file
    if not len(part) or len(part) < MOSTLY * len(cells) or part["after"].n_unique() > MOST_UNITS:
        return None
    befores, afters = (Counter(dict(part[n].value_counts().iter_rows())) for n in ("before", "after"))
    words = _multipliers(befores, afters)
    units = Counter({a: n for a, n in afters.items() if _behind_word(a, words) is None})
    for after, count in afters.items():
        if (split := _behind_word(after, words)) is not None:
            units[split[1]] += count
    before = _commonest(befores)
    before = before.strip() if before.strip()[-1:] in SIGNS else before
    unit = Unit(before, _commonest(units), "|".join(words.values()))
    found = all_bare(part["cell"], unit)
    fits = found.str.contains(r"^[+-]?[0-9.,]+([eE][+-]?[0-9]+)?$")
    # With all in parentheses, as years are, these mean no minus.
    return None if fits.sum() < MOSTLY * len(cells) or (part["closed"] == ")").all() else unit


def _commonest(texts: Counter[str]) -> str:
    """Return the commonest of the texts that mean the commonest unit; nothing where nearly all cells have none.

    A plus behind some numbers says that they may be more, and is no unit.
    """
    kinds: Counter[str] = Counter()
    for text, count in texts.items():
        kinds[key_of(text)] += count
    if kinds[""] >= MOSTLY * kinds.total():
        return ""
    kind = max((k for k in kinds if k), key=kinds.__getitem__)
    if kind == "+" and kinds[kind] < MOSTLY * kinds.total():
        return ""
    return max((t for t in texts if key_of(t) == kind), key=texts.__getitem__)


def _behind_word(after: str, words: dict[int, str]) -> tuple[str, str] | None:
    return _split(after) if words else None


def _multipliers(befores: Iterable[str], afters: Counter[str]) -> dict[int, str]:
    """Return the words that multiply, by their powers; none where what looks so is a unit (``m``, `` K``)."""
    splits = {after: split for after in afters if (split := _split(after)) is not None}
    if not splits:
        return {}
    words: dict[int, Counter[str]] = {}
    for after, (word, _) in splits.items():
        words.setdefault(_exponent(word), Counter())[word] += afters[after]
    said = {power: counts.most_common(1)[0][0] for power, counts in sorted(words.items())}
    money = any(befores) or any(re.search(rf"[{SIGNS}]|{CODES}", rest) for _, rest in splits.values())
    letters = [word.strip() for word, _ in splits.values()]
    if money or len(said) > 1 or any(len(word) > 1 or not word.isascii() for word in letters):
        return said
    alone = letters[0] in ("k", "K", "M", "B")
    attached = not any(word[0].isspace() for word, _ in splits.values())
    return said if alone and (attached or "" in afters) else {}
