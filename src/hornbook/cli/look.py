"""``hornbook look``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from hornbook.cli.arguments import Says
from hornbook.cli.terminal import note, plain, progress
from hornbook.errors import MissingExtra, RunError, UsageError

if TYPE_CHECKING:
    from PIL import Image

    from hornbook.examples.prepared import Prepared
    from hornbook.recipe import Recipe

PAGE, AUGMENTED = "look.png", "augmented.png"

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

    Examples
    --------
      hornbook look my_pictures
      hornbook look digits --augment
      hornbook look my_pictures --set inputs.image.fit=ink --set inputs.image.ink=auto --out ink
    """
    from hornbook.examples.checks import check_prepared
    from hornbook.examples.prepared import prepare
    from hornbook.recipe.resolve import read, resolve

    said = [] if pattern is None else [f"data.pattern={json.dumps(pattern, ensure_ascii=False)}"]
    chosen, examples = resolve(source, recipe=recipe, data=data, changes=[*said, *changes], target=target)
    options = {k: getattr(chosen.split, k) for k in ("validation", "test", "seed", "group")}
    prepared = prepare(
        read(chosen) if examples is None else examples, chosen.inputs, chosen.targets, options, progress()
    )
    findings = check_prepared(prepared)
    print(plain(findings.text()))
    folder = Path(out)
    if augment:
        _save(augmented(prepared, chosen), folder / AUGMENTED)
    _page(prepared, folder / PAGE)


def augmented(prepared: Prepared, recipe: Recipe) -> Image.Image:
    """Return a page of training examples, each as it is and then as it is in some epochs.

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

    from hornbook.cli.seen import grid
    from hornbook.training.augment import Augment

    name, given = next(iter(recipe.training.augment.items()), ("", None))
    changing = None if given is None else Augment(**vars(given))
    if changing is None or not changing.active:
        raise UsageError(
            f"the recipe {recipe.name} augments nothing: set what it should do, such as "
            f"--set training.augment.{next(iter(recipe.inputs))}.rotation=10"
        )
    train = prepared.splits["train"]
    places = np.unique(np.linspace(0, len(train) - 1, min(SHOWN, len(train))).astype(np.int64))
    encoded = prepared.arrays[name].take(train[places])
    unit = torch.from_numpy(encoded).permute(0, 3, 1, 2).float() / 255
    rows = torch.from_numpy(train[places])
    epochs = [changing(unit, seed=recipe.training.seed, epoch=epoch, rows=rows) for epoch in range(TIMES)]
    pictures = [(e.permute(0, 2, 3, 1) * 255).round().to(torch.uint8).numpy() for e in epochs]
    return grid([[encoded[i], *(p[i] for p in pictures)] for i in range(len(places))])


def _page(prepared: Prepared, path: Path) -> None:
    """Write the page of examples, counts and sizes."""


def _save(picture: Image.Image, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise RunError(f"{path} cannot be written ({reason}): name another folder with --out") from None
    note(f"picture: {path}")
