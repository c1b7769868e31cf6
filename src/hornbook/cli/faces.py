"""``hornbook faces``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from hornbook.cli.arguments import Says
from hornbook.cli.terminal import complain, note
from hornbook.common.endings import is_film
from hornbook.common.plaintext import listed, number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

if TYPE_CHECKING:
    from hornbook.cli.shown.faces_film import FilmOptions
    from hornbook.recognizer.faces.found import Found
    from hornbook.render.boxes import Marked


def faces(
    paths: Annotated[
        Sequence[str],
        Says("pictures, films, folders, patterns such as '*.jpg', or - for standard input", "PATH"),
    ] = (),
    *,
    out: Annotated[
        str | None, Says("write each picture with boxes and answers drawn into it into this folder", "DIR")
    ] = None,
    crops: Annotated[
        str | None, Says("write each face, upright, 224 x 224 pixels, into this folder", "DIR")
    ] = None,
    as_json: Annotated[bool, Says("print a line of JSON for each picture", flag="--json")] = False,
    recognizers: Annotated[
        Sequence[str],
        Says("what each face is, by these recognizers", "RUN|FILE.onnx ...", "--with"),
    ] = (),
    abstain: Annotated[float, Says("give no answer that is less sure than this, 0 to 1", "X")] = 0.0,
    detector: Annotated[
        str,
        Says("what finds: yunet (usual, best by far), haar, ssd", "NAME", choices=("yunet", "haar", "ssd")),
    ] = "yunet",
    weights: Annotated[
        str, Says("the detector's file, or the folder it lies in; by default it is fetched once", "FILE|DIR")
    ] = "",
    smallest: Annotated[float, Says("the longer side of the smallest face, in pixels (24)", "PIXELS")] = 24.0,
    score: Annotated[float, Says("how sure the detector must be, 0 to 1 (0.8)", "X")] = 0.8,
    eyes: Annotated[bool, Says("mark the eyes as well")] = False,
    camera: Annotated[int | None, Says("follow the faces before this camera, 0 for the first", "N")] = None,
    every: Annotated[int, Says("of a film, look at each n-th frame", "N")] = 1,
    seconds: Annotated[float, Says("of a film or a camera, end after so many", "S")] = 0.0,
) -> int:
    """Find faces in pictures and films, and say what recognizers read in them.

    Prints the box of each face (left, top, width, height), how sure the detector is, and the answers. With --with,
    recognizers that learned from faces are asked, all in one pass; a recipe with fit = "face" learns on photos as they
    are. --crops makes the pictures of a data set: --crops people/anna.

    Through a film (.mp4, .avi, .mov, .webm) or before a --camera faces are followed: a track keeps its number, and its
    answers are averaged over time. --out writes the film with boxes, and a table with a line for each face and frame.

    Nets are wrong, and for some people more often than for others: hornbook evaluate RUN --by COLUMN shows for whom.
    Gender and age are how a face looks to a net, and no fact about a person. Pictures of people need their consent.

    Examples
    --------
      hornbook faces photo.jpg
      hornbook faces my_pictures --out found --crops cut
      hornbook faces photo.jpg --with runs/mine --json
      hornbook faces photo.jpg --detector haar --eyes --out found
      hornbook faces clip.mp4 --with runs/mine --out found --every 2
    """
    from hornbook.recognizer.faces.found import FacesIn

    _check(paths, camera, smallest, score, abstain, every)
    if recognizers:
        more = [path for path in paths if is_recognizer(path)]
        recognizers, paths = [*recognizers, *more], [path for path in paths if path not in more]
    look = FacesIn(detector, weights, smallest, score, recognizers, abstain, eyes)
    films = [path for path in paths if is_film(path)]
    failures = pictures = found = 0
    if films or camera is not None:
        from hornbook.cli.shown.faces_film import FilmOptions

        _check_film(detector, crops, eyes)
        asked = FilmOptions(out, as_json, smallest, every, seconds, look.readers, weights)
        failures, stopped = _follow(films, camera, asked)
        if stopped:
            raise KeyboardInterrupt
    paths = [path for path in paths if not is_film(path)]
    if not paths:
        return 1 if failures else 0
    writer = _Writer(out, crops)
    for name, value in _inputs(paths):
        try:
            if isinstance(value, DataError):
                raise value
            one = look.at(name, value)
            writer.write(one)
        except DataError as error:
            failures += 1
            complain(error)
            continue
        pictures, found = pictures + 1, found + len(one.faces)
        lines = [_json_line(one)] if as_json else _lines(one)
        print("\n".join(lines), flush=sys.stdout.isatty())
    writer.say(number_of(found, "face"), number_of(pictures, "picture"))
    return 1 if failures else 0


def is_recognizer(path: str) -> bool:
    """Return whether a path is that of a recognizer: what follows the first one of ``--with`` may be others."""
    from hornbook.recognizer.file import FILE

    return path.endswith(".onnx") or (Path(path) / FILE).is_file()


def _follow(films: Sequence[str], camera: int | None, asked: FilmOptions) -> tuple[int, bool]:
    """Follow faces through films and before a camera; return how many could not be, and whether it was stopped."""
    from hornbook.cli.shown.faces_film import follow_camera, follow_film

    failures = 0
    for path in films:
        try:
            if follow_film(path, asked):
                return failures, True
        except DataError as error:
            failures += 1
            complain(error)
    return failures, camera is not None and bool(follow_camera(camera, asked))


def _check_film(detector: str, crops: str | None, eyes: bool) -> None:
    """Raise UsageError where an option is for pictures alone."""
    given = [("--detector", detector != "yunet"), ("--crops", crops is not None), ("--eyes", eyes)]
    wrong = [option for option, there in given if there]
    if wrong:
        raise UsageError(f"{wrong[0]} is for pictures, and films are followed by yunet alone: leave it out")


def _check(
    paths: Sequence[str], camera: int | None, smallest: float, score: float, abstain: float, every: int
) -> None:
    """Raise UsageError where an option cannot be, or nothing is asked."""
    if not paths and camera is None:
        raise UsageError(
            "there is nothing to look at: give pictures, films, folders, - for standard input, or --camera 0"
        )
    if every < 1:
        raise UsageError(f"--every is {every}, but it is a number of frames, 1 or more")
    if not 1 <= smallest <= 100_000:
        raise UsageError(f"--smallest is {smallest:g}, but it is a number of pixels, 1 or more")
    for option, value in (("--score", score), ("--abstain", abstain)):
        if not 0 <= value <= 1:
            raise UsageError(f"{option} is {value:g}, but it is a probability, from 0 to 1")


def _inputs(paths: Sequence[str]) -> Any:
    from hornbook.recognizer.inputs import inputs

    return inputs(paths, "image")


def _lines(one: Found) -> list[str]:
    """Return what people read of a picture: a line for each face."""
    name = shown(one.name)
    if not one.faces:
        return [f"{name}  no face"]
    lines = []
    for i, face in enumerate(one.faces):
        parts = [
            name,
            f"{face.left:.0f},{face.top:.0f} {face.width:.0f} x {face.height:.0f}",
            f"{face.score:.2f}",
        ]
        parts += one.lines(i)
        lines.append("  ".join(map(shown, parts)))
    return lines


def _json_line(one: Found) -> str:
    everything = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return json.dumps(one.to_json(), ensure_ascii=not everything)


def _marks(one: Found) -> list[Marked]:
    """Return what is drawn into a picture."""
    from hornbook.render.boxes import Marked

    return [
        Marked(
            (face.left, face.top, face.width, face.height),
            one.lines(i) or [f"{face.score:.2f}"],
            face.points,
            one.eyes[i] if one.eyes else (),
            i,
        )
        for i, face in enumerate(one.faces)
    ]


class _Writer:
    """Writes pictures with boxes, and faces cut out, into folders."""

    def __init__(self, out: str | None, crops: str | None) -> None:
        self.out, self.crops = out, crops
        self.taken: dict[str, set[str]] = {}
        self.lacks = ""

    def write(self, one: Found) -> None:
        """Write what was asked for of one picture."""
        from hornbook.recognizer.faces.found import cut_faces

        if self.out is not None:
            from hornbook.render.boxes import draw_boxes, lacking

            marked = _marks(one)
            self.lacks = self.lacks or lacking([line for mark in marked for line in mark.lines])
            self._save(self.out, one.name, "faces.jpg", draw_boxes(one.picture, marked))
        if self.crops is not None:
            from PIL import Image

            for i, cut in enumerate(cut_faces(one)):
                self._save(self.crops, one.name, f"{i + 1}.png", Image.fromarray(cut))

    def _save(self, folder: str, name: str, end: str, picture: Any) -> None:
        """Save a picture whole or not at all, under a name that no other picture of this call has."""
        from hornbook.common.files import writing
        from hornbook.recognizer.inputs import free_name

        stem = "standard input" if name == "-" else name
        path = free_name(Path(folder), stem, self.taken.setdefault(f"{folder}/{end}", set()), end)
        with writing(path) as file:
            picture.save(file, "PNG" if end.endswith("png") else "JPEG", quality=92)

    def say(self, found: str, pictures: str) -> None:
        """Say what was written where."""
        where = [
            f"drawn into {self.out}" if self.out else "",
            f"cut out into {self.crops}" if self.crops else "",
        ]
        if any(where):
            note(f"{found} in {pictures}: {listed([w for w in where if w])}")
        if self.lacks:
            from hornbook.render.boxes import no_font

            note(no_font(self.lacks))
