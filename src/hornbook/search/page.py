"""The page of a search: its trials as a table and as lines over epochs, what mattered, and what the winner changes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hornbook.columns.metric_names import SHARES, name_of
from hornbook.common.blocks import Bar, Block, Cell, Charts, Code, Facts, Section, Span, Style, Table, Text
from hornbook.common.charts import Format, Line, Lines, Points
from hornbook.common.plaintext import clean, duration
from hornbook.recipe.space import OneOf
from hornbook.render.page import page, write_page
from hornbook.search.draw import importances
from hornbook.search.folder import PAGE, WINNER, Plan, Trial
from hornbook.search.result import SURE, Result
from hornbook.search.said import SAID, value_said

MOST_LINES = 40
"""Trials that are drawn over epochs: the best ones."""


def write_search(folder: Path, result: Result) -> Path:
    """Write ``search.html`` into the folder of a search, and return its path."""
    plan = result.plan
    text = page(plan.recipe.name, _blocks(result), kind="search", head=_head(result))
    return write_page(folder / PAGE, text)


def _head(result: Result) -> Iterator[Block]:
    plan, target = result.plan, result.target
    winner, default = result.winner[target], result.default[target]
    metric = name_of(winner.metric)
    if result.chosen.number:
        yield Text(("The winner has ", Span(result.said(result.winner)), f" {metric}."), "verdict")
    else:
        yield Text(("The recipe itself stays: ", Span(result.said(result.winner)), f" {metric}."), "verdict")
    yield Text(
        f"Of {len(result.trials)} trials, judged on {result.judges} alone, trial {result.best.number} has the best "
        f"score. The winner and the recipe itself were then judged once on {winner.rows:,} {winner.split} rows.",
        "lead",
    )
    if result.share is not None and result.best.number:
        yield Text(
            f"In {result.share:.0%} of 200 draws of {result.judges} trial {result.best.number} is better than the "
            f"recipe itself. From {SURE:.0%} on it is taken; below, it may be so by luck.",
            "small",
        )
    spent = sum(t.seconds for t in result.trials)
    yield Facts(
        [
            (f"winner, {winner.split} rows", result.said(result.winner)),
            (f"the recipe itself, {default.split} rows", result.said(result.default)),
            ("trials", f"{len(result.trials)}, {sum(t.state == 'early' for t in result.trials)} ended early"),
            ("training", duration(spent)),
            ("drawn by", plan.by),
        ]
    )


def _blocks(result: Result) -> Iterator[Block]:
    plan, trials = result.plan, result.trials
    differences = [
        (key, value_said(trials[0].settings.get(key)), value_said(value))
        for key, value in result.chosen.settings.items()
        if value != trials[0].settings.get(key)
    ]
    changed: list[Block] = [
        Table("what the winner changes", ["key", "recipe", "winner"], differences, numbers=(1, 2)),
        Text(
            (
                "Its run, with its report: ",
                Span(f"{WINNER}/report.html", "code"),
                ".",
            ),
            "small",
        ),
    ]
    same = [Text(f"Nothing: the recipe's own settings stay. Its run is the folder {WINNER}.")]
    yield Section("changes", "What the winner changes", changed if differences else same)
    yield Section("trials", "The trials", [_table(plan, trials, result)])
    yield Section("finals", "Judged again", list(_finals(result)))
    yield Section("curves", "Over epochs", list(_curves(plan, trials, result)))
    yield Section("settings", "Each setting and the score", list(_settings(plan, trials)))
    yield Section(
        "recipe",
        "The recipe of the winner",
        [Code(plan.with_settings(result.chosen.settings).to_toml(), "TOML")],
    )


def _table(plan: Plan, trials: Sequence[Trial], result: Result) -> Table:
    """Return the trials, the best first, those that ended early or not at all behind."""
    rows: list[list[Cell]] = []
    for trial in _ordered(plan, trials):
        score = "" if trial.score is None else plan.target.say_score(trial.score)
        mark = "winner" if trial.number == result.chosen.number else SAID[trial.state]
        if trial.number == 0:
            mark = f"{mark}, the recipe itself".lstrip(", ")
        settings = [value_said(trial.settings.get(key)) for key in plan.space]
        style: Style = "strong" if trial.number == result.chosen.number else ""
        epochs = f"{len(trial.history)}"
        rows.append(
            [
                Span(f"{trial.number:04}", style),
                Span(score, style),
                *settings,
                epochs,
                duration(trial.seconds),
                mark,
            ]
        )
    names = [clean(key.rpartition(".")[2]).replace("_", " ") for key in plan.space]
    head = ["trial", name_of(plan.target.metric), *names, "epochs", "took", ""]
    return Table("trials", head, rows, numbers=tuple(range(1, len(head) - 1)), first=30)


def _finals(result: Result) -> Iterator[Block]:
    """Yield what folds say of the best trials; nothing where there were none."""
    found, target = result.finals, result.plan.target
    if found is None:
        return
    yield Text(
        f"The best trials and the recipe itself, trained again on {found.count} folds: each of {found.rows:,} rows is "
        "judged by a network that has not learned from it. Test rows take no part.",
        "lead",
    )
    rows: list[list[Cell]] = [
        [f"{number:04}" if number else "the recipe itself", target.say_score(score)]
        for number, score in found.scores.items()
    ]
    yield Table("the best trials on folds", ["trial", name_of(target.metric)], rows, numbers=(1,))


def _ordered(plan: Plan, trials: Sequence[Trial]) -> list[Trial]:
    sign = -1 if plan.target.metric_larger_is_better else 1
    places = ("done", "early", "begun", "failed")
    return sorted(
        trials,
        key=lambda t: (
            places.index(t.state),
            sign * (t.score if t.score is not None else math.inf),
            t.number,
        ),
    )


def _curves(plan: Plan, trials: Sequence[Trial], result: Result) -> Iterator[Block]:
    lines = []
    for trial in reversed(_ordered(plan, [t for t in trials if t.history])[:MOST_LINES]):
        rows = [row for row in trial.history if plan.score in row]
        chosen = trial.number == result.chosen.number
        colour: Any = "validation" if chosen else "train" if trial.number == 0 else "plain"
        name = "winner" if chosen else "recipe" if trial.number == 0 else ""
        lines.append(Line(name, [r["epoch"] for r in rows], [r[plan.score] for r in rows], colour))
    if any(len(line.x) > 1 for line in lines):
        share = plan.target.metric in SHARES
        ticks: Format = "share" if share else "number"
        title = f"{name_of(plan.target.metric)} on validation rows, a line for each trial"
        ends: Format = "share2" if share else "three"
        yield Charts([Lines(title, lines, across="epoch", ticks=ticks, ends=ends)], size="single")


def _settings(plan: Plan, trials: Sequence[Trial]) -> Iterator[Block]:
    known = [t for t in trials if t.score is not None and t.state in ("done", "early")]
    found = importances(plan, trials)
    if found:
        most = max(found.values())
        rows: list[list[Cell]] = [
            [clean(key), f"{value:.0%}", Bar(value / most if most else 0.0)]
            for key, value in sorted(found.items(), key=lambda item: -item[1])
        ]
        yield Table("how much each setting mattered", ["setting", "share", ""], rows, numbers=(1,))
        yield Text(
            "How much the score hangs on each setting (PED-ANOVA, of the trials trained to their end). With few trials "
            "this is a hint.",
            "small",
        )
    charts = []
    for key, part in plan.space.items():
        if not isinstance(part, OneOf):
            there = [t for t in known if isinstance(t.settings.get(key), (int, float))]
            log = part.log and min((t.settings[key] for t in there), default=0) > 0
            x = [math.log10(t.settings[key]) if log else float(t.settings[key]) for t in there]
            across = f"log10 of {clean(key)}" if log else clean(key)
            y = [t.score for t in there if t.score is not None]
            if len(there) > 1:
                charts.append(Points(clean(key), x, y, across, name_of(plan.target.metric)))
    if charts:
        yield Charts(charts)
    for key, part in plan.space.items():
        if isinstance(part, OneOf) and known:
            yield _choices(plan, key, part, known)


def _choices(plan: Plan, key: str, part: OneOf, known: Sequence[Trial]) -> Table:
    rows: list[list[Cell]] = []
    for value in part.values:
        scores = sorted(t.score for t in known if t.settings.get(key) == value and t.score is not None)
        best = (scores[-1] if plan.target.metric_larger_is_better else scores[0]) if scores else None
        middle = scores[len(scores) // 2] if scores else None
        said = [plan.target.say_score(v) if v is not None else "" for v in (best, middle)]
        rows.append([value_said(value), f"{len(scores)}", *said])
    return Table(clean(key), [clean(key), "trials", "best", "middle"], rows, numbers=(1, 2, 3))
