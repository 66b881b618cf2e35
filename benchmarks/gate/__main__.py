"""``python -m benchmarks.gate DATA``: how often the gate fails for nothing, and whether it notices what it must.

Null gates: two systems, one as the run and one as the baseline, with the outputs of each segment exchanged at random, so
that neither is better. Everything is real: outputs, findings, empty outputs, the default rules. Segments are drawn again
for each gate. Between two human translations a failure is a false alarm; between two machine translations it may be a real
new error of that output, so that the rate is an upper bound.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from evalkit.data.benchmark import Benchmark
from evalkit.engine.evaluate import run
from evalkit.gate.baseline import baseline_of
from evalkit.gate.checking import check
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import State, Verdict
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults

#: those that need a reference, and the fact checks.
OVERLAP, FACTS = ("BLEU", "chrF"), ("Quantities", "Health")
#: data set, languages, a machine translation to measure overlap with, and two human translations.
HUMANS = (
    ("wmt22-zh-en", "zh-en", "systems/Online-W.en", ("reference.ref-A.en", "reference.ref-B.en")),
    ("wmt21-en-zh", "en-zh", "systems/Online-W.zh", ("reference.ref-A.zh", "reference.ref-B.zh")),
)
MACHINES = ("wmt22-zh-en", "zh-en", "reference.ref-A.en", ("JDExploreAcademy", "Lan-Bridge", "HuaweiTSC", "Online-B"))


#: The rules of the gates: the built-in ones, which allow a drop of 1% of the scale, and those that allow none.
DEFAULT = Rules(trials=1000)
STRICT = Rules(trials=1000, max_drop={"*": 0.0})


def scored(
    folder: Path, lang: str, reference: str, outputs: dict[str, Path], metrics: Sequence[str] = OVERLAP + FACTS
) -> Results:
    """The outputs of several systems on one data set."""
    bench = Benchmark.from_lines([folder / reference], source=next(folder.glob("source.*")), lang=lang)
    return run(bench, {name: path.read_text("utf-8").splitlines() for name, path in outputs.items()}, metrics=metrics)


def human_translations(folder: Path, lang: str, machine: str, names: tuple[str, str]) -> Results:
    """Two human translations: facts checked with the other one as the reference, overlap measured with a machine's."""
    results = scored(folder, lang, machine, {name: folder / name for name in names}, OVERLAP)
    checked = [
        scored(folder, lang, other, {name: folder / name}, FACTS).tasks[0]
        for name, other in zip(names, names[::-1], strict=True)
    ]
    task = results.tasks[0]
    merged = replace(
        task,
        metrics=(*task.metrics, *checked[0].metrics),
        statistics={
            **task.statistics,
            **{label: np.concatenate([part.statistics[label] for part in checked]) for label in FACTS},
        },
        findings={label: {n: p.findings[label][n] for n, p in zip(names, checked, strict=True)} for label in FACTS},
    )
    return replace(results, tasks=(merged,))


def drawn(task: TaskResults, places: np.ndarray, owners: np.ndarray) -> TaskResults:
    """A task of one system: the segments at ``places``, each with the output of the system that ``owners`` says."""
    ids = tuple(f"{k}:{task.ids[i]}" for k, i in enumerate(places))
    absent = [set(task.absent(name)) for name in task.systems]
    return replace(
        task,
        systems=("mine",),
        ids=ids,
        articles=None,
        statistics={label: rows[owners, places][None] for label, rows in task.statistics.items()},
        findings={
            label: {"mine": tuple(found[task.systems[s]][i] for i, s in zip(places, owners, strict=True))}
            for label, found in task.findings.items()
        },
        empty={"mine": tuple(ids[k] for k, (i, s) in enumerate(zip(places, owners, strict=True)) if i in absent[s])},
        missing={},
        texts=None,
    )


def simulate(
    results: Results, segments: int, gates: int, seed: int, allowed: Rules
) -> tuple[Counter[str], Counter[str]]:
    """States of null gates, and the rules that failed."""
    rng = np.random.default_rng(seed)
    task = results.tasks[0]
    states: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for _ in range(gates):
        first, second = rng.choice(len(task.systems), 2, replace=False)
        places = rng.choice(len(task.ids), segments, replace=True)
        coin = rng.integers(0, 2, segments).astype(bool)
        new = replace(results, tasks=(drawn(task, places, np.where(coin, first, second)),))
        old = replace(results, tasks=(drawn(task, places, np.where(coin, second, first)),))
        verdict = check(new, baseline_of(old), allowed)
        states[verdict.state.value] += 1
        rules.update({breach.rule for breach in verdict.breaches})
    return states, rules


def noticed(folder: Path) -> dict[str, Verdict]:
    """The default gate on one system whose outputs were tampered with."""
    outputs = {"mine": folder / "systems/Lan-Bridge.en"}
    before = scored(folder, "zh-en", "reference.ref-A.en", outputs)
    lines = outputs["mine"].read_text("utf-8").splitlines()
    bench = Benchmark.from_lines([folder / "reference.ref-A.en"], source=folder / "source.zh", lang="zh-en")
    place, span = next(
        (i, finding.output_span)
        for i, found in enumerate(before.tasks[0].findings["Quantities"]["mine"])
        for finding in found
        if finding.severity == "ok" and finding.output_span and lines[i][slice(*finding.output_span)].isdecimal()
    )
    tenfold = [*lines]
    tenfold[place] = f"{lines[place][: span[1]]}0{lines[place][span[1] :]}"
    vanished = ["" if i % 2 else line for i, line in enumerate(lines)]
    refusing = [*lines]
    refusing[place] = "Sorry, I cannot help with that."
    made = {"one tenfold number": tenfold, "half of the outputs empty": vanished, "one refusal": refusing}
    baseline = baseline_of(before, with_texts=True)
    return {
        what: check(run(bench, {"mine": texts}, metrics=OVERLAP + FACTS), baseline, Rules())
        for what, texts in made.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--gates", type=int, default=400)
    arguments = parser.parse_args()
    print(
        "| pair | rules | segments | gates | failed | inconclusive | passed | rules that failed |\n" + "|---" * 8 + "|"
    )
    cases = [
        (f"two human translations, {name}", human_translations(arguments.data / name, lang, machine, pair))
        for name, lang, machine, pair in HUMANS
    ]
    name, lang, reference, systems = MACHINES
    folder = arguments.data / name
    cases.append(
        (
            f"two machine translations, {name}",
            scored(folder, lang, reference, {s: folder / f"systems/{s}.en" for s in systems}),
        )
    )
    for what, results in cases:
        for segments, allowed in ((100, DEFAULT), (500, DEFAULT), (1000, DEFAULT), (1000, STRICT)):
            states, rules = simulate(results, segments, arguments.gates, segments, allowed)
            shares = (
                f"{states[state.value] / arguments.gates:.1%}"
                for state in (State.FAILED, State.INCONCLUSIVE, State.PASSED)
            )
            listed = ", ".join(f"{rule} {count}" for rule, count in rules.most_common()) or "none"
            named = "no drop" if allowed.max_drop else "default"
            print(
                f"| {what} | {named} | {segments} | {arguments.gates} | {' | '.join(shares)} | {listed} |", flush=True
            )
    print()
    for what, verdict in noticed(folder).items():
        print(f"- {what}: {verdict.headline}")


if __name__ == "__main__":
    main()
