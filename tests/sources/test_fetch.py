"""Fetching, from a server on this machine that behaves badly."""

import hashlib
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hornbook.sources import fetch as fetching
from hornbook.sources.fetch import NotFetchedError, Remote, fetch

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


@pytest.fixture
def server() -> Iterator[tuple[type[Server], str]]:
    handler = type("Handler", (Server,), {"asked": [], "part": 0, "ranges": True})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield handler, f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def remote(url: str, *more: str, sha256: str = hashlib.sha256(DATA).hexdigest()) -> Remote:
    return Remote("data.bin", (f"{url}/data.bin", *more), sha256, len(DATA))


def test_a_file_is_fetched_once(server: tuple[type[Server], str], tmp_path: Path) -> None:
    handler, url = server
    for _ in range(2):
        assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA
    assert handler.asked == ["/data.bin None"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".data.bin.checked", "data.bin"]


def test_what_lies_there_is_checked_once(
    server: tuple[type[Server], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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


def test_what_broke_off_goes_on_where_it_was(server: tuple[type[Server], str], tmp_path: Path) -> None:
    handler, url = server
    handler.part = 100_000
    assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA
    assert handler.asked == ["/data.bin None", "/data.bin bytes=100000-"]


def test_a_part_from_an_earlier_day_is_used(server: tuple[type[Server], str], tmp_path: Path) -> None:
    handler, url = server
    (tmp_path / "data.bin.part").write_bytes(DATA[:5000])
    assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA
    assert handler.asked == ["/data.bin bytes=5000-"]


def test_a_server_without_ranges_is_asked_for_all(server: tuple[type[Server], str], tmp_path: Path) -> None:
    handler, url = server
    handler.ranges = False
    (tmp_path / "data.bin.part").write_bytes(DATA[:5000])
    assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA


def test_a_part_that_is_whole_is_only_checked(server: tuple[type[Server], str], tmp_path: Path) -> None:
    handler, url = server
    (tmp_path / "data.bin.part").write_bytes(DATA)
    assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA
    assert handler.asked == []


def test_a_wrong_sum_is_refused_and_nothing_kept(server: tuple[type[Server], str], tmp_path: Path) -> None:
    _, url = server
    with pytest.raises(NotFetchedError, match="not the one that is expected"):
        fetch(remote(url, sha256="0" * 64), tmp_path, plain_http=True)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_part_is_thrown_away_and_all_is_fetched_anew(
    server: tuple[type[Server], str], tmp_path: Path
) -> None:
    _, url = server
    (tmp_path / "data.bin.part").write_bytes(b"?" * 5000)
    assert fetch(remote(url), tmp_path, plain_http=True).read_bytes() == DATA


def test_the_second_address_is_tried(server: tuple[type[Server], str], tmp_path: Path) -> None:
    handler, url = server
    two = Remote(
        "data.bin", (f"{url}/gone.bin", f"{url}/data.bin"), hashlib.sha256(DATA).hexdigest(), len(DATA)
    )
    assert fetch(two, tmp_path, plain_http=True).read_bytes() == DATA
    assert [line.split()[0] for line in handler.asked] == ["/gone.bin", "/data.bin"]


def test_not_there(server: tuple[type[Server], str], tmp_path: Path) -> None:
    _, url = server
    gone = Remote("gone.bin", (f"{url}/gone.bin",), "0" * 64, 5)
    with pytest.raises(NotFetchedError, match=r"gone\.bin answers 404"):
        fetch(gone, tmp_path, plain_http=True)


def test_no_network(tmp_path: Path) -> None:
    closed = Remote("x", ("http://127.0.0.1:9/x",), "0" * 64, 5)
    with pytest.raises(NotFetchedError, match="could not be fetched"):
        fetch(closed, tmp_path, plain_http=True)


def test_only_https_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only https"):
        fetch(remote("http://127.0.0.1:9"), tmp_path)


def test_progress_on_a_terminal(
    server: tuple[type[Server], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, url = server
    fetch(remote(url), tmp_path / "..", plain_http=True).unlink()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("hornbook.sources.fetch.sys.stderr.isatty", lambda: True)
    fetch(remote(url), tmp_path, plain_http=True)
    assert "fetching data.bin" in capsys.readouterr().err
