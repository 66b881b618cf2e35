"""A run, a baseline and rules, brought together to a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.errors import IncomparableError, SettingError
from evalkit.gate import verdict as words
from evalkit.gate.baseline import Baseline, BaselineTask, check_alike
from evalkit.gate.breaches import count_breaches, score_breaches
from evalkit.gate.examples import examples_of
from evalkit.gate.messages import fresh_systems, headline, notes_on
from evalkit.gate.rule_matching import check_rules, limit_of, scale_of
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import Change, Measured, Verdict, decide, measure
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric, TaskResults, number

__all__ = ["check", "pair_systems", "refused"]


def check(
    results: Results, baseline: Baseline | None, rules: Rules, systems: Mapping[str, str] | None = None
) -> Verdict:
    """The verdict on a run.

    :param baseline: the earlier run, or None to check floors and facts alone.
    :param systems: systems of the run to those of the baseline they are compared with; by their own names if left out.
    :raises IncomparableError: where run and baseline are not of the same data and signatures.
    :raises SettingError: for a rule of a metric, task or system that the run does not have.
    """
    chosen = _chosen(results, baseline, rules, systems)
    check_rules(results, rules)
    pairs = {new: old for new, old in chosen.items() if old is not None}
    if baseline is not None:
        check_alike(results, baseline, pairs)
    changes = _changes(results, baseline, rules, chosen)
    breaches = [breach for change in changes for breach in score_breaches(results, change, rules)]
    for task in results.tasks:
        breaches.extend(count_breaches(task, rules, [name for name in task.systems if name in chosen]))
    notes = [*notes_on(changes, rules), *fresh_systems(chosen, baseline)]
    status = words.FAILED if breaches else words.PASSED
    return Verdict(
        status=status,
        headline=headline(changes, breaches),
        benchmark=results.benchmark,
        changes=tuple(changes),
        breaches=tuple(breaches),
        examples=tuple(examples_of(results, baseline, pairs, changes, breaches)),
        notes=tuple(notes),
        articles={t.name: tuple(results.titles.get(a, a) for a in t.article_names()) for t in results.tasks},
        article_ids={t.name: t.article_names() for t in results.tasks},
    )


def refused(results: Results | None, error: IncomparableError) -> Verdict:
    """The verdict where nothing could be compared, for the reports."""
    return Verdict(
        status=words.REFUSED,
        headline="gate refused: the runs cannot be compared",
        benchmark=results.benchmark if results else "",
        notes=(str(error),),
    )


def pair_systems(given: Sequence[str]) -> dict[str, str]:
    """``NAME`` or ``NAME=BASELINE NAME`` as a mapping.

    :raises SettingError: an empty name, or one given twice.
    """
    pairs: dict[str, str] = {}
    for text in given:
        new, equals, old = text.partition("=")
        if not new or (equals and not old):
            raise SettingError(f"--system {text}: write NAME, or NAME=NAME IN THE BASELINE")
        if new in pairs:
            raise SettingError(f"--system {new} is given twice")
        pairs[new] = old or new
    return pairs


# -- systems --------------------------------------------------------------------------------------------------------


def _chosen(
    results: Results, baseline: Baseline | None, rules: Rules, systems: Mapping[str, str] | None
) -> dict[str, str | None]:
    """Checked systems of the run, each with its baseline's name, or None where it is new."""
    present = tuple(dict.fromkeys(name for task in results.tasks for name in task.systems))
    wanted = dict(systems or {name: name for name in rules.systems})
    for name in wanted:
        if name not in present:
            origin = "asked for" if systems else f"named in {rules.origin}"
            raise SettingError(f"the system {name!r} is {origin}, but not in the run; there are {', '.join(present)}")
    if baseline is None:
        return dict.fromkeys(wanted or present)
    known = baseline.systems
    if wanted:
        for new, old in wanted.items():
            if old not in known and old != new:
                raise SettingError(f"there is no system {old!r} in {baseline.origin}; there are {', '.join(known)}")
        return {new: old if old in known else None for new, old in wanted.items()}
    gone = [name for name in known if name not in present]
    if gone:
        hint = ""
        if len(known) == len(present) == 1:
            hint = f" To compare {present[0]!r} with it: --system {present[0]}={known[0]}."
        raise IncomparableError(
            f"the system {gone[0]!r} of {baseline.origin} is not in the run ({', '.join(present)})."
            f"{hint} Run it, name the systems to check with --system, or renew the baseline with --update"
        )
    return {name: name if name in known else None for name in present}


# -- scores ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Block:
    """One metric of one task with the systems that have a baseline."""

    task: TaskResults
    scored: ScoredMetric
    systems: tuple[str, ...]
    measured: Measured


def _changes(
    results: Results, baseline: Baseline | None, rules: Rules, chosen: Mapping[str, str | None]
) -> list[Change]:
    blocks: list[_Block] = []
    for task in results.tasks:
        old = baseline.task(task.name) if baseline else None
        for scored in task.metrics:
            if old is None or scored.label not in old.signatures:
                continue
            paired = tuple(n for n in task.systems if chosen.get(n) in old.systems)
            if paired:
                blocks.append(
                    _Block(task, scored, paired, _measured(task, scored, paired, old, chosen, rules, results))
                )
    states, corrected = decide(
        [v for b in blocks for v in b.measured.old],
        [v for b in blocks for v in b.measured.new],
        [v for b in blocks for v in b.measured.p],
        [v for b in blocks for v in b.measured.floor],
        [b.scored.higher_is_better for b in blocks for _ in b.systems],
        [_allowed(rules, b.task, b.scored) for b in blocks for _ in b.systems],
        rules.alpha,
    )
    found: dict[tuple[str, str, str], Change] = {}
    at = 0
    for block in blocks:
        for i, system in enumerate(block.systems):
            found[block.task.name, block.scored.label, system] = _change(
                block, i, states[at], float(corrected[at]), rules
            )
            at += 1
    return [
        found.get((task.name, scored.label, system)) or _new(task, scored, system, rules)
        for task in results.tasks
        for scored in task.metrics
        for system in task.systems
        if system in chosen
    ]


def _measured(
    task: TaskResults,
    scored: ScoredMetric,
    systems: Sequence[str],
    old: BaselineTask,
    chosen: Mapping[str, str | None],
    rules: Rules,
    results: Results,
) -> Measured:
    new = task.statistics[scored.label][[task.system_index(name) for name in systems]]
    before = np.stack([old.rows(scored.label, chosen[name] or name) for name in systems])
    if new.shape != before.shape:
        raise IncomparableError(
            f"{scored.label} of {task.name} has {new.shape[2]} columns now and {before.shape[2]} in the baseline; "
            "renew the baseline with --update"
        )
    return measure(new, before, scored.metric.score, task.groups(), trials=rules.trials, seed=results.seed)


def _allowed(rules: Rules, task: TaskResults, scored: ScoredMetric) -> float:
    return limit_of(rules.max_drop, task, scored) or 0.0


def _change(block: _Block, i: int, state: str, corrected: float, rules: Rules) -> Change:
    m, task, scored = block.measured, block.task, block.scored
    reason = ""
    if state == words.UNTESTABLE:
        moved, things = int(m.moved[i]), f"{m.unit}s"
        few = f"{m.units} {things}" if moved == m.units else f"{moved} of {m.units} {things} changed"
        reason = f"{few}: no test can give less than p = {m.floor[i]:.2g}"
    return Change(
        task=task.name,
        system=block.systems[i],
        metric=scored.label,
        higher_is_better=scored.higher_is_better,
        scale=scale_of(scored),
        old=number(m.old[i]),
        new=number(m.new[i]),
        low=number(m.low[i]),
        high=number(m.high[i]),
        p=number(corrected),
        allowed=_allowed(rules, task, scored),
        state=state,
        reason=reason,
        articles=tuple(number(v) for v in m.new_articles[i]),
        articles_before=tuple(number(v) for v in m.old_articles[i]),
    )


def _new(task: TaskResults, scored: ScoredMetric, system: str, rules: Rules) -> Change:
    i = task.system_index(system)
    return Change(
        task=task.name,
        system=system,
        metric=scored.label,
        higher_is_better=scored.higher_is_better,
        scale=scale_of(scored),
        old=None,
        new=number(task.corpus(scored.label)[i]),
        low=None,
        high=None,
        p=None,
        allowed=_allowed(rules, task, scored),
        state=words.NEW,
        articles=tuple(number(v) for v in task.by_article(scored.label)[i]),
    )
