"""``hornbook evaluate``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from hornbook.cli.arguments import Pattern, Says, pattern_change
from hornbook.cli.own_rows import SPLITS, of_run
from hornbook.cli.terminal import needs_torch, note, progress
from hornbook.common.files import write_file
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import file_stem, shown
from hornbook.errors import DataError, RecipeError, UsageError

if TYPE_CHECKING:
    from hornbook.columns.evaluation import Evaluation
    from hornbook.examples.prepare import Prepared
    from hornbook.recognizer import Recognizer
    from hornbook.recognizer.by_group import ByGroup
    from hornbook.training.cross_validation import FoldScores

MOST_PROBLEMS = 10
"""Rows that are left out and named."""


def evaluate(
    recognizer: Annotated[
        str, Says("the folder of a run, or a recognizer's file; with --folds a recipe too", "RUN|FILE.onnx")
    ],
    source: Annotated[
        str | None, Says("labelled examples to judge it on (the run's own test rows)", "SOURCE")
    ] = None,
    *,
    split: Annotated[
        str | None,
        Says("which of the run's rows: test, validation or train", choices=SPLITS, metavar="SPLIT"),
    ] = None,
    data: Annotated[
        str | None, Says("where the run's examples are now, or a built-in source's files", "DIR")
    ] = None,
    pattern: Pattern = None,
    target: Annotated[
        Sequence[str], Says("with --folds, the column of a table to predict, or several", "COLUMN")
    ] = (),
    folds: Annotated[
        int | None, Says("train anew so many times, and judge each on the rows left out", "N")
    ] = None,
    changes: Annotated[
        Sequence[str],
        Says("with --folds, set one key of the recipe: training.epochs=3", "KEY=VALUE", "--set"),
    ] = (),
    unlike: Annotated[
        bool, Says("SOURCE holds nothing of what was learned: say how well it is told apart")
    ] = False,
    by: Annotated[
        Sequence[str],
        Says("the scores by the values of this column too; may be given several times", "COLUMN"),
    ] = (),
    as_json: Annotated[bool, Says("print the evaluation as JSON", flag="--json")] = False,
    out: Annotated[str | None, Says("where to save it (evaluation, beside the recognizer)", "DIR")] = None,
) -> None:
    """Judge a recognizer on examples whose labels are known.

    Prints the accuracy with its 95 % interval, beside the baseline; precision and recall of each class; the
    confusion matrix; how much is answered, and how well, with --abstain; the worst mistakes. Saves the same as
    JSON, and as a page. Of a SOURCE, every row is judged that can be read, and whose label can be an answer
    (a string that cannot be counts as wrong); the others are named. With --folds 5, for small tables, a recipe or
    a run's recipe is trained anew on each fold, beside scikit-learn's boosted trees and network. With --unlike,
    SOURCE holds pictures or sounds of other things: how well they are told from the run's own test rows.

    With --by COLUMN the scores are given for each of its values as well: for whom, or for what, it is wrong more often.
    It may be any column of the table, also one that nothing was learned from; many numbers are cut into four parts.

    Examples
    --------
      hornbook evaluate runs/digits
      hornbook evaluate runs/digits --split validation --json
      hornbook evaluate runs/mine/recognizer.onnx my_pictures
      hornbook evaluate runs/mine --by label
      hornbook evaluate iris --folds 5
      hornbook evaluate runs/mine my_pictures --unlike
    """
    from hornbook.recognizer import load

    if unlike:
        _check_unlike(source, split, folds, changes)
    if folds is not None:
        _check_folds(source, split, by)
        _on_folds(recognizer, folds, data, [*pattern_change(pattern), *changes], target, as_json)
        return
    if changes or target:
        option = "--set" if changes else "--target"
        raise UsageError(f"{option} is for --folds: a recognizer is judged as it was trained")
    if source is not None and split is not None:
        raise UsageError(
            "--split chooses among the run's own rows, and of a SOURCE all are judged: leave it out"
        )
    reader = load(recognizer)
    if unlike:
        from hornbook.cli.unlike import evaluate_unlike

        evaluate_unlike(reader, Path(recognizer), str(source), data, as_json)
        return
    if source is not None:
        prepared, split = _of_source(reader, source, data, pattern), "test"
        prepared, judged = _not_seen(reader, prepared, Path(recognizer), source)
    else:
        prepared, split = of_run(reader, Path(recognizer), data, split)
    for problem in prepared.problems[:MOST_PROBLEMS]:
        note(f"left out: {problem}")
    if len(prepared.problems) > MOST_PROBLEMS:
        note(f"left out: {len(prepared.problems) - MOST_PROBLEMS:,} more")
    if source is not None and not all(
        len(prepared.splits["test"]) + len(prepared.unanswerable_of(n, "test")) for n in reader.targets
    ):
        raise DataError(
            f"{shown(source)}: there is no row to judge the recognizer on; its labels have to be among those "
            "that it was trained on, and its inputs readable"
        )
    groups = _by(reader, prepared, split, by)
    found = {n: _beside(e, reader, prepared) for n, e in reader.evaluate(prepared, split).items()}
    if source is not None:
        found = {n: replace(e, split=judged) for n, e in found.items()}
    _say(found, as_json, groups)
    name = split if source is None else file_stem(Path(source).resolve().name.partition(".")[0], "source")
    _save(Path(out) if out is not None else reader.path.parent / "evaluation", name, found, prepared, groups)


def _check_folds(source: str | None, split: str | None, by: Sequence[str]) -> None:
    """Raise UsageError where --folds cannot be."""
    if source is not None or split is not None:
        raise UsageError("--folds deals out the recipe's own rows: leave SOURCE and --split out")
    if by:
        raise UsageError("--by is for a recognizer that is trained: leave --folds or --by out")


def _check_unlike(source: str | None, split: str | None, folds: int | None, changes: Sequence[str]) -> None:
    """Raise UsageError where --unlike cannot be."""
    if source is None:
        raise UsageError("--unlike judges what was not learned: name a folder of such pictures or sounds")
    given = {"--folds": folds is not None, "--split": split is not None, "--set": bool(changes)}
    for option, there in given.items():
        if there:
            raise UsageError(f"--unlike judges a recognizer as it is: leave {option} out")


def _by(reader: Recognizer, prepared: Prepared, split: str, columns: Sequence[str]) -> list[ByGroup]:
    """Return the scores by the values of columns."""
    if not columns:
        return []
    from hornbook.recognizer.by_group import by_groups

    return by_groups(reader, prepared, split, columns)


def _json(found: Mapping[str, Evaluation | FoldScores], groups: Sequence[ByGroup]) -> dict[str, Any]:
    """Return the scores of each target as JSON types; those by a column stand in ``by``."""
    out = {name: scores.to_json() for name, scores in found.items()}
    for group in groups:
        out[group.target].setdefault("by", {})[group.column] = group.to_json()
    return out


def _say(found: Mapping[str, Evaluation | FoldScores], as_json: bool, groups: Sequence[ByGroup] = ()) -> None:
    """Print the scores of each target."""
    if as_json:
        print(json.dumps(_json(found, groups)))
    else:
        print("\n\n".join(scores.text() for scores in (*found.values(), *groups)))


def _on_folds(
    what: str, count: int, data: str | None, changes: Sequence[str], target: Sequence[str], as_json: bool
) -> None:
    """Train a recipe, or that of a run, anew on each fold, and print how well it does."""
    needs_torch("evaluate --folds")
    from hornbook.recipe.resolve import read, resolve_run
    from hornbook.training.cross_validation import cross_validate

    recipe, examples, _ = resolve_run(what, data=data, changes=changes, target=target, note=note)
    found = cross_validate(recipe, read(recipe) if examples is None else examples, count, progress=note)
    _say(found, as_json)


def _beside(found: Evaluation, reader: Recognizer, prepared: Prepared) -> Evaluation:
    """Return an evaluation with what other kinds of model score on the same rows."""
    from hornbook.recognizer.baselines import tfidf

    return replace(
        found, beside={**found.beside, **tfidf(prepared, reader.inputs, found.target, found.split)}
    )


def _of_source(reader: Recognizer, source: str, data: str | None, pattern: str | None) -> Prepared:
    """Return the examples of a source, all of them test rows."""
    import polars as pl

    from hornbook.examples.prepare import prepare
    from hornbook.examples.seen import respelled
    from hornbook.sources import read_examples

    examples = read_examples(source, data=data, pattern=pattern, like=reader.table_options(data or source))
    examples = examples.replace(table=examples.table.with_columns(split=pl.lit("test")))
    prepared = prepare(examples, reader.inputs, reader.targets, progress=progress())
    for said in respelled(prepared):
        note(f"warning: {said}")
    return prepared


def _not_seen(reader: Recognizer, prepared: Prepared, run: Path, source: str) -> tuple[Prepared, str]:
    """Return the rows of a source that the recognizer did not learn from, where there are any, and their name."""
    from hornbook.examples.prepare import prepare
    from hornbook.examples.seen import splits_of
    from hornbook.recipe.recipe import Recipe
    from hornbook.recipe.resolve import read
    from hornbook.recognizer import FILE
    from hornbook.sources.builtin import BUILTIN

    called = shown(Path(source).name or source)
    file = (run.parent if run.name == FILE else run) / "recipe.toml"
    if not file.is_file():
        note(
            "whether it was trained on some of these rows is not known: the run that it is from is not beside it"
        )
        return prepared, called
    recipe = Recipe.read(file)
    # What is made is made anew, and a data set that everybody has is no file of the person's own.
    if recipe.data.sources or not isinstance(recipe.data.source, str):
        return prepared, called
    if recipe.data.source in BUILTIN and recipe.data.source != source:
        return prepared, called
    try:
        trained = prepare(read(recipe), reader.inputs, reader.targets, recipe.split, progress())
    except (DataError, RecipeError):
        note("whether it was trained on some of these rows is not known: what it was trained on is not there")
        return prepared, called
    found = splits_of(prepared, trained, reader.about.get("fingerprint") == trained.fingerprint)
    rows = prepared.splits["test"]
    learned, chosen = (int((found[rows] == place).sum()) for place in (0, 1))
    if not learned and not chosen:
        return prepared, called
    other = rows[(found[rows] != 0) & (found[rows] != 1)]
    said = f"warning: of {number_of(len(rows), 'row')} of {called} it was trained on {learned:,}"
    said += f", and its best epoch was chosen by {chosen:,}" if chosen else ""
    if not len(other):
        note(f"{said}: the scores say how well it remembers them, not what it does with new ones")
        return prepared, f"{called}, all of which it knew"
    note(f"{said}; it is judged on the {number_of(len(other), 'other')}")
    return replace(
        prepared, splits={**prepared.splits, "test": other}
    ), f"{called} that it was not trained on"


def _save(
    folder: Path, name: str, found: dict[str, Evaluation], prepared: Prepared, groups: Sequence[ByGroup]
) -> None:
    """Write the evaluation as JSON and as a page."""
    from hornbook.render.page import write_page
    from hornbook.report.look import media
    from hornbook.report.report import Report, page

    text = json.dumps(_json(found, groups), indent=1, ensure_ascii=False)
    file = folder / f"{name}.json"
    write_file(file, f"{text}\n".encode(), do="say where to save the evaluation with --out")
    note(f"scores: {file}")
    title = "; ".join(e.title() for e in found.values())
    blocks = [group.block() for group in groups]
    report = Report(title=title, evaluations=found, media=media(prepared), by=blocks)
    note(f"page: {write_page(folder / f'{name}.html', page(report, 'evaluate'))}")
