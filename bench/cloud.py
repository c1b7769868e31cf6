"""A cloud of a whole book beside the bare libraries: jieba cuts, wordcloud counts and draws, the same words and size.

python -m bench.cloud
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from bench.common import interleaved, report, shared

BARE = """
    import sys
    import jieba
    from collections import Counter
    from wordcloud import WordCloud

    jieba.setLogLevel(60)
    text, stop, font, out = sys.argv[1:]
    stopped = set(open(stop, encoding="utf-8").read().split())
    words = jieba.cut(open(text, encoding="utf-8").read())
    counts = Counter(w for w in words if len(w) > 1 and w not in stopped and not w.isspace())
    cloud = WordCloud(font_path=font, width=1000, height=600, background_color="white", random_state=0, margin=3)
    cloud.generate_from_frequencies(counts).to_file(out)
"""


def timed(command: list[str]) -> float:
    """Return the seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    from hornbook.report.cloud.fonts import find_font

    book, font = shared("text", "xyj.txt"), find_font("西游记")
    stop = Path(__file__).parents[1] / "src" / "hornbook" / "report" / "cloud" / "stop_words_zh.txt"
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(textwrap.dedent(BARE), "utf-8")
        theirs = [sys.executable, str(bare), str(book), str(stop), str(font), f"{folder}/bare.png"]
        ours = [sys.executable, "-m", "hornbook", "cloud", str(book), "--out", f"{folder}/ours.png"]
        timed(theirs)  # jieba keeps its dictionary once it was read
        found = interleaved(3, bare=lambda: timed(theirs), hornbook=lambda: timed(ours))
    report(
        "cloud_xyj",
        characters=len(book.read_text("utf-8")),
        seconds=round(found["hornbook"], 2),
        bare_seconds=round(found["bare"], 2),
        ratio=round(found["hornbook"] / found["bare"], 3),
    )


if __name__ == "__main__":
    main()
