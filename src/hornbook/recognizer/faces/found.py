"""The faces in a picture, with what recognizers say of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face
from hornbook.columns.image.face.find import Detector, finder
from hornbook.errors import UsageError, one_of

if TYPE_CHECKING:
    from hornbook.recognizer.faces.answers import Read

__all__ = ["CROP", "FacesIn", "Found", "cut_faces", "eyes_of"]

CROP = 224
"""Pixels of each side of a face that is cut out for a data set."""

EYE = 0.45
"""The side of an eye's box, in distances between the eyes."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Found:
    """What was found in one picture.

    Attributes
    ----------
    name
        What it is called.
    picture
        Upright, ``uint8`` (H, W, 3).
    faces
        The surest first.
    read
        What recognizers say of each of them; empty where none was asked.
    eyes
        The boxes of the eyes of each; empty where they were not asked for.
    """

    name: str
    picture: Array
    faces: list[Face]
    read: list[Read] = field(default_factory=list)
    eyes: list[list[Box]] = field(default_factory=list)

    def lines(self, at: int) -> list[str]:
        """Return what is said of a face, a line for each answer."""
        return self.read[at].lines() if self.read else []

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types: ``input``, ``size`` (width, height), ``faces``."""
        height, width = self.picture.shape[:2]
        faces = []
        for i, face in enumerate(self.faces):
            one = face.to_json()
            if self.eyes:
                one["eyes"] = [[round(v, 1) for v in box] for box in self.eyes[i]]
            if self.read:
                one["answers"] = self.read[i].to_json()
            faces.append(one)
        return {"input": self.name, "size": [width, height], "faces": faces}


class FacesIn:
    """Finds faces, and asks recognizers what they are.

    Parameters
    ----------
    detector, weights, smallest, score
        As for `hornbook.find_faces`.
    recognizers
        Folders of runs, or files, which are asked about each face.
    abstain
        Answers that are less sure than this, 0 to 1, are None.
    eyes
        Whether the boxes of eyes are wanted.
    """

    def __init__(
        self,
        detector: Detector | str = "yunet",
        weights: str = "",
        smallest: float = 24.0,
        score: float = 0.8,
        recognizers: Sequence[str] = (),
        abstain: float = 0.0,
        eyes: bool = False,
    ) -> None:
        known: dict[str, Detector] = {"yunet": "yunet", "haar": "haar", "ssd": "ssd"}
        if detector not in known:
            raise UsageError(f"the detector is {detector!r}, and it may be {one_of(known)}")
        self.finder = finder(known[detector], weights)
        self.smallest, self.score, self.eyes = smallest, score, eyes
        self.readers = None
        if recognizers:
            from hornbook.recognizer.faces.answers import FaceReaders

            self.readers = FaceReaders(recognizers, abstain)

    def at(self, name: str, value: object) -> Found:
        """Return what is in one picture: a path, the bytes of a file, an array or a Pillow picture.

        Raises
        ------
        DataError
            The picture cannot be read.
        """
        from hornbook.columns.image.files.open import open_picture

        shown = None if name == "-" else name
        return self.in_pixels(name, np.asarray(open_picture(value, name=shown).convert("RGB")))

    def in_pixels(self, name: str, picture: Array) -> Found:
        """Return what is in an upright picture, ``uint8`` (H, W, 3)."""
        faces = self.finder.find(picture, self.smallest, self.score)
        read = self.readers.said(self.readers.outputs(picture, faces)) if self.readers and faces else []
        eyes = [list(eyes_of(picture, face)) for face in faces] if self.eyes else []
        return Found(name, picture, faces, read, eyes)


def eyes_of(picture: Array, face: Face) -> Iterator[Box]:
    """Yield the boxes of a face's eyes: around its points, or, where it has none, as a Haar cascade sees them."""
    if not face.points:
        from hornbook.columns.image.face.haar import eyes_in

        yield from eyes_in(picture, face)
        return
    (ax, ay), (bx, by) = face.points[:2]
    side = EYE * max(float(np.hypot(bx - ax, by - ay)), face.width / 6)
    for x, y in ((ax, ay), (bx, by)):
        yield x - side / 2, y - side / 2, side, side


def cut_faces(found: Found) -> Iterator[Array]:
    """Yield each face upright, ``uint8`` (224, 224, 3)."""
    from hornbook.columns.image.face.upright import cut_out

    for face in found.faces:
        yield cut_out(found.picture, face, (CROP, CROP))
