"""The metric Quantities: rows, findings, and detection of errors in real translations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from quantity_mutations import Mutation, mutations, swapped

from evalkit.errors import SettingError
from evalkit.metrics.base import References
from evalkit.metrics.quantities import Quantities
from evalkit.text.quantities import Pair, Quantity, align, extract

SOURCE = "驻扎到12个省22个偏远县域，销售板栗38吨，销售额230万元，近1000位设计师"
RIGHT = (
    "in 22 remote counties of 12 provinces, selling 38 tonnes of chestnuts for 2.3 million yuan; nearly 1,000 designers"
)
WRONG = (
    "in 12 remote counties of 22 provinces, selling 38 kilograms of chestnuts for 23 million yuan; over 1,000 designers"
)


def references(*sources: str, lang: str = "en", source_lang: str = "zh", **more: object) -> References:
    return References(tuple(("",) for _ in sources), lang, sources, source_lang, **more)  # type: ignore[arg-type]


def score(output: str, source: str, measure: str | None = None, **more: object) -> float:
    metric = Quantities(measure=measure)
    return float(metric.score(metric.statistics([output], references(source, **more)))[0])


def test_a_right_translation_scores_1_and_each_error_is_counted() -> None:
    metric = Quantities()
    rows = metric.statistics([RIGHT, WRONG], references(SOURCE, SOURCE))
    assert dict(zip(metric.columns, rows[0], strict=True)) == {
        "matched_source": 5, "source": 5, "matched_output": 5, "output": 5, "errors": 0, "warnings": 0, "summaries": 0,
        "required": 5, "recalled": 5, "weight": 5, "precise": 5, "both": 5,
    }  # fmt: skip
    assert dict(zip(metric.columns, rows[1], strict=True)) == {
        "matched_source": 0, "source": 5, "matched_output": 0, "output": 5, "errors": 5, "warnings": 0, "summaries": 0,
        "required": 5, "recalled": 0, "weight": 5, "precise": 0, "both": 0,
    }  # fmt: skip
    assert metric.score(rows).tolist() == [1.0, 0.0]


def test_recall_precision_and_f1() -> None:
    source, output = "38吨、1500户、20%、5公里", "38 tonnes, 1,500 households, 7 litres"
    # 2 of 4 are missing, 1 is added
    assert score(output, source, "recall") == pytest.approx(2 / 4)
    assert score(output, source, "precision") == pytest.approx(3 / 4)
    assert score(output, source, "f1") == pytest.approx(1 / 4)
    assert score(output, source) == pytest.approx(1 / 4)


def test_pooled_shares_divide_by_the_quantities_of_both_sides() -> None:
    source, output = "38吨、1500户、20%、5公里", "38 tonnes, 1,500 households, 7 litres"
    for measure, share in (("recall", 2 / 4), ("precision", 2 / 3), ("f1", 4 / 7), (None, 4 / 7)):
        metric = Quantities(measure=measure, aggregate="pooled")
        assert metric.statistics_key() == Quantities().statistics_key()
        assert metric.score(metric.statistics([output], references(source)))[0] == pytest.approx(share)


def test_a_summary_is_judged_by_precision() -> None:
    assert score("38 tonnes", SOURCE, kind="summary") == 1.0
    assert score("no figures", SOURCE, kind="summary") == 1.0
    assert score("38 tonnes and 7 litres", SOURCE, kind="summary") == pytest.approx(4 / 5)
    assert score("38 tonnes", SOURCE, "recall", kind="summary") == pytest.approx(1 / 5)
    assert score("38吨，又38吨", "38吨，5%", kind="summary", lang="zh") == 1.0


def test_an_error_in_a_summary_weighs_as_much_as_the_references_have_quantities() -> None:
    texts = (("38 tonnes and 2.3 million yuan", "38 tonnes, 2.3 million yuan, 12 provinces, 22 counties"),)
    refs = References(texts, "en", (SOURCE,), "zh", kind="summary")
    metric = Quantities()
    assert metric.score(metric.statistics(["38 tonnes and 7 litres"], refs)).tolist() == [pytest.approx(2 / 3)]


@pytest.mark.parametrize("kind", ["translation", "summary"])
def test_every_pair_of_chinese_and_english_is_read(kind: str) -> None:
    said = {"zh": "板栗38吨", "en": "38 tonnes of chestnuts"}
    wrong = {"zh": "板栗83吨", "en": "83 tonnes of chestnuts"}
    for a in said:
        for b in said:
            assert score(said[b], said[a], lang=b, source_lang=a, kind=kind) == 1.0
            assert score(wrong[b], said[a], lang=b, source_lang=a, kind=kind) == 0.0


def test_a_segment_without_quantities_asks_that_none_is_added() -> None:
    assert score("nothing here", "没有数字") == 1.0
    assert score("38 tonnes", "没有数字") == 0.0
    assert score("38 tonnes and 7 litres", "没有数字") == 0.0
    assert score("", "没有数字") == 0.0
    assert math.isnan(score("38 tonnes", "没有数字", "recall"))
    assert score("nothing here", "38吨", kind="summary") == 1.0
    assert score("nothing here", "38吨") == 0.0
    assert score("", "38吨") == 0.0


@pytest.mark.parametrize("kind", ["translation", "summary"])
@pytest.mark.parametrize("measure", [None, "f1", "recall", "precision"])
def test_emptying_an_output_never_raises_the_score(kind: str, measure: str | None) -> None:
    sources = (SOURCE, "没有数字", "38吨", "两位领导", "1500户、20%")
    outputs = [WRONG, "7 litres, 8 litres", "38 tonnes, 39 tonnes and 40 tonnes", "three leaders", "1,500 households"]
    refs = references(*sources, kind=kind)
    metric = Quantities(measure=measure)
    rows = metric.statistics(outputs, refs)
    whole = metric.score(rows.sum(axis=0))
    fixed = [metric.columns.index(name) for name in ("required", "weight")]
    emptied = metric.statistics([" "] * len(outputs), refs)
    np.testing.assert_array_equal(rows[:, fixed], emptied[:, fixed])
    for i in range(len(outputs)):
        changed = rows.copy()
        changed[i] = emptied[i]
        assert metric.score(changed.sum(axis=0)) <= whole
    assert metric.score(emptied.sum(axis=0)) == 0.0


def test_warnings_do_not_affect_the_score() -> None:
    metric = Quantities()
    rows = metric.statistics(["1,000 designers and the two leaders"], references("近1000位设计师"))
    assert metric.score(rows).tolist() == [1.0]
    assert rows[0, metric.columns.index("warnings")] == 2
    assert rows[0, metric.columns.index("errors")] == 0


def test_scores_are_functions_of_sums() -> None:
    metric = Quantities()
    sources = ["38吨", "1500户、20%", "没有", SOURCE]
    rows = metric.statistics(["38 tonnes", "1,500 households, 5%", "none", WRONG], references(*sources))
    assert metric.score(rows.sum(axis=0)) == pytest.approx((1 + 1 + 1 + 0) / (1 + 2 + 1 + 5))
    stacked = metric.score(np.stack([rows, 2 * rows]))
    assert stacked.shape == (2, 4)
    np.testing.assert_array_equal(stacked[0], stacked[1])
    assert stacked[0, 2] == 1.0


def test_a_row_depends_on_its_own_segment() -> None:
    metric = Quantities()
    sources, outputs = ["38吨", "1500户", SOURCE], ["38 tonnes", "15 households", RIGHT]
    refs = references(*sources, articles=("a", "a", "b"))
    together = metric.statistics(outputs, refs)
    for i in range(3):
        changed = ["9 litres"] * 3
        changed[i] = outputs[i]
        np.testing.assert_array_equal(metric.statistics(changed, refs)[i], together[i])


def test_a_quantity_of_another_block_of_the_article_is_not_added() -> None:
    sources, outputs = ("板栗38吨", "1500户"), ["38 tonnes", "1,500 households, who sold 38 tonnes"]
    metric = Quantities()
    same = metric.statistics(outputs, references(*sources, articles=("a", "a")))
    other = metric.statistics(outputs, references(*sources, articles=("a", "b")))
    assert metric.score(same).tolist() == [1.0, 1.0]
    assert metric.score(other).tolist() == [1.0, 0.0]


def test_words_that_count_from_the_date_use_the_date_of_the_article() -> None:
    assert score("on May 17, 2021", "去年5月17日", dates=("2022-07-25",)) == 1.0
    assert score("on May 17, 2022", "去年5月17日", dates=("2022-07-25",)) == 0.0
    assert score("on May 17, 2022", "去年5月17日", dates=(None,)) == 1.0


def test_findings_tell_what_is_wrong_and_where() -> None:
    findings = Quantities().explain(WRONG, references(SOURCE), 0)
    assert [(f.kind, f.severity) for f in findings] == [
        ("wrong-value", "error"),
        ("wrong-value", "error"),
        ("wrong-unit", "error"),
        ("wrong-value", "error"),
        ("wrong-qualifier", "error"),
    ]
    spans = [(f.source_span, f.output_span) for f in findings]
    said = [(SOURCE[slice(*a)], WRONG[slice(*b)]) for a, b in spans if a is not None and b is not None]
    assert said == [
        ("22个", "12"),
        ("12个", "22"),
        ("38吨", "38 kilograms"),
        ("230万元", "23 million yuan"),
        ("1000位", "1,000"),
    ]
    assert findings[3].message == "“23 million yuan” for “230万元”: CNY 23,000,000 where the source has CNY 2,300,000"
    assert findings[0].message == "“12” for “22个”: 12 where the source has 22; the two numbers may have been exchanged"
    assert findings[3].key == "CNY 2300000"


def test_findings_of_what_only_one_side_has() -> None:
    missing, matched, added = Quantities().explain("1,500 households, 7 litres", references("38吨，1500户"), 0)
    assert (missing.kind, missing.source_span, missing.output_span) == ("missing", (0, 3), None)
    assert (matched.kind, matched.severity) == ("matched", "ok")
    assert (added.kind, added.source_span, added.output_span) == ("added", None, (18, 26))
    elsewhere = Quantities().explain("38 tonnes", references("无", "38吨", articles=("a", "a")), 0)
    assert [(f.kind, f.severity, f.source_span) for f in elsewhere] == [("matched", "ok", None)]
    assert "elsewhere in the article" in elsewhere[0].message


def test_omissions_in_summaries_are_not_listed() -> None:
    findings = Quantities().explain("38 tonnes", references(SOURCE, kind="summary"), 0)
    assert [f.kind for f in findings] == ["matched"]


def test_another_language_or_no_source_is_refused() -> None:
    with pytest.raises(SettingError, match="en and zh, not de"):
        Quantities().statistics(["3 Tonnen"], references("3吨", lang="de"))
    with pytest.raises(SettingError, match="needs sources"):
        Quantities().statistics(["3 tonnes"], References((("3 tonnes",),)))
    with pytest.raises(SettingError, match="measure"):
        Quantities(measure="f2")


# -- real translations ------------------------------------------------------------------------------------------------

_SETS = [
    ("wmt22-zh-en", "source.zh", "zh", "reference.ref-A.en", "en"),
    ("wmt22-zh-en", "source.zh", "zh", "reference.ref-B.en", "en"),
    ("wmt21-en-zh", "source.en", "en", "reference.ref-A.zh", "zh"),
    ("wmt21-en-zh", "source.en", "en", "reference.ref-B.zh", "zh"),
]
_ALARMS = Path(__file__).with_name("quantity_alarms.tsv")


def lines(folder: Path, name: str) -> list[str]:
    return (folder / name).read_text("utf-8").split("\n")


def segments(shared: Path, case: Sequence[str]) -> Iterator[tuple[int, list[Quantity], str]]:
    folder, source, source_lang, reference, _ = case
    pairs = zip(lines(shared / folder, source), lines(shared / folder, reference), strict=True)
    for number, (a, b) in enumerate(pairs, 1):
        yield number, extract(a, source_lang), b


@pytest.mark.parametrize("case", _SETS[:2], ids=lambda case: case[3])
def test_false_alarms_on_human_translations(case: tuple[str, ...], shared_data: Path) -> None:
    """Every error found in the references was looked at; where the reference does say something else it is no false alarm."""
    rows = [row.split("\t") for row in _ALARMS.read_text("utf-8").splitlines() if not row.startswith("#")]
    right = Counter(
        (int(line), kind) for reference, line, kind, judged, _ in rows if (reference, judged) == (case[3], "right")
    )
    false = checked = 0
    for number, source, text in segments(shared_data, case):
        output = extract(text, case[4])
        checked += sum(q.checkable for q in (*source, *output))
        found = Counter((number, p.verdict) for p in align(source, output) if p.severity == "error")
        false += (found - right).total()
    assert checked > 1500
    assert false / checked <= 0.03


def noticed(source: list[Quantity], pair: Pair, mutation: Mutation, lang: str) -> bool:
    start, end = mutation.span
    for p in align(source, extract(mutation.text, lang)):
        if p.severity != "error":
            continue
        if p.source is pair.source or (p.output is not None and p.output.span[0] < end and start < p.output.span[1]):
            return True
    return False


def tell_apart(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities with their numbers exchanged can be told from the right ones."""
    return a.kind != b.kind or a.unit != b.unit or bool(a.noun and b.noun and a.noun != b.noun)


def counts_something(q: Quantity) -> bool:
    return bool(q.unit or q.noun or q.kind != "count")


@pytest.mark.parametrize("case", _SETS, ids=lambda case: case[3])
def test_mutations_of_human_translations_are_detected(case: tuple[str, ...], shared_data: Path) -> None:
    """For each quantity that a reference translation has from its source: ten times as much, a digit, the currency, the
    unit, the date, the qualifier turned, and the numbers of two different things exchanged.
    """
    made: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    lang = case[4]
    for _, source, text in segments(shared_data, case):
        good = [
            p for p in align(source, extract(text, lang))
            if p.severity != "error" and p.source and p.output and p.source.checkable and p.output.checkable
        ]  # fmt: skip
        for pair in good:
            assert pair.source is not None
            assert pair.output is not None
            for mutation in mutations(text, lang, pair.output, pair.source):
                made[mutation.kind] += 1
                seen[mutation.kind] += noticed(source, pair, mutation, lang)
        for p, q in pairwise(good):
            a, b, x, y = p.source, q.source, p.output, q.output
            assert a and b and x and y
            clear = tell_apart(a, b) and tell_apart(x, y) and all(map(counts_something, (a, b, x, y)))
            if clear and (exchange := swapped(text, x, y)) is not None:
                made["swapped"] += 1
                seen["swapped"] += noticed(source, p, exchange, lang) or noticed(source, q, exchange, lang)
    assert set(made) == {"tenfold", "digit", "currency", "unit", "date", "qualifier", "swapped"}
    assert made.total() > 500
    assert seen.total() / made.total() >= 0.95, {kind: f"{seen[kind]}/{made[kind]}" for kind in made}
