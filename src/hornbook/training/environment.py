"""What a run was trained on: the machine and the versions, for who compares times and bits."""

from __future__ import annotations

import platform
from pathlib import Path

import numpy as np
import torch

import hornbook


def machine() -> str:
    """Return the architecture, the system and the processor's name where the system tells it."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        processor = named[0] if named else processor
    except OSError:
        pass
    return f"{platform.machine()} {platform.system()}, {processor}"


def versions() -> dict[str, str]:
    """Return the versions of what decides about the bits."""
    return {
        "hornbook": hornbook.__version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }
