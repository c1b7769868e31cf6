"""Opening files of pictures and sounds: what is no file that can be read is said in one sentence."""

from __future__ import annotations

import os
import stat
from typing import IO

from hornbook.common.files import reason
from hornbook.errors import DataError


def open_file(path: str, name: str, what: str) -> tuple[IO[bytes], int]:
    """Return a file that is open for reading, and its size.

    By plain `os` calls, since for a small file a `Path` costs as much as reading it.

    Parameters
    ----------
    name
        What errors call it.
    what
        What is expected: ``picture`` or ``sound``.

    Raises
    ------
    DataError
        There is no such file, it is none, or it may not be read.
    """
    try:
        status = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(status.st_mode):
            raise DataError(f"{name} is a folder, and a {what} was expected: give the {what}s in it")
        if not stat.S_ISREG(status.st_mode):
            raise DataError(f"{name} is a device or a pipe and no file: copy the {what} to a file first")
        return open(path, "rb"), status.st_size  # noqa: PTH123
    except FileNotFoundError:
        if os.path.islink(path):  # noqa: PTH114
            raise DataError(
                f"{name} is a link to a file that does not exist: mend or delete the link"
            ) from None
        if str(path).startswith(("http://", "https://")):
            raise DataError(f"{name} is an address on the web: fetch the {what}, and give its file") from None
        raise DataError(f"{name} does not exist: check the name") from None
    except PermissionError:
        raise DataError(f"{name} may not be read: change its permissions (chmod u+r)") from None
    except (OSError, ValueError) as error:  # a loop of links, a name too long, a zero byte in it, a bad disk
        if os.path.islink(path):  # noqa: PTH114
            raise DataError(f"{name} is a link that leads back to itself: delete the link") from None
        raise DataError(f"{name} cannot be read ({reason(error)}): check the name and the disk") from None


def read_part(file: IO[bytes], place: int, count: int, name: str) -> bytes:
    """Return so many bytes of a file from a place on, fewer at its end; all of them where ``count`` is -1."""
    try:
        if place or count >= 0:  # the whole of a file that was just opened is read without a move
            file.seek(place)
        return file.read(count)
    except (OSError, ValueError, OverflowError) as error:
        raise DataError(
            f"{name} cannot be read ({reason(error)}): check the disk, or copy it again"
        ) from None
