"""The segments a reader should see: those behind a broken rule, or behind the scores that fell most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from evalkit.gate.baseline import Baseline
from evalkit.gate.breaches import findings_of
from evalkit.gate.messages import shower
from evalkit.gate.rule_matching import scale_of
from evalkit.gate.verdict import Breach, Change, Example
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults, number

__all__ = ["cut", "examples_of"]

#: most examples of a verdict, and longest text of one, in characters.
MAX_EXAMPLES = 8
MAX_TEXT = 1200


def examples_of(
    results: Results,
    baseline: Baseline | None,
    pairs: Mapping[str, str],
    changes: Sequence[Change],
    breaches: Sequence[Breach],
) -> Iterator[Example]:
    """Segments behind the breaches, a few for each; without breaches, behind the scores that fell most."""
    wanted = [(b.task, b.system, b.metric, b.article, b.rule, b.kind) for b in breaches]
    if not wanted:
        fallen = [c for c in changes if c.drop is not None and c.drop > 0]
        fallen.sort(key=lambda c: (c.drop or 0.0) / c.scale, reverse=True)
        wanted = [(c.task, c.system, c.metric, "", "", "") for c in fallen[:2]]
    shown: set[tuple[str, str, str]] = set()
    each = max(1, min(3, MAX_EXAMPLES // max(1, len(wanted))))
    for task_name, system, label, article, rule, kind in wanted:
        task = results.task(task_name)
        if task.texts is None:
            continue
        taken = 0
        for segment, why in _worst(task, baseline, pairs, system, label, article, rule, kind):
            if len(shown) >= MAX_EXAMPLES:
                return
            if (task_name, system, segment) in shown:
                continue
            shown.add((task_name, system, segment))
            i = task.ids.index(segment)
            yield Example(
                task=task_name,
                system=system,
                article=task.articles[i] if task.articles else "",
                segment=segment,
                why=why,
                source=cut(task.texts.sources[i]) if task.texts.sources else "",
                reference=cut(next((r for r in task.texts.references[i] if r), "")),
                output=cut(task.texts.outputs[system][i]),
            )
            taken += 1
            if taken == each:
                break


def _worst(
    task: TaskResults,
    baseline: Baseline | None,
    pairs: Mapping[str, str],
    system: str,
    label: str,
    article: str,
    rule: str,
    kind: str,
) -> Iterator[tuple[str, str]]:
    """Segments and why they are shown, the worst first."""
    if rule == "missing_max":
        for segment in task.missing.get(system, ()):
            yield segment, "no output"
        return
    if rule in ("findings_max", "unsupported_quantities_max"):
        by_segment: dict[str, list[str]] = {}
        for segment, message in findings_of(task, system, label, kind):
            by_segment.setdefault(segment, []).append(message)
        for segment, messages in sorted(by_segment.items(), key=lambda item: -len(item[1])):
            yield segment, f"{label}: {_listed(messages)}"
        return
    errors: dict[str, list[str]] = {}
    for segment, message in findings_of(task, system, label, "error"):
        errors.setdefault(segment, []).append(message)
    scored = task.metric(label)
    shown = shower(scale_of(scored))
    with np.errstate(all="ignore"):
        now = np.asarray(scored.metric.score(task.statistics[label][task.system_index(system)]))
        old = baseline.task(task.name) if baseline else None
        before = np.full(len(now), np.nan)
        if old is not None and system in pairs and label in old.signatures and pairs[system] in old.systems:
            before = np.asarray(scored.metric.score(old.rows(label, pairs[system])))
    sign = 1.0 if scored.higher_is_better else -1.0
    compared = rule in ("", "max_drop", "max_article_drop") and not np.isnan(before).all()
    badness = sign * (before - now) if compared else -sign * now
    for i in np.argsort(-np.where(np.isnan(badness), -np.inf, badness), kind="stable"):
        if np.isnan(badness[i]) or (article and task.articles and task.articles[i] != article):
            continue
        if compared and badness[i] <= 0:
            continue
        was = f", {shown(number(before[i]))} in the baseline" if not np.isnan(before[i]) else ""
        found = f": {_listed(errors[task.ids[i]])}" if task.ids[i] in errors else ""
        yield task.ids[i], f"{label} {shown(number(now[i]))}{was}{found}"


def _listed(messages: Sequence[str]) -> str:
    more = f" (and {len(messages) - 3} more)" if len(messages) > 3 else ""
    return "; ".join(messages[:3]) + more


def cut(text: str) -> str:
    """A text short enough for a report, with a note of what was cut."""
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]}… ({len(text) - MAX_TEXT:,} more characters)"
