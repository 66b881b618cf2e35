"""Which rules are broken: by scores, by findings, by missing outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalkit.gate import verdict as words
from evalkit.gate.messages import shower
from evalkit.gate.rule_matching import limit_of, names_of
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import Breach, Change
from evalkit.results.pair_text import p_equation
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults

__all__ = ["count_breaches", "findings_of", "score_breaches"]


def score_breaches(results: Results, change: Change, rules: Rules) -> Iterator[Breach]:
    """Rules on scores that one change breaks."""
    task = results.task(change.task)
    scored = task.metric(change.metric)
    named = f"{change.metric} of {change.system} on {change.task}"
    shown = shower(change.scale)

    def breach(rule: str, message: str, article: str = "") -> Breach:
        return Breach(rule, change.task, change.system, change.metric, article, message)

    if change.state == words.WORSE and change.drop is not None:
        way = "fell" if change.higher_is_better else "rose"
        p = f"p < {rules.alpha:g}" if change.p is None else p_equation(change.p)
        yield breach(
            "max_drop",
            f"{named} {way} by {shown(change.drop)}, from {shown(change.old)} to {shown(change.new)} "
            f"({p}, {shown(change.allowed)} allowed)",
        )
    if change.state == words.UNDEFINED and change.new is None:
        yield breach("max_drop", f"{named} is undefined now, and was {shown(change.old)}")
    for side in ("min", "max"):
        limit = limit_of(getattr(rules, f"corpus_{side}"), task, scored)
        if limit is not None and _beyond(change.new, limit, side):
            word = "below" if side == "min" else "above"
            yield breach(f"corpus_{side}", f"{named} is {shown(change.new)}, {word} {shown(limit)}")
        limit = limit_of(getattr(rules, f"article_{side}"), task, scored)
        for article, value in zip(task.article_names(), change.articles, strict=True):
            # An article that gives nothing to score is no low score.
            if limit is not None and value is not None and _beyond(value, limit, side):
                word = "below" if side == "min" else "above"
                title = results.titles.get(article, article)
                yield breach(
                    f"article_{side}", f"{named} is {shown(value)} in “{title}”, {word} {shown(limit)}", article
                )
    limit = limit_of(rules.max_article_drop, task, scored)
    if limit is not None and change.articles_before is not None:
        sign = 1.0 if change.higher_is_better else -1.0
        names = task.article_names()
        for article, now, before in zip(names, change.articles, change.articles_before, strict=True):
            if now is None or before is None:
                continue
            drop = sign * (before - now)
            if drop > limit + 1e-9 * max(1.0, abs(before)):
                title = results.titles.get(article, article)
                way = "fell" if change.higher_is_better else "rose"
                yield breach(
                    "max_article_drop",
                    f"{named} {way} by {shown(drop)} in “{title}”, from {shown(before)} to {shown(now)} "
                    f"({shown(limit)} allowed)",
                    article,
                )


def _beyond(value: float | None, limit: float, side: str) -> bool:
    if value is None:
        return True
    tie = 1e-9 * max(1.0, abs(limit))
    return value < limit - tie if side == "min" else value > limit + tie


def count_breaches(task: TaskResults, rules: Rules, systems: Sequence[str]) -> Iterator[Breach]:
    """Rules on findings and missing outputs that systems break in one task."""
    for system in systems:
        gaps = task.missing.get(system, ())
        if rules.missing_max is not None and len(gaps) > rules.missing_max:
            message = (
                f"{len(gaps)} outputs of {system} on {task.name} are missing (first {gaps[0]!r}), "
                f"{rules.missing_max} allowed"
            )
            yield Breach("missing_max", task.name, system, "", "", message)
        for scored in task.metrics:
            called = names_of(task.name, scored)[:4]
            for key, limit in rules.findings_max.items():
                name, _, kind = key.rpartition(".")
                if name in called:
                    yield from _too_many(task, system, scored.label, limit, kind, "findings_max", f"{kind} findings")
            limit_ = rules.unsupported_quantities_max
            if limit_ is not None and scored.metric.name == "Quantities":
                what = "quantities without support in the source"
                yield from _too_many(task, system, scored.label, limit_, "", "unsupported_quantities_max", what)


def _too_many(
    task: TaskResults, system: str, label: str, limit: int, kind: str, rule: str, what: str
) -> Iterator[Breach]:
    found = list(findings_of(task, system, label, kind))
    if len(found) > limit:
        segment, message = found[0]
        article = task.articles[task.ids.index(segment)] if task.articles else ""
        yield Breach(
            rule,
            task.name,
            system,
            label,
            article if len({s for s, _ in found}) == 1 else "",
            f"{len(found)} {what} by {label} in {system} on {task.name}, {limit} allowed; first {segment}: {message}",
            kind,
        )


def findings_of(task: TaskResults, system: str, label: str, kind: str) -> Iterator[tuple[str, str]]:
    """Segment and message of findings of a kind or severity; without a kind, errors that stand in the output."""
    by_segment = task.findings.get(label, {}).get(system, ())
    for segment, found in zip(task.ids, by_segment, strict=False):
        for item in found:
            if (
                kind in (item.kind, item.severity)
                if kind
                else item.severity == "error" and item.output_span is not None
            ):
                yield segment, item.message
