"""Names of files that are the strings in them, and names that are not."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.recipe.guess import guess
from hornbook.sources import read_examples
from hornbook.sources.folder.string_names import are_strings, without_copy
from tests.sources.make import pictures, tree

RNG = np.random.default_rng(5)


def random(alphabet: str, *lengths: int, count: int = 24) -> list[str]:
    return ["".join(RNG.choice(list(alphabet), lengths[i % len(lengths)])) for i in range(count)]


@pytest.mark.parametrize(
    "names",
    [
        *(random("2345678bcdefgmnpwxy", 5), random("0123456789", 4), random("0123456789", 6, count=10)),
        *(random("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 4, 5, 6), random("京津沪渝冀豫云辽黑湘", 5)),
        random("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef", 4),
        [f"{a}-{b}-{a}" for a, b in zip(random("ABCDEFGHKL", 2), random("0123456789", 3), strict=True)],
    ],
)
@pytest.mark.parametrize("written", ["{}", "{} (2)", "{}_2", "{} - Copy"])
def test_a_folder_of_strings_needs_no_pattern(names: list[str], written: str, tmp_path: Path) -> None:
    files = [*(f"{n}.png" for n in names), f"{written.format(names[0])}.jpg"]
    examples = read_examples(tree(tmp_path / "mine", pictures(files)))
    assert sorted(examples.table["label"]) == sorted([*names, names[0]])
    assert "their names are taken for strings that stand in them" in examples.notes[0]
    assert guess(examples).targets["label"].type == "characters"


@pytest.mark.parametrize(
    "names",
    [
        *(
            [f"IMG_{i:04d}" for i in range(30)],
            [str(i) for i in range(100, 130)],
            [f"{i:05d}" for i in range(30)],
        ),
        *([f"{i:04d}" for i in range(0, 60, 2)], [f"cat{i}" for i in range(10, 40)]),
        *([f"a{i:03d}" for i in range(30)], [f"2023{i:04d}" for i in RNG.permutation(9999)[:30].tolist()]),
        [
            "germany",
            "france",
            "italy",
            "spain",
            "poland",
            "norway",
            "sweden",
            "iceland",
            "austria",
            "malta",
            "latvia",
        ],
        *(random("0123456789abcdef", 32), random("2345678bcdefgmnpwxy", 5, count=5)),
        *(["2bg48", "7xf3m"] * 12, [f"{i}.5" for i in range(30)]),
    ],
)
def test_other_names_are_not_taken_for_strings(names: list[str], tmp_path: Path) -> None:
    assert not are_strings(names)
    with pytest.raises(DataError, match="nothing says what is on the pictures"):
        read_examples(tree(tmp_path / "mine", pictures([f"{name}.png" for name in names])))


def test_strings_in_folders_of_splits_keep_them(tmp_path: Path) -> None:
    names = random("2345678bcdefgmnpwxy", 5)
    files = [f"{'test' if i % 4 == 0 else 'train'}/{n}.png" for i, n in enumerate(names)]
    examples = read_examples(tree(tmp_path / "mine", pictures(files)))
    assert dict(examples.table["split"].value_counts().iter_rows()) == {"train": 18, "test": 6}


@given(st.text("ab1", min_size=1, max_size=6), st.integers(0, 99))
def test_what_makes_it_another_file_is_no_part_of_the_string(text: str, number: int) -> None:
    assert (
        without_copy(f"{text} ({number})") == without_copy(f"{text}_{number}") == without_copy(text) == text
    )
