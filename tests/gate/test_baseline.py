from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from evalkit.errors import IncomparableError, InputError
from evalkit.gate.baseline import _digest, baseline_of, check_alike, read_baseline, write_baseline
from evalkit.printable import printable
from gate.making import bench, noisy, references, results

NAMES = ("系统一", "نظام", "emoji 🚄")


@pytest.fixture(scope="module")
def run():  # type: ignore[no-untyped-def]
    b = bench(12, 4)
    texts = references(b)
    return results(b, {name: noisy(texts, 0.2, i) for i, name in enumerate(NAMES)}, ("BLEU", "ROUGE-L", "TER"))


def test_what_is_read_is_what_was_written(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = write_baseline(tmp_path / "b.json", baseline_of(run))
    read = read_baseline(path)
    task, old = run.tasks[0], read.tasks[0]
    assert (old.ids, tuple(old.systems)) == (task.ids, NAMES)
    assert old.articles is not None
    assert tuple(old.articles.names[i] for i in old.articles.of) == task.articles
    assert old.fingerprint == task.fingerprint and read.benchmark == run.benchmark
    for metric in task.metrics:
        for i, name in enumerate(NAMES):
            np.testing.assert_array_equal(old.rows(metric.label, name), task.statistics[metric.label][i])
        assert old.signatures[metric.label] == metric.signature
    assert write_baseline(tmp_path / "again.json", read).read_bytes() == path.read_bytes()
    json.loads(path.read_text(encoding="utf-8"))
    check_alike(run, read, NAMES)


def test_what_is_no_number_stays_none(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = baseline_of(run, [NAMES[1]])
    rows = made.tasks[0].systems[NAMES[1]]
    rows["TER"] = rows["TER"].copy()
    rows["TER"][3] = np.nan
    read = read_baseline(write_baseline(tmp_path / "b.json", made))
    assert read.systems == (NAMES[1],)
    np.testing.assert_array_equal(read.tasks[0].rows("TER", NAMES[1]), made.tasks[0].rows("TER", NAMES[1]))
    with pytest.raises(InputError, match="no system 'nobody'"):
        baseline_of(run, ["nobody"])


def test_an_earlier_baseline_is_replaced_and_no_other_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = write_baseline(tmp_path / "b.json", baseline_of(run, [NAMES[0]]))
    write_baseline(path, baseline_of(run))
    assert read_baseline(path).systems == NAMES
    other = tmp_path / "package.json"
    other.write_text('{"name": "mine"}')
    with pytest.raises(InputError, match="refusing to overwrite"):
        write_baseline(other, baseline_of(run))
    assert other.read_text() == '{"name": "mine"}'
    with pytest.raises(InputError, match="is a directory"):
        write_baseline(tmp_path, baseline_of(run))
    with pytest.raises(InputError, match="Not a directory"):
        write_baseline(other / "b.json", baseline_of(run))
    assert sorted(f.name for f in tmp_path.iterdir()) == ["b.json", "package.json"]


def _changed(text: str, how: str) -> str:
    head = json.loads(text)
    if how == "version":
        head["format_version"] = 3
    elif how == "number":
        head["tasks"][0]["systems"][NAMES[0]]["TER"][0] += 1
    elif how == "format":
        head = {"format": "other"}
    elif how == "list":
        head = [head]
    elif how == "cut":
        return text[: len(text) // 2]
    elif how == "conflict":
        return text.replace('"tasks"', '<<<<<<< ours\n"tasks"', 1)
    elif how == "doubled":
        return text.replace('"tasks"', '"benchmark":"other",\n"tasks"', 1)
    elif how == "nan":
        return text.replace('"TER":[', '"TER":[NaN,', 1)
    return json.dumps(head)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("version", "a baseline of format 3, but this version of evalkit reads 1 to 2"),
        ("number", "altered since it was written"),
        ("format", "not a baseline"),
        ("list", "not a baseline"),
        ("cut", "cut short or altered"),
        ("conflict", "merge conflict markers"),
        ("nan", "NaN is not a JSON number"),
        ("doubled", "duplicate key 'benchmark'"),
    ],
)
def test_a_file_that_does_not_hold_is_refused_with_what_to_do(run, tmp_path: Path, how: str, said: str) -> None:  # type: ignore[no-untyped-def]
    path = write_baseline(tmp_path / "b.json", baseline_of(run))
    path.write_text(_changed(path.read_text(encoding="utf-8"), how), encoding="utf-8")
    with pytest.raises(InputError, match=said) as error:
        read_baseline(path)
    assert str(path) in str(error.value) and "--update" in str(error.value)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--update"):
        read_baseline(tmp_path / "none.json")
    if os.name == "posix":
        with pytest.raises(InputError, match="this is a device"):
            read_baseline("/dev/zero")
    with pytest.raises(InputError, match="this is a directory"):
        read_baseline(tmp_path)


def test_unlike_runs_are_refused_with_every_reason(run) -> None:  # type: ignore[no-untyped-def]
    b = bench(12, 4)
    texts = references(b)
    one = {NAMES[0]: texts}
    alike = NAMES[:1]
    cases = [
        (results(bench(12, 4, seed=2), one, ("BLEU", "ROUGE-L", "TER")), "its data changed"),
        (results(bench(12, 3), one, ("BLEU", "ROUGE-L", "TER")), "its data changed"),
        (results(bench(11, 4), {NAMES[0]: texts[:11]}, ("BLEU", "ROUGE-L", "TER")), "11 segments now, without 's11'"),
        (results(b, one, ("BLEU", "ROUGE-L")), "TER was not scored"),
        (results(b, {"mine": texts}, ("BLEU", "ROUGE-L", "TER")), "no system '系统一' in the run"),
        (
            results(bench(12, 4, task="other"), one, ("BLEU", "ROUGE-L", "TER")),
            "translate-en of the baseline was not",
        ),
    ]
    for other, reason in cases:
        with pytest.raises(IncomparableError, match=reason):
            check_alike(other, baseline_of(run), alike)
    both = results(bench(12, 4, name="other"), one, ("BLEU",))
    with pytest.raises(IncomparableError, match=r"(?s)ROUGE-L was not scored.*TER was not.*benchmark 'other'"):
        check_alike(both, baseline_of(run), alike)


def test_another_setting_of_a_metric_is_another_metric(run) -> None:  # type: ignore[no-untyped-def]
    from evalkit.metrics.bleu import BLEU
    from evalkit.results.task_results import ScoredMetric

    made = baseline_of(run)
    bleu = next(metric for metric in made.tasks[0].metrics if metric.label == "BLEU")
    bleu.signature = ScoredMetric("BLEU", BLEU(lowercase=True).resolve("en")).signature
    with pytest.raises(IncomparableError, match=r"BLEU is another metric: .*lowercase:false.* now, .*lowercase:true"):
        check_alike(run, made, NAMES)


def test_a_renamed_benchmark_with_the_same_fingerprint_is_the_same(run) -> None:  # type: ignore[no-untyped-def]
    renamed = results(bench(12, 4, name="other"), {NAMES[0]: references(bench(12, 4))}, ("BLEU", "ROUGE-L", "TER"))
    check_alike(renamed, baseline_of(run), NAMES[:1])


def test_format_1_can_be_read_and_has_no_findings(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = write_baseline(tmp_path / "b.json", baseline_of(run))
    head = json.loads(path.read_text(encoding="utf-8"))
    head["format_version"] = 1
    del head["versions"]
    for task in head["tasks"]:
        for key in ("absent", "findings", "undefined", "texts"):
            del task[key]
    head["sha256"] = _digest(head)
    path.write_text(json.dumps(head), encoding="utf-8")
    old = read_baseline(path).tasks[0]
    assert (old.absent, old.findings, old.texts, old.undefined) == (None, None, None, {})
    np.testing.assert_array_equal(old.rows("BLEU", NAMES[0]), run.tasks[0].statistics["BLEU"][0])


def test_findings_absent_outputs_and_texts_are_kept(tmp_path: Path) -> None:
    b = bench(12, 4)
    texts = references(b)
    made = results(b, {"mine": [*texts[:3], " ", *texts[4:]]}, ("Health", "chrF"))
    with_texts = read_baseline(write_baseline(tmp_path / "b.json", baseline_of(made, with_texts=True))).tasks[0]
    assert with_texts.absent == {"mine": (3,)}
    assert with_texts.findings == {"Health": {"mine": {3: made.tasks[0].findings["Health"]["mine"][3]}}}
    assert with_texts.findings["Health"]["mine"][3][0].kind == "empty"
    assert with_texts.texts == {"mine": (*texts[:3], " ", *texts[4:])}
    assert baseline_of(made).tasks[0].texts is None
    head = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    head["tasks"][0]["absent"] = {"mine": ["3"]}
    head["sha256"] = _digest(head)
    (tmp_path / "b.json").write_text(json.dumps(head), encoding="utf-8")
    with pytest.raises(InputError, match=r"is corrupt .*absent"):
        read_baseline(tmp_path / "b.json")


def test_a_text_cannot_disguise_the_lines_of_a_baseline(tmp_path: Path) -> None:
    b = bench(4, 2)
    name, texts = "a", [f"{text} \u2066" for text in references(b)]
    baseline = baseline_of(results(b, {name: texts}, ("chrF",)), with_texts=True)
    text = write_baseline(tmp_path / "b.json", baseline).read_text(encoding="utf-8")
    assert printable(text) == text and "\\u2066" in text
    read = read_baseline(tmp_path / "b.json")
    assert read.systems == (name,) and list((read.tasks[0].texts or {})[name]) == texts
