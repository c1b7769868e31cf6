"""What several recognizers say of the faces in a picture: each is found once, and cut out for each as it learned."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face
from hornbook.columns.prediction import Prediction
from hornbook.common.plaintext import percent
from hornbook.common.safe_names import shown
from hornbook.errors import UsageError, one_of
from hornbook.recognizer.answer import UNLIKE, UNLIKE_WORDS
from hornbook.recognizer.recognizer import Recognizer
from hornbook.recognizer.signature import NOVELTY

__all__ = ["FaceReaders", "Outputs", "Read"]

AT_ONCE = 32
"""Faces that a graph is given at once."""

Outputs = Sequence[Mapping[str, Array]]
"""Of each recognizer its outputs by target, ``(faces, ...)``."""


class Read(NamedTuple):
    """What is said of one face.

    Attributes
    ----------
    predictions
        By target; where two recognizers have a target of the same name, by ``run/target``.
    unlike
        Of which of them the face is unlike the examples that were learned from.
    """

    predictions: dict[str, Prediction]
    unlike: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return what people read: a line for each target."""
        said = []
        for target, one in self.predictions.items():
            if target in self.unlike and one.value is not None and one.confidence is None:
                said.append(one.text())  # what the recognizer says of strangers
                continue
            if target in self.unlike:
                said.append(f"{UNLIKE_WORDS}?" if one.value is None else f"{one.text()}? ({UNLIKE_WORDS})")
                continue
            sure = "" if one.confidence is None or one.value is None else f" {percent(one.confidence, 0)}"
            said.append(f"{target}: unsure" if one.value is None else f"{one.text()}{sure}")
        return said

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types, by target."""
        out = {target: one.to_json() for target, one in self.predictions.items()}
        for target in self.unlike:
            out[target]["unlike"] = True
        return out


class FaceReaders:
    """Recognizers of faces, side by side.

    Parameters
    ----------
    recognizers
        The folders of runs, or files, or recognizers that are loaded.
    abstain
        An answer that is less sure than this is None; so is, where anything is to be abstained from, that on a face
        which is unlike the examples.

    Raises
    ------
    RecognizerError
        One is none.
    UsageError
        One takes something else than one picture.
    """

    def __init__(
        self, recognizers: Sequence[str | os.PathLike[str] | Recognizer], abstain: float = 0.0
    ) -> None:
        self.readers = [one if isinstance(one, Recognizer) else Recognizer(one) for one in recognizers]
        self.abstain = abstain
        paths = [one.path if isinstance(one, Recognizer) else one for one in recognizers]
        for path, reader in zip(paths, self.readers, strict=True):
            if [c.medium for c in reader.inputs.values()] != ["picture"]:
                raise UsageError(
                    f"{shown(path)} takes {one_of(reader.inputs)}, and here one picture of a face is given: name a run "
                    "that learned from pictures alone"
                )
        targets = [t for reader in self.readers for t in reader.targets]
        self._names = [
            {
                t: t if targets.count(t) == 1 else f"{os.path.basename(os.path.normpath(path))}/{t}"  # noqa: PTH119
                for t in reader.targets
            }
            for path, reader in zip(paths, self.readers, strict=True)
        ]

    @property
    def targets(self) -> list[str]:
        """The names of all that is said of a face."""
        return [name for names in self._names for name in names.values()]

    def outputs(self, picture: Array, faces: Sequence[Face]) -> Outputs:
        """Return what the graphs say of faces in an upright picture, ``uint8`` (H, W, 3)."""
        found = []
        for reader in self.readers:
            ((name, column),) = reader.inputs.items()

            def take(start: int, end: int, name: str = name, column: Any = column) -> dict[str, Array]:
                return {name: np.stack([column.encode_found(picture, f) for f in faces[start:end]])}

            found.append(reader.run_batches(len(faces), take, AT_ONCE))
        return found

    def said(self, outputs: Outputs, top: int = 3) -> list[Read]:
        """Return what outputs mean, for each face."""
        parts: list[list[tuple[dict[str, Prediction], bool]]] = []
        for reader, found, names in zip(self.readers, outputs, self._names, strict=True):
            decoded = reader.decode(found, top, self.abstain)
            novelty = found[NOVELTY][:, 0] if reader.novel else np.zeros(len(decoded))
            parts.append(
                [
                    ({names[t]: p for t, p in row.items()}, bool(new >= UNLIKE))
                    for row, new in zip(decoded, novelty.tolist(), strict=True)
                ]
            )
        return [
            Read(
                {t: p for row, _ in rows for t, p in row.items()},
                tuple(t for row, strange in rows if strange for t in row),
            )
            for rows in zip(*parts, strict=True)
        ]
