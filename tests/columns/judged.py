"""Judging in tests: the evaluation of the type that is expected."""

from __future__ import annotations

from typing import Any, TypeVar

from hornbook.columns.evaluation import Evaluation, evaluate

E = TypeVar("E", bound=Evaluation)


def judged(kind: type[E], *args: Any, **options: Any) -> E:
    """Return what `evaluate` does."""
    found = evaluate(*args, **options)
    assert isinstance(found, kind)
    return found
