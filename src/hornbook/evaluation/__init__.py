"""How good a recognizer is: scores on rows never trained on, beside what the simplest guess would score.

An `Evaluation` is what is common to all targets; `CategoryEvaluation` is that of a ``category`` target. They
are plain data: they go into ``metrics.json`` and back, and the terminal and the report show the same one.
Only numpy is needed, so that evaluating, like predicting, is possible without PyTorch.
"""

from hornbook.evaluation.answers import Mistake
from hornbook.evaluation.base import Evaluation, evaluate
from hornbook.evaluation.calibration import calibration_error, temperature, wilson
from hornbook.evaluation.category import CategoryEvaluation, ClassScore, evaluate_category

__all__ = [
    "CategoryEvaluation",
    "ClassScore",
    "Evaluation",
    "Mistake",
    "calibration_error",
    "evaluate",
    "evaluate_category",
    "temperature",
    "wilson",
]
