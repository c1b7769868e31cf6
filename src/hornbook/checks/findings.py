"""What was found when the examples were checked: counts, sizes, and a sentence for each thing to know.

Plain data, shown the same by ``hornbook look``, at the start of training and in the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from hornbook.checks.describe import Described
from hornbook.checks.describe import text as described_text
from hornbook.checks.repeats import Strings
from hornbook.common.plaintext import clean, number_of, shorten, table
from hornbook.examples.split import SPLITS
from hornbook.examples.stores import Problem

Level = Literal["error", "warning", "note"]

MOST_LINES = 20
"""Up to so many classes are all listed in a terminal."""

MOST_PROBLEMS = 10
"""So many problems are listed in a terminal; all are in `Findings.problems`."""


@dataclass(frozen=True)
class Finding:
    """One thing that may be wrong.

    Attributes
    ----------
    level
        ``error``: nothing good can come of it; ``warning``: the score will be worse, or not to be believed;
        ``note``: good to know.
    code
        A short word for programs.
    message
        One sentence: what, where, and what to do.
    names
        The first few files, rows or classes it is about.
    count
        How many there are.
    """

    level: Level
    code: str
    message: str
    names: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class ClassCounts:
    """How many examples each class of a target has.

    Attributes
    ----------
    target
        The name of the target.
    classes
        The names, in the order of the column.
    rows
        For each class the rows in train, validation and test.
    """

    target: str
    classes: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Sizes:
    """The sizes and modes in which the pictures of a column are stored.

    Attributes
    ----------
    column
        The name of the column.
    common
        The commonest sizes: width, height, how many; at most 500 of them.
    different
        How many different sizes there are.
    smallest, middle, largest
        Width and height of the picture with the smallest, the middle and the largest area.
    modes
        How many there are of each of Pillow's modes (``L``, ``RGB``, ``RGBA``, ...).
    """

    column: str
    common: tuple[tuple[int, int, int], ...]
    different: int
    smallest: tuple[int, int]
    middle: tuple[int, int]
    largest: tuple[int, int]
    modes: dict[str, int]

    def text(self) -> str:
        """Return one line."""
        modes = ", ".join(f"{name} {count:,}" for name, count in self.modes.items())
        modes = next(iter(self.modes)) if len(self.modes) == 1 else modes
        if self.different == 1:
            return f"{_by(self.smallest)} pixels, {modes}"
        spread = f"{_by(self.smallest)} to {_by(self.largest)}, in the middle {_by(self.middle)}"
        return f"{self.different:,} sizes from {spread} pixels; {modes}"


@dataclass(frozen=True)
class Lengths:
    """How long the sounds of a column are, and how they are stored.

    Attributes
    ----------
    column
        The name of the column.
    shortest, middle, longest
        Seconds.
    rates
        How many there are of each number of samples a second.
    modes
        How many there are of each kind of samples: ``16 bits mono``.
    """

    column: str
    shortest: float
    middle: float
    longest: float
    rates: dict[int, int]
    modes: dict[str, int]

    def text(self) -> str:
        """Return one line."""
        spread = f"{self.shortest:.3g} s"
        if self.longest > self.shortest:
            spread += f" to {self.longest:.3g} s, in the middle {self.middle:.3g} s"
        parts = [
            _each({f"{rate:,} samples a second": n for rate, n in self.rates.items()}),
            _each(self.modes),
        ]
        return f"{spread}; {'; '.join(parts)}"


def _each(counts: dict[str, int]) -> str:
    """Return what there is of each; the word alone where there is only one."""
    return next(iter(counts)) if len(counts) == 1 else ", ".join(f"{w} ({n:,})" for w, n in counts.items())


@dataclass(frozen=True)
class Findings:
    """All that was found.

    Attributes
    ----------
    origin
        Where the examples are from.
    splits
        Rows that can be used, of train, validation and test.
    counts
        For each target that is a category, its classes.
    sizes
        For each column of pictures, their sizes.
    lengths
        For each column of sounds, how long they are.
    findings
        What may be wrong, the worst first.
    problems
        What cannot be used, by name.
    columns
        What there is in each column of a table, where it was described.
    strings
        For each target that is a string, its lengths and characters.
    """

    origin: str
    splits: dict[str, int]
    counts: tuple[ClassCounts, ...] = ()
    sizes: tuple[Sizes, ...] = ()
    lengths: tuple[Lengths, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    columns: tuple[Described, ...] = ()
    strings: tuple[Strings, ...] = ()

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

    def text(self) -> str:
        """Return rows, classes, sizes and what was found, for a terminal."""
        split = ", ".join(f"{name} {count:,}" for name, count in self.splits.items())
        lines = [f"{clean(self.origin) or 'examples'}: {number_of(self.rows, 'example')} ({split})"]
        lines += [f"{clean(sizes.column)}: {sizes.text()}" for sizes in self.sizes]
        lines += [f"{clean(sounds.column)}: {sounds.text()}" for sounds in self.lengths]
        lines += [described_text(self.columns)] if self.columns else []
        for counts in self.counts:
            lines += _count_lines(counts)
        for strings in self.strings:
            lines += strings.lines()
        for finding in self.findings:
            lines.append(f"{finding.level}: {finding.message}")
            if finding.code == "left-out":
                lines += [f"  {clean(problem)}" for problem in self.problems[:MOST_PROBLEMS]]
                more = len(self.problems) - MOST_PROBLEMS
                lines += [f"  and {more:,} more"] if more > 0 else []
        if not self.findings:
            lines.append("nothing wrong was found")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON types."""
        return asdict(self)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def _count_lines(counts: ClassCounts) -> list[str]:
    """Return a row for each class; of many, the first, the last, and how many there are between."""
    used = [i for i in range(len(SPLITS)) if any(row[i] for row in counts.rows)]
    body = [
        [f"  {shorten(clean(name), 40)}", *(f"{row[i]:,}" for i in used)]
        for name, row in zip(counts.classes, counts.rows, strict=True)
    ]
    if len(body) > MOST_LINES:
        left = len(body) - MOST_LINES + 4
        body = [*body[: MOST_LINES - 7], [f"  ... {left:,} more"], *body[-3:]]
    head = [f"  {clean(counts.target)}", *(SPLITS[i] for i in used)]
    return table([head, *body], "<>")
