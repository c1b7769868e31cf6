"""Keys that were called otherwise once: recipes, runs and ``--set`` that have an old name still work.

The options of a column name their old names themselves (`hornbook.columns.base.Column.renamed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hornbook.columns.kinds import column_types
from hornbook.errors import RecipeError

__all__ = ["RENAMED", "new_key", "rename_keys"]

RENAMED = {
    "data.source": {"generate": "make"},
    "data.sources": {"generate": "make"},
    "training": {"clip": "max_grad_norm", "start": "initialization"},
    "network": {
        "rate": "learning_rate",
        "leaves": "max_leaf_nodes",
        "least": "min_samples_leaf",
        "letters": "character_ngrams",
        "spread": "init_std",
        "both_ways": "bidirectional",
        "shrink": "width_stride",
        "reach": "step_kernel",
    },
}
"""Today's name of each key that had another one, by the section."""


def rename_keys(tree: dict[str, Any], origin: str) -> list[str]:
    """Give old keys of a recipe their new names, in place, and return a sentence for each.

    Raises
    ------
    RecipeError
        A section has a key by its old and by its new name.

    Examples
    --------
    >>> tree = {"training": {"clip": 1.0}}
    >>> rename_keys(tree, "mine.toml"), tree
    (['mine.toml: training.clip is now called training.max_grad_norm'], {'training': {'max_grad_norm': 1.0}})
    """
    said = []
    for key, section in _sections(tree):
        names = _names(tree, key)
        for old in [name for name in section if name in names]:
            new = names[old]
            if new in section:
                raise RecipeError(
                    f"{origin}: {key}.{old} is now called {key}.{new}, and both are set: leave {old} out"
                )
            renamed = {names[k] if k == old else k: v for k, v in section.items()}
            section.clear()
            section.update(renamed)
            said.append(f"{origin}: {key}.{old} is now called {key}.{new}")
    return said


def new_key(tree: Mapping[str, Any], key: str) -> str:
    """Return today's name of a dotted key that a recipe's values may be changed by.

    >>> new_key({}, "training.clip"), new_key({}, "training.epochs")
    ('training.max_grad_norm', 'training.epochs')
    """
    section, _, name = key.rpartition(".")
    return f"{section}.{_names(tree, section).get(name, name)}"


def _sections(tree: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the sections that may have old keys, by their dotted names."""
    columns = [
        (f"{part}.{name}", column)
        for part in ("inputs", "targets")
        if isinstance(tree.get(part), dict)
        for name, column in tree[part].items()
    ]
    data = tree.get("data")
    given = data if isinstance(data, dict) else {}
    sources = given.get("sources")
    made = [("data.source", given.get("source"))]
    made += [("data.sources", one) for one in (sources if isinstance(sources, list) else ())]
    sections = [*((name, tree.get(name)) for name in RENAMED), *made, *columns]
    return [(name, section) for name, section in sections if isinstance(section, dict)]


def _names(tree: Mapping[str, Any], section: str) -> Mapping[str, str]:
    """Return the old names of a section's keys, each with today's."""
    part, _, name = section.partition(".")
    if part not in ("inputs", "targets"):
        return RENAMED.get(section, {})
    columns = tree.get(part)
    column = columns.get(name) if isinstance(columns, dict) else None
    word = column.get("type") if isinstance(column, dict) else column
    types = column_types()
    return types[word].renamed if isinstance(word, str) and word in types else {}
