"""Every face of a picture, as one recognizer that looks for a face reads it."""

from __future__ import annotations

from typing import Any

import numpy as np

from hornbook.errors import DataError, UsageError
from hornbook.recognizer.faces.answers import FaceReaders
from hornbook.recognizer.faces.found import Found
from hornbook.recognizer.recognizer import Recognizer

__all__ = ["MOST_FACES", "each_face", "looks_for_faces"]

MOST_FACES = 100
"""So many faces of a picture are read, the surest first: of a crowd the others would be waited for."""


def looks_for_faces(reader: Recognizer) -> bool:
    """Return whether a recognizer takes one picture, and looks for a face in it."""
    columns = list(reader.inputs.values())
    return len(columns) == 1 and bool(columns[0].about_value().get("faces"))


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
    if not looks_for_faces(reader):
        raise UsageError(
            'this recognizer does not look for faces: leave faces out, or ask one that learned with fit = "face"'
        )
    ((name, column),) = reader.inputs.items()
    picture: Any = value.get(column.source or name) if isinstance(value, dict) else value
    if picture is None:
        raise DataError("there is no picture in which faces could be: give one")
    pixels, faces = column.faces_in(picture)  # type: ignore[attr-defined]
    faces = faces[:MOST_FACES]
    readers = FaceReaders([reader], abstain)
    read = readers.said(readers.outputs(np.asarray(pixels), faces), top) if faces else []
    return Found(name, pixels, faces, read)
