"""Pictures that are called by the string that stands in them: ``2bg48.png``, ``0782.png``, ``abcde (2).png``.

Nobody has to say so where the names can hardly be anything else: they are short, hardly repeat, are equally long (or
about so, with digits in them), begin and end with many different characters, and do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.safe_names import label_in
from hornbook.examples.examples import Examples
from hornbook.sources.folder.listing import Listing
from hornbook.sources.folder.roles import splits_of_paths

FEWEST = 10
"""Pictures from which on their names can be told to be strings."""

SHORTEST, LONGEST, SPAN = 3, 12, 3
"""Characters of such a string, and by how many the longest may be longer than the shortest."""

DENSE = 0.5
"""Numbers of which more than this share between the least and the greatest are there count the pictures."""

_COPY = re.compile(r"(?:_\d{1,2}|\s*\(\d+\)|\s*-\s*[Cc]opy.*)$")
"""What systems and people write behind the name of a second picture of the same string."""


def without_copy(stem: str) -> str:
    """Return the name of a file without what makes it another file of that name.

    >>> without_copy("28an (2)"), without_copy("28an_2"), without_copy("28an")
    ('28an', '28an', '28an')
    """
    return _COPY.sub("", stem) or stem


def are_strings(stems: Sequence[str]) -> bool:
    """Return whether names, without their endings, are strings that stand in the pictures."""
    texts = [without_copy(stem) for stem in stems]
    different = set(texts)
    if len(texts) < FEWEST or len(different) * 2 < len(texts):
        return False
    lengths = {len(text) for text in different}
    if min(lengths) < SHORTEST or max(lengths) > LONGEST or max(lengths) - min(lengths) > SPAN:
        return False
    if not all(text.replace("-", "").isalnum() for text in different) or _count(different):
        return False
    if len(lengths) > 1 and 2 * sum(map(str.isalpha, different)) > len(different):
        return False  # words
    shortest = min(lengths)
    ends = [{text[i] for text in different} for i in (*range(shortest), *range(-shortest, 0))]
    some = min(5, len(different) // 3)  # of a prefix, a running number or a year fewer are different
    return all(len(characters) >= some or characters == {"-"} for characters in ends)


def _count(texts: set[str]) -> bool:
    """Return whether texts are numbers that count."""
    if not all(text.isdecimal() for text in texts):
        return False
    numbers = sorted(map(int, texts))
    return len(numbers) > DENSE * (numbers[-1] - numbers[0] + 1)


def read_string_names(listing: Listing) -> Examples | None:
    """Return the examples of pictures or sounds whose names are the strings in them; None where they are not."""
    column, names, others = listing.media()
    stems = [name.rpartition("/")[2].rpartition(".")[0] for name in names]
    if not are_strings(stems):
        return None
    labels = [label_in(without_copy(stem)) for stem in stems]
    table = pl.DataFrame({column: names, "label": pl.Series(labels, dtype=pl.String)})
    splits = splits_of_paths(names)
    if None not in splits:
        table = table.with_columns(split=pl.Series(splits, dtype=pl.Enum(SPLITS)))
    said = "stand in them" if column == "image" else "are said in them"
    notes = (
        f"{listing.origin}: nothing else says what is in the files, so their names are taken for strings that {said} "
        f"({labels[0]})",
    )
    problems = (*listing.problems, *listing.not_media(others, column))
    return Examples(table, {column: listing.store}, listing.origin, problems, notes)
