"""Faces followed from frame to frame: a track is one person for as long as they are seen, and its answers are averaged.

A face goes with the track whose box it overlaps most, moved on as it moved before. A track outlives a second in which
its face is turned away. Where the picture changes at once, a cut, all tracks end: who stands in the same place then is
somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face, boxes_of, overlaps
from hornbook.recognizer.faces.answers import FaceReaders, Outputs, Read

__all__ = ["Follower", "Seen", "Track"]

NEAR, ALSO = 0.25, 0.5
"""Overlap with which a face goes on a track; or so many of its sizes that its middle may have moved."""

SURE, GOES_ON = 0.8, 0.5
"""Scores of a face that begins a track, and of one that goes on."""

PATIENCE = 1.0
"""Seconds that a track waits for a face that is not seen."""

SHORTEST = 3
"""Frames of a track, at least: what is seen for fewer was no face."""

ASKED, RARELY = 8, 5
"""So often the recognizers are asked about a new track in each frame; later in each fifth."""

LEAD = 0.1
"""By how much another answer must be likelier, on average, to take the place of the one that is shown."""

CUT_SIDE, CUT, DARK = 32, 0.28, 0.01
"""A cut: two frames, at so many pixels, that differ on average by such a share of the sum of their brightness; in a
film of a dark hall cuts have 0.38 to 0.52, and a camera that swings 0.19. What is darker counts as so bright."""

EASED = 0.6
"""Share of the newest box in the one that is drawn: boxes do not tremble."""


class Finds(Protocol):
    """What finds faces in frames: `hornbook.columns.image.face.yunet.YuNet`."""

    def in_frame(self, picture: Array, smallest: float, score: float) -> list[Face]:
        """Return what may be faces, at one look."""

    def looked_again(self, picture: Array, faces: list[Face]) -> list[Face]:
        """Return them with scores that a second look has confirmed."""


@dataclass
class Track:
    """A face that is followed.

    Attributes
    ----------
    number
        1, 2, 3, ... in the order in which they came.
    face
        Where it was seen last, eased.
    first, last
        The frames in which it was seen first and last.
    seen
        In how many it was seen.
    """

    number: int
    face: Face
    first: int
    last: int
    seen: int = 1
    speed: tuple[float, float] = (0.0, 0.0)
    sums: list[dict[str, Array]] = field(default_factory=list)
    weight: float = 0.0
    asked: int = 0
    read: Read | None = None
    changes: int = 0

    def expected(self, frame: int) -> Face:
        """Return where it should be in a frame."""
        steps = min(frame - self.last, 5)
        return self.face.scaled(1.0, self.speed[0] * steps, self.speed[1] * steps)

    def move(self, face: Face, frame: int) -> None:
        """Go on with the face of a frame."""
        steps = max(frame - self.last, 1)
        old, new = self.face.middle, face.middle
        moved = ((new[0] - old[0]) / steps, (new[1] - old[1]) / steps)
        self.speed = (0.5 * (self.speed[0] + moved[0]), 0.5 * (self.speed[1] + moved[1]))
        # What moves fast is where it is; what rests does not tremble.
        far = min(1.0, float(np.hypot(*moved)) * steps / max(0.15 * face.size, 1))
        share = EASED + (1 - EASED) * far
        self.face = _between(self.face, face, share)
        self.last, self.seen = frame, self.seen + 1

    def to_json(self, rate: float) -> dict[str, Any]:
        """Return the track as JSON types: frames and seconds of its beginning and end, and what is said of it."""
        out: dict[str, Any] = {
            "track": self.number,
            "first": self.first,
            "last": self.last,
            "seconds": [round(self.first / rate, 2), round(self.last / rate, 2)],
            "frames": self.seen,
        }
        if self.read is not None:
            out["answers"] = self.read.to_json()
        return out


class Seen(NamedTuple):
    """A track in one frame: ``found`` is False where its face was not seen in it, and is drawn where it should be."""

    track: Track
    face: Face
    found: bool


class Follower:
    """Follows faces through the frames of a film, given one after the other.

    Parameters
    ----------
    finder
        What finds faces in a frame.
    rate
        Frames a second, of those that are given.
    smallest
        The longer side of the smallest face, in pixels.
    readers
        Recognizers that are asked about each face.
    """

    def __init__(
        self, finder: Finds, rate: float, smallest: float = 24.0, readers: FaceReaders | None = None
    ) -> None:
        self.finder, self.smallest, self.readers = finder, smallest, readers
        self.patience = max(2, round(PATIENCE * rate))
        self.tracks: list[Track] = []
        self.ended: list[Track] = []
        self._frame, self._before = -1, np.zeros((0, 0), np.float32)
        self._count = 0

    def next(self, picture: Array) -> list[Seen]:
        """Return the tracks that are seen in the next frame, ``uint8`` (H, W, 3), by their numbers."""
        self._frame += 1
        if self._is_cut(picture):
            self._end(self.tracks)
        faces = self.finder.in_frame(picture, self.smallest, GOES_ON)
        taken = self._matched(faces)
        new = [f for i, f in enumerate(faces) if i not in taken and f.score >= SURE - 0.2]
        if new:
            self._begin([f for f in self.finder.looked_again(picture, new) if f.score >= SURE])
        self._end([t for t in self.tracks if self._frame - t.last > self.patience])
        if self.readers is not None:
            self._ask(self.readers, picture)
        shown = [
            Seen(t, t.expected(self._frame), t.last == self._frame)
            for t in self.tracks
            if t.seen >= SHORTEST or t.last == self._frame
        ]
        return [s for s in shown if s.found or self._frame - s.track.last <= self.patience // 3]

    def close(self) -> list[Track]:
        """End all tracks, and return those that were seen for long enough to be a face, by their numbers."""
        self._end(self.tracks)
        return sorted(self.ended, key=lambda t: t.number)

    def _is_cut(self, picture: Array) -> bool:
        import cv2

        small = cv2.resize(picture, (CUT_SIDE, CUT_SIDE), interpolation=cv2.INTER_AREA).mean(2) / 255
        before, self._before = self._before, small
        if before.shape != small.shape:
            return False
        apart = np.abs(before - small).mean() / (before.mean() + small.mean() + 2 * DARK)
        return bool(apart > CUT)

    def _matched(self, faces: Sequence[Face]) -> set[int]:
        """Let each face go on with the track that it is nearest to, the surest pairs first; return which did."""
        if not faces or not self.tracks:
            return set()
        expected = [t.expected(self._frame) for t in self.tracks]
        near = overlaps(boxes_of(expected), boxes_of(faces))
        for i, there in enumerate(expected):
            for j, face in enumerate(faces):
                apart = np.hypot(there.middle[0] - face.middle[0], there.middle[1] - face.middle[1])
                alike = 0.6 < face.size / max(there.size, 1) < 1.67
                if near[i, j] < NEAR and alike and apart < ALSO * there.size:
                    near[i, j] = NEAR
        taken: set[int] = set()
        used: set[int] = set()
        for place in np.argsort(-near, axis=None, kind="stable").tolist():
            i, j = divmod(place, len(faces))
            if near[i, j] < NEAR:
                break
            if i not in used and j not in taken:
                used.add(i)
                taken.add(j)
                self.tracks[i].move(faces[j], self._frame)
        return taken

    def _begin(self, faces: Sequence[Face]) -> None:
        for face in sorted(faces, key=lambda f: f.left):
            self._count += 1
            self.tracks.append(Track(self._count, face, self._frame, self._frame))

    def _end(self, tracks: Sequence[Track]) -> None:
        self.ended += [t for t in tracks if t.seen >= SHORTEST]
        gone = {t.number for t in tracks}
        self.tracks = [t for t in self.tracks if t.number not in gone]

    def _ask(self, readers: FaceReaders, picture: Array) -> None:
        """Ask about the faces of this frame that are new, or were not asked about for some frames."""
        here = [
            t
            for t in self.tracks
            if t.last == self._frame and (t.asked < ASKED or (t.seen + t.number) % RARELY == 0)
        ]
        if not here:
            return
        outputs = readers.outputs(picture, [t.face for t in here])
        for row, track in enumerate(here):
            _add(track, outputs, row)
        means: Outputs = [
            {n: np.concatenate([t.sums[i][n] / t.weight for t in here]) for n in found}
            for i, found in enumerate(outputs)
        ]
        for track, read in zip(here, readers.said(means), strict=True):
            _settle(track, read)


def _add(track: Track, outputs: Outputs, row: int) -> None:
    """Add what graphs say of a face in one frame; a clear and large face says more."""
    weight = track.face.score * min(track.face.size, 100.0)
    parts = [{n: weight * v[row : row + 1].astype(np.float64) for n, v in found.items()} for found in outputs]
    track.sums = (
        [{n: old[n] + new[n] for n in new} for old, new in zip(track.sums, parts, strict=True)]
        if track.sums
        else parts
    )
    track.weight, track.asked = track.weight + weight, track.asked + 1


def _settle(track: Track, read: Read) -> None:
    """Take what is said now, but keep an answer that is shown until another one is clearly likelier."""
    if track.read is None:
        track.read = read
        return
    kept = dict(read.predictions)
    for target, old in track.read.predictions.items():
        new = kept[target]
        sure = dict(new.top).get(old.value) if old.confidence is not None else None
        if new.value == old.value or sure is None or new.confidence is None:
            continue
        if new.confidence < sure + LEAD:
            kept[target] = new._replace(value=old.value, confidence=sure, said=old.said)
        else:
            track.changes += 1
    track.read = Read(kept, read.unlike)


def _between(old: Face, new: Face, share: float) -> Face:
    """Return a face between two, so much of the way to the second."""

    def mix(a: float, b: float) -> float:
        return a + share * (b - a)

    points = new.points
    if len(old.points) == len(points):
        points = tuple((mix(a, c), mix(b, d)) for (a, b), (c, d) in zip(old.points, new.points, strict=True))
    return replace(
        new,
        left=mix(old.left, new.left),
        top=mix(old.top, new.top),
        width=mix(old.width, new.width),
        height=mix(old.height, new.height),
        points=points,
    )
