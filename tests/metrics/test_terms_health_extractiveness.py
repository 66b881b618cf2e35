"""The metrics Terms, Health and Extractiveness: rows, scores, findings."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.errors import SettingError
from evalkit.metrics.base import References
from evalkit.metrics.extractiveness import Extractiveness
from evalkit.metrics.health import Health
from evalkit.metrics.terms import Terms, inconsistent
from evalkit.text.term_matching import Term

SUN = Term("孙利军", ("Sun Lijun",), ("Sun Lijuan",), "person")
LAND = Term("热土计划", ("Hometown Initiative", "Homeland Plan"), ("Hot Land",), "programme")
OTHER_SUN = Term("孙利军", ("Lee Sun",), (), "person")


def side(kind: str = "translation", lang: str = "en", **changes: object) -> References:
    given: dict[str, object] = {
        "texts": (("Sun Lijun unveiled the Hometown Initiative.",), ("Sun said so.",), ("It rained.",)),
        "lang": lang,
        "sources": ("孙利军发布热土计划。", "孙利军如是说。", "下雨了。"),
        "source_lang": "zh",
        "articles": ("a", "a", "b"),
        "terms": {"a": (SUN,), "": (LAND, OTHER_SUN)},
        "kind": kind,
    }
    return References(**(given | changes))  # type: ignore[arg-type]


class TestTerms:
    def test_rows_and_scores(self) -> None:
        texts = ["Sun Lijun unveiled the Hot Land plan.", "Sun said so.", "Sun rained."]
        rows = Terms().statistics(texts, side())
        assert rows.tolist() == [[1, 2, 1, 0, 1, 2], [1, 1, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1]]
        assert Terms().score(rows.sum(axis=0)) == pytest.approx(3 / 4)
        pooled = Terms(aggregate="pooled")
        assert pooled.score(rows.sum(axis=0)) == pytest.approx(2 / 3)
        assert np.isnan(pooled.score(rows)[2])
        assert pooled.statistics_key() == Terms().statistics_key()

    def test_a_name_from_nowhere_counts_against(self) -> None:
        rows = Terms().statistics(["Sun Lijun's land plan.", "", "Lee Sun rained."], side())
        assert rows.tolist() == [[1, 2, 0, 0, 1, 2], [0, 1, 0, 0, 0, 1], [0, 0, 0, 1, 0, 1]]
        assert Terms().score(rows.sum(axis=0)) == pytest.approx(1 / 4)
        assert Terms(aggregate="pooled").score(rows.sum(axis=0)) == pytest.approx(1 / 4)
        (added,) = Terms().explain("Lee Sun rained.", side(), 2)
        assert (added.kind, added.severity, added.output_span) == ("added-name", "error", (0, 7))
        assert added.message == "“Lee Sun” (孙利军) is not in the source"

    def test_a_message_lists_few_forms(self) -> None:
        for n, message in (
            (4, "甲 is missing: expected “a” or “b” or “c” or “d”"),
            (5, "甲 is missing: expected “a” or “b” or “c” or one of 2 other forms"),
        ):
            references = side(terms={"": (Term("甲", tuple("abcde"[:n])),)}, sources=("甲", "", ""))
            assert [f.message for f in Terms().explain("x", references, 0)] == [message]

    def test_an_articles_own_term_comes_before_the_common_one(self) -> None:
        rows = Terms().statistics(["", "", ""], side(articles=("a", "b", "b")))
        assert rows[:, 1].tolist() == [2, 1, 0]
        texts = ["Sun Lijun", "Lee Sun", ""]
        assert Terms().statistics(texts, side(articles=("a", "b", "b")))[:, 0].tolist() == [1, 1, 0]

    def test_a_summary_is_asked_only_for_the_terms_it_names(self) -> None:
        texts = ["The Hot Land plan", "Sun Lijun's plan", ""]
        assert Terms().statistics(texts, side("summary")).tolist() == [
            [0, 1, 1, 0, 0, 1],
            [1, 1, 0, 0, 1, 1],
            [0, 0, 0, 0, 0, 1],
        ]

    def test_a_term_has_no_other_form_in_its_own_language(self) -> None:
        assert Terms().statistics(["孙利军", "广东", ""], side("summary", "zh")).sum() == 0

    def test_findings_link_both_sides(self) -> None:
        text = "Sun Lijun unveiled the Hot Land plan."
        named, wrong = Terms().explain(text, side(), 0)
        assert (named.kind, named.severity, named.key) == ("term", "ok", "孙利军")
        assert (wrong.kind, wrong.severity, wrong.key) == ("rejected-term", "error", "热土计划")
        assert wrong.message == "热土计划: “Hot Land” is wrong; expected “Hometown Initiative” or “Homeland Plan”"
        assert wrong.source_span == (5, 9)
        assert wrong.output_span is not None
        assert text[slice(*wrong.output_span)] == "Hot Land"
        (missing,) = Terms().explain("The initiative.", side(), 1)
        assert (missing.kind, missing.message) == ("missing-term", "孙利军 is missing: expected “Sun Lijun”")

    def test_inconsistent_names_of_a_document(self) -> None:
        sources = ("热土计划",) * 3
        texts = ["the Hometown Initiative", "the Homeland Plan", "the Homeland Plan"]
        found = inconsistent(texts, side(sources=sources))
        assert {i: [f.message for f in fs] for i, fs in found.items()} == {
            1: ["热土计划 is rendered as “Hometown Initiative” and “Homeland Plan” in one document"]
        }
        assert inconsistent(texts, side(sources=sources, articles=("a", "b", "b"))) == {}
        assert set(inconsistent(texts, side(sources=sources, articles=None))) == {1}

    @pytest.mark.parametrize("part", ["sources", "terms"])
    def test_needs(self, part: str) -> None:
        with pytest.raises(SettingError, match="sources and terms"):
            Terms().statistics(["", "", ""], side(**{part: None}))


class TestHealth:
    def test_rows_scores_and_findings(self) -> None:
        texts = ["Here is the translation: Sun Lijun unveiled the Hometown Initiative.", "", "It rained."]
        rows = Health().statistics(texts, side())
        assert rows.tolist() == [[0, 1], [0, 1], [1, 1]]
        assert Health().score(rows.sum(axis=0)) == pytest.approx(1 / 3)
        assert [f.kind for f in Health().explain(texts[0], side(), 0)] == ["prompt-residue"]
        assert [f.kind for f in Health().explain(texts[1], side(), 1)] == ["empty"]
        assert Health().explain(texts[2], side(), 2) == ()

    def test_a_warning_does_not_fail(self) -> None:
        references = side(texts=(("He said: “Fine.”",), ("x",), ("x",)), sources=("他说：“好。”", "x", "x"))
        assert Health().statistics(["He said: “Fine.", "x", "x"], references)[0].tolist() == [1, 1]
        assert [f.severity for f in Health().explain("He said: “Fine.", references, 0)] == ["warning"]


class TestExtractiveness:
    ARTICLE = "农民在广西灵山卖出了38吨荔枝"

    def rows(self, text: str, metric: Extractiveness, **changes: object) -> np.ndarray:
        references = side("summary", "zh", texts=(("x",),), sources=(self.ARTICLE,), articles=("a",), **changes)
        return metric.resolve("zh").statistics([text], references)

    def test_measures_by_hand(self) -> None:
        # 14 tokens in the article (38 is one); fragments 农民 (2), 卖出了38吨 (5); 大 is new
        text = "农民大卖出了38吨"
        (row,) = self.rows(text, Extractiveness())
        coverage, density, compression, new = 7 / 8, (4 + 25) / 8, 14 / 8, 2 / 7
        assert row.tolist() == pytest.approx([coverage, density, compression, new, 1, 1])
        for measure, value in (
            ("coverage", coverage),
            ("density", density),
            ("compression", compression),
            ("novel", new),
        ):
            assert Extractiveness(measure=measure).score(row) == pytest.approx(value)

    def test_n_sets_the_novel_ngrams(self) -> None:
        assert self.rows("农民大卖出了38吨", Extractiveness(n=1))[0, 3] == pytest.approx(1 / 8)
        assert self.rows("农民", Extractiveness(n=3))[0].tolist()[3:] == [0, 0, 1]

    def test_what_is_empty_or_in_another_language_is_left_out(self) -> None:
        assert self.rows("", Extractiveness()).sum() == 0
        assert self.rows("农民", Extractiveness(), source_lang="en").sum() == 0
        for measure in ("coverage", "novel"):
            assert math.isnan(Extractiveness(measure=measure).score(np.zeros(6)))

    def test_settings(self) -> None:
        with pytest.raises(SettingError, match="n=0 is out of range"):
            Extractiveness(n=0)
        with pytest.raises(SettingError, match="tokenize=mixed"):
            Extractiveness(tokenize="words").resolve("zh")
        assert Extractiveness(measure="novel").statistics_key() == Extractiveness().statistics_key()
        assert Extractiveness(n=3).statistics_key() != Extractiveness().statistics_key()


def test_the_bundled_references_have_no_problem_and_every_name() -> None:
    for task in load_benchmark().tasks:
        references = references_of(task)
        for k in range(len(task.references[0])):
            texts = [refs[k] for refs in task.references]
            for metric in (Health(), Terms()):
                wrong = [
                    (task.ids[i], finding)
                    for i, text in enumerate(texts)
                    for finding in metric.explain(text, references, i)
                    if finding.severity != "ok"
                ]
                assert wrong == []
                score = metric.score(metric.statistics(texts, references).sum(axis=0))
                assert score == 1 or (metric.name == "Terms" and task.name == "summarize-zh" and math.isnan(score))
            assert task.kind == "summary" or inconsistent(texts, references) == {}


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


#: references that are wrong where they stand, judged by the other reference alone: by set and line, what is the matter.
FAULTY = {
    # the translation of the title where the lead is due
    ("wmt22-zh-en", "ref-B", 818): "cut-off",
    # sentences spread over the wrong lines
    ("wmt21-en-zh", "ref-A", 333): "length",
    ("wmt21-en-zh", "ref-B", 121): "cut-off",
    ("wmt21-en-zh", "ref-B", 333): "cut-off length",
    # a bracket closed twice, a title mark never
    ("wmt21-en-zh", "ref-B", 830): "unbalanced unbalanced",
}


@pytest.mark.parametrize(
    ("folder", "source", "target", "names"),
    [
        ("wmt22-zh-en", "zh", "en", ("ref-A", "ref-B")),
        ("wmt21-en-zh", "en", "zh", ("ref-A", "ref-B")),
        ("ted21-zh-en", "zh", "en", ("ref", "refB")),
    ],
)
def test_no_false_alarm_on_public_references(
    shared_data: Path, folder: str, source: str, target: str, names: tuple[str, str]
) -> None:
    sources = lines(shared_data / folder / f"source.{source}")
    texts = {name: lines(shared_data / folder / f"reference.{name}.{target}") for name in names}
    for name, other in (names, names[::-1]):
        references = References(
            tuple((text,) for text in texts[other]), lang=target, sources=tuple(sources), source_lang=source
        )
        rows = Health().statistics(texts[name], references)
        alarms = {
            (folder, name, i + 1): " ".join(
                f.kind for f in Health().explain(texts[name][i], references, int(i)) if f.severity == "error"
            )
            for i in np.flatnonzero(rows[:, 0] == 0)
        }
        assert alarms == {place: kind for place, kind in FAULTY.items() if place[:2] == (folder, name)}
    both = References(tuple(zip(*texts.values(), strict=True)), lang=target, sources=tuple(sources), source_lang=source)
    for name in names:
        assert Health().statistics(texts[name], both)[:, 0].all()
