"""``hornbook look``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from hornbook.cli.arguments import Changes, DataPlace, Pattern, RecipeFor, Says, Target, pattern_change
from hornbook.cli.terminal import needs_torch, note, plain, progress
from hornbook.common.safe_names import shown
from hornbook.errors import NoTarget, UsageError, one_of

if TYPE_CHECKING:
    from hornbook.checks.findings import Findings
    from hornbook.common.blocks import Block
    from hornbook.examples.examples import Examples
    from hornbook.examples.prepare import Prepared
    from hornbook.recipe import Recipe
    from hornbook.training.run import Run

PAGE = "look.html"

WAYS = ("pca", "tsne", "umap")

MOST_NAMES = 12
"""Columns that are named where one of them may be meant."""


def look(
    source: Annotated[
        str, Says("examples (a folder, an archive, a file), or a recipe's name or file", "SOURCE")
    ],
    *,
    augment: Annotated[bool, Says("also show what the recipe's augmentation does to real examples")] = False,
    run: Annotated[
        str | None,
        Says("a trained run: labels that are likely wrong, a map, neighbours, the odd ones", "RUN"),
    ] = None,
    like: Annotated[
        Sequence[str], Says("with --run: a file (or a text) of which the nearest examples are shown", "FILE")
    ] = (),
    way: Annotated[
        str | None,
        Says("with --run: how the map is made; pca by default", "pca|tsne|umap", "--map", choices=WAYS),
    ] = None,
    recipe: RecipeFor = None,
    changes: Changes = (),
    data: DataPlace = None,
    target: Target = (),
    pattern: Pattern = None,
    out: Annotated[str, Says("the folder for the page", "DIR")] = "look",
) -> None:
    """Show what is in the data, and what is wrong with it.

    Prints how many examples each class and split has, the pictures' sizes, and what the checks found:
    files that cannot be read, classes with few examples, the same picture twice or under two labels, pictures
    that are in two splits. Writes a page with examples of each class.

    Of a table it prints what is in each column, and what the checks found: columns that say nothing or are the
    answer itself, rows that are there twice, values that are missing. Writes a page with charts: histograms and box
    plots, what goes with what, lines over time, lengths and commonest words of texts.

    With --run, a run of such examples says of which rows another label is likelier: each row is judged by a model that
    did not learn from it. They stand on the page as pictures, and all rows in labels.csv beside it. Its codes show a
    map of the examples, the nearest ones of some and of what is given by --like, and the odd ones out: those that an
    autoencoder rebuilds worst, or that are farthest from all others. --map tsne needs scikit-learn, umap umap-learn.

    Examples
    --------
      hornbook look my_pictures
      hornbook look digits --augment
      hornbook look my_pictures --run runs/mine
      hornbook look my_pictures --run runs/mine --map tsne --like photo.png
      hornbook look houses.csv
      hornbook look houses.csv --target price
      hornbook look my_pictures --set inputs.image.fit=ink --set inputs.image.ink=auto --out ink
    """
    from hornbook.checks.check import check_prepared
    from hornbook.examples.align import with_sources
    from hornbook.examples.prepare import prepare
    from hornbook.recipe.resolve import read, read_told, resolve

    changes = [*pattern_change(pattern), *changes]
    if run is None and (way or like):
        raise UsageError(f"{'--like' if like else '--map'} is for the codes of a run: name one with --run")
    trained = None if run is None else _trained(run, recipe)
    by = recipe if trained is None else trained.recipe
    try:
        chosen, examples = resolve(
            source,
            recipe=by,
            data=data,
            changes=changes,
            target=target,
            note=note,
            shown=False,
        )
    except NoTarget:
        look_without_target(read_told(source, data, changes), Path(out))
        return
    examples = with_sources(read(chosen) if examples is None else examples, chosen.inputs, chosen.targets)
    inputs, targets = chosen.inputs, chosen.targets
    if trained is not None:
        inputs, targets = trained.recognizer.inputs, trained.recognizer.targets
    prepared = prepare(examples, inputs, targets, chosen.split, progress())
    findings = check_prepared(prepared)
    more = as_trained_on(prepared, chosen) if augment else []
    if trained is not None:
        from hornbook.cli.look_run import look_with

        strange, blocks = look_with(trained, prepared, Path(out), way or "pca", like)
        findings = replace(findings, findings=(*findings.findings, *strange))
        more = [*blocks, *more]
    show(Path(out), examples, prepared, findings, more)


def _trained(run: str, recipe: str | None) -> Run:
    """Return a trained run; UsageError where a recipe is given too."""
    if recipe is not None:
        raise UsageError("--run brings the recipe that it was trained by: leave --recipe out")
    needs_torch("look --run")
    from hornbook.training import Run

    return Run(run)


def show(
    out: Path, examples: Examples, prepared: Prepared, findings: Findings, more: Sequence[Block] = ()
) -> None:
    """Print what was found, and write the page."""
    from hornbook.checks.describe import describe
    from hornbook.render.page import page, write_page
    from hornbook.report import look as report

    if not examples.stores:
        findings = replace(findings, columns=describe(examples, prepared.targets))
    print(plain(findings.text()))
    title = shown(Path(examples.origin).name) or "examples"
    blocks = [*report.blocks(examples, prepared, findings), *more]
    path = write_page(out / PAGE, page(title, blocks, report.media(prepared), kind="look"))
    note(f"page: {path}")


def look_without_target(examples: Examples, out: Path) -> None:
    """Show what is in a table of which it is not said which column is to be predicted: all columns, all rows."""
    from hornbook.checks.check import check_prepared, table_inputs
    from hornbook.checks.infer import infer_kind
    from hornbook.examples.prepare import prepare
    from hornbook.examples.split import Split

    kinds = {cells.name: infer_kind(cells).kind for cells in examples.table}
    inputs = table_inputs({name: kind for name, kind in kinds.items() if name != "split"})
    prepared = prepare(examples, inputs, {}, Split(validation=0, test=0))
    findings = check_prepared(prepared)
    # Nothing is split yet, and rows are only the same where all columns are.
    left = {"no-test", "no-validation", "not-an-input"} | (
        {"duplicates"} if len(inputs) < len(kinds) else set()
    )
    found = tuple(f for f in findings if f.code not in left)
    show(out, examples, prepared, replace(findings, findings=found))
    names = [name for name, kind in kinds.items() if kind in ("number", "category")]
    if names:
        note(
            "to see what goes with what, say which column is to be predicted: --target, one of "
            f"{one_of(names[:MOST_NAMES])}{', ...' if len(names) > MOST_NAMES else ''}"
        )


def as_trained_on(prepared: Prepared, recipe: Recipe) -> list[Block]:
    """Return training examples as they are, and each as it is in some epochs; UsageError where they stay so."""
    needs_torch("look --augment")
    from hornbook.report.augmented import augmented

    found = augmented(prepared, recipe.training.augment, recipe.training.seed)
    if found is not None:
        return [found]
    such = next((f"{n}.{c.augment_example}" for n, c in recipe.inputs.items() if c.augment_example), None)
    if such is None:
        raise UsageError("--augment is for pictures and sounds, and no input is one: leave it out")
    raise UsageError(
        f"the recipe {recipe.name} augments nothing: set what it should do, such as --set training.augment.{such}"
    )
