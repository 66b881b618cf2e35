"""Locating quotes in texts, and the agreement of spans with those marked by people."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.data.human import human_spans
from evalkit.errors import InputError
from evalkit.metrics.base import Finding
from evalkit.metrics.judging.anchoring import anchor
from evalkit.results.span_agreement import span_agreement


@pytest.mark.parametrize(
    ("text", "quote", "context", "found"),
    [
        ("the cat sat", "cat", "", "cat"),
        ("concatenate a cat", "cat", "", "cat"),  # the whole word, not a part of another
        ("concatenate", "cat", "", "cat"),
        ("他在北京，她在北京。", "北京", "", None),
        ("他在北京，她在北京。", "北京", "她在北京", "北京"),
        ("他在北京，她在北京。", "北京", "在北京", None),
        ("增长 20％ 以上", "增长20%以上", "", "增长 20％ 以上"),
        ("“Good” he said", '"Good"', "", "“Good”"),
        ("zero\u200bwidth", "zerowidth", "", "zero\u200bwidth"),
        ("a\n\nb", "a b", "", "a\n\nb"),
        ("text", "", "", None),
        ("text", "other", "", None),
        ("text", " text ", "", "text"),
        ("", "x", "", None),
        ("x x", "x", "nowhere", None),
    ],
)
def test_a_quote_is_found_where_it_is_and_nowhere_else(text: str, quote: str, context: str, found: str | None) -> None:
    span = anchor(text, quote, context)
    assert (None if span is None else text[slice(*span)]) == found


def test_the_second_of_two_is_found_by_its_context() -> None:
    assert anchor("one fish, two fish", "fish", "two fish") == (14, 18)


@given(
    before=st.text(st.sampled_from("ab 中，\n"), max_size=8),
    quote=st.text(st.sampled_from("cd 文。％"), min_size=1, max_size=6).filter(lambda q: q.strip() == q and q),
    after=st.text(st.sampled_from("ab 中，\n"), max_size=8),
)
def test_a_quote_with_different_spacing_and_width_is_found(before: str, quote: str, after: str) -> None:
    text = before + quote + after
    changed = "\u3000".join(quote.replace("％", "%").replace(" ", ""))
    found = anchor(text, changed)
    assert found is not None
    assert text[slice(*found)].replace(" ", "") == quote.replace(" ", "")


ROWS = [{"id": str(i), "source": "源", "references": ["r"]} for i in range(3)]
BENCH = Benchmark.from_dataset(ROWS, lang="zh-en", name="own")
OUTPUTS = ["0123456789", "abcdefghij", "klmnopqrst"]


def results() -> evalkit.Results:
    """A run whose metric marks two spans in the first output, one of which people marked too, and one in the last."""
    scored = evalkit.run(BENCH, {"s": OUTPUTS}, metrics=["chrF"])
    (task,) = scored.tasks

    def at(*span: int) -> Finding:
        return Finding("style", "error", "x", output_span=(span[0], span[1]))

    marked = ((at(0, 4), at(8, 10)), (), (at(0, 2), Finding("style", "error", "in the source", source_span=(0, 1))))
    task = dataclasses.replace(task, findings={"chrF": {"s": marked}}, undefined={"chrF": {"s": {2: "failed"}}})
    return dataclasses.replace(scored, tasks=(task,))


def test_precision_and_recall() -> None:
    # The third output failed: it counts neither way.
    people = {("s", 0): [(2, 6), (3, 5)], ("s", 1): [(5, 15)], ("s", 2): [(0, 10)], ("other", 0): [(0, 9)]}
    found = {row.measure: row for row in span_agreement(results(), people)}
    assert found["precision (characters)"].value == pytest.approx(2 / 6)
    assert found["recall (characters)"].value == pytest.approx(2 / 9)
    assert found["precision (spans)"].value == pytest.approx(1 / 2)
    assert found["recall (spans)"].value == pytest.approx(2 / 3)
    assert found["precision (characters)"].chance == pytest.approx(9 / 20)
    assert found["precision (characters)"].outputs == 2


def test_spans_of_a_table_and_of_an_esa_file(tmp_path: Path) -> None:
    own = tmp_path / "people.jsonl"
    lines = [
        {"system": "s", "id": "0", "esa": 50, "spans": [[2, 6]]},
        {"system": "s", "id": "1", "esa": 99, "spans": []},
    ]
    own.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert human_spans(own, ["0", "1", "2"]) == {("s", 0): ((2, 6),), ("s", 1): ()}
    own.write_text(json.dumps({**lines[0], "spans": [[6, 2]]}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"people\.jsonl:1: spans"):
        human_spans(own, ["0"])


def test_spans_of_wmt24(shared_data: Path) -> None:
    folder = shared_data / "wmt24-en-zh"
    ids = [str(i) for i in range(998)]
    people = human_spans(folder / "esa.csv", ids)
    assert len({system for system, _ in people}) == 13
    assert len(people) == 8242
    spans = [span for found in people.values() for span in found]
    assert 2300 < len(spans) < 3000
    texts = (folder / "systems" / "GPT-4.zh").read_text(encoding="utf-8").split("\n")
    assert all(
        end <= len(texts[i]) + 1 for (system, i), found in people.items() if system == "GPT-4" for _, end in found
    )


def test_the_command(cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    evalkit.save_results(results(), tmp_path / "run")
    (tmp_path / "people.jsonl").write_text(json.dumps({"system": "s", "id": "0", "esa": 5, "spans": [[2, 6]]}) + "\n")
    done = cli("agree", "run", "--human", "people.jsonl", "--spans", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "precision (characters)" in done.stdout
    assert "0.333" in done.stdout
    (tmp_path / "people.jsonl").write_text(json.dumps({"system": "s", "id": "0", "esa": 5}) + "\n")
    done = cli("agree", "run", "--human", "people.jsonl", "--spans", cwd=tmp_path)
    assert done.returncode == 2
    assert "no spans of errors" in done.stderr
