"""Fetching a file once: resumed where it broke off, kept only when its checksum is right.

The file grows under another name beside its place, so that what is there under its own name is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hornbook.errors import DataError

OFFLINE = "HORNBOOK_OFFLINE"
"""The environment variable that says to fetch no weights."""

CHUNK = 1 << 16
TIMEOUT = 30.0
TRIES = 3


@dataclass(frozen=True)
class Remote:
    """A file on the web: where it is, the official address first, its SHA-256 in hexadecimal, and its bytes."""

    name: str
    urls: tuple[str, ...]
    sha256: str
    size: int


class NotFetchedError(DataError):
    """A file that could not be fetched; the message says why, for a longer sentence to be built from."""


def fetch(remote: Remote, folder: Path, *, plain_http: bool = False) -> Path:
    """Return the path of a file in ``folder``, fetched where it is not there.

    Parameters
    ----------
    plain_http
        Take addresses that are not https, for a server on this machine.

    Raises
    ------
    NotFetchedError
        There is no network, no such file, or its checksum is wrong.
    """
    path = folder / remote.name
    if _is_there(path, remote):
        return path
    part = folder / f"{remote.name}.part"
    said: list[str] = []
    for url in remote.urls:
        if not url.startswith("https://") and not plain_http:
            raise ValueError(f"only https is fetched, not {url}")
        for attempt in range(TRIES):
            begun = part.exists()
            try:
                _get(url, part, remote)
                _check(part, remote)
                part.replace(path)
                _stamp(path, remote)
                return path
            except urllib.error.HTTPError as error:
                error.close()
                said.append(f"{url} answers {error.code}")
                if error.code == 416:  # what is there is longer than the file
                    part.unlink(missing_ok=True)
                    continue
                break
            except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
                said.append(f"{url}: {getattr(error, 'reason', None) or error or type(error).__name__}")
                if isinstance(error, urllib.error.URLError):
                    break  # no network: trying again at once helps nobody
                time.sleep(0.2 * attempt)
            except _WrongSumError as error:
                said.append(f"{url}: {error}")
                part.unlink(missing_ok=True)
                if not begun:
                    break  # what was there from an earlier day may have been what is wrong
    raise NotFetchedError(f"{remote.name} could not be fetched ({said[-1]})")


def _is_there(path: Path, remote: Remote) -> bool:
    """Return whether a file is there and the right one. It is hashed again only after a change."""
    try:
        if path.stat().st_size != remote.size:
            return False
        if _stamp_of(path).exists() and _stamp_of(path).read_text("ascii") == _state(path, remote):
            return True
        _check(path, remote)
    except (OSError, ValueError, _WrongSumError):
        return False
    _stamp(path, remote)
    return True


def _stamp_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.checked")


def _state(path: Path, remote: Remote) -> str:
    status = path.stat()
    return f"{remote.sha256} {status.st_size} {status.st_mtime_ns}"


def _stamp(path: Path, remote: Remote) -> None:
    """Note that a file was checked. Where the note cannot be written, the file is checked again the next time."""
    with contextlib.suppress(OSError):
        _stamp_of(path).write_text(_state(path, remote), "ascii")


class _WrongSumError(Exception):
    """The file is whole, and not the one it should be."""


def _get(url: str, part: Path, remote: Remote) -> None:
    """Get what is missing of a file."""
    there = part.stat().st_size if part.exists() else 0
    if there >= remote.size:
        return
    headers = {"User-Agent": "hornbook", **({"Range": f"bytes={there}-"} if there else {})}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        if not answer.url.startswith("https://") and url.startswith("https://"):
            raise urllib.error.URLError("the address leads away from https")
        begins = str(answer.headers.get("Content-Range", ""))
        resumed = answer.status == 206 and begins.startswith(f"bytes {there}-")
        with part.open("ab" if resumed else "wb") as file, _progress(remote, there if resumed else 0) as done:
            while block := answer.read(CHUNK):
                file.write(block)
                done(len(block))
                if file.tell() > remote.size:
                    break
    if part.stat().st_size < remote.size:
        raise ConnectionError("the connection broke off")


def _check(part: Path, remote: Remote) -> None:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != remote.sha256:
        raise _WrongSumError(
            f"the file is not the one that is expected (SHA-256 {found[:12]}..., wanted {remote.sha256[:12]}...)"
        )


@contextlib.contextmanager
def _progress(remote: Remote, done: int) -> Any:
    """Give a function that counts bytes and, on a terminal, shows them on one line."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    shown = 0.0

    def show(count: int) -> None:
        nonlocal done, shown
        done += count
        now = time.monotonic()
        if now - shown > 0.1:
            shown = now
            part = min(done / remote.size, 1.0)
            sys.stderr.write(f"\rfetching {remote.name}  {part:4.0%} of {remote.size / 1e6:,.1f} MB")
            sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def where_to_put(remotes: Sequence[Remote], folder: Path, name: str, why: str) -> DataError:
    """Return the error that says which files to put where."""
    files = "; ".join(remote.urls[0] for remote in remotes)
    return DataError(
        f"{name}: {why}; with no network, fetch these files elsewhere and put them into {folder}, or into any folder "
        f"DIR and say --data DIR: {files}"
    )
