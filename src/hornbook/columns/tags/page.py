"""Tags in a page without a server."""

from __future__ import annotations

from hornbook.columns.page import Page
from hornbook.columns.tags.column import TagsColumn


class TagsPage(Page[TagsColumn]):
    """Several names at once."""
