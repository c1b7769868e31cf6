"""Colours for classes and numbers that can be read on white and on black."""

from __future__ import annotations

from collections.abc import Sequence

CLASSES = ("#3d82cc", "#d67832", "#4a995c", "#b054a0", "#be3c3c", "#786ebe", "#8c783c", "#3c96a0")
"""Of the classes; after eight they begin again."""

STEPS = ("#3b6fb6", "#5b8fb9", "#8a9a7b", "#c28a45", "#d0552f")
"""Of a number, from low to high."""


def of_class(place: int) -> str:
    """Return the colour of a class."""
    return CLASSES[place % len(CLASSES)]


def legend(names: Sequence[str], colours: Sequence[str]) -> str:
    """Return a line of HTML that says which colour is what; the names are HTML already."""
    items = "".join(
        f'<span><i style="background:{colour}"></i>{name}</span>'
        for name, colour in zip(names, colours, strict=True)
    )
    return f'<p class="legend keys">{items}</p>'
