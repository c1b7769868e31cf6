"""Guessing a recipe for strings in pictures and sounds: labels that hardly ever come twice are no classes."""

from __future__ import annotations

from typing import Any

from hornbook.recipe.recipe import Recipe

SEEN = 28_000
"""Sounds that are heard in a whole training, as in the recipe ``captcha_audio``."""


USUAL = (192, 60)
"""Width and height of the pictures of ``captcha_real``: strings of up to eight characters are read well at it."""

A_CHARACTER = 24
"""Pixels across that a character of a longer string has, where its picture is that wide: as in ``captcha_real``."""

WIDEST = 2048

STRIDES = (8, 4, 2)


def string_size(width: float, height: float, longest: int) -> tuple[tuple[int, int], int]:
    """Return width and height, and the pixels of a step, for strings of up to ``longest`` characters in such pictures.

    There are more than two steps for each character, as CTC needs them.

    >>> string_size(200, 50, 5), string_size(480, 40, 13), string_size(1600, 48, 44), string_size(160, 60, 12)
    (((192, 60), 8), ((320, 40), 8), ((1056, 48), 8), ((192, 60), 4))
    """
    size, across = USUAL, USUAL[0]
    if longest * A_CHARACTER > across:
        across = min(max(across, round(width)), longest * A_CHARACTER, WIDEST)
        size = (across, min(max(round(height), 32), 64))
    steps = 2 * longest + 1
    stride = next((stride for stride in STRIDES if across >= steps * stride), STRIDES[-1])
    across = max(across, steps * stride)
    return (-(-across // 16) * 16, size[1]), stride


def guess_strings(
    column: str,
    target: str,
    rows: int,
    size: tuple[tuple[int, int], int] | None = None,
    rate: int | None = None,
) -> dict[str, Any]:
    """Return the sections of a recipe for strings: those of ``captcha_real``, or of ``captcha_audio`` for sounds.

    Parameters
    ----------
    column, target
        The pictures or sounds, and what stands in them.
    rows
        How many there are: of few sounds more epochs are needed.
    size
        Where they are pictures: their width and height, and the pixels of a step.
    rate
        Samples a second, where they are sounds.
    """
    given = Recipe.read("captcha_real" if rate is None else "captcha_audio").given
    ((name, source),) = given["inputs"].items()
    source, network = dict(source), dict(given["network"])
    training = dict(given["training"])
    if "augment" in training:
        training["augment"] = {column: training["augment"][name]}
    if rate is not None:
        source = {**{k: v for k, v in source.items() if k != "seconds"}, "sample_rate": rate}
        training["epochs"] = int(min(100, max(14, SEEN // max(rows, 1))))
    elif size is not None:
        source["size"] = list(size[0])
        if size[1] != STRIDES[0]:
            network["width_stride"] = size[1]
    return {
        "inputs": {column: source},
        "targets": {target: {"type": "characters", "steps": True}},
        "network": network,
        "training": training,
    }
