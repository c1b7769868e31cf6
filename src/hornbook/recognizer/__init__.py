"""The recognizer: one ONNX file that holds the network, its arithmetic and its columns, used without PyTorch.

`file` opens and checks it, `graph` runs it, `recognizer` predicts, `tables` answers rows, `judge` evaluates, `answer`
is what it says, `describe` puts it into words for other programs.
"""

from hornbook.recognizer.answer import Answer, Answers
from hornbook.recognizer.file import FILE, FORMAT, KEY, find
from hornbook.recognizer.graph import BATCH
from hornbook.recognizer.recognizer import Recognizer, load

__all__ = ["BATCH", "FILE", "FORMAT", "KEY", "Answer", "Answers", "Recognizer", "find", "load"]
