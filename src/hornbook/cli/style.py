"""``hornbook style``: photos and films, painted in the style of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from hornbook.cli.arguments import Says
from hornbook.cli.shown.painted_film import paint_film
from hornbook.cli.shown.painted_photo import optimized, paint_photo
from hornbook.cli.terminal import complain, note
from hornbook.common.endings import is_film
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

WAYS = ("net", "optimization")

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
    way: Annotated[
        str,
        Says("net: in seconds (usual); optimization: in minutes, and better", "WAY", "--by", choices=WAYS),
    ] = "net",
    weights: Annotated[
        str, Says("for optimization: MobileNetV2's weights; by default they are fetched once", "FILE|DIR")
    ] = "",
) -> int:
    """Paint photos and films in the style of a picture.

    A net for any style does it, in seconds: pip install "hornbook[style]". A photo is not made larger than it is. The
    smaller the size, the coarser the strokes. In the painting of a film stands still what stands still in
    the film.

    --by optimization changes the picture itself, step by step, until a trained net sees the photo's shapes and the
    style's strokes in it: minutes, and large shapes of the style come through. Every few seconds --out holds what there
    is.

    Examples
    --------
      hornbook style photo.jpg --style picture.jpg --out painted.png
      hornbook style photo.jpg --style picture.jpg --strength 0.7 --keep-colours --out painted.png
      hornbook style holidays --style picture.jpg --size 512 --out painted
      hornbook style clip.mp4 --style picture.jpg --size 512 --out painted.mp4
      hornbook style photo.jpg --style picture.jpg --by optimization --size 768 --out painted.png
    """
    from hornbook.recognizer.inputs import free_name, inputs
    from hornbook.recognizer.paint import Painter, Paints

    films = [path for path in photos if is_film(path)]
    stills = [path for path in photos if not is_film(path)]
    found = list(inputs(stills, "image")) if stills else []
    one = _one(found, films, out)
    if films and way == "optimization":
        raise UsageError("--by optimization is for photos: films are painted by the net, so leave it out")
    painter: Paints
    if way == "optimization":
        painter = optimized(style, strength, keep_colours, weights)
    else:
        painter = Painter(style, strength, keep_colours)
    failures, taken = 0, set[str]()
    for name, value in found:
        try:
            if isinstance(value, DataError):
                raise value
            path = Path(out) if one else free_name(Path(out), name, taken, "painted.png")
            try:
                paint_photo(painter, value, size, path)
            except DataError as error:
                begun = str(error).startswith(shown(name))  # the file is named by who could not read it
                raise error if begun else DataError(f"{shown(name)}: {error}") from None
        except DataError as error:
            failures += 1
            complain(error)
            continue
        print(path)
    for name in films:
        assert isinstance(painter, Painter)
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
