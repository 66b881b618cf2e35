"""Wording of a p-value and of the verdict on a pair of systems, shared by the terminal, the page and the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.wording import count

if TYPE_CHECKING:
    from evalkit.results.comparisons import Difference

#: One sentence per verdict (see :class:`~evalkit.results.comparisons.Difference`), with placeholders for the systems,
#: the metric and the p-value as formatted by :func:`p_equation`.
PAIR_SENTENCES = {
    "better": "{system} is better than {baseline} on {metric}, {p}",
    "worse": "{system} is worse than {baseline} on {metric}, {p}",
    "open": "no significant difference between {system} and {baseline} on {metric}, {p}",
    "undecided": "inconclusive between {system} and {baseline} on {metric}: it depends on unjudged segments",
    "same": "{system} and {baseline} are identical on every segment on {metric}",
    "untested": "{system} and {baseline} were not compared on {metric}",
}


def p_value(p: float) -> str:
    """Format a p-value as in papers: three decimals without the leading zero, ``<.001`` below that.

    >>> p_value(0.0312), p_value(0.0004), p_value(1.0)
    ('.031', '<.001', '1')
    """
    if p < 0.001:
        return "<.001"
    return "1" if p >= 0.9995 else f"{p:.3f}".removeprefix("0")


def p_equation(p: float, sign: str = "=") -> str:
    """Format a p-value for use within a sentence.

    >>> p_equation(0.0312), p_equation(0.0004), p_equation(0.02, "≤")
    ('p = .031', 'p < .001', 'p ≤ .020')
    """
    text = p_value(p)
    return "p < .001" if text == "<.001" else f"p {sign} {text}"


def pair_sentence(d: Difference) -> str:
    """Return the verdict on one pair, such as ``a is better than b on BLEU, p = .004``."""
    p = "" if d.p_corrected is None else p_equation(d.p_corrected)
    text = PAIR_SENTENCES[d.verdict].format(system=d.system, baseline=d.baseline, metric=d.metric, p=p)
    return text.replace("on unjudged segments", f"on {count(d.unjudged, 'unjudged segment')}") if d.unjudged else text
