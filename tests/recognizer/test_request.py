"""What another program sends: whatever it is, it is a value or one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.recognizer import load
from hornbook.recognizer.request import answers_to, asked_of_json, parse_json

OLD = Path(__file__).parent / "old"
READERS = {name: load(OLD / f"{name}.onnx", threads=1) for name in ("digits", "table", "text", "series")}

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e300, 1e300) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.binary(max_size=200) | VALUES.map(lambda v: json.dumps(v).encode()))
def test_whatever_comes_is_json_or_one_sentence(body: bytes) -> None:
    try:
        parse_json(body)
    except DataError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_whatever_is_asked_is_answered_or_refused_in_one_sentence(name: str, data: st.DataObject) -> None:
    reader = READERS[name]
    rows = st.fixed_dictionaries(dict.fromkeys([c.source or n for n, c in reader.inputs.items()], VALUES))
    asked: Any = data.draw(VALUES | rows | st.lists(rows, min_size=1, max_size=3))
    try:
        values, many = asked_of_json(reader, json.dumps(asked).encode())
        answers = answers_to(reader, values, many, 3, 0.0)
    except DataError as error:
        assert "\n" not in str(error) and "Traceback" not in str(error)
    else:
        assert len(answers) == len(values)
