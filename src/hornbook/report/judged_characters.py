"""The sections about a string that is read: the worst mistakes, what is confused, places, characters, abstaining."""

from __future__ import annotations

from collections.abc import Sequence

from hornbook.columns.answers import Mistake
from hornbook.columns.characters.edit_distance import align
from hornbook.columns.characters.evaluation import HARDEST, CharactersEvaluation, Share
from hornbook.columns.evaluation import Evaluation
from hornbook.common.markup import escape, percent, picture, sound, table
from hornbook.common.plaintext import number_of
from hornbook.render.blocks_html import FIRST_MISTAKES, MOST_SOUNDS, coverage
from hornbook.render.html_parts import folded, scrolling, section, tail
from hornbook.report.html import Report

MOST_CHARACTERS = 40
"""Characters that are shown at once; of more, the hardest, and the others behind a fold."""

FIRST_CONFUSIONS = 12
MOST_CONFUSIONS = 60

WIDE = 1.5
"""From this ratio on a picture is a line of writing, and shown larger than a square one."""

GAP = "·"
"""Stands where the other string has a character and this one has none."""


def sections(report: Report, found: Evaluation, key: str, several: str) -> str:
    """Everything about one string."""
    assert isinstance(found, CharactersEvaluation)
    places = _places("place", found.per_place) + _places("length", found.per_length)
    parts = (
        section(f"{key}-mistakes", f"Its worst mistakes{several}", _gallery(report, found)),
        section(f"{key}-confusion", f"What it confuses{several}", _confusion(found)),
        section(f"{key}-places", f"Where it goes wrong{several}", places),
        section(f"{key}-characters", f"Character by character{several}", _characters(found)),
        section(f"{key}-sure", f"When it is unsure{several}", coverage(found)),
    )
    return "\n".join(part for part in parts if part)


def _gallery(report: Report, found: CharactersEvaluation) -> str:
    """The wrong answers it was most sure of, with their pictures, true above read, differences marked."""
    if not found.mistakes:
        return f'<p class="lead">Not one mistake in {number_of(found.rows, "string")}.</p>'
    first = report.pixels(found.mistakes[0].row)
    wide = first is not None and first.shape[1] > WIDE * first.shape[0]
    cards = [_card(report, m, i, 160 if wide else 88) for i, m in enumerate(found.mistakes)]
    kind = "gallery wide" if wide or first is None else "gallery"
    lead = (
        '<p class="lead">The wrong answers it was most sure of: the true string above, what it read below. '
        "Some may be mistakes of the labels.</p>"
    )
    shown = f'<ul class="{kind}">{"".join(cards[:FIRST_MISTAKES])}</ul>'
    if more := cards[FIRST_MISTAKES:]:
        shown += folded(f"{len(more)} more", f'<ul class="{kind}">{"".join(more)}</ul>')
    return lead + shown


def _card(report: Report, mistake: Mistake, place: int, side: int) -> str:
    alt = f"{mistake.name}: {mistake.truth}, read as {mistake.predicted or 'nothing'}"
    shown = "" if report.picture is None else picture(report.pixels(mistake.row), alt, side=side)
    if place < MOST_SOUNDS:
        shown += sound(report.heard(mistake.row), alt)
    true, read = marked(mistake.truth, mistake.predicted)
    return (
        f'<li>{shown}<p class="strings"><span>true</span><code>{true}</code>'
        f"<span>read</span><code>{read}</code></p>"
        f"<p><small>{percent(mistake.confidence)} sure</small>"
        f'<small class="name" title="{escape(mistake.name)}">{escape(tail(mistake.name, 20))}</small></p></li>'
    )


def marked(true: str, read: str) -> tuple[str, str]:
    """Return both strings as HTML, one under the other, with what differs marked.

    >>> marked("178", "78")
    ('<b>1</b>78', '<b class="no">·</b>78')
    """
    above, below = [], []
    for t, r in align(true, read):
        if t == r:
            above.append(escape(t))
            below.append(escape(r))
        else:
            above.append(f"<b>{escape(t) or GAP}</b>")
            below.append(f'<b class="no">{escape(r) or GAP}</b>')
    return "".join(above), "".join(below)


def _confusion(found: CharactersEvaluation) -> str:
    """The commonest confusions of characters."""
    if not found.confused:
        return ""

    def said(character: str, nothing: str) -> str:
        return f"<b>{escape(character)}</b>" if character else f'<span class="small">{nothing}</span>'

    def rows(some: Sequence[tuple[str, str, int]]) -> str:
        cells = [
            (said(t, "nothing there"), said(r, "missed"), f"{n:,}", _meter(n, found.confused[0][2]))
            for t, r, n in some
        ]
        head = ["true character", "read as", "times", ""]
        return scrolling(table(head, cells, numbers=(2,)), "the commonest confusions")

    wrong = sum(n for _, _, n in found.confused)
    lead = (
        f'<p class="lead">{number_of(found.wrong, "string")} of {found.rows:,} read wrongly, '
        f"{number_of(wrong, 'character')} in all. Strings are laid side by side so that the fewest differ.</p>"
    )
    shown = rows(found.confused[:FIRST_CONFUSIONS])
    if more := found.confused[FIRST_CONFUSIONS:MOST_CONFUSIONS]:
        shown += folded(f"{len(more)} more", rows(more))
    return lead + shown


def _places(word: str, shares: Sequence[Share]) -> str:
    """How many are right at each place, or of each length."""
    if not shares:
        return ""
    what = "strings" if word == "length" else "characters"
    return _shares(word, what, shares)


def _shares(word: str, what: str, shares: Sequence[Share]) -> str:
    most = max(s.count - s.right for s in shares)
    rows = [
        (
            escape(s.name),
            f"{s.count:,}",
            percent(s.share, 2),
            f"{s.count - s.right:,}",
            _meter(s.count - s.right, most),
        )
        for s in shares
    ]
    head = [word, what, "right", "wrong", ""]
    return scrolling(table(head, rows, numbers=(1, 2, 3)), f"scores of each {word}")


def _characters(found: CharactersEvaluation) -> str:
    every = _shares("character", "times", found.per_character)
    if len(found.per_character) <= MOST_CHARACTERS:
        return every
    hardest = _shares("character", "times", found.hardest())
    return f"<p>The {HARDEST} hardest of {len(found.per_character):,} characters.</p>{hardest}" + folded(
        "All characters", every
    )


def _meter(count: int, most: int) -> str:
    width = 120 * count / most if most else 0
    return f'<span class="meter" style="width:{width:.0f}px"></span>' if width else ""
