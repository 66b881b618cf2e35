"""Find the errors that the baseline did not have.

A factual error needs no significance test, but the checks have false positives: between two correct human translations
of 1,875 sentences, about thirty error findings appear and twenty disappear. So a single new finding fails a build only
if its kind was measured to be reliable enough for a benchmark of this size (``new_findings.toml``); all others are
tested statistically.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path

from evalkit.gate.baseline import BaselineTask, matching
from evalkit.gate.verdict import FindingChange
from evalkit.results.task_results import Finding, TaskResults
from evalkit.stats import sign_flip_p
from evalkit.toml_file import read_settings

#: Maximum expected new findings in correct rewordings of a whole benchmark for a kind that may fail a build on its own.
FALSE_ALARMS = 0.05
#: Minimum segments of correct rewordings on which a kind must have been measured.
MIN_SEGMENTS = 1_000


@cache
def _measured() -> tuple[tuple[str, str, int, int], ...]:
    table = read_settings(Path(__file__).with_name("new_findings.toml"), ("tool", "evalkit"))
    return tuple((k["metric"], k["kind"], k["flags"], k["segments"]) for k in (table or {})["kinds"])


def findings_of(task: TaskResults, label: str, system: str, kind: str = "error") -> list[tuple[int, Finding]]:
    """Return the findings of one system by one metric; see :func:`~evalkit.gate.baseline.matching`."""
    return matching(enumerate(task.findings.get(label, {}).get(system, ())), kind)


def finding_changes(task: TaskResults, old: BaselineTask, systems: Sequence[str]) -> Iterator[FindingChange]:
    """Yield new and resolved errors by system and metric, if there are new ones."""
    measured = [kind for kind in _measured() if kind[3] >= MIN_SEGMENTS]
    most = FALSE_ALARMS / max(1, len(task.ids))
    reliable = {(metric, kind) for metric, kind, flags, segments in measured if flags / segments <= most}
    units = task.articles or task.ids
    for system, scored in product(task.systems, task.metrics):
        label, name = scored.label, scored.metric.name
        if old.findings is None or label not in old.signatures or system not in systems or system not in old.systems:
            continue
        now, before = findings_of(task, label, system), old.errors(label, system)
        new, resolved = _beyond(now, before), _beyond(before, now)
        if not new:
            continue
        alone = [(i, f) for i, f in new if (name, f.kind) in reliable]
        tested = [(i, f) for i, f in new if (name, f.kind) not in reliable]
        p, min_p = None, 1.0
        if tested:
            balance = Counter(units[i] for i, _ in tested)
            balance.subtract(units[i] for i, f in resolved if (name, f.kind) not in reliable)
            p = sign_flip_p(list(balance.values()))
            min_p = 0.5 ** sum(map(bool, balance.values()))
        yield FindingChange(task.name, system, label, (*alone, *tested), len(resolved), len(alone), p, min_p)


def _beyond(some: Sequence[tuple[int, Finding]], others: Sequence[tuple[int, Finding]]) -> list[tuple[int, Finding]]:
    """Return the findings of ``some`` that are not among ``others``, matched by segment, kind and key."""
    left = Counter((i, f.kind, f.key) for i, f in others)
    findings: list[tuple[int, Finding]] = []
    for i, f in some:
        if left[i, f.kind, f.key] > 0:
            left[i, f.kind, f.key] -= 1
        else:
            findings.append((i, f))
    return findings
