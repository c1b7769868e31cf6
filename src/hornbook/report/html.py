"""The report of a run: one page that needs nothing else.

No outside links, no script; light and dark as the reader's system says; readable on a phone and by a screen
reader. Charts are inline SVG and tables are HTML, so class names show in any writing. The page is made in
some tens of milliseconds, and without matplotlib.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from hornbook.checks.findings import Findings
from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation
from hornbook.common.files import write_file
from hornbook.common.markup import escape

if TYPE_CHECKING:
    from hornbook.report.surface import Surface

NAME = "report.html"


@dataclass(frozen=True)
class Report:
    """What a report is made of; plain data, and a function that returns pictures.

    Attributes
    ----------
    title
        The name of the recipe.
    recipe_text
        The full recipe as TOML.
    history
        A row for each epoch, as in ``history.csv``: ``epoch``, ``train_loss``, ``validation_loss``,
        ``train_accuracy``, ``validation_accuracy``, ``learning_rate``, ``seconds``, ``examples_per_second``;
        what is missing is not drawn.
    evaluations
        The evaluation of each target.
    findings
        What the checks found.
    about
        Machine, versions, precision and the like, by name, in the order to be shown.
    picture
        Returns the encoded picture of a row of the table, ``uint8`` of shape ``(H, W, C)``, or None where
        there is none.
    sound
        Returns the sound of a row as a small WAV file, None where there is none.
    formulas
        Of a linear model, for each target its formula as text: ``standardized`` and ``in_units``.
    surfaces
        Of a model of two numbers, what it answers over the plane.
    renewed
        How many further training examples were made as epochs went by.
    """

    title: str
    recipe_text: str = ""
    history: Sequence[Mapping[str, float]] = ()
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    findings: Findings | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    picture: Callable[[int], Array | None] | None = None
    sound: Callable[[int], bytes | None] | None = None
    formulas: Sequence[Mapping[str, str]] = ()
    surfaces: Sequence[Surface] = ()
    renewed: int = 0

    def pixels(self, row: int) -> Array | None:
        """Return the picture of a row, None where there is none."""
        return None if self.picture is None else self.picture(row)

    def heard(self, row: int) -> bytes | None:
        """Return the sound of a row, None where there is none."""
        return None if self.sound is None else self.sound(row)


def write_report(folder: Path, report: Report) -> Path:
    """Write ``report.html`` into a folder, all of it or nothing, and return its path.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    return write_page(folder / NAME, page(report))


def page(report: Report) -> str:
    """Return the report as a page."""
    from hornbook.render import blocks_html as judged
    from hornbook.report import sections
    from hornbook.report.surface import surface_sections

    parts = [
        sections.headline(report),
        sections.data(report),
        sections.curves(report),
        sections.formulas(report),
        surface_sections(report.surfaces),
        *(judged.evaluation(report, evaluation) for evaluation in report.evaluations.values()),
        sections.about(report),
        sections.recipe(report),
    ]
    return render(report.title, "\n".join(part for part in parts if part))


def render(title: str, body: str) -> str:
    """Return a whole page from its title, as text, and its body, as HTML."""
    here = files("hornbook.render")
    template = Template((here / "page.html").read_text("utf-8"))
    style = (here / "page.css").read_text("utf-8")
    return template.substitute(title=escape(title), style=style, body=body)


def write_page(path: Path, text: str) -> Path:
    """Write a page; see `hornbook.common.files.writing`."""
    return write_file(path, text.encode("utf-8", "backslashreplace"))
