"""Every block of `docs/opencv.md` runs, one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

PAGE = Path(__file__).resolve().parents[1] / "docs" / "opencv.md"


def test_every_block_runs(here: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Image.open(shared / "faces" / "obama.jpg") as photo:
        photo.resize((455, 568)).save(here / "photo.jpg")
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.S | re.M)
    assert len(blocks) >= 8
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert {"canvas.png", "clip.mp4"} <= {path.name for path in here.iterdir()}
