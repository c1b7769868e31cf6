"""Finding the reader for a source."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hornbook.errors import DataError, UsageError
from hornbook.sources import read_examples
from tests.sources.make import idx_set, pictures, tree


def test_a_built_in_name_goes_before_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path / "iris", pictures(["cat/1.png", "dog/2.png"]))
    monkeypatch.chdir(tmp_path)
    assert len(read_examples("iris")) == 150
    assert len(read_examples("./iris")) == 2
    assert len(read_examples(Path("iris").absolute())) == 2


def test_data_stands_in_for_the_source(tmp_path: Path) -> None:
    tree(tmp_path / "mine", pictures(["cat/1.png", "dog/2.png"]))
    assert len(read_examples("a folder that is not here", data=tmp_path / "mine")) == 2


def test_columns_are_renamed(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["anna/7/1.png", "ben/8/2.png"]))
    examples = read_examples(tmp_path, label="folder")
    assert examples.table.to_dict(as_series=False) == {
        "image": ["anna/7/1.png", "ben/8/2.png"],
        "label": ["anna", "ben"],
    }
    frame = read_examples(pl.DataFrame({"file": ["a.png"], "kind": ["x"]}), image="file", label="kind")
    assert frame.table.columns == ["image", "label"]
    assert list(frame.stores) == ["image"]


def test_an_idx_file_without_a_telling_name(tmp_path: Path) -> None:
    idx_set(tmp_path, packed=False)
    assert len(read_examples(tmp_path / "t10k-images-idx3-ubyte")) == 3


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("https://example.org/pictures.zip", "is an address on the web"),
        (7, "a data frame is wanted, and this is int"),
        (None, "a data frame is wanted"),
        (object(), "a data frame is wanted"),
    ],
)
def test_sources_of_other_kinds(source: object, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_examples(source)


def test_a_pattern_needs_names_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    for source in (tmp_path / "a.csv", {"x": np.zeros(3)}, [("a.png", "x")], "digits"):
        with pytest.raises(UsageError, match="a pattern is for the names of files"):
            read_examples(source, pattern="{label}.png")


def test_a_file_that_is_in_no_known_format(tmp_path: Path) -> None:
    (tmp_path / "what").write_bytes(bytes(range(200)))
    with pytest.raises(DataError, match="is not a text file"):
        read_examples(tmp_path / "what")


def test_reading_loads_no_torch_and_no_scikit_learn(tmp_path: Path) -> None:
    tree(tmp_path, pictures(["cat/1.png", "dog/2.png"]))
    code = (
        "import sys; from hornbook.sources import read_examples; read_examples(sys.argv[1]);"
        "sys.exit(', '.join({'torch', 'sklearn', 'cv2'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
