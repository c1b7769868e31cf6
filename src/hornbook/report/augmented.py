"""What training saw: examples as they are, and each as it is in some epochs."""

from __future__ import annotations

from collections.abc import Mapping

from hornbook.columns.augment import Augment
from hornbook.columns.summary import spread
from hornbook.common.blocks import Picture, Section, Table, Text
from hornbook.examples.prepare import Prepared

SHOWN = 10
"""Examples that are shown."""

TIMES = 8
"""Epochs that are shown of each."""

WIDEST = 92
"""Pixels that one may be wide on the page."""


def augmented(prepared: Prepared, augment: Mapping[str, Augment], seed: int) -> Section | None:
    """Return training examples beside what each becomes in some epochs, run or not; None where nothing is augmented.

    Parameters
    ----------
    augment
        The options by the name of the input; those of the first that people can see are shown.
    seed
        That of the training.
    """
    import torch

    from hornbook.networks.inputs import make_augment, make_input

    seen = ((n, options) for n, options in augment.items() if prepared.inputs[n].shows)
    name, given = next(seen, ("", None))
    changing = None if given is None else make_augment(given)
    if changing is None or not changing.active or not len(prepared.splits["train"]):
        return None
    rows = spread(prepared.splits["train"], SHOWN)
    column = prepared.inputs[name]
    unit = make_input(name, [column]).unit(torch.from_numpy(column.trim(prepared.arrays[name].take(rows))))
    epochs = [changing(unit, seed=seed, epoch=i, rows=torch.from_numpy(rows)) for i in range(TIMES)]
    shown = [[column.drawn(one) for one in some.numpy()] for some in (unit, *epochs)]
    wide = max(pixels.shape[1] / pixels.shape[0] for pixels in shown[0])
    high = round(min(84, WIDEST / wide))
    lines = [
        [Picture(row, f"example {place + 1}", each[place], height=high) for each in shown]
        for place, row in enumerate(rows.tolist())
    ]
    head = ["as it is", *(f"epoch {epoch + 1}" for epoch in range(TIMES))]
    said = Text(
        f"{len(lines)} training examples, and what augmentation makes of each in {TIMES} epochs.", "lead"
    )
    return Section("augmented", "As it is trained on", [said, Table("augmented examples", head, lines)])
