"""``hornbook train``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from hornbook.cli.arguments import Says, pattern_change


def train(
    what: Annotated[
        str, Says("a recipe's name or file, or the examples: a folder, an archive, a table", "WHAT")
    ],
    *,
    run: Annotated[str | None, Says("the folder to write (runs/ and the recipe's name)", "DIR")] = None,
    recipe: Annotated[
        str | None, Says("a recipe for the examples, in place of a guessed one", "NAME|FILE")
    ] = None,
    data: Annotated[
        str | None, Says("where the examples are, in place of the recipe's source", "DIR")
    ] = None,
    changes: Annotated[
        Sequence[str], Says("set one key of the recipe: training.epochs=3", "KEY=VALUE", "--set")
    ] = (),
    target: Annotated[str | None, Says("the column of a table to predict", "COLUMN")] = None,
    pattern: Annotated[
        str | None, Says('where labels stand in file names: "{digit}_{}.png"', "PATTERN")
    ] = None,
    tensorboard: Annotated[
        bool, Says("write scalars, the graph and histograms of the weights for TensorBoard into the run")
    ] = False,
    fresh: Annotated[bool, Says("start again instead of going on where a run stopped")] = False,
) -> None:
    """Train a recognizer, or go on where training stopped.

    Writes a folder with the recognizer (recognizer.onnx), curves, scores and a report (report.html). Ctrl-C
    saves and stops; the same command goes on, and ends with the same bits as if it had never been stopped.
    Examples without a recipe get a guessed one, which is shown and kept.

    Examples
    --------
      hornbook train digits
      hornbook train my_pictures --run runs/mine
      hornbook train my_pictures --run runs/longer --set training.epochs=30
      hornbook train mine.toml --data my_pictures --run runs/other
    """
    import hornbook

    hornbook.train(
        what,
        run=run,
        recipe=recipe,
        data=data,
        changes=[*pattern_change(pattern), *changes],
        target=target,
        fresh=fresh,
        tensorboard=tensorboard,
    )
