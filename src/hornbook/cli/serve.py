"""``hornbook serve``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from hornbook.cli.arguments import Says
from hornbook.cli.terminal import note
from hornbook.common.safe_names import shown
from hornbook.errors import UsageError


def serve(
    runs: Annotated[Sequence[str], Says("folders of runs, or recognizers' files", "RUN|FILE.onnx")],
    *,
    port: Annotated[int, Says("where to listen; 0 takes a free one", "N")] = 8000,
    host: Annotated[
        str, Says("the address to listen at; another than this machine's own needs --token", "ADDRESS")
    ] = "127.0.0.1",
    token: Annotated[
        str | None, Says("what a request must send as Authorization: Bearer TOKEN", "TOKEN")
    ] = None,
    name: Annotated[
        Sequence[str], Says("another name that the server is asked by; may be given several times", "HOST")
    ] = (),
    origin: Annotated[
        Sequence[str], Says("a page of another place that may ask: https://example.org", "URL")
    ] = (),
    threads: Annotated[int, Says("how many answers are made at once; 0 is one for each core", "N")] = 0,
    waiting: Annotated[int, Says("how many more may wait for one", "N")] = 32,
    certificate: Annotated[str | None, Says("for https: the certificate, in PEM", "FILE")] = None,
    key: Annotated[str | None, Says("for https: its key, in PEM", "FILE")] = None,
    open_page: Annotated[bool, Says("open the page in the browser", flag="--open")] = False,
) -> int:
    """Answer on a page, and to other programs.

    The page lets you draw, choose or photograph a picture, record a sound, type a text or fill in a row, and shows
    the answer. Other programs POST a picture, a sound, a text or JSON to /predict, and are given the JSON of
    hornbook predict --json; /openapi.json describes it. Nothing that is asked is written down or kept. Several runs are
    several models. Ctrl-C ends it, after what is under way is answered.

    Examples
    --------
      hornbook serve runs/digits --open
      hornbook serve runs/digits runs/reviews --port 8080
      hornbook serve runs/digits --host 0.0.0.0 --token a-long-secret --name my-machine.example
    """
    import webbrowser

    from hornbook.recognizer import Recognizer
    from hornbook.serve.server import address_of, bind, is_local, server_of
    from hornbook.serve.work import Work

    if not is_local(host) and not token:
        raise UsageError(f"--host {shown(host)} lets other machines ask: give a --token that they must send")
    if threads < 0 or waiting < 0:
        raise UsageError("--threads and --waiting are 0 or more")
    if (certificate is None) != (key is None):
        raise UsageError("https needs both --certificate and --key")
    pair = None if certificate is None or key is None else (Path(certificate), Path(key))
    for path in pair or ():
        if not path.is_file():
            raise UsageError(f"{shown(str(path))}: there is no such file")
    models = {}
    for place in runs:
        called = Path(place).resolve().name.removesuffix(".onnx")
        if called in models:
            raise UsageError(f"two runs are called {called!r}: rename one of them")
        models[called] = Recognizer(place, threads=1)
    listening = bind(host, port)
    work = Work(models, threads, waiting)
    _one_thread()

    server = server_of(work, listening, tuple(name), tuple(origin), token or "", pair)

    def told() -> None:
        address = address_of(listening, token or "", pair is not None)
        note(f"serving {', '.join(models)} at {address}\nCtrl-C ends it")
        if open_page:
            webbrowser.open(address)

    server.told = told
    server.run(sockets=[listening])
    return 0


def _one_thread() -> None:
    """Let OpenCV work in the thread that asks it: as many are at work as there are cores."""
    import cv2

    cv2.setNumThreads(1)
