"""The figures of docs/explain/what-to-report.md, computed from the public files."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import evalkit
from evalkit import stats
from evalkit.data.benchmark import Benchmark
from evalkit.data.human import read_human_scores
from evalkit.results.task_results import TaskResults
from evalkit.stats import compare

TEST = stats.Test(trials=3000, resamples=2)


@pytest.fixture(scope="module")
def page() -> str:
    text = (Path(__file__).resolve().parent.parent / "docs" / "explain" / "what-to-report.md").read_text("utf-8")
    return " ".join(text.split())


def scored(folder: Path, reference: str, source: str, lang: str, docids: str | None, left_out: str = "") -> TaskResults:
    bench = Benchmark.from_lines(
        [folder / reference], source=folder / source, docids=folder / docids if docids else None, lang=lang
    )
    suffix = lang.rpartition("-")[2]
    systems = {p.stem: p for p in sorted((folder / "systems").glob(f"*.{suffix}")) if p.stem != left_out}
    return evalkit.run(bench, systems, metrics=["BLEU", "chrF"]).task()


def mean(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(sums[..., 0] / sums[..., 1])


def as_rows(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([scores, np.ones_like(scores)], axis=-1)


def test_wmt24_pairs_that_people_separate_and_the_others(shared_data: Path, page: str) -> None:
    folder = shared_data / "wmt24-en-zh"
    task = scored(folder, "reference.refA.zh", "source.en", "en-zh", "docids")
    human = read_human_scores(folder / "esa.csv", task.ids, articles=task.articles).scores
    systems = [name for name in task.systems if name in human]
    judged = ~np.isnan(np.stack([human[name] for name in systems]))
    assert len(systems) == 12 and (judged == judged[0]).all()
    lines = judged[0]
    groups = task.groups()
    assert groups is not None
    documents = np.unique(groups[lines], return_inverse=True)[1]
    assert (lines.sum(), documents.max() + 1) == (634, 170)
    people = np.stack([human[name][lines] for name in systems])
    pairs = list(combinations(range(12), 2))
    found = compare(as_rows(people), mean, groups=documents, test=TEST)
    separated = np.array(found.p) <= 0.05
    assert separated.sum() == 28
    places = [task.system_index(name) for name in systems]
    sides = np.array([np.sign(people[i].mean() - people[j].mean()) for i, j in pairs])
    for label, total in (("BLEU", 44), ("chrF", 45)):
        rows = task.statistics[label][places][:, lines].sum(axis=1)
        corpus = task.metric(label).metric.score(rows)
        agrees = sides == np.array([np.sign(corpus[i] - corpus[j]) for i, j in pairs])
        assert (agrees[separated].sum(), agrees.sum()) == (24, total)
        assert f"{agrees[~separated].sum()} for {label}" in page
        assert f"| {total} of 66 |" in page
    assert "They separate 28 of the 66 pairs of systems by document" in page
    assert "BLEU and chrF put 24 into the same order as people. For the other 38," in page


def test_wmt22_pairs_where_a_judge_and_a_metric_are_significant_and_opposite(shared_data: Path, page: str) -> None:
    folder = shared_data / "wmt22-zh-en"
    task = scored(folder, "reference.ref-A.en", "source.zh", "zh-en", None)
    judged = dict[str, list[float]]()
    for line in (folder / "scores" / "GEMBA-GPT4-DA-src.seg.score").read_text().splitlines():
        system, score = line.split("\t")
        judged.setdefault(system, []).append(float(score))
    judge = compare(as_rows(np.array([judged[name] for name in task.systems])), mean, test=TEST)
    counts = {}
    for label in ("BLEU", "chrF"):
        metric = compare(task.statistics[label], task.metric(label).metric.score, test=TEST)
        both = (np.array(judge.p) <= 0.05) & (np.array(metric.p) <= 0.05)
        opposite = np.sign(judge.difference) != np.sign(metric.difference)
        counts[label] = int((both & opposite).sum())
    assert len(judge.p) == 66
    assert counts == {"BLEU": 9, "chrF": 7}
    wanted = (
        r"For 9 of 66 pairs, GPT-4 .* and BLEU show significant differences .* directions. GPT-4 and chrF do so for 7"
    )
    assert re.search(wanted, page)
