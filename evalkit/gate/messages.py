"""The messages of a verdict."""

from collections.abc import Iterator, Sequence

from evalkit.errors import few
from evalkit.gate.baseline import Baseline
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import Change, ChangeState, FindingChange, State, Verdict
from evalkit.results.results import Results
from evalkit.wording import count, p_equation


def described(change: FindingChange, results: Results) -> str:
    """Describe the first new error of a system: its location and what is wrong."""
    i, finding = change.new[0]
    segment = results.task(change.task).ids[i]
    where = f"segment {segment} of {change.system} on {change.task}"
    return f"{where}: {finding.message} ({change.metric}, {finding.kind})"


def headline(verdict: Verdict, results: Results) -> str:
    """Summarize the verdict in one line."""
    if verdict.state is State.FAILED:
        first, *others = verdict.breaches
        return f"gate failed: {first.message}" + (f"; {count(len(others), 'more broken rule')}" if others else "")
    if verdict.state is State.INCONCLUSIVE:
        return f"gate inconclusive: {_undecided(verdict, results)}"
    compared = [c for c in verdict.changes if c.state is not ChangeState.NEW]
    if not compared:
        return f"gate passed: {count(len(verdict.changes), 'score')} within the rules, not compared with a baseline"
    better = [c for c in compared if c.state is ChangeState.BETTER]
    gated = [c for c in compared if c.gated]
    same = sum(c.state is ChangeState.UNCHANGED for c in compared)
    if better:
        best = min(better, key=lambda c: 1.0 if c.p is None else c.p)
        p = p_equation(1.0 if best.p_corrected is None else best.p_corrected)
        return f"gate passed: {_movement(best, 'significantly better', p)}{_more(better)}"
    if same == len(compared):
        return f"gate passed: all {count(same, 'score')} identical to the baseline".replace("all 1 score", "1 score")
    fallen = [c for c in gated if c.state is ChangeState.WITHIN and c.reason]
    sure = f"; {_movement(fallen[0], 'significantly worse')}{_more(fallen)}" if fallen else ""
    return f"gate passed: {count(len(gated), 'gated score')} within max_drop (one-sided 95% bound){sure}"


def _movement(change: Change, judgment: str, detail: str = "") -> str:
    moved = f"from {change.text(change.old)} to {change.text(change.new)}"
    return f"{change.title} is {judgment} ({moved}{detail and f', {detail}'})"


def _more(changes: Sequence[Change]) -> str:
    """The end of a sentence about the first of several changes."""
    others = len(changes) - 1
    return f", and so {'is' if others == 1 else 'are'} {count(others, 'more score')}" if others else ""


def _undecided(verdict: Verdict, results: Results) -> str:
    parts: list[str] = []
    changes = [c for c in verdict.changes if c.undecided]
    new = [f for f in verdict.findings if f.undecided]
    if new:
        total = sum(len(f.new) for f in new)
        parts.append(f"{count(total, 'new error')}, the first in {described(new[0], results)}")
    fallen = [c for c in changes if (c.drop or 0.0) > c.allowed and c.text(c.old) != c.text(c.new)]
    fallen.sort(key=lambda c: (c.state is not ChangeState.UNTESTED, -(c.drop or 0.0) / c.scale))
    if fallen:
        why = "not tested" if fallen[0].state is ChangeState.UNTESTED else "not significant"
        parts.append(f"{_movement(fallen[0], 'worse', why)}{_more(fallen)}")
    open_ = [c for c in changes if c.bound is not None]
    if open_ and not parts:
        widest = max(open_, key=lambda c: ((c.bound or 0.0) - c.allowed) / c.scale)
        drop, allowed = widest.text(widest.bound), widest.text(widest.allowed)
        parts.append(f"a drop of up to {drop} {widest.title} cannot be ruled out ({allowed} allowed)")
    if not parts:
        untested = f"{count(len(changes), 'score')} could not be tested"
        parts.append(untested if changes else verdict.notes[0].rstrip("."))
    return "; ".join(parts)


def notes_on(changes: Sequence[Change], findings: Sequence[FindingChange], rules: Rules) -> Iterator[str]:
    """Describe what a reader must know about the tests: what they could not show, and how they were done."""
    for task in dict.fromkeys(c.task for c in changes):
        yield from _task_notes(task, [c for c in changes if c.task == task])
    limits = {c.metric: f"{c.text(c.allowed)} {c.metric}" for c in changes if c.gated and c.change}
    if limits and not rules.max_drop:
        yield f"max_drop is not set, so a drop of 1% of the scale is allowed: {', '.join(limits.values())}."
    tests = sum(c.p_corrected is not None for c in changes) + sum(f.p_corrected is not None for f in findings)
    if any(c.p is not None for c in changes):
        own = f"p: approximate randomization, {rules.trials:,} trials, as in evalkit compare before its correction"
        yield f"{own}; corrected p: {count(tests, 'test')} corrected together (Holm), significant at {rules.alpha:g}."


def _task_notes(task: str, changes: Sequence[Change]) -> Iterator[str]:
    """What the changes of one task could not show."""
    gated = [c for c in changes if c.gated and c.state is not ChangeState.UNCHANGED]
    untested = [c for c in gated if c.state is ChangeState.UNTESTED]
    if untested:
        where = "" if len(untested) == len(gated) else f" for {few(dict.fromkeys(c.metric for c in untested), 5)}"
        fallen = [c for c in untested if (c.drop or 0.0) > c.allowed]
        more = f" {count(len(fallen), 'score')} fell by more than max_drop, without a test." if fallen else ""
        checked = "Floors (corpus_min, article_min), max_article_drop and the rules on findings were checked."
        yield f"{task}: {untested[0].reason}, so max_drop was not checked{where}.{more} {checked}"
    detectable: dict[str, list[float]] = {}
    for change in changes:
        if change.undecided and change.detectable is not None:
            detectable.setdefault(change.metric, []).append(change.detectable)
    if detectable:
        text = {change.metric: change.text for change in changes}
        drops = ", ".join(f"{text[metric](min(values))} {metric}" for metric, values in detectable.items())
        yield f"{task}: the smallest drops detectable with 80% power are {drops}."


def new_systems(chosen: Sequence[str], baseline: Baseline | None) -> Iterator[str]:
    """List the systems that had nothing to be compared with."""
    if baseline is not None and (new := [name for name in chosen if name not in baseline.systems]):
        yield f"Not in the baseline, so only floors and findings were checked: {few(new, 5)}."
