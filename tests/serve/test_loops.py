"""The innermost loops of the page: WebAssembly is what its text says, and JavaScript does the same without it."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hornbook.columns.image.column import ImageColumn
from tests.serve.node import in_node, needs_node, scripts
from tests.serve.test_prepared import program

WAT2WASM = shutil.which("wat2wasm")

BOTH = """
let state = 7;
const draw = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648, out = [];
const boxes = [
  [1, 1, 1, 3, 3], [5, 7, 1, 3, 3], [40, 33, 1, 9, 9], [13, 50, 3, 5, 1], [64, 64, 1, 17, 17], [3, 90, 3, 7, 31],
];
for (const [h, w, c, wide, high] of boxes) {
  const a = picture(h, w, c, Uint8Array.from({ length: h * w * c }, () => Math.floor(256 * draw())));
  out.push([...dilated(a, wide, high).d], [...eroded(a, wide, high).d]);
}
for (const [m, k, n] of [[3, 1, 1], [4, 9, 8], [5, 7, 9], [13, 30, 21], [1, 5, 6], [16, 9, 784]]) {
  const some = (count) => Float32Array.from({ length: count + 2 }, () => draw() - 0.5);
  const [a, b, c] = [some(m * k), some(k * n), some(m * n)];
  multiply(a, b, c, m, k, n, 1, 2, 1);
  out.push([...c]);
}
console.log(JSON.stringify([LOOPS !== null, out]));
"""


@needs_node
def test_both_ways_find_the_same() -> None:
    every = program(ImageColumn(size=(28, 28), fit="ink", ink="auto")) + BOTH
    found: list[Any] = in_node(every, None)
    plain: list[Any] = in_node(every.replace("const LOOPS = ", "const LOOPS = null && "), None)
    assert (found[0], plain[0]) == (True, False)
    assert found[1][:12] == plain[1][:12]
    for ours, theirs in zip(found[1][12:], plain[1][12:], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)


@pytest.mark.skipif(WAT2WASM is None, reason="wat2wasm, of the package wabt, is not installed")
def test_it_is_what_its_text_says(tmp_path: Path) -> None:
    text = files("hornbook.serve") / "engine" / "loops.wat"
    subprocess.run([WAT2WASM or "", str(text), "-o", str(tmp_path / "loops.wasm")], check=True)
    found = re.search(r'code = "([^"]+)"', scripts("engine/loops"))
    assert found is not None
    assert base64.b64decode(found[1]) == (tmp_path / "loops.wasm").read_bytes()
