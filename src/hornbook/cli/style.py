"""``hornbook style``: photos and films, painted in the style of a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from hornbook.cli.arguments import Says
from hornbook.cli.shown.painted_film import paint_film
from hornbook.cli.terminal import complain, note
from hornbook.common.endings import is_film
from hornbook.common.files import write_file
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")


def style(
    photos: Annotated[Sequence[str], Says("photos, folders of them, or films", "PHOTO")],
    *,
    style: Annotated[str, Says("the picture whose style is taken", "PICTURE")],
    out: Annotated[str, Says("the file to write; for several photos a folder", "FILE.png|FILE.mp4|DIR")],
    strength: Annotated[
        float, Says("0 keeps to the photo's own style, 1 is all of the picture's (1)", "X")
    ] = 1.0,
    keep_colours: Annotated[bool, Says("keep the colours of the photo")] = False,
    size: Annotated[int, Says("pixels of the longer side (1024)", "N")] = 1024,
) -> int:
    """Paint photos and films in the style of a picture.

    A net for any style does it, in seconds: pip install "hornbook[style]". A photo is not made larger than it is. The
    smaller the size, the coarser the strokes. In the painting of a film stands still what stands still in
    the film.

    Examples
    --------
      hornbook style photo.jpg --style picture.jpg --out painted.png
      hornbook style photo.jpg --style picture.jpg --strength 0.7 --keep-colours --out painted.png
      hornbook style holidays --style picture.jpg --size 512 --out painted
      hornbook style clip.mp4 --style picture.jpg --size 512 --out painted.mp4
    """
    from hornbook.recognizer.inputs import free_name, inputs
    from hornbook.recognizer.paint import Painter

    films = [path for path in photos if is_film(path)]
    stills = [path for path in photos if not is_film(path)]
    found = list(inputs(stills, "image")) if stills else []
    one = _one(found, films, out)
    painter, failures, taken = Painter(style, strength, keep_colours), 0, set[str]()
    if not one:
        Path(out).mkdir(parents=True, exist_ok=True)
    for name, value in found:
        try:
            if isinstance(value, DataError):
                raise value
            try:
                picture = painter.paint(value, size)
            except DataError as error:
                raise DataError(f"{shown(name)}: {error}") from None
        except DataError as error:
            failures += 1
            complain(error)
            continue
        path = Path(out) if one else free_name(Path(out), name, taken, "painted.png")
        memory = io.BytesIO()
        picture.save(memory, "JPEG" if path.suffix.lower() in (".jpg", ".jpeg") else path.suffix[1:].upper())
        write_file(path, memory.getvalue(), do="name another file with --out")
        print(path)
    for name in films:
        path = Path(out) if one else free_name(Path(out), name, taken, "painted.mp4")
        try:
            stopped = paint_film(name, path, painter, size)
        except DataError as error:
            failures += 1
            complain(error)
            continue
        print(path)
        if stopped:
            raise KeyboardInterrupt
    many = len(found) + len(films)
    if many > 1:
        note(f"{number_of(many - failures, 'painting')}: {shown(out)}")
    return 1 if failures else 0


def _one(found: Sequence[Any], films: Sequence[str], out: str) -> bool:
    """Return whether ``--out`` names the one file that is written; UsageError where it cannot be what it is."""
    many = len(found) + len(films)
    if not many:
        raise UsageError("there is nothing to paint: give photos, films, or folders of photos")
    if many == 1 and (is_film(out) if films else Path(out).suffix.lower() in ENDINGS):
        return True
    if Path(out).suffix:
        what = number_of(len(films), "film") if films and not found else number_of(many, "photo")
        raise UsageError(
            f"--out {shown(out)}: for {what} name a folder, for one a file that ends in "
            + (".mp4 or .avi" if films and not found else ".png or .jpg")
        )
    return False
