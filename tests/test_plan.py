"""Planning from a pilot run: sizes against simulation, the choice of segments, and the command."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import evalkit
from evalkit import stats
from evalkit.cli.app import cli as commands
from evalkit.data.benchmark import Benchmark
from evalkit.errors import InputError
from evalkit.reports.human_score_tables import plan_tables
from evalkit.results.human_correction import corrected_differences
from evalkit.results.planning import Goal, choose_segments, plan, plan_for_people
from evalkit.results.results import Results
from evalkit.results.task_results import Samples, ScoredMetric
from evalkit.stats import compare, sample_means

N, ARTICLES = 120, 40


class Mean:
    """The mean of made-up values."""

    higher_is_better = True
    name = "Mean"
    range = (-5.0, 5.0)

    def score(self, sums: np.ndarray) -> np.ndarray:
        return np.asarray(sums[..., 0] / sums[..., 1])


def as_rows(values: np.ndarray) -> np.ndarray:
    return np.stack([values, np.ones_like(values)], axis=-1)


@pytest.fixture(scope="module")
def results() -> Results:
    rng = np.random.default_rng(5)
    words = [f"w{i}" for i in range(50)]
    references = [" ".join(rng.choice(words, 8)) for _ in range(N)]
    rows = [{"id": f"s{i}", "article": f"d{i // 3}", "references": [r]} for i, r in enumerate(references)]

    def worse(share: float) -> list[str]:
        return [" ".join(w if rng.random() > share else "x" for w in r.split()) for r in references]

    good = worse(0.2)
    same = [text if i % 4 == 0 else other for i, (text, other) in enumerate(zip(good, worse(0.4), strict=True))]
    systems = {"good": good, "same": same}
    return evalkit.run(Benchmark.from_dataset(rows, lang="zh-en"), systems, metrics=["chrF"])


def made(results: Results, rows: np.ndarray, samples: dict[str, Samples] | None = None) -> Results:
    task = results.task()
    metrics = (ScoredMetric("Mean", Mean()),)  # type: ignore[arg-type]
    replaced = dataclasses.replace(task, metrics=metrics, statistics={"Mean": rows}, samples=samples or {})
    return dataclasses.replace(results, tasks=(replaced,))


def pilot_values(rng: np.random.Generator, articles: int) -> np.ndarray:
    """The difference of two systems: variance 1 between articles, 2 between segments."""
    return rng.normal(size=articles).repeat(3) + math.sqrt(2) * rng.normal(size=3 * articles)


def test_the_planned_number_of_articles_has_the_planned_power(results: Results) -> None:
    rng = np.random.default_rng(1)
    needed = []
    covered = 0
    for _ in range(60):
        rows = as_rows(np.stack([pilot_values(rng, ARTICLES), np.zeros(N)]))
        (row,) = plan(made(results, rows), Goal(0.5))
        assert (row.unit, row.pilot, row.repeats) == ("article", ARTICLES, None)
        assert row.segments == 3 * (row.needed or 0)
        assert row.judgements == 6 * (row.needed or 0)
        assert row.observed == pytest.approx(rows[0, :, 0].mean())
        needed.append(row.needed or 0)
        low, high = row.needed_range
        covered += (low or 0) <= 55 <= (high or 0)
    assert covered / 60 >= 0.9
    articles = round(float(np.mean(needed)))
    # (1.96 + .84)**2 * (1 + 2 / 3) / .25, and a little for Student's t.
    assert articles == pytest.approx(55, abs=4)
    detected = 0
    groups = np.arange(articles).repeat(3)
    for seed in range(300):
        rows = as_rows(np.stack([0.5 + pilot_values(rng, articles), np.zeros(3 * articles)]))
        test = stats.Test(trials=999, resamples=2, seed=seed)
        detected += compare(rows, Mean().score, groups=groups, test=test).p[0] <= 0.05
    assert 0.73 <= detected / 300 <= 0.87


@pytest.mark.parametrize(
    ("values", "difference", "reason"),
    [
        (np.ones(N), 0.5, "the difference is the same on every article of the pilot"),
        (np.arange(N) % 7, 10.0, "no two scores of Mean differ by 10: they range from -5 to 5"),
    ],
)
def test_a_pilot_without_information_gives_no_estimate(
    results: Results, values: np.ndarray, difference: float, reason: str
) -> None:
    (row,) = plan(made(results, as_rows(np.stack([values.astype(float), np.zeros(N)]))), Goal(difference))
    assert (row.needed, row.needed_range, row.detectable) == (None, (None, None), None)
    assert (row.reason or "").startswith(reason)


def test_more_samples_take_fewer_articles_as_far_as_sampling_goes(results: Results) -> None:
    rng = np.random.default_rng(2)
    task = results.task()
    # Variance 1 between segments of the difference, and 4 + 4 between samples.
    samples = [rng.normal(size=(N, 1)) * side + 2 * rng.normal(size=(N, 4)) for side in (1, 0)]
    spread = {
        name: Samples((4,) * N).including(
            ScoredMetric("Mean", Mean()),  # type: ignore[arg-type]
            as_rows(values),
            task.groups(),
            None,
        )
        for name, values in zip(task.systems, samples, strict=True)
    }
    rows = np.stack([sample_means(as_rows(values)) for values in samples])
    plans = plan(made(results, rows, spread), Goal(0.3))
    assert [row.repeats for row in plans] == [1, 2, 3, 5, 10]
    factor = (1.96 + 0.84) ** 2 / 0.09 / 3
    for row in plans:
        assert row.needed == pytest.approx(factor * (1 + 8 / (row.repeats or 1)), rel=0.25)
        assert row.judgements == 2 * (row.repeats or 1) * (row.segments or 0)
    assert sum(row.cheapest for row in plans) == 1
    (table,) = plan_tables(plans, Goal(0.3))
    shown = [tuple(cell.text for cell in row) for row in table.rows]
    assert table.header == (
        "system", "baseline", "in the pilot", "detectable now", "samples", "articles", "segments", "judgements"
    )  # fmt: skip
    assert shown[0][:2] == ("good", "same")
    assert all(line[:4] == ("",) * 4 for line in shown[1:])
    for line, row in zip(shown, plans, strict=True):
        star = "*" if row.cheapest else ""
        low, high = row.needed_range
        articles = f"{row.needed:,} ({low:,} to {high:,})"
        assert line[4:] == (f"{row.repeats}", articles, f"{row.segments:,}", f"{row.judgements:,}{star}")
    assert "cannot be estimated" not in table.note


def test_raters_are_planned_from_repeated_judgements(results: Results) -> None:
    rng = np.random.default_rng(3)
    task = results.task()
    judgements, tables = {}, []
    for name in task.systems:
        table = rng.normal(size=(N, 1)) + rng.normal(size=(N, 2))
        table[::3, 1] = np.nan
        tables.append(table)
        segments, raters = np.nonzero(~np.isnan(table))
        judgements[name] = (segments, table[segments, raters])
    rows = plan_for_people(results, judgements, Goal(0.4))
    assert {row.repeats_of for row in rows} == {"raters"}
    share = stats.sampling_share(
        *(np.where(np.isnan(t)[..., None], np.nan, as_rows(t)) for t in tables[:1]),
        Mean().score,
        task.groups(),
        np.where(np.isnan(tables[1])[..., None], np.nan, as_rows(tables[1])),
    )
    variance = share.standard_error**2 * ARTICLES
    one = variance * (1 - share.share) + variance * share.share * share.samples
    assert rows[0].needed == pytest.approx((1.96 + 0.84) ** 2 * one / 0.16, rel=0.05)
    assert [row.needed or 0 for row in rows] == sorted((row.needed or 0 for row in rows), reverse=True)
    once = {name: tuple(part[::2] for part in parts) for name, parts in judgements.items()}
    for name, (segments, values) in once.items():
        first = np.unique(segments, return_index=True)[1]
        once[name] = (segments[first], values[first])
    (single,) = plan_for_people(results, once, Goal(0.4))  # type: ignore[arg-type]
    assert single.repeats is None
    with pytest.raises(InputError, match="people judged good of the run; human scores of two systems are needed"):
        plan_for_people(results, {"good": judgements["good"]}, Goal(0.4))


def test_chosen_segments_differ_and_their_weights_keep_estimates_unbiased(results: Results) -> None:
    task = results.task()
    place = {id_: i for i, id_ in enumerate(task.ids)}
    assert task.texts is not None
    differs = np.array([a != b for a, b in zip(*task.texts.outputs.values(), strict=True)])
    assert 0 < differs.sum() <= 90
    truth = np.random.default_rng(4).normal(0.5, 1, N) * differs
    estimates = []
    for seed in range(200):
        chosen = choose_segments(results, 30, seed=seed)
        assert len(chosen) == 30
        places = [place[row.id] for row in chosen]
        assert differs[places].all()
        weights = np.full(N, np.nan)
        labels = np.full(N, np.nan)
        for i, row in zip(places, chosen, strict=True):
            weights[i], labels[i] = row.weight, truth[i]
        human = {"good": labels, "same": np.where(np.isnan(labels), np.nan, 0.0)}
        (found,) = corrected_differences(results, human, weights=weights)
        assert (found.labels, found.segments) == (30, differs.sum())
        estimates.append((found.labels_only, found.difference))
    error = np.std(truth) / math.sqrt(30 * 200)
    assert np.mean(estimates, axis=0) == pytest.approx([truth.mean()] * 2, abs=4 * error)
    with pytest.raises(InputError, match=f"the systems differ on {differs.sum()} only"):
        choose_segments(results, 91)
    with pytest.raises(InputError, match="at least two systems"):
        choose_segments(results, 5, systems=["good"])


def test_the_command(results: Results, tmp_path: Path) -> None:
    evalkit.save_results(results, tmp_path / "run")
    run = ["plan", str(tmp_path / "run")]
    done = CliRunner().invoke(commands, [*run, "--difference", "2", "--comparisons", "5"])
    assert done.exit_code == 0, done.output
    shown = [" ".join(line.split()) for line in done.output.splitlines()]
    assert "system baseline in the pilot detectable now samples articles segments judgements" in shown
    (row,) = plan(results, Goal(2, comparisons=5))
    low, high = row.needed_range
    assert (low or 0) < (row.needed or 0) < (high or 0)
    end = f"– {row.needed:,} ({low:,} to {high:,}) {row.segments:,} {row.judgements:,}"
    assert any(line.startswith("good same +") and line.endswith(end) for line in shown)
    assert "with 80% power at p ≤ 0.01; pilot: 40 articles" in done.output
    done = CliRunner().invoke(commands, [*run, "--difference", "2", "--format", "json"])
    rows = [dataclasses.asdict(row) for row in plan(results, Goal(2.0))]
    assert json.loads(done.stdout) == json.loads(json.dumps(rows))
    lines = ["system,id,score,rater"]
    lines += [f"{name},s{i},{i % 5 + k},r{k}" for name in ("good", "same") for i in range(N) for k in range(2)]
    (tmp_path / "human.csv").write_text("\n".join(lines) + "\n")
    human = ["--human", str(tmp_path / "human.csv"), "--higher-is-better", "yes"]
    done = CliRunner().invoke(commands, [*run, "--difference", "1", *human])
    assert "translate-en, human scores" in done.output
    out = tmp_path / "label.csv"
    done = CliRunner().invoke(commands, [*run, "--label", "20", "--out", str(out), "--seed", "3"])
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(out.read_text().splitlines()))
    chosen = choose_segments(results, 20, seed=3)
    assert [(r["id"], r["article"], float(r["weight"])) for r in rows] == [
        (c.id, c.article, pytest.approx(c.weight, rel=1e-5)) for c in chosen
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give --difference D"),
        (["--difference", "1", "--label", "3"], "give --difference D"),
        (["--difference", "0"], "--difference 0 must be a number other than 0"),
        (["--difference", "nan"], "--difference nan must be a number other than 0"),
        (["--label", "3"], "--label needs --out FILE"),
        (["--label", "3", "--out", "x.csv", "--human", "h.csv"], "require --difference D"),
        (["--label", "3", "--out", "x.csv", "-m", "chrF"], "require --difference D"),
        (["--difference", "1", "--column", "score"], "require --human FILE"),
        (["--difference", "1", "--out", "x.csv"], "require --label"),
        (["--label", "3", "--out", "taken.csv"], "refusing to overwrite"),
        (["--difference", "1", "--baseline", "nobody"], "no system 'nobody'"),
        (["--difference", "1", "--human", "h.csv", "-m", "chrF"], "--metric or --human"),
    ],
)
def test_wrong_options(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    evalkit.save_results(results, "run")
    Path("taken.csv").write_text("mine")
    done = CliRunner().invoke(commands, ["plan", "run", *arguments])
    assert done.exit_code != 0
    assert message in str(done.exception)
    assert Path("taken.csv").read_text() == "mine"
