"""The recognizer's file: an ONNX graph with the columns as JSON in its metadata, opened and checked.

Reading a file of somebody else runs no code of theirs: it is a graph for ONNX Runtime and plain JSON, both checked.
"""

from __future__ import annotations

import json
import os
import tomllib
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hornbook.common.files import reason
from hornbook.common.safe_names import shown
from hornbook.errors import RecognizerError
from hornbook.recognizer.operators import endless_operator

FILE = "recognizer.onnx"
"""What it is called in a run's folder."""

FORMAT = 1
"""Raised when an older hornbook could not use a newer file."""

KEY = "hornbook"
"""The key of the columns in the file's metadata."""


SEAL = b"\x72\x14\x0a\x08checksum\x12\x08"
"""An entry ``checksum`` of the metadata as ONNX writes it, up to its eight hexadecimal digits: the end of a file."""


def sealed(raw: bytes) -> bytes:
    """Return the bytes of a recognizer with a checksum of all of them (CRC-32) as the last entry of the metadata."""
    return b"%b%b%08x" % (raw, SEAL, zlib.crc32(raw))


def check_seal(raw: bytes, path: Path) -> None:
    """Raise RecognizerError where a file is not as it was written; one of a hornbook that set no checksum passes.

    It takes 0.3 ms for a million bytes. Without it, a network with a turned bit answers, and wrongly.
    """
    end = raw.rfind(SEAL)
    if end >= 0 and raw[end:] != b"%b%08x" % (SEAL, zlib.crc32(memoryview(raw)[:end])):
        raise RecognizerError(
            f"{shown(path)} is damaged: it is not as it was written, its checksum says; export or copy it again"
        )


def find(path: str | os.PathLike[str]) -> Path:
    """Return the recognizer's file of a run folder or a path; RecognizerError where there is none."""
    found = Path(path)
    try:
        if found.is_dir():
            if not (found / FILE).is_file():
                raise RecognizerError(
                    f"{found} holds no {FILE}: train there first, hornbook train ... --run {found}"
                )
            return found / FILE
        if not found.is_file():
            raise RecognizerError(f"{found} does not exist; name the folder of a run or a .onnx file")
    except (OSError, ValueError) as error:
        raise RecognizerError(f"{shown(found)} cannot be read: {reason(error)}") from None
    return found


def open_session(path: Path, threads: int, more: bytes = b"") -> Any:
    """Return a session of ONNX Runtime, or raise RecognizerError; ``more`` is merged with the message of the file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # Weights are in the file itself: what it says of others, which may be anybody's, is looked for where nothing is.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    options.add_session_config_entry(
        "session.load_model_format", "ONNX"
    )  # and not one that is not looked into
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RecognizerError(f"{path} cannot be read: {reason(error)}") from None
    check_seal(raw, path)
    try:
        endless = endless_operator(raw)
        if endless:
            raise RecognizerError(
                f"{path} is no recognizer that hornbook wrote: it holds the operator {endless}, which may run without "
                "end; use another file"
            )
        # Without the fallback, which would print what is wrong and try the same once more.
        return onnxruntime.InferenceSession(
            raw + more, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except failures():
        raise RecognizerError(
            f"{shown(path)} is not a recognizer, or is damaged; export or copy it again"
        ) from None


def failures() -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises: classes of its own without a common root, and what it passes on of C++."""
    import onnxruntime

    state = onnxruntime.capi.onnxruntime_pybind11_state
    own = (
        "EPFail",
        "EngineError",
        "Fail",
        "InvalidArgument",
        "InvalidGraph",
        "InvalidProtobuf",
        "NotImplemented",
    )
    return (*(getattr(state, name) for name in own), state.RuntimeException, RuntimeError, ValueError)


def read_description(session: Any, path: Path) -> dict[str, Any]:
    """Return the description in the file's metadata, checked."""
    try:
        text = session.get_modelmeta().custom_metadata_map.get(KEY)
    except UnicodeDecodeError:
        raise RecognizerError(f"{path}: its metadata is damaged; export or copy it again") from None
    if text is None:
        raise RecognizerError(
            f"{path} is an ONNX file, but not a recognizer: it does not say what its columns are"
        )
    try:
        about = json.loads(text)
        if "\\u" in text:  # half a character, which nothing can be written with
            json.dumps(about, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise RecognizerError(
            f"{path}: the description of its columns is damaged; export or copy it again"
        ) from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        version = about.get("format") if isinstance(about, dict) else None
        raise RecognizerError(
            f"{path} is a recognizer of format {version!r}, and this version of hornbook reads format {FORMAT}; "
            "update hornbook, or export it again"
        )
    for part in ("inputs", "targets"):
        columns = about.get(part)
        if (
            not isinstance(columns, dict)
            or not columns
            or not all(isinstance(c, dict) for c in columns.values())
        ):
            raise RecognizerError(
                f"{path}: the description of its columns is damaged; export or copy it again"
            )
    return about


def kept_table(about: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return what is kept of how the training table was written, see `TableOptions.to_json`.

    A file of a hornbook that kept nothing of it has it from the recipe of the run that it lies in.
    """
    found = about.get("table")
    if "table" not in about:
        try:
            found = tomllib.loads((path.parent / "recipe.toml").read_text("utf-8")).get("data", {})
        except (OSError, ValueError):
            return {}
        found = {**found, "usual_separator": found.get("separator")} if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}
