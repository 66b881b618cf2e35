"""Choose the segments to show: new errors first, then segments behind a broken rule or the largest losses."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

import numpy as np

from evalkit.gate.baseline import BaselineTask
from evalkit.gate.finding_changes import findings_of
from evalkit.gate.verdict import Breach, Example, Verdict
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults, number
from evalkit.wording import count, format_score

#: Maximum number of examples of a verdict, and maximum characters of a text.
MAX_EXAMPLES = 8
MAX_TEXT = 1200


def examples_of(verdict: Verdict, results: Results, old: Mapping[str, BaselineTask]) -> Iterator[Example]:
    """Yield new errors, then a few segments for each breach, then those behind the scores that dropped most."""
    seen: set[tuple[str, str, int]] = set()

    def example(task: TaskResults, system: str, i: int, why: str, new_error: bool = False) -> Iterator[Example]:
        if (task.name, system, i) in seen or task.texts is None or len(seen) >= MAX_EXAMPLES:
            return
        seen.add((task.name, system, i))
        texts_before = old[task.name].texts if task.name in old else None
        before = (texts_before or {}).get(system)
        yield Example(
            task=task.name,
            system=system,
            article=task.articles[i] if task.articles else "",
            segment=task.ids[i],
            why=why,
            source=cut(task.texts.sources[i]) if task.texts.sources else "",
            reference=cut(next((r for r in task.texts.references[i] if r), "")),
            output=cut(task.texts.outputs[system][i]),
            before=None if before is None else cut(before[i]),
            new_error=new_error,
        )

    for change in sorted(verdict.findings, key=lambda f: -f.alone):
        task = results.task(change.task)
        for i, finding in change.new[: max(2, MAX_EXAMPLES // len(verdict.findings))]:
            why = f"{change.metric}, {finding.kind}: {finding.message}"
            yield from example(task, change.system, i, why, new_error=True)
    wanted = [b for b in verdict.breaches if b.rule != "new_findings"]
    if not wanted:
        fallen = [c for c in verdict.changes if c.drop is not None and c.drop > 0]
        fallen.sort(key=lambda c: (c.drop or 0.0) / c.scale, reverse=True)
        wanted = [Breach("", c.task, c.system, c.metric, "", "") for c in fallen[:2]]
    each = max(1, min(3, MAX_EXAMPLES // max(1, len(wanted))))
    for breach in wanted:
        task = results.task(breach.task)
        worst = _worst(task, old.get(task.name), breach)
        yield from islice((item for at in worst for item in example(task, breach.system, *at)), each)


def _worst(task: TaskResults, old: BaselineTask | None, breach: Breach) -> Iterator[tuple[int, str]]:
    """Yield segments, worst first, with the reason for showing each."""
    system, label, rule = breach.system, breach.metric, breach.rule
    if not label or rule == "coverage_min":
        absent = task.absent(system)
        for i in map(task.ids.index, breach.segments):
            yield i, f"not judged by {label}" if label else "no output" if i in absent else "a refusal"
    elif rule in ("findings_max", "unsupported_quantities_max", "pass_rate"):
        messages = _messages(task, system, label, breach.kind)
        for i in sorted(messages, key=lambda i: -len(messages[i])):
            yield i, f"{label}: {_listed(messages[i])}"
    else:
        yield from _lowest(task, old, breach)


def _lowest(task: TaskResults, old: BaselineTask | None, breach: Breach) -> Iterator[tuple[int, str]]:
    """Yield segments sorted by the drop in score, or by the score if the rule does not compare with the baseline."""
    system, label = breach.system, breach.metric
    scored = task.metric(label)
    text = partial(format_score, high=scored.scale, undefined="undefined")
    errors = _messages(task, system, label, "error")
    now = task.by_segment(label)[task.system_index(system)]
    before = np.full(len(now), np.nan)
    if old is not None and label in old.signatures and system in old.systems:
        with np.errstate(all="ignore"):
            before = np.asarray(scored.metric.score(old.rows(label, system)))
    compared = breach.rule in ("", "max_drop", "max_article_drop") and not np.isnan(before).all()
    badness = scored.sign * ((before - now) if compared else -now)
    for i in np.argsort(-np.where(np.isnan(badness), -np.inf, badness), kind="stable").tolist():
        elsewhere = breach.article and task.articles and task.articles[i] != breach.article
        if elsewhere or np.isnan(badness[i]) or (compared and badness[i] <= 0):
            continue
        was = f", {text(number(before[i]))} in the baseline" if not np.isnan(before[i]) else ""
        yield i, f"{label} {text(number(now[i]))}{was}" + (f": {_listed(errors[i])}" if i in errors else "")


def _messages(task: TaskResults, system: str, label: str, kind: str) -> dict[int, list[str]]:
    """Return the messages of findings by segment."""
    messages: dict[int, list[str]] = {}
    for i, finding in findings_of(task, label, system, kind):
        messages.setdefault(i, []).append(finding.message)
    return messages


def _listed(messages: Sequence[str]) -> str:
    more = f" (and {len(messages) - 3} more)" if len(messages) > 3 else ""
    return "; ".join(messages[:3]) + more


def cut(text: str) -> str:
    """Shorten a text for a report, with a note of how much was cut."""
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]}… ({count(len(text) - MAX_TEXT, 'more character')})"
