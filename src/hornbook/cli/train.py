"""``hornbook train``."""

from __future__ import annotations

from typing import Annotated

from hornbook.cli.arguments import Changes, DataPlace, Pattern, RecipeFor, Says, Target, pattern_change


def train(
    what: Annotated[
        str, Says("a recipe's name or file, or the examples: a folder, an archive, a table", "WHAT")
    ],
    *,
    run: Annotated[str | None, Says("the folder to write (runs/ and the recipe's name)", "DIR")] = None,
    recipe: RecipeFor = None,
    data: DataPlace = None,
    changes: Changes = (),
    target: Target = (),
    pattern: Pattern = None,
    metric: Annotated[
        str | None,
        Says(
            "what the threshold between two classes is chosen for: f1, recall@precision=0.9, precision@recall=0.9, or "
            "cost=10 (a missed one of the rarer class costs as much as ten false alarms)"
        ),
    ] = None,
    tensorboard: Annotated[
        bool, Says("write scalars, the graph and histograms of the weights for TensorBoard into the run")
    ] = False,
    device: Annotated[
        str | None,
        Says("where to train; a GPU of CUDA if there is one", choices=("cpu", "cuda", "mps")),
    ] = None,
    fresh: Annotated[bool, Says("start again instead of going on where a run stopped")] = False,
) -> None:
    """Train a recognizer, or go on where training stopped.

    Writes a folder with the recognizer (recognizer.onnx), curves, scores and a report (report.html). Ctrl-C
    saves and stops; the same command goes on, and ends with the same bits as if it had never been stopped.
    Examples without a recipe get a guessed one, which is shown and kept. Under torchrun several processes share
    the work: torchrun --nproc-per-node 2 -m hornbook train digits --set training.shards=2

    Examples
    --------
      hornbook train digits
      hornbook train my_pictures --run runs/mine
      hornbook train my_pictures --run runs/longer --set training.epochs=30
      hornbook train mine.toml --data my_pictures --run runs/other
    """
    import hornbook

    wanted = [] if metric is None else [f"metric={metric}"]
    where = [] if device is None else [f"training.device={device}"]
    hornbook.train(
        what,
        run=run,
        recipe=recipe,
        data=data,
        changes=[*pattern_change(pattern), *where, *wanted, *changes],
        target=target,
        fresh=fresh,
        tensorboard=tensorboard,
    )
