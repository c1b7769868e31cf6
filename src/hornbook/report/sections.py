"""The sections of a report, each a function from the report to HTML, empty where there is nothing to say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from hornbook.columns.category.evaluation import SHARES, CategoryEvaluation
from hornbook.columns.characters.evaluation import CharactersEvaluation
from hornbook.columns.evaluation import Evaluation
from hornbook.common.blocks_html import Media, html
from hornbook.common.markup import escape
from hornbook.common.plaintext import duration, number_of, percent
from hornbook.render.charts import draw
from hornbook.render.html_parts import scored, scrolling, section, words
from hornbook.render.old_svg import Line, chart, shares
from hornbook.report.html import Report

MOST_CLASSES = 40
"""Classes that are shown at once; the others are behind a fold."""

ACROSS = 12
"""Example pictures of a class."""


def headline(report: Report) -> str:
    """What was learned, and how well, in plain words."""
    parts = [f'<p class="over">hornbook <span>report</span></p>\n<h1>{escape(report.title)}</h1>']
    for found in report.evaluations.values():
        parts.append(_verdict(found))
    if not report.evaluations:
        parts.append('<p class="verdict">Nothing has been evaluated yet.</p>')
    facts = _key_facts(report)
    return "<header>\n" + "\n".join(parts) + facts + "\n</header>"


def _verdict(found: Evaluation) -> str:
    rows = number_of(found.rows, "example")
    seen = "it learned from" if found.split == "train" else "it never learned from"
    score = escape(found.say(found.score))
    if found.type == "characters":
        whole = f"the whole <em>{escape(found.target)}</em>"
        said = f"It reads {whole} right for <strong>{score}</strong> of {rows} {seen}."
    elif found.metric == "accuracy":
        said = f"It gets <em>{escape(found.target)}</em> right for <strong>{score}</strong> of {rows} {seen}."
    else:
        metric = escape(words(found.metric))
        said = (
            f"For <em>{escape(found.target)}</em> its {metric} is <strong>{score}</strong> on {rows} {seen}."
        )
    low, high = (escape(found.say(value)) for value in found.interval)
    name, baseline = found.baseline
    more = (
        f"From so many examples, the true score is known to lie between {low} and {high} (95 % interval). "
        f"The simplest guess, {escape(name)}, would score {escape(found.say(baseline))}."
    )
    return f'<p class="verdict">{said}</p>\n{_ruler(found)}<p class="lead">{more}</p>'


def _ruler(found: Evaluation) -> str:
    """Return the score and its baseline on a line from 0 to 100 %."""
    if found.metric not in SHARES:
        return ""
    low, high = (100 * value for value in found.interval)
    score, baseline = 100 * found.score, 100 * found.baseline[1]
    said = f"score {score:.1f}, baseline {baseline:.1f}, of 100"
    box = 'class="ruler" viewBox="0 0 1000 34" preserveAspectRatio="none"'
    return (
        f'<svg {box} role="img" aria-label="{said}"><path class="track" d="M0 17H1000"/>'
        f'<path class="gain" d="M{10 * baseline:.1f} 17H{10 * score:.1f}"/>'
        f'<path class="base" d="M{10 * baseline:.1f} 7V27"/>'
        f'<rect class="band" x="{10 * low:.1f}" y="9" width="{max(10 * (high - low), 3):.1f}" height="16"/>'
        f'<path class="score" d="M{10 * score:.1f} 3V31"/></svg>\n'
    )


def _key_facts(report: Report) -> str:
    facts: list[tuple[str, str]] = []
    for found in report.evaluations.values():
        for name, value in found.metrics.items():
            if name != found.metric:
                facts.append((words(name), scored(name, value)))
        if isinstance(found, CharactersEvaluation):
            facts.append(("mistakes", f"{found.wrong:,} of {found.rows:,}"))
        if isinstance(found, CategoryEvaluation):
            wrong = sum(int(n) for t, p, n in found.confused.tolist() if t != p)
            facts.append(("mistakes", f"{wrong:,} of {found.rows:,}"))
    if report.findings is not None and report.findings.splits.get("train"):
        learned = report.findings.splits["train"] + report.renewed
        facts.append(("learned from", number_of(learned, "example")))
    if report.history and (seconds := sum(row.get("seconds", 0.0) for row in report.history)):
        facts.append(("training", f"{duration(seconds)}, {number_of(len(report.history), 'epoch')}"))
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts[:6]
    )
    return f'\n<dl class="facts">{items}</dl>' if items else ""


def data(report: Report) -> str:
    """The examples: what was found, and for each class how many there are and what they look like."""
    found = report.findings
    if found is None:
        return ""
    blocks = found.blocks(report.renewed)
    return section("data", "The examples", html(blocks, draw, Media(report.picture, report.sound)))


def curves(report: Report) -> str:
    """Loss and metric by epoch, for training and validation rows, and the learning rate."""
    history = report.history
    if not history:
        return ""
    best = _best_epoch(report)
    drawings = charts(history, best)
    rate = _column(history, "learning_rate")
    if len({r for r in rate if math.isfinite(r)}) > 1:
        line = Line("", "plain", _epochs(history), rate)
        drawn = chart("learning rate", [line], below="epoch", log=False)
        drawings.append(f"<figure><figcaption>learning rate</figcaption>{drawn}</figure>")
    facts = {"epochs": f"{len(history):,}", "best epoch": "" if best is None else f"{best:g}"}
    seconds, speed = _column(history, "seconds"), _column(history, "examples_per_second")
    if (spent := [s for s in seconds if math.isfinite(s)]) and sum(spent):
        facts["an epoch took"] = duration(sum(spent) / len(spent))
    if fast := [s for s in speed if math.isfinite(s)]:
        facts["examples a second"] = f"{sum(fast) / len(fast):,.0f}"
    items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items() if value)
    return section(
        "curves",
        "How it learned",
        f'<div class="charts">{"".join(drawings)}<dl class="facts">{items}</dl></div>',
    )


def charts(history: Sequence[Mapping[str, float]], best: float | None = None) -> list[str]:
    """Return loss and metric by epoch as charts, each for training and validation rows.

    ``best`` is the epoch whose weights were kept, which is marked.
    """
    epochs = _epochs(history)

    def pair(name: str) -> list[Line]:
        kinds = (("training", "train"), ("validation", "validation"))
        return [Line(said, kind, epochs, _column(history, f"{kind}_{name}")) for said, kind in kinds]

    mark = None if best is None or len(history) < 2 else (best, "best")
    names = dict.fromkeys(
        key.split("_", 1)[1] for row in history for key in row if key.startswith(("train_", "validation_"))
    )
    out = []
    for name in names:
        share = name.endswith(SHARES)
        drawn = (
            chart(
                words(name),
                pair(name),
                below="epoch",
                say=shares,
                say_last=lambda v: percent(v, 2),
                mark=mark,
            )
            if share
            else chart(words(name), pair(name), below="epoch", mark=mark, say_last=_three_or_whole)
        )
        if drawn:
            out.append(f"<figure><figcaption>{escape(words(name))}</figcaption>{drawn}</figure>")
    return out


def _three_or_whole(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _epochs(history: Sequence[Mapping[str, float]]) -> list[float]:
    return [row.get("epoch", i + 1) for i, row in enumerate(history)]


def _column(history: Sequence[Mapping[str, float]], name: str) -> list[float]:
    return [float(row.get(name, math.nan)) for row in history]


def _best_epoch(report: Report) -> float | None:
    """Return the epoch whose weights were kept, where the run says so."""
    said = report.about.get("best_epoch", "")
    return float(said) if said.isdecimal() else None


def formulas(report: Report) -> str:
    """A linear model as its formula."""
    said = "".join(
        f'<p class="formula"><b>{escape(formula["in_units"])}</b></p>\n'
        f'<p class="formula small">with every column standardized: {escape(formula["standardized"])}</p>'
        for formula in report.formulas
    )
    return section("formula", "What it learned, as a formula", said)


def about(report: Report) -> str:
    """Machine, versions, precision, rows, time."""
    items = "".join(
        f"<div><dt>{escape(words(k))}</dt><dd>{escape(_grouped(v))}</dd></div>"
        for k, v in report.about.items()
    )
    return section("about", "What was used", f'<dl class="about">{items}</dl>' if items else "")


def recipe(report: Report) -> str:
    """The full recipe."""
    if not report.recipe_text:
        return ""
    lines = "\n".join(escape(line) for line in report.recipe_text.splitlines())
    return section(
        "recipe", "The recipe", scrolling(f"<pre><code>{lines}</code></pre>", "the recipe as TOML")
    )


def _grouped(text: str) -> str:
    return f"{int(text):,}" if text.isdecimal() and text.isascii() and len(text) > 4 else text
