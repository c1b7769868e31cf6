"""The server as a process: its socket, its deadlines, its end."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from hornbook.common.safe_names import shown
from hornbook.errors import UsageError
from hornbook.serve.app import application
from hornbook.serve.guard import LOCAL
from hornbook.serve.work import ANSWER_SECONDS, Work

HEAD_SECONDS = 10.0
"""How long the head of a request may take to come, from its first byte or the connection on."""

MOST_HEAD = 64 << 10
"""Bytes of a head."""

MOST_CONNECTIONS = 1000


class Deadlines(H11Protocol):
    """HTTP/1.1 with a deadline for the head of each request, which uvicorn has not (Kludex/uvicorn#157)."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.close()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for a head as long as there is none."""
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(HEAD_SECONDS, self._cut)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()


class Server(uvicorn.Server):
    """Ends in order at SIGINT and SIGTERM: what is under way is answered."""

    told: Callable[[], None] = staticmethod(lambda: None)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear the signals while it runs; the usual one would raise them again after a good end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {s: signal.signal(s, self.handle_exit) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that it has begun."""
        await super().startup(sockets)
        if self.started:
            self.told()


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; UsageError where it cannot."""
    out = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        out.bind((host, port))
    except OSError as error:
        out.close()
        why = (error.strerror or str(error)).lower()
        raise UsageError(
            f"nothing can be served at {shown(host)}, port {port} ({why}): give another --port"
        ) from None
    except OverflowError:
        out.close()
        raise UsageError(f"--port is {port}, but it is 0 to 65535") from None
    return out


def server_of(
    work: Work,
    listening: socket.socket,
    names: tuple[str, ...] = (),
    origins: tuple[str, ...] = (),
    token: str = "",
    certificate: tuple[Path, Path] | None = None,
) -> Server:
    """Return a server at a socket; its ``run(sockets=[...])`` serves until SIGINT or SIGTERM."""
    host = str(listening.getsockname()[0])
    more: dict[str, Any] = {}
    if certificate is not None:
        more = {"ssl_certfile": str(certificate[0]), "ssl_keyfile": str(certificate[1])}
    config = uvicorn.Config(
        application(work, (host, *names), origins, token),
        http=Deadlines,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=round(ANSWER_SECONDS) + 5,
        h11_max_incomplete_event_size=MOST_HEAD,
        **more,
    )
    return Server(config)


def address_of(listening: socket.socket, token: str = "", secure: bool = False) -> str:
    """Return the address of the page, for a browser of this machine."""
    host, port = listening.getsockname()[:2]
    name = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{name}:{port}/" + (f"#token={quote(token)}" if token else "")


def is_local(host: str) -> bool:
    """Return whether only programs of this machine reach an address."""
    return host in LOCAL or host.startswith("127.")
