"""``hornbook generate``."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from hornbook.cli.arguments import RecognizerFile, Says
from hornbook.cli.terminal import note, plain
from hornbook.common.files import write_file
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import UsageError

if TYPE_CHECKING:
    from hornbook.recognizer import Recognizer

MOST_ON_SHEET = 400


def generate(
    recognizer: RecognizerFile,
    *,
    prompt: Annotated[str, Says("what the text begins with", "TEXT")] = "",
    length: Annotated[int, Says("the most tokens to write (48)", "N")] = 48,
    temperature: Annotated[
        float, Says("how daring: 0.5 keeps to what is likely, 1 is as it has learned (0.8)", "X")
    ] = 0.8,
    seed: Annotated[int, Says("the same seed writes, or draws, the same (0)", "N")] = 0,
    acrostic: Annotated[str, Says("what the lines begin with, one after the other", "TEXT")] = "",
    count: Annotated[int, Says("how many pictures to draw (20)", "N")] = 20,
    between: Annotated[Sequence[str], Says("go from one picture to another", "PICTURE", count=2)] = (),
    steps: Annotated[int, Says("of the way between them, both ends among them (8)", "N")] = 8,
    out: Annotated[str | None, Says("the folder to write pictures into", "DIR")] = None,
) -> None:
    """Write a text, or draw pictures.

    For recognizers that have learned what comes next, such as the recipe poems. Token by token is drawn by how
    likely it is to follow, until the text ends or is as long as wanted.
    For recognizers whose answer is a picture that is made of a code, such as the recipe vae: codes are drawn, and each
    picture goes into a file of its own; sheet.png has all of them.

    Examples
    --------
      hornbook generate runs/poems --prompt 春
      hornbook generate runs/poems --prompt 春 --length 48 --temperature 0.8 --seed 3
      hornbook generate runs/poems --acrostic 春夏秋冬
      hornbook generate runs/vae --count 20 --seed 3 --out drawn
      hornbook generate runs/vae --between a.png b.png --steps 8 --out way
    """
    from hornbook.recognizer import load
    from hornbook.recognizer.writing.generate import generate as write

    reader = load(recognizer, threads=1)
    if any(c.medium == "picture" for c in reader.targets.values()):
        if prompt or acrostic:
            raise UsageError(f"{shown(recognizer)} draws pictures: leave --prompt and --acrostic out")
        _draw(reader, count, between, steps, seed, out)
        return
    if out is not None or between:
        raise UsageError(f"{shown(recognizer)} draws no pictures: leave --out and --between out")
    for piece in write(reader, prompt, length=length, temperature=temperature, seed=seed, acrostic=acrostic):
        sys.stdout.write(plain(piece))
        if sys.stdout.isatty():
            sys.stdout.flush()
    print()


def _draw(
    reader: Recognizer, count: int, ends: Sequence[str], steps: int, seed: int, out: str | None
) -> None:
    """Draw pictures, and write them with a sheet of all."""
    from hornbook.recognizer.codes.invent import between, drawn, sheet

    if out is None:
        raise UsageError("pictures are written into a folder: name one with --out")
    pictures = between(reader, ends[0], ends[1], steps) if ends else drawn(reader, count, seed)
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--out {shown(out)}: the folder cannot be made ({(error.strerror or '').lower()})"
        ) from None
    named = [(f"{i:04d}.png", picture) for i, picture in enumerate(pictures, 1)]
    for name, picture in [
        *named,
        ("sheet.png", sheet(pictures[:MOST_ON_SHEET], len(pictures) if ends else 0)),
    ]:
        memory = io.BytesIO()
        picture.save(memory, "PNG")
        write_file(folder / name, memory.getvalue())
    note(f"{number_of(len(pictures), 'picture')} and sheet.png: {shown(out)}")
