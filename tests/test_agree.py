"""Agreement of metrics with people, from results down to the command line."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from made_words import MadeWords

import evalkit
from evalkit import stats
from evalkit.cli.app import cli as commands
from evalkit.data.human import read_human_scores
from evalkit.errors import InputError, SettingError
from evalkit.results.meta_evaluation import AgreementRow, agree, compare_agreement
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric
from evalkit.stats.pairwise_accuracy import one_sided_p, soft_accuracy_of, swap_signs

N = 60
#: The share of wrong words of each system.
SHARES = {"best": 0.1, "middle": 0.3, "alike": 0.3, "worst": 0.7}


@pytest.fixture(scope="module")
def results() -> Results:
    made = MadeWords(N, 10, source=["字" * (i + 1) for i in range(N)])
    systems = {name: made.worse(share) for name, share in SHARES.items()}
    return evalkit.run(made.benchmark, systems, metrics=["BLEU", "TER"])


def by_figure(rows: list[AgreementRow]) -> Mapping[tuple[str, str, str], AgreementRow]:
    return {(r.metric, r.level, r.measure): r for r in rows}


def test_only_what_was_judged_is_compared(results: Results) -> None:
    task = results.task()
    metric, rows = task.metric("BLEU").metric, task.statistics["BLEU"]
    rng = np.random.default_rng(1)
    # Two segments judged, in an order that BLEU of all 60 segments contradicts.
    judged = np.array([7, 41])
    own = metric.score(rows[:, judged].sum(axis=1))
    human = {}
    for i, name in enumerate(task.systems):
        scores = np.full(N, np.nan)
        scores[judged] = own[i] + rng.normal(0, 0.1, 2)
        human[name] = scores
    found = by_figure(agree(results, human, trials=0)[0])["BLEU", "system", "pearson"]
    people = [np.nanmean(human[name]) for name in task.systems]
    assert found.value == pytest.approx(np.corrcoef(people, own)[0, 1])
    assert found.value != pytest.approx(np.corrcoef(people, task.corpus("BLEU"))[0, 1], abs=1e-3)
    assert found.judged == 2
    assert "resampled by segment (2)" in found.note


def test_each_system_counts_on_its_own_judged_segments(results: Results) -> None:
    task = results.task()
    metric, rows = task.metric("BLEU").metric, task.statistics["BLEU"]
    human = {name: np.arange(N, dtype=float) for name in task.systems}
    human["best"][: N // 2] = np.nan
    found, warnings = agree(results, human, trials=0)
    own = [metric.score(r[~np.isnan(human[name])].sum(axis=0)) for name, r in zip(task.systems, rows, strict=True)]
    people = [np.nanmean(human[name]) for name in task.systems]
    assert by_figure(found)["BLEU", "system", "pearson"].value == pytest.approx(np.corrcoef(people, own)[0, 1])
    assert by_figure(found)["BLEU", "system", "soft-pairwise-accuracy"].judged == N // 2
    assert any("people judged 30 to 60 segments per system, 30 of them for all systems" in w for w in warnings)


def test_a_metric_that_is_undefined_on_some_segments_takes_part_by_its_corpus_score(results: Results) -> None:
    class Gaps:
        """The mean of values that every third segment lacks."""

        higher_is_better = True

        @staticmethod
        def score(sums: np.ndarray) -> np.ndarray:
            with np.errstate(invalid="ignore"):
                return sums[..., 0] / sums[..., 1]

        def signature(self) -> str:
            return "gaps"

    task = results.task()
    rng = np.random.default_rng(2)
    values = rng.normal(np.arange(4)[:, None] * 0.3, 1, (4, N))
    rows = np.stack([values, np.ones((4, N))], axis=-1)
    gapped = rows.copy()
    gapped[:, ::3] = 0
    metrics = tuple(ScoredMetric(name, Gaps()) for name in ("whole", "gaps"))  # type: ignore[arg-type]
    task = dataclasses.replace(task, metrics=metrics, statistics={"whole": rows, "gaps": gapped})
    made = dataclasses.replace(results, tasks=(task,))
    gold = rng.normal(np.arange(4)[:, None] * 0.3, 1, (4, N))
    found = by_figure(agree(made, dict(zip(task.systems, gold, strict=True)), trials=20)[0])
    whole = found["whole", "system", "soft-pairwise-accuracy"]
    signs = swap_signs(N)
    people = one_sided_p(gold, signs)
    assert whole.value == pytest.approx(soft_accuracy_of(people, one_sided_p(values, signs)))
    part = found["gaps", "system", "soft-pairwise-accuracy"]
    assert part.judged == N
    assert part.low is not None
    # The human p-values are those of all segments, the metric's those of its own 40.
    kept = np.arange(N) % 3 > 0
    expected = soft_accuracy_of(people, one_sided_p(values[:, kept], signs[:, kept]))
    assert part.value == pytest.approx(expected, abs=0.002)
    assert found["gaps", "system", "pearson"].judged == N
    assert found["gaps", "segment", "pearson"].judged == 40
    pairs, ranks = compare_agreement(made, dict(zip(task.systems, gold, strict=True)), "soft-pairwise-accuracy")
    assert set(ranks) == {"whole", "gaps"}
    assert pairs[0].value == pytest.approx(whole.value, abs=0.001)


def test_segments_that_a_metric_could_not_score_are_not_compared(results: Results) -> None:
    task = results.task()
    gold = np.random.default_rng(3).normal(np.arange(4)[:, None], 3, (4, N))
    gold[:, :10] += np.arange(4)[::-1, None] * 20.0
    rows = {label: np.array(values) for label, values in task.statistics.items()}
    rows["BLEU"][:, :10] = 0
    lacking = {"BLEU": {name: dict.fromkeys(range(10), "no reference") for name in task.systems}}
    made = dataclasses.replace(results, tasks=(dataclasses.replace(task, statistics=rows, undefined=lacking),))
    found = by_figure(agree(made, dict(zip(task.systems, gold, strict=True)), trials=0)[0])
    rest = dict(zip(task.systems, np.where(np.arange(N) < 10, np.nan, gold), strict=True))
    expected = by_figure(agree(results, rest, trials=0)[0])
    for figure, row in expected.items():
        if row.metric == "BLEU":
            assert (found[figure].value, found[figure].judged) == (row.value, row.judged), figure
    assert found["TER", "system", "pearson"].value != expected["TER", "system", "pearson"].value
    pairs, _ = compare_agreement(made, dict(zip(task.systems, gold, strict=True)), "pearson")
    assert pairs == compare_agreement(results, rest, "pearson")[0]


def test_floors_and_sentinels(results: Results) -> None:
    task = results.task()
    texts = task.texts
    assert texts is not None
    lengths = np.array([[len(text) for text in texts.outputs[name]] for name in task.systems])
    gold = lengths.mean(axis=1, keepdims=True) + np.random.default_rng(0).integers(0, 2, (4, N))
    rows = agree(results, dict(zip(task.systems, gold.astype(float), strict=True)), trials=0)[0]
    found = by_figure(rows)
    assert found["output length", "system", "pearson"].value == pytest.approx(1, abs=0.05)
    assert found["output length", "system", "pearson"].kind == "sentinel"
    source = [r.level for r in rows if r.metric == "source length"]
    assert source == ["segment", "segment"]
    floors = {r.measure: r.value for r in rows if r.kind == "floor"}
    assert (floors["accuracy"], floors["pearson"], floors["kendall-b"]) == (0.5, 0.0, 0.0)
    assert 0.5 <= (floors["soft-pairwise-accuracy"] or 0) < 0.75
    ties = np.mean([np.mean([a == b for i, a in enumerate(x) for b in x[i + 1 :]]) for x in gold.T])
    assert floors["calibrated-accuracy"] == pytest.approx(max(ties, (1 - ties) / 2))


def test_a_tie_threshold_of_other_articles_does_not_flatter(results: Results) -> None:
    rng = np.random.default_rng(3)
    human = {name: rng.integers(0, 2, N).astype(float) for name in results.task().systems}
    key = ("BLEU", "item", "calibrated-accuracy")
    held_out, parity = (
        by_figure(agree(results, human, trials=20, ties=ties)[0])[key] for ties in ("held-out", "parity")
    )
    assert (held_out.value or 1) <= (parity.value or 0)
    assert held_out.low is not None
    assert parity.low is not None


def test_one_judged_segment_leaves_most_figures_undefined(results: Results) -> None:
    human = {name: np.where(np.arange(N) == 3, 1.0 + i, np.nan) for i, name in enumerate(results.task().systems)}
    found = by_figure(agree(results, human, trials=20)[0])
    for metric in ("BLEU", "no information"):
        assert found[metric, "system", "soft-pairwise-accuracy"].value is None
    assert found["BLEU", "system", "pearson"].value is not None
    assert found["BLEU", "system", "pearson"].low is None
    assert "resampling needs at least two" in (found["BLEU", "system", "pearson"].reason or "")


def test_too_many_judgements_leave_out_what_needs_pairs(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalkit.results.meta_evaluation.MOST_SEGMENTS", N - 1)
    monkeypatch.setattr("evalkit.results.meta_evaluation.MOST_PAIRS", 6 * N - 1)
    human = {name: np.arange(N) + i for i, name in enumerate(results.task().systems)}
    found = by_figure(agree(results, human, trials=0)[0])
    soft, tied = (
        found["BLEU", level, measure]
        for level, measure in (("system", "soft-pairwise-accuracy"), ("item", "calibrated-accuracy"))
    )
    assert (soft.value, soft.judged) == (None, N)
    assert soft.reason == "soft pairwise accuracy: 60 judged segments are more than 59"
    assert tied.reason == "calibrated accuracy: 360 pairs of outputs are more than 359"
    assert found["BLEU", "system", "pearson"].value is not None
    assert found["no information", "item", "calibrated-accuracy"].value is None
    with pytest.raises(InputError, match="360 pairs of outputs"):
        compare_agreement(results, human, "calibrated-accuracy")


def test_metrics_against_each_other(results: Results) -> None:
    task = results.task()
    human = dict(zip(task.systems, -task.metric("TER").metric.score(task.statistics["TER"]), strict=True))
    pairs, ranks = compare_agreement(results, human, "calibrated-accuracy")
    assert [(p.metric, p.other) for p in pairs] == [("BLEU", "TER")]
    assert pairs[0].better == "TER"
    assert ranks == {"TER": (1, 1, 1), "BLEU": (2, 2, 2)}
    assert pairs[0].difference == pytest.approx((pairs[0].value or 0) - (pairs[0].other_value or 0))
    with pytest.raises(SettingError, match="choose one of pearson, accuracy"):
        compare_agreement(results, human, "tau")
    one = dataclasses.replace(task, metrics=task.metrics[:1])
    with pytest.raises(InputError, match="score at least two"):
        compare_agreement(dataclasses.replace(results, tasks=(one,)), human, "pearson")


def test_a_reference_that_people_rate_below_the_systems_is_named(results: Results) -> None:
    task = results.task()
    assert task.texts is not None
    named = dataclasses.replace(task, texts=dataclasses.replace(task.texts, reference_names=("reference.refA.en",)))
    human = {name: np.full(N, 3.0 - i) for i, name in enumerate(task.systems)}
    for own, below in ((0.5, True), (3.5, False)):
        warnings = agree(dataclasses.replace(results, tasks=(named,)), {**human, "refA": np.full(N, own)}, trials=0)[1]
        assert any("people rate the reference refA (0.50) below 3 of 4 systems" in w for w in warnings) == below


def test_the_table_names_judged_segments_floors_and_pairs(results: Results, tmp_path: Path) -> None:
    evalkit.save_results(results, tmp_path / "run")
    errors = {"best": 1, "middle": 3, "alike": 4, "worst": 9}
    lines = ["system\tline\tmqm\trater"]
    lines += [f"{name}\t{i + 1}\t{e + i % 3}\tr{i % 2}" for name, e in errors.items() for i in range(40)]
    human = tmp_path / "human.tsv"
    human.write_text("\n".join(lines) + "\n")
    arguments = ["agree", str(tmp_path / "run"), "--human", str(human), "--trials", "20"]
    done = CliRunner().invoke(commands, [*arguments, "--normalize", "rater", "--compare-by", "accuracy"])
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert "translate-en: agreement with the human scores (mqm, sign flipped (higher is better))" in lines
    assert "translate-en: agreement with the human scores (mqm, by rater, sign flipped (higher is better))" in lines
    assert any(line.startswith("system pearson ") and line.endswith("] 40") for line in lines)
    assert "(no information) 0.500 40" in lines
    assert "translate-en: metrics by system accuracy" in lines
    assert "BLEU TER +0.000 1 1 –" in lines
    done = CliRunner().invoke(commands, [*arguments, "--format", "json"])
    assert "of the variance of the scores lies between raters; see --normalize rater" in done.output


def human_file(folder: Path, *lines: str) -> Path:
    path = folder / "human.tsv"
    path.write_text("system\tline\tmqm\n" + "".join(line + "\n" for line in lines))
    return path


def test_raters_who_agree_and_raters_who_do_not(results: Results, tmp_path: Path) -> None:
    errors = {"best": 1, "middle": 3, "alike": 4, "worst": 9}
    lines = [f"{name}\t{i + 1}\t{e}" for name, e in errors.items() for i in range(N)]
    judged = read_human_scores(human_file(tmp_path, *lines), results.task().ids)
    assert judged.sign_flipped
    rows, warnings = agree(results, judged.scores, trials=50)
    values = {(r.metric, r.level, r.measure): r.value for r in rows}
    assert values["BLEU", "system", "accuracy"] == 1.0
    assert values["TER", "system", "pearson"] > 0.9  # type: ignore[operator]
    assert not warnings
    negated = {name: -scores for name, scores in judged.scores.items()}
    rows, warnings = agree(results, negated, trials=0)
    assert any("BLEU, TER correlate negatively with the human scores" in w for w in warnings)
    assert any("people separate 6 of 6 pairs" in w and "direction: BLEU for 5, TER for 5" in w for w in warnings)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["best\t1\tbad"], r"human\.tsv:2: the score is 'bad', not a number"),
        (["best\t1\t1e308"], r"human\.tsv:2: the score is '1e308', not a number; leave out"),
        (["best\t1\tnan"], r"human\.tsv:2: the score is 'nan', not a number; leave out"),
        (["best\t61\t1"], r"human\.tsv:2: no segment 'line 61'; there are 60 segments"),
        (["best\t1"], r"human\.tsv:2: 2 fields, but the header has 3"),
        ([], "no scores"),
        (["best\t1\t1"], "1 system in both the run and the human scores"),
    ],
)
def test_wrong_human_scores(results: Results, tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        agree(results, read_human_scores(human_file(tmp_path, *lines), results.task().ids).scores)


def test_published_agreement_of_ted(
    shared_data: Path, tmp_path: Path, cli: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = shared_data / "ted21-zh-en"
    systems = sorted((folder / "systems").iterdir())
    options = ["--docids", folder / "docids", "--lang", "zh-en", "--quiet"]
    expected = {
        "refB": {("BLEU", "system", "pearson"): ".332", ("chrF", "system", "pearson"): ".340",
                 ("BLEU", "system", "accuracy"): ".615", ("BLEU", "segment", "kendall-b"): ".119",
                 ("chrF", "segment", "kendall-b"): ".125", ("BLEU", "segment", "pearson"): ".158",
                 ("chrF", "segment", "pearson"): ".153", ("TER", "system", "pearson"): ".428",
                 ("TER", "system", "accuracy"): ".667", ("TER", "segment", "kendall-b"): ".136",
                 ("TER", "segment", "pearson"): ".151", ("chrF++", "system", "pearson"): ".332"},
        "ref": {("BLEU", "system", "pearson"): "-.367", ("chrF", "system", "pearson"): "-.305"},
    }  # fmt: skip
    for reference, values in expected.items():
        metrics = [f"-m{name}" for name in dict.fromkeys(name for name, _, _ in values)]
        path = folder / f"reference.{reference}.en"
        done = cli("run", "--reference", path, *options, *metrics, "--out", reference, *systems, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        arguments = ["agree", reference, "--human", folder / "mqm.tsv", "--trials", 0]
        done = cli(*arguments, "--format", "json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        found = {
            (r["metric"], r["level"], r["measure"]): f"{r['value']:.3f}".replace("0.", ".")
            for r in json.loads(done.stdout)
        }
        assert {k: found[k] for k in values} == values
        assert ("below 13 of 13 systems" in done.stderr) == (reference == "ref")
        assert ("correlate negatively with the human scores" in done.stderr) == (reference == "ref")
    table = cli(*arguments, cwd=tmp_path).stdout
    assert "agreement with the human scores (mqm, sign flipped (higher is better))" in table


def test_published_agreement_of_wmt24(
    shared_data: Path, tmp_path: Path, cli: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = shared_data / "wmt24-en-zh"
    judged = "Aya23 Claude-3.5 CommandR-plus GPT-4 Gemini-1.5-Pro HW-TSC IKUN IKUN-C IOL-Research Llama3-70B ONLINE-B"
    systems = [folder / "systems" / f"{name}.zh" for name in (*judged.split(), "Unbabel-Tower70B")]
    texts = [
        "--source",
        folder / "source.en",
        "--reference",
        folder / "reference.refA.zh",
        "--docids",
        folder / "docids",
    ]
    done = cli("run", *texts, "--lang", "en-zh", "-m", "BLEU,chrF", "--quiet", *systems, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    arguments = ["agree", "evalkit-results", "--human", folder / "esa.csv", "--trials", 0, "--ties", "parity"]
    done = cli(*arguments, "--normalize", "rater", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    found = {(r["human"], r["metric"], r["level"], r["measure"]): round(r["value"], 3) for r in rows}
    figures = (
        ("system", "pearson"),
        ("system", "accuracy"),
        ("system", "soft-pairwise-accuracy"),
        ("item", "calibrated-accuracy"),
        ("segment", "pearson"),
    )
    known = {
        "BLEU": (0.604, 0.667, 0.674, 0.493, 0.145),
        "chrF": (0.630, 0.682, 0.693, 0.498, 0.131),
    }
    for metric, values in known.items():
        assert tuple(found["ESA", metric, level, measure] for level, measure in figures) == values
    assert found["ESA", "no information", "system", "soft-pairwise-accuracy"] == 0.579
    assert found["ESA, by rater", "BLEU", "system", "pearson"] == 0.726
    assert found["ESA, by rater", "chrF", "system", "pearson"] == 0.760
    assert {r["judged"] for r in rows} == {634}
    assert "judged, but not in the run: refA" in done.stderr


@pytest.mark.parametrize(
    ("by_document", "correction", "trials", "separated"),
    [
        (False, "none", 10_000, 44),
        (True, "none", 10_000, 28),
        # The corrected p-value of the twelfth pair is .038 with a standard error of .015 at 10,000 trials.
        (True, "holm", 50_000, 12),
    ],
)
def test_pairs_that_people_separate_on_wmt24(
    shared_data: Path, by_document: bool, correction: str, trials: int, separated: int
) -> None:
    folder = shared_data / "wmt24-en-zh"
    docs = (folder / "docids").read_text().split()
    human = read_human_scores(folder / "esa.csv", [str(i + 1) for i in range(len(docs))], articles=docs)
    gold = np.stack([scores for name, scores in human.scores.items() if name != "refA"])
    lines = ~np.isnan(gold).any(axis=0)
    articles = np.unique(np.array(docs)[lines], return_inverse=True)[1] if by_document else None
    rows = np.stack([gold[:, lines], np.ones_like(gold[:, lines])], axis=-1)
    test = stats.Test(trials=trials, resamples=2, correction=correction)
    compared = stats.compare(rows, lambda sums: sums[..., 0] / sums[..., 1], None, articles, test)
    assert (len(compared.pairs), int((compared.better >= 0).sum())) == (66, separated)


def test_published_agreement_with_gpt4_on_wmt22(
    shared_data: Path, tmp_path: Path, cli: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = shared_data / "wmt22-zh-en"
    systems = sorted((folder / "systems").iterdir())
    options = ["--reference", folder / "reference.ref-A.en", "--lang", "zh-en", "-m", "BLEU,chrF", "--quiet"]
    done = cli("run", *options, *systems, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    scores = folder / "scores" / "GEMBA-GPT4-DA-src.seg.score"
    arguments = ["agree", "evalkit-results", "--human", scores, "--higher-is-better", "yes", "--trials", 0]
    done = cli(*arguments, "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {(r["metric"], r["level"], r["measure"]): round(r["value"], 3) for r in json.loads(done.stdout)}
    assert found["BLEU", "system", "pearson"] == 0.782
    assert found["chrF", "system", "pearson"] == 0.848
    assert found["BLEU", "system", "accuracy"] == 0.773
    assert found["chrF", "system", "accuracy"] == 0.803
    assert found["chrF", "segment", "pearson"] == 0.300
    assert "metrics that are significant in the opposite direction: BLEU for 9, chrF for 7" in done.stderr
