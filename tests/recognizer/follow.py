"""A program of somebody else: it reads the description beside an exported file, and knows nothing of hornbook.

It uses ONNX Runtime, OpenCV and numpy alone. Every constant comes out of the description; for ink it calls `find_ink`,
as the description says.
"""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime

Array = Any
OWN = "hornbook."
"""How the names of what a graph takes and gives besides its columns begin."""


def found(pattern: str, said: str) -> re.Match[str]:
    """Return where a description says something."""
    match = re.search(pattern, said)
    assert match, f"the description does not say {pattern}"
    return match


class Follower:
    """A file with its description."""

    def __init__(self, path: Path) -> None:
        self.session = onnxruntime.InferenceSession(str(path))
        said = path.with_name(path.name + ".txt").read_text("utf-8")
        goes_in, _, comes_out = said.partition("What comes out:")
        self.inputs, self.outputs = _columns(goes_in), _columns(comes_out.partition("\nScaling")[0])
        self.about = json.loads(self.session.get_modelmeta().custom_metadata_map["hornbook"])

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the answer for each target; ``row`` has a value for each input."""
        given = {
            n: self.encode(n, lines, row[n])[None]
            for n, lines in self.inputs.items()
            if not n.startswith(OWN)
        }
        if f"{OWN}memory" in self.inputs:
            ((target, lines), *_) = self.outputs.items()
            return {target: self.written(target, "\n".join(lines), given)}
        outputs = self.session.run(list(self.outputs), given)
        return {
            n: answer_of(lines, y[0]) for (n, lines), y in zip(self.outputs.items(), outputs, strict=True)
        }

    def encode(self, name: str, lines: list[str], value: Any) -> Array:
        """Return a value as the description says that it goes in."""
        said, (kind, *_) = "\n".join(lines[1:]), re.findall(r": (\w+) of shape", lines[0])
        if "the rows of a picture" in said:
            return picture(said, Path(value))
        if "samples a second" in said:
            longest = int(found(r"shape \(rows, (\d+)", lines[0])[1])
            heard = int(found(r"first ([\d,]+) samples are heard", said)[1].replace(",", ""))
            out = np.zeros(longest, np.int16)
            out[: min(len(value), heard)] = value[:heard]
            return out
        if "tokens" in said:
            return self._text(name, said, lines[0], value).astype(kind)
        if "the place of the value" in said:
            codes = dict(re.findall(r"(\S+) for (.+?)(?:, |$)", said.partition("codes stand for them: ")[2]))
            classes = {c: int(i) for i, c in re.findall(r"^(\d+) (.*)$", said, re.MULTILINE)}
            other = int(found(r"among these; (\d+) is any other", said)[1])
            return np.asarray(classes.get(codes.get(value, value), other), kind)
        return np.asarray(value, kind)

    def written(self, target: str, said: str, given: dict[str, Array]) -> tuple[str, float]:
        """Return the answer that is written token by token, and its probability."""
        part = onnxruntime.RunOptions()
        part.only_execute_path_to_fetches = True
        nothing = {
            n: np.zeros([int(s) if s.isdigit() else 1 for s in shape.split(", ")], kind)
            for n, lines in self.inputs.items()
            for kind, shape in [found(r": (\w+) of shape \((.*)\)", lines[0]).groups()]
        }
        names = {
            int(i): ast.literal_eval(t) for i, t in re.findall(r"^(\d+) ('.*'|\".*\")$", said, re.MULTILINE)
        }
        kept, longest = (
            int(found(r"follows the (\d+) likeliest", said)[1]),
            int(found(r"at most (\d+) +steps", said)[1]),
        )
        (memory,) = self.session.run([OWN + "memory_made"], nothing | given, part)
        beam: list[tuple[float, list[int], Array]] = [(1.0, [], nothing[OWN + "state_0"])]
        for _ in range(longest):
            more = [one for one in beam if one[1][-1:] == [1]]
            for chance, tokens, state in (one for one in beam if one[1][-1:] != [1]):
                step = {
                    OWN + "memory": memory,
                    OWN + "state_0": state,
                    OWN + "previous": np.array([[*[1], *tokens][-1:]]),
                }
                p, after = self.session.run([target, OWN + "state_0_after"], nothing | step, part)
                more += [(chance * float(p[0, t]), [*tokens, t], after) for t in [1, *names]]
            beam = sorted(more, key=lambda one: -one[0])[:kept]
        chance, tokens, _ = beam[0]
        return "".join(names[t] for t in tokens if t != 1), chance

    def _text(self, name: str, said: str, head: str, value: str) -> Array:
        text = unicodedata.normalize("NFC", value)
        text = text.lower().lstrip() if "lower case" in said else text.lstrip()
        pattern = re.search(r"module re, one after the other:\n\s*(.*)\n", said)
        tokens = re.findall(pattern[1], text) if pattern else list(text)
        first = int(found(r"; (\d+) is the first", said)[1])
        known = {token: i for i, token in enumerate(self.about["inputs"][name]["known"], first)}
        most = int(found(r"at most (\d+)", said)[1])
        out = np.zeros(int(found(r"rows, (\d+)", head)[1]), np.int64)
        numbers = [known.get(token, 1) for token in tokens[:most]]
        out[: len(numbers)] = numbers
        return out


def _columns(said: str) -> dict[str, list[str]]:
    """Return for each column the lines that are about it."""
    out: dict[str, list[str]] = {}
    for line in said.split("\n"):
        head = re.fullmatch(r"  (\S.*?): \w+ of shape .*", line)
        if head:
            out[head[1]] = [line]
        elif line.startswith(" " * 8) and out:
            out[next(reversed(out))][-1] += " " + line.strip()
        elif line.startswith("    ") and out:
            out[next(reversed(out))].append(line[4:])
    return out


# Pictures.


def picture(said: str, path: Path) -> Array:
    raw: Array = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if path.suffix == ".jpg":  # OpenCV turns these itself
        raw = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if raw.dtype == np.uint16:
        raw = _bytes(said, raw)
    if raw.ndim == 3:
        raw = _on_ground(said, raw) if raw.shape[2] == 4 else raw[..., ::-1]
    height, width = map(int, found(r"(\d+) x (\d+) pixels", said).groups())
    grey = "made grey" in said
    if "find_ink" in said:
        return _ink(said, np.ascontiguousarray(raw), (height, width))
    if grey and raw.ndim == 3:
        parts = map(float, found(r"grey: ([\d.]+) red \+ ([\d.]+) green \+ ([\d.]+)", said).groups())
        raw = np.rint(raw @ np.array(list(parts))).astype(np.uint8)
    if not grey and raw.ndim == 2:
        raw = np.repeat(raw[..., None], 3, 2)
    raw = np.ascontiguousarray(raw)
    if "laid in the middle" in said:
        scale = min(width / raw.shape[1], height / raw.shape[0])
        inner = _resized(said, raw, max(1, round(raw.shape[1] * scale)), max(1, round(raw.shape[0] * scale)))
        edge = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
        out = np.empty((height, width, *raw.shape[2:]), np.uint8)
        out[:] = np.median(edge, axis=0).astype(int)
        top, left = (height - inner.shape[0]) // 2, (width - inner.shape[1]) // 2
        out[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    elif "of the part in its middle" in said:
        scale = max(width / raw.shape[1], height / raw.shape[0])
        wide, high = round(width / scale), round(height / scale)
        top, left = (raw.shape[0] - high) // 2, (raw.shape[1] - wide) // 2
        out = _resized(said, raw[top : top + high, left : left + wide], width, height)
    else:
        assert "whatever its aspect" in said
        out = _resized(said, raw, width, height)
    out = 255 - out if "inverted: 255 - value" in said else out
    return out.reshape(height, width, -1)


def _resized(said: str, raw: Array, width: int, height: int) -> Array:
    assert "OpenCV: INTER_AREA where it shrinks, INTER_LINEAR where it grows" in said
    how = cv2.INTER_AREA if raw.shape[0] > height or raw.shape[1] > width else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(raw), (width, height), interpolation=how)


def _bytes(said: str, raw: Array) -> Array:
    span = re.search(r"\(value - (\S+)\) \* 255 / (\S+),", said)
    if span:
        return np.clip((raw.astype(float) - float(span[1])) * 255 / float(span[2]), 0, 255).astype(np.uint8)
    limits = found(r"the smallest of ([\d, and]+) that", said)[1]
    most = next(m for m in map(int, re.findall(r"\d+", limits)) if m >= raw.max())
    return (raw.astype(float) * 255 / most).astype(np.uint8)


def _on_ground(said: str, raw: Array) -> Array:
    opacity, colour = raw[..., 3:].astype(float) / 255, raw[..., 2::-1].astype(float)
    light, dark = map(
        float, (found(r"opacity, is ([\d.]+)", said)[1], found(r"mean is over ([\d.]+)", said)[1])
    )
    shade = float((colour @ np.array([0.299, 0.587, 0.114]) * opacity[..., 0]).sum() / opacity.sum())
    white = shade > dark if opacity.mean() > 0.5 else shade < light
    return np.rint(colour * opacity + (255.0 if white else 0.0) * (1 - opacity)).astype(np.uint8)


def _ink(said: str, raw: Array, size: tuple[int, int]) -> Array:
    rule = re.search(
        r"is ([\d.]+) pixels long on its longer side, give or take ([\d.]+).*?within ([\d.]+) pixels", said
    )
    if rule and raw.shape == size:
        wanted, near, middle = map(float, rule.groups())
        ys, xs = np.nonzero(raw)
        if len(ys):
            centre = (
                raw.sum(1) @ np.arange(size[0]) / raw.sum(),
                raw.sum(0) @ np.arange(size[1]) / raw.sum(),
            )
            off = max(abs(c - s / 2) for c, s in zip(centre, size, strict=True))
            if abs(max(np.ptp(ys), np.ptp(xs)) + 1 - wanted) <= near and off <= middle:
                return raw[..., None]
    from hornbook.columns.image.ink.find import find_ink

    which = (
        "dark" if "darker than the paper" in said else "auto" if "the ink is dark where" in said else "light"
    )
    return find_ink(raw, ink=which, size=size)[..., None]


# Answers.


def answer_of(lines: list[str], y: Array) -> Any:
    said = "\n".join(lines[1:])
    names = dict(re.findall(r"^(\d+) (.*)$", said, re.MULTILINE))
    if "(CTC)" in said:
        return _ctc(said, names, y)
    if "strings have exactly" in said:
        return "".join(names[str(i)] for i in y.argmax(1))
    if "the probability of each class" in said:
        return names[str(y.argmax())]
    if "each is given from its threshold" in said:
        marks = [re.fullmatch(r"(.*) from (\S+) on", names[str(i)]) for i in range(len(y))]
        return [m[1] for m, p in zip(marks, y, strict=True) if m and p >= float(m[2])]
    return y.tolist() if len(y) > 1 else float(y[0])


def _ctc(said: str, names: dict[str, str], y: Array) -> str:
    short, long = map(int, found(r"strings of (?:exactly )?(\d+)(?: to (\d+))? characters", said).groups("0"))
    long = long or short
    kept = int(found(r"keeps (\d+) or more prefixes of each length", said)[1])
    steps = np.where(y.any(1, keepdims=True), y, np.eye(1, y.shape[1])).astype(float)
    path = steps.argmax(1)
    likeliest = tuple(c for i, c in enumerate(path) if c and (i == 0 or path[i - 1] != c))
    if not (short <= len(likeliest) <= long and probability(steps, likeliest) > 0.5):
        strings = [s for s in _beam(steps, long, kept) if len(s) >= short]
        likeliest = max(strings, key=lambda s: probability(steps, s), default=likeliest)
    return "".join(names[str(c)] for c in likeliest)


def probability(steps: Array, string: tuple[int, ...]) -> float:
    """Return the sum over all paths of a string: the forward algorithm."""
    every = [0, *(c for s in string for c in (s, 0))]
    a = np.zeros(len(every))
    a[0] = 1.0
    for step in steps:
        new = np.zeros(len(every))
        for j, c in enumerate(every):
            total = a[j] + (a[j - 1] if j else 0.0)
            if j > 1 and c and c != every[j - 2]:
                total += a[j - 2]
            new[j] = total * step[c]
        a = new
    return float(a[-1] + (a[-2] if len(every) > 1 else 0.0))


def _beam(steps: Array, longest: int, kept: int) -> list[tuple[int, ...]]:
    beams: dict[tuple[int, ...], tuple[float, float]] = {
        (): (1.0, 0.0)
    }  # paths that end in a blank, and that do not
    for step in steps:
        new: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for prefix, (blank, other) in beams.items():
            new[prefix][0] += (blank + other) * step[0]
            if prefix:
                new[prefix][1] += other * step[prefix[-1]]
            for c in range(1, len(step)) if len(prefix) < longest else ():
                new[(*prefix, c)][1] += (blank if prefix and prefix[-1] == c else blank + other) * step[c]
        beams = {}
        for length in range(longest + 1):
            alike = [(prefix, (a, b)) for prefix, (a, b) in new.items() if len(prefix) == length]
            beams.update(sorted(alike, key=lambda item: -sum(item[1]))[:kept])
    return list(beams)
