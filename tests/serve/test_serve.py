"""The server: what it answers, what it refuses, and that it ends in order."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hornbook.recognizer import Recognizer, load
from hornbook.serve import guard, server, work
from hornbook.serve.page import page
from tests.conftest import Ran, shape

OLD = Path(__file__).parents[1] / "recognizer" / "old"
JSON = {"content-type": "application/json"}


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Running:
    """A server in a thread."""

    def __init__(self, models: dict[str, Path], **options: Any) -> None:
        self.work = work.Work({n: Recognizer(p, 1) for n, p in models.items()}, 2, options.pop("waiting", 8))
        self.socket = server.bind("127.0.0.1", 0)
        self.port = self.socket.getsockname()[1]
        self.server = server.server_of(self.work, self.socket, **options)
        ready = threading.Event()
        self.server.told = ready.set
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})
        self.thread.start()
        assert ready.wait(20)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        out = Answered(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        connection.close()
        return out

    def json(self, value: Any, path: str = "/predict") -> Answered:
        return self.ask("POST", path, json.dumps(value).encode(), content_type="application/json")

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()
        self.socket.close()


@pytest.fixture(scope="module")
def running(finished: Path) -> Iterator[Running]:
    models = {"shapes": finished, "table": OLD / "table.onnx", "text": OLD / "text.onnx"}
    found = Running(models, names=("my.example",), origins=("https://a.example",))
    yield found
    found.close()


@pytest.fixture
def photo(tmp_path: Path) -> bytes:
    shape("ring", 5).save(tmp_path / "photo.png")
    return (tmp_path / "photo.png").read_bytes()


def test_a_picture_is_answered_as_the_command_does(
    running: Running, finished: Path, photo: bytes, tmp_path: Path, ran: Ran
) -> None:
    said = running.ask("POST", "/predict", photo, content_type="image/png")
    assert (said.status, said.headers["content-type"]) == (200, "application/json")
    command = json.loads(ran(["predict", str(finished), str(tmp_path / "photo.png"), "--json"]).out)
    assert {**said.json, "input": ""} == {**command, "input": ""}
    curl = {"content-type": "application/x-www-form-urlencoded"}  # what it says where it is told nothing
    assert running.ask("POST", "/predict", photo, **curl).json == said.json
    text = base64.b64encode(photo).decode()
    for value in (text, {"image": text}, {"image": f"data:image/png;base64,{text}", "else": 1}):
        assert running.json(value).json["label"] == command["label"]
    many = running.json([{"image": text}] * 3).json
    assert [row["input"] for row in many] == ["row 1", "row 2", "row 3"]
    assert {json.dumps(row["label"]) for row in many} == {json.dumps(command["label"])}
    seen = running.ask("POST", "/predict?seen=1&top=1", photo).json
    assert seen["seen"].startswith("data:image/png;base64,") and len(seen["label"]["top"]) == 1
    assert running.ask("POST", "/predict?abstain=1", photo).json["label"]["value"] is None


def test_rows_and_texts_are_answered_as_python_does(running: Running) -> None:
    table, text = load(OLD / "table.onnx"), load(OLD / "text.onnx")
    row = {
        n: c.about_value().get("example") or c.about_value()["choices"][0] for n, c in table.inputs.items()
    }
    said = running.json([row, row], "/predict?model=table")
    expected = table.predict([row])[0].to_json()
    assert said.json == [{**expected, "input": f"row {i}"} for i in (1, 2)]
    found = running.ask("POST", "/predict?model=text", b"good", content_type="text/plain")
    assert found.json[next(iter(text.targets))] == text.predict("good").to_json()[next(iter(text.targets))]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "said"),
    [
        ("/predict", b"", {}, 422, "the body is empty"),
        ("/predict", b"no picture", {}, 422, "the picture"),
        ("/predict?top=x", b"", {}, 400, "top is 'x', but it is a number"),
        ("/predict?top=-1", b"", {}, 400, "top is -1"),
        ("/predict", b"{}", JSON, 422, "has no 'image'"),
        ("/predict?abstain=7", b'{"image": "AAAA"}', JSON, 400, "abstain is 7"),
        ("/predict?model=shape", b"x", {}, 400, "did you mean 'shapes'"),
        ("/predict?model=table", b"x", {}, 400, "application/json"),
        ("/predict", b"[" * 100_000, JSON, 422, "nested too deeply"),
        ("/predict", b'{"image": NaN}', JSON, 422, "no JSON"),
        ("/predict", b'{"image": 1e999}', JSON, 422, "no JSON"),
        ("/predict", b'{"image": 1}', JSON, 422, "never as a path"),
        ("/predict", b'{"image": "/etc/passwd"}', JSON, 422, "no base64"),
        ("/predict", b'{"image": "data:image/png,x"}', JSON, 422, "without base64"),
        ("/predict", b"\xff", JSON, 422, "not in UTF-8"),
        ("/predict", b"[]", JSON, 422, "not one row"),
        ("/predict", b"[" + b"1," * 1000 + b"1]", JSON, 413, "1,001 rows"),
        ("/predict", b"a=b", {"content-type": "multipart/form-data; boundary=x"}, 415, "--data-binary"),
        ("/predict", b"a=b", {"content-type": "application/x-www-form-urlencoded"}, 415, "--data-binary"),
        ("/predict?abstan=1", b"x", {}, 400, "did you mean 'abstain'"),
        ("/predict?model=table", b"{}", JSON, 422, "the row: has no"),
        ("/predict?model=table", b"[{}]", JSON, 422, "row 1: has no"),
        ("/predict?model=text", b"\xff\xfe", {"content-type": "text/plain"}, 422, "not in UTF-8"),
        ("/v2/models/shapes/infer", b"{}", JSON, 422, "there are no inputs"),
        ("/v2/models/shapes/infer", b'{"inputs": [1]}', JSON, 422, "has no name"),
        ("/v2/models/none/infer", b"{}", JSON, 404, "nothing at this address"),
        ("/nothing", b"", {}, 404, "nothing at this address"),
        ("/about", b"", {}, 405, "another method"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    running: Running, path: str, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    found = running.ask("POST", path, body, **headers)
    assert found.status == status
    assert list(found.json) == ["error"]
    assert said in found.json["error"] and "\n" not in found.json["error"]


def test_who_may_ask(running: Running) -> None:
    own = f"http://127.0.0.1:{running.port}"
    for headers, status in (
        ({"host": "evil.example"}, 421),
        ({"host": "localhost@evil.example"}, 421),
        ({"host": "my.example:80"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": own}, 200),
        ({"origin": "https://a.example"}, 200),
    ):
        found = running.ask("GET", "/health", None, **headers)
        assert found.status == status, headers
        shared = found.headers.get("access-control-allow-origin")
        assert shared == ("https://a.example" if "a.example" in headers.get("origin", "") else None)
    asked = running.ask("OPTIONS", "/predict", origin="https://a.example")
    assert (asked.status, asked.headers["access-control-allow-methods"]) == (204, "GET, POST")


def test_what_tells_of_the_server(running: Running) -> None:
    about = running.ask("GET", "/about").json
    assert about["inputs"] == {"image": {"type": "image", "medium": "picture"}}
    assert about["targets"]["label"]["choices"] == ["bar", "box", "ring"]
    assert list(about["models"]) == ["shapes", "table", "text"]
    assert running.ask("GET", "/health").json == {"live": True, "ready": True}
    assert 'hornbook_answers_total{status="200"}' in running.ask("GET", "/metrics").body.decode()
    described = running.ask("GET", "/openapi.json").json
    assert {"/predict", "/about"} <= set(described["paths"])


def test_the_open_inference_protocol(running: Running, photo: bytes) -> None:
    for path in ("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/shapes/ready"):
        assert running.ask("GET", path).status == 200
    about = running.ask("GET", "/v2/models/shapes").json
    assert about["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    data = [base64.b64encode(photo).decode()] * 2
    asked = {"id": "7", "inputs": [{"name": "image", "shape": [2], "datatype": "BYTES", "data": data}]}
    said = running.json(asked, "/v2/models/shapes/infer").json
    assert (said["id"], said["model_name"]) == ("7", "shapes")
    label, confidence = said["outputs"]
    alone = running.ask("POST", "/predict", photo).json["label"]
    assert label["data"] == [alone["value"]] * 2
    assert confidence["data"] == pytest.approx([alone["confidence"]] * 2, abs=1e-4)


def test_the_page_runs_nothing_but_itself_and_names_no_other_place(running: Running) -> None:
    found = running.ask("GET", "/")
    html, policy = page()
    assert found.body.decode() == html and found.headers["content-security-policy"] == policy
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    assert "unsafe" not in policy and "://" not in html and "style=" not in html


def test_a_phone_can_put_it_among_its_apps(running: Running) -> None:
    told = running.ask("GET", "/manifest.webmanifest")
    assert told.headers["content-type"] == "application/manifest+json"
    icon = running.ask("GET", told.json["icons"][0]["src"])
    assert (icon.headers["content-type"].partition(";")[0], icon.body[:4]) == ("image/svg+xml", b"<svg")


def test_a_token(finished: Path, photo: bytes) -> None:
    found = Running({"shapes": finished}, token="sécret")
    try:
        assert [found.ask("GET", path).status for path in ("/", "/health", "/about")] == [200, 200, 401]
        assert found.ask("POST", "/predict", photo).headers["www-authenticate"] == "Bearer"
        said = "Bearer sécret".encode().decode("latin-1")
        for token, status in (("Bearer x", 401), ("Bearer s\xe9cret", 401), (said, 200)):
            assert found.ask("POST", "/predict", photo, authorization=token).status == status
    finally:
        found.close()


def test_what_is_slow_or_too_much_is_cut(
    finished: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.6)
    monkeypatch.setattr(guard, "MOST_BYTES", 100_000)
    monkeypatch.setattr(guard, "LINGER_SECONDS", 0.3)
    found = Running({"shapes": finished}, waiting=0)
    head = b"POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n"

    def raw(*parts: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", found.port), 20) as connection:
            for part in parts:
                connection.sendall(part)
            out = b""
            while more := connection.recv(4096):
                out += more
            return out

    try:
        assert raw() == raw(b"POST /pre") == b""
        assert b" 408 " in raw(head % 9, b"abc")
        assert b" 413 " in raw(head % 200_000)
        chunk = b"%x\r\n" % 60_000 + b"x" * 60_000 + b"\r\n"
        assert b" 413 " in raw(
            head.replace(b"content-length: %d", b"transfer-encoding: chunked"), chunk, chunk
        )
        assert b" 400 " in raw(b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000)
        going = threading.Event()
        for _ in range(2):
            found.work.pool.submit(going.wait, 20)
            found.work.under_way += 1
        busy = found.ask("POST", "/predict", photo)
        assert (busy.status, busy.headers["retry-after"]) == (503, "1")
        found.work.under_way = 0
        monkeypatch.setattr(work, "ANSWER_SECONDS", 0.2)
        assert found.ask("POST", "/predict", photo).status == 504
        assert found.work.under_way == 1  # until its thread has ended
        going.set()
    finally:
        found.close()


def test_who_sends_all_before_listening_hears_that_it_is_too_much(finished: Path) -> None:
    found = Running({"shapes": finished})
    try:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{found.port}/predict", b"x" * (guard.MOST_BYTES + 10_000_000)
        )
        with pytest.raises(urllib.error.HTTPError, match="413") as told:
            urllib.request.urlopen(asked, timeout=20)
        assert "larger than 32 MiB" in json.load(told.value)["error"]
    finally:
        found.close()


def test_the_command_ends_in_order(finished: Path) -> None:
    command = [sys.executable, "-m", "hornbook", "serve", str(finished), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        port = int(re.findall(r"serving shapes at http://127\.0\.0\.1:(\d+)/", line)[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/health")
        assert connection.getresponse().read() == b'{"live":true,"ready":true}'
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stderr.read() == "Ctrl-C ends it\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "give a --token"),
        (["--port", "99999"], "--port is 99999"),
        (["--certificate", "x.pem"], "both --certificate and --key"),
        (["--certificate", "x.pem", "--key", "y.pem"], "x.pem: there is no such file"),
        (["--threads", "-1"], "0 or more"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(finished: Path, ran: Ran, words: list[str], said: str) -> None:
    err = ran(["serve", str(finished), *words], status=2).err
    assert said in err and err.count("\n") == 1


def test_a_port_that_is_taken_is_one_sentence(finished: Path, ran: Ran) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port} (address already in use)" in ran(["serve", str(finished), "--port", port], 2).err
