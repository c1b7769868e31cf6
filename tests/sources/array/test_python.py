"""Examples from arrays, lists and data frames."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from hornbook.errors import DataError, UsageError
from hornbook.examples.array_store import ArrayStore
from hornbook.sources import from_arrays, from_frame, read_examples
from tests.sources.make import picture


def test_lists_of_bytes_pictures_and_arrays_of_any_size() -> None:
    files = [picture(1), picture(2)]
    opened = [Image.new("L", (2, 3), 9), Image.new("RGB", (4, 5))]
    arrays = [np.zeros((2, 2), np.uint8), np.ones((3, 3), np.uint8)]
    examples = from_arrays(a=files, b=opened, c=arrays, label=["x", "y"])
    assert list(examples.values("a")) == files
    assert [p.size for p in examples.values("b")] == [(2, 3), (4, 5)]
    assert [a.shape for a in examples.values("c")] == [(2, 2), (3, 3)]
    assert len(examples.fingerprint()) == 32


def test_arrays_of_one_shape_become_one() -> None:
    examples = from_arrays(image=[np.zeros((2, 2), np.uint8)] * 3)
    assert isinstance(examples.stores["image"], ArrayStore)


def test_texts_are_no_paths() -> None:
    assert from_arrays(text=["good", "bad.png is bad"]).stores == {}


def test_tensors_of_other_libraries() -> None:
    class Tensor:
        shape = (2, 2, 2)

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.ones(self.shape, np.uint8)

        def __iter__(self) -> Any:
            return iter(np.ones(self.shape))

    examples = from_arrays(image=Tensor(), label=["a", "b"])
    assert examples.value("image", 1).shape == (2, 2)


def test_lengths_must_agree() -> None:
    with pytest.raises(DataError, match="image has 2, label has 3"):
        from_arrays(image=np.zeros((2, 4, 4)), label=[1, 2, 3])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("abc", "must be a list"),
        (5, "must be a list"),
        ([object()], "no table can hold"),
        ([1, "a", {}], "types"),
    ],
)
def test_columns_that_are_none(values: Any, says: str) -> None:
    with pytest.raises(DataError, match=says):
        from_arrays(label=values)


def test_no_column() -> None:
    with pytest.raises(UsageError, match="at least one column"):
        from_arrays()


def test_pairs_dicts_and_examples() -> None:
    pairs = read_examples([(np.zeros((2, 2), np.uint8), "cat"), (np.ones((2, 2), np.uint8), "dog")])
    assert pairs.table["label"].to_list() == ["cat", "dog"]
    assert read_examples(pairs) is pairs
    named = read_examples({"x": np.zeros((2, 2, 2)), "y": [0, 1]}, image="x", label="y")
    assert named.table.columns == ["image", "label"]
    assert named.value("image", 1).shape == (2, 2)
    with pytest.raises(UsageError, match="row 2 of the list is no"):
        read_examples([("a.png", "cat"), "b.png"])


def test_whatever_speaks_arrow() -> None:
    class Speaks:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pl.DataFrame({"a": [1, 2]}).__arrow_c_stream__(requested_schema)

    assert read_examples(Speaks()).table["a"].to_list() == [1, 2]


@pytest.mark.parametrize("arrow", [False, True])
def test_a_frame_that_is_only_columns_of_arrays(arrow: bool) -> None:
    columns: dict[str, list[Any]] = {"image": [picture(1), picture(2)], "label": ["x", "y"]}

    class Column:
        def __init__(self, cells: list[Any]) -> None:
            self.cells = cells

        def to_numpy(self) -> Any:
            return np.array(self.cells, dtype=object)

    class Frame:
        columns = ("image", "label")

        def __getitem__(self, name: str) -> Column:
            return Column(columns[name])

    class Pandas(Frame):
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ImportError("no pyarrow")

    examples = from_frame(Pandas() if arrow else Frame())
    assert examples.table["label"].to_list() == ["x", "y"]
    assert list(examples.values("image")) == columns["image"]
    assert examples.origin == "data frame"


def test_something_else_is_refused() -> None:
    with pytest.raises(UsageError, match="a data frame is wanted"):
        read_examples(object())
