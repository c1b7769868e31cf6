"""The mistakes of a report with where the network looked beside each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from hornbook.columns.base import Array
from hornbook.common.blocks import Block, Gallery, Section, Text

SAID = (
    "Right of each picture, what the answer hangs on: the warmer the colour, the less likely it would be without that. "
    "Where it is the background, show it the same things before others."
)


def with_heat(sections: Iterable[Section], looked: Mapping[int, Array]) -> Iterator[Section]:
    """Yield sections, the pictures of the rows that there is something of replaced in their galleries."""
    for section in sections:
        if section.key != "mistakes" or not looked:
            yield section
            continue
        blocks: list[Block] = []
        for block in section.blocks:
            if isinstance(block, Gallery):
                blocks.append(Text(SAID, "small"))
                items = [replace(item, pixels=looked.get(item.row)) for item in block.items]
                block = replace(block, items=items)
            blocks.append(block)
        yield replace(section, blocks=blocks)
