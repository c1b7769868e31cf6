"""``hornbook encode``: the code of each input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from hornbook.cli.arguments import RecognizerFile, Says
from hornbook.cli.terminal import complain, note
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

if TYPE_CHECKING:
    from hornbook.columns.base import Array
    from hornbook.examples.rows import RowsFile
    from hornbook.recognizer import Recognizer
    from hornbook.recognizer.graph import Graph

Part = tuple[list[str], "Array"]
"""What some inputs are called, and their codes."""


def encode(
    recognizer: RecognizerFile,
    paths: Annotated[
        Sequence[str],
        Says("pictures, sounds, folders, arrays of pictures (.npy, .npz, IDX), or tables", "PATH"),
    ],
    *,
    out: Annotated[str, Says("the file to write", "FILE.csv|.parquet|.npz")],
) -> int:
    """Write what a recognizer makes of each input before it answers: its code.

    Of an autoencoder it is what the picture is made of; of any other network the features before the answer, by which
    examples that mean the same lie near each other. A table has a row for each input, its name and code_0, code_1, ...;
    an .npz file has the arrays names and codes. Pictures in one array (.npy, .npz, IDX) go into the network together,
    those of its own size as they are. Trees have no codes, and neither have those that write texts.

    Examples
    --------
      hornbook encode runs/autoencoder pictures --out codes.csv
      hornbook encode runs/digits pictures --out features.npz
      hornbook encode runs/digits pictures.npy --out features.parquet
      hornbook encode runs/houses new.csv --out features.parquet
    """
    import numpy as np

    from hornbook.recognizer import load
    from hornbook.recognizer.codes.encode import coding, numbers_of
    from hornbook.recognizer.codes.files import check_path, write_codes

    check_path(Path(out), "--out")
    if not paths:
        raise UsageError("there is nothing to encode: give pictures, folders or tables")
    reader = load(recognizer)
    coder, names, codes, failures = coding(reader), list[str](), list["Array"](), 0
    parts = _rows(reader, coder, paths) if reader.reads_cells else _arrays_and_files(coder, reader, paths)
    for part in parts:
        if isinstance(part, DataError):
            failures += 1
            complain(part)
            continue
        names += part[0]
        codes.append(part[1])
    if not names:
        raise DataError("not one input could be encoded")
    write_codes(Path(out), names, np.concatenate(codes))
    note(f"{number_of(len(names), 'code')} of {number_of(numbers_of(reader), 'number')}: {shown(out)}")
    return 1 if failures else 0


def _arrays_and_files(coder: Graph, reader: Recognizer, paths: Sequence[str]) -> Iterator[Part | DataError]:
    """Yield the codes of what is in arrays and of files, in their order."""
    from hornbook.sources.array.bare import bare_arrays

    files: list[str] = []
    for path in paths:
        try:
            found = None if coder.shown is None else bare_arrays(Path(path))
        except DataError as error:
            yield error
            continue
        if found is None:
            files.append(path)
            continue
        yield from _files(coder, reader, files)
        files = []
        for name, array in found.items():
            yield from _array(coder, name, array)
    yield from _files(coder, reader, files)


def _array(coder: Graph, name: str, array: RowsFile) -> Iterator[Part | DataError]:
    from hornbook.recognizer.codes.encode import codes_of_array

    try:
        for first, codes in codes_of_array(coder, array, name):
            yield [f"{name}[{first + i}]" for i in range(len(codes))], codes
    except DataError as error:
        yield error


def _files(coder: Graph, reader: Recognizer, paths: Sequence[str]) -> Iterator[Part | DataError]:
    """Yield the codes of files, a batch at a time, and what cannot be read."""
    from hornbook.recognizer.files import given_files

    for given in given_files(reader, paths):
        yield from given.lost
        held: list[tuple[str, dict[str, Any]]] = []
        for name, value in given.values:
            try:
                if isinstance(value, DataError):
                    raise value
                held.append((name, coder.encode(value, name)))
            except DataError as error:
                yield error
            if len(held) == coder.at_once:
                yield _coded(coder, held)
                held = []
        if held:
            yield _coded(coder, held)


def _coded(coder: Graph, held: Sequence[tuple[str, dict[str, Any]]]) -> Part:
    import numpy as np

    from hornbook.recognizer.signature import CODE

    encoded = {n: np.stack([e[n] for _, e in held]) for n in coder.inputs}
    return [name for name, _ in held], coder.run(encoded)[CODE]


def _rows(reader: Recognizer, coder: Graph, paths: Sequence[str]) -> Iterator[Part | DataError]:
    """Yield the codes of the rows of tables."""
    import numpy as np

    from hornbook.recognizer.signature import CODE
    from hornbook.recognizer.tables import run_block
    from hornbook.sources.table.blocks import blocks

    for path in paths:
        try:
            for block in blocks(Path(path), reader.table_options(path)):
                found, wrong = run_block(coder, block, shown(path))
                for place, why in wrong.items():
                    yield DataError(f"{shown(path)}, row {block.first + place}: {why}")
                good = np.delete(np.arange(block.table.height), list(wrong))
                yield [f"row {block.first + place}" for place in good.tolist()], found[CODE]
        except DataError as error:
            yield error
