"""The page of the server: one HTML file, whose script and style are let in by their hashes."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files
from typing import Any


@functools.cache
def page() -> tuple[str, str]:
    """Return the page, and its Content-Security-Policy: nothing but itself runs, and it asks this server alone."""
    folder = files("hornbook.serve")
    script, style = ((folder / name).read_text("utf-8") for name in ("page.js", "page.css"))
    html = (folder / "page.html").read_text("utf-8")
    html = html.replace("/*style*/", style).replace("/*script*/", script)
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{hash_of(script)}'",
            f"style-src '{hash_of(style)}'",
            "img-src 'self' blob: data:",
            "media-src blob: data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
    return html, policy


def hash_of(text: str) -> str:
    """Return the hash of a script or style, as a Content-Security-Policy has it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}"


def data_uri_of(raw: bytes, kind: str) -> str:
    """Return bytes as a ``data:`` address (RFC 2397)."""
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


@functools.cache
def icon() -> str:
    """Return the icon, as SVG."""
    return (files("hornbook.serve") / "icon.svg").read_text("utf-8").strip()


def manifest() -> dict[str, Any]:
    """Return what a phone has to know to put the page among its apps (W3C, Web Application Manifest)."""
    return {
        "name": "hornbook",
        "short_name": "hornbook",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#fdfcf8",
        "theme_color": "#1c5ba3",
        "icons": [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
