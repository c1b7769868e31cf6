"""``read_examples``: finds the reader for a source by looking at it."""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

from hornbook.common.endings import (
    begins_like_a_picture,
    begins_like_a_sound,
    ending,
    is_film,
    is_picture,
    is_sound,
)
from hornbook.common.files import reason
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError, did_you_mean, one_of
from hornbook.examples.examples import Examples
from hornbook.examples.named_split import with_named_split
from hornbook.examples.stores import FolderStore
from hornbook.examples.table_options import TableKeys, TableOptions, table_options
from hornbook.make.source import is_made, made_source, read_made
from hornbook.sources.archive.tar import list_tar
from hornbook.sources.archive.zip import list_zip
from hornbook.sources.array.cifar import find_cifar, read_cifar
from hornbook.sources.array.idx import begins_like_idx, is_idx_name, read_idx_file, read_idx_folder
from hornbook.sources.array.npz import read_npz
from hornbook.sources.array.python import from_arrays, from_frame, from_pairs
from hornbook.sources.builtin import BUILTIN, read_builtin
from hornbook.sources.encodings import decode
from hornbook.sources.folder.disk import LARGEST_TABLE, list_folder, read_bytes
from hornbook.sources.folder.find import Files, media_below
from hornbook.sources.folder.labels_file import LABELS_FILES, read_labels
from hornbook.sources.folder.listing import Listing
from hornbook.sources.folder.read import Told, read_labelled, read_listing
from hornbook.sources.folder.text_files import read_lines
from hornbook.sources.table.dialect import looks_like_a_table
from hornbook.sources.table.held_out import with_test
from hornbook.sources.table.read import is_table, read_table
from hornbook.sources.table.several import is_several, read_alike, read_several

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")


def read_examples(
    source: Any,
    *,
    pattern: str | None = None,
    data: str | os.PathLike[str] | None = None,
    image: str | None = None,
    label: str | None = None,
    test: str | os.PathLike[str] | None = None,
    files: str | None = None,
    **table: Unpack[TableKeys],
) -> Examples:
    """Read examples from whatever they are in.

    Parameters
    ----------
    source
        - a name: ``digits``, ``iris``, ``wine``, ``mnist``, ``fashion_mnist``, ``cifar10`` (a folder that is
          called so is written ``./mnist``);
        - a folder: of class folders, with or without ``train`` and ``test``; of pictures with a
          ``labels.txt`` beside them; of IDX files;
          of texts (a line an example where each file is a class, or a file an example in class folders);
        - an archive of the same: ``.zip``, ``.tar``, ``.tar.gz``, ``.tar.bz2``, ``.tar.xz``;
        - a file: a labels file, a table (``.csv``, ``.tsv``, ``.data``, ``.txt``, ``.parquet``, ``.json``,
          ``.jsonl``, ``.xlsx``), a text, an IDX file, a ``.npz``, a film (a row
          for each frame); several tables of one kind: ``tang.*.json``;
        - from Python: an `Examples` (returned as it is), a dict of arrays, a list of ``(picture, label)``
          pairs, a data frame; ``{"make": "captcha", "count": 1000}`` (`hornbook.make.source`).
    pattern
        Where the labels stand in the names of the files: ``"{digit}_{}.png"``, see
        `hornbook.sources.folder.name_patterns`.
    data
        Read this file or folder in place of the source; a built-in name takes its official files from there.
    image, label
        The columns (of a table, of arrays) that are to be called ``image`` and ``label``.
    test
        A second table with the same columns: its rows are the test rows. Looked for beside the first.
    files
        The names of a table's files, made of its columns, ``"images/{id}.jpg"``, or the folder that the names in it are
        relative to.
    **table
        How a table is written, where that is not to be found by looking: ``names``, ``separator``,
        ``encoding``, ``missing``, ``comment``, ``decimal``, ``skip``, ``odd_rows``; see
        `hornbook.examples.table_options.Writing`.

    Returns
    -------
    examples : Examples
        The column of pictures is ``image``; the labels of folders, labels files and IDX files are ``label``.
        What cannot be used is in ``problems``.

    Raises
    ------
    DataError
        There is nothing that can be read; the sentence says what was found and what to do.
    UsageError
        A source of another kind, or a pattern that cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> examples = read_examples({"image": np.zeros((2, 8, 8), np.uint8), "label": ["cat", "dog"]})
    >>> examples.table["label"].to_list()
    ['cat', 'dog']
    """
    if isinstance(source, Examples):
        return source
    if isinstance(source, Mapping) and is_made(source):
        return read_made(made_source(source))
    if pattern is not None and not isinstance(source, (str, os.PathLike)):
        raise UsageError("a pattern is for the names of files in a folder or an archive")
    if isinstance(source, Mapping):
        examples = from_arrays(**source)
    elif isinstance(source, (list, tuple)):
        examples = from_pairs(source)
    elif isinstance(source, (str, os.PathLike)):
        options = table_options(table)
        examples = _read_path(os.fspath(source), data, Told(pattern, image, files, options))
        if examples.written == TableOptions():
            examples = examples.replace(written=options)
        if test is not None:
            place = Path(data or source)
            beside = (place if place.is_dir() else place.parent) / test
            second = _existing(beside if beside.exists() else Path(test))
            other = Told(options=options)
            held = read_alike(lambda n: _read_file(second, other.written(n)), examples.written.numbers)
            examples = with_test(examples, held)
    else:
        examples = from_frame(source)
    return with_named_split(_renamed(examples, {image: "image", label: "label"}))


def has_labels(place: Path) -> bool:
    """Return whether a labels file or a table lies among the pictures of a folder or an archive, and names them."""
    try:
        if place.is_dir():
            listing = list_folder(place)
        else:
            listing = list_zip(place) if place.name.lower().endswith(".zip") else list_tar(place)
        return read_labelled(listing, Told()) is not None
    except DataError:
        return False


def _renamed(examples: Examples, names: Mapping[str | None, str]) -> Examples:
    """Return the examples with the columns called as they are asked for."""
    for name, to in names.items():
        if (
            name is None
            or name == to
            or (to == "image" and name not in examples.table.columns and to in examples.stores)
        ):
            continue
        examples.column(name)  # the error, where it is missing
        table = examples.table.drop(to, strict=False).rename({name: to})
        stores = {
            to if column == name else column: store
            for column, store in examples.stores.items()
            if column != to
        }
        examples = examples.replace(table=table, stores=stores)
    return examples


def _read_path(
    source: str,
    data: str | os.PathLike[str] | None,
    told: Told,
) -> Examples:
    path = Path(source if data is None else data)
    if source in BUILTIN:
        if told.pattern is not None and data is None:
            raise UsageError(f"{source}: a pattern is for the names of files in a folder or an archive")
        examples = read_builtin(source, None if data is None else _existing(path))
        if examples is not None:
            return examples
    elif source.startswith(("http://", "https://")):
        raise UsageError(f"{source} is an address on the web: fetch it yourself, and give the file or folder")
    if is_several(path):
        return read_several(path, lambda one, numbers: _read_file(one, told.written(numbers)))
    path = _existing(path)
    if path.is_dir():
        return _read_folder(path, told)
    return _read_file(path, told)


def _existing(path: Path) -> Path:
    try:
        if path.exists():
            return path
    except (OSError, ValueError):
        pass
    names: list[str] = []
    if path.parent.is_dir():
        names = [beside.name for beside in path.parent.iterdir()]
    known = f", and the built-in names are {one_of(BUILTIN)}" if len(path.parts) == 1 else ""
    guess = did_you_mean(path.name[:100], [*names, *BUILTIN])
    raise DataError(f"{shown(path)}: there is no such file or folder{known}{guess or '; check the name'}")


def _read_folder(path: Path, told: Told) -> Examples:
    listing = list_folder(path)
    if told.pattern is None:
        idx = [name for name in listing.files if "/" not in name and is_idx_name(name)]
        if idx:
            return read_idx_folder(path, idx)
        cifar = find_cifar(path)
        if cifar is not None and not listing.media()[1]:
            return read_cifar(cifar)
    return read_listing(listing, told)


def _read_file(path: Path, told: Told) -> Examples:
    """Read one file, by what it begins with and then by how its name ends."""
    name = path.name.lower()
    head = _head(path)
    if name.endswith(".npz") and head[:2] == b"PK":
        return read_npz(path)
    if (head[:4] in (b"PK\x03\x04", b"PK\x05\x06") and not is_table(name)) or name.endswith(".zip"):
        return read_listing(list_zip(path), told)
    if name.endswith(ARCHIVES) or (not is_table(name) and _is_tar(path, head)):
        return _read_archive(path, told)
    if told.pattern is not None:
        raise UsageError(f"{shown(path)}: a pattern is for the names of files in a folder or an archive")
    if begins_like_idx(_unpacked_head(path, head)) or is_idx_name(name):
        return read_idx_file(path)
    if is_table(name) or told.options.told:
        return read_table(_beside(path), path.name, _files_beside(path, told), told.image, told.options)
    if is_film(name):
        from hornbook.sources.film.source import read_film

        return read_film(path)
    if begins_like_a_sound(head) or is_sound(name):
        raise DataError(
            f"{shown(path)}: is one sound: give a folder with a sub-folder of sounds for each class"
        )
    if begins_like_a_picture(head) or is_picture(name):
        raise DataError(
            f"{shown(path)}: is one picture: give a folder with a sub-folder of pictures for each class"
        )
    if head.startswith(b"\x93NUMPY"):
        raise DataError(
            f"{shown(path)}: is one array without labels: save both with numpy.savez(path, image=..., label=...)"
        )
    if ending(name) in ("pkl", "pickle", "pt", "pth"):
        raise DataError(
            f"{shown(path)}: is a pickle, which could run any program when read: save the arrays as .npz"
        )
    return _read_text(path, told)


def _read_text(path: Path, told: Told) -> Examples:
    """Read a text whose name does not say what it is: a table, a list of files and labels, or lines of text."""
    listing, files = _beside(path), _files_beside(path, told)
    text = decode(listing.read(path.name), shown(path), told.options.encoding)
    first = next((line for line in text.split("\n") if line.strip()), "").replace(",", " ").split()
    if looks_like_a_table(text) and not any(map(files.exists, first)):
        return read_table(listing, path.name, files, told.image, told.options)
    try:
        return read_labels(listing, path.name, files)
    except DataError:
        lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
        if not lines or path.name.lower() in LABELS_FILES or any(map(_names_a_picture, lines[:1000])):
            raise
    return read_lines(listing, {path.name: {}}, told.options.encoding)


def _names_a_picture(line: str) -> bool:
    return any(is_picture(word.strip("\"'")) for word in line[:1000].replace(",", " ").split())


def _read_archive(path: Path, told: Told) -> Examples:
    cifar = find_cifar(path)
    if cifar is not None and told.pattern is None:
        return read_cifar(cifar)
    return read_listing(list_tar(path), told)


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise DataError(f"{shown(path)}: is neither a file nor a folder")
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be read ({reason(error)})") from error
    if not head:
        raise DataError(f"{shown(path)}: the file is empty: copy or make it again")
    return head


def _unpacked_head(path: Path, head: bytes) -> bytes:
    if head[:2] != b"\x1f\x8b":
        return head[:4]
    try:
        with gzip.open(path) as file:
            return file.read(4)
    except (OSError, EOFError, ValueError, zlib.error):
        return b""


def _is_tar(path: Path, head: bytes) -> bool:
    if head[257:262] == b"ustar":
        return True
    try:
        return tarfile.is_tarfile(path)
    except (OSError, EOFError, ValueError):
        return False


def _beside(path: Path) -> Listing:
    """Return a listing of what lies beside a file, without going through it."""
    store = FolderStore(path.parent)
    return Listing(shown(path), store, lambda name: read_bytes(Path(store.load(name)), LARGEST_TABLE))


def _files_beside(path: Path, told: Told) -> Files:
    """Return the files that a table on disk may name."""
    store = FolderStore(path.parent)
    root = f"{path.parent}{os.sep}"

    def exists(name: str) -> bool:
        try:
            plain = name.isascii() and not name.startswith("/")  # it is joined in a third of the time
            return os.path.isfile(root + name if plain else store.load(name))  # noqa: PTH113
        except (OSError, ValueError):
            return False

    return Files(store, exists, lambda sure: media_below(path.parent, sure), told.files)


__all__ = ["read_examples"]
