"""The recognizer: one ONNX file that holds the network, its arithmetic and its columns, used without PyTorch.

`file` opens and checks it, `use` predicts and evaluates, `answer` is what it says.
"""

from hornbook.recognizer.answer import Answer, Answers
from hornbook.recognizer.file import FILE, FORMAT, KEY, find
from hornbook.recognizer.recognizer import BATCH, Recognizer, load

__all__ = ["BATCH", "FILE", "FORMAT", "KEY", "Answer", "Answers", "Recognizer", "find", "load"]
