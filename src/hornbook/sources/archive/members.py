"""What may be taken from an archive that somebody else made.

Nothing is ever unpacked to disk under the name that it has in the archive, so a hostile name can do no harm;
it is refused all the same, because whoever made it meant harm. The limits:

- a file in an archive has at most `LARGEST_MEMBER` bytes;
- a compressed tar unpacks to at most `LARGEST_RATIO` times its size, once that is more than
  `RATIO_COUNTS_FROM`;
- a zip is never unpacked as a whole, so only its single files are limited; files that overlap are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hornbook.common.endings import COLUMNS, ending
from hornbook.common.safe_names import shown, to_table
from hornbook.errors import DataError
from hornbook.examples.stores import Problem, Store
from hornbook.sources.folder.listing import Listing, is_junk
from hornbook.sources.table.read import TABLES

LARGEST_MEMBER = 256 << 20
LARGEST_RATIO = 100
RATIO_COUNTS_FROM = 1 << 30
LONGEST_NAME = 4096

_DRIVE = re.compile(r"[A-Za-z]:")
_WANTED = frozenset().union(*COLUMNS.values(), TABLES, ["", "txt", "text"])
"""Ends of the names of files that are unpacked from an archive that has to be unpacked as a whole."""


@dataclass(frozen=True)
class ArchiveStore(Store):
    """Files of an archive; opened for each, so that threads do not meet.

    Parameters
    ----------
    path
        The file that they lie in.
    places
        Of each file by its name, where it begins, how long it is, and how it is packed.
    key
        What tells this state of the archive from others.
    """

    path: Path
    places: Mapping[str, Sequence[int]]
    key: str

    def fingerprint(self, names: Collection[str]) -> str:
        """Return the key: the archive's place, size and time of change."""
        return self.key


@dataclass
class Members:
    """The files of an archive: where each begins, how long it is, how it is packed; and what is wrong."""

    files: dict[str, Sequence[int]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def accept(self, raw: str, size: int, refused: str = "", unpacked: bool = False) -> str | None:
        """Return the name of a file that is to be taken, None where it is not; then it is noted why.

        ``refused`` says why the kind of member is not taken (a link, a device), empty where it is. Of an archive
        that is ``unpacked``, what nobody reads is only listed.
        """
        name, wrong = safe_name(raw)
        if name is not None and any(is_junk(part) for part in name.split("/")):
            return None
        wrong = wrong or refused
        if not wrong and size < 0:
            wrong = "has a size below zero: the archive is damaged"
        if not wrong and size > LARGEST_MEMBER:
            wrong = (
                f"has {size / 1e6:,.0f} MB, more than the {LARGEST_MEMBER >> 20} MB that are read of one file"
            )
        if not wrong and name in self.seen:
            wrong = "stands in the archive twice; the first is taken"
        if wrong or name is None:
            self.problems.append((shown(raw[:200]), wrong))
            return None
        self.seen.add(name)
        if unpacked and ending(name) not in _WANTED:
            self.others.append(name)
            return None
        return name

    def add_folder(self, raw: str) -> None:
        """Add a folder; one of a name that is not safe is left out."""
        name, wrong = safe_name(raw)
        if name and not wrong and not any(is_junk(part) for part in name.split("/")):
            self.folders.append(name)

    def dump(self, path: Path) -> bytes:
        """Return all as bytes for the cache; DataError where there is no file in the archive."""
        if not self.files and not self.others and not self.problems:
            raise DataError(f"{shown(path)}: there is no file in the archive: pack it again")
        folders = set(self.folders)  # and those that only files speak of
        for parent in {name.rpartition("/")[0] for name in self.seen}:
            while parent and parent not in folders:
                folders.add(parent)
                parent = parent.rpartition("/")[0]
        kept = {
            "files": self.files,
            "others": self.others,
            "problems": self.problems,
            "folders": sorted(folders),
        }
        return json.dumps(kept).encode("utf-8", "surrogatepass")

    @classmethod
    def load(cls, data: bytes) -> Members:
        """Return what ``dump`` wrote."""
        return cls(**json.loads(data))

    def listing(self, path: Path, store: ArchiveStore) -> Listing:
        """Return the listing of the archive."""
        problems = [Problem(name, message) for name, message in self.problems]
        files = sorted([*self.files, *self.others])
        return Listing(shown(path), store, store.load, files, self.folders, problems)


def safe_name(raw: str) -> tuple[str | None, str]:
    r"""Return a member's name as it stands in the table; or None and what is wrong with it.

    >>> safe_name("./cat//1.png")
    ('cat/1.png', '')
    >>> safe_name("../../etc/passwd")[0], safe_name("C:\\x.png")[0], safe_name("/x.png")[0]
    (None, None, None)
    """
    name = raw.replace("\\", "/")
    if "\0" in name or not name:
        return None, "has a name with a zero byte, or none at all, so it is left out"
    if len(name) > LONGEST_NAME:
        return None, f"has a name of {len(name):,} characters, so it is left out"
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or _DRIVE.match(name) or ".." in parts or not parts:
        return (
            None,
            "has a name that leads out of the archive, so it is left out; distrust whoever made this archive",
        )
    return to_table("/".join(parts)), ""


def damaged(path: Path, why: object) -> DataError:
    """Return the error for an archive that cannot be read."""
    said = str(why).strip().partition("\n")[0][:120] or type(why).__name__
    return DataError(
        f"{shown(path)}: the archive is damaged, or of another kind ({said}): fetch or pack it again"
    )
