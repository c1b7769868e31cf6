"""The page of the server: one HTML file, whose script and style are let in by their hashes."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files


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
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
    return html, policy


def hash_of(text: str) -> str:
    """Return the hash of a script or style, as a Content-Security-Policy has it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}"
