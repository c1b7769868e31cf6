"""The pictures of ``predict --show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hornbook.common.files import cannot_write
from hornbook.common.plaintext import percent
from hornbook.errors import UsageError

if TYPE_CHECKING:
    from hornbook.recognizer import Answer, Recognizer


class ShownPictures:
    """Writes a picture for each input: it, what the network was given, where it looked, and the answer.

    Raises
    ------
    UsageError
        The recognizer takes no pictures, or the folder cannot be made.
    """

    def __init__(self, folder: Path, reader: Recognizer) -> None:
        self.folder, self.reader, self.count = folder, reader, 0
        self.taken: set[str] = set()
        self.column = next(((n, c) for n, c in reader.inputs.items() if c.medium == "picture"), None)
        if self.column is None:
            raise UsageError("--show is for recognizers of pictures")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"--show {folder}: the folder cannot be made ({(error.strerror or '').lower()})"
            ) from None

    def write(self, value: Any, answer: Answer) -> None:
        """Write one picture."""
        from hornbook.recognizer.inputs import free_name
        from hornbook.recognizer.where import heat_of, heated
        from hornbook.render.gallery import SIDE, beside

        assert self.column is not None
        name, column = self.column
        encoded = self.reader.encode(value, answer.input)
        value = value[name] if isinstance(value, dict) else value
        said = "   ".join(
            f"{'unsure' if p.value is None else p.text()}  "
            f"{'' if p.confidence is None else percent(p.confidence)}"
            for p in answer.predictions.values()
        )
        said += "".join(f"   ({remark})" for remark in answer.remarks)
        path = free_name(self.folder, "standard input" if answer.input == "-" else answer.input, self.taken)
        looked = heated(encoded[name], heat_of(self.reader, encoded, name))
        try:
            beside(column.original(value, 2 * SIDE), encoded[name], said, looked).save(path)
        except OSError as error:
            raise cannot_write(path, error) from None
        self.count += 1
