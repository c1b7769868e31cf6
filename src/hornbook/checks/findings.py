"""What was found when the examples were checked: counts, sizes, and a sentence for each thing to know.

Plain data, shown the same by ``hornbook look``, at the start of training and in the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from hornbook.checks.describe import Described
from hornbook.checks.describe import text as described_text
from hornbook.columns.summary import Finding, Level, Summary
from hornbook.common.blocks import Block, Fold, Span, Text
from hornbook.common.plaintext import clean, number_of
from hornbook.examples.stores import Problem

__all__ = ["Finding", "Findings", "Level"]

MOST_PROBLEMS = 10
"""So many problems are listed in a terminal; all are in `Findings.problems`."""

ON_PAGE = 200
"""And so many on a page."""

USE = {"train": "to train", "validation": "to choose the best epoch", "test": "to test"}


@dataclass(frozen=True)
class Findings:
    """All that was found.

    Attributes
    ----------
    origin
        Where the examples are from.
    splits
        Rows that can be used, of train, validation and test.
    inputs, targets
        What there is in each column that has something to say of it: sizes of pictures, classes, strings.
    findings
        What may be wrong, the worst first.
    problems
        What cannot be used, by name.
    columns
        What there is in each column of a table, where it was described.
    pictured
        Whether the examples have pictures or sounds that people can be shown.
    """

    origin: str
    splits: dict[str, int]
    inputs: tuple[Summary, ...] = ()
    targets: tuple[Summary, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    columns: tuple[Described, ...] = ()
    pictured: bool = False

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __str__(self) -> str:
        return self.text()

    @property
    def rows(self) -> int:
        """How many rows can be used."""
        return sum(self.splits.values())

    @property
    def divided(self) -> bool:
        """Whether there are rows in more than one split."""
        return sum(map(bool, self.splits.values())) > 1

    def text(self) -> str:
        """Return rows, classes, sizes and what was found, for a terminal."""
        split = ", ".join(f"{name} {count:,}" for name, count in self.splits.items())
        lines = [f"{clean(self.origin) or 'examples'}: {number_of(self.rows, 'example')}"]
        lines[0] += f" ({split})" if self.divided else ""
        lines += [line for column in self.inputs for line in column.lines()]
        lines += [described_text(self.columns)] if self.columns else []
        lines += [line for column in self.targets for line in column.lines()]
        for finding in self.findings:
            lines.append(f"{finding.level}: {finding.message}")
            if finding.code == "left-out":
                lines += [f"  {clean(problem)}" for problem in self.problems[:MOST_PROBLEMS]]
                more = len(self.problems) - MOST_PROBLEMS
                lines += [f"  and {more:,} more"] if more > 0 else []
        if not self.findings:
            lines.append("nothing wrong was found")
        return "\n".join(lines)

    def blocks(self, renewed: int = 0) -> list[Block]:
        """Return the same for a page or a notebook; ``renewed`` is how many rows were made as epochs went by."""
        used = (f"{count:,} {USE.get(name, name)}" for name, count in self.splits.items() if count)
        split = f"; {', '.join(used)}" if self.divided else ""
        more = f" As epochs went by, {renewed:,} more were made to train on." if renewed else ""
        where = self.origin or "The examples"
        out: list[Block] = [Text(f"{where}: {number_of(self.rows, 'example')}{split}.{more}", "lead")]
        for finding in self.findings:
            out.append(Text((Span(finding.level), f" {finding.message}."), finding.level))
        if not self.findings:
            out.append(Text((Span("checked"), " Nothing wrong was found in the examples."), "fine"))
        if self.problems:
            left = len(self.problems) - ON_PAGE
            named = [str(problem) for problem in self.problems[:ON_PAGE]]
            named += [f"and {left:,} more"] if left > 0 else []
            out.append(
                Fold(f"What was left out ({len(self.problems):,})", [Text(name, "small") for name in named])
            )
        for column in (*self.targets, *self.inputs):
            out += column.blocks(self.pictured)
        return out

    def _repr_html_(self) -> str:
        from hornbook.common.notebook import notebook

        return notebook(self.blocks())

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON types."""
        return asdict(self)
