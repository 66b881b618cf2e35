from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from evalkit.cli.gate import SUMMARY_LIMIT, append_summary
from evalkit.errors import IncomparableError, InputError
from evalkit.gate.baseline import baseline_of
from evalkit.gate.checking import check, refused
from evalkit.gate.rules import Rules, rules_from
from evalkit.gate.verdict import Breach, Change, ChangeState, Example, FindingChange, State, Verdict
from evalkit.metrics.base import Finding
from evalkit.reports import badge, comment, gate_report as terminal, junit
from gate.making import bench, noisy, references, results

HOSTILE = "]]><script>alert(1)</script> & \"'` | \x00\x1b[31m \ufffe \u202e **b** [x](javascript:1) @all #1\n\n# h"


def made(text: str, articles: int = 1) -> Verdict:
    ids = tuple(f"{text}{i}" for i in range(articles))
    change = Change(
        task=text,
        system=text,
        metric=text,
        higher_is_better=True,
        scale=100.0,
        allowed=1.0,
        state=ChangeState.WORSE,
        old=40.0,
        new=30.0,
        low=-12.0,
        high=-8.0,
        p=0.001,
        p_corrected=0.004,
        reason=text,
        articles=(1.0,) * articles,
        articles_before=(2.0,) * articles,
    )
    breaches = (Breach("max_drop", text, text, text, "", text), Breach("article_min", text, text, text, ids[0], text))
    example = Example(text, text, text, text, text, text, text, text, before=text, new_error=True)
    error = FindingChange(text, text, text, ((0, Finding(text, "error", text)),), 0, p=0.5)
    return Verdict(
        State.FAILED, text, text, (change,), (error,), breaches, (example,), (text,), {text: {id_: id_ for id_ in ids}}
    )


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    b = bench(40, 4)
    texts = references(b)
    systems = {"mine": noisy(texts, 0.1, 1), "系统": texts}
    worse = {"mine": noisy(texts, 0.5, 2), "系统": texts}
    rules = rules_from({"article_min": {"chrF": 80}, "primary": ["BLEU", "chrF"]})
    return check(results(b, worse), baseline_of(results(b, systems)), rules)


def test_junit_has_a_case_for_every_system_metric_and_article(verdict: Verdict) -> None:
    root = ET.fromstring(junit.render(verdict))
    cases = root.findall(".//testcase")
    assert len(cases) == 2 * 2 * (4 + 1) == int(root.attrib["tests"])
    failed = {(c.attrib["classname"], c.attrib["name"]) for c in cases if c.find("failure") is not None}
    assert failed == {
        ("evalkit.translate-en.BLEU", "mine: all articles"),
        ("evalkit.translate-en.chrF", "mine: all articles"),
        *(("evalkit.translate-en.chrF", f"mine: a{i}") for i in range(4)),
    }
    assert int(root.attrib["failures"]) == len(failed)


@given(st.text(st.characters(codec=None), min_size=1, max_size=30))
def test_junit_is_valid_for_any_text(text: str) -> None:
    root = ET.fromstring(junit.render(made(text)).encode("utf-8"))
    assert len(root.findall(".//failure")) == 2


def test_junit_keeps_what_failed_and_says_what_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MAX_CASES", 5)
    many = made("t", articles=100)
    last = Breach("article_min", "t", "t", "t", "t99", "low")
    root = ET.fromstring(junit.render(replace(many, breaches=(*many.breaches, last))))
    assert len(root.findall(".//testcase")) == 6
    assert len(root.findall(".//failure")) == 3
    assert root.find(".//property").attrib["value"] == "95 passed cases"  # type: ignore[union-attr]


def test_a_broken_rule_of_no_metric_has_a_case_of_its_own() -> None:
    breach = Breach("missing_max", "t", "mine", "", "", "3 outputs missing")
    root = ET.fromstring(junit.render(Verdict(State.FAILED, "h", breaches=(breach,))))
    assert [c.attrib["name"] for c in root.findall(".//testcase")] == ["mine: missing_max"]
    assert root.attrib["tests"] == root.attrib["failures"] == "1"


def test_a_refused_gate_is_an_error_in_junit_and_in_all_reports() -> None:
    verdict = refused(None, IncomparableError("other <data>"))
    root = ET.fromstring(junit.render(verdict))
    assert root.attrib["errors"] == "1"
    assert root.find(".//error").text == "other <data>"  # type: ignore[union-attr]
    assert json.loads(badge.render(verdict))["message"] == "not comparable"
    assert "other &lt;data&gt;" in comment.render(verdict)


def test_the_badge_follows_the_endpoint_schema(verdict: Verdict) -> None:
    shown = json.loads(badge.render(verdict))
    assert shown == {
        "schemaVersion": 1,
        "label": "evalkit",
        "message": f"{len(verdict.breaches)} rules broken",
        "color": "red",
        "isError": True,
    }
    assert json.loads(badge.render(Verdict(State.PASSED, "h")))["color"] == "green"


def test_the_comment_begins_with_the_verdict_then_rules_changes_and_examples(verdict: Verdict) -> None:
    text = comment.render(verdict)
    lines = text.split("\n")
    assert lines[0] == comment.MARK
    assert lines[1].startswith("❌ **gate failed")
    order = [text.index(part) for part in ("Broken rules", "| task |", "approximate randomization", "Worst examples")]
    assert order == sorted(order)
    assert verdict.examples[0].output in text
    assert "Not shown: 2 unchanged scores." in text


def test_nothing_hostile_survives_in_the_comment_or_the_terminal() -> None:
    text = comment.render(made(HOSTILE))
    assert "<script" not in text.replace(comment.MARK, "")
    assert "\n# h" not in text and "](javascript" not in text
    assert "\x1b" not in terminal.render(made(HOSTILE))
    assert "\u202e" not in terminal.render(made(HOSTILE))


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_the_comment_stays_under_its_limit_and_says_what_was_cut(size: int) -> None:
    base = made("t")
    example = replace(base.examples[0], output="很" * size)
    changes = tuple(replace(base.changes[0], system=f"系统{i}") for i in range(500))
    breaches = tuple(replace(base.breaches[0], message="x" * 300) for _ in range(500))
    text = comment.render(replace(base, examples=(example,) * 8, changes=changes, breaches=breaches))
    assert len(text.encode()) <= comment.LIMIT
    assert "Cut here, to stay under 60 kB" in text
    assert "460 more; junit.xml lists them all" in text
    assert "440 scores with a smaller change" in text


def test_the_job_summary_stays_under_a_mebibyte(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    assert append_summary(path, "verdict\nmore\nrest\n")
    assert path.read_text() == "verdict\nmore\nrest\n\n"
    path.write_text("x" * (SUMMARY_LIMIT - 100))
    assert append_summary(path, "mark\nverdict\n" + "y" * 1000)
    assert path.read_text().endswith("x" + "\nmark\nverdict\n\n")
    path.write_text("x" * (SUMMARY_LIMIT - 5))
    assert not append_summary(path, "mark\nverdict\n" + "y" * 1000)
    assert path.stat().st_size == SUMMARY_LIMIT - 5
    with pytest.raises(InputError, match="cannot be written"):
        append_summary(tmp_path, "text")


def test_undefined_scores_and_new_systems_are_written() -> None:
    b = bench(4, 2)
    run = results(b, {"mine": references(b)}, ("chrF",))
    text = comment.render(check(run, None, Rules()))
    assert "| new |" in text and "1 score within the rules, not compared with a baseline" in text
    assert "100.00" in terminal.render(check(run, None, Rules()))


@pytest.mark.parametrize(
    ("p", "text"), [(0.0005, "<.001"), (0.001, ".001"), (0.0163, ".016"), (0.5, ".500"), (1.0, "1")]
)
def test_p_values_are_printed_to_three_decimals(p: float, text: str) -> None:
    made_ = made("t")
    changed = replace(made_.changes[0], p=p, p_corrected=min(1.0, 2 * p))
    row = next(line for line in comment.render(replace(made_, changes=(changed,))).split("\n") if "| worse |" in line)
    cells = [cell.strip().replace("\\", "") for cell in row.strip("|").split("|")]
    assert cells[3:8] == ["40.00", "30.00", "−10.00", "−12.00 to −8.00", text.replace("<", "&lt;")]
    assert text in terminal.render(replace(made_, changes=(changed,)))


def test_an_inconclusive_gate_fails_junit_only_where_it_fails_the_build() -> None:
    base = replace(made("t"), state=State.INCONCLUSIVE, breaches=(), headline="gate inconclusive: x")
    assert ET.fromstring(junit.render(base)).attrib["failures"] == "0"
    root = ET.fromstring(junit.render(replace(base, inconclusive_fails=True)))
    assert root.attrib["failures"] == "1"
    assert root.find(".//failure").attrib["message"] == "gate inconclusive: x"  # type: ignore[union-attr]
    assert json.loads(badge.render(base))["message"] == "inconclusive"
    assert comment.render(base).split("\n")[1].startswith("❔")


def test_new_errors_come_first_with_the_sentence_before_and_after() -> None:
    base = made("t")
    example = replace(base.examples[0], before="it was 400", output="it was 4,000")
    text = comment.render(replace(base, examples=(example,)))
    order = [
        text.index(x)
        for x in ("New errors", "1 new, 0 resolved; p = .500", "it was 400", "it was 4,000", "Broken rules")
    ]
    assert order == sorted(order)
