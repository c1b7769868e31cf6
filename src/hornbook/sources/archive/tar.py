"""Tar archives, plain or compressed with gzip, bzip2 or xz.

The headers are decoded by `tarfile.TarInfo`; walking from one to the next is done here, because `tarfile`
believes the sizes that a header gives and reads them into memory. A plain tar is read where it lies. A
compressed one can only be read from its beginning, so its files are kept unpacked, one after the other in one
file of the cache folder. In both cases the list of files is kept there, so that the second time takes a tenth
of a second.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO

from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.cache import file_key, made_from
from hornbook.sources.archive.members import LARGEST_RATIO, RATIO_COUNTS_FROM, ArchiveStore, Members, damaged
from hornbook.sources.folder.listing import Listing

BLOCK = 512
CHUNK = 1 << 20
LARGEST_HEADER = 1 << 20  # bytes of a long name or of pax records; real ones have some hundred
FORMAT = "tar 3"  # part of the key of what is kept: raise it when that changes

_REFUSED = {
    tarfile.LNKTYPE: "is a link, so it is left out; pack the file itself",
    tarfile.SYMTYPE: "is a link, so it is left out; pack the file itself",
    tarfile.CHRTYPE: "is a device, so it is left out",
    tarfile.BLKTYPE: "is a device, so it is left out",
    tarfile.FIFOTYPE: "is a pipe, so it is left out",
    tarfile.GNUTYPE_SPARSE: "is a sparse file, so it is left out; pack it without --sparse",
}
_OF_NO_FILE = (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK)
_OPENERS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
"""What opens a packed tar, by how it begins."""
_DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, tarfile.TarError, ValueError, OverflowError)


class PackedStore(ArchiveStore):
    """Files that lie one after the other in one file, each with its offset and size."""

    def load(self, name: str) -> bytes:
        """Return the bytes of one file."""
        if name not in self.places:
            raise DataError(
                f"{shown(self.path)}: {shown(name)} is of a kind that is not taken from a packed tar: unpack "
                "the archive, or pack it as .zip"
            )
        offset, size = self.places[name]
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(offset)
                data = file.read(size)
        except OSError as error:
            raise DataError(f"{shown(self.path)}: cannot be read any more: read the data again") from error
        if len(data) < size:
            raise DataError(f"{shown(self.path)}: became shorter while it was read: read the data again")
        return data


def list_tar(path: Path) -> Listing:
    """Return the listing of a tar archive.

    Raises
    ------
    DataError
        The archive is damaged, breaks off, or unpacks to more than the limits of `hornbook.sources.archive.members`.
    """
    kept = made_from(path, ".members", lambda out: _unpack(path, out), what=FORMAT)
    with kept.open("rb") as file:
        file.seek(-8, 2)
        (length,) = struct.unpack("<Q", file.read(8))
        file.seek(-8 - length, 2)
        members = Members.load(file.read(length))
    store = PackedStore(path if _opener(path) is None else kept, members.files, file_key(path))
    return members.listing(path, store)


def _opener(path: Path) -> Callable[[Path], Any] | None:
    """Return what opens a packed tar; None for a plain one."""
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        raise DataError(
            f"{shown(path)}: is packed with zstd, which cannot be read here: pack it as .tar.gz or .zip"
        )
    return next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), None)


def _unpack(path: Path, out: BinaryIO) -> None:
    """Write the files of a compressed tar, the list of files and its length; of a plain tar only the list."""
    members, opener = Members(), _opener(path)
    try:
        with path.open("rb") if opener is None else opener(path) as file:
            _walk(path, file, members, None if opener is None else out)
    except EOFError as error:
        raise DataError(
            f"{shown(path)}: the archive breaks off after {len(members.files):,} files: fetch or copy it again"
        ) from error
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise damaged(path, error) from error
    index = members.dump(path)
    out.write(index)
    out.write(struct.pack("<Q", len(index)))


def _walk(path: Path, file: IO[bytes], members: Members, out: BinaryIO | None) -> None:
    """Go from header to header; copy what is taken to ``out`` where there is one."""
    length, at, long_name = path.stat().st_size, 0, ""
    while True:
        block = file.read(BLOCK)
        at += len(block)
        if not block and at:
            message = "has no mark at its end, so that files may be missing; fetch or pack it again"
            members.problems.append((shown(path.name), message))
        if not block or block.count(0) == BLOCK:
            return
        if len(block) < BLOCK:
            raise EOFError
        info = _header(block)
        padded = -(-info.size // BLOCK) * BLOCK
        _refuse_too_long(path, length, at, info.size, packed=out is not None)
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE):
            long_name = _long_name(file, info, path) or long_name
            at += padded
            continue
        end = at + padded
        if info.type == tarfile.DIRTYPE:
            members.add_folder(long_name or info.name)
        elif info.type not in _OF_NO_FILE:
            refused = _REFUSED.get(info.type, "")
            name = members.accept(long_name or info.name, info.size, refused, unpacked=out is not None)
            if name is not None:
                members.files[name] = (at if out is None else out.tell(), info.size)
                if out is not None:
                    _go_on(file, info.size, out)
                    at += info.size
        if info.type not in _OF_NO_FILE:
            long_name = ""
        if out is None:
            file.seek(end)
        else:
            _go_on(file, end - at)
        at = end


def _refuse_too_long(path: Path, length: int, at: int, size: int, packed: bool) -> None:
    """Raise EOFError where a file ends after its archive, DataError where a packed one unpacks as a bomb does."""
    if size < 0 or (not packed and at + size > length):
        raise EOFError
    limit = max(RATIO_COUNTS_FROM, LARGEST_RATIO * length)
    if packed and at + size > limit:
        raise DataError(
            f"{shown(path)}: unpacks to more than {limit / 1e9:,.1f} GB from {length / 1e6:,.1f} MB, as a bomb "
            "does: unpack it yourself if you trust it, and give the folder"
        )


def _header(block: bytes) -> tarfile.TarInfo:
    """Return a header decoded; the usual kind (a plain file, its size in octal digits) ten times as fast."""
    usual = block[156:157] == b"0" and block[257:263] == b"ustar\0" and block[345:346] == b"\0"
    size, check = block[124:135], block[148:154]
    if not (usual and size.isdigit() and check.isdigit() and block[154:155] == b"\0"):
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    if int(check, 8) != sum(block) - sum(block[148:156]) + 8 * 32:
        raise tarfile.HeaderError("bad checksum")
    info = tarfile.TarInfo(block[:100].partition(b"\0")[0].decode("utf-8", "surrogateescape"))
    info.size = int(size, 8)
    return info


def _go_on(file: IO[bytes], size: int, out: BinaryIO | None = None) -> None:
    """Read so many bytes, and copy them where there is an ``out``."""
    while size:
        data = file.read(min(size, CHUNK))
        if not data:
            raise EOFError
        if out is not None:
            out.write(data)
        size -= len(data)


def _long_name(file: IO[bytes], info: tarfile.TarInfo, path: Path) -> str:
    """Return the name that a header gives to the next file; pax has lines of ``length key=value``."""
    if info.size > LARGEST_HEADER:
        raise DataError(
            f"{shown(path)}: a header has {info.size:,} bytes, so the archive is damaged or hostile"
        )
    data = file.read(-(-info.size // BLOCK) * BLOCK)[: info.size]
    if len(data) < info.size:
        raise EOFError
    if info.type == tarfile.GNUTYPE_LONGNAME:
        return data.rstrip(b"\0").decode("utf-8", "surrogateescape")
    at = 0
    name = ""
    while at < len(data):
        digits, blank, _ = data[at : at + 20].partition(b" ")
        if not blank or not digits.isdigit() or not int(digits):
            raise tarfile.HeaderError("a pax header is not as it should be")
        key, _, value = data[at + len(digits) + 1 : at + int(digits) - 1].partition(b"=")
        if key == b"path":
            name = value.decode("utf-8", "surrogateescape")
        at += int(digits)
    return name
