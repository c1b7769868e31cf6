"""What stands on the page of a run and on the page of look."""

from hornbook.report.report import Report, write_report

__all__ = ["Report", "write_report"]
