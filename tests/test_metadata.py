"""Declarations about systems and benchmarks: recorded, shown where they matter, without any effect on scores."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import logging
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import evalkit
from evalkit.errors import SettingError
from evalkit.leaderboard.history import History, append, entries_of
from evalkit.reports import markdown, render_as, terminal, timeline_page
from evalkit.results.metadata import Metadata, SystemMetadata, metadata_notes, read_metadata
from evalkit.results.results import Results

CANARY = "EVALKIT-TEST-CANARY 26b5c67b"
FILE = f"""
[benchmark]
released = 2023-08-30
canary = "{CANARY}"

[systems.mine]
tuned_on = "chrF"
training_cutoff = "2023-08"

[systems."my other"]
reranked_with = ["BLEURT", "ROUGE"]
training_cutoff = "2023-07"
"""


def scored(metadata: Any, *, metrics: tuple[str, ...] = ("chrF", "BLEU"), source: str = "猫") -> Results:
    rows = [
        {"id": "a", "source": source, "references": ["The cat sat on the mat."]},
        {"id": "b", "source": "狗跑了。", "references": ["The dog ran."]},
    ]
    outputs = {"mine": ["The cat sat.", "The dog."], "my other": [f"The cat. {CANARY}", "A dog ran."]}
    bench = evalkit.Benchmark.from_dataset(rows, lang="zh-en")
    return evalkit.run(bench, outputs, metrics=metrics, metadata=metadata)


def notes(metadata: Any, **settings: Any) -> list[str]:
    return list(metadata_notes(scored(metadata, **settings).tasks[0]))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "metadata.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_each_declaration_that_matters_is_one_sentence(file: Path) -> None:
    assert notes(file) == [
        "mine was tuned on chrF: expect chrF, by which this table is ranked, to overstate the quality",
        "mine has a training cutoff of 2023-08, and the benchmark was released on 2023-08-30: its training data may "
        "contain the references",
        "the benchmark's canary is in 1 output of my other (a): its training data contained the benchmark",
    ]


def test_scores_tests_and_ranks_stay_as_they_are(file: Path) -> None:
    plain, declared = scored(None), scored(file)
    assert plain.scores().to_dicts() == declared.scores().to_dicts()
    assert plain.compare().to_dicts() == declared.compare().to_dicts()
    assert plain.fingerprint == declared.fingerprint


def test_the_reports_show_them(file: Path) -> None:
    results = scored(file)
    for note in metadata_notes(results.tasks[0]):
        page = re.sub(r"<[^>]*>", "", render_as(results, "html")).replace("&#39;", "'")
        assert note[1:] in page
        assert markdown.escape(note[1:]) in render_as(results, "markdown")
        assert note in terminal.render(results)
    assert '<span class="badge alert">tuned on chrF</span>' in render_as(results, "html")


def test_the_run_folder_keeps_them(file: Path, tmp_path: Path) -> None:
    results = scored(file)
    folder = evalkit.save_results(results, tmp_path / "run")
    written = json.loads((folder / "run.json").read_text(encoding="utf-8"))["metadata"]
    assert written["benchmark"] == {"released": "2023-08-30", "canary": [CANARY]}
    assert written["systems"]["mine"]["tuned_on"] == ["chrF"]
    assert list(metadata_notes(evalkit.load_results(folder).tasks[0])) == list(metadata_notes(results.tasks[0]))


@pytest.mark.parametrize(
    ("declared", "metric", "noticed"),
    [
        ("chrF", "chrF", True),
        ("CHRF", "chrF", True),
        ("chrF", "chrF(char_order=4)", True),
        ("chrF++", "chrF", True),
        ("ROUGE", "ROUGE-L", True),
        ("ROUGE-1", "ROUGE-2", False),
        ("BLEURT", "BLEU", False),
        ("TER", "chrF", False),
    ],
)
def test_a_name_covers_its_variants_and_nothing_else(declared: str, metric: str, noticed: bool) -> None:
    found = notes({"systems": {"mine": {"reranked_with": [declared]}}}, metrics=(metric,))
    assert found == ([f"mine was reranked with {declared}: expect {metric}, by which this table is ranked, to overstate "
                      "the quality"] if noticed else [])  # fmt: skip


@pytest.mark.parametrize(
    ("cutoff", "released", "noticed"),
    [
        ("2023", "2023-05", True),
        ("2023-05", "2023", True),
        ("2023-05-01", "2023-05-01", True),
        ("2023-04-30", "2023-05", False),
        ("2023-05-01", "2023-05", True),
        ("2023-01", "2023", True),
        ("2022-12-31", "2023", False),
        (date(2024, 2, 29), date(2024, 2, 29), True),
        (date(2024, 2, 28), date(2024, 2, 29), False),
        (2022, "2023", False),
    ],
)
def test_dates_are_compared_by_what_they_may_mean(cutoff: object, released: object, noticed: bool) -> None:
    declared = {"systems": {"mine": {"training_cutoff": cutoff}}, "benchmark": {"released": released}}
    assert bool(notes(declared)) is noticed


def test_a_source_with_the_canary_may_be_translated() -> None:
    assert not notes({"benchmark": {"canary": CANARY}}, source=f"猫 {CANARY}")


def test_a_column_of_the_benchmark_is_a_canary(cli: Callable[..., Any], tmp_path: Path) -> None:
    rows = [{"id": str(i), "source": "猫", "reference": "A cat.", "canary": CANARY} for i in range(2)]
    (tmp_path / "bench.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "out.en").write_text(f"A cat.\nCat {CANARY}\n", encoding="utf-8")
    done = cli("run", "--benchmark", "bench.jsonl", "--lang", "zh-en", "out.en", "-m", "chrF", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "canary is in 1 output of out (1)" in done.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[systems.mine]\ntunedon = 'chrF'", "unknown key 'tunedon'; did you mean tuned_on? The keys are"),
        ("[system.mine]\ntuned_on = 'chrF'", "unknown key 'system'; did you mean systems?"),
        ("[systems.mine]\ntuned_on = 3", 'systems.mine.tuned_on takes a list of texts, such as ["COMET"]'),
        ("[systems.mine]\ntuned_on = ['']", "systems.mine.tuned_on takes a list of texts"),
        ("[systems.mine]\nmodel = 4", "systems.mine.model is a number; give the name of a model"),
        ("[systems.mine]\ntraining_cutoff = '2023-13'", "is '2023-13'; write 2024, 2024-06 or 2024-06-30"),
        ("[benchmark]\nreleased = 'last May'", "benchmark.released is 'last May'; write 2024"),
        ("[benchmark]\ncanary = 'tweet'", "benchmark.canary 'tweet' is too short to identify a benchmark"),
        ("systems = 3", "systems is a number, not a table"),
        ("[systems]\nmine = 3", "systems.mine is a number, not a table"),
        ("[systems", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "metadata.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match=re.escape(message)):
        scored(path)


def test_a_file_may_cover_more_systems_than_the_run(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="evalkit")
    declared = read_metadata({"systems": {"mine": {}, "somebody else": {"tuned_on": ["chrF"]}}})
    assert list(declared.of(["mine", "my other"]).systems) == ["mine"]
    read_metadata({"systems": {"mino": {}}}).of(["mine", "my other"])
    assert [record.getMessage() for record in caplog.records] == [
        "metadata of 'somebody else' is not used, because this run has no such system",
        "metadata of 'mino' is not used, because this run has no such system; did you mean 'mine'?",
    ]
    assert read_metadata(None) == Metadata()


def test_a_metric_that_nobody_knows_is_told(caplog: pytest.LogCaptureFixture) -> None:
    names = ["CHRF++", "ROUGE", "comet-22", "mine(x=1)", "BLUE", "BLEURT"]
    read_metadata({"systems": {"a": {"tuned_on": names, "reranked_with": "MetricY"}}}).of(["a"], ["mine"])
    end = "is not a metric of evalkit or of this run, and has no effect; did you mean"
    assert [record.getMessage() for record in caplog.records] == [
        f"metadata of 'a': 'BLUE' {end} BLEU?",
        f"metadata of 'a': 'BLEURT' {end} BLEU?",
        f"metadata of 'a': 'MetricY' {end} MetricX?",
    ]


def test_the_command_line(cli: Callable[..., Any], tmp_path: Path, file: Path) -> None:
    for name, text in {
        "a.en": "The cat.\nThe dog.\n",
        "mine.en": "A cat.\nA dog.\n",
        "my other.en": "Cat\nDog\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    run = ("run", "--reference", "a.en", "--lang", "en", "mine.en", "my other.en", "-m", "chrF", "--metadata", file)
    done = cli(*run, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = "mine was tuned on chrF: expect chrF, by which this table is ranked, to overstate the quality"
    assert said in done.stdout
    assert said in cli("compare", "evalkit-results", cwd=tmp_path).stdout


def test_the_file_of_the_documentation_is_valid_and_names_every_key(repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs" / "how-to" / "metadata.md").read_text(encoding="utf-8")
    example = re.search(r'^```toml title="metadata.toml"\n(.*?)^```', page, re.DOTALL | re.MULTILINE)
    assert example is not None
    path = tmp_path / "metadata.toml"
    path.write_text(example[1], encoding="utf-8")
    declared = read_metadata(path)
    assert all(getattr(declared.benchmark, name) for name in declared.benchmark.__struct_fields__)
    assert all(getattr(declared.systems["my system"], name) for name in SystemMetadata.__struct_fields__)


TUNED = "mine was tuned on chrF: expect chrF, by which this table is ranked, to overstate the quality"
AT_THE_GATE = "translate-en: mine was tuned on chrF: expect chrF to overstate the quality."


def test_every_command_that_ranks_a_system_says_what_it_was_tuned_on(
    cli: Callable[..., Any], file: Path, tmp_path: Path
) -> None:
    evalkit.save_results(scored(file), tmp_path / "run")
    compared = cli("compare", "run", "-m", "chrF", cwd=tmp_path)
    assert f"translate-en: {TUNED}" in compared.stdout
    assert "canary" in compared.stdout and "BLEURT" not in compared.stdout
    other = cli("compare", "run", "-m", "BLEU", cwd=tmp_path)
    assert "tuned on" not in other.stdout and "training cutoff" in other.stdout
    as_json = cli("compare", "run", "-m", "chrF", "--format", "json", cwd=tmp_path)
    assert f"translate-en: {TUNED}" in as_json.stderr
    assert [row["metric"] for row in json.loads(as_json.stdout)] == ["chrF"]
    by = cli("compare", "run", "-m", "chrF", "--by", "length", "--baseline", "mine", cwd=tmp_path)
    assert f"translate-en: {TUNED}" in by.stdout, by.stderr
    assert cli("gate", "run", "--update", cwd=tmp_path).returncode == 0
    gate = cli("gate", "run", cwd=tmp_path)
    assert AT_THE_GATE in gate.stdout
    assert markdown.escape(AT_THE_GATE) in (tmp_path / "run" / "comment.md").read_text(encoding="utf-8")
    one = cli("gate", "run", "--system", "my other", cwd=tmp_path)
    assert "tuned on" not in one.stdout and "canary" in one.stdout
    assert cli("leaderboard", "h.jsonl", "run", cwd=tmp_path).returncode == 0
    assert f'<p class="soft">{TUNED}.</p>' in (tmp_path / "h.html").read_text(encoding="utf-8")
    assert cli("leaderboard", "h.jsonl", "--site", "site", cwd=tmp_path).returncode == 0
    latex = cli("report", "run", "--format", "latex", cwd=tmp_path)
    assert "mine was tuned on chrF: expect chrF, by which this table is ranked, to overstate" in latex.stdout


def test_csv_and_json_have_them_and_without_any_the_csv_is_as_before(file: Path) -> None:
    results = scored(file)
    assert json.loads(render_as(results, "json"))["declarations"] == {"translate-en": notes(file)}
    rows = list(csv.DictReader(io.StringIO(render_as(results, "csv"))))
    declared = {(row["system"], row["metric"]): row["declarations"] for row in rows if row["level"] == "corpus"}
    cutoff = "mine has a training cutoff of 2023-08, and the benchmark was released on 2023-08-30"
    assert declared["mine", "chrF"].startswith(
        f"mine was tuned on chrF: expect chrF to overstate the quality; {cutoff}"
    )
    assert declared["mine", "BLEU"].startswith(cutoff)
    assert "canary" in declared["my other", "BLEU"]
    assert not any(row["declarations"] for row in rows if row["level"] != "corpus")
    assert "declarations" not in render_as(scored(None), "csv").splitlines()[0]


def test_the_overview_of_a_site_says_what_its_leader_was_tuned_on() -> None:
    history = History(
        tuple(
            entries_of(
                dataclasses.replace(
                    scored({"systems": {"mine": {"tuned_on": ["chrF"]}}}), info={"created": "2026-01-02"}
                )
            )
        )
    )
    overview = timeline_page.render_site(history, "Site")["index.html"]
    assert f'<td class="text">mine<span class="interval">{TUNED}</span></td>' in overview
    assert "BLEU was" not in overview


def test_a_line_without_declarations_is_the_line_of_the_same_run_with_them(tmp_path: Path) -> None:
    made = dataclasses.replace(scored({"systems": {"mine": {"tuned_on": ["chrF"]}}}), info={"created": "2026-01-02"})
    plain = dataclasses.replace(scored(None), info={"created": "2026-01-02"})
    assert append(tmp_path / "h.jsonl", entries_of(plain)) == 2
    assert append(tmp_path / "h.jsonl", entries_of(made)) == 0
