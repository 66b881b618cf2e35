"""The content of a report, compared with the statistics that it shows."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import given, strategies as st

from evalkit import BLEU, Health, SettingError, stats
from evalkit.metrics.base import Finding
from evalkit.printable import printable
from evalkit.reports import limits
from evalkit.reports.embedding import link, script_json
from evalkit.reports.narrative import join, p_text, plain
from evalkit.reports.page_template import render_page
from evalkit.reports.tables import Cell, Table
from evalkit.reports.view import build, choose_baseline
from evalkit.results.evidence import ALL_PAIRS, gather_all
from evalkit.results.results import Results
from evalkit.results.task_results import ScoredMetric

from .made_up import GOOD, OTHER, POOR, SOURCES, Share, benchmark, reading, results, with_findings


def test_the_leaderboard_shows_what_the_statistics_say() -> None:
    found = results(bench=benchmark(articles=None))
    task = found.tasks[0]
    view = build(found).tasks[0]
    compared = stats.compare(
        task.statistics["BLEU"],
        task.metric("BLEU").metric.score,
        groups=task.groups(),
        test=stats.Test(seed=found.seed),
    )
    ranking = stats.clusters_of(compared)
    assert [row.system for row in view.rows] == [task.systems[i] for i in ranking.order]
    for row in view.rows:
        i = task.systems.index(row.system)
        low, high = int(ranking.rank_low[i]), int(ranking.rank_high[i])
        assert row.cells[0].ranks == (str(low) if low == high else f"{low}–{high}")
        assert row.cells[0].cluster == ranking.cluster[i]
        assert row.cells[0].text == f"{task.corpus('BLEU')[i]:.2f}"
        assert row.cells[0].value == pytest.approx(task.corpus("BLEU")[i])
    assert [row.cells[0].best for row in view.rows] == [True, False, False]


def test_names_at_the_beginning_of_a_note_keep_their_case() -> None:
    found = results(bench=benchmark(articles=None))
    names = ("draft", *found.tasks[0].systems[1:])
    missing = {"draft": found.tasks[0].ids[:1]}
    task = dataclasses.replace(found.tasks[0], systems=names, missing=missing, texts=None, findings={})
    notes = build(dataclasses.replace(found, tasks=(task,))).tasks[0].notes
    assert "draft: 1 missing output scored as empty" in notes


def test_the_bar_holds_the_score_and_keeps_the_order_of_the_numbers() -> None:
    for row in build(results()).tasks[0].rows:
        for cell in row.cells:
            assert cell.bar is not None
            low, at, high = cell.bar
            assert 0 <= low <= at <= high <= 100


def test_a_pair_turned_is_the_pair_of_the_other_side() -> None:
    found = results(bench=benchmark(articles=None))
    evidence = gather_all(found.tasks[0], 0, found.seed)["BLEU"]
    assert evidence.pairs
    for (i, j), pair in evidence.pairs.items():
        other = evidence.pairs[j, i]
        assert pair.difference is not None and other.difference is not None
        assert pair.difference == -other.difference
        assert (pair.low, pair.high) == (-(other.high or 0.0), -(other.low or 0.0))
        assert {pair.verdict, other.verdict} in ({"better", "worse"}, {"open"})


def test_equal_systems_are_called_the_same() -> None:
    evidence = gather_all(results({"a": GOOD, "b": GOOD, "c": POOR}).tasks[0], 0, 1)["BLEU"]
    pair = evidence.pairs.get((0, 1))
    assert pair is not None and pair.verdict == "same" and pair.difference == 0


@pytest.mark.parametrize(
    ("systems", "asked", "expected"),
    [
        (["a", "b", "c"], "c", "c"),
        (["poor", "good"], None, "poor"),
        (["poor", "Baseline", "good"], None, "Baseline"),
        (["poor", "good", "other"], None, "good"),
    ],
)
def test_the_baseline(systems: list[str], asked: str | None, expected: str) -> None:
    texts = {"good": GOOD, "other": OTHER, "poor": POOR}
    task = results({name: texts.get(name, OTHER) for name in systems}).tasks[0]
    assert task.systems[choose_baseline(task, asked)] == expected


def test_an_unknown_baseline_is_refused() -> None:
    with pytest.raises(SettingError, match="no system 'nobody'"):
        build(results(), baseline="nobody")


def test_what_got_worse_is_what_the_article_scores_say_worst_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = results()
    task = found.tasks[0]
    view = build(found, baseline="good").tasks[0]
    shares = {}
    for metric in ("BLEU", "chrF"):
        values = task.by_article(metric)
        for s, system in enumerate(task.systems):
            for a, article in enumerate(task.article_names()):
                drop = float(values[0, a] - values[s, a])
                if round(drop, 2) > 0:
                    shares[found.titles.get(article, article), system, metric] = drop / float(np.ptp(values))
    rows = [tuple(cell.text for cell in row) for row in view.worse.rows]
    assert [row[:3] for row in rows] == sorted(shares, key=lambda key: -shares[key])
    assert rows[0][1] == "poor"
    assert view.worse.note == ""
    monkeypatch.setattr(limits, "WORSE", 2)
    few = build(found, baseline="good").tasks[0].worse
    assert [tuple(cell.text for cell in row) for row in few.rows] == rows[:2]
    assert few.note == f"and {len(rows) - 2} smaller ones"


def test_the_page_lists_what_the_article_scores_say_for_every_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    found = results()
    task = found.tasks[0]
    monkeypatch.setattr(limits, "WORSE", 1)
    view = build(found, baseline="good").tasks[0]
    order = [task.systems.index(name) for name in view.model["systems"]]
    for metric in view.model["metrics"]:
        values = task.by_article(metric["label"])[order]
        for baseline, (number, worst) in enumerate(metric["worse"]):
            changes = values - values[baseline]
            assert number == (np.round(changes, 2) < 0).sum()
            for article, system, change in worst:
                assert view.model["articles"][article]["id"] == task.article_names()[article]
                assert change == round(changes.min(), 2) == round(changes[system, article], 2)
            assert len(worst) == min(number, 1)


def test_the_model_has_the_scores_of_every_article_and_segment() -> None:
    found = results()
    task = found.tasks[0]
    view = build(found).tasks[0]
    order = [task.systems.index(name) for name in view.model["systems"]]
    for a, article in enumerate(view.model["articles"]):
        for m, label in enumerate(("BLEU", "chrF")):
            assert article["scores"][m] == pytest.approx(task.by_article(label)[order, a], abs=0.0051)
    segments = [s for block in view.texts.values() for s in json.loads(block)["segments"]]
    assert [s["id"] for s in segments] == list(task.ids)
    for i, segment in enumerate(segments):
        assert segment["source"] == SOURCES[i]
        assert segment["scores"][0] == pytest.approx(task.by_segment("BLEU")[order, i], abs=0.0051)


def test_undefined_scores_are_null_and_never_the_best() -> None:
    found = results(metrics=[Share()])
    task = found.tasks[0]
    rows = task.statistics["Share"].copy()
    rows[1] = 0
    view = build(dataclasses.replace(found, tasks=(dataclasses.replace(task, statistics={"Share": rows}),))).tasks[0]
    row = view.rows[-1]
    assert (row.system, row.cells[0].text, row.cells[0].value, row.cells[0].best) == ("other", "–", None, False)
    json.loads(view.texts[0])
    assert "other" not in plain(view.verdict[0])


def test_one_system_and_one_segment() -> None:
    bench = benchmark(articles=("a",), sources=SOURCES[:1])
    view = build(results({"only": GOOD[:1]}, bench=bench)).tasks[0]
    assert view.rows[0].cells[0].bar is None
    assert any("only one segment" in note for note in view.notes)
    assert plain(view.verdict[0]).startswith("only scores ")
    two = build(results({"a": GOOD[:1], "b": POOR[:1]}, bench=bench)).tasks[0]
    assert plain(two.verdict[0]).startswith("On this one article a scores better on BLEU than b")


def test_a_few_articles_support_no_statement_about_systems() -> None:
    view = build(results()).tasks[0]
    assert [plain(sentence) for sentence in view.verdict] == [
        "On these two articles good scores better on BLEU than other (BLEU 88.55 against 50.71); "
        "this is no evidence about systems in general."
    ]
    assert {cell.cluster for row in view.rows for cell in row.cells} == {None}
    assert all(pair.p_corrected is None for e in view.evidence.values() for pair in e.pairs.values())
    assert "p " not in " ".join(view.notes)


def test_an_unusable_system_is_named_before_any_rank() -> None:
    refusals = ["图书馆"] * len(GOOD)
    view = build(results({"good": GOOD, "refuses": refusals}, metrics=[BLEU(), Health()])).tasks[0]
    assert plain(view.verdict[0]) == "refuses is not usable: 6 of 6 outputs fail Health."
    assert plain(view.verdict[1]).startswith("good scores ")
    assert {entry.row.system for entry in view.read_first} == {"good"}


def test_outputs_to_read_first_mark_the_place_that_is_wrong() -> None:
    view = build(reading()).tasks[0]
    entries = [entry for entry in view.read_first if entry.row.errors]
    assert entries
    marked = {name: [part for part, wrong in parts if wrong] for name, _, parts in entries[0].excerpts}
    assert marked == {"source": ["一千二百"], "reference": [], "poor": ["1,000"]} or marked["poor"]
    assert all(entry.link for entry in view.read_first)


def test_more_systems_than_pairs_can_be_drawn_for(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"s{i:02d}": [f"{text} {i}" for text in GOOD] for i in range(ALL_PAIRS + 5)}
    monkeypatch.setattr(limits, "SYSTEMS", 10)
    view = build(results(many, metrics=[BLEU()]), baseline="s03").tasks[0]
    assert len(view.rows) == ALL_PAIRS + 5
    assert len(view.model["systems"]) == 10
    assert "s03" in view.model["systems"]
    assert not view.model["pairs"]
    assert all(row.cells[0].delta for row in view.rows if row.system != "s03")


def test_what_does_not_fit_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = results()
    monkeypatch.setattr(limits, "TEXTS", 1500)
    report = build(found)
    assert len(report.tasks[0].texts) < 2
    assert any("the texts of" in item for item in report.left_out)
    monkeypatch.setattr(limits, "TEXTS", 0)
    nothing = build(found)
    assert not nothing.tasks[0].texts
    assert not any(getattr(cell, "link", None) for t in nothing.tasks[0].heat for row in t.rows for cell in row)


def test_a_long_text_is_cut_and_says_by_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    long = ["x" * 1000, *GOOD[1:]]
    monkeypatch.setattr(limits, "TEXT", 100)
    view = build(results({"long": long, "poor": POOR})).tasks[0]
    block = json.loads(view.texts[0])
    assert block["segments"][0]["outputs"][view.model["systems"].index("long")] == ["x" * 100, 900]


def test_without_articles_segments_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = benchmark(articles=None)
    monkeypatch.setattr(limits, "CHUNK", 4)
    view = build(results(bench=bench)).tasks[0]
    assert [a["title"] for a in view.model["articles"]] == ["Segments 1 to 4", "Segments 5 to 6"]
    assert not view.heat
    assert not view.worse.rows and not view.worse.note


def test_spans_are_counted_as_a_browser_counts() -> None:
    outputs = ["😀😀 twenty thousand", *GOOD[1:]]
    finding = Finding("matched", "ok", "m", (3, 5), (3, 9), "k")
    found = with_findings(results({"a": outputs, "b": POOR}), "BLEU", {"a": {0: [finding]}})
    block = json.loads(build(found).tasks[0].texts[0])
    source, output = block["segments"][0]["findings"][0][5:7]
    assert source == [3, 5]
    utf16 = outputs[0].encode("utf-16-le")
    assert utf16[2 * output[0] : 2 * output[1]].decode("utf-16-le") == outputs[0][3:9] == "twenty"


def test_a_span_outside_its_text_is_dropped() -> None:
    finding = Finding("added", "error", "m", None, (3, 9999), "k")
    found = with_findings(results(), "BLEU", {"good": {0: [finding]}})
    block = json.loads(build(found).tasks[0].texts[0])
    assert block["segments"][0]["findings"][0][6] is None


@given(st.text(st.characters(codec="utf-8")))
def test_json_in_a_script_is_the_same_json_and_cannot_end_the_script(text: str) -> None:
    written = script_json({"text": text})
    assert printable(written) == written
    assert json.loads(written) == {"text": text}
    assert not set("<>&\u2028\u2029") & set(written)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4))
def test_a_link_can_be_read_back(names: list[str]) -> None:
    parts = link("task/1", names[0], names, "s+1").removeprefix("#").split("/")
    assert [unquote(part) for part in (parts[0], parts[1], parts[3])] == ["task/1", names[0], "s+1"]
    assert [unquote(part) for part in parts[2].split("+")] == names


@pytest.mark.parametrize(
    ("p", "text"), [(0.0001, "p < .001"), (0.004, "p = .004"), (0.05, "p = .050"), (0.83, "p = .830"), (1.0, "p = 1")]
)
def test_p_values_as_papers_print_them(p: float, text: str) -> None:
    assert p_text(p).replace("\N{NO-BREAK SPACE}", " ") == text


def test_without_tests_equal_scores_share_a_rank_and_an_undefined_one_has_none() -> None:
    base = results().tasks[0]
    means = {"a": 0.2, "b": 0.9, "c": 0.5, "d": 0.9, "e": math.nan}
    rows = np.array(
        [[[np.nan_to_num(mean), 0.0 if math.isnan(mean) else 1.0]] * len(base.ids) for mean in means.values()]
    )
    task = dataclasses.replace(
        base,
        systems=tuple(means),
        statistics={"Share": rows},
        metrics=(ScoredMetric("Share", Share()),),
        texts=None,
        findings={},
    )
    view = build(dataclasses.replace(results(), tasks=(task,)))
    assert {row.system: row.cells[0].ranks for row in view.tasks[0].rows} == {
        "b": "1",
        "d": "1",
        "c": "3",
        "a": "4",
        "e": "–",
    }


def test_a_name_from_right_to_left_does_not_reorder_what_stands_beside_it() -> None:
    cells = (Cell("\u05d0\u05d1, \u05d2: 40"), Cell("<b>"))
    slices = Table("t", ("\u0646\u0635 (14, 14 articles)", "\u05d0\u05d1 12 & x"), (cells,))
    page = render_page("duel.html.j2", style="report.css", duels=[("\u0646\u0635", [slices])])
    assert "<bdi>\u0646\u0635</bdi> (14, 14 articles)" in page
    assert "<bdi>\u05d0\u05d1</bdi> 12 &amp; x" in page
    assert "<bdi>\u05d0\u05d1, \u05d2</bdi>: 40" in page
    assert "<td>&lt;b&gt;</td>" in page


def test_names_are_joined() -> None:
    assert join(["a"]) == "a"
    assert join(["a", "b"]) == "a and b"
    assert join(list("abcd")) == "a, b, c and d"
    assert join(list("abcde")) == "a, b, c and 2 more"


def _pulled(gap: float, noise: float = 1.0) -> Results:
    """Two systems whose segments differ by a known amount, on 40 segments."""
    from evalkit.results.task_results import TaskResults

    base = results().tasks[0]
    rng = np.random.default_rng(7)
    n = 40
    rows = np.zeros((2, n, len(base.metric("chrF").metric.columns)))
    rows[:] = base.statistics["chrF"][1, rng.integers(0, 6, n)]
    rows[0, : int(gap * n)] = base.statistics["chrF"][0, 0]
    rows[1, : int(gap * n)] = base.statistics["chrF"][2, 0]
    task = TaskResults(
        name="t", lang="en", source_lang="zh", kind="translation", fingerprint="0", systems=("A", "B"),
        ids=tuple(map(str, range(n))), articles=None, metrics=(ScoredMetric("chrF", base.metric("chrF").metric),),
        statistics={"chrF": rows},
    )  # fmt: skip
    return Results("b", "0", (task,))


def test_the_verdict_says_better_only_where_the_test_does() -> None:
    clear = plain(build(_pulled(1.0)).tasks[0].verdict[0])
    assert clear.startswith("A is better than B on chrF: ")
    assert clear.endswith(f"{p_text(0)}.")
    unclear = plain(build(_pulled(0.05)).tasks[0].verdict[0])
    assert unclear.startswith("A and B show no significant difference on chrF: ")


def test_the_reading_room_gets_every_finding() -> None:
    view = build(reading()).tasks[0]
    kinds = [
        f[2] for block in view.texts.values() for s in json.loads(block)["segments"] for f in s.get("findings", ())
    ]
    assert sorted(kinds) == sorted(
        ["matched", "matched", "wrong-value", "wrong-value", "missing", "cut-off", "carried", "contradicted", "missing"]
    )


def test_no_number_of_a_page_is_not_finite() -> None:
    for row in build(results()).tasks[0].rows:
        assert all(cell.value is None or math.isfinite(cell.value) for cell in row.cells)


def test_the_documented_limits_are_the_limits(repository: Path) -> None:
    page = (repository / "docs" / "report.md").read_text(encoding="utf-8")
    rows = [line for line in page.partition("## What it contains")[2].splitlines() if line.startswith("|")][2:]
    numbers = [int(re.findall(r"\d[\d,]*", row)[0].replace(",", "")) for row in rows]
    assert numbers == [
        limits.TEXTS // 1_000_000, limits.TEXT, limits.SYSTEMS, limits.ARTICLES, limits.HEAT_SYSTEMS, ALL_PAIRS
    ]  # fmt: skip


def _judged(third: bool) -> Results:
    """A is better than B where both are judged, but not with B's unjudged segments at their best; C is clearly worse."""
    from evalkit.results.task_results import TaskResults

    n, lost = 60, 25
    values = np.concatenate([np.tile([0.62, 0.66], n // 2), np.tile([0.5, 0.52], n // 2), np.zeros(n)]).reshape(3, n)
    rows = np.stack([values, np.ones_like(values)], axis=-1)
    rows[1, :lost] = 0.0
    systems = ("A", "B", "C") if third else ("A", "B")
    task = TaskResults(
        name="t", lang="en", source_lang="zh", kind="translation", fingerprint="0", systems=systems,
        ids=tuple(map(str, range(n))), articles=None, metrics=(ScoredMetric("Mean", Share()), ScoredMetric("Twin", Share())),
        statistics={"Mean": rows[: len(systems)], "Twin": rows[: len(systems)]},
        undefined={label: {"B": dict.fromkeys(range(lost), "timed out")} for label in ("Mean", "Twin")},
    )  # fmt: skip
    return Results("b", "0", (task,))


def test_a_comparison_that_depends_on_unjudged_segments_says_so() -> None:
    pair = build(_judged(third=False)).tasks[0]
    assert [plain(sentence) for sentence in pair.verdict] == [
        "Whether A is better than B on Mean depends on 25 unjudged segments: 0.640 against 0.510.",
        "On Twin the comparison with B depends on unjudged segments.",
    ]
    several = build(_judged(third=True), baseline="C").tasks[0]
    assert plain(several.verdict[0]) == (
        "A leads on Mean (0.640); whether it is better than B depends on 25 unjudged segments; it is better than C."
    )
    against = build(_judged(third=True), baseline="B").tasks[0]
    assert "1 is undecided because of unjudged segments" in plain(against.verdict[-1])


def test_outputs_with_the_best_score_there_is_need_no_reading() -> None:
    from .made_up import REFERENCES

    view = build(results({"same": REFERENCES, "poor": POOR})).tasks[0]
    assert {entry.row.system for entry in view.read_first} == {"poor"}
