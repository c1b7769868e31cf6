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
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.cache import file_key, made_from
from hornbook.examples.stores import Store
from hornbook.sources.archive.members import LARGEST_RATIO, RATIO_COUNTS_FROM, Members, breaks_off, damaged
from hornbook.sources.folder.listing import Listing

BLOCK = 512
CHUNK = 1 << 20
LARGEST_HEADER = 1 << 20  # bytes of a long name or of pax records; real ones have some hundred
FORMAT = "tar 2"  # part of the key of what is kept: raise it when that changes

_REFUSED = {
    tarfile.LNKTYPE: "is a link, so it is left out; pack the file itself",
    tarfile.SYMTYPE: "is a link, so it is left out; pack the file itself",
    tarfile.CHRTYPE: "is a device, so it is left out",
    tarfile.BLKTYPE: "is a device, so it is left out",
    tarfile.FIFOTYPE: "is a pipe, so it is left out",
    tarfile.GNUTYPE_SPARSE: "is a sparse file, so it is left out; pack it without --sparse",
}
_DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, tarfile.TarError, ValueError, OverflowError)


@dataclass(frozen=True)
class PackedStore(Store):
    """Files that lie one after the other in one file; opened for each, so that threads do not meet.

    Parameters
    ----------
    path
        The file.
    places
        Offset and size of each, by name.
    key
        What tells this state of the archive from others.
    """

    path: Path
    places: Mapping[str, tuple[int, int]]
    key: str

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

    def fingerprint(self, names: Collection[str]) -> str:
        """Return the key: the archive's place, size and time of change."""
        return self.key


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
    places = {n: (o, s) for n, o, s in zip(members.names, members.offsets, members.sizes, strict=True)}
    store = PackedStore(path if _compression(path) is None else kept, places, file_key(path))
    files = sorted([*members.names, *members.others])
    return Listing(shown(path), store, store.load, files, sorted(members.folders), members.problem_list())


def _compression(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        raise DataError(
            f"{shown(path)}: is packed with zstd, which cannot be read here: pack it as .tar.gz or .zip"
        )
    for magic, name in ((b"\x1f\x8b", "gz"), (b"BZh", "bz2"), (b"\xfd7zXZ\0", "xz")):
        if head.startswith(magic):
            return name
    return None


def _open(path: Path) -> IO[bytes]:
    kind = _compression(path)
    if kind == "gz":
        return cast(IO[bytes], gzip.open(path))
    if kind == "bz2":
        return bz2.open(path)
    return lzma.open(path) if kind == "xz" else path.open("rb")


def _unpack(path: Path, out: BinaryIO) -> None:
    """Write the files of a compressed tar, the list of files and its length; of a plain tar only the list."""
    members = Members()
    try:
        with _open(path) as file:
            _walk(path, file, members, None if _compression(path) is None else out)
    except EOFError as error:
        raise breaks_off(path, members.names) from error
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise damaged(path, error) from error
    if not members.names and not members.others and not members.problems:
        raise DataError(f"{shown(path)}: there is no file in the archive: pack it again")
    index = members.dump()
    out.write(index)
    out.write(struct.pack("<Q", len(index)))


def _walk(path: Path, file: IO[bytes], members: Members, out: BinaryIO | None) -> None:
    """Go from header to header; copy what is taken to ``out`` where there is one."""
    length = path.stat().st_size
    limit = max(RATIO_COUNTS_FROM, LARGEST_RATIO * length) if out else length
    at = written = 0
    long_name = ""
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
        if info.size < 0 or at + info.size > limit:
            if out is None or info.size < 0:
                raise EOFError
            raise DataError(
                f"{shown(path)}: unpacks to more than {limit / 1e9:,.1f} GB from {length / 1e6:,.1f} MB, as a bomb "
                "does: unpack it yourself if you trust it, and give the folder"
            )
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE):
            long_name = _long_name(file, info, path) or long_name
            at += padded
            continue
        if info.type == tarfile.DIRTYPE:
            members.add_folder(long_name or info.name)
        elif info.type not in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
            refused = _REFUSED.get(info.type, "")
            name = members.accept(long_name or info.name, info.size, refused, unpacked=out is not None)
            if name is not None:
                members.add(name, at if out is None else written, info.size)
                if out is not None:
                    _copy(file, out, info.size)
                    written += info.size
                    _skip(file, padded - info.size)
                    at += padded
                    long_name = ""
                    continue
        if info.type not in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
            long_name = ""
        _skip(file, padded)
        at += padded


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


def _copy(file: IO[bytes], out: BinaryIO, size: int) -> None:
    while size:
        data = file.read(min(size, CHUNK))
        if not data:
            raise EOFError
        out.write(data)
        size -= len(data)


def _skip(file: IO[bytes], size: int) -> None:
    if isinstance(file, (gzip.GzipFile, bz2.BZ2File, lzma.LZMAFile)):
        while size:
            data = file.read(min(size, CHUNK))
            if not data:
                raise EOFError
            size -= len(data)
    elif size:
        file.seek(size, 1)


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
