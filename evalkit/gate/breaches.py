"""Find the rules that are broken by scores, findings, absent outputs or missing judgements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evalkit.errors import IncomparableError
from evalkit.gate.baseline import BaselineTask
from evalkit.gate.finding_changes import errors_of
from evalkit.gate.messages import counted, described, score_format
from evalkit.gate.rule_matching import articles_of, limit_of, names_of
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import Breach, Change, ChangeState, FindingChange
from evalkit.results.pair_text import p_equation
from evalkit.results.results import Results
from evalkit.results.task_results import Finding, TaskResults

__all__ = ["count_breaches", "finding_breaches", "findings_of", "lost_outputs", "score_breaches"]


def score_breaches(results: Results, change: Change, rules: Rules) -> Iterator[Breach]:
    """Yield the rules on scores that one change breaks."""
    task = results.task(change.task)
    scored = task.metric(change.metric)
    named = f"{change.metric} of {change.system} on {change.task}"
    text = score_format(change.scale)

    def breach(rule: str, message: str, article: str = "") -> Breach:
        return Breach(rule, change.task, change.system, change.metric, article, message)

    if change.state is ChangeState.WORSE and change.drop is not None:
        way = "fell" if change.higher_is_better else "rose"
        p = "" if change.p_corrected is None else f"corrected {p_equation(change.p_corrected)}, "
        yield breach(
            "max_drop",
            f"{named} {way} by {text(change.drop)}, from {text(change.old)} to {text(change.new)} "
            f"({p}{text(change.allowed)} allowed)",
        )
    if change.state is ChangeState.UNDEFINED and change.new is None:
        yield breach("max_drop", f"{named} is undefined now, and was {text(change.old)}")
    for side in ("min", "max"):
        limit = limit_of(getattr(rules, f"corpus_{side}"), task, scored)
        if limit is not None and _beyond(change.new, limit, side):
            word = "below" if side == "min" else "above"
            yield breach(f"corpus_{side}", f"{named} is {text(change.new)}, {word} {text(limit)}")
        limit = limit_of(getattr(rules, f"article_{side}"), task, scored)
        for article, value in zip(articles_of(task)[0], change.articles, strict=True):
            # An article in which the metric checks nothing has no score.
            if limit is not None and value is not None and _beyond(value, limit, side):
                word = "below" if side == "min" else "above"
                title = results.titles.get(article, article)
                yield breach(f"article_{side}", f"{named} is {text(value)} in “{title}”, {word} {text(limit)}", article)
    limit = limit_of(rules.max_article_drop, task, scored)
    if limit is not None and change.articles_before is not None:
        sign = 1.0 if change.higher_is_better else -1.0
        names = articles_of(task)[0]
        for article, now, before in zip(names, change.articles, change.articles_before, strict=True):
            if now is None or before is None:
                continue
            drop = sign * (before - now)
            if drop > limit + 1e-9 * max(1.0, abs(before)):
                title = results.titles.get(article, article)
                way = "fell" if change.higher_is_better else "rose"
                yield breach(
                    "max_article_drop",
                    f"{named} {way} by {text(drop)} in “{title}”, from {text(before)} to {text(now)} "
                    f"({text(limit)} allowed)",
                    article,
                )


def _beyond(value: float | None, limit: float, side: str) -> bool:
    if value is None:
        return True
    tie = 1e-9 * max(1.0, abs(limit))
    return value < limit - tie if side == "min" else value > limit + tie


def finding_breaches(results: Results, findings: Sequence[FindingChange], rules: Rules) -> Iterator[Breach]:
    """Yield new errors: of kinds that fail a build on their own, or numerous enough for the test to be significant."""
    if rules.new_findings == "report":
        return
    for change in findings:
        task = results.task(change.task)
        segments = tuple(dict.fromkeys(task.ids[i] for i, _ in change.new))
        article = task.articles[change.new[0][0]] if task.articles and len(segments) == 1 else ""
        if change.alone:
            more = f", and {counted(change.alone - 1, 'more new error')}" if change.alone > 1 else ""
            message = f"new error in {described(change, results)}{more}"
        elif change.p_corrected is not None and change.p_corrected <= rules.alpha:
            message = (
                f"{counted(len(change.new), 'new error')} by {change.metric} in {change.system} on {change.task}, "
                f"{change.resolved} resolved (corrected {p_equation(change.p_corrected)}); first "
                f"{described(change, results)}"
            )
        else:
            continue
        yield Breach("new_findings", change.task, change.system, change.metric, article, message, "new", segments)


def lost_outputs(task: TaskResults, old: BaselineTask, pairs: Mapping[str, str], rules: Rules) -> Iterator[Breach]:
    """Yield outputs that are missing, empty or a refusal although the baseline's output was not."""
    for system, before in pairs.items():
        if system not in task.systems or before not in old.systems or old.absent is None:
            continue
        known = {*old.absent.get(before, ()), *_refusals(old.findings or {}, before)}
        lost = [i for i in sorted({*task.absent(system), *_refusals(task.findings, system)}) if i not in known]
        if len(lost) > rules.lost_outputs_max:
            first = task.ids[lost[0]]
            what = "missing" if first in task.missing.get(system, ()) else "empty"
            if lost[0] not in task.absent(system):
                what = "a refusal"
            yield Breach(
                "lost_outputs_max",
                task.name,
                system,
                "",
                task.articles[lost[0]] if task.articles and len(lost) == 1 else "",
                f"{counted(len(lost), 'output')} of {system} on {task.name} {'is' if len(lost) == 1 else 'are'} missing, empty "
                f"or a refusal where the baseline's was not (first {first}, {what}), {rules.lost_outputs_max} allowed",
                segments=tuple(task.ids[i] for i in lost),
            )


def _refusals(findings: Mapping[str, Mapping[str, Sequence[Sequence[Finding]]]], system: str) -> set[int]:
    return {
        i
        for by_system in findings.values()
        for i, segment_findings in enumerate(by_system.get(system, ()))
        if any(finding.kind == "refusal" and finding.severity == "error" for finding in segment_findings)
    }


def count_breaches(task: TaskResults, rules: Rules, systems: Sequence[str]) -> Iterator[Breach]:
    """Yield the rules on findings, coverage and missing outputs that systems break in one task."""
    for system in systems:
        if system not in task.systems:
            continue
        gaps = task.missing.get(system, ())
        if rules.missing_max is not None and len(gaps) > rules.missing_max:
            message = (
                f"{counted(len(gaps), 'output')} of {system} on {task.name} {'is' if len(gaps) == 1 else 'are'} missing "
                f"(first {gaps[0]!r}), {rules.missing_max} allowed"
            )
            yield Breach("missing_max", task.name, system, "", "", message, segments=gaps)
        for scored in task.metrics:
            called = names_of(task.name, scored)[:4]
            failed = task.undefined.get(scored.label, {}).get(system, {})
            coverage = 1 - len(failed) / max(1, len(task.ids))
            if coverage < rules.coverage_min:
                first, why = next(iter(failed.items()))
                yield Breach(
                    "coverage_min",
                    task.name,
                    system,
                    scored.label,
                    "",
                    f"{scored.label} judged {coverage:.1%} of {system} on {task.name}, below {rules.coverage_min:.1%}; first "
                    f"unjudged {task.ids[first]}: {why}",
                    segments=tuple(task.ids[i] for i in failed),
                )
            limit = limit_of(rules.pass_rate, task, scored)
            if limit is not None:
                yield from _pass_rate(task, system, scored.label, limit)
            for key, most in rules.findings_max.items():
                name, _, kind = key.rpartition(".")
                if name in called:
                    if not task.findings_kept:
                        raise IncomparableError(
                            f"findings_max of {key}: this run is of format 1, which kept no findings of so many outputs; "
                            "score again"
                        )
                    yield from _too_many(task, system, scored.label, most, kind, "findings_max", f"{kind} finding")
            most_ = rules.unsupported_quantities_max
            if most_ is not None and scored.metric.name == "Quantities":
                what = "quantity without support in the source"
                yield from _too_many(task, system, scored.label, most_, "", "unsupported_quantities_max", what)


def _pass_rate(task: TaskResults, system: str, label: str, limit: float) -> Iterator[Breach]:
    """Return the share of outputs without an error finding; with several samples, each one counts."""
    failing = {i for i, _ in errors_of(task.findings.get(label, {}).get(system, ()))}
    rate = 1 - len(failing) / max(1, len(task.ids))
    if system in task.samples:
        rate = task.samples[system].pass_rates.get(label, rate)
    if rate < limit - 1e-12:
        yield Breach(
            "pass_rate",
            task.name,
            system,
            label,
            "",
            f"{rate:.1%} of the outputs of {system} on {task.name} pass {label}, below {limit:.1%}",
            "error",
        )


def _too_many(
    task: TaskResults, system: str, label: str, limit: int, kind: str, rule: str, what: str
) -> Iterator[Breach]:
    findings = list(findings_of(task, system, label, kind))
    if len(findings) > limit:
        segment, message = findings[0]
        article = task.articles[task.ids.index(segment)] if task.articles else ""
        things = what.replace("quantity", "quantities") if what.startswith("quantity") else f"{what}s"
        yield Breach(
            rule,
            task.name,
            system,
            label,
            article if len({s for s, _ in findings}) == 1 else "",
            f"{len(findings)} {what if len(findings) == 1 else things} by {label} in {system} on {task.name}, {limit} allowed; "
            f"first {segment}: {message}",
            kind,
        )


def findings_of(task: TaskResults, system: str, label: str, kind: str) -> Iterator[tuple[str, str]]:
    """Return segment and message of findings of a kind or severity, by default of errors with a span in the output."""
    by_segment = task.findings.get(label, {}).get(system, ())
    for segment, findings in zip(task.ids, by_segment, strict=False):
        for item in findings:
            if (
                kind in (item.kind, item.severity)
                if kind
                else item.severity == "error" and item.output_span is not None
            ):
                yield segment, item.message
