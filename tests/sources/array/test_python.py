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
    assert isinstance(from_arrays(image=arrays[:1] * 3).stores["image"], ArrayStore)
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


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"label": "abc"}, "must be a list"),
        ({"label": 5}, "must be a list"),
        ({"label": [object()]}, "no table can hold"),
        ({"label": [1, "a", {}]}, "types"),
        ({"image": np.zeros((2, 4, 4)), "label": [1, 2, 3]}, "image has 2, label has 3"),
        ({}, "at least one column"),
    ],
)
def test_columns_that_are_none(columns: dict[str, Any], says: str) -> None:
    with pytest.raises((DataError, UsageError), match=says):
        from_arrays(**columns)


def test_names_of_columns_and_a_list_of_no_pairs() -> None:
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
