"""Strings in a page without a server."""

from __future__ import annotations

from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.page import Page


class CharactersPage(Page[CharactersColumn]):
    """Strings that are read, place by place or with CTC."""
