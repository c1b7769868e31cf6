"""The sections about a series target: the line with its forecasts, the skill against values that need no network."""

from __future__ import annotations

from hornbook.columns.evaluation import Evaluation
from hornbook.columns.series.evaluation import NAMES, SeriesEvaluation
from hornbook.common.markup import escape, table
from hornbook.common.plaintext import number_of
from hornbook.render.html_parts import scrolling, section
from hornbook.render.old_svg import Line, chart
from hornbook.report.html import Report

MOST_DRAWN = 400
"""Points of a line; of more only the end is drawn, where the forecasts are."""

MOST_STEPS = 48


def sections(report: Report, found: Evaluation, key: str, several: str) -> str:
    """Everything about one series."""
    assert isinstance(found, SeriesEvaluation)
    parts = (
        section(f"{key}-skill", f"How well it foretells{several}", _skill(found), _drawn(found)),
        section(f"{key}-steps", f"Step by step{several}", _steps(found)),
    )
    return "\n".join(part for part in parts if part)


def _skill(found: SeriesEvaluation) -> str:
    low, high = found.interval
    rows = [
        ("mean absolute error", found.say(found.score), f"{found.say(low)} to {found.say(high)}"),
        ("root of the mean squared error", found.say(found.metrics["rmse"]), ""),
        (escape(found.baseline[0]), found.say(found.baseline[1]), ""),
        *(
            (f"skill against {escape(NAMES[name])}", f"{skill:+.3f}", f"{low:+.3f} to {high:+.3f}")
            for name, (skill, low, high) in found.skills.items()
        ),
    ]
    lead = "; ".join(f"{escape(said.partition(': ')[2])}" for said in found.verdicts())
    note = (
        '<p class="small">Skill: 1 less the mean absolute error over that of the other forecast. 0 is as good, 1 is '
        "without an error, under 0 is worse.</p>"
    )
    return (
        f'<p class="lead">The network is {lead}.</p>'
        + scrolling(table(["", "score", "95 % interval"], rows, numbers=(1, 2)), "scores")
        + note
    )


def pieces(found: SeriesEvaluation) -> tuple[list[float], list[tuple[list[float], list[float]]], int]:
    """Return the true line, the forecasts as places and values, and where the judged part begins.

    The line is broken where windows are left out between what was learned from and what is judged.
    """
    gap = min(found.gap, 1 + (len(found.before) + len(found.true)) // 4) if len(found.before) else 0
    start = len(found.before) + gap
    line = [*found.before.tolist(), *[float("nan")] * gap, *found.true.tolist()]
    drawn = [
        ([start + row[0] + i for i in range(len(row) - 1)], list(row[1:])) for row in found.forecasts.tolist()
    ]
    return line, drawn, start


def order(found: SeriesEvaluation) -> str:
    """Return what is across in a chart of the forecasts."""
    said = "the first row that each window foretells, in the order of time"
    return f"{said}; the gap is of another split" if found.gap and len(found.before) else said


def _drawn(found: SeriesEvaluation) -> str:
    line, forecasts, start = pieces(found)
    first = max(0, len(line) - MOST_DRAWN)
    xs: list[float] = []
    ys: list[float] = []
    for places, values in forecasts:
        if places[0] >= first:
            xs += [*places, places[-1]]
            ys += [*values, float("nan")]
    lines = [Line("true", "train", list(range(first, len(line))), line[first:], broken=True)]
    lines.append(Line("foretold", "validation", xs, ys, broken=len(found.steps) > 1))
    title = f"{found.target}: true, and foretold {number_of(len(found.steps), 'step')} at a time"
    below = order(found)
    mark = (float(start), found.split)
    shown = chart(title, lines, below=below, say=found.say, say_last=found.say, log=False, mark=mark)
    return f"<figure><figcaption>{escape(title)}</figcaption>{shown}</figure>" if shown else ""


def _steps(found: SeriesEvaluation) -> str:
    season = "season" in found.skills
    head = ["step", "mae", "rmse", "mae of the last value"] + (["of a season ago"] if season else [])
    rows = [
        (str(i), *(found.say(v) for v in (s.mae, s.rmse, s.last, s.season)[: len(head) - 1]))
        for i, s in enumerate(found.steps[:MOST_STEPS], 1)
    ]
    return scrolling(table(head, rows, numbers=range(1, len(head))), "errors of each step")
