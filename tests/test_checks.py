"""evalkit check: the list of problems in outputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evalkit.data.benchmark import Benchmark
from evalkit.data.glossary import with_terms
from evalkit.engine.check_outputs import check
from evalkit.reports.worst_text import render_findings
from evalkit.text.term_matching import Term

ROWS = [
    {
        "id": "a/1",
        "article": "a",
        "source": "热土计划发布了。",
        "references": ["The Hometown Initiative was unveiled."],
    },
    {"id": "a/2", "article": "a", "source": "热土计划很好。", "references": ["The Hometown Initiative is good."]},
]
LAND = Term("热土计划", ("Hometown Initiative", "Homeland Plan"), ("Hot Land",), "programme")


def bench() -> Benchmark:
    return with_terms(Benchmark.from_dataset(ROWS, lang="zh-en"), [LAND])


def test_findings_are_listed_by_system_and_segment_in_order() -> None:
    checked = check(
        bench(),
        {
            "b": ["The Hometown Initiative was unveiled.", "The Homeland Plan is good."],
            "a": ["The Hot Land was unveiled.", ""],
        },
    )
    assert checked.outputs == {("b", "translate-en"): 2, ("a", "translate-en"): 2}
    assert [(i.system, i.segment, i.metric, i.finding.kind) for i in checked.items] == [
        ("b", "a/2", "Terms", "inconsistent-term"),
        ("a", "a/1", "Terms", "rejected-term"),
        ("a", "a/2", "Terms", "missing-term"),
        ("a", "a/2", "Health", "empty"),
    ]
    text = render_findings(checked)
    assert text.index("b, translate-en") < text.index("a, translate-en") < text.index("empty")
    assert "  0 errors in 0 of 2 outputs, 1 warning (" in text
    assert "  3 errors in 2 of 2 outputs, 0 warnings (" in text
    json.dumps([item.as_dict() for item in checked.items], allow_nan=False)


def test_what_a_terminal_would_act_on_is_spelled_out() -> None:
    checked = check(
        bench(),
        {"a": ["The Hometown Initiative \x1b[31mwas\x1b[0m 揭\u202e幕 today.", "The Hometown Initiative is good."]},
    )
    text = render_findings(checked)
    assert "left untranslated" in text
    assert "\x1b" not in text and "\u202e" not in text


def test_the_command_line(tmp_path: Path, cli: Callable[..., Any]) -> None:
    outputs = "".join(json.dumps({"id": row["id"], "output": "Hot Land."}) + "\n" for row in ROWS)
    (tmp_path / "mine.jsonl").write_text(outputs, encoding="utf-8")
    (tmp_path / "bench.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    (tmp_path / "terms.csv").write_text(
        "source,accepted,rejected\n热土计划,Hometown Initiative,Hot Land\n", encoding="utf-8"
    )
    call = ("check", "mine.jsonl", "--benchmark", "bench.jsonl", "--lang", "zh-en", "--terms", "terms.csv")
    done = cli(*call, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Terms: 热土计划: “Hot Land” is wrong; expected “Hometown Initiative”" in done.stdout
    done = cli(*call, "--format", "json", cwd=tmp_path)
    assert {item["segment"] for item in json.loads(done.stdout)} == {"a/1", "a/2"}
    (tmp_path / "mine.jsonl").write_text('{"id": "a/1", "output": "x"}\n', encoding="utf-8")
    done = cli(*call, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("evalkit: mine.jsonl: no output for the id 'a/2'")


def test_the_bundled_systems_are_checked_by_default(tmp_path: Path, cli: Callable[..., Any]) -> None:
    done = cli("check", "--task", "summarize-zh", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("of 3 outputs") == 5
