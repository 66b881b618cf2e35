"""Match rules to a run: find the limit for each metric, and the rules that would check nothing."""

import math
from collections.abc import Iterator, Mapping, Sequence

from evalkit.errors import SettingError, did_you_mean
from evalkit.gate.rules import LIMITS, Rules
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric, TaskResults

_Metrics = Sequence[tuple[TaskResults, ScoredMetric]]
_SEVERITIES = ("error", "warning", "ok")


def check_rules(results: Results, rules: Rules) -> None:
    """Reject rules that match nothing, because they would check nothing."""
    metrics = [(task, scored) for task in results.tasks for scored in task.metrics]
    checks = (_unknown_names, _primary_problems, _limit_problems, _finding_problems)
    problems = [problem for check in checks for problem in check(rules, metrics)]
    if problems:
        raise SettingError(f"{rules.origin}: the rules do not fit the run:\n" + "\n".join(problems))


def _fitting(name: str, metrics: _Metrics) -> _Metrics:
    return [(task, scored) for task, scored in metrics if name in names_of(task, scored)]


def _unknown_names(rules: Rules, metrics: _Metrics) -> Iterator[str]:
    known = dict.fromkeys(name for pair in metrics for name in names_of(*pair) if not name.endswith("*"))
    for rule, name in rules.named_metrics():
        if not _fitting(name, metrics):
            labels = ", ".join(dict.fromkeys(scored.label for _, scored in metrics))
            near = did_you_mean(name, known) or f"; there are {labels}"
            yield f"{rule}: {name!r} is not a metric of this run{near}"


def _primary_problems(rules: Rules, metrics: _Metrics) -> Iterator[str]:
    for key in rules.max_drop if rules.primary else ():
        fitting = _fitting(key, metrics)
        if fitting and not any(is_gated(rules, *pair) for pair in fitting):
            yield f"max_drop: {key!r} is not primary, so it would not be tested; add it to primary"


def _limit_problems(rules: Rules, metrics: _Metrics) -> Iterator[str]:
    for rule in LIMITS:
        limits = getattr(rules, rule)
        for key, limit in limits.items():
            fitting = [scored for _, scored in _fitting(key, metrics)]
            scales = {scored.scale for scored in fitting}
            if limit and rule != "pass_rate" and len(scales) > 1 and (key == "*" or key.endswith("/*")):
                names = ", ".join(dict.fromkeys(f"{m.label} (to {m.scale:g})" for m in fitting))
                yield f"{rule}: one number, {limit:g}, for metrics of different scales: {names}; give one for each metric"
            level, _, side = rule.partition("_")
            wrong = [m.label for m in fitting if side in ("min", "max") and m.higher_is_better != (side == "min")]
            if wrong:
                other, way = ("max", "lower") if side == "min" else ("min", "higher")
                yield f"{rule}: {key!r} means {wrong[0]}, whose {way} scores are better; use {level}_{other}"
        limited = [task.name for task, m in metrics if "article" in rule and limit_of(limits, task, m) is not None]
        for task in dict.fromkeys(task for task, _ in metrics):
            if task.name in limited and task.articles is None:
                yield f"{rule}: {task.name} has no article ids; leave the rule out, or give the articles with --docids"


def _finding_problems(rules: Rules, metrics: _Metrics) -> Iterator[str]:
    named = [("findings_max", *key.rpartition(".")[::2]) for key in rules.findings_max]
    for rule, name, kind in [*named, *(("pass_rate", name, "") for name in rules.pass_rate)]:
        fitting = _fitting(name, metrics)
        reporting = [m.metric for task, m in fitting if m.metric.gives_findings or m.label in task.findings]
        if fitting and not reporting:
            yield f"{rule}: {name!r} reports no findings, so nothing would be checked"
        kinds = [*dict.fromkeys(k for metric in reporting for k in metric.finding_kinds), *_SEVERITIES]
        if kind and kind not in kinds and reporting and all(metric.finding_kinds for metric in reporting):
            hint = did_you_mean(kind, kinds) or "."
            yield f"{rule}: {kind!r} is not a kind of finding of {name}{hint} The kinds are {', '.join(kinds)}"


def names_of(task: TaskResults, scored: ScoredMetric) -> tuple[str, ...]:
    """Return the names that a rule may use for a metric, most specific first."""
    label, name = scored.label, scored.metric.name
    return (f"{task.name}/{label}", f"{task.name}/{name}", label, name, f"{task.name}/*", "*")


def limit_of(limits: Mapping[str, float], task: TaskResults, scored: ScoredMetric) -> float | None:
    """Return the limit for a metric of a task, using the most specific name; None if there is none."""
    return next((limits[name] for name in names_of(task, scored) if name in limits), None)


#: The largest drop allowed unless ``max_drop`` says otherwise, as a share of the metric's scale.
DEFAULT_DROP = 0.01


def drop_limit(rules: Rules, task: TaskResults, scored: ScoredMetric) -> float:
    """Return the largest drop allowed in a corpus score: ``max_drop``, or 1% of the metric's scale if it sets no limit.

    The scale is the width of the metric's range; 100 if the range has no upper end, as for TER. For scores whose range is
    unknown at both ends, no drop is allowed by default.
    """
    limit = limit_of(rules.max_drop, task, scored)
    if limit is not None:
        return limit
    low, high = scored.metric.range
    return 0.0 if math.isinf(low) else DEFAULT_DROP * (scored.scale if math.isinf(high) else high - low)


def is_gated(rules: Rules, task: TaskResults, scored: ScoredMetric) -> bool:
    """Return whether ``max_drop`` is tested for a metric, that is, whether it is ``primary``; see :class:`Rules`."""
    if rules.primary:
        return any(name in rules.primary for name in names_of(task, scored))
    first = scored.label == task.metrics[0].label
    return first or scored.metric.gives_findings or limit_of(rules.max_drop, task, scored) is not None
