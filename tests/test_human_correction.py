"""Human scores of some segments correct the metrics: results, table and command."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from made_words import MadeWords

import evalkit
from evalkit.cli.app import cli as commands
from evalkit.data.human import read_weights
from evalkit.errors import InputError
from evalkit.reports.human_score_tables import correction_tables
from evalkit.results.human_correction import corrected_differences
from evalkit.results.results import Results
from evalkit.stats import corrected_mean

N = 120


@pytest.fixture(scope="module")
def results() -> Results:
    made = MadeWords(N, 6)
    systems = {"good": made.worse(0.2), "middle": made.worse(0.3), "bad": made.worse(0.5)}
    return evalkit.run(made.benchmark, systems, metrics=["chrF", "TER"])


@pytest.fixture(scope="module")
def human(results: Results) -> dict[str, np.ndarray]:
    """People see what chrF sees, and more; they label half of the segments."""
    rng = np.random.default_rng(6)
    task = results.task()
    kept = rng.random(N) < 0.5
    return {
        name: np.where(kept, 50 + scores / 2 + rng.normal(0, 5, N), np.nan)
        for name, scores in zip(task.systems, task.by_segment("chrF"), strict=True)
    }


def test_every_pair_is_the_corrected_mean_of_the_differences(results: Results, human: dict[str, np.ndarray]) -> None:
    task = results.task()
    rows = corrected_differences(results, human)
    assert [(r.metric, r.system, r.baseline) for r in rows[:3]] == [
        ("chrF", "good", "middle"),
        ("chrF", "good", "bad"),
        ("chrF", "middle", "bad"),
    ]
    for row in rows:
        sign = -1 if row.metric == "TER" else 1
        a, b = (task.system_index(name) for name in (row.system, row.baseline))
        scores = sign * task.by_segment(row.metric)
        # Where both wrote the same the difference is 0, and nobody needs to say so.
        assert task.texts is not None
        pairs = zip(task.texts.outputs[row.system], task.texts.outputs[row.baseline], strict=True)
        differs = np.array([first != second for first, second in pairs])
        labels = human[row.system] - human[row.baseline]
        groups = task.groups()
        assert groups is not None
        naive = corrected_mean((scores[a] - scores[b])[differs], labels[differs], groups[differs])
        assert (row.difference, row.low) == pytest.approx((differs.mean() * naive.value, differs.mean() * naive.low))
        assert (row.p, row.rho2, row.segments) == (naive.p, naive.rho2, differs.sum())
        assert row.unit == "article"
        assert row.p_corrected is not None
        assert row.p is not None
        assert row.p_corrected >= row.p
    assert rows[1].better == "good"
    without = dataclasses.replace(results, tasks=(dataclasses.replace(task, texts=None),))
    assert corrected_differences(without, human)[0].segments == N
    against = corrected_differences(results, human, baseline="good", metric="TER")
    assert [(r.system, r.baseline) for r in against] == [("middle", "good"), ("bad", "good")]
    assert against[1].better == "good"
    with pytest.raises(InputError, match="people judged good of the run; human scores of two systems are needed"):
        corrected_differences(results, {"good": human["good"], "other": human["bad"]})


def test_what_the_metric_saves_comes_first(results: Results, human: dict[str, np.ndarray]) -> None:
    rows = [row for row in corrected_differences(results, human) if row.metric == "chrF"]
    (one,) = correction_tables(rows[:1])
    assert rows[0].rho2 is not None
    assert rows[0].saved is not None
    assert one.title == (
        f"translate-en, chrF; rho² = {rows[0].rho2:.2f}: the metric saves {100 * rows[0].saved:.0f}% of the labels"
    )
    (table,) = correction_tables(rows)
    rho2, saved = (sorted(getattr(row, name) or 0 for row in rows) for name in ("rho2", "saved"))
    assert f"rho² = {rho2[0]:.2f} to {rho2[-1]:.2f}: the metric saves" in table.title
    assert f"{100 * saved[0]:.0f}% to {100 * saved[-1]:.0f}% of the labels" in table.title
    few = {name: np.where(np.arange(N) < 8, 1.0 + np.arange(N), np.nan) for name in human}
    (none,) = correction_tables([row for row in corrected_differences(results, few) if row.metric == "chrF"])
    assert none.title == "translate-en, chrF"
    assert "labeled segments: 8; at least 10 are needed" in none.note
    assert {row[6].text for row in none.rows} == {"–"}


def test_yes_and_no_have_sensitivity_and_specificity(results: Results, human: dict[str, np.ndarray]) -> None:
    task = results.task()
    rng = np.random.default_rng(7)
    truth = rng.random((3, N)) < [[0.8], [0.6], [0.4]]
    verdicts = truth ^ (rng.random((3, N)) < 0.1)
    chrf = task.metric("chrF")

    class Verdict:
        """The share of segments that a judge accepts."""

        higher_is_better = True

        def score(self, sums: np.ndarray) -> np.ndarray:
            return np.asarray(sums[..., 0] / sums[..., 1])

    scored = dataclasses.replace(chrf, label="accepted", metric=Verdict())
    rows = np.stack([verdicts.astype(float), np.ones((3, N))], axis=-1)
    made = dataclasses.replace(task, metrics=(scored,), statistics={"accepted": rows})
    labels = {name: np.where(np.isnan(human["good"]), np.nan, truth[i]) for i, name in enumerate(task.systems)}
    found = corrected_differences(dataclasses.replace(results, tasks=(made,)), labels)
    kept = ~np.isnan(human["good"])
    both, said = truth[:2, kept].reshape(-1), verdicts[:2, kept].reshape(-1)
    assert found[0].sensitivity == pytest.approx(said[both].mean())
    assert found[0].specificity == pytest.approx((~said)[~both].mean())


def test_the_command(results: Results, human: dict[str, np.ndarray], tmp_path: Path) -> None:
    evalkit.save_results(results, tmp_path / "run")
    lines = ["system,id,score"]
    lines += [
        f"{name},{i},{v:.3f}" for name, scores in human.items() for i, v in enumerate(scores) if not math.isnan(v)
    ]
    (tmp_path / "human.csv").write_text("\n".join(lines) + "\n")
    arguments = ["compare", str(tmp_path / "run"), "--human", str(tmp_path / "human.csv"), "--higher-is-better", "yes"]
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 0, done.output
    shown = [" ".join(line.split()) for line in done.output.splitlines()]
    labels = int((~np.isnan(human["good"])).sum())
    assert any(line.startswith("translate-en, chrF; rho² = 0.") and line.endswith("of the labels") for line in shown)
    assert any(line.startswith(f"good bad {labels}/120 0.") and line.endswith("<.001 good") for line in shown)
    (tmp_path / "weights.csv").write_text("id,weight\n" + "".join(f"{i},{1 + i % 3}\n" for i in range(N)))
    (tmp_path / "few.csv").write_text("id,weight\n1,1\n")
    weighted = CliRunner().invoke(
        commands, [*arguments, "--weights", str(tmp_path / "weights.csv"), "--format", "json", "-m", "chrF"]
    )
    rows = json.loads(weighted.stdout)
    expected = corrected_differences(results, human, metric="chrF", weights=1.0 + np.arange(N) % 3)
    assert [row["difference"] for row in rows] == pytest.approx([row.difference for row in expected], abs=1e-3)
    for wrong, message in (
        (["--compat", "sacrebleu"], "--compat cannot be used with --human"),
        (["--method", "bootstrap", "--correction", "none"], "--correction and --method cannot be used with --human"),
        (["--by", "article", "--baseline", "bad"], "--by or --human"),
        (["--weights", str(tmp_path / "few.csv")], "has human scores but no weight; name it in --weights"),
    ):
        done = CliRunner().invoke(commands, [*arguments, *wrong])
        assert message in str(done.exception)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,weight\nx,1\n", r"weights\.csv:2: no segment 'x' in the run, which has 4 segments \(1, 2, 3 and 1 more\)"),
        ("id,weight\n1,0\n", r"weights\.csv:2: the weight is 0; it must be above 0"),
        ("id,share\n1,0\n", "the columns id and weight are needed"),
        ("id,weight\n1,many\n", r"weights\.csv:2: .*'many'"),
    ],
)
def test_wrong_weights(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "weights.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_weights(tmp_path / "weights.csv", ["1", "2", "3", "4"])
