"""Zip archives.

`zipfile` reads the list of files; the files are read by their offsets, because a `zipfile.ZipFile` is not for
several threads at once. The list is kept in the cache folder.
"""

from __future__ import annotations

import bz2
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.cache import file_key, made_from
from hornbook.sources.archive.members import ArchiveStore, Members, damaged
from hornbook.sources.encodings import encoding_of
from hornbook.sources.folder.listing import Listing

ENCRYPTED, UTF8 = 0x1, 0x800  # bits of the flags

FOLDERS = ("/", "\\")
"""How the names of folders end."""
HEADER = struct.Struct("<4s22xHH")  # of a file: its mark, the lengths of its name and of more
DEFLATE_RATIO = 1032  # what deflate reaches at most
MOST_ADDED = (
    1 << 20
)  # bytes by which a file may be larger packed than unpacked; deflate and bzip2 add under 1 %
FORMAT = "zip 3"
_DAMAGE = (
    zipfile.BadZipFile,
    ValueError,
    EOFError,
    struct.error,
    NotImplementedError,
    OverflowError,
    OSError,
)


class ZipStore(ArchiveStore):
    """Files of a zip archive, each with its offset, packed size, size, method and checksum."""

    def load(self, name: str) -> bytes:
        """Return the bytes of one file; at most as many as the list of files says."""
        offset, packed, size, method, check = self.places[name]
        where = f"{shown(self.path)}: {shown(name)}"
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(offset)
                # What follows the header (the name, and more) is short, so one read gets it all.
                data = file.read(HEADER.size + 512 + packed)
                mark, name_length, more = HEADER.unpack_from(data)
                begin = HEADER.size + name_length + more
                if len(data) < begin + packed:
                    data += file.read(begin + packed - len(data))
            if mark != b"PK\x03\x04":
                raise DataError(
                    f"{where}: is not where the archive's list says: fetch or pack the archive again"
                )
            out = _unpack(data[begin : begin + packed], method, size)
        except (OSError, struct.error, zlib.error, EOFError, ValueError) as error:
            raise DataError(
                f"{where}: cannot be unpacked ({error}): fetch or pack the archive again"
            ) from error
        if len(out) != size or zlib.crc32(out) != check:
            raise DataError(f"{where}: is damaged, its checksum is wrong: fetch or pack the archive again")
        return out


def _unpack(data: bytes, method: int, size: int) -> bytes:
    if method == zipfile.ZIP_STORED:
        return data
    if method == zipfile.ZIP_DEFLATED:
        return zlib.decompressobj(-15).decompress(data, size + 1)
    return bz2.BZ2Decompressor().decompress(data, size + 1)


def list_zip(path: Path) -> Listing:
    """Return the listing of a zip archive.

    Raises
    ------
    DataError
        The archive is damaged, breaks off, is encrypted, or its files overlap.
    """
    kept = made_from(path, ".members", lambda out: _list(path, out), what=FORMAT)
    members = Members.load(kept.read_bytes())
    return members.listing(path, ZipStore(path, members.files, file_key(path)))


def _list(path: Path, out: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise damaged(path, error) from error
    _refuse_overlaps(path, infos)
    names = _names(infos)
    members = Members()
    for info, raw in zip(infos, names, strict=True):
        if raw.endswith(FOLDERS):
            members.add_folder(raw)
            continue
        name = members.accept(raw, info.file_size, _refused(info))
        if name is not None:
            sizes = info.compress_size, info.file_size
            members.files[name] = (info.header_offset, *sizes, info.compress_type, info.CRC)
    # Not by `is_dir`, which stumbles over a name that is empty.
    closed = (i.flag_bits & ENCRYPTED or raw.endswith(FOLDERS) for i, raw in zip(infos, names, strict=True))
    if infos and all(closed) and members.problems:
        raise DataError(
            f"{shown(path)}: the archive is encrypted: unpack it with its password, and give the folder"
        )
    out.write(members.dump(path))


def _refused(info: zipfile.ZipInfo) -> str:
    """Return why a file is not taken; empty where it is."""
    if info.flag_bits & ENCRYPTED:
        return "is encrypted, so it is left out; unpack the archive with its password"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link, so it is left out; pack the file itself"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        return f"is packed with method {info.compress_type}, which is not read here; pack it with 'deflate'"
    more = info.compress_size - info.file_size
    if more > MOST_ADDED or (info.compress_type == zipfile.ZIP_STORED and more):
        return "has two different sizes in the archive's list, so it is left out; pack the archive again"
    if info.compress_type == zipfile.ZIP_DEFLATED and info.file_size > DEFLATE_RATIO * (
        info.compress_size + 1
    ):
        return (
            "claims to unpack to more than is possible, so it is left out; distrust whoever made this archive"
        )
    return ""


def _refuse_overlaps(path: Path, infos: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse files that share bytes: how a small zip unpacks to petabytes (Fifield, WOOT 2019)."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise DataError(
                f"{shown(path)}: files in the archive overlap, as in a bomb: distrust whoever made it"
            )
        end = info.header_offset + 30 + info.compress_size


def _names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the names of all files; those not marked as UTF-8 may be UTF-8 or GBK all the same."""
    names = [info.orig_filename for info in infos]
    old = [i for i, info in enumerate(infos) if not info.flag_bits & UTF8 and not names[i].isascii()]
    if old:
        raw = [names[i].encode("cp437", "replace") for i in old]
        encoding = encoding_of(b"\n".join(raw))
        if encoding in ("utf-8", "gb18030"):
            for i, name in zip(old, raw, strict=True):
                names[i] = name.decode(encoding, "replace")
    return names
