"""Texts in a page without a server."""

from __future__ import annotations

from typing import Any

import numpy as np

from hornbook.columns.page import Page
from hornbook.columns.text.column import TextColumn

COMMON = 400
"""Tokens that a text for the check is made of."""


class TextPage(Page[TextColumn]):
    """Texts, in words or characters."""

    def objection(self) -> str:
        """Return that Chinese words are jieba's."""
        if self.column.chosen_tokenizer == "blanks":
            return "its texts are cut at blanks, which a page does not do"
        if self.column.chosen_tokenizer != "jieba":
            return ""
        return (
            "its Chinese words are found with jieba's dictionary, which is no part of a page (tokenizer = "
            '"characters" needs none)'
        )

    def made_up(self, draw: np.random.Generator) -> Any:
        """Return common tokens in a row, with one that is not known."""
        known = [token for token in (self.column.known or ())[:COMMON] if token.strip()] or ["a"]
        found = [str(word) for word in draw.choice(known, 12)]
        between = "" if self.column.of_characters else " "
        return between.join([*found[:5], "Zyxw", *found[5:]])
