"""Scores by slice: the same slices for all systems, a test of the interaction, shares that add up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from gate.making import bench, noisy, references, results, sentences

from evalkit.errors import SettingError
from evalkit.metrics.source_traits import count_names, count_quantities
from evalkit.reports import render_as, terminal
from evalkit.reports.slice_tables import slice_tables
from evalkit.results.results import Results
from evalkit.results.run_folder import save_results
from evalkit.results.slices import MACRO, slice_names


@pytest.fixture(scope="module")
def made() -> Results:
    """``good`` is better than ``base`` in the domain ``news`` only."""
    b = bench(60, 12)
    texts = references(b)
    base = noisy(texts, 0.5, 1)
    good = [*noisy(texts[:30], 0.1, 2), *noisy(texts[30:], 0.5, 3)]
    found = results(b, {"base": base, "good": good}, ("ROUGE-L", "chrF"))
    fields = {"domain": ("news",) * 30 + ("speech",) * 24 + ("social",) * 6}
    return replace(found, tasks=(replace(found.tasks[0], fields=fields),))


def test_each_slice_has_the_score_of_its_segments(made: Results) -> None:
    rows = made.slices("domain", metric="chrF")
    task = made.tasks[0]
    assert [row.slice for row in rows[::2]] == ["news", "speech", "social", MACRO]
    for row, part in zip(rows[:6:2], (slice(0, 30), slice(30, 54), slice(54, 60)), strict=True):
        wanted = task.metric("chrF").metric.score(task.statistics["chrF"][0, part].sum(axis=0))
        assert row.score == pytest.approx(float(wanted))
        assert row.low is not None and row.low < row.score < row.high  # type: ignore[operator]
    assert [row.small for row in rows[::2]] == [False, False, True, False]
    assert rows[6].score == pytest.approx(np.mean([rows[i].score for i in (0, 2)]))  # social is too small


def test_differences_are_tested_against_the_rest_and_shares_of_a_mean_add_up(made: Results) -> None:
    rows = [row for row in made.slices("domain", metric="ROUGE-L", baseline="base") if row.system == "good"]
    news, speech, social, macro = rows
    assert news.p is not None and news.p < 0.01
    assert speech.p is not None and speech.difference is not None and abs(speech.difference) < 0.1
    whole = made.compare("base", metric="ROUGE-L")[0].difference
    assert news.share + speech.share + social.share == pytest.approx(whole)  # type: ignore[operator]
    assert macro.share is None and macro.difference == pytest.approx(
        np.mean([row.difference for row in rows[:2]])  # type: ignore[arg-type]
    )
    text = terminal.tables(list(slice_tables(made.slices("domain", baseline="base"), made)))
    assert "translate-en, chrF by domain: good against base" in text
    assert "Too few segments or articles to interpret, and not part of the macro-average: social" in text
    assert "news (30, 6 articles)" in text and "macro-average" in text


def test_slices_come_from_sources_and_references_and_unknown_ones_are_named(made: Results) -> None:
    assert slice_names(made.tasks[0]) == ["domain", "article", "length", "quantities", "names"]
    assert {row.slice for row in made.slices("length")} == {"short source", MACRO}
    assert {row.slice for row in made.slices("names")} == {"no names", MACRO}
    with pytest.raises(SettingError, match="no slices 'topic'; there are domain, article, length, quantities, names"):
        made.slices("topic")
    bare = replace(made, tasks=(replace(made.tasks[0], texts=None),))
    with pytest.raises(SettingError, match="the run kept no texts, which slices by length"):
        bare.slices("length")


def test_the_worst_segments_of_each_slice(made: Results) -> None:
    rows = made.worst("base", 2, by="domain")
    assert [row.slice for row in rows] == ["news"] * 2 + ["speech"] * 2 + ["social"] * 2
    assert rows[0].score <= rows[1].score  # type: ignore[operator]


def test_names_and_quantities_are_counted_in_the_source() -> None:
    assert count_names("The minister met Li Keqiang in Beijing. He left on Monday.", "en") == 4
    assert count_names("He left. They came: Nobody saw them.", "en") == 0
    assert count_names("李克强在北京", "zh") is None
    assert count_quantities("阿里巴巴销售板栗38吨，增长20%", "zh") == 2
    assert count_quantities("38 Tonnen", "de") is None


def test_the_command_line_prints_slices(
    made: Results, cli: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    save_results(made, tmp_path / "run")
    done = cli("compare", "run", "--baseline", "base", "--by", "length", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ROUGE-L by length: good against base" in done.stdout
    done = cli("compare", "run", "--baseline", "base", "--by", "length", "--format", "json", cwd=tmp_path)
    assert {row["slice"] for row in json.loads(done.stdout)} == {"short source", MACRO}
    done = cli("compare", "run", "--baseline", "base", "--by", "topic", cwd=tmp_path)
    assert done.returncode == 2 and "has no slices 'topic'" in done.stderr
    assert cli("compare", "run", "--by", "length", cwd=tmp_path).returncode == 2
    for unused in (["--trials", "500"], ["--confidence", "0.9"]):
        done = cli("compare", "run", "--baseline", "base", "--by", "length", *unused, cwd=tmp_path)
        assert done.returncode == 2 and f"{unused[0]} cannot be used with --by" in done.stderr
    done = cli("compare", "run", "--baseline", "base", "--by", "length", "--weights", "w.csv", cwd=tmp_path)
    assert done.returncode == 2 and "--weights requires --human" in done.stderr


def test_a_file_of_one_value_per_segment_makes_slices(
    cli: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    texts = sentences(12)
    for name, lines in {"ref.en": texts, "mine.en": noisy(texts, 0.3, 1), "domains": ["news", "speech"] * 6}.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = ("run", "mine.en", "--reference", "ref.en", "--lang", "zh-en", "-m", "chrF", "--out", "run")
    done = cli(*options, "--slices", "domain=domains", "--by", "domain", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "translate-en, chrF by domain" in done.stdout and "news (6; too few)" in done.stdout
    done = cli(*options, "--slices", "domains", "--by", "topic", cwd=tmp_path)
    assert done.returncode == 2 and "no slices 'topic'; there are domains" in done.stderr
    done = cli(*options, "--slices", "article=domains", "--by", "article", cwd=tmp_path)
    advice = "give the articles of the segments with --docids, or write another name, NAME=domains"
    assert done.returncode == 2 and f"domains: {advice}" in done.stderr
    (tmp_path / "domains").write_text("news\n")
    done = cli(*options, "--slices", "domains", "--by", "domains", cwd=tmp_path)
    assert done.returncode == 2 and "1 line, but translate-en has 12 segments" in done.stderr


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--by", "length", "--no-texts"], "the run kept no texts, which slices by length"),
        (["--by", "kind"], "no slices 'kind'; there are length"),
        (
            ["--by", "domain", "--slices", "domain=many"],
            "'domain' has 120 values, more than the 100 that slices may have",
        ),
        (["--by", "length", "--no-texts", "--format", "json"], "the run kept no texts"),
        (
            ["--by", "level", "--slices", "level=averages"],
            "a slice by 'level' is called 'macro-average', like the average",
        ),
    ],
)
def test_slices_that_no_task_has_are_refused_before_anything_is_scored(
    more: list[str], message: str, cli: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    texts = sentences(120)
    files = {
        "ref.en": texts,
        "mine.en": noisy(texts, 0.3, 1),
        "many": map(str, range(120)),
        "averages": [MACRO, "x"] * 60,
    }
    for name, lines in files.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = cli("run", "mine.en", "--reference", "ref.en", "--lang", "zh-en", "-m", "chrF", *more, cwd=tmp_path)
    assert done.returncode == 2 and message in done.stderr and not done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["averages", "many", "mine.en", "ref.en"]


def test_reports_show_the_slices_that_were_asked_for(made: Results) -> None:
    for text in (
        render_as(made, "html", baseline="base", by="domain"),
        render_as(made, "markdown", baseline="base", by="domain"),
    ):
        assert "translate-en, chrF by domain: good against base" in text
        assert "news (30, 6 articles)" in text and "social (6, 2 articles; too few)" in text
        assert "whether the difference in the slice differs from that in the rest" in text
    assert r"\." not in render_as(made, "markdown", by="domain").partition("by domain")[2]
    assert "by domain" not in render_as(made, "html") + render_as(made, "markdown")
    with pytest.raises(SettingError, match="there are domain, article"):
        render_as(made, "html", by="weather")


def test_one_system_has_an_interval_in_each_slice(made: Results) -> None:
    task = made.tasks[0]
    statistics = {label: rows[:1] for label, rows in task.statistics.items()}
    alone = replace(
        made, tasks=(replace(task, systems=task.systems[:1], statistics=statistics, findings={}, texts=None),)
    )
    (table, _) = slice_tables(alone.slices("domain"), alone)
    assert table.header == ("domain", "score", "95% interval")
    assert [cell.faded for cell in table.rows[2]] == [True] * 3
    assert " to " in table.rows[0][2].text


def test_the_report_command_shows_slices(
    cli: Callable[..., CompletedProcess[str]], made: Results, tmp_path: Path
) -> None:
    save_results(made, tmp_path / "run")
    done = cli("report", "run", "--by", "domain", "--baseline", "base", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "chrF by domain: good against base" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    table = cli("report", "run", "--by", "length", "--format", "table", cwd=tmp_path)
    assert "translate-en, ROUGE-L by length" in table.stdout
    for options, what in (
        (["--by", "weather"], "there are domain, "),
        (["--by", "domain", "--format", "csv"], "no slices"),
    ):
        wrong = cli("report", "run", *options, cwd=tmp_path)
        assert (wrong.returncode, wrong.stdout) == (2, "") and what in wrong.stderr
