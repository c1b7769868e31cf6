"""Every error that a user can meet, in one tree.

A message is one sentence: what is wrong, where (file, row, column, key), and what to do. The command line
prints it without a traceback; from Python it is raised as it is. Anything else that is raised is a bug in
hornbook.

    HornbookError
    ├── DataError          the examples: a file, an archive, a row, a column, a picture
    ├── RecipeError        the recipe: a key, its value, a layer
    ├── RunError           the run folder: locked, full, read-only, of another recipe
    ├── RecognizerError    a recognizer file that cannot be used
    ├── UsageError         a command line, or arguments of a function, that do not go together
    │   └── NoTarget       it is not plain which column of a table is to be predicted
    └── MissingExtra       a part of hornbook that was not installed
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice

__all__ = [
    "DataError",
    "HornbookError",
    "MissingExtra",
    "NoTarget",
    "RecipeError",
    "RecognizerError",
    "RunError",
    "UsageError",
    "did_you_mean",
    "one_of",
]


LONGEST, LONGEST_WORD = 900, 300
"""Characters of a message, and of what in it is without a blank or between quotes: names and values may be anything."""

NAMED, TRIED = 30, 2000
"""So many known words are listed at most, and so many are compared with one that is not known."""

_LONG = re.compile(rf"[^\s'\"]{{{LONGEST_WORD},}}|'[^'\n]{{{LONGEST_WORD},}}'|\"[^\"\n]{{{LONGEST_WORD},}}\"")


def brief(message: str) -> str:
    """Return a message with the middle of what is very long left out.

    >>> len(brief("there is no column " + "x" * 5000))
    122
    """
    if len(message) < LONGEST_WORD:
        return message
    message = _LONG.sub(lambda found: f"{found[0][:60]}...{found[0][-40:]}", message)
    return message if len(message) <= LONGEST else f"{message[: LONGEST - 300]} ... {message[-290:]}"


class HornbookError(Exception):
    """The root of the tree; ``str(error)`` is the sentence for the user, not longer than `brief` makes it."""

    def __init__(self, message: str = "", *more: object) -> None:
        super().__init__(brief(message), *more)


class DataError(HornbookError):
    """The examples cannot be used as they are; the message names the file, row or column."""


class RecipeError(HornbookError):
    """The recipe says something impossible; the message names the key."""


class RunError(HornbookError):
    """The run folder cannot be read, written or continued."""


class RecognizerError(HornbookError):
    """A recognizer file is missing, damaged, or not one of hornbook's."""


class UsageError(HornbookError):
    """Arguments that do not go together."""


class NoTarget(UsageError):
    """It is not plain which column of a table is to be predicted."""


class MissingExtra(HornbookError):
    """A package of an optional extra is not installed.

    >>> str(MissingExtra("training", "train"))
    'training needs packages that are not installed: pip install "hornbook[train]"'
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs packages that are not installed: pip install "hornbook[{extra}]"')


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the nearest known word, or an empty string.

    >>> did_you_mean("epoch", ["epochs", "batch_size"])
    " (did you mean 'epochs'?)"
    >>> did_you_mean("zebra", ["epochs"])
    ''
    """
    known = list(islice(known, TRIED))
    if len(word) > LONGEST_WORD:
        return ""
    near = [k for k in known if k.casefold() == word.casefold()][:1]
    near = near or difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def one_of(known: Iterable[str]) -> str:
    """Return the known words as a list for a sentence.

    >>> one_of(["stretch", "pad"])
    "'stretch', 'pad'"
    """
    words = [repr(word) for word in known]
    more = f" and {len(words) - NAMED:,} more" if len(words) > NAMED + 10 else ""
    return ", ".join(words[:NAMED] if more else words) + more
