"""A folder or an archive to examples: what says the labels, looked for in the order of how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hornbook.columns.number.written.parse import NumberForm
from hornbook.errors import DataError
from hornbook.examples.examples import Examples
from hornbook.examples.table_options import TableOptions
from hornbook.sources.folder.class_folders import NoLabels, no_labels, read_class_folders
from hornbook.sources.folder.find import Files
from hornbook.sources.folder.labels_file import LABELS_FILES, read_labels_file, read_split_labels
from hornbook.sources.folder.listing import Listing
from hornbook.sources.folder.name_patterns import read_file_names
from hornbook.sources.folder.roles import path_split
from hornbook.sources.folder.string_names import read_string_names
from hornbook.sources.folder.tables_beside import read_tables_beside, tables_in, with_lists, with_rest
from hornbook.sources.folder.text_files import read_lines, read_text_folder, texts_of_pattern
from hornbook.sources.table.read import is_table, read_table


@dataclass(frozen=True)
class Told:
    """What was said of examples that are to be read.

    Attributes
    ----------
    pattern
        Where the labels stand in the names of files.
    image
        The column of pictures of a table.
    files
        How the names of files are made of a table's columns, or the folder that they are relative to.
    options
        How a table is written.
    """

    pattern: str | None = None
    image: str | None = None
    files: str | None = None
    options: TableOptions = field(default_factory=TableOptions)

    def written(self, numbers: Mapping[str, NumberForm]) -> Told:
        """Return it with how the numbers of a table's columns are written."""
        return replace(self, options=self.options.replace(numbers={**self.options.numbers, **numbers}))


def files_of(listing: Listing, template: str | None = None) -> Files:
    """Return the files of a listing, for the paths in tables."""
    known = set(listing.files)
    return Files(listing.store, known.__contains__, lambda sure: listing.sounds_and_pictures(), template)


def read_listing(listing: Listing, told: Told) -> Examples:
    """Read a folder or an archive: names that tell, a labels file, class folders, a table, names of strings, texts.

    Raises
    ------
    DataError
        Nothing in it can be learned from.
    """
    if told.pattern is not None:
        texts = texts_of_pattern(listing, told.pattern)
        if texts:
            return read_lines(listing, texts, told.options.encoding)
        return read_file_names(listing, told.pattern)
    files = files_of(listing, told.files)
    labelled = _from_a_labels_file(listing, files, told)
    if labelled is not None:
        return labelled
    try:
        examples = read_class_folders(listing)
    except NoLabels:
        found = read_tables_beside(listing, files, told.image, told.options) or read_string_names(listing)
        if found is None:
            raise no_labels(listing, [name for name in tables_in(listing) if is_table(name)]) from None
        return found
    except DataError:
        tables = [name for name in listing.files if "/" not in name and is_table(name)]
        if len(tables) == 1:
            return read_table(listing, tables[0], files, told.image, told.options)
        nothing = bool(tables or listing.media()[1])
        texts_found = None if nothing else read_text_folder(listing, told.options.encoding)
        if texts_found is None:
            raise
        return texts_found
    if examples.table["label"].n_unique() < 2:  # nothing can be learned from one class
        return read_tables_beside(listing, files, told.image, told.options) or examples
    if len(examples) == len(listing.files):
        return examples
    return with_lists(with_rest(examples, listing, files, told.image, told.options), listing, files)


def read_labelled(listing: Listing, told: Told) -> Examples | None:
    """Return the examples of a labels file or a table among pictures or sounds; None where none names any."""
    files = files_of(listing, told.files)
    found = _from_a_labels_file(listing, files, told)
    return found or read_tables_beside(listing, files, told.image, told.options)


def _from_a_labels_file(listing: Listing, files: Files, told: Told) -> Examples | None:
    """Return the examples of a labels file at the top, or of one in each split; None where there is none."""
    for name in LABELS_FILES:
        if files.exists(name):
            examples = read_labels_file(listing, name, files, told.image, told.options)
            if examples is not None:
                return examples
    tops = sorted({name.partition("/")[0] for name in listing.files if "/" in name})
    if tops and all(path_split(f"{top}/") for top in tops):
        found = [
            next((f"{top}/{n}" for n in LABELS_FILES if files.exists(f"{top}/{n}")), None) for top in tops
        ]
        if None not in found:
            return read_split_labels(listing, [str(name) for name in found], files, told.image, told.options)
    return None
