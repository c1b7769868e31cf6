"""``hornbook style``: photos, painted in the style of a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from hornbook.cli.arguments import Says
from hornbook.cli.terminal import complain, note
from hornbook.common.files import write_file
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")


def style(
    photos: Annotated[Sequence[str], Says("photos, or folders of them", "PHOTO")],
    *,
    style: Annotated[str, Says("the picture whose style is taken", "PICTURE")],
    out: Annotated[str, Says("the file to write; for several photos a folder", "FILE.png|DIR")],
    strength: Annotated[
        float, Says("0 keeps to the photo's own style, 1 is all of the picture's (1)", "X")
    ] = 1.0,
    keep_colours: Annotated[bool, Says("keep the colours of the photo")] = False,
    size: Annotated[int, Says("pixels of the longer side (1024)", "N")] = 1024,
) -> int:
    """Paint photos in the style of a picture.

    A net for any style does it, in seconds: pip install "hornbook[style]". A photo is not made larger than it is. The
    smaller the size, the coarser the strokes.

    Examples
    --------
      hornbook style photo.jpg --style picture.jpg --out painted.png
      hornbook style photo.jpg --style picture.jpg --strength 0.7 --keep-colours --out painted.png
      hornbook style holidays --style picture.jpg --size 512 --out painted
    """
    from hornbook.recognizer.inputs import free_name, inputs
    from hornbook.recognizer.paint import Painter

    found = list(inputs(photos, "image"))
    one = len(found) == 1 and Path(out).suffix.lower() in ENDINGS
    if not found:
        raise UsageError("there is nothing to paint: give photos, or folders of them")
    if not one and Path(out).suffix:
        raise UsageError(
            f"--out {shown(out)}: for {number_of(len(found), 'photo')} name a folder, "
            "for one a file that ends in .png or .jpg"
        )
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
    if len(found) > 1:
        note(f"{number_of(len(found) - failures, 'painting')}: {shown(out)}")
    return 1 if failures else 0
