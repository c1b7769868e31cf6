"""What runs the scripts of the page in node."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hornbook.columns.base import Array

NODE = shutil.which("node")

needs_node = pytest.mark.skipif(
    NODE is None, reason="node, which runs the scripts of the page here, is not installed"
)

TYPES = {"float32": 1, "uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "int32": 6, "int64": 7, "float64": 11}
"""The numbers that ONNX gives to types."""

RUN = """
const job = JSON.parse(require("fs").readFileSync(0, "utf8")), read = (file) => require("fs").readFileSync(file);
const given = (v) => tensor(v.dims, new Float64Array(new Uint8Array(read(v.file)).buffer), v.type);
try {
  const model = readModel(new Uint8Array(read(job.file)));
  const out = run(model, Object.fromEntries(Object.entries(job.given).map(([name, v]) => [name, given(v)])));
  console.log(JSON.stringify(Object.values(out).map(({ dims, data }) => ({ dims, data: [...data] }))));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
"""


def scripts(*names: str) -> str:
    """Return scripts of the page, one after the other; a name is that of a file below `serve`, without its ending."""
    return "".join((files("hornbook.serve") / f"{name}.js").read_text("utf-8") for name in names)


def in_node(script: str, job: Any) -> Any:
    """Return what a script prints, as JSON; ``job`` is what it reads."""
    with tempfile.NamedTemporaryFile("w", suffix=".js", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        given = json.dumps(job)
        done = subprocess.run(
            [NODE or "node", file.name], input=given, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def engine(path: Path, given: dict[str, Array]) -> Any:
    """Return what the engine says to arrays: its outputs in their order, or what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        rows = {}
        for i, (name, x) in enumerate(given.items()):
            file = Path(folder) / f"{i}.bin"
            file.write_bytes(np.ascontiguousarray(x, np.float64).tobytes())
            rows[name] = {"dims": x.shape, "file": str(file), "type": TYPES[x.dtype.name]}
        every = scripts("engine/model", "engine/loops", "engine/operators", "engine/more")
        return in_node(every + RUN, {"file": str(path), "given": rows})
