"""Find the rules that are broken by scores, findings, absent outputs or missing judgements."""

from collections.abc import Iterable, Iterator, Sequence

from evalkit.errors import IncomparableError
from evalkit.gate.baseline import BaselineTask
from evalkit.gate.finding_changes import findings_of
from evalkit.gate.messages import described
from evalkit.gate.rule_matching import limit_of, names_of
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import Breach, Change, ChangeState, FindingChange
from evalkit.results.coverage import coverage
from evalkit.results.results import Results
from evalkit.results.task_results import NO_REFERENCE, Finding, ScoredMetric, TaskResults
from evalkit.wording import count, p_equation


def score_breaches(results: Results, change: Change, rules: Rules) -> Iterator[Breach]:
    """Yield the rules on scores that one change breaks."""

    def breach(rule: str, message: str, article: str = "") -> Breach:
        return Breach(rule, change.task, change.system, change.metric, article, f"{change.title} {message}")

    task, text = results.task(change.task), change.text
    scored = task.metric(change.metric)
    way, sign = ("fell", 1.0) if change.higher_is_better else ("rose", -1.0)
    if change.state is ChangeState.WORSE:
        p = "" if change.p_corrected is None else f"corrected {p_equation(change.p_corrected)}, "
        judged = " on the segments judged in both runs" if change.unjudged else ""
        drop = f"{way} by {text(change.drop)}{judged}, from {text(change.old)} to {text(change.new)}"
        yield breach("max_drop", f"{drop} ({p}{text(change.allowed)} allowed)")
    if change.state is ChangeState.UNDEFINED and change.new is None:
        yield breach("max_drop", f"is undefined, and was {text(change.old)} in the baseline")
    articles = [(id_, f" in “{results.titles.get(id_, id_)}”") for id_ in task.article_names()]
    # An article in which the metric checks nothing has no score.
    in_articles = [(*article, v) for article, v in zip(articles, change.articles, strict=True) if v is not None]
    for side, word in (("min", "below"), ("max", "above")):
        for rule, scores in ((f"corpus_{side}", [("", "", change.new)]), (f"article_{side}", in_articles)):
            limit = limit_of(getattr(rules, rule), task, scored)
            for id_, where, value in scores if limit is not None else ():
                if _beyond(value, limit or 0.0, side):
                    yield breach(rule, f"is {text(value)}{where}, {word} {text(limit)}", id_)
    limit = limit_of(rules.max_article_drop, task, scored)
    if limit is None or change.articles_before is None:
        return
    scores_by_article = zip(articles, change.articles, change.articles_before, change.article_changes, strict=True)
    for (id_, where), now, before, moved in scores_by_article:
        if moved is not None and -sign * moved > limit + 1e-9 * max(1.0, abs(before or 0.0)):
            drop = f"{way} by {text(-sign * moved)}{where}, from {text(before)} to {text(now)}"
            yield breach("max_article_drop", f"{drop} ({text(limit)} allowed)", id_)


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
        indices = list(dict.fromkeys(i for i, _ in change.new))
        if change.alone:
            more = f", and {count(change.alone - 1, 'more new error')}" if change.alone > 1 else ""
            message = f"new error in {described(change, results)}{more}"
        elif change.p_corrected is not None and change.p_corrected <= rules.alpha:
            noun = f"new {change.metric} error"
            errors = f"{count(len(change.new), noun)} in {change.system} on {change.task}"
            resolved = f"{change.resolved} resolved (corrected {p_equation(change.p_corrected)})"
            message = f"{errors}, {resolved}; the first is in {described(change, results)}"
        else:
            continue
        article, segments = _only_article(task, indices), tuple(task.ids[i] for i in indices)
        yield Breach("new_findings", change.task, change.system, change.metric, article, message, "new", segments)


def lost_outputs(task: TaskResults, old: BaselineTask, systems: Sequence[str], rules: Rules) -> Iterator[Breach]:
    """Yield outputs that are missing, empty or a refusal although the baseline's output was not."""
    for system in systems:
        if system not in task.systems or system not in old.systems or old.absent is None:
            continue
        errors = (error for label in old.findings or () for error in old.errors(label, system))
        known = {*old.absent.get(system, ()), *_refusals(errors)}
        absent = task.absent(system)
        errors = (error for label in task.findings for error in findings_of(task, label, system))
        lost = [i for i in sorted({*absent, *_refusals(errors)}) if i not in known]
        if len(lost) <= rules.lost_outputs_max:
            continue
        segments = tuple(task.ids[i] for i in lost)
        missing = "missing" if segments[0] in task.missing.get(system, ()) else "empty"
        first = f"{'' if len(lost) == 1 else 'first '}segment {segments[0]}: {missing if lost[0] in absent else 'a refusal'}"
        what = f"{_missing(len(lost), system, task)}, empty or a refusal, unlike in the baseline"
        message = f"{what} ({first}; {rules.lost_outputs_max} allowed)"
        article = _only_article(task, lost)
        yield Breach("lost_outputs_max", task.name, system, "", article, message, segments=segments)


def _only_article(task: TaskResults, indices: Sequence[int]) -> str:
    """The article of a segment, if there is only one."""
    return task.articles[indices[0]] if task.articles and len(set(indices)) == 1 else ""


def _missing(outputs: int, system: str, task: TaskResults) -> str:
    return f"{count(outputs, 'output')} of {system} on {task.name} {'is' if outputs == 1 else 'are'} missing"


def _refusals(errors: Iterable[tuple[int, Finding]]) -> set[int]:
    return {i for i, error in errors if error.kind == "refusal"}


def count_breaches(task: TaskResults, rules: Rules, systems: Sequence[str]) -> Iterator[Breach]:
    """Yield the rules on findings, coverage and missing outputs that systems break in one task."""
    for system in (name for name in systems if name in task.systems):
        gaps = task.missing.get(system, ())
        if rules.missing_max is not None and len(gaps) > rules.missing_max:
            message = f"{_missing(len(gaps), system, task)} (first {gaps[0]!r}), {rules.missing_max} allowed"
            yield Breach("missing_max", task.name, system, "", "", message, segments=gaps)
        for scored in task.metrics:
            yield from _coverage(task, system, scored.label, rules.coverage_min)
            yield from _pass_rate(task, system, scored.label, limit_of(rules.pass_rate, task, scored))
            yield from _finding_counts(task, system, scored, rules)


def _coverage(task: TaskResults, system: str, label: str, least: float) -> Iterator[Breach]:
    share_judged = next(row.share for row in coverage(task, label) if row.system == system)
    if share_judged < least:
        failed = {task.ids[i]: why for i, why in task.undefined[label][system].items() if why != NO_REFERENCE}
        first, why = next(iter(failed.items()))
        share = f"{label} judged {share_judged:.1%} of {system} on {task.name}, below {least:.1%}"
        message = f"{share}; first unjudged {first}: {why}"
        yield Breach("coverage_min", task.name, system, label, "", message, segments=tuple(failed))


def _pass_rate(task: TaskResults, system: str, label: str, least: float | None) -> Iterator[Breach]:
    """Check the share of outputs without an error finding; with several samples, each one counts."""
    failing = {i for i, _ in findings_of(task, label, system)}
    rate = 1 - len(failing) / max(1, len(task.ids))
    if system in task.samples:
        rate = task.samples[system].pass_rates.get(label, rate)
    if least is not None and rate < least - 1e-12:
        message = f"{rate:.1%} of the outputs of {system} on {task.name} pass {label}, below {least:.1%}"
        yield Breach("pass_rate", task.name, system, label, "", message, "error")


def _finding_counts(task: TaskResults, system: str, scored: ScoredMetric, rules: Rules) -> Iterator[Breach]:
    counted: list[tuple[str, int, str, tuple[str, str]]] = []
    for key, most in rules.findings_max.items():
        name, _, kind = key.rpartition(".")
        if name in names_of(task, scored):
            if not task.findings_kept:
                why = "this run is of format 1, which kept no findings of so many outputs; score again"
                raise IncomparableError(f"findings_max of {key}: {why}")
            counted.append(("findings_max", most, kind, (f"{kind} finding", f"{kind} findings")))
    if rules.unsupported_quantities_max is not None and scored.metric.name == "Quantities":
        nouns = ("quantity without support in the source", "quantities without support in the source")
        counted.append(("unsupported_quantities_max", rules.unsupported_quantities_max, "", nouns))
    for rule, most, kind, nouns in counted:
        findings = findings_of(task, scored.label, system, kind)
        if len(findings) > most:
            i, first = findings[0]
            where = f"by {scored.label} in {system} on {task.name}, {most} allowed; first {task.ids[i]}"
            message = f"{len(findings)} {nouns[len(findings) > 1]} {where}: {first.message}"
            article = _only_article(task, [i for i, _ in findings])
            yield Breach(rule, task.name, system, scored.label, article, message, kind)
