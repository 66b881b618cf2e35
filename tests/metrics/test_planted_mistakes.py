"""Errors planted in good texts (``tests/written``): how many the fact metrics detect, without false positives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.metrics.base import Metric, References
from evalkit.metrics.key_facts import KeyFacts
from evalkit.metrics.names import Names
from evalkit.metrics.quantities import Quantities
from evalkit.metrics.terms import Terms
from evalkit.text.names import check_of_source
from evalkit.text.refusals import is_refusal

WRITTEN = Path(__file__).parents[1] / "written"
NAMES = "third fourth names fifth seventh eighth ninth tenth eleventh twelfth"
SETS: dict[str, Any] = {
    name: yaml.safe_load((WRITTEN / f"{name}_set.yaml").read_text("utf-8")) for name in NAMES.split()
}
SOURCES: dict[str, str] = {name: text for one in SETS.values() for name, text in one["articles"].items()}
BENCHMARK = load_benchmark("zh-news")
REFERENCES = {lang: references_of(BENCHMARK.task(f"summarize-{lang}")) for lang in ("zh", "en")}


def findings(article: str, lang: str, text: str) -> tuple[set[str], set[str]]:
    """The errors that the fact metrics report, and the facts that the text carries."""
    metrics: list[Metric] = [Names(), Quantities()]
    if article in SOURCES:
        source = SOURCES[article]
        references = References(((text,),), lang=lang, sources=(source,), source_lang="zh", kind="summary")
        index = 0
    else:
        references = REFERENCES[lang]
        assert references.articles is not None
        index = references.articles.index(article)
        metrics += [KeyFacts(), *([Terms()] if lang == "en" else [])]
    found = [(metric.name, f) for metric in metrics for f in metric.explain(text, references, index)]
    errors = {f"{name}: {f.message}" for name, f in found if f.severity == "error"}
    return errors, {str(f.key) for name, f in found if name == "KeyFacts" and f.severity == "ok"}


@pytest.mark.parametrize(
    ("name", "part", "planted", "most_missed"),
    [
        ("third", "texts", 100, 5),
        ("fourth", "texts", 158, 6),
        ("names", "texts", 388, 29),
        ("fifth", "texts", 120, 19),
        ("seventh", "first", 72, 28),
        ("seventh", "second", 72, 29),
        ("eighth", "texts", 150, 52),
        ("ninth", "texts", 150, 63),
        ("tenth", "texts", 150, 52),
        ("eleventh", "texts", 150, 75),
        ("twelfth", "texts", 150, 54),
    ],
)
def test_planted_mistakes_are_detected_without_false_positives(
    name: str, part: str, planted: int, most_missed: int
) -> None:
    missed, count = [], 0
    for item in SETS[name][part]:
        errors, facts = findings(item["article"], item["lang"], item["text"])
        assert errors == set(), item["text"]
        for right, wrong, _ in item["wrong"]:
            assert right in item["text"]
            count += 1
            new, carried = findings(item["article"], item["lang"], item["text"].replace(right, wrong, 1))
            if not (new or facts - carried):
                missed.append((right, wrong))
    assert count == planted
    assert len(missed) <= most_missed, missed


@pytest.mark.parametrize("path", sorted(WRITTEN.glob("correct_*.yaml")), ids=lambda path: path.stem)
def test_correct_summaries_in_other_words(path: Path) -> None:
    written = yaml.safe_load(path.read_text("utf-8"))
    for item in written["texts"]:
        check = check_of_source(written["articles"][item["article"]], ())
        assert not any(name.sure for name in check.wrong(item["text"], item["lang"])), item["text"]


def test_refusals_of_the_third_set() -> None:
    source = "孙利军在会上表示，去年农民的收入增长了两成，今年公司将向十二个省派出二十七位特派员。"
    reference = (
        "Sun Lijun told the meeting that farmers had earned a fifth more last year, and that the company would send "
        "27 commissioners to 12 provinces this year."
    )
    missed = [
        text
        for texts in SETS["third"]["refusals"].values()
        for text in texts
        if not is_refusal(text, [source, reference])
    ]
    wrong = [
        text
        for texts in SETS["third"]["not_refusals"].values()
        for text in texts
        if is_refusal(text, [source, reference])
    ]
    assert len(missed) <= 3, missed
    assert len(wrong) <= 1, wrong
