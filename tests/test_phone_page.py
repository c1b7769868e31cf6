"""What `docs/phone.md` says of names, types and shapes is what the file of the recipe ``digits`` takes and gives."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnxruntime

from hornbook.recognizer import load
from tests.conftest import Maker

PAGE = Path(__file__).resolve().parents[1] / "docs" / "phone.md"


def test_its_steps_give_the_answers_of_predict(made: Maker) -> None:
    said = PAGE.read_text("utf-8")
    kotlin, swift = (
        re.findall(rf"^```{name}\n(.*?)^```", said, re.S | re.M)[0] for name in ("kotlin", "swift")
    )
    sides = [re.findall(r"(?:longArrayOf\(|shape: \[)([\d, ]+)", code)[0] for code in (kotlin, swift)]
    names = re.findall(r'mapOf\("(\w+)" to given\), setOf\("(\w+)"\)', kotlin)
    names += re.findall(r'withInputs: \["(\w+)": given\], outputNames: \["(\w+)"\]', swift)
    assert len(set(sides)) == len(set(names)) == 1
    assert "OnnxJavaType.UINT8" in kotlin
    assert "elementType: .uInt8" in swift
    ((given, wanted),), shape = set(names), [int(side) for side in sides[0].split(",")]
    reader = load(made("digits").path)
    digits = reader.targets[wanted].class_names() or ()
    session = onnxruntime.InferenceSession(str(reader.path))
    kind = {n.name: (n.type, n.shape[1:]) for n in session.get_inputs()}
    assert kind == {given: ("tensor(uint8)", shape[1:])}
    draw = np.random.default_rng(0)
    for _ in range(20):
        ink, light = draw.integers(1, 128, (20, 6)), np.zeros((28, 28), np.uint8)
        light[4:24, 11:17] = (
            ink + ink[::-1, ::-1]
        )  # in its form already: the middle of its mass is in the middle
        (p,) = session.run([wanted], {given: light.reshape(shape)})
        answer = reader.predict(light)
        assert digits[int(p[0].argmax())] == answer.value
        assert abs(float(p[0].max()) - answer.confidence) < 1e-5
