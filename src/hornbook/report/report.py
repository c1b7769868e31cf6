"""The report of a run: what was learned and how well, as blocks on one page.

The page needs nothing else: no outside links, no script. It is made in some tens of milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hornbook.checks.findings import Findings
from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation
from hornbook.columns.metric_names import SHARES, name_of
from hornbook.common.blocks import Block, Charts, Code, Facts, Section, Span, Text
from hornbook.common.blocks_html import NOTHING, Media
from hornbook.common.charts import Format, Line, Lines, Plane
from hornbook.common.plaintext import duration, number_of
from hornbook.render.page import page as rendered
from hornbook.render.page import write_page
from hornbook.report.looked import with_heat
from hornbook.report.parts import parts

NAME = "report.html"

History = Sequence[Mapping[str, float]]
"""A row for each epoch, as in ``history.csv``."""


@dataclass(frozen=True)
class Report:
    """What a report is made of.

    Attributes
    ----------
    title
        The name of the recipe.
    recipe_text
        The full recipe as TOML.
    history
        A row for each epoch: ``epoch``, ``train_loss``, ``validation_loss``, ``train_accuracy``,
        ``validation_accuracy``, ``learning_rate``, ``seconds``, ``examples_per_second``; what is missing is not drawn.
    evaluations
        The evaluation of each target.
    findings
        What the checks found.
    about
        Machine, versions, precision and the like, by name, in the order to be shown.
    media
        What fetches the picture and the sound of a row of the examples.
    formulas
        Of a linear model, for each target its formula as text: ``standardized`` and ``in_units``.
    surfaces
        Of a model of two numbers, what it answers over the plane.
    augmented
        Training examples as they are, and as they were trained on.
    renewed
        How many further training examples were made as epochs went by.
    looked
        Where the network looked, by the rows of mistakes.
    by
        Tables of scores by the values of columns.
    blend
        How well the parts of a blend answer each target, as its training keeps it.
    stopped
        After which step the run was stopped, where it is not finished.
    """

    title: str
    recipe_text: str = ""
    history: History = ()
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    findings: Findings | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    media: Media = NOTHING
    formulas: Sequence[Mapping[str, str]] = ()
    surfaces: Sequence[Plane] = ()
    augmented: Section | None = None
    renewed: int = 0
    looked: Mapping[int, Array] = field(default_factory=dict)
    by: Sequence[Block] = ()
    blend: Mapping[str, Any] = field(default_factory=dict)
    stopped: str = ""


def write_report(folder: Path, report: Report) -> Path:
    """Write ``report.html`` into a folder, all of it or nothing, and return its path.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    return write_page(folder / NAME, page(report))


def page(report: Report, kind: str = "report") -> str:
    """Return the report as a page; ``kind`` is the command it comes from."""
    return rendered(report.title, blocks(report), report.media, kind=kind, head=headline(report))


def blocks(report: Report) -> Iterator[Block]:
    """Yield the sections of the page."""
    if report.findings is not None:
        yield Section("data", "The examples", report.findings.blocks(report.renewed))
    if report.augmented is not None:
        yield report.augmented
    yield _learned(report)
    yield parts(report.blend)
    said = []
    for formula in report.formulas:
        said.append(Text(Span(formula["in_units"])))
        said.append(Text(f"with every column standardized: {formula['standardized']}", "small"))
    yield Section("formula", "What it learned, as a formula", said)
    if report.surfaces:
        yield _planes(report.surfaces)
    for place, found in enumerate(report.evaluations.values()):
        several = f" of {found.target}" if len(report.evaluations) > 1 else ""
        for section in with_heat(found.blocks(), report.looked):
            yield Section(f"t{place}-{section.key}", f"{section.title}{several}", section.blocks)
    note = Text("For which of them it is wrong more often; few rows say little.", "lead")
    yield Section("by", "Scores by the values of a column", [note, *report.by] if report.by else [])
    about = [
        (name_of(k.removeprefix("versions.").replace(".", " ")), _grouped(v)) for k, v in report.about.items()
    ]
    yield Section("about", "What was used", [Facts(about, small=True)] if about else [])
    recipe = [Code(report.recipe_text, "the recipe as TOML")] if report.recipe_text else []
    yield Section("recipe", "The recipe", recipe)


def headline(report: Report) -> Iterator[Block]:
    """Yield what was learned, and how well, in plain words."""
    if report.stopped:
        yield Text(
            f"This run is not finished: it was {report.stopped}. What stands here is what it knew then."
        )
    for found in report.evaluations.values():
        yield Text(found.verdict(), "verdict")
        if (ruler := found.ruler()) is not None:
            yield ruler
        low, high = map(found.say, found.interval)
        name, baseline = found.baseline
        yield Text(
            f"From so many examples, the true score is known to lie between {low} and {high} (95 % interval). "
            f"The simplest guess, {name}, would score {found.say(baseline)}.",
            "lead",
        )
        if len(report.evaluations) > 1:
            yield Facts(found.facts())
    if not report.evaluations:
        yield Text("Nothing has been evaluated yet.", "verdict")
    facts = found.facts() if len(report.evaluations) == 1 else []
    if report.findings is not None and report.findings.splits.get("train"):
        facts.append(("learned from", number_of(report.findings.splits["train"] + report.renewed, "example")))
    if report.history and (seconds := sum(row.get("seconds", 0.0) for row in report.history)):
        facts.append(("training", f"{duration(seconds)}, {number_of(len(report.history), 'epoch')}"))
    yield Facts(facts)


def _learned(report: Report) -> Section:
    """Return loss and metric by epoch, the learning rate, and how long it took."""
    history = report.history
    if not history:
        return Section("curves", "How it learned", [])
    said = report.about.get("best_epoch", "")
    best = float(said) if said.isdecimal() else None
    charts = curves(history, best)
    rate = _values(history, "learning_rate")
    if len({r for r in rate if math.isfinite(r)}) > 1:
        charts.append(Lines("learning rate", [Line("", _epochs(history), rate)], across="epoch", log=False))
    facts = [("epochs", f"{len(history):,}")]
    if best is not None:
        facts.append(("best epoch", f"{best:g}"))
    if (spent := [s for s in _values(history, "seconds") if math.isfinite(s)]) and sum(spent):
        facts.append(("an epoch took", duration(sum(spent) / len(spent))))
    if fast := [s for s in _values(history, "examples_per_second") if math.isfinite(s)]:
        facts.append(("examples a second", f"{sum(fast) / len(fast):,.0f}"))
    return Section("curves", "How it learned", [Charts(charts, beside=Facts(facts))])


def curves(history: History, best: float | None = None) -> list[Lines]:
    """Return loss and metrics by epoch, each for training and validation rows.

    ``best`` is the epoch whose weights were kept, which is marked.
    """
    marks = [] if best is None or len(history) < 2 else [(best, "best")]
    names = dict.fromkeys(
        key.split("_", 1)[1] for row in history for key in row if key.startswith(("train_", "validation_"))
    )
    out = []
    for name in names:
        share = name.endswith(SHARES)
        lines = [
            Line("training", _epochs(history), _values(history, f"train_{name}"), "train"),
            Line("validation", _epochs(history), _values(history, f"validation_{name}"), "validation"),
        ]
        ticks: Format = "share" if share else "number"
        ends: Format = "share2" if share else "whole"
        out.append(Lines(name_of(name), lines, across="epoch", ticks=ticks, ends=ends, marks=marks))
    return out


def _epochs(history: History) -> list[float]:
    return [row.get("epoch", i + 1) for i, row in enumerate(history)]


def _values(history: History, name: str) -> list[float]:
    return [float(row.get(name, math.nan)) for row in history]


def _planes(surfaces: Sequence[Plane]) -> Section:
    sure = ", the stronger the colour the surer" if any(s.sure is not None for s in surfaces) else ""
    lead = f"What it answers at every point of the plane{sure}; dots are training examples."
    return Section(
        "surface",
        "Over the plane",
        [Text(lead, "lead"), Charts(surfaces, size="single" if len(surfaces) == 1 else "")],
    )


def _grouped(text: str) -> str:
    return f"{int(text):,}" if text.isdecimal() and text.isascii() and len(text) > 3 else text
