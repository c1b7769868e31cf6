"""From a function to its command line: positional parameters are arguments, keyword-only ones are options.

It is argparse that parses: it is there in 0.02 s. Typer, which reads signatures the same way, loads pydantic
to turn a text into an int, and took 0.15 s of the 0.40 s that one prediction may take from start to end
(typer 0.29).
"""

from __future__ import annotations

import argparse
import inspect
import json
import shutil
import textwrap
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

from hornbook.errors import UsageError

Command = Callable[..., "int | None"]
"""A command returns its exit status; None is 0."""


@dataclass(frozen=True)
class Says:
    """What the help says of a parameter: ``Annotated[int, Says("how many", "K")]``.

    Attributes
    ----------
    help
        What it is, in some words.
    metavar
        What stands for its value.
    flag
        The option, where it is not the parameter's name with dashes.
    choices
        What it may be, where that is a few words.
    count
        Of an option that takes several values at once, how many: ``--between a.png b.png``.
    """

    help: str
    metavar: str | None = None
    flag: str | None = None
    choices: tuple[str, ...] | None = None
    count: int | None = None


RecognizerFile = Annotated[str, Says("the folder of a run, or a recognizer's file", "RUN|FILE.onnx")]
RecipeFor = Annotated[str | None, Says("a recipe for the examples, in place of a guessed one", "NAME|FILE")]
DataPlace = Annotated[str | None, Says("where the examples are, in place of the recipe's source", "DIR")]
Target = Annotated[
    Sequence[str], Says("the column of a table to predict; given twice or more, each of them", "COLUMN")
]
Pattern = Annotated[str | None, Says('where labels stand in file names: "{digit}_{}.png"', "PATTERN")]
Changes = Annotated[Sequence[str], Says("set one key of the recipe: training.epochs=3", "KEY=VALUE", "--set")]


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are hornbook's."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message}; see {self.prog} --help")


def parser_of(command: Command, name: str) -> Parser:
    """Return the parser of a command.

    >>> from typing import Annotated
    >>> def shout(word: Annotated[str, Says("what")], *, times: Annotated[int, Says("often")] = 1) -> None:
    ...     '''Shout a word.'''
    >>> vars(parser_of(shout, "shout").parse_args(["hey", "--times", "2"]))
    {'word': 'hey', 'times': 2}
    """
    about, _, examples = inspect.cleandoc(command.__doc__ or "").partition("\n\nExamples\n--------\n")
    parser = Parser(
        prog=f"hornbook {name}",
        description="\n\n".join(textwrap.fill(part, _wide()) for part in about.split("\n\n")),
        epilog=f"examples:\n{examples}" if examples else None,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    hints = typing.get_type_hints(command, include_extras=True)
    for parameter in inspect.signature(command).parameters.values():
        hint = hints[parameter.name]
        (says,) = (m for m in hint.__metadata__ if isinstance(m, Says))
        _add(parser, parameter, hint.__origin__, says)
    return parser


def call(command: Command, name: str, arguments: list[str]) -> int:
    """Run a command with the words of a command line, and return its exit status."""
    parser = parser_of(command, name)
    given = vars(parser.parse_intermixed_args(arguments))
    parameters = inspect.signature(command).parameters.values()
    positional = [given.pop(p.name) for p in parameters if p.kind is not p.KEYWORD_ONLY]
    return command(*positional, **given) or 0


def _add(parser: Parser, parameter: inspect.Parameter, hint: Any, says: Says) -> None:
    """Add one parameter to the parser."""
    kind, many = _plain(hint)
    options: dict[str, Any] = {"help": says.help.replace("%", "%%")}
    if kind is not bool:
        options |= {"metavar": says.metavar, "type": _reader(kind), "choices": says.choices}
    needed = parameter.default is parameter.empty
    if parameter.kind is not parameter.KEYWORD_ONLY:
        if many:
            options["nargs"] = "+" if needed else "*"
        elif not needed:
            options |= {"nargs": "?", "default": parameter.default}
        parser.add_argument(parameter.name, **options)
        return
    flag = says.flag or "--" + parameter.name.replace("_", "-")
    if kind is bool:
        options["action"] = "store_true"
    else:
        options |= {"required": needed, "action": "append" if many and says.count is None else "store"}
        options |= {} if says.count is None else {"nargs": says.count}
    if not needed:
        options["default"] = list(parameter.default) if many else parameter.default
    parser.add_argument(flag, dest=parameter.name, **options)


def _plain(hint: Any) -> tuple[type, bool]:
    """Return the type of one value, and whether there may be many: ``Sequence[str]``, ``int | None``."""
    many = typing.get_origin(hint) is Sequence
    kinds = [k for k in typing.get_args(hint) if k is not type(None)]
    return (kinds[0] if kinds else hint), many


def _reader(kind: type) -> Callable[[str], Any]:
    """Return what reads a value; its name is what argparse calls the value when it is none."""

    def read(text: str) -> Any:
        return kind(text)

    read.__name__ = {int: "whole number", float: "number"}.get(kind, kind.__name__)
    return read


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=26, width=_wide())


def _wide() -> int:
    return min(shutil.get_terminal_size().columns, 100) - 2


def pattern_change(pattern: str | None) -> list[str]:
    """Return ``--pattern`` as the change of a recipe that it is.

    >>> pattern_change("{digit}_{}.png"), pattern_change(None)
    (['data.pattern="{digit}_{}.png"'], [])
    """
    return [] if pattern is None else [f"data.pattern={json.dumps(pattern, ensure_ascii=False)}"]
