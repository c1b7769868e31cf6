"""Blocks in a notebook: with a style of their own that takes the notebook's colours and touches nothing else."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.resources import files

from hornbook.common.blocks import Block
from hornbook.common.blocks_html import NOTHING, Draw, Media, html


def notebook(blocks: Iterable[Block], draw: Draw | None = None, media: Media = NOTHING) -> str:
    """Return blocks as HTML that needs nothing else; without ``draw``, charts are left out."""
    return f'<div class="hornbook"><style>\n{_style()}</style>\n{html(blocks, draw, media)}</div>'


@functools.cache
def _style() -> str:
    return (files("hornbook.common") / "notebook.css").read_text("utf-8")
