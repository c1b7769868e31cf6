"""What a recognizer takes and gives, for the page and for ``/about``."""

from __future__ import annotations

from typing import Any

from hornbook.recognizer import Recognizer


def about_model(reader: Recognizer) -> dict[str, Any]:
    """Return the name of the recipe, and what each input and target is, as JSON types."""
    return {
        "recipe": reader.about.get("recipe", ""),
        "inputs": {
            n: c.about_value() | ({"from": c.source} if c.source else {}) for n, c in reader.inputs.items()
        },
        "targets": {n: c.about_value() for n, c in reader.targets.items()},
    }
