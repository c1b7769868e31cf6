"""Bad data is the user's daily life: more than eighty kinds of it, each told in one sentence."""

import re
from pathlib import Path

import numpy as np
import pytest

from hornbook.columns import ImageColumn
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.encode import encode_heavy
from hornbook.sources import read_examples
from tests.sources.bad_files import BAD_PICTURES, BAD_SOURCES, GOOD, bad_folder
from tests.sources.make import tarred, zipped


def is_a_sentence(text: str) -> bool:
    """Return whether a message is one line, of a length that can be read, without the insides of Python."""
    insides = ("Traceback", "Error(", "<class", "object at 0x", "errno", "None")
    return "\n" not in text and 20 < len(text) < 600 and not any(word in text for word in insides)


def test_a_folder_of_broken_files_is_read_and_each_is_named(tmp_path: Path) -> None:
    said = bad_folder(tmp_path / "bad")
    assert len(said) >= 40
    examples = read_examples(tmp_path / "bad")
    encoded = encode_heavy(examples, ImageColumn(size=(8, 8)), "image")
    problems = {problem.name: str(problem) for problem in (*examples.problems, *encoded.problems)}
    missing = [name for name, shown in said.items() if not any(shown in text for text in problems.values())]
    assert missing == []
    assert [name for name in problems if name.startswith("dog/")] == []
    assert [text for text in problems.values() if not is_a_sentence(text)] == []
    good = [row for row, name in enumerate(examples.table["image"]) if name.startswith("dog/")]
    assert len(good) == len(GOOD)
    assert np.asarray(encoded.facts["bad"])[good].sum() == 0


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_the_same_broken_pictures_in_an_archive(tmp_path: Path, name: str) -> None:
    files = {**{f"cat/{n}": d for n, d in BAD_PICTURES.items()}, **{f"dog/{n}": d for n, d in GOOD.items()}}
    path = zipped(tmp_path / name, files) if name == "a.zip" else tarred(tmp_path / name, files, "w:gz")
    examples = read_examples(path)
    encoded = encode_heavy(examples, ImageColumn(size=(8, 8)), "image")
    bad = {n for n, wrong in zip(examples.table["image"], encoded.facts["bad"], strict=True) if wrong}
    assert bad == {f"cat/{n}" for n in BAD_PICTURES}
    assert [str(problem) for problem in encoded.problems if not is_a_sentence(str(problem))] == []


@pytest.mark.parametrize("what", BAD_SOURCES)
def test_a_broken_source_is_refused_in_one_sentence(tmp_path: Path, what: str, cache: Path) -> None:
    make, says = BAD_SOURCES[what]
    (tmp_path / "here").mkdir()
    source = make(tmp_path / "here")
    with pytest.raises(DataError) as caught:
        read_examples(source)
    text = str(caught.value)
    assert re.search(says, text), text
    assert is_a_sentence(text[:300] if what == "a name too long" else text), text
    assert shown(source.name)[:4] in text
    assert not [
        path for path in cache.rglob("*") if path.is_file() and path.suffix not in (".members", ".mark")
    ]
