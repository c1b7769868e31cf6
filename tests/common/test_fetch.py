"""Fetching, from a server on this machine that behaves badly."""

import hashlib
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hornbook.common import fetch as fetching
from hornbook.common.fetch import NotFetchedError, Remote, fetch

DATA = bytes(range(256)) * 2000


class Server(http.server.BaseHTTPRequestHandler):
    """Gives DATA: whole, or breaking off after a part, with or without ranges."""

    asked: list[str]
    part = 0
    ranges = True

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        type(self).asked.append(f"{self.path} {wanted}")
        if self.path != "/data.bin":
            self.send_error(404)
            return
        start = int(wanted[6:-1]) if wanted and self.ranges else 0
        if start >= len(DATA):
            self.send_error(416)
            return
        body = DATA[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: type(self).part] if type(self).part else body)
        type(self).part = 0

    def log_message(self, format: str, *args: object) -> None:
        pass


Served = tuple[type[Server], str]


@pytest.fixture
def server() -> Iterator[Served]:
    handler = type("Handler", (Server,), {"asked": [], "part": 0, "ranges": True})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield handler, f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def remote(url: str, *more: str, sha256: str = hashlib.sha256(DATA).hexdigest()) -> Remote:
    return Remote("data.bin", (*more, f"{url}/data.bin"), sha256, len(DATA))


def test_a_file_is_fetched_once(server: Served, tmp_path: Path) -> None:
    handler, url = server
    for _ in range(2):
        assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA
    assert handler.asked == ["/data.bin None"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".data.bin.checked", "data.bin"]


def test_what_lies_there_is_checked_once(
    server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = server
    (tmp_path / "data.bin").write_bytes(DATA)
    checked = []
    check = fetching._check

    def noted(path: Path, remote: Remote) -> None:
        checked.append(path)
        check(path, remote)

    monkeypatch.setattr(fetching, "_check", noted)
    for _ in range(2):
        fetch(remote(url), tmp_path, plain_http=True)
    assert (len(checked), handler.asked) == (1, [])
    (tmp_path / "data.bin").write_bytes(b"?" * len(DATA))
    os.utime(tmp_path / "data.bin", (1, 1))
    assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA
    assert handler.asked == ["/data.bin None"]


@pytest.mark.parametrize(
    ("there", "breaks", "ranges", "asked"),
    [
        (b"", 100_000, True, ["None", "bytes=100000-"]),  # what broke off goes on where it was
        (DATA[:5000], 0, True, ["bytes=5000-"]),
        (DATA[:5000], 0, False, ["bytes=5000-"]),  # and the server gives all
        (DATA, 0, True, []),
        (b"?" * 5000, 0, True, ["bytes=5000-", "None"]),  # damaged: thrown away
    ],
)
def test_a_part_is_used(
    there: bytes, breaks: int, ranges: bool, asked: list[str], server: Served, tmp_path: Path
) -> None:
    handler, url = server
    handler.part, handler.ranges = breaks, ranges
    if there:
        (tmp_path / "data.bin.part").write_bytes(there)
    assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA
    assert handler.asked == [f"/data.bin {said}" for said in asked]


def test_the_second_address_is_tried_and_what_is_nowhere_is_said(server: Served, tmp_path: Path) -> None:
    handler, url = server
    assert fetch(remote(url, f"{url}/gone.bin"), tmp_path, plain_http=True).read_bytes() == DATA
    assert [line.split()[0] for line in handler.asked] == ["/gone.bin", "/data.bin"]
    for address, said in (
        (f"{url}/gone.bin", "gone.bin answers 404"),
        ("http://127.0.0.1:9/x", "could not be"),
    ):
        with pytest.raises(NotFetchedError, match=said):
            fetch(Remote("x", (address,), "0" * 64, 5), tmp_path, plain_http=True)
    with pytest.raises(ValueError, match="only https"):
        fetch(remote(url), tmp_path / "new")


def test_a_wrong_sum_is_refused_and_nothing_kept(server: Served, tmp_path: Path) -> None:
    _, url = server
    with pytest.raises(NotFetchedError, match="not the one that is expected"):
        fetch(remote(url, sha256="0" * 64), tmp_path, plain_http=True)
    assert list(tmp_path.iterdir()) == []


def test_progress_on_a_terminal(
    server: Served,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, url = server
    fetch(remote(url), tmp_path / "..", plain_http=True).unlink()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("hornbook.common.fetch.sys.stderr.isatty", lambda: True)
    fetch(remote(url), tmp_path, plain_http=True)
    assert "fetching data.bin" in capsys.readouterr().err
