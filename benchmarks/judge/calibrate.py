"""How far 100 labelled segments calibrate a judge, on data where the labels of all segments are known.

    python benchmarks/judge/calibrate.py [FOLDER OF THE PUBLIC DATA]

``wmt22-zh-en``: twelve systems, 1,875 segments each, scored by two language models in three prompts. One of them stands in
for the people (GPT-4 with a reference), the others are the judges to be calibrated, so that what 100 labels say can be
compared with what all labels say. ``wmt24-en-zh``: real people (ESA) and chrF, which knows next to nothing of one segment.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalkit import parse, stats
from evalkit.data.human import read_human_scores

Floats = NDArray[np.float64]

LABELS = 100
DRAWS = 100
SEED = 12345


def recorded(path: Path) -> dict[str, Floats]:
    """Scores by system from a ``.seg.score`` file of mt-metrics-eval."""
    found: dict[str, list[float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        system, score = line.split("\t")
        found.setdefault(system, []).append(float(score) if score != "None" else np.nan)
    return {system: np.array(scores) for system, scores in found.items()}


def calibrated(judge: Mapping[str, Floats], people: Mapping[str, Floats], groups: Floats | None = None) -> str:
    """One row: what 100 labels of each pair of systems say, over random draws, against the labels of all segments."""
    rng = np.random.default_rng(SEED)
    systems = [name for name in people if name in judge]
    pairs = list(combinations(systems, 2))
    rho = np.mean([np.corrcoef(judge[s], people[s])[0, 1] for s in systems])
    held = decided = wrong = alone = by_judge = 0
    widths, label_widths, saved = [], [], []
    for _ in range(DRAWS):
        n = len(people[systems[0]])
        drawn = rng.choice(n, LABELS, replace=False)
        for a, b in pairs:
            truth = people[a] - people[b]
            labels = np.full(n, np.nan)
            labels[drawn] = truth[drawn]
            found = stats.corrected_mean(judge[a] - judge[b], labels)
            held += found.low <= truth.mean() <= found.high
            sure = found.low > 0 or found.high < 0
            decided += sure
            wrong += sure and (found.value > 0) != (truth.mean() > 0)
            alone += found.labels_low > 0 or found.labels_high < 0
            by_judge += (found.judge_only > 0) == (truth.mean() > 0)
            widths.append(found.high - found.low)
            label_widths.append(found.labels_high - found.labels_low)
            saved.append(found.saved)
    total = DRAWS * len(pairs)
    return (
        f"{len(pairs)} | {rho:.2f} | {np.median(saved):.0%} | {np.mean(label_widths):.2f} | {np.mean(widths):.2f} | "
        f"{held / total:.1%} | {alone / total:.0%} | {decided / total:.0%} | {wrong / total:.2%} | {by_judge / total:.0%}"
    )


HEAD = (
    "| judge | labels | pairs | r with the labels | labels saved | interval, labels alone | with the judge | holds the truth | "
    "decided, labels alone | with the judge | decided wrongly | judge alone agrees |\n" + "|---" * 12 + "|"
)


def main(folder: Path) -> None:
    """Print the table of the README."""
    print(HEAD)
    wmt22 = folder / "wmt22-zh-en"
    outputs = {path.stem for path in (wmt22 / "systems").iterdir()}
    scores = {
        path.name.removesuffix(".seg.score"): {s: v for s, v in recorded(path).items() if s in outputs}
        for path in sorted((wmt22 / "scores").iterdir())
    }
    gold = "GEMBA-GPT4-DA-refA"
    for name in scores:
        if name != gold:
            print(f"| {name} | {gold} | {calibrated(scores[name], scores[gold])} |", flush=True)
    references = (wmt22 / "reference.ref-A.en").read_text(encoding="utf-8").split("\n")[:1875]
    metric = parse("chrF").resolve("en")
    chrf = {}
    for name in sorted(outputs):
        texts = (wmt22 / "systems" / f"{name}.en").read_text(encoding="utf-8").split("\n")[:1875]
        chrf[name] = metric.score(metric.statistics(texts, [[text] for text in references]))
    print(f"| chrF | {gold} | {calibrated(chrf, scores[gold])} |", flush=True)
    wmt24 = folder / "wmt24-en-zh"
    references = (wmt24 / "reference.refA.zh").read_text(encoding="utf-8").split("\n")[:998]
    people = read_human_scores(wmt24 / "esa.csv", [str(i) for i in range(998)]).scores
    people.pop("refA", None)
    judged = np.flatnonzero(np.isfinite(np.stack(list(people.values()))).all(axis=0))
    metric = parse("chrF").resolve("zh")
    chrf = {}
    for name in people:
        texts = (wmt24 / "systems" / f"{name}.zh").read_text(encoding="utf-8").split("\n")[:998]
        chrf[name] = metric.score(metric.statistics(texts, [[text] for text in references]))[judged]
    print(f"| chrF, en-zh | people (ESA) | {calibrated(chrf, {s: v[judged] for s, v in people.items()})} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data"))
