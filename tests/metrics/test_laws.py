"""Laws that hold for every metric of the table that computes its score from texts alone.

Those that need a model or a file of scores run in the main process (``where``); their own tests hold them to the laws.
"""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest
from hypothesis import given, strategies as st

from evalkit.errors import InputError, SettingError
from evalkit.metrics import METRICS
from evalkit.metrics.base import Metric, References
from evalkit.metrics.parsing import parse
from evalkit.text.facts import Fact
from evalkit.text.term_matching import Term

HYPOTHESES = {
    "en": ["The cat sat on the mat in 2022.", "Alibaba sold 38 tonnes of chestnuts", "", "No 1 2 3!", "a b c d e f g"],
    "zh": ["猫坐在垫子上,2022年。", "阿里巴巴销售板栗38吨", "", "一二三四五六七", "AI和5G增长20%。"],
}
REFERENCES = {
    "en": [
        ["The cat sat on a mat in 2022."],
        ["Alibaba sold 38 tons of chestnuts.", "38 t sold"],
        ["x"],
        [""],
        ["g f e d"],
    ],
    "zh": [["猫在垫子上坐着，2022年。"], ["阿里巴巴卖出38吨板栗", "卖了38吨"], ["甲"], [""], ["AI、5G增长20%"]],
}
#: the metrics that need neither a model nor recorded scores.
TEXT_METRICS = [name for name, cls in METRICS.items() if cls.where == "worker"]
SOURCES = ["猫坐在垫子上,2022年。", "阿里巴巴销售板栗38吨", "甲", "一二三", "AI和5G增长20%。"]


def side(lang: str, order: list[int] | None = None, kind: str = "translation") -> References:
    order = list(range(5)) if order is None else order
    fact = Fact("f1", 1, {"zh": "38吨", "en": "38 tonnes"}, {"zh": (("板栗", "38吨"),), "en": (("chestnut*", "38"),)})
    return References(
        texts=tuple(tuple(REFERENCES[lang][i]) for i in order),
        lang=lang,
        sources=tuple(SOURCES[i] for i in order),
        source_lang="zh",
        articles=tuple(f"a{i % 2}" for i in order),
        dates=tuple("2022-07-25" for _ in order),
        facts={"a0": (fact,), "a1": (fact,), "a2": (fact,)},
        terms={"": (Term("阿里巴巴", ("Alibaba",), ("Ali Baba",), "organisation"),)},
        kind=kind,
    )


def cases() -> list[tuple[str, str]]:
    found = []
    for name in TEXT_METRICS:
        for lang in ("en", "zh"):
            try:
                parse(name).resolve(lang)
            except SettingError:
                continue
            found.append((name, lang))
    return found


def resolved(name: str, lang: str) -> Metric:
    return parse(name).resolve(lang)


def test_the_table_names_each_metric_as_it_names_itself() -> None:
    assert list(METRICS) == [cls.name for cls in METRICS.values()]
    assert {name for name, _ in cases()} == set(TEXT_METRICS)


@pytest.mark.parametrize(("name", "lang"), cases())
class TestLaws:
    def test_rows_have_the_promised_columns_and_are_finite(self, name: str, lang: str) -> None:
        metric = resolved(name, lang)
        rows = metric.statistics(HYPOTHESES[lang], side(lang))
        assert rows.shape == (5, len(metric.columns))
        assert rows.dtype == np.float64
        assert np.isfinite(rows).all()
        assert len(set(metric.columns)) == len(metric.columns)

    def test_a_row_depends_only_on_its_segment(self, name: str, lang: str) -> None:
        metric = resolved(name, lang)
        whole = metric.statistics(HYPOTHESES[lang], side(lang))
        for i in range(5):
            np.testing.assert_array_equal(metric.statistics([HYPOTHESES[lang][i]], side(lang, [i]))[0], whole[i])
        order = [3, 1, 4, 0, 2]
        shuffled = metric.statistics([HYPOTHESES[lang][i] for i in order], side(lang, order))
        np.testing.assert_array_equal(shuffled, whole[order])

    def test_statistics_are_pure(self, name: str, lang: str) -> None:
        metric = resolved(name, lang)
        hypotheses, references = list(HYPOTHESES[lang]), side(lang)
        before = copy.deepcopy((hypotheses, dataclasses.asdict(references)))
        prepared = metric.prepare(references)
        first = metric.statistics(hypotheses, prepared)
        metric.statistics(hypotheses[::-1], prepared)
        np.testing.assert_array_equal(metric.statistics(hypotheses, prepared), first)
        assert (hypotheses, dataclasses.asdict(references)) == before

    def test_scores_vectorise_over_leading_axes(self, name: str, lang: str) -> None:
        metric = resolved(name, lang)
        rows = metric.statistics(HYPOTHESES[lang], side(lang))
        stacked = np.stack([rows, rows[::-1], rows + rows])
        before = stacked.copy()
        scores = metric.score(stacked)
        np.testing.assert_array_equal(stacked, before)
        assert scores.shape == (3, 5)
        for i in range(3):
            for j in range(5):
                np.testing.assert_array_equal(metric.score(stacked[i, j]), scores[i, j])

    def test_scores_stay_in_their_range(self, name: str, lang: str) -> None:
        metric = resolved(name, lang)
        rows = metric.statistics(HYPOTHESES[lang], side(lang))
        low, high = metric.range
        for scores in (metric.score(rows), metric.score(rows.sum(axis=0, keepdims=True))):
            defined = scores[~np.isnan(scores)]
            assert ((defined >= low - 1e-9) & (defined <= high + 1e-9)).all()

    def test_a_better_output_never_scores_worse(self, name: str, lang: str) -> None:
        # The first reference itself against an unrelated text: where both are defined, the reference is at least as good.
        metric = resolved(name, lang)
        right = metric.score(metric.statistics([refs[0] for refs in REFERENCES[lang]], side(lang))[:2])
        wrong = metric.score(metric.statistics([HYPOTHESES[lang][4]] * 5, side(lang))[:2])
        sign = 1.0 if metric.higher_is_better else -1.0
        both = ~np.isnan(right) & ~np.isnan(wrong)
        assert (sign * right[both] >= sign * wrong[both]).all()

    def test_the_string_reads_back(self, name: str, lang: str) -> None:
        for metric in (METRICS[name](), resolved(name, lang)):
            assert parse(str(metric)) == metric
            assert hash(parse(str(metric))) == hash(metric)

    def test_different_settings_have_different_signatures(self, name: str, lang: str) -> None:
        metric = resolved(name, lang)
        assert metric.signature().startswith(f"{name}|")
        for setting in dataclasses.fields(metric):
            value = getattr(metric, setting.name)
            silent = value is None or (setting.name == "force" and value is False)
            assert (f"|{setting.name}:" in metric.signature()) is not silent

    def test_summary_range_and_docstring_are_there(self, name: str, lang: str) -> None:
        metric = METRICS[name]
        assert metric.summary
        assert metric.range[0] < metric.range[1]
        assert metric.__doc__

    def test_no_segments_give_no_rows(self, name: str, lang: str) -> None:
        metric = resolved(name, lang)
        empty = References((), lang=lang, sources=(), source_lang="zh", articles=(), dates=(), facts={}, terms={})
        assert metric.statistics([], empty).shape == (0, len(metric.columns))

    def test_lengths_that_differ_are_refused(self, name: str, lang: str) -> None:
        with pytest.raises(InputError, match="5 segments"):
            resolved(name, lang).statistics(["one"], side(lang))


@pytest.mark.parametrize(("name", "lang"), cases())
@given(data=st.data())
def test_any_text_gives_a_finite_row_and_shards_add_up(name: str, lang: str, data: st.DataObject) -> None:
    metric = resolved(name, lang)
    text = st.text(st.sampled_from("ab 1.,%中国二亿。，“”😀é\u0301\U00020000\n\t-–（)\u2028\x00"), max_size=24)
    hypotheses = data.draw(st.lists(text, min_size=1, max_size=3))
    refs = tuple(tuple(data.draw(st.lists(text, min_size=1, max_size=2))) for _ in hypotheses)
    n = len(hypotheses)
    # A segment an article: a metric may look at the sources of the other segments of its article, and a shard has those.
    references = dataclasses.replace(
        side(lang, [0] * n),
        texts=refs,
        sources=tuple(data.draw(text) for _ in range(n)),
        articles=tuple(f"a{i}" for i in range(n)),
    )
    rows = metric.statistics(hypotheses, references)
    assert np.isfinite(rows).all()
    parts = [
        metric.statistics(
            hypotheses[i : i + 1],
            dataclasses.replace(
                references,
                texts=refs[i : i + 1],
                sources=references.sources[i : i + 1],  # type: ignore[index]
                articles=references.articles[i : i + 1],  # type: ignore[index]
                dates=references.dates[i : i + 1],  # type: ignore[index]
            ),
        )
        for i in range(n)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), rows)


def test_open_settings_must_be_resolved_before_scoring() -> None:
    with pytest.raises(SettingError, match="depends on the target language"):
        METRICS["BLEU"]().statistics(["a"], [["a"]])


def test_references_given_as_a_string_a_segment_are_taken_as_one_reference() -> None:
    metric = parse("chrF").resolve("en")
    np.testing.assert_array_equal(metric.statistics(["abc"], ["abd"]), metric.statistics(["abc"], [["abd"]]))
