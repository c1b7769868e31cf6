"""The sections of a report, each a function from the report to HTML; an empty string where there is nothing to say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hornbook.evaluation import CategoryEvaluation, ClassScore, Evaluation
from hornbook.evaluation.category import MOST_IN_MATRIX, SHARES
from hornbook.examples.findings import ClassCounts, Findings
from hornbook.examples.table import SPLITS
from hornbook.markup import escape, picture, table
from hornbook.plaintext import number_of, percent
from hornbook.report.html import Report
from hornbook.report.svg import Line, chart, shares

MOST_CLASSES = 40
"""Classes that are shown at once; the others are behind a fold."""

ACROSS = 12
"""Example pictures of a class."""


def section(name: str, title: str, *parts: str) -> str:
    """Return a section with its heading, or nothing where it holds nothing."""
    inside = "\n".join(part for part in parts if part)
    if not inside:
        return ""
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{escape(title)}</h2>\n{inside}\n</section>'


def scrolling(inside: str, label: str) -> str:
    """Return something wide in a box that scrolls by itself, with keys as well."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">{inside}</div>'


def folded(summary: str, inside: str) -> str:
    """Return something that is shown when asked for."""
    return f"<details><summary>{escape(summary)}</summary>\n{inside}</details>"


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
    score = _shown(found.metric, found.score)
    if found.metric == "accuracy":
        said = f"It gets <em>{escape(found.target)}</em> right for <strong>{score}</strong> of {rows} {seen}."
    else:
        said = f"For <em>{escape(found.target)}</em> its {escape(found.metric)} is <strong>{score}</strong> on {rows} {seen}."
    low, high = (_shown(found.metric, value) for value in found.interval)
    name, baseline = found.baseline
    more = (
        f"From so many examples it is known to within {low} and {high} (95 % interval). "
        f"The simplest guess, {escape(name)}, would score {_shown(found.metric, baseline)}."
    )
    return f'<p class="verdict">{said}</p>\n{_ruler(found)}<p class="lead">{more}</p>'


def _ruler(found: Evaluation) -> str:
    """Return the score and its baseline on a line from 0 to 100 %."""
    if found.metric not in SHARES:
        return ""
    low, high = (100 * value for value in found.interval)
    score, baseline = 100 * found.score, 100 * found.baseline[1]
    label = f"score {score:.1f}, baseline {baseline:.1f}, of 100"
    return (
        f'<svg class="ruler" viewBox="0 0 1000 34" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f'<path class="track" d="M0 17H1000"/><path class="gain" d="M{10 * baseline:.1f} 17H{10 * score:.1f}"/>'
        f'<path class="base" d="M{10 * baseline:.1f} 7V27"/>'
        f'<rect class="band" x="{10 * low:.1f}" y="9" width="{max(10 * (high - low), 3):.1f}" height="16"/>'
        f'<path class="score" d="M{10 * score:.1f} 3V31"/></svg>\n'
    )


def _key_facts(report: Report) -> str:
    facts: list[tuple[str, str]] = []
    for found in report.evaluations.values():
        for name, value in found.metrics.items():
            if name != found.metric:
                facts.append((_words(name), _shown(name, value)))
        if isinstance(found, CategoryEvaluation):
            wrong = sum(int(n) for t, p, n in found.confused.tolist() if t != p)
            facts.append(("mistakes", f"{wrong:,} of {found.rows:,}"))
    if report.findings is not None and report.findings.splits.get("train"):
        facts.append(("learned from", number_of(report.findings.splits["train"], "example")))
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
    split = ", ".join(f"{count:,} {_split_words(name)}" for name, count in found.splits.items() if count)
    lead = f'<p class="lead">{escape(found.origin or "The examples")}: {number_of(found.rows, "example")}; {split}.</p>'
    sizes = "".join(
        f'<p class="small">{escape(size.column)}: stored as {escape(size.text())}.</p>'
        for size in found.sizes
    )
    counts = "".join(_counts(report, count) for count in found.counts)
    return section("data", "The examples", lead, findings(found), counts, sizes)


def findings(found: Findings) -> str:
    """What the checks found, each a sentence with a sign of its weight."""
    if not found.findings:
        return '<p class="finding fine"><b>checked</b> Nothing wrong was found in the examples.</p>'
    lines = [
        f'<p class="finding {finding.level}"><b>{finding.level}</b> {escape(finding.message)}.</p>'
        for finding in found.findings
    ]
    if found.problems:
        items = "".join(f"<li>{escape(problem)}</li>" for problem in found.problems[:200])
        more = len(found.problems) - 200
        rest = f"<li>and {more:,} more</li>" if more > 0 else ""
        lines.append(
            folded(f"What was left out ({len(found.problems):,})", f'<ul class="problems">{items}{rest}</ul>')
        )
    return "\n".join(lines)


def _counts(report: Report, counts: ClassCounts) -> str:
    """A bar for each class, divided by split, beside some of its pictures."""
    most = max((sum(row) for row in counts.rows), default=0) or 1
    rows = []
    for name, row in zip(counts.classes, counts.rows, strict=True):
        bars = "".join(
            f'<i class="{split}" style="width:{100 * n / most:.2f}%"></i>'
            for split, n in zip(SPLITS, row, strict=True)
        )
        said = ", ".join(f"{n:,} {split}" for split, n in zip(SPLITS, row, strict=True) if n)
        shown = "".join(
            picture(report.pixels(i), f"{name}, an example", 40)
            for i in report.samples.get(name, ())[:ACROSS]
        )
        strip = f'<span class="strip">{shown}</span>' if shown else ""
        rows.append(
            f'<li><span class="class">{escape(name)}</span><span class="bar" role="img" aria-label="{said}" '
            f'title="{said}">{bars}</span><span class="count">{sum(row):,}</span>{strip}</li>'
        )
    keys = "".join(
        f'<span><i class="{split}"></i>{split}</span>'
        for split, total in zip(SPLITS, map(sum, zip(*counts.rows, strict=True)), strict=True)
        if total
    )
    legend = f'<p class="legend" aria-hidden="true">{keys}</p>'
    head = f"<h3>{escape(counts.target)}: {number_of(len(rows), 'class', 'classes')}</h3>"
    first = f'<ul class="classes">{"".join(rows[:MOST_CLASSES])}</ul>'
    if len(rows) > MOST_CLASSES:
        inside = f'<ul class="classes">{"".join(rows[MOST_CLASSES:])}</ul>'
        first += folded(f"{len(rows) - MOST_CLASSES:,} more classes", inside)
    return head + legend + first


def curves(report: Report) -> str:
    """Loss and metric by epoch, for training and validation rows, and the learning rate."""
    history = report.history
    if not history:
        return ""
    epochs = [row.get("epoch", i + 1) for i, row in enumerate(history)]

    def column(name: str) -> list[float]:
        return [float(row.get(name, math.nan)) for row in history]

    def pair(name: str) -> list[Line]:
        kinds = (("training", "train"), ("validation", "validation"))
        return [Line(said, kind, epochs, column(f"{kind}_{name}")) for said, kind in kinds]

    best = _best_epoch(report)
    mark = None if best is None or len(history) < 2 else (best, "best")
    names = dict.fromkeys(
        key.split("_", 1)[1] for row in history for key in row if key.startswith(("train_", "validation_"))
    )
    charts = []
    for name in names:
        share = name.endswith(SHARES)
        drawn = (
            chart(
                _words(name),
                pair(name),
                below="epoch",
                say=shares,
                say_last=lambda v: percent(v, 2),
                mark=mark,
            )
            if share
            else chart(_words(name), pair(name), below="epoch", mark=mark)
        )
        if drawn:
            charts.append(f"<figure><figcaption>{escape(_words(name))}</figcaption>{drawn}</figure>")
    rate = column("learning_rate")
    if len({r for r in rate if math.isfinite(r)}) > 1:
        drawn = chart("learning rate", [Line("", "plain", epochs, rate)], below="epoch", log=False)
        charts.append(f"<figure><figcaption>learning rate</figcaption>{drawn}</figure>")
    facts = {"epochs": f"{len(history):,}", "best epoch": "" if best is None else f"{best:g}"}
    seconds, speed = column("seconds"), column("examples_per_second")
    if (spent := [s for s in seconds if math.isfinite(s)]) and sum(spent):
        facts["an epoch took"] = duration(sum(spent) / len(spent))
    if fast := [s for s in speed if math.isfinite(s)]:
        facts["examples a second"] = f"{sum(fast) / len(fast):,.0f}"
    items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items() if value)
    return section(
        "curves",
        "How it learned",
        f'<div class="charts">{"".join(charts)}<dl class="facts">{items}</dl></div>',
    )


def _best_epoch(report: Report) -> float | None:
    """Return the epoch whose weights were kept, where the run says so."""
    said = report.about.get("best_epoch", "")
    return float(said) if said.isdecimal() else None


def evaluation(report: Report, found: Evaluation) -> str:
    """Everything about one target."""
    if not isinstance(found, CategoryEvaluation):
        return ""
    several = f" of {found.target}" if len(report.evaluations) > 1 else ""
    key = f"t{list(report.evaluations).index(found.target)}" if found.target in report.evaluations else "t"
    return "\n".join(
        part
        for part in (
            section(f"{key}-confusion", f"What it confuses{several}", _confusion(found)),
            section(f"{key}-mistakes", f"Its worst mistakes{several}", _gallery(report, found)),
            section(f"{key}-classes", f"Class by class{several}", _class_table(found)),
            section(f"{key}-sure", f"When it is unsure{several}", _coverage(found)),
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
        rows = [(escape(t), escape(p), f"{n:,}") for t, p, n in found.confusions(30)]
        listed = table(["true class", "read as", "times"], rows, numbers=(2,))
        return lead + scrolling(listed, "the commonest confusions")
    matrix = found.confusion
    most = max(n for _, _, n in wrong)
    head = "".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in found.classes)
    rows = []
    for i, name in enumerate(found.classes):
        cells = []
        for j, n in enumerate(matrix[i].tolist()):
            if i == j:
                cells.append(f'<td class="right">{n:,}</td>')
            elif n:
                # Logarithmic, and never pale: one mistake is to be seen beside a hundred.
                weight = 0.12 + 0.78 * math.log1p(n) / math.log1p(most)
                tone = " strong" if weight > 0.5 else ""
                title = escape(f"{found.classes[i]} read as {found.classes[j]}: {n:,}")
                cells.append(
                    f'<td class="wrong{tone}" style="--w:{100 * weight:.0f}%" title="{title}">{n:,}</td>'
                )
            else:
                cells.append('<td class="none">·</td>')
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>')
    caption = "<caption>Each row a true class, each column what it was read as.</caption>"
    body = f'<table class="confusion">{caption}<thead><tr><td></td>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return lead + scrolling(body, "confusion matrix")


def _gallery(report: Report, found: CategoryEvaluation) -> str:
    """The wrong answers it was most sure of, with their pictures."""
    if not found.mistakes:
        return ""
    cards = []
    for mistake in found.mistakes:
        alt = f"{mistake.name}: {mistake.truth}, read as {mistake.predicted}"
        shown = picture(report.pixels(mistake.row), alt, 88) if report.picture is not None else ""
        cards.append(
            f"<li>{shown}<p><b>{escape(mistake.truth)}</b><span> read as </span><b class='no'>{escape(mistake.predicted)}</b>"
            f"<small>{percent(mistake.confidence)} sure</small><small class='name' title='{escape(mistake.name)}'>{escape(tail(mistake.name))}</small></p></li>"
        )
    lead = '<p class="lead">The wrong answers it was most sure of. Some may be mistakes of the labels.</p>'
    first = f'<ul class="gallery">{"".join(cards[:24])}</ul>'
    more = (
        folded(f"{len(cards) - 24} more", f'<ul class="gallery">{"".join(cards[24:])}</ul>')
        if len(cards) > 24
        else ""
    )
    return lead + first + more


def _class_table(found: CategoryEvaluation) -> str:
    missed = {c.name: 0 if math.isnan(c.recall) else round(c.rows * (1 - c.recall)) for c in found.per_class}
    most = max(missed.values(), default=0) or 1

    def row(score: ClassScore) -> tuple[str, ...]:
        numbers = (percent(score.precision), percent(score.recall), percent(score.f1))
        bar = f'<span class="meter" style="width:{120 * missed[score.name] / most:.0f}px"></span>'
        return (escape(score.name), f"{score.rows:,}", *numbers, f"{missed[score.name]:,}", bar)

    def rows(scores: Sequence[ClassScore]) -> str:
        head = ["class", "rows", "precision", "recall", "F1", "missed", ""]
        return scrolling(table(head, map(row, scores), numbers=(1, 2, 3, 4, 5)), "scores of each class")

    note = (
        '<p class="small">Precision: of what it called so, how much was. Recall: of what was, how much it found. '
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


def _coverage(found: CategoryEvaluation) -> str:
    """What is gained by leaving unsure ones unanswered."""
    points = [c for c in found.coverage if c[1] > 0]
    if len(points) < 2:
        return ""
    drawn = chart(
        "accuracy of the answers given",
        [Line("accuracy", "validation", [100 * c[1] for c in points][::-1], [c[2] for c in points][::-1])],
        below="% of rows answered",
        say=shares,
        say_last=lambda v: percent(v, 2),
        log=False,
    )
    wanted = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
    rows = [
        (f"{t:g}", percent(share), percent(right, 2)) for t, share, right in found.coverage if t in wanted
    ]
    shown = table(["--abstain", "answered", "of these right"], rows, numbers=(1, 2))
    lead = (
        '<p class="lead">With <code>--abstain</code> an answer below that confidence is left out, for a person to look at. '
        f"Confidence and accuracy differ by {percent(found.calibration)} on average.</p>"
    )
    figure = f"<figure><figcaption>accuracy of the answers given</figcaption>{drawn}</figure>"
    return (
        lead + f'<div class="charts">{figure}<div>{scrolling(shown, "accuracy with abstaining")}</div></div>'
    )


def about(report: Report) -> str:
    """Machine, versions, precision, rows, time."""
    items = "".join(
        f"<div><dt>{escape(_words(k))}</dt><dd>{escape(v)}</dd></div>" for k, v in report.about.items()
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


def tail(name: str, limit: int = 16) -> str:
    """Return the end of a file's name, which tells it from its neighbours.

    >>> tail("pictures/of/digits/0001.png")
    '…digits/0001.png'
    """
    return name if len(name) <= limit else "…" + name[1 - limit :]


def duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> duration(7.25), duration(95), duration(7300)
    ('7.2 s', '1 min 35 s', '2 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _shown(metric: str, value: float) -> str:
    return percent(value, 2) if metric in SHARES else f"{value:.4g}"


def _words(name: str) -> str:
    return {"macro_f1": "mean F1", "top_5": "among the first 5"}.get(
        name, name.removeprefix("versions.").replace("_", " ").replace(".", " ")
    )


def _split_words(name: str) -> str:
    return {"train": "to train", "validation": "to choose the best epoch", "test": "to test"}.get(name, name)
