"""The sections about one target: what is confused, the worst mistakes, each class, what abstaining gains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module

from hornbook.columns.category.evaluation import MOST_IN_MATRIX, CategoryEvaluation, ClassScore
from hornbook.columns.characters.evaluation import CharactersEvaluation
from hornbook.columns.evaluation import Evaluation
from hornbook.common.markup import escape, percent, picture, sound, table
from hornbook.common.plaintext import clean, number_of, shorten
from hornbook.render.html_parts import STRONG, folded, label, scrolling, section, tail
from hornbook.render.old_svg import Line, chart, shares
from hornbook.report.html import Report

MOST_CLASSES = 40
"""Classes that are shown at once; of more, the hardest, and the others behind a fold."""

FIRST_MISTAKES = 24
"""Mistakes that are shown at once."""

LONGEST_QUOTE = 400
"""Cells of a text that is quoted."""

MISTAKES = '<p class="lead">The wrong answers it was most sure of. Some may be mistakes of the labels.</p>'

MOST_SOUNDS = 12
"""Mistakes that can be listened to: a page is sent by mail, and a sound has up to 160 KB."""


SECTIONS = {
    "characters": "hornbook.report.judged_characters",
    "number": "hornbook.report.judged_number",
    "series": "hornbook.report.judged_series",
    "text": "hornbook.report.judged_text",
}
"""For each type of target, but categories, the module whose function ``sections`` says everything about it."""


def evaluation(report: Report, found: Evaluation) -> str:
    """Everything about one target."""
    several = f" of {found.target}" if len(report.evaluations) > 1 else ""
    key = f"t{list(report.evaluations).index(found.target)}" if found.target in report.evaluations else "t"
    if found.type in SECTIONS:
        said: str = import_module(SECTIONS[found.type]).sections(report, found, key, several)
        return said
    if not isinstance(found, CategoryEvaluation):
        return ""
    return "\n".join(
        part
        for part in (
            section(f"{key}-confusion", f"What it confuses{several}", _confusion(found)),
            section(f"{key}-mistakes", f"Its worst mistakes{several}", _gallery(report, found)),
            section(f"{key}-classes", f"Class by class{several}", _class_table(found)),
            section(f"{key}-sure", f"When it is unsure{several}", coverage(found)),
        )
        if part
    )


def _confusion(found: CategoryEvaluation) -> str:
    """The matrix where it can be read, and the commonest confusions."""
    wrong = found.confusions(10)
    if not wrong:
        return f'<p class="lead">Not one mistake in {number_of(found.rows, "example")}.</p>'
    said = "; ".join(
        f"<b>{escape(t)}</b> read as <b>{escape(p)}</b> {number_of(n, 'time')}" for t, p, n in wrong[:3]
    )
    lead = f'<p class="lead">Most often: {said}.</p>'
    if len(found.classes) > MOST_IN_MATRIX:
        most = [(escape(t), escape(p), f"{n:,}") for t, p, n in found.confusions(30)]
        listed = table(["true class", "read as", "times"], most, numbers=(2,))
        return lead + scrolling(listed, "the commonest confusions")
    said = '<p class="small">Each row a true class, each column what it was read as.</p>'
    return lead + said + scrolling(_matrix(found), "confusion matrix")


def _matrix(found: CategoryEvaluation) -> str:
    """The confusion matrix as a table, each mistake as dark as it is common."""
    most = found.confusions(1)[0][2]
    head = "".join(f'<th scope="col">{label(name, 14)}</th>' for name in found.classes)
    lines = []
    for i, row in enumerate(found.confusion.tolist()):
        cells = []
        for j, n in enumerate(row):
            if i == j:
                cells.append(f'<td class="right">{n:,}</td>')
            elif n:
                # Between linear and logarithmic, and never pale: one mistake is seen beside a hundred.
                weight = 0.14 + 0.76 * (math.log1p(n) / math.log1p(most)) ** 2
                tone = " strong" if weight > STRONG else ""
                title = escape(f"{found.classes[i]} read as {found.classes[j]}: {n:,}")
                cells.append(
                    f'<td class="wrong{tone}" style="--w:{100 * weight:.0f}%" title="{title}">{n:,}</td>'
                )
            else:
                cells.append('<td class="none">·</td>')
        lines.append(f'<tr><th scope="row">{label(found.classes[i], 24)}</th>{"".join(cells)}</tr>')
    body = f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<table class="confusion">{body}</table>'


def _gallery(report: Report, found: CategoryEvaluation) -> str:
    """The wrong answers it was most sure of, with their pictures."""
    if not found.mistakes:
        return ""
    if report.picture is None and not sound(report.heard(found.mistakes[0].row), ""):
        return _quoted(found)
    cards = []
    for number, mistake in enumerate(found.mistakes):
        alt = f"{mistake.name}: {mistake.truth}, read as {mistake.predicted}"
        shown = "" if report.picture is None else picture(report.pixels(mistake.row), alt, side=88)
        if number < MOST_SOUNDS:
            shown += sound(report.heard(mistake.row), alt)
        cards.append(
            f"<li>{shown}<p><b>{label(mistake.truth, 24)}</b><span> read as </span>"
            f'<b class="no">{label(mistake.predicted, 24)}</b>'
            f"<small>{percent(mistake.confidence)} sure</small>"
            f'<small class="name" title="{escape(mistake.name)}">{escape(tail(mistake.name))}</small>'
            "</p></li>"
        )
    shown = f'<ul class="gallery">{"".join(cards[:FIRST_MISTAKES])}</ul>'
    if more := cards[FIRST_MISTAKES:]:
        shown += folded(f"{len(more)} more", f'<ul class="gallery">{"".join(more)}</ul>')
    return MISTAKES + shown


def _quoted(found: CategoryEvaluation) -> str:
    """The wrong answers it was most sure of, a line each: texts in full, rows of tables by their number."""
    rows = [
        (
            f"<b>{label(m.truth, 24)}</b>",
            f'<span class="no">{label(m.predicted, 24)}</span>',
            percent(m.confidence),
            escape(shorten(clean(m.name), LONGEST_QUOTE)),
        )
        for m in found.mistakes
    ]

    def lines(some: Sequence[tuple[str, ...]]) -> str:
        made = table(["true", "read as", "sure", ""], some, numbers=(2,))
        return f'<div class="mistakes">{scrolling(made, "mistakes")}</div>'

    shown = lines(rows[:FIRST_MISTAKES])
    if more := rows[FIRST_MISTAKES:]:
        shown += folded(f"{len(more)} more", lines(more))
    return MISTAKES + shown


def _class_table(found: CategoryEvaluation) -> str:
    missed = {c.name: 0 if math.isnan(c.recall) else round(c.rows * (1 - c.recall)) for c in found.per_class}
    most = max(missed.values(), default=0) or 1

    def row(score: ClassScore) -> tuple[str, ...]:
        numbers = (percent(score.precision), percent(score.recall), percent(score.f1))
        width = 120 * missed[score.name] / most
        bar = f'<span class="meter" style="width:{width:.0f}px"></span>' if width else ""
        return (escape(score.name), f"{score.rows:,}", *numbers, f"{missed[score.name]:,}", bar)

    def rows(scores: Sequence[ClassScore]) -> str:
        head = ["class", "rows", "precision", "recall", "F1", "missed", ""]
        return scrolling(table(head, map(row, scores), numbers=(1, 2, 3, 4, 5)), "scores of each class")

    note = (
        '<p class="small">Precision: of what it called so, how much was. '
        "Recall: of what was, how much it found. "
        "F1: their harmonic mean.</p>"
    )
    if len(found.per_class) <= MOST_CLASSES:
        return rows(found.per_class) + note
    hardest = sorted((s for s in found.per_class if s.rows), key=lambda s: s.f1)[:MOST_IN_MATRIX]
    return (
        f"<p>The {MOST_IN_MATRIX} hardest of {len(found.per_class):,} classes.</p>"
        + rows(hardest)
        + note
        + folded("All classes", rows(found.per_class))
    )


def coverage(found: CategoryEvaluation | CharactersEvaluation) -> str:
    """What is gained by leaving unsure ones unanswered."""
    # Of a handful of answers the accuracy is noise.
    points = [c for c in found.coverage if c[1] * found.rows >= max(10, 0.005 * found.rows)]
    drawn = ""
    if len({share for _, share, _ in points}) > 1:
        line = Line(
            "accuracy", "validation", [100 * c[1] for c in points][::-1], [c[2] for c in points][::-1]
        )
        title = "accuracy of the answers given"
        drawn = f"<figure><figcaption>{title}</figcaption>" + (
            chart(title, [line], below="% of rows answered", say=shares, say_last=_two_digits, log=False)
            + "</figure>"
        )
    wanted = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
    kept = [c for c in found.coverage if c[0] in wanted and c[1]]
    rows = [(f"{t:g}", percent(share), percent(right, 2)) for t, share, right in kept]
    shown = scrolling(
        table(["--abstain", "answered", "of these right"], rows, numbers=(1, 2)), "with abstaining"
    )
    lead = (
        '<p class="lead">With <code>--abstain</code> an answer below that confidence is left out, '
        "for a person to look at. "
        f"Confidence and accuracy differ by {percent(found.calibration)} on average.</p>"
    )
    return f'{lead}<div class="charts">{drawn}<div>{shown}</div></div>'


def _two_digits(share: float) -> str:
    return percent(share, 2)
