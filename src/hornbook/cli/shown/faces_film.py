"""``hornbook faces`` on films and cameras: frames are read, faces followed, the film and its tracks written."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hornbook.cli.shown.frames import FrameCounter, no_frame, say_how_it_ended
from hornbook.cli.terminal import note
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown

if TYPE_CHECKING:
    from hornbook.columns.base import Array
    from hornbook.recognizer.faces.answers import FaceReaders
    from hornbook.recognizer.writing.follow import Follower, Seen, Track
    from hornbook.sources.film.open import Film
    from hornbook.sources.film.write import FilmWriter


@dataclass(frozen=True)
class FilmOptions:
    """What is asked of films: ``out`` is a folder, ``every`` looks at each n-th frame, ``seconds`` ends a camera."""

    out: str | None
    as_json: bool
    smallest: float
    every: int
    seconds: float
    readers: FaceReaders | None
    weights: str


def follow_film(path: str, asked: FilmOptions) -> int:
    """Follow the faces of a film; return 1 where it was stopped by the person, else 0."""
    from hornbook.sources.film.open import open_film

    with open_film(path) as film:
        return _follow(film, Path(path).stem, asked)


def follow_camera(number: int, asked: FilmOptions) -> int:
    """Follow the faces before a camera until it is stopped, or the seconds are over."""
    from hornbook.sources.film.open import open_camera

    with open_camera(number) as film:
        note(f"{film.name}: {film.size[0]} x {film.size[1]} pixels; Ctrl-C ends it")
        return _follow(film, f"camera-{number}", asked)


def _follow(film: Film, stem: str, asked: FilmOptions) -> int:
    from hornbook.columns.image.face.find import yunet
    from hornbook.recognizer.writing.follow import Follower

    follower = Follower(yunet(asked.weights), film.rate / asked.every, asked.smallest, asked.readers)
    with contextlib.ExitStack() as files:
        kept = _Kept(film, stem, asked, files) if asked.out is not None else None
        counter = FrameCounter(film)
        stopped = False
        try:
            for number, frame, seen in _seen(film, follower, asked.every):
                if kept is not None:
                    kept.add(number, frame, seen)
                counter.show(film.read)
                if asked.seconds and film.read >= asked.seconds * film.rate:
                    break
        except KeyboardInterrupt:
            stopped = True
        tracks = follower.close()
        counter.close()
        if not film.read:
            raise no_frame(film)
        _say_tracks(film, tracks, asked)
        _say_end(film, counter, stopped, kept)
    return int(stopped)


def _seen(film: Film, follower: Follower, every: int) -> Iterator[tuple[int, Array, list[Seen]]]:
    """Yield each frame with its number and the faces in it; of frames that are not looked at those of the last one."""
    seen: list[Seen] = []
    for number, frame in enumerate(film.frames()):
        if number % every == 0:
            seen = follower.next(frame)
        yield number, frame, seen


class _Kept:
    """The film with boxes, and the table of its tracks, a line for each face of each frame."""

    def __init__(self, film: Film, stem: str, asked: FilmOptions, files: contextlib.ExitStack) -> None:
        from hornbook.common.files import writing
        from hornbook.sources.film.write import FilmWriter

        folder = Path(asked.out or "")
        self.readers, self.rate = asked.readers, film.rate
        self.lacks = ""
        self.table = folder / f"{stem}.tracks.csv"
        self.film: FilmWriter = files.enter_context(
            FilmWriter(folder / f"{stem}.faces.mp4", film.rate, film.size)
        )
        raw = files.enter_context(writing(self.table))
        self._text: list[str] = []
        self._raw = raw
        targets = asked.readers.targets if asked.readers else []
        self._line(
            ["frame", "seconds", "track", "left", "top", "width", "height", "score", "seen"]
            + [word for target in targets for word in (target, f"{target} confidence")]
        )

    def add(self, number: int, frame: Array, seen: list[Seen]) -> None:
        """Write a frame, and its lines of the table."""
        import numpy as np

        from hornbook.render.boxes import Marked, draw_boxes, lacking, no_font

        marked = []
        for one in seen:
            face, read = one.face, one.track.read
            box = face.left, face.top, face.width, face.height
            lines = [f"{one.track.number}", *(read.lines() if read is not None else [])]
            marked.append(Marked(box, lines, face.points if one.found else (), colour=one.track.number))
            said: list[object] = []
            for target in self.readers.targets if self.readers else ():
                prediction = read.predictions[target] if read is not None else None
                sure = None if prediction is None else prediction.confidence
                said += ["" if prediction is None or prediction.value is None else prediction.value]
                said += ["" if sure is None else round(sure, 4)]
            where = [round(v, 1) for v in box]
            self._line(
                [
                    *(number, round(number / self.rate, 3), one.track.number, *where),
                    *(round(face.score, 3), int(one.found), *said),
                ]
            )
        if not self.lacks and (missing := lacking([line for mark in marked for line in mark.lines])):
            # Said once, before the first frame that has it is drawn: a film is long.
            self.lacks = missing
            note(no_font(missing))
        self.film.add(np.asarray(draw_boxes(frame, marked)) if marked else frame)

    def _line(self, cells: list[Any]) -> None:
        import io

        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerow(cells)
        self._raw.write(text.getvalue().encode())


def _say_tracks(film: Film, tracks: list[Track], asked: FilmOptions) -> None:
    """Print a line for each track."""
    if asked.as_json:
        everything = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        for track in tracks:
            line = {"input": film.name, **track.to_json(film.rate / asked.every)}
            print(json.dumps(line, ensure_ascii=not everything))
        return
    if not tracks:
        print(f"{film.name}  no face")
    for track in tracks:
        begin, end = (n * asked.every / film.rate for n in (track.first, track.last))
        parts = [film.name, f"track {track.number}", f"{begin:.1f} s to {end:.1f} s"]
        parts += [number_of(track.seen, "frame"), *map(shown, track.read.lines() if track.read else [])]
        print("  ".join(parts))


def _say_end(film: Film, counter: FrameCounter, stopped: bool, kept: _Kept | None) -> None:
    """Say how many frames there were, what was written, and where it broke off."""
    said = f"{number_of(film.read, 'frame')}, {counter.rate:.0f} a second"
    if kept is not None:
        kept.film.close()
        said += f": {shown(str(kept.film.path))} ({kept.film.codec}) and {shown(str(kept.table))}"
    note(f"{film.name}: {said}")
    say_how_it_ended(film, stopped)
