"""The page without a server, in Chromium and Firefox: its size, how soon it answers, and whether as Python does.

    python -m bench.page DIGITS_RUN [MNIST_RUN] [--count 30] [--browser chromium]

Its size, the milliseconds until it is ready and those of a drawing are of a run of the recipe ``digits``. It is opened
in a browser that runs, and, for comparison, in one that is started for it.
With a run of ``mnist``, people's own photos and made ones (`bench.photos`) are asked of the page and of Python.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import sys
from collections.abc import Iterable
from itertools import islice
from typing import Any

from tests.serve.browser import in_browser

from bench.common import report, shared
from hornbook import load
from hornbook.errors import DataError
from hornbook.recognizer import Recognizer
from hornbook.serve.alone import alone_page

AT_ONCE = 49
"""Pictures that one page is asked."""

READY = """
await until(() => document.documentElement.dataset.ready || document.querySelector("[role=alert]"));
const pad = document.querySelector("canvas.pad"), pen = pad.getContext("2d"), times = [];
pen.lineWidth = 28;
for (let k = 0; k < 40; k++) {
  pen.fillRect(0, 0, 420, 420);
  pen.beginPath(); pen.moveTo(130 + k, 90); pen.lineTo(290, 100 + k); pen.lineTo(200, 340); pen.stroke();
  const blob = await new Promise((done) => pad.toBlob(done, "image/png")), start = performance.now();
  await ALONE.predict(blob, "image/png");
  times.push(performance.now() - start);
}
return { ready: Number(document.documentElement.dataset.ready), times };
"""

AGAIN = """
await until(() => document.documentElement.dataset.ready || document.querySelector("[role=alert]"));
const found = [...location.hash.slice(1).split(",").filter(Boolean), document.documentElement.dataset.ready];
if (found.length < 6) { location.hash = found.join(","); location.reload(); await wait(60000); }
return found.map(Number);
"""
"""Opened six times in one browser: the first time while the browser itself starts."""

ASK = """
await until(() => document.documentElement.dataset.ready || document.querySelector("[role=alert]"));
const out = [];
for (const address of PICTURES) {
  const bytes = Uint8Array.from(atob(address), (c) => c.charCodeAt(0));
  out.push(await ALONE.predict(new Blob([bytes]), "").then((said) => said, (error) => ({ error: error.message })));
}
return out;
"""


def compared(
    browser: str, reader: Recognizer, pictures: Iterable[tuple[str, bytes]]
) -> tuple[int, int, float, list[str]]:
    """Return how many pictures there are, how many are answered as in Python, the largest gap, and the others."""
    page, ((target, _),) = alone_page(reader, "digits"), reader.targets.items()
    left, same, count, gap, others = iter(pictures), 0, 0, 0.0, []
    while some := list(islice(left, AT_ONCE)):
        packed = json.dumps([base64.b64encode(raw).decode() for _, raw in some])
        found = in_browser(browser, page, ASK.replace("PICTURES", packed))
        theirs = reader.predict_each(some)
        for (name, _), ours, answer in zip(some, found, theirs, strict=True):
            count += 1
            if isinstance(answer, DataError) or "error" in ours:
                alike = isinstance(answer, DataError) and "error" in ours
            else:
                alike = ours[target]["value"] == answer.value
                gap = max(gap, abs(ours[target]["confidence"] - round(answer.confidence or 0, 4)))
            same += alike
            others += [] if alike else [f"{name}: {ours.get(target, ours)}, Python {answer}"]
    return count, same, gap, others


def own() -> list[tuple[str, bytes]]:
    """Return people's own photos of digits."""
    files = sorted(f for f in shared("own_digits").glob("*/*/*") if f.suffix in (".jpg", ".png"))
    return [("/".join(f.parts[-3:]), f.read_bytes()) for f in files]


def photos(count: int) -> Iterable[tuple[str, bytes]]:
    """Yield made photos, so many of each kind."""
    from bench.photos import KINDS, made

    for kind in KINDS:
        for i, (_, raw) in enumerate(made(kind, count)):
            yield f"{kind} {i}", raw


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("digits")
    parser.add_argument("mnist", nargs="?")
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--browser", default="chromium")
    chosen = parser.parse_args()
    page = alone_page(load(chosen.digits), "digits")
    found: list[Any] = [in_browser(chosen.browser, page, READY) for _ in range(5)]
    opened: list[list[int]] = [in_browser(chosen.browser, page, AGAIN) for _ in range(3)]
    report(
        "page",
        browser=chosen.browser,
        kilobytes=round(len(page.encode()) / 1000, 1),
        ready_ms=sorted(one for run in opened for one in run[1:]),
        ready_while_the_browser_starts_ms=sorted([o["ready"] for o in found] + [run[0] for run in opened]),
        drawing_ms=sorted(round(statistics.median(one["times"][-20:]), 1) for one in found),
    )
    if chosen.mnist is None:
        return
    reader = load(chosen.mnist)
    for name, pictures in (("own photos", own()), ("made photos", photos(chosen.count))):
        count, same, gap, others = compared(chosen.browser, reader, pictures)
        print("\n".join(f"  {line}" for line in others), file=sys.stderr)
        report(
            "page", browser=chosen.browser, asked=name, pictures=count, same=same, largest_gap=round(gap, 4)
        )


if __name__ == "__main__":
    main()
