"""Every face of a picture, as one recognizer that looks for a face reads it."""

from __future__ import annotations

from typing import Any

from hornbook.columns.image.column import ImageColumn
from hornbook.errors import DataError, UsageError
from hornbook.recognizer.faces.answers import FaceReaders
from hornbook.recognizer.faces.found import Found
from hornbook.recognizer.recognizer import Recognizer

__all__ = ["MOST_FACES", "each_face"]

MOST_FACES = 100
"""So many faces of a picture are read, the surest first: of a crowd the others would be waited for."""


def each_face(reader: Recognizer, value: Any, top: int = 3, abstain: float = 0.0) -> Found:
    """Return the faces of a picture, each with its answers.

    Parameters
    ----------
    value
        A picture, as `Recognizer.predict` takes it.
    top, abstain
        As for `Recognizer.predict`.

    Returns
    -------
    Found
        With at most `MOST_FACES` faces.

    Raises
    ------
    UsageError
        The recognizer does not look for faces.
    DataError
        The picture cannot be read.
    """
    pictures = ImageColumn.among(reader.inputs)
    if len(reader.inputs) > 1 or not all(c.fit == "face" for c in pictures.values()) or not pictures:
        raise UsageError(
            'this recognizer does not look for faces: leave faces out, or ask one that learned with fit = "face"'
        )
    ((name, column),) = pictures.items()
    picture: Any = value.get(column.source or name) if isinstance(value, dict) else value
    if picture is None:
        raise DataError("there is no picture in which faces could be: give one")
    pixels, faces = column.faces_in(picture)
    faces = faces[:MOST_FACES]
    readers = FaceReaders([reader], abstain)
    read = readers.said(readers.outputs(pixels, faces), top) if faces else []
    return Found(name, pixels, faces, read)
