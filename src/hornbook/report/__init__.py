"""What people look at: the report of a run as one page, and the same as pictures.

`html` makes the page of `sections` and `judged`, `svg` its charts; `pictures` draws PNG files with
matplotlib.
"""

from hornbook.report.html import Report, write_look, write_report

__all__ = ["Report", "write_look", "write_report"]
