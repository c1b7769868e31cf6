"""What the README shows is what hornbook prints: this runs its sessions again and writes their output into it.

    python docs/readme.py FOLDER

FOLDER holds `my_pictures` (class folders) and `photo.jpg`, and is where the runs are written. A session is a
block of the kind `console`: each line that begins with `$ ` is run in order, and the lines up to the next one are
its output. A line `...` in it stands for what is left out: as many lines before and after it are kept as there
are now. Blocks of the kind `sh` and `python` are run by the tests and show no output.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
CUT = "..."

NOT_RUN = ("git", "make", "pip", "cd")
"""Commands that fetch and install, which a test does not."""


@dataclass(frozen=True)
class Command:
    """A command of the README and the output shown under it; ``kind`` is ``console``, ``sh`` or ``python``."""

    kind: str
    text: str
    output: tuple[str, ...] = ()


def commands(text: str) -> Iterator[Command]:
    """Yield all commands of a Markdown file in order; a block of Python is one command."""
    for kind, body in re.findall(r"^```(console|sh|python)\n(.*?)^```$", text, re.M | re.S):
        if kind == "python":
            yield Command(kind, body)
        elif kind == "sh":
            body = re.sub(r" *\\\n *", " ", body)  # a command that goes on in the next line
            yield from (
                Command(kind, line.partition("  #")[0].strip()) for line in body.splitlines() if line.strip()
            )
        else:
            for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
                first, *output = part.rstrip("\n").split("\n")
                yield Command(kind, first, tuple(output))


def run(command: Command, folder: Path, more: tuple[str, ...] = ()) -> list[str]:
    """Run a command in a folder, with more words at its end, and return the lines it prints, on both streams.

    Raises
    ------
    RuntimeError
        Its exit status is not 0.
    """
    words = shlex.split(command.text) if command.kind != "python" else ["python", "-c", command.text]
    if words[0] == "hornbook":
        words[:1] = [sys.executable, "-m", "hornbook"]
    elif words[0] == "python":
        words[0] = sys.executable
    else:
        raise RuntimeError(f"{command.text!r} is no command that can be run here")
    words = [str(ROOT / word) if word.startswith("docs/") else word for word in [*words, *more]]
    found = subprocess.run(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"},
        check=False,
    )
    if found.returncode:
        raise RuntimeError(f"{command.text}: status {found.returncode}\n{found.stdout}")
    # Whether it is said how long reading or making took depends on the machine, and on whether it was read before.
    return [
        line
        for line in found.stdout.rstrip("\n").split("\n")
        if not line.startswith(("reading  ", "making  "))
    ]


def cut(lines: list[str], like: tuple[str, ...]) -> list[str]:
    """Return lines without those in the middle, as in what was shown before."""
    if CUT not in like:
        return lines
    before = like.index(CUT)
    after = len(like) - before - 1
    return [*lines[:before], CUT, *lines[len(lines) - after :]]


def recipes(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and the texts of the recipes that a Markdown file shows."""
    yield from re.findall(r"^<!-- recipe: (\w+) -->\n```toml\n(.*?)^```$", text, re.M | re.S)


def recipe_text(name: str) -> str:
    """Return a built-in recipe as it is in its file."""
    return (ROOT / "src" / "hornbook" / "recipes" / f"{name}.toml").read_text("utf-8")


def fill(folder: Path) -> None:
    """Run the README's sessions and write what they print into it."""
    text = README.read_text("utf-8")
    for name, shown in recipes(text):
        head = f"<!-- recipe: {name} -->\n```toml\n"
        text = text.replace(head + shown, head + recipe_text(name), 1)
    for command in commands(text):
        if command.text.split()[0] in NOT_RUN:
            continue
        print(command.text.partition("\n")[0], flush=True)
        lines = cut(run(command, folder), command.output)
        if command.kind == "console":
            old = "\n".join([f"$ {command.text}", *command.output])
            text = text.replace(old + "\n", "\n".join([f"$ {command.text}", *lines]) + "\n", 1)
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python docs/readme.py FOLDER")
    fill(Path(sys.argv[1]))
