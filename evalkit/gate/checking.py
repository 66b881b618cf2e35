"""Check a run against a baseline and rules, and return the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evalkit.arguments import checked
from evalkit.errors import IncomparableError, SettingError
from evalkit.gate.baseline import Baseline, BaselineTask, check_alike
from evalkit.gate.breaches import count_breaches, finding_breaches, lost_outputs, score_breaches
from evalkit.gate.decisions import corrected, decide, measure
from evalkit.gate.examples import examples_of
from evalkit.gate.finding_changes import finding_changes
from evalkit.gate.messages import headline, new_systems, notes_on
from evalkit.gate.rule_matching import check_rules, drop_limit, is_gated, names_of
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import Breach, Change, ChangeState, FindingChange, State, Verdict
from evalkit.results.metadata import metadata_notes
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric, TaskResults, number


@checked
def check(results: Results, baseline: Baseline | None, rules: Rules, systems: Sequence[str] = ()) -> Verdict:
    """Return the verdict on a run.

    :param baseline: the earlier run, or None to check only floors and facts.
    :param systems: the systems to check; by default those that the rules name, or else all.
    :raises IncomparableError: if the run and the baseline have different data or signatures.
    :raises SettingError: for a rule on a metric, task or system that the run does not have.
    """
    old = {task.name: task for task in baseline.tasks} if baseline else {}
    gate = _Gate(results, old, rules, _chosen(results, baseline, rules, systems))
    check_rules(results, rules)
    if baseline is not None:
        check_alike(results, baseline, gate.chosen)
    changes, findings = gate.changes()
    open_rules = [note for task in results.tasks for note in _open_rules(task, old.get(task.name))]
    if baseline is not None:
        open_rules += [note for task in results.tasks for note in _new_metrics(task, old.get(task.name), rules)]
    breaches = tuple(gate.breaches(changes, findings))
    undecided = open_rules or any(c.undecided for c in changes) or any(f.undecided for f in findings)
    notes = (
        *open_rules,
        *notes_on(changes, findings, rules),
        *new_systems(gate.chosen, baseline),
        *_versions(results, baseline),
        *(note for task in results.tasks for note in _other_scores(task, old.get(task.name))),
        *(f"{task.name}: {n}." for task in results.tasks for n in metadata_notes(task, gate.chosen, ranked=False)),
    )
    verdict = Verdict(
        state=State.FAILED if breaches else State.INCONCLUSIVE if undecided else State.PASSED,
        benchmark=results.benchmark,
        changes=tuple(changes),
        findings=tuple(findings),
        breaches=breaches,
        notes=notes,
        articles={t.name: {a: results.titles.get(a, a) for a in t.article_names()} for t in results.tasks},
        inconclusive_fails=rules.inconclusive == "fail",
    )
    examples = tuple(examples_of(verdict, results, old))
    return replace(verdict, headline=headline(verdict, results), examples=examples)


def _open_rules(task: TaskResults, old: BaselineTask | None) -> Iterator[str]:
    """Yield a note on each rule that cannot be checked because the run or the baseline lacks the required data."""
    if old is not None and old.absent is None:
        what = "the baseline is of format 1, which does not record findings or empty outputs"
        yield f"{task.name}: {what}; renew it with --update to have new errors and lost outputs noticed."
    # Only a run folder of format 1 can lack both texts and the findings of a metric that reports findings.
    lacking = [m.label for m in task.metrics if m.metric.gives_findings and m.label not in task.findings]
    if lacking and task.texts is None:
        yield f"{task.name}: the run kept no findings of {', '.join(lacking)}; score again to check them."


def _new_metrics(task: TaskResults, old: BaselineTask | None, rules: Rules) -> Iterator[str]:
    """Yield a note on each rule on drops that names a metric which the baseline does not have."""
    known = old.signatures if old else {}
    for scored in task.metrics:
        named = [n for n in names_of(task, scored) if not n.endswith("*") and scored.label not in known]
        limits = {"max_drop": rules.max_drop, "max_article_drop": rules.max_article_drop, "primary": rules.primary}
        for rule in (rule for rule, names in limits.items() if not set(named).isdisjoint(names)):
            yield f"{task.name}: the baseline has no {scored.label}, which {rule} names; renew it with --update."


def _versions(results: Results, baseline: Baseline | None) -> Iterator[str]:
    """Yield a note on differing library versions; the signatures are equal, so the runs are still compared."""
    now, before = results.info.get("versions", {}), baseline.versions if baseline else {}
    changed = [f"{name} {old} to {now[name]}" for name, old in before.items() if now.get(name, old) != old]
    if changed:
        yield f"versions changed since the baseline: {', '.join(changed)}."


def _other_scores(task: TaskResults, old: BaselineTask | None) -> Iterator[str]:
    """Yield a note on the metrics of a task whose signature is comparable to the baseline's, but not equal to it."""
    before = old.signatures if old else {}
    other = [m.label for m in task.metrics if before.get(m.label, m.signature) != m.signature]
    if other:
        yield f"{task.name}: the recorded scores of {', '.join(other)} are not those of the baseline: the sha256 differs."


def refused(results: Results | None, error: IncomparableError) -> Verdict:
    """Return the verdict on runs that cannot be compared, for the reports."""
    why, benchmark = "gate refused: the runs cannot be compared", results.benchmark if results else ""
    return Verdict(state=State.REFUSED, headline=why, benchmark=benchmark, notes=(str(error),))


def _chosen(results: Results, baseline: Baseline | None, rules: Rules, systems: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the checked systems."""
    present = dict.fromkeys(name for task in results.tasks for name in task.systems)
    wanted = dict.fromkeys(systems or rules.systems)
    for name in wanted:
        if name not in present:
            origin = "asked for" if systems else f"named in {rules.origin}"
            raise SettingError(f"the system {name!r} is {origin}, but not in the run; there are {', '.join(present)}")
    if baseline is not None and not wanted:
        for name in baseline.systems:
            if name not in present:
                problem = f"the system {name!r} of {baseline.origin} is not in the run ({', '.join(present)})"
                advice = f"Run it (evalkit run {name}=PATH names a system), name the systems to check with --system"
                raise IncomparableError(f"{problem}. {advice}, or renew the baseline with --update")
    return tuple(wanted or present)


@dataclass(frozen=True, eq=False)
class _Gate:
    """A run, the tasks of the baseline by name, and the names of the checked systems."""

    results: Results
    old: Mapping[str, BaselineTask]
    rules: Rules
    chosen: tuple[str, ...]

    def breaches(self, changes: Sequence[Change], findings: Sequence[FindingChange]) -> Iterator[Breach]:
        """Yield all broken rules, most important first."""
        for task in self.results.tasks:
            if task.name in self.old:
                yield from lost_outputs(task, self.old[task.name], self.chosen, self.rules)
        yield from finding_breaches(self.results, findings, self.rules)
        for change in changes:
            yield from score_breaches(self.results, change, self.rules)
        for task in self.results.tasks:
            yield from count_breaches(task, self.rules, [name for name in task.systems if name in self.chosen])

    def changes(self) -> tuple[list[Change], list[FindingChange]]:
        """Return all scores and all new errors, with the p-values of the gated ones corrected together."""
        changes: list[Change] = []
        findings: list[FindingChange] = []
        for task in self.results.tasks:
            if task.name in self.old:
                findings += finding_changes(task, self.old[task.name], self.chosen)
            for scored in task.metrics:
                changes += self._scores(task, scored)
        alpha = self.rules.alpha
        p = [c.p if c.gated else None for c in changes] + [f.p for f in findings]
        family = corrected(p, [*(c.min_p for c in changes), *(f.min_p for f in findings)], alpha)
        of_scores = zip(changes, family, strict=False)
        decided = [c if c.state is ChangeState.NEW else decide(c, own, alpha) for c, own in of_scores]
        of_findings = zip(findings, family[len(changes) :], strict=True)
        return decided, [replace(change, p_corrected=own) for change, own in of_findings]

    def _scores(self, task: TaskResults, scored: ScoredMetric) -> Iterator[Change]:
        """Yield the scores of the checked systems by one metric, measured where the baseline has them, too."""
        changes = [
            Change(
                task=task.name,
                system=name,
                metric=scored.label,
                higher_is_better=scored.higher_is_better,
                scale=scored.scale,
                allowed=drop_limit(self.rules, task, scored),
                gated=is_gated(self.rules, task, scored),
            )
            for name in task.systems
            if name in self.chosen
        ]
        old = self.old.get(task.name)
        known = old.systems if old is not None and scored.label in old.signatures else {}
        paired = [change for change in changes if change.system in known]
        measured = {c.system: c for c in self._measured(task, scored, paired, old)} if paired and old else {}
        if len(measured) < len(changes):
            scores, by_article = task.corpus(scored.label), task.by_article(scored.label)
        for change in changes:
            if change.system in measured:
                yield measured[change.system]
            else:
                i = task.system_index(change.system)
                yield replace(change, new=number(scores[i]), articles=tuple(map(number, by_article[i])))

    def _measured(
        self, task: TaskResults, scored: ScoredMetric, changes: Sequence[Change], old: BaselineTask
    ) -> list[Change]:
        label, systems = scored.label, [change.system for change in changes]
        new = task.statistics[label][[task.system_index(name) for name in systems]]
        before = np.stack([old.rows(label, name) for name in systems])
        if new.shape != before.shape:
            columns = f"{label} of {task.name} has {new.shape[2]} columns now and {before.shape[2]} in the baseline"
            raise IncomparableError(f"{columns}; renew the baseline with --update")
        failures = [of.undefined.get(label, {}).get(name, {}) for of in (task, old) for name in systems]
        both = replace(
            task,
            systems=tuple(map(str, range(len(failures)))),
            metrics=(scored,),
            statistics={label: np.concatenate([new, before])},
            undefined={label: {str(i): reasons for i, reasons in enumerate(failures)}},
        )
        return measure(changes, both, scored, trials=self.rules.trials, seed=self.results.seed)
