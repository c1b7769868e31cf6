"""Guessing a recipe for photographs: few of them are enough for a head on what another net has learned."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hornbook.errors import DataError, RecipeError
from hornbook.examples.examples import Examples
from hornbook.recipe.nested import apply_change
from hornbook.sources.backbones import BACKBONES, OFFLINE, fetch_weights, find_weights

__all__ = ["colours_of", "guess_photos", "is_photograph"]

USUAL = "mobilenet_v2"
"""The net that is guessed: 9 MB as a file, 10 ms a picture on one thread."""

COLOURS = 75
"""So many of 4,096 colours a photograph of 64 x 64 has at least: of hand signs before a white wall nine of ten have 94
and more, of photographs of written paper nine of ten have 71 and fewer; drawings have some twenty."""

LARGER = 64
"""Pixels of the longer side, above which a picture shows what the net has learned to see."""

FEW = 400
"""Up to so many rows are judged by folds alone, and blocks of the net may learn, which takes a minute at most."""

CLASSES = {"optimizer": "sgd", "learning_rate": 0.02, "weight_decay": 0.001, "initialization": "zero"}
"""How a head of classes learns: from zero, by plain descent, as logistic regression does; why is said in
`hornbook.training.few.folded`."""

SEEN = 3000
"""Training pictures that fine-tuning sees, all epochs together."""


def colours_of(picture: Any) -> int:
    """Return how many of 4,096 colours a Pillow picture has, seen at 64 x 64 pixels."""
    small = np.asarray(picture.convert("RGB").resize((64, 64))).astype(np.int64) >> 4
    return len(np.unique(small[..., 0] << 8 | small[..., 1] << 4 | small[..., 2]))


def is_photograph(width: float, height: float, colours: float) -> bool:
    """Return whether the usual picture is a photograph: large enough, with the colours of one."""
    return max(width, height) > LARGER and colours >= COLOURS


def guess_photos(
    examples: Examples,
    column: str,
    words: Mapping[str, Any],
    changes: Sequence[str],
    note: Callable[[str], None],
    fetch: bool,
) -> dict[str, Any] | None:
    """Return the sections of a recipe that starts from a net that others have trained; None where there is none.

    Parameters
    ----------
    words
        The types of the targets.
    fetch
        Whether weights that are not there are fetched.
    """
    said: dict[str, Any] = {}
    for change in changes:
        if change.lstrip().startswith("network."):
            apply_change(said, change)
    asked = said.get("network", {})
    if not isinstance(asked, dict) or asked.get("name", "pretrained") != "pretrained" or "layers" in asked:
        return None
    backbone, given = str(asked.get("backbone", USUAL)), str(asked.get("weights", ""))
    try:
        if find_weights(backbone, given) is None and (fetch or os.environ.get(OFFLINE)):
            note(f"fetching the weights of {backbone} ({BACKBONES[backbone].remote.size / 1e6:.0f} MB, once)")
            fetch_weights(backbone)
    except DataError as error:
        if asked:
            raise
        note(f"these are photographs, and this starts from nothing, which wants many of them: {error}")
        return None
    except RecipeError:  # it names no net: the recipe says so
        pass
    note(
        f"these are photographs, so it starts from {backbone}, which others have trained on a million of them: few are "
        'enough; to start from nothing: --set network.name="cnn"'
    )
    return _sections(examples, column, words, BACKBONES.get(backbone, BACKBONES[USUAL]).side, backbone)


def _sections(
    examples: Examples, column: str, words: Mapping[str, Any], side: int, backbone: str
) -> dict[str, Any]:
    """Return the sections, with what goes by the number of training rows."""
    table = examples.table
    held = (
        table["split"].is_in(["test", "validation"]).fill_null(False).sum() if "split" in table.columns else 0
    )
    rows = max(len(examples) - int(held), 1)
    few = rows <= FEW
    batch = 32 if rows < 1000 else 128
    network: dict[str, Any] = {
        "name": "pretrained",
        "backbone": backbone,
        "fine_tune": "auto" if few else "head",
        "views": max(0, min(4, 1200 // rows)),
    }
    if few:
        network |= {"classes": 64, "folds": 5, "tune_epochs": max(5, min(40, SEEN // rows))}
    training: dict[str, Any] = {
        "epochs": max(30, min(150, 10_000 // rows)),
        "batch_size": batch,
        **(
            CLASSES
            if all(word == "category" for word in words.values())
            else {"learning_rate": 0.01, "weight_decay": 0.1}
        ),
    }
    changed = {"shift": 0.08, "rotation": 10.0, "zoom": 0.15, "brightness": 0.15, "contrast": 0.2}
    return {
        "inputs": {column: {"type": "image", "size": [side, side], "channels": 3, "fit": "crop"}},
        "targets": dict(words),
        "network": network,
        **({"split": {"validation": 0.0, "test": 0.0}} if few else {}),
        "training": {**training, **({"augment": {column: changed}} if network["views"] else {})},
    }
