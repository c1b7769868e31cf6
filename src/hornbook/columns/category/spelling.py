"""The same class written in two ways: with capitals, with a point behind it, with a hyphen for a blank."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from hornbook.columns.number.written.units import Unit
from hornbook.columns.summary import Finding
from hornbook.common.plaintext import clean, recipe_key, shorten

MOST_SAID = 5
"""Classes whose spellings are all named."""

FEW_LETTERS = 4
"""Up to so many classes of one letter are the same in capitals; of more, ``a`` and ``A`` are to be told apart."""

_JOINED = re.compile(r"(?<=[^\W\d_])[-_](?=[^\W\d_])")


def plainly(word: str) -> str:
    """Return a name without what people write in one way or another: capitals, a point at the end, hyphens.

    >>> plainly("<=50K."), plainly("New_York"), plainly("-1")
    ('<=50k', 'new york', '-1')
    """
    word = unicodedata.normalize("NFKC", word).casefold()
    return " ".join(_JOINED.sub(" ", word).split()).rstrip(".") or word


def spellings(classes: Sequence[str]) -> dict[str, list[int]]:
    """Return the places of classes by how they are written plainly."""
    found: dict[str, list[int]] = {}
    for i, name in enumerate(classes):
        found.setdefault(plainly(name), []).append(i)
    if sum(len(word) == 1 for word in found) > FEW_LETTERS:
        return {word: places for word, places in found.items() if len(word) > 1}
    return found


def only_spellings(classes: Sequence[str]) -> dict[str, int]:
    """Return the place of each class that is the only one so written, by how it is written plainly."""
    return {word: places[0] for word, places in spellings(classes).items() if len(places) == 1}


def spelled_twice(
    classes: Sequence[str], counts: Sequence[int], key: str, name: str, many: str = "classes"
) -> Iterator[Finding]:
    """Yield a finding where classes are the same one but for how they are written.

    Parameters
    ----------
    counts
        The rows of each class.
    key
        The section of the recipe that the column stands in, ``targets`` or ``inputs``.
    many
        What several of them are called.
    """
    several = [sorted(p, key=lambda i: -counts[i]) for p in spellings(classes).values() if len(p) > 1]
    if not several:
        return
    said = [" and ".join(f"{shorten(clean(classes[i]), 40)!r} ({counts[i]:,})" for i in p) for p in several]
    names = {classes[i]: classes[first] for first, *others in several for i in others}
    more = f" and {len(said) - MOST_SAID:,} more" if len(said) > MOST_SAID else ""
    message = (
        f"{many} of {clean(name)} differ in their spelling alone: {'; '.join(said[:MOST_SAID])}{more}; where they are "
        f"the same, set {recipe_key(key, name, 'names')} = {_table(list(names.items())[: 2 * MOST_SAID])}"
    )
    yield Finding("warning", "spelling", message, tuple(said[:MOST_SAID]), len(several))


def _table(names: Iterable[tuple[str, str]]) -> str:
    """Return what codes stand for, as it is written in a recipe."""
    quoted = (" = ".join(json.dumps(word, ensure_ascii=False) for word in pair) for pair in names)
    return "{" + ", ".join(quoted) + "}"


def written_otherwise(word: str) -> Iterator[str]:
    """Yield how else a code or a truth value may be written: 1 for 1.0, true for True.

    >>> list(written_otherwise(" 4.0")), list(written_otherwise("0.50")), list(written_otherwise("true"))
    (['4.0', '4'], ['0.5'], ['True', 'TRUE'])
    """
    bare = word.strip()
    if bare != word:
        yield bare
    if not word.isascii():  # accents beside their letters, as on a Mac
        yield from (w for form in ("NFC", "NFD") if (w := unicodedata.normalize(form, bare)) != bare)
    try:
        number = float(bare)
    except ValueError:
        if bare.lower() in ("true", "false"):
            yield from (w for w in (bare.lower(), bare.capitalize(), bare.upper()) if w != word)
        return
    whole = number.is_integer() and abs(number) < 2**53
    others = (str(int(number)), f"{int(number)}.0") if whole else (str(number),)
    yield from (w for w in others if w != bare)


def with_unit(word: str, unit: Unit) -> str:
    """Return a number with its unit, the same however many decimals it is written with; another word as it is.

    >>> with_unit("5.0", Unit(after=" stars")), with_unit("none", Unit(after=" stars"))
    ('5 stars', 'none')
    """
    try:
        number = float(word)
    except ValueError:
        return word
    return unit.around(str(int(number)) if number.is_integer() and abs(number) < 2**53 else str(number))
