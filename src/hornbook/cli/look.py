"""``hornbook look``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from hornbook.cli.arguments import Says, pattern_change
from hornbook.cli.terminal import note, plain, progress
from hornbook.common.files import write_file
from hornbook.common.safe_names import shown
from hornbook.errors import MissingExtra, NoTarget, UsageError, one_of

if TYPE_CHECKING:
    from types import ModuleType

    from hornbook.checks.findings import Findings
    from hornbook.columns.base import Array
    from hornbook.examples.examples import Examples
    from hornbook.examples.prepare import Prepared
    from hornbook.recipe import Recipe

PAGE, TABLE_PAGE, AUGMENTED = "look.png", "look.html", "augmented.png"

MOST_NAMES = 12
"""Columns that are named where one of them may be meant."""

SHOWN, TIMES = 10, 8
"""Examples of an augmentation page, and how often each is changed: as in so many epochs."""


def look(
    source: Annotated[
        str, Says("examples (a folder, an archive, a file), or a recipe's name or file", "SOURCE")
    ],
    *,
    augment: Annotated[bool, Says("also show what the recipe's augmentation does to real examples")] = False,
    recipe: Annotated[
        str | None, Says("a recipe for the examples, in place of a guessed one", "NAME|FILE")
    ] = None,
    changes: Annotated[
        Sequence[str], Says("set one key of the recipe: split.test=0.2", "KEY=VALUE", "--set")
    ] = (),
    data: Annotated[
        str | None, Says("where the examples are, in place of the recipe's source", "DIR")
    ] = None,
    target: Annotated[str | None, Says("the column of a table to predict", "COLUMN")] = None,
    pattern: Annotated[
        str | None, Says('where labels stand in file names: "{digit}_{}.png"', "PATTERN")
    ] = None,
    out: Annotated[str, Says("the folder for the pictures", "DIR")] = "look",
) -> None:
    """Show what is in the data, and what is wrong with it.

    Prints how many examples each class and split has, the pictures' sizes, and what the checks found:
    files that cannot be read, classes with few examples, the same picture twice or under two labels, pictures
    that are in two splits. Writes a page with examples of each class.

    Of a table it prints what is in each column, and what the checks found: columns that say nothing or are the
    answer itself, rows that are there twice, values that are missing. Writes a page with charts: histograms and box
    plots, what goes with what, lines over time, lengths and commonest words of texts.

    Examples
    --------
      hornbook look my_pictures
      hornbook look digits --augment
      hornbook look houses.csv
      hornbook look houses.csv --target price
      hornbook look my_pictures --set inputs.image.fit=ink --set inputs.image.ink=auto --out ink
    """
    from dataclasses import replace

    from hornbook.checks.check import check_prepared
    from hornbook.checks.describe import describe
    from hornbook.checks.samples import samples
    from hornbook.examples.prepare import prepare
    from hornbook.recipe.resolve import read, read_told, resolve

    changes = [*pattern_change(pattern), *changes]
    try:
        chosen, examples = resolve(source, recipe=recipe, data=data, changes=changes, target=target)
    except NoTarget:
        look_without_target(read_told(source, data, changes), Path(out))
        return
    options = {k: getattr(chosen.split, k) for k in ("validation", "test", "seed", "group")}
    examples = read(chosen) if examples is None else examples
    prepared = prepare(examples, chosen.inputs, chosen.targets, options, progress())
    findings = check_prepared(prepared)
    if not examples.stores:
        findings = replace(findings, columns=describe(examples))
    print(plain(findings.text()))
    pictures = drawing() if examples.stores or augment else None
    if not examples.stores:
        write_table_page(Path(out) / TABLE_PAGE, examples, prepared, findings)
    elif pictures is None:
        note('pictures of it need a package that is not installed: pip install "hornbook[look]"')
    else:
        page = pictures.look(findings, pictures_of(prepared), samples(prepared), ground="white")
        save_picture(Path(out) / PAGE, page)
    if augment:
        originals, versions = augmented(prepared, chosen)
        if pictures is not None:
            save_picture(Path(out) / AUGMENTED, pictures.augmented(originals, versions, ground="white"))


def look_without_target(examples: Examples, out: Path) -> None:
    """Show what is in a table of which it is not said which column is to be predicted: all columns, all rows."""
    from dataclasses import replace

    from hornbook.checks.check import check_prepared
    from hornbook.checks.describe import describe
    from hornbook.checks.kinds import kind_of
    from hornbook.checks.table import TYPES
    from hornbook.columns.kinds import column_types
    from hornbook.examples.prepare import prepare

    types = column_types()
    kinds = {cells.name: kind_of(cells).kind for cells in examples.table}
    inputs = {name: types[kind]() for name, kind in kinds.items() if kind in TYPES and name != "split"}
    prepared = prepare(examples, inputs, {}, {"validation": 0, "test": 0})
    findings = check_prepared(prepared)
    # Nothing is split yet, and rows are only the same where all columns are.
    left = {"no-test", "no-validation", "not-an-input"} | (
        {"duplicates"} if len(inputs) < len(kinds) else set()
    )
    found = tuple(f for f in findings if f.code not in left)
    findings = replace(findings, findings=found, columns=describe(examples))
    print(plain(findings.text()))
    write_table_page(out / TABLE_PAGE, examples, prepared, findings)
    names = [name for name, kind in kinds.items() if kind in ("number", "category")]
    if names:
        note(
            "to see what goes with what, say which column is to be predicted: --target, one of "
            f"{one_of(names[:MOST_NAMES])}{', ...' if len(names) > MOST_NAMES else ''}"
        )


def write_table_page(path: Path, examples: Examples, prepared: Prepared, findings: Findings) -> None:
    """Write the page about a table, and say where."""
    from hornbook.report.html import Report, write_look
    from hornbook.report.look_table import table_sections

    title = shown(Path(examples.origin).name) or "table"
    write_look(path, Report(title, findings=findings), table_sections(examples, prepared, findings.columns))
    note(f"page: {path}")


def augmented(prepared: Prepared, recipe: Recipe) -> tuple[list[Array], list[list[Array]]]:
    """Return training examples as they are, and each as it is in some epochs.

    Raises
    ------
    MissingExtra
        PyTorch, which augments, is not installed.
    UsageError
        The recipe augments nothing.
    """
    try:
        import torch
    except ModuleNotFoundError as error:
        raise MissingExtra("look --augment", "train") from error
    import numpy as np

    from hornbook.networks.inputs import make_augment, make_input

    name, given = next(iter(recipe.training.augment.items()), ("", None))
    changing = None if given is None else make_augment(given)
    if changing is None or not changing.active:
        options = {"image": "rotation=10", "audio": "gain=6"}
        such = next((f"{n}.{options[c.type]}" for n, c in recipe.inputs.items() if c.type in options), None)
        if such is None:
            raise UsageError("--augment is for pictures and sounds, and no input is one: leave it out")
        raise UsageError(
            f"the recipe {recipe.name} augments nothing: set what it should do, such as --set training.augment.{such}"
        )
    train = prepared.splits["train"]
    rows = train[np.unique(np.linspace(0, len(train) - 1, min(SHOWN, len(train))).astype(np.int64))]
    column = prepared.inputs[name]
    unit = make_input(name, [column]).unit(torch.from_numpy(column.trim(prepared.arrays[name].take(rows))))
    seed, numbers = recipe.training.seed, torch.from_numpy(rows)
    epochs = [changing(unit, seed=seed, epoch=epoch, rows=numbers) for epoch in range(TIMES)]
    shown = [[column.drawn(one) for one in some.numpy()] for some in (unit, *epochs)]
    return shown[0], [[changed[i] for changed in shown[1:]] for i in range(len(rows))]


def drawing() -> ModuleType | None:
    """Return what draws pictures with matplotlib, or None where that is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError:
        return None
    from hornbook.render import montage as pictures

    return pictures


def pictures_of(prepared: Prepared) -> Callable[[int], Array | None]:
    """Return what gives the picture of a row, as the network is given it."""
    import numpy as np

    name, column = next(((n, c) for n, c in prepared.inputs.items() if c.shows), ("", None))

    def picture(row: int) -> Array | None:
        return None if column is None else column.picture(prepared.arrays[name].take(np.array([row]))[0])

    return picture


def save_picture(path: Path, png: bytes) -> None:
    """Write a picture, and say where."""
    write_file(path, png, do="name another folder with --out")
    note(f"picture: {path}")
