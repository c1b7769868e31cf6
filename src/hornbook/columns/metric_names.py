"""What metrics are called, and how their values are said."""

from __future__ import annotations

from hornbook.common.plaintext import percent, say_number

__all__ = ["METRICS", "SHARES", "name_of", "say_metric"]

SHARES = (
    "accuracy",
    "all_right",
    "average_precision",
    "characters",
    "macro_f1",
    "micro_f1",
    "sentences",
    "top_5",
    "within_one",
)
"""The metrics that are shares of something, shown as percentages."""

METRICS = {
    "macro_f1": "mean F1",
    "micro_f1": "F1",
    "auroc": "AUROC",
    "all_right": "rows with all tags right",
    "sentences": "rows with all labels right",
    "top_5": "among the first 5",
    "within_one": "within one group",
    "characters": "characters right",
    "edit_distance": "edits a string",
    "chrf": "chrF",
    "bleu": "BLEU",
    "mae": "mean absolute error",
    "mse": "mean squared error",
    "psnr": "PSNR",
    "ssim": "SSIM",
    "rmse": "root of the mean squared error",
    "r2": "R2",
}
"""What metrics are called that people do not read as they are written."""


def name_of(metric: str) -> str:
    """Return what a metric is called.

    >>> name_of("macro_f1"), name_of("log_loss")
    ('mean F1', 'log loss')
    """
    return METRICS.get(metric, metric.replace("_", " "))


def say_metric(metric: str, value: float) -> str:
    """Return the value of a metric as people read it.

    >>> say_metric("accuracy", 0.5), say_metric("rmse", 1234.5)
    ('50.00 %', '1,234')
    """
    return percent(value, 2) if metric in SHARES else say_number(value)
