"""A page in a browser of Debian's, headless: opened from a file, driven by a script that is put into it."""

from __future__ import annotations

import functools
import http.server
import json
import queue
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from hornbook.serve.page import hash_of

CHROMIUM, FIREFOX = shutil.which("chromium"), shutil.which("firefox-esr") or shutil.which("firefox")
BROWSERS = {"chromium": CHROMIUM, "firefox": FIREFOX}

SCRIPT = """
(async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms)), by = (id) => document.getElementById(id);
  const until = async (what) => {
    for (let i = 0; i < 1200; i++) {
      const found = what();
      if (found) return found;
      await wait(50);
    }
    throw new Error("waited in vain for " + what);
  };
  const tell = (said) => fetch("ADDRESS", { method: "POST", mode: "no-cors", body: JSON.stringify(said) });
  const run = async () => { DO };
  await tell(await run().catch((error) => ({ error: String(error), page: document.body.innerText.slice(0, 500) })));
})();
"""


class _Listener(http.server.BaseHTTPRequestHandler):
    def __init__(self, said: queue.Queue[Any], *given: Any) -> None:
        self.said = said
        super().__init__(*given)

    def do_POST(self) -> None:
        self.said.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def in_browser(
    browser: str,
    html: str,
    script: str,
    picture: Path | None = None,
    size: tuple[int, int] = (1000, 900),
    language: str = "en-US",
    dark: bool = False,
) -> Any:
    """Return what a script says, the body of an async function, that runs in the page once it has loaded.

    With a ``picture`` the page as it is then is drawn into that file; in Chromium alone.
    """
    program = BROWSERS[browser]
    if program is None:
        pytest.skip(f"{browser} is not installed")
    said: queue.Queue[Any] = queue.Queue()
    server = http.server.HTTPServer(("127.0.0.1", 0), functools.partial(_Listener, said))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    drive = SCRIPT.replace("ADDRESS", address).replace("DO", script)
    html = html.replace("script-src '", f"script-src '{hash_of(drive)}' '", 1)
    html = html.replace("default-src 'none'", f"default-src 'none'; connect-src {address}", 1)
    html = html.replace("</body>", f"<script>{drive}</script></body>")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, "utf-8")
        words = (
            _chromium(folder, size, language, dark)
            if browser == "chromium"
            else _firefox(folder, language, dark)
        )
        if picture is not None and browser == "chromium":
            words += [f"--screenshot={picture}", "--virtual-time-budget=20000"]
        with subprocess.Popen(
            [program, *words, page.as_uri()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as running:
            try:
                found = said.get(timeout=90)
                if picture is not None:
                    running.wait(60)
            finally:
                running.kill()
                server.shutdown()
                server.server_close()
    return found


def _chromium(folder: str, size: tuple[int, int], language: str, dark: bool) -> list[str]:
    words = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}/profile",
        f"--lang={language}",
    ]
    words += [f"--window-size={size[0]},{size[1]}", "--hide-scrollbars", "--use-fake-ui-for-media-stream"]
    words += ["--use-fake-device-for-media-stream", f"--accept-lang={language}"]
    return words + (["--blink-settings=preferredColorScheme=0"] if dark else [])


def _firefox(folder: str, language: str, dark: bool) -> list[str]:
    profile = Path(folder) / "firefox"
    profile.mkdir()
    set_: dict[str, Any] = {"intl.accept_languages": language, "browser.shell.checkDefaultBrowser": False}
    set_["datareporting.policy.dataSubmissionEnabled"] = False
    set_["layout.css.prefers-color-scheme.content-override"] = 0 if dark else 1
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in set_.items()]
    (profile / "user.js").write_text("\n".join(lines))
    return ["--headless", "--no-remote", "--profile", str(profile)]
