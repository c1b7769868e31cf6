"""The sections about a language model: perplexity beside models that count, the texts that were foreseen least."""

from __future__ import annotations

from hornbook.columns.evaluation import Evaluation
from hornbook.columns.text.evaluation import TextEvaluation
from hornbook.common.markup import escape, table
from hornbook.common.plaintext import number_of
from hornbook.render.html_parts import scrolling, section
from hornbook.report.html import Report


def sections(report: Report, found: Evaluation, key: str, several: str) -> str:
    """Everything about what comes next."""
    assert isinstance(found, TextEvaluation)
    parts = (
        section(f"{key}-perplexity", f"How well it knows what comes next{several}", _scores(found)),
        section(f"{key}-surprises", f"Foreseen least{several}", _surprises(found)),
    )
    return "\n".join(part for part in parts if part)


def _scores(found: TextEvaluation) -> str:
    low, high = found.interval
    rows = [("perplexity", found.say(found.score), f"{found.say(low)} to {found.say(high)}")]
    rows += [
        (escape(n.replace("_", " ")), f"{v:.3f}", "") for n, v in found.metrics.items() if n != found.metric
    ]
    rows += [(f"perplexity of {escape(name)}", found.say(v), "") for name, v in found.others.items()]
    best = min(found.others, key=found.others.__getitem__) if found.others else ""
    verdict = (
        "It is better than models that only count" if found.beaten else f"It is no better than {escape(best)}"
    )
    choice = f"At each {found.unit} it is as if it had {found.say(found.score)} to choose from."
    lead = f'<p class="lead">{verdict}. {choice}</p>'
    said = f"{number_of(found.tokens, found.unit)}, the ends of texts among them"
    if found.unknown:
        said += f"; {100 * found.unknown:.2f} % are not in the vocabulary and count as one, for all models"
    return (
        lead
        + scrolling(table(["", "", "95 % interval"], rows, numbers=(1, 2)), "scores")
        + f'<p class="small">{said}.</p>'
    )


def _surprises(found: TextEvaluation) -> str:
    rows = [
        (f"{s.perplexity:,.0f}", escape(s.name.partition(":")[0]), escape(s.text))
        for s in found.surprises[:24]
    ]
    if not rows:
        return ""
    return scrolling(table([f"perplexity of a {found.unit}", "", "text"], rows, numbers=(0,)), "texts")
