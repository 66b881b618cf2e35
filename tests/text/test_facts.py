"""The search for facts: against naive searches, on hand-written cases, and on any text."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from evalkit.errors import InputError, SettingError
from evalkit.text import facts
from evalkit.text.facts import GAP, Extractor, Fact, Forms, Match, View, validate
from evalkit.text.quantities import Quantity, extract


def carries(fact: Fact, text: str, lang: str, quantities: Extractor | None = None) -> Match | None:
    return facts.carries(fact, View(text, lang, quantities))


def contradicted(fact: Fact, text: str, lang: str) -> Match | None:
    return facts.contradicted(fact, View(text, lang))


def fact(*alternatives: Sequence[str], lang: str = "en", contradicts: Forms = ()) -> Fact:
    return Fact("f01", 1, {}, {lang: tuple(map(tuple, alternatives))}, {lang: contradicts} if contradicts else {})


def found(text: str, *groups: str, lang: str = "en") -> bool:
    return carries(fact(groups, lang=lang), text, lang) is not None


# -- literals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("Alibaba said so.", "alibaba"),
        ("ALIBABA’S plan", "Alibaba"),
        ("a live-streaming host", "live streaming"),
        ("a live streaming host", "live-streaming"),
        ("livestreamers sell", "livestream*"),
        ("the commissioners came", "commissioner"),
        ("two boxes", "box"),
        ("the Rural Revitalisation Fund", "revitali* fund"),
        ("a village—poor but proud", "village poor"),
        ("Pu’an County", "Pu'an"),
        ("Pu'an County", "Pu’an"),
        ("Ａｌｉｂａｂａ", "Alibaba"),
        ("No. 1 Central Document", "No. 1"),
        ("up\u00a0to", "up to"),
    ],
)
def test_english_literal_is_found(text: str, variant: str) -> None:
    assert found(text, variant)


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("the counties of the country", "count"),
        ("unveil", "veil"),
        ("a farmhouse", "farm"),
        ("a farm", "farms"),
        ("the plan. To be", "plan to"),
        ("Lixians-elect", "Lixia"),
        ("2022", "202"),
        ("", "a"),
    ],
)
def test_english_literal_is_a_whole_word(text: str, variant: str) -> None:
    assert not found(text, variant)


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("阿里巴巴发布“热土计划2022”", "热土计划2022"),
        ("“热土计划 2022”", "热土计划2022"),
        ("“热土计划２０２２”", "热土计划2022"),
        ("(国家行政学院)", "（国家行政学院）"),
        ("以ＡＩ标注", "AI标注"),
    ],
)
def test_chinese_literal_ignores_width(text: str, variant: str) -> None:
    assert found(text, variant, lang="zh")


def test_any_variant_of_a_group_will_do() -> None:
    assert found("an envoy came", "commissioner*|envoy*")
    assert not found("an officer came", "commissioner*|envoy*")


def test_spans_are_offsets_of_the_text_as_given() -> None:
    text = "Ｔhe  İstanbul envoy’s 27 — twenty-seven — BOXES."
    match = carries(fact(["envoy", "#27", "boxes"]), text, "en")
    assert match is not None
    assert [text[start:end] for start, end in match.spans] == ["envoy", "27", "BOXES"]


def test_the_first_alternative_that_is_there_is_named() -> None:
    match = carries(fact(["nothing"], ["envoy"], ["came"]), "An envoy came.", "en")
    assert match is not None
    assert (match.fact, match.alternative, match.spans) == ("f01", 1, ((3, 8),))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_folding_keeps_every_character_in_its_place(lang: str) -> None:
    text = "".join(map(chr, (c for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000)))
    assert len(View(text, lang).folded) == len(text)


# -- quantities ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("420 million in traffic", "#420000000"),
        ("0.42 billion in traffic", "#420000000"),
        ("four hundred and twenty million", "#420000000"),
        ("2.3 million yuan", "#CNY 2300000"),
        ("RMB 2.3 million", "#CNY 2300000"),
        ("a fifth of the cost", "#20%"),
        ("20 per cent", "#20%"),
        ("38 tonnes", "#38 t"),
        ("38,000 kilograms", "#38 t"),
        ("22 years", "#22 year"),
        ("two decades", "#20 year"),
        ("more than 20 experts", "#>20"),
        ("over twenty experts", "#>20"),
        ("at least 20 experts", "#>20"),
        ("nearly 1,000 designers", "#nearly 1000"),
        ("almost 1,000 designers", "#nearly 1000"),
        ("about 1,000 designers", "#~1000"),
        ("300 or more", "#>=300"),
        ("about 18 measures", "#18"),
        ("July 25", "#date 2022-07-25"),
        ("25 July 2022", "#date 2022-07-25"),
        ("since 2021", "#date 2021"),
        ("in May 2021", "#date 2021"),
        ("in July 2022", "#date 2022-07"),
    ],
)
def test_quantity_is_found_in_any_right_spelling(text: str, group: str) -> None:
    assert found(text, group)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("42 million in traffic", "#420000000"),
        ("$2.3 million", "#CNY 2300000"),
        ("2,300,000", "#CNY 2300000"),
        ("20 percentage points", "#20%"),
        ("38 kilograms", "#38 t"),
        ("22 months", "#22 year"),
        ("22", "#22 year"),
        ("20 experts", "#>20"),
        ("about 20 experts", "#>20"),
        ("fewer than 20 experts", "#>20"),
        ("nearly 18 measures", "#18"),
        ("more than 18 measures", "#18"),
        ("1,000 designers", "#nearly 1000"),
        ("more than 1,000 designers", "#nearly 1000"),
        ("July 26", "#date 2022-07-25"),
        ("July 25, 2021", "#date 2022-07-25"),
        ("in July 2022", "#date 2022-07-25"),
        ("in 2022", "#date 2022-07-25"),
        ("in 2022", "#date 2022-07"),
        ("in July", "#date 2022"),
    ],
)
def test_another_quantity_is_not(text: str, group: str) -> None:
    assert not found(text, group)


def test_chinese_quantities() -> None:
    assert found("派出二十七位“乡村特派员”", "#27 + 特派员", lang="zh")
    assert found("预计培训人数在300人以上", "#>=300", lang="zh")
    assert not found("预计培训人数在300人以下", "#>=300", lang="zh")


def test_the_extractor_can_be_given() -> None:
    def every_digit(text: str, lang: str) -> list[Quantity]:
        assert lang == "en"
        return [Quantity(Decimal(7), Decimal(7), span=m.span(), surface=m.group()) for m in re.finditer(r"\d", text)]

    assert carries(fact(["#7"]), "a 3", "en", every_digit) is not None
    assert carries(fact(["#7"]), "a 3", "en") is None
    beyond = [Quantity(Decimal(7), Decimal(7), span=(2, 9), surface="")]
    assert carries(fact(["#7"]), "a 3", "en", lambda text, lang: beyond) is None


# -- windows and sequences ----------------------------------------------------------------------------------------------


def test_groups_may_occur_in_adjacent_sentences_only() -> None:
    assert found("Liu came. She sold chestnuts.", "Liu", "chestnut")
    assert found("Chestnuts sold well. Liu helped.", "Liu", "chestnut")
    assert not found("Liu came. It rained. She sold chestnuts.", "Liu", "chestnut")
    assert not found("刘琳来了。下雨了!卖板栗。", "刘琳", "板栗", lang="zh")
    assert found("400万人次帮扶……今年18项。", "帮扶", "今年", lang="zh")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("The No. 1 Central Document of Feb. 22 came.", 1),
        ("Mr. Liu of the U.S. branch left at 3.5 percent. He was glad.", 2),
        ("He said “no.” She left.", 2),
        ("Plan b. Then c.", 2),
        ("J. K. Liu came in Mar. 2022, e.g. Tuesday.", 1),
        ("It rose … and fell.", 1),
        ("A title\nA line\n\nA paragraph", 4),
        ("", 1),
        ("Ends here. ", 1),
    ],
)
def test_english_sentences(text: str, count: int) -> None:
    assert len({View(text, "en").sentence(i) for i in range(len(text))} | {0}) == count


def test_a_sequence_binds_a_number_to_what_is_counted() -> None:
    groups = ("#12 + provinc*", "#22 + county/counties")
    assert found("22 remote counties in 12 provinces", *groups)
    assert not found("22 provinces and 12 counties", *groups)
    assert not found("12 of them. The provinces", "#12 + provinc*")
    assert found("12个省22个偏远县域", "#12 + 省", "#22 + 县", lang="zh")
    assert not found("22个省12个偏远县域", "#12 + 省", lang="zh")


def test_a_sequence_keeps_order_and_distance() -> None:
    assert found("guided by the bureau", "guid* + bureau")
    assert not found("the bureau guides", "guid* + bureau")
    assert found(f"guided {'x' * 58} bureau", "guid* + bureau")
    assert not found(f"guided {'x' * 59} bureau", "guid* + bureau")
    assert found(f"指导{'甲' * 20}民政局", "指导 + 民政局", lang="zh")
    assert not found(f"指导{'甲' * 21}民政局", "指导 + 民政局", lang="zh")
    assert found("a b c", "a + b + c")
    assert not found("a c b", "a + b + c")


def test_only_another_checkable_quantity_parts_a_sequence() -> None:
    def numbered(checkable: bool) -> list[Quantity]:
        twelve = Quantity(Decimal(12), Decimal(12), span=(0, 2), surface="12")
        return [twelve, Quantity(Decimal(1), Decimal(1), span=(3, 6), surface="one", checkable=checkable)]

    text = "12 one provinces"
    assert carries(fact(["#12 + provinces"]), text, "en", lambda text, lang: numbered(False)) is not None
    assert carries(fact(["#12 + provinces"]), text, "en", lambda text, lang: numbered(True)) is None


def test_the_noun_may_be_part_of_the_span_of_the_quantity() -> None:
    whole = [Quantity(Decimal(12), Decimal(12), noun="province", span=(0, 12), surface="12 provinces")]
    assert carries(fact(["#12 + provinces"]), "12 provinces", "en", lambda text, lang: whole) is not None


def digits(text: str, lang: str) -> list[Quantity]:
    return [
        Quantity(Decimal(m.group()), Decimal(m.group()), span=m.span(), surface=m.group())
        for m in re.finditer(r"\d+", text)
    ]


WORDS = st.lists(
    st.lists(st.sampled_from(["aa", "bb", "cc", "dd", "12", "22", "x" * 25]), min_size=1, max_size=6),
    min_size=1,
    max_size=5,
)


def spell(sentences: list[list[str]]) -> str:
    # a capital opens each sentence, as the splitter asks
    return " ".join("Q " + " ".join(words) + "." for words in sentences)


@given(
    WORDS,
    st.lists(st.lists(st.sampled_from(["aa", "bb", "cc", "#12"]), min_size=1, max_size=3), min_size=1, max_size=3),
)
def test_windows_equal_a_naive_search(sentences: list[list[str]], groups: list[list[str]]) -> None:
    windows = [sentences[i] + (sentences[i + 1] if i + 1 < len(sentences) else []) for i in range(len(sentences))]
    naive = any(all(any(v.lstrip("#") in window for v in group) for group in groups) for window in windows)
    forms = fact(["|".join(group) for group in groups])
    assert (carries(forms, spell(sentences), "en", digits) is not None) == naive


@settings(max_examples=300)
@given(WORDS, st.lists(st.sampled_from(["aa", "bb", "#12", "#22"]), min_size=2, max_size=3))
def test_sequences_equal_a_naive_search(sentences: list[list[str]], parts: list[str]) -> None:
    def chains(words: list[str], at: int, rest: list[str]) -> bool:
        """Whether the rest of the parts can follow the word at this place."""
        if not rest:
            return True
        here = words[at]
        for to in range(at + 1, len(words)):
            between = words[at + 1 : to]
            gap = len(" ".join(["", *between, ""])) if between else 1
            numbers = any(w.isdigit() for w in between) and (here.isdigit() or words[to].isdigit())
            if words[to] == rest[0].lstrip("#") and gap <= GAP["en"] and not numbers and chains(words, to, rest[1:]):
                return True
        return False

    naive = any(
        words[i] == parts[0].lstrip("#") and chains(words, i, parts[1:])
        for words in sentences
        for i in range(len(words))
    )
    assert (carries(fact([" + ".join(parts)]), spell(sentences), "en", digits) is not None) == naive


# -- contradictions and errors ------------------------------------------------------------------------------------------


def test_contradiction() -> None:
    wrong = fact(["Khan", "UNESCO"], contradicts=(("UNICEF|UNDP",), ("Khan", "#>200")))
    assert contradicted(wrong, "Khan of UNESCO spoke.", "en") is None
    match = contradicted(wrong, "Khan of UNESCO spoke. More than 200 came.", "en")
    assert match is not None
    assert match.alternative == 1
    assert contradicted(wrong, "Khan of UNICEF spoke.", "en") is not None
    assert contradicted(fact(["Khan"]), "UNICEF", "en") is None


def test_one_view_serves_many_facts() -> None:
    calls = []

    def counted(text: str, lang: str) -> list[Quantity]:
        calls.append(text)
        return extract(text, lang)

    view = View("27 commissioners in 12 provinces", "en", counted)
    assert facts.carries(fact(["#27"]), view) is not None
    assert facts.carries(fact(["#12"]), view) is not None
    assert len(calls) == 1


def test_a_fact_without_forms_of_the_language_is_not_carried() -> None:
    assert carries(fact(["a"], lang="zh"), "a", "en") is None


@pytest.mark.parametrize("lang", ["fr", "", "EN"])
def test_other_languages_are_refused(lang: str) -> None:
    with pytest.raises(SettingError, match="use zh or en"):
        carries(fact(["a"]), "a", lang)


@pytest.mark.parametrize(
    ("group", "lang", "message"),
    [
        ("", "en", "empty variant"),
        ("a|", "en", "empty variant"),
        ("a + ", "en", "empty variant"),
        ("#twenty", "en", "not a quantity in normal form"),
        ("#", "zh", "not a quantity in normal form"),
        ("live*stream", "en", "does not end a word"),
        ("* stream", "en", "does not end a word"),
        ("直播*", "zh", "leave the"),
    ],
)
def test_a_form_that_cannot_be_read_is_named(group: str, lang: str, message: str) -> None:
    with pytest.raises(InputError, match=f"fact f01, {lang}.*{message}"):
        validate(fact(["a", group] if lang == "en" else ["甲", group], lang=lang))


def test_an_alternative_without_groups_is_refused() -> None:
    with pytest.raises(InputError, match="without groups"):
        validate(fact([]))
    validate(fact(["a", "#27 + b*/c"]))


MANY = fact(
    ["alibaba|live streaming", "#>20 + expert*/scholar*|expert* + #>20"],
    ["#date 2022-07-25"],
    ["(a)|$5"],
    ["a + #12 + b"],
)
MANY_ZH = fact(["阿里 + #27 + 特派员|…", "#38 t"], ["。"], lang="zh")


@given(st.text() | st.text("a12个月 .\n,-#|+/万亿“”’Ⅷİß\u202e\x00", max_size=300))
def test_any_text_is_answered(text: str) -> None:
    for many, lang in ((MANY, "en"), (MANY_ZH, "zh")):
        match = carries(many, text, lang)
        if match is not None:
            assert all(0 <= start < end <= len(text) for start, end in match.spans)
        contradicted(many, text, lang)


@pytest.mark.parametrize(
    "text",
    [
        "alibaba " * 50_000,
        "live " + " " * 200_000,
        "12 a " * 20_000,
        "a. " * 50_000,
        "." * 200_000,
        "." + '"' * 200_000,
        "阿里27特派员" * 20_000,
        "9" * 10_000,
        "\n" * 200_000,
    ],
    ids=["words", "spaces", "numbers", "initials", "stops", "quotes", "chinese", "digits", "lines"],
)
def test_long_texts_are_answered(text: str) -> None:
    for many, lang in ((MANY, "en"), (MANY_ZH, "zh")):
        carries(many, text, lang)
