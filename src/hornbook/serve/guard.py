"""What stands before the server's answers: who may ask, how much, and for how long.

A browser on this machine can be made to ask for a page of another (DNS rebinding, requests across sites), so the
Host and the Origin of a request are looked at. A body is counted while it comes, whatever length was announced.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_BYTES = 32 << 20
"""Bytes of a body."""

MOST_HELD = 256 << 20
"""Bytes of all bodies that come at the same time."""

BODY_SECONDS = 30.0
"""How long a body may take to come."""

LINGER_SECONDS = 2.0
"""How long the rest of a refused body is taken and thrown away: whoever sends all before they listen hears why then."""

LOCAL = ("localhost", "127.0.0.1", "::1")

OPEN = ("/", "/icon.svg", "/manifest.webmanifest", "/health", "/v2/health/live", "/v2/health/ready")
"""What is answered without the token: the page, in which it is then typed, and whether the server lives."""

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class Refused(Exception):
    """A request is not answered: the status, and one sentence."""

    def __init__(self, status: int, said: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(said)
        self.status, self.said, self.headers = status, said, headers


@dataclass
class Guard:
    """An ASGI application that lets to another one what may come to it.

    Attributes
    ----------
    names
        What the server may be called in a Host header, besides its local names.
    origins
        Pages of other places that may ask.
    token
        What must be sent as ``Authorization: Bearer TOKEN``; empty where everybody may ask.
    """

    application: Application
    names: Collection[str] = ()
    origins: Collection[str] = ()
    token: str = ""
    held: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.application(scope, receive, send)
            return
        began, counted, begun = time.monotonic(), 0, False
        origin = b""

        async def counting_receive() -> Message:
            nonlocal counted
            left = BODY_SECONDS - (time.monotonic() - began)
            try:
                message = await asyncio.wait_for(receive(), max(left, 0.0))
            except TimeoutError:
                raise Refused(408, f"the body took over {BODY_SECONDS:g} s to come: send it again") from None
            size = len(message.get("body", b""))
            counted += size
            self.held += size
            if counted > MOST_BYTES:
                raise _too_large()
            if self.held > MOST_HELD:
                raise Refused(503, "too much is sent at once: try again", ((b"retry-after", b"1"),))
            return message

        async def marked_send(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self.answers[message["status"]] += 1
                message["headers"] = [*message.get("headers", ()), *HEADERS, *_shared(origin)]
            await send(message)

        try:
            origin = self._check(scope)
            await self.application(scope, counting_receive, marked_send)
        except Refused as refused:
            if not begun:
                await _refuse(refused, scope, receive, marked_send)
        finally:
            self.held -= counted
            self.seconds += time.monotonic() - began

    def _check(self, scope: Message) -> bytes:
        """Return the origin of another place that may ask; raise Refused where the request may not come in."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        host = headers.get(b"host", b"").decode("latin-1")
        if _name_of(host) not in (*LOCAL, *self.names):
            raise Refused(
                421, f"this server is not called {host!r}: start it with --name, or ask it by its own name"
            )
        origin = headers.get(b"origin")
        foreign = b""
        if origin is not None and origin.decode("latin-1") != f"{scope['scheme']}://{host}":
            if origin.decode("latin-1") not in self.origins:
                raise Refused(403, "a page of another place may not ask here: start the server with --origin")
            foreign = origin
            if scope["method"] == "OPTIONS":
                raise Refused(204, "", (*_shared(origin), *_ALLOWED))
        if self.token and scope["path"] not in OPEN:
            said = headers.get(b"authorization", b"")
            if not hmac.compare_digest(said, b"Bearer " + self.token.encode("utf-8")):
                raise Refused(401, "the token is missing or wrong", ((b"www-authenticate", b"Bearer"),))
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > MOST_BYTES:
            raise _too_large()
        return foreign


_ALLOWED = (
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"authorization, content-type"),
)


def _shared(origin: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers by which a browser lets a page of another place read an answer."""
    return ((b"access-control-allow-origin", origin), (b"vary", b"origin")) if origin else ()


def _name_of(host: str) -> str:
    """Return a Host header without its port; of one that is none, an empty text."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if "@" not in host else ""
    except ValueError:
        return ""


def _too_large() -> Refused:
    return Refused(413, f"the body is larger than {MOST_BYTES >> 20} MiB: send a smaller one")


async def _refuse(refused: Refused, scope: Message, receive: Receive, send: Send) -> None:
    """Answer with an error, and close the connection; the rest of the body is thrown away as long as it comes soon."""
    body = json.dumps({"error": refused.said}).encode() if refused.said else b""
    kind = [(b"content-type", b"application/json")] if body else []
    size = [(b"content-length", str(len(body)).encode())] if body else []
    headers = [*kind, *size, (b"connection", b"close"), *refused.headers]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    asks_first = any(name.lower() == b"expect" for name, _ in scope["headers"])
    if body and not asks_first:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_thrown_away(receive), LINGER_SECONDS)
        body = b""
    await send({"type": "http.response.body", "body": body})


async def _thrown_away(receive: Receive) -> None:
    """Take the rest of a body."""
    while True:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            return
