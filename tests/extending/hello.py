"""A command from outside."""

from __future__ import annotations

from typing import Annotated

from hornbook.cli.arguments import Says


def hello(
    name: Annotated[str, Says("who is greeted", "NAME")],
    *,
    loud: Annotated[bool, Says("with an exclamation mark")] = False,
) -> None:
    """Greet somebody.

    Examples
    --------
      hornbook hello you --loud
    """
    print(f"hello {name}{'!' if loud else ''}")
