"""The evaluations of all targets of a recognizer, which show themselves."""

from __future__ import annotations

from hornbook.columns.evaluation import Evaluation
from hornbook.common.blocks import Section, Text


class Evaluations(dict[str, Evaluation]):
    """An evaluation for each target, by its name.

    It prints as a sentence for each, and shows itself in a notebook as on the page.
    """

    def __repr__(self) -> str:
        return "\n".join(evaluation.line() for evaluation in self.values())

    def _repr_html_(self) -> str:
        from hornbook.common.notebook import notebook

        said = [
            part
            for name, found in self.items()
            for part in (Section(name, name, [Text(found.verdict())]), *found.blocks())
        ]
        return notebook(said)
