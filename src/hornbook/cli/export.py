"""``hornbook export``: the recognizer, or its weights, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from hornbook.cli.arguments import DataPlace, RecognizerFile, Says
from hornbook.cli.terminal import note
from hornbook.common.files import write_file
from hornbook.common.plaintext import number_of
from hornbook.errors import RunError, UsageError

if TYPE_CHECKING:
    from hornbook.recognizer import Recognizer

PARTS = ("encoder.onnx", "decoder.onnx")

FORMS = ("onnx", "page", "weights.txt", "weights.npz", *PARTS)

PRECISIONS = ("float32", "float16", "int8")

ELSE = "name another file with --out"


def export(
    recognizer: RecognizerFile,
    *,
    to: Annotated[
        str,
        Says("onnx, weights.txt, weights.npz, encoder.onnx or decoder.onnx", choices=FORMS, metavar="FORM"),
    ],
    precision: Annotated[
        str,
        Says(
            "of the weights of onnx: float16 halves the file, int8 quarters it",
            "PRECISION",
            choices=PRECISIONS,
        ),
    ] = "float32",
    accept: Annotated[bool, Says("with --precision, write it though some answers differ")] = False,
    data: DataPlace = None,
    runtime: Annotated[
        str | None, Says("with --to page, compute by onnxruntime-web: its folder dist", "DIR")
    ] = None,
    out: Annotated[
        str | None, Says("the file to write (the run's name with the ending, here)", "FILE")
    ] = None,
) -> None:
    """Write a recognizer, or its weights, for other programs.

    onnx: the recognizer's file, for ONNX Runtime in any language, with a text beside it that says what goes
    in and what comes out. weights.txt: the name, the shape and every value of each parameter, as text.
    weights.npz: the same as numpy arrays by name. page: one HTML file that answers in a browser, with the recognizer
    inside and no server; it opens from a folder, offline, on a phone.
    encoder.onnx: from the inputs to the code, as hornbook encode
    gives it; decoder.onnx: from a code to the picture; both are compared with the recognizer.

    With --precision float16 the file has half the bytes, and answers in the same time; with int8 about a quarter, and
    answers faster, for it calculates in whole numbers. The answers to rows that the run did not learn from are
    compared: where one differs nothing is written, unless with --accept. The size, the answers that differ and the
    milliseconds are printed.

    Examples
    --------
      hornbook export runs/digits --to onnx
      hornbook export runs/digits --to onnx --precision float16
      hornbook export runs/digits --to page --out digits.html
      hornbook export runs/digits --to weights.txt
      hornbook export runs/digits --to weights.npz --out digits.npz
      hornbook export runs/autoencoder --to decoder.onnx
    """
    from hornbook.recognizer import FILE, load
    from hornbook.recognizer.describe import read_weights, weights_npz, weights_text

    reader = load(recognizer)
    # As an absolute path, since a run may be called `.`
    stem = reader.path.absolute().parent.name if reader.path.name == FILE else reader.path.stem
    small = precision != "float32"
    ending = "html" if to == "page" else to
    path = Path(out) if out is not None else Path(f"{stem}.{precision}.{to}" if small else f"{stem}.{ending}")
    if to != "onnx" and (small or accept):
        raise UsageError(f"--precision and --accept are for --to onnx: of {to} leave them out")
    if runtime is not None and to != "page":
        raise UsageError(f"--runtime is for --to page: of {to} leave it out")
    if path.exists() and (path.is_dir() or path.samefile(reader.path)):
        what = "a folder" if path.is_dir() else "the recognizer itself"
        raise UsageError(f"{path} is {what}: name the file to write with --out")
    if small:
        from hornbook.cli.smaller import write_smaller

        write_smaller(reader, Path(recognizer), path, precision, accept, data)
        written = [path, _describe(load(path), path)]
    elif to == "onnx":
        written = _write_onnx(reader, path)
    elif to == "page":
        written = [_write_page(reader, stem, path, runtime)]
    elif to in PARTS:
        from hornbook.recognizer.codes.decode import checked_part

        write_file(path, checked_part(reader, to.removesuffix(".onnx")), do=ELSE)
        written = [path]
    else:
        weights = read_weights(reader.path)
        written = [path]
        raw = weights_text(weights) if to == "weights.txt" else weights_npz(weights)
        write_file(path, raw, do=ELSE)
        count = sum(w.size for w in weights.values())
        note(f"{number_of(len(weights), 'array')}, {count:,} numbers")
    for file in written:
        print(file)


def _write_onnx(reader: Recognizer, path: Path) -> list[Path]:
    """Write the file and its description; what was written is loaded again, and must answer the same."""
    import numpy as np

    from hornbook.recognizer import load

    write_file(path, reader.path.read_bytes(), do=ELSE)
    text = _describe(reader, path)
    rows = {n: np.zeros((2, *c.shape), c.dtype) for n, c in reader.inputs.items()}
    ours, theirs = reader.run(rows), load(path).run(rows)
    if any(not np.array_equal(ours[n], theirs[n]) for n in ours):
        raise RunError(
            f"{path} does not answer as {reader.path} does: the disk may be failing; export it again"
        )
    return [path, text]


def _write_page(reader: Recognizer, name: str, path: Path, runtime: str | None) -> Path:
    """Write the page that answers with no server."""
    from hornbook.serve.alone import alone_page

    html = alone_page(reader, name, None if runtime is None else Path(runtime)).encode("utf-8")
    write_file(path, html, do=ELSE)
    note(f"{len(html) / 1000:,.0f} KB; open it in a browser")
    return path


def _describe(reader: Recognizer, path: Path) -> Path:
    """Write what goes in and what comes out beside a file; labels.txt beside labels.onnx may be somebody's labels."""
    from hornbook.recognizer.describe import describe

    text = path.with_name(path.name + ".txt")
    write_file(text, describe(reader, path.name).encode(), do=ELSE)
    return text
