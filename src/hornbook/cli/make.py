"""``hornbook make``."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from hornbook.cli.arguments import Says
from hornbook.cli.terminal import note, progress
from hornbook.common.plaintext import clean, number_of
from hornbook.errors import UsageError

TEXTS = ("dates", "reverse")
KINDS = ("captcha", "audio-captcha", *TEXTS)


def make(
    kind: Annotated[
        str, Says("what to make: captcha, audio-captcha, dates or reverse", "KIND", choices=KINDS)
    ],
    folder: Annotated[str, Says("the folder to write; of texts the table, FILE.csv", "DIR|FILE.csv")],
    *,
    count: Annotated[int, Says("how many (1000)", "N")] = 1000,
    length: Annotated[str | None, Says("characters of a text (4), or a range: 4-6", "N|N-N")] = None,
    alphabet: Annotated[
        str | None,
        Says(
            "digits, lower, upper, letters, alphanumeric, unambiguous, or the characters themselves (digits)",
            "NAME|CHARACTERS",
        ),
    ] = None,
    seed: Annotated[int, Says("another seed makes others (0)", "N")] = 0,
    size: Annotated[str | None, Says("width and height of a picture in pixels (160x60)", "WxH")] = None,
    fonts: Annotated[
        Sequence[str], Says("a font file; give several to have them mixed", "FILE", "--font")
    ] = (),
    format: Annotated[str | None, Says("of the pictures: png, jpg or gif (png)", "NAME")] = None,
    voices: Annotated[
        str | None, Says("a folder with a folder of WAV files for each character", "DIR")
    ] = None,
    jobs: Annotated[int | None, Says("processes that work at it (one for each core)", "N")] = None,
    force: Annotated[bool, Says("write into a folder that has other files")] = False,
) -> None:
    """Make captchas to learn from, pictures or sounds, or a table of texts: dates, strings backwards.

    Each file is named by its text, labels.txt beside them has all of them, and a text that comes twice makes two
    files (0782.png, 0782_2.png). The same seed makes the same files, with any number of jobs. Given again, the
    same command goes on where it stopped. Texts are written as one table.

    Examples
    --------
      hornbook make captcha captchas --count 30
      hornbook make captcha harder --count 30 --length 4-6 --alphabet alphanumeric --seed 7 --format jpg
      hornbook make audio-captcha sounds --count 3
      hornbook make dates dates.csv --count 30
    """
    from hornbook.make.audio import AudioCaptchas
    from hornbook.make.captcha import Captchas
    from hornbook.make.folder import LABELS, make_folder
    from hornbook.make.maker import MakeOptions, length_from

    if kind in TEXTS:
        given = {"size": size, "font": fonts, "format": format, "voices": voices, "jobs": jobs}
        _refuse(kind, **given)
        _make_texts(kind, folder, count, length, alphabet, seed, force)
        return
    made: MakeOptions
    length, alphabet = length or "4", alphabet or "digits"
    if kind == "captcha":
        _refuse(kind, voices=voices)
        side = _size(size) if size else Captchas.size
        made = Captchas(
            length=length_from(length), alphabet=alphabet, seed=seed, size=side, fonts=tuple(fonts)
        )
    else:
        _refuse(kind, size=size, font=fonts, format=format)
        made = AudioCaptchas(length=length_from(length), alphabet=alphabet, seed=seed, voices=voices or "")
    done = make_folder(made, Path(folder), count, suffix=format, jobs=jobs, force=force, progress=progress())
    what = number_of(done.count, "picture" if kind == "captcha" else "sound")
    before = f", of which {done.found:,} were there already" if done.found else ""
    note(f"made {what} in {clean(folder)}{before}; their texts are in {clean(Path(folder) / LABELS)}")
    if done.unnamed:
        note(
            f"{number_of(done.unnamed, 'text')} cannot be a file's name: these are named by number, and labels.txt "
            "has the texts"
        )


def _make_texts(
    kind: str, file: str, count: int, length: str | None, alphabet: str | None, seed: int, force: bool
) -> None:
    """Write a table of texts that were made."""
    from hornbook.common.files import write_file
    from hornbook.make.maker import length_from
    from hornbook.make.registry import options_of

    options: dict[str, Any] = {"seed": seed}
    options |= {} if length is None else {"length": length_from(length)}
    options |= {} if alphabet is None else {"alphabet": alphabet}
    if kind == "dates":
        _refuse(kind, length=length, alphabet=alphabet)
    made = options_of(kind)(**options)
    maker = made.maker()
    if count < 1:
        raise UsageError(f"the count {count} cannot be: make at least one")
    path = Path(file)
    if path.suffix.lower() != ".csv":
        raise UsageError(f"{clean(file)}: {kind} are written as a table, so name a file that ends in .csv")
    if path.exists() and not force:
        raise UsageError(f"{clean(file)} is there already: name another file, or replace it with --force")
    said = io.StringIO()
    rows = csv.writer(said, lineterminator="\n")
    rows.writerow([made.column, made.answer])
    rows.writerows((maker.value(i), maker.text(i)) for i in range(count))
    write_file(path, said.getvalue().encode())
    note(f"made {number_of(count, 'row')} in {clean(file)}")


def _refuse(kind: str, **given: object) -> None:
    for name, value in given.items():
        if value:
            raise UsageError(f"--{name} has no meaning for {kind}: leave it out")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().replace("×", "x").partition("x")
    try:
        return int(width), int(height)
    except ValueError:
        raise UsageError(
            f"the size {text!r} is not a width and a height: write them like 160x60, in pixels"
        ) from None
