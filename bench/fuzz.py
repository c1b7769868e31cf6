"""Broken and hostile inputs by the thousand: each ends in an answer or in one sentence, whatever it is.

    python -m bench.fuzz [--count 2000] [--seed 0] [--first 0] [--keep DIR] [--only png,csv]

A small world is made first: examples of every form that is read, and some recognizers. A case takes one of its files,
damages or forges it (cut off, bits turned, pieces lost, doubled or strange, fields of all ones, another form under its
name, sizes that are not there), and gives it to a command. Counted are tracebacks, hangs, processes that were ended by
a signal, memory over `MEMORY`, more than `LINES` lines of complaint or one of more than `LONGEST` characters, and
silent answers: exit status 0 and not a word where the damage is certain to matter. A case is a pure function of seed
and number; ``--keep`` keeps those that failed.
"""

from __future__ import annotations

import argparse
import atexit
import io
import os
import pkgutil
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import traceback
import wave
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import Image

import hornbook
from bench.common import report

OLD = Path(__file__).parents[1] / "tests" / "recognizer" / "old"
"""Small recognizers of pictures, tables and texts, and a run that was stopped."""

SECONDS, PATIENCE = 20, 6
"""A case that computes for longer hangs, and one that waits for so many times as long, on a busy machine too."""

MEMORY = 2 << 30
"""Bytes that a case may hold at most."""

LINES, LONGEST = 3, 1000
"""Lines that may be said of one broken input, and characters of one."""

PICTURES = ("png", "jpg", "gif", "bmp", "tif", "webp")
TABLES = ("csv", "tsv", "json", "jsonl", "parquet", "xlsx")
RUN = ("history.csv", "recipe.toml", "checkpoint.pt")

_TRAIN = ("train", "rents.csv", "--target", "rent", "--run", "run", "--set", "training.epochs=5")
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(PICTURES, (("predict", "digits.onnx", "{}"), ("look", "{folder}", "--out", "out"))),
    "wav": (("look", "{folder}", "--out", "out"),),
    **dict.fromkeys(
        TABLES,
        (
            ("look", "{}", "--target", "kind", "--out", "out"),
            ("predict", "table.onnx", "{}"),
            ("predict", "table.onnx", "{}", "--out", "answers.csv"),
            ("recipe", "{}", "--target", "kind"),
        ),
    ),
    **dict.fromkeys(("npz", "zip", "tar", "idx"), (("look", "{}", "--out", "out"),)),
    "txt": (("predict", "text.onnx", "{}"),),
    "toml": (("recipe", "{}"), ("summary", "{}")),
    "onnx": (("predict", "{}", "photo.png"),),
    **dict.fromkeys(RUN, ((*_TRAIN, "--set", "network.hidden=[12]"), ("evaluate", "run"))),
}
"""What is done with a file of each ending; ``{folder}`` is a class folder that it lies in."""

STRANGE = [
    "1e400",
    "-1e-400",
    "nan",
    "inf",
    "0x10",
    "1,2,3",
    '""',
    "''",
    "\\x00",
    "é",
    "猫",
    "😀",
    "\ufeff",
    "\u202e",
    ",",
    ",,,,",
    ";;;",
    "\t\t",
    "{}",
    "[]",
    "{{{",
    "#DIV/0!",
    "<NA>",
]


@dataclass(frozen=True)
class Case:
    """A command on a damaged file.

    Attributes
    ----------
    number
        Of the case; with the seed it says all.
    ending
        Of the file that was damaged.
    damage
        What was done to it.
    data
        The damaged file.
    command
        The arguments of ``hornbook``.
    certain
        Whether an answer without a word would be wrong.
    """

    number: int
    ending: str
    damage: str
    data: bytes
    command: tuple[str, ...]
    certain: bool


def make_world(folder: Path) -> None:
    """Write good examples of every form, and recognizers that read them."""
    from hornbook.recognizer.file import sealed

    noise = np.random.default_rng(0)
    picture = Image.fromarray(noise.integers(0, 255, (24, 24, 3), np.uint8)).resize((96, 72))
    picture.save(folder / "photo.png")
    for ending in PICTURES:
        picture.save(folder / f"base.{ending}")
    (folder / "base.wav").write_bytes(_wav(noise))
    np.savez(folder / "base.npz", image=noise.integers(0, 255, (30, 8, 8), np.uint8), label=np.arange(30) % 3)
    (folder / "base.idx").write_bytes(struct.pack(">4I", 2051, 30, 8, 8) + noise.bytes(30 * 64))
    (folder / "labels.idx1-ubyte").write_bytes(struct.pack(">2I", 2049, 30) + bytes(range(3)) * 10)
    (folder / "base.txt").write_text("good thing\nan awful thing\n", "utf-8")
    _tables(folder)
    _archives(folder)
    for name in ("digits", "table", "text"):
        shutil.copy(OLD / f"{name}.onnx", folder)
    (folder / "base.onnx").write_bytes(sealed((OLD / "digits.onnx").read_bytes()))
    shutil.copytree(OLD / "unfinished_run", folder / "run")
    (folder / "run" / "rents.csv").rename(folder / "rents.csv")
    shutil.copy(folder / "run" / "recipe.toml", folder / "base.toml")
    for name in RUN:
        shutil.copy(folder / "run" / name, folder / f"base.{name}")


def _wav(noise: np.random.Generator) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((noise.normal(0, 0.1, 1600) * 8000).astype("<i2").tobytes())
    return out.getvalue()


def _tables(folder: Path) -> None:
    import polars as pl

    frame = pl.read_csv(OLD / "unfinished_run" / "rents.csv").head(80)
    frame.write_csv(folder / "base.csv")
    frame.write_csv(folder / "base.tsv", separator="\t")
    frame.write_json(folder / "base.json")
    frame.write_ndjson(folder / "base.jsonl")
    frame.write_parquet(folder / "base.parquet")
    book = import_module("openpyxl").Workbook()
    for row in (frame.columns, *frame.rows()):
        book.active.append(row)
    book.save(folder / "base.xlsx")


def _archives(folder: Path) -> None:
    members = {f"{name}/{i}.png": (folder / "base.png").read_bytes() for name in "ab" for i in range(6)}
    with (
        zipfile.ZipFile(folder / "base.zip", "w") as archive,
        tarfile.open(folder / "base.tar", "w") as packed,
    ):
        for name, data in members.items():
            archive.writestr(name, data)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))


def make_case(seed: int, number: int, bases: Mapping[str, bytes]) -> Case:
    """Return a case, a pure function of seed and number."""
    chance = random.Random(seed * 1_000_003 + number)
    ending = chance.choice(sorted(bases))
    data = bases[ending]
    forge = FORGED.get(ending)
    if forge is not None and chance.random() < 0.25:
        name, broken = forge.__name__.strip("_"), forge(chance, data)
    else:
        damage = chance.choice(DAMAGES)
        name, broken = damage.__name__, damage(chance, data, bases)
    command = chance.choice(COMMANDS[ending])
    # A picture without its second half, or a model with another bit, has no right answer; 30 bytes are the checksum.
    half = ending in PICTURES and name == "cut_off" and len(broken) < 0.6 * len(data)
    certain = (half and command[0] == "predict") or (ending == "onnx" and not broken.startswith(data[:-30]))
    return Case(number, ending, name, broken, command, certain)


def cut_off(chance: random.Random, data: bytes, bases: Mapping[str, bytes]) -> bytes:
    """Only the beginning is there."""
    return data[: chance.randrange(len(data))]


def turned_bits(chance: random.Random, data: bytes, bases: Mapping[str, bytes]) -> bytes:
    """Some bits are turned."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 4, 32))):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def lost_piece(chance: random.Random, data: bytes, bases: Mapping[str, bytes]) -> bytes:
    """A piece is missing."""
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randrange(1, 200) :]


def doubled_piece(chance: random.Random, data: bytes, bases: Mapping[str, bytes]) -> bytes:
    """A piece is there many times."""
    start = chance.randrange(len(data))
    end = start + chance.randrange(1, 60)
    return data[:end] + data[start:end] * chance.choice((1, 50, 5000)) + data[end:]


def strange_piece(chance: random.Random, data: bytes, bases: Mapping[str, bytes]) -> bytes:
    """A piece is something else: a word that is no number, a long line, bytes by chance."""
    start = chance.randrange(len(data))
    word = chance.choice(STRANGE).encode("utf-8", "surrogatepass")
    piece = chance.choice((word, word * 2000, chance.randbytes(40), b"9" * 6000, b"\n" * 500, b'"'))
    return data[:start] + piece + data[start + chance.choice((0, len(piece), 5)) :]


def full_field(chance: random.Random, data: bytes, bases: Mapping[str, bytes]) -> bytes:
    """A number somewhere in it is the largest that there is, or nothing; mostly near the beginning."""
    out = bytearray(data)
    start = chance.randrange(min(len(out), chance.choice((64, 400, 1 << 30))))
    field = chance.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(4)))
    out[start : start + 4] = field
    return bytes(out)


def other_form(chance: random.Random, data: bytes, bases: Mapping[str, bytes]) -> bytes:
    """Another form under this name, or nothing at all."""
    return chance.choice([b"", b"\n", bytes(1000), *bases.values()])


DAMAGES = (cut_off, turned_bits, lost_piece, doubled_piece, strange_piece, full_field, other_form)


def _table_shapes(chance: random.Random, data: bytes) -> bytes:
    """Return a table that is wide, long or has huge names and values."""
    head = data.partition(b"\n")[0]
    return chance.choice(
        (
            lambda: b"," * 3_000_000 + b"\n1,2\n",
            lambda: b"\n".join(
                [b",".join(b"c%d" % i for i in range(3000)) + b",kind"] + [b"1," * 3000 + b"a"] * 3
            ),
            lambda: head + b"\n" + b"x,y,z,a,b\n" * 50_000,
            lambda: head + b"," + b"n" * 100_000 + b"\n" + data.partition(b"\n")[2].replace(b"\n", b",1\n"),
            lambda: data + b"w" * 100_000 + b",1,2,3,4\n",
            lambda: head + b"\n",
            lambda: head.replace(b"area", b"kind") + data[len(head) :],
            lambda: data.replace(b"\n", b"\n\n\n"),
            lambda: data.replace(b".", b",", chance.randrange(1, 30)),
        )
    )()


def _deep(chance: random.Random, data: bytes) -> bytes:
    """Return a recipe, or JSON, with keys, values or levels by the thousand."""
    some = chance.choice((100, 500, 3000))
    return chance.choice(
        (
            b"a" + b".a" * some + b"=1",
            b"a=" + b"[" * some + b"]" * some,
            b"a=" + b"{a=" * some + b"1" + b"}" * some,
            data + b"\n[training]\n" + b"x" * 10 * some + b"=1\n",
            data.replace(b"= ", b'= "' + b"y" * 10 * some + b'" # ', chance.randrange(1, 4)),
            b"[" * some + b"]" * some,
            b'[{"kind":' * some + b"1" + b"}]" * some,
        )
    )


def _arrays(chance: random.Random, data: bytes) -> bytes:
    """Return an archive with an array whose header says what is not so."""
    kind = chance.choice(("|V0", "|S0", "|V8", "|O", "<U0", "<f8", "|u1", "<M8[s]", "<c16", "|b1"))
    shape = chance.choice(
        ((300_000_000, 0, 5), (0, 8, 8), (30,), (30, 8, 8), (2**62, 4), (), (1,) * 20, (-1, 3))
    )
    head, out = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": kind, "fortran_order": chance.random() < 0.1, "shape": shape}
    )
    rest = (
        bytes(max(0, min(int(np.prod([float(s) for s in shape])) * 8, 20_000)))
        if chance.random() < 0.5
        else b""
    )
    with zipfile.ZipFile(out, "w", chance.choice((0, 8))) as archive:
        archive.writestr("image.npy", head.getvalue() + rest)
        archive.writestr(chance.choice(("label.npy", "../x.npy", "y.npy")), head.getvalue())
    return out.getvalue()


def _sheets(chance: random.Random, data: bytes) -> bytes:
    """Return a spreadsheet with one part changed, cut or left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        changed = chance.choice(before.namelist())
        for name in before.namelist():
            part = before.read(name)
            if name == "xl/worksheets/sheet1.xml" and chance.random() < 0.5:
                part = part.replace(
                    b'"B3"', chance.choice((b'"XFD1048576"', b'"ZZ9999"', b'"B0"', b'"3B"', b'"A1"'))
                )
            if name == changed:
                bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 1000 + b'">]>'
                part = chance.choice((part[: len(part) // 2], b"", bomb + part, cut_off(chance, part, {})))
            if name != changed or chance.random() < 0.8:
                after.writestr(name, part)
    return out.getvalue()


def _png_sizes(chance: random.Random, data: bytes) -> bytes:
    """Return a PNG that says it is of another size, with the right checksum."""
    head = bytearray(data[:33])
    head[16:24] = struct.pack(">II", *(chance.choice((1, 96, 500, 7000, 2**31 - 1)) for _ in range(2)))
    head[29:33] = struct.pack(">I", zlib.crc32(head[12:29]))
    return bytes(head) + data[33:]


def _jpg_sizes(chance: random.Random, data: bytes) -> bytes:
    """Return a JPEG that says it is of another size."""
    at = data.index(b"\xff\xc0") + 5
    size = struct.pack(">HH", *(chance.choice((1, 200, 790, 65500)) for _ in range(2)))
    return data[:at] + size + data[at + 4 :]


def _idx_sizes(chance: random.Random, data: bytes) -> bytes:
    """Return an IDX file that says it has other numbers of pictures, rows and columns."""
    return (
        struct.pack(">4I", 2051, *(chance.choice((0, 1, 8, 30, 2**31, 2**32 - 1)) for _ in range(3)))
        + data[16:]
    )


FORGED: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "csv": _table_shapes,
    "toml": _deep,
    "json": _deep,
    "jsonl": _deep,
    "npz": _arrays,
    "xlsx": _sheets,
    "png": _png_sizes,
    "jpg": _jpg_sizes,
    "idx": _idx_sizes,
}
"""What is made up for a form, besides damage that any file can take."""


def run_case(case: Case, world: Path, folder: Path) -> tuple[str, str]:
    """Run a case in a process of its own; return what is wrong with how it ended, if anything, and what it said."""
    arguments = _lay_out(case, world, folder)
    start = time.monotonic()
    child = os.fork()
    if not child:
        _be_hornbook(arguments, folder)
    done = 0
    while not done:
        done, status, used = os.wait4(child, os.WNOHANG)
        if not done and time.monotonic() - start > PATIENCE * SECONDS:
            os.kill(child, signal.SIGKILL)
            done, status, used = os.wait4(child, 0)
        time.sleep(0 if done else 0.002)
    said = (folder / "stderr").read_text("utf-8", "replace")
    return judged(case, said, status, used.ru_maxrss * 1024), said


def _lay_out(case: Case, world: Path, folder: Path) -> list[str]:
    """Put the files of a case where its command looks for them, and return that command's words."""
    for path in world.iterdir():
        if path.name != "run" and not path.name.startswith("base."):
            (folder / path.name).symlink_to(path)
    name = f"broken.{case.ending}"
    if case.ending in RUN:
        shutil.copytree(world / "run", folder / "run")
        name = f"run/{case.ending}"
    elif "{folder}" in case.command:
        for kind in "ab":
            (folder / "examples" / kind).mkdir(parents=True)
            for i in range(2):
                shutil.copy(
                    world / f"base.{case.ending}", folder / "examples" / kind / f"good{i}.{case.ending}"
                )
        name = f"examples/a/{name}"
    elif case.ending == "idx":
        name = "images.idx3-ubyte"
    (folder / name).write_bytes(case.data)
    given = {"{}": name, "{folder}": "examples"}
    return [given.get(word, word) for word in case.command]


def judged(case: Case, said: str, status: int, memory: int) -> str:
    """Return what is wrong with how a case ended, empty where nothing is."""
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    lines = [line for line in said.splitlines() if " answers: " not in line]
    wrong = {
        "traceback": "Traceback (most recent call last)" in said,
        "hang": killed in (signal.SIGXCPU, signal.SIGKILL),
        "abort": killed != 0,
        "memory": memory > MEMORY,
        "wordy": max(map(len, lines), default=0) > LONGEST
        or (len(lines) > LINES and case.command[0] in ("predict", "recipe", "summary")),
        "silent": case.certain and not status and not lines,
    }
    return next((name for name, found in wrong.items() if found), "")


def _be_hornbook(arguments: Sequence[str], folder: Path) -> None:
    """Be the command in a forked process; never returns."""
    try:
        atexit._clear()  # the parent's temporary folder is not the child's to remove
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), number)
        from hornbook.cli.main import run

        sys.argv[1:] = arguments
        run()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(70)


def _import_all() -> None:
    """Import all of hornbook once, before the forks: no thread of it has begun then, and a case takes 0.03 s."""
    os.environ["OMP_NUM_THREADS"] = "1"
    for module in pkgutil.walk_packages(hornbook.__path__, "hornbook."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    Image.preinit()


def fuzz(
    count: int, seed: int, keep: Path | None = None, only: Sequence[str] = (), first: int = 0
) -> Counter[str]:
    """Run many cases; return how many ended in each way that is wrong, and say which."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        world = Path(temporary) / "world"
        world.mkdir()
        os.environ["HORNBOOK_CACHE"] = str(Path(temporary) / "cache")
        # In a process of its own: Polars' threads, once started, are not there after a fork.
        subprocess.run([sys.executable, "-m", "bench.fuzz", "--world", str(world)], check=True)
        bases = {path.name.removeprefix("base."): path.read_bytes() for path in sorted(world.glob("base.*"))}
        bases = {ending: data for ending, data in bases.items() if not only or ending in only}
        _import_all()
        for number in range(first, first + count):
            case = make_case(seed, number, bases)
            folder = Path(temporary) / "case"
            folder.mkdir()
            wrong, said = run_case(case, world, folder)
            if wrong:
                found[wrong] += 1
                last = said.strip().splitlines()[-1:] or [""]
                words = " ".join(case.command)
                print(f"{number}: {wrong}: {case.ending} {case.damage} {words}: {last[0][:200]}", flush=True)
                if keep is not None:
                    shutil.copytree(folder, keep / f"{number}-{wrong}", symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(folder)
    return found


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=2000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--keep", type=Path)
    options.add_argument("--only", default="")
    options.add_argument("--world", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.world is not None:
        make_world(given.world)
        sys.exit()
    ends = fuzz(given.count, given.seed, given.keep, [e for e in given.only.split(",") if e], given.first)
    report("fuzz", count=given.count, seed=given.seed, **dict(ends))
    sys.exit(bool(ends))
