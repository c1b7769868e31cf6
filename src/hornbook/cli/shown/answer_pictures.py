"""The pictures of ``predict --out DIR``, where answers are pictures."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from hornbook.common.files import write_file
from hornbook.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hornbook.recognizer import Answer, Recognizer

__all__ = ["AnswerPictures", "pictures_for"]


class AnswerPictures:
    """Writes the pictures of answers into a folder, ``photo.clean.png`` for the target ``clean`` of ``photo.jpg``.

    Raises
    ------
    UsageError
        The folder cannot be made.
    """

    def __init__(self, folder: Path, targets: Sequence[str]) -> None:
        self.folder, self.targets, self.count = folder, targets, 0
        self.taken: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"--out {folder}: the folder cannot be made ({(error.strerror or '').lower()})"
            ) from None

    def write(self, answer: Answer) -> Answer:
        """Write the pictures of an answer, and return it with their paths in their places."""
        from hornbook.recognizer import Answer
        from hornbook.recognizer.inputs import free_name

        found = dict(answer.predictions)
        for target in self.targets:
            prediction = found[target]
            if prediction.value is None:
                continue
            name = "standard input" if answer.input == "-" else answer.input
            path = free_name(self.folder, name, self.taken, f"{_plain(target)}.png")
            memory = io.BytesIO()
            prediction.value.save(memory, "PNG")
            write_file(path, memory.getvalue())
            found[target] = prediction._replace(value=os.fspath(path), said="", pictured=False)
            self.count += 1
        return Answer(answer.input, found, None, answer.remarks, answer.novelty)


def pictures_for(
    reader: Recognizer, out: str | None, apart: Sequence[tuple[str, bool]]
) -> AnswerPictures | None:
    """Return what writes the pictures of a recognizer's answers; None where these are none, or none are wanted.

    ``apart`` are options that say how tables of answers are written, and whether each was given.
    """
    targets = [n for n, c in reader.targets.items() if c.medium == "picture"]
    if out is None or not targets:
        return None
    if given := next((option for option, there in apart if there), None):
        raise UsageError(f"{given} is for tables of answers, and these are pictures: leave it out")
    if Path(out).is_file() or Path(out).suffix.lower() in (
        ".csv",
        ".tsv",
        ".parquet",
        ".json",
        ".jsonl",
        ".xlsx",
    ):
        raise UsageError(f"--out {out}: the answers are pictures, so name a folder for them")
    return AnswerPictures(Path(out), targets)


def _plain(target: str) -> str:
    """Return the name of a target as a part of a file's name."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in target) or "answer"
