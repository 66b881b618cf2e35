"""Health checks: which outputs fail, and what is accepted because the references have it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from evalkit.text.health_checks import CHECKS, FACTOR, SLACK, Expected, Problem, _loop, problems

SOURCE = "孙利军在会上表示，去年农民的收入增长了两成，今年公司将向十二个省派出二十七位特派员。"
REFERENCE = (
    "Sun Lijun told the meeting that farmers had earned a fifth more last year, and that the company would send "
    "27 commissioners to 12 provinces this year."
)
OTHER = (
    "Farmers' incomes grew by 20% last year, Sun Lijun said at the meeting, and this year 27 commissioners will go "
    "to 12 provinces."
)
ZH_SOURCE = (
    "The minister said that he was delighted with the harvest of this year, and that the reserves would last. "
    "Nobody in the country would have to buy grain abroad before the summer."
)
ZH_REFERENCE = "部长表示，他对今年的收成非常满意，储备足够使用。全国在夏天之前都不必从国外购买粮食。"
ARTICLE = "".join(f"第{n}天，村里的第{n}位主播卖出了{n}吨板栗，农民的收入因此有所增加。" for n in "一二三四五六七八九")
SUMMARY = "九天里，九位主播帮助农民卖出板栗，收入增加。"


def checks(text: str, references: tuple[str, ...] = (REFERENCE, OTHER), source: str = SOURCE) -> list[str]:
    return [f"{p.check}" for p in problems(text, Expected("en", references, source, "zh")) if p.severity == "error"]


def zh_checks(text: str, references: tuple[str, ...] = (ZH_REFERENCE,), source: str = ZH_SOURCE) -> list[str]:
    return [p.check for p in problems(text, Expected("zh", references, source, "en"))]


def summary_checks(text: str, references: tuple[str, ...] = (SUMMARY,)) -> list[str]:
    return [p.check for p in problems(text, Expected("zh", references, ARTICLE, "zh", "summary"))]


@pytest.mark.parametrize("text", [REFERENCE, OTHER])
def test_a_reference_has_no_problem(text: str) -> None:
    assert checks(text) == []
    assert checks(text, (OTHER,)) == []
    assert zh_checks(ZH_REFERENCE) == []
    assert summary_checks(SUMMARY) == []


@pytest.mark.parametrize("text", ["", " \n\t", "...", "—", "\u200b", "。！", "_"])
def test_no_word_is_empty(text: str) -> None:
    assert checks(text) == ["empty"]
    assert checks(text, ("…",), "…") == ([] if text.strip(" \n\t\u200b") else ["empty"])
    assert checks(text, ("",), "…") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SOURCE, ["wrong-language", "source-copied"]),
        ("孙利军表示，农民收入增加了百分之二十，今年将有特派员前往各省。", ["wrong-language"]),
        (REFERENCE.replace("farmers", "农民"), ["untranslated"]),
        (REFERENCE.replace("commissioners", "commissioners (特派员)"), []),
        (REFERENCE.replace("commissioners", "commissioners （“特派员”）"), []),
        ("（孙利军）" + REFERENCE, ["untranslated"]),
        (REFERENCE.replace("meeting", "meeting丨"), []),
    ],
)
def test_chinese_left_in_english(text: str, found: list[str]) -> None:
    assert checks(text) == found


def test_chinese_that_a_reference_keeps_is_no_fault() -> None:
    kept = REFERENCE.replace("meeting", "meeting of 农民")
    assert checks(kept, (kept, OTHER)) == []
    assert checks(REFERENCE.replace("year.", "year, 农民."), (kept, OTHER)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ZH_SOURCE, ["wrong-language", "source-copied"]),
        (
            "大臣は今年の収穫に大変満足していると述べ、備蓄は十分にあるとした。夏までに買う必要はない。",
            ["wrong-language"],
        ),
        (
            "장관은 올해 수확에 매우 만족하며 비축량이 충분하다고 말했다. 여름 전에는 살 필요가 없다.",
            ["wrong-language"],
        ),
        (
            "部长表示，he was delighted with the harvest of this year，储备足够使用，夏天之前都不必从国外购买粮食。",
            ["untranslated"],
        ),
        ("部长表示，他对Sydney Airport和Yarra Trams今年的收成非常满意，储备足够使用，不必从国外购买粮食。", []),
        ("部长表示，他对今年的收成非常满意（delighted with the harvest of this year），储备足够，不必购买粮食。", []),
    ],
)
def test_other_languages_in_chinese(text: str, found: list[str]) -> None:
    assert zh_checks(text) == found


def test_names_alone_may_stay_in_their_letters() -> None:
    assert zh_checks("Kim Kardashian、Neto", ("金·卡戴珊和内托",), "Kim Kardashian, Neto") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sun Lijun told the meeting that farmers had earned a fifth more last year, and that the", ["cut-off"]),
        ("Sun Lijun told the meeting that farmers had earned a fifth", ["cut-off"]),
        (REFERENCE.removesuffix("."), []),
        (REFERENCE.removesuffix(".") + "!”", []),
        (REFERENCE.removesuffix("year.") + "year:", []),
    ],
)
def test_cut_off(text: str, found: list[str]) -> None:
    assert checks(text) == found


def test_a_headline_needs_no_full_stop() -> None:
    assert checks("Incomes of farmers grow by", ("Farmers earn more",), "农民增收") == []
    # ... but where source and references have one, "by" is no end
    assert checks("Incomes of farmers grow by", ("Farmers earn more.",), "农民增收。") == ["cut-off"]


def test_a_summary_ends_with_a_sentence() -> None:
    assert summary_checks(SUMMARY.removesuffix("。")) == ["cut-off"]
    assert summary_checks(SUMMARY.removesuffix("。"), (SUMMARY, SUMMARY.removesuffix("。"))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Sun Lijun said that farmers farmers farmers farmers farmers farmers earned more, a fifth in the year.",
            ["repetition"],
        ),
        ("Farmers earned more last year. " * 3, ["repetition"]),
        (REFERENCE + " " + REFERENCE, ["repetition"]),
        ("Very, very, very, very happy farmers earned a fifth more in the last year, Sun Lijun told the meeting.", []),
        ("1 1 1 1 1 1 1 farmers earned a fifth more in the last year, Sun Lijun told the meeting.", []),
        (
            "one person one car, one person one car, one person one car: what Sun Lijun told the meeting.",
            ["repetition"],
        ),
    ],
)
def test_repetition(text: str, found: list[str]) -> None:
    assert checks(text) == found


def test_loops_of_four_to_24_words_repeat_three_times() -> None:
    words = [f"word{i}" for i in range(25)]
    assert _loop(words[:5] * 3) == (0, 15)
    assert _loop(words[:24] * 3) == (0, 72)
    assert _loop(words[:5] * 2) is _loop(words[:25] * 3) is None


def test_a_source_that_repeats_itself_excuses() -> None:
    chorus = "Row, row, row, row, row, row your boat along the river. " * 2
    assert checks(chorus, (chorus,), "划呀划") == []
    assert summary_checks("农民的收入因此有所增加。农民的收入因此有所增加。") == ["repetition"]


def test_lengths_that_references_do_not_span() -> None:
    shortest, longest = sorted(map(len, (REFERENCE, OTHER)))
    word = "lovely "

    def text(size: int) -> str:
        return ("Sun " + "".join(f"{word}{i} " for i in range(size)))[: size - 1] + "."

    for size, found in (
        (int(FACTOR["translation"] * longest) + SLACK, []),
        (int(FACTOR["translation"] * longest) + SLACK + 1, ["length"]),
        (-(-(shortest - SLACK) // 3), []),
        ((shortest - SLACK) // 3 - 1, ["length"]),
    ):
        assert [c for c in checks(text(size)) if c != "repetition"] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He said (in 2022 that it was fine.", ["unbalanced"]),
        ("He said in 2022) that it was fine.", ["unbalanced"]),
        ("He said it was 49 metres） long.", ["unbalanced"]),
        ("He said it: (a) one, b) two, 3) three :) ;-) :(", []),
        ("He read 《Red》 and 《Blue.", ["unbalanced"]),
        ("He said [sic it was.", ["unbalanced"]),
        ("He said （fine) and (fine）.", []),
    ],
)
def test_brackets(text: str, found: list[str]) -> None:
    plain = ("He said in 2022 that all of it was fine.",)
    assert checks(text, plain, "他说都好。") == found
    assert checks(text, (*plain, text), "他说都好。") == []


def test_a_quotation_may_run_on_into_the_next_segment_of_a_translation_but_not_in_a_summary() -> None:
    open_quote = "He said: “All of it was fine in 2022."
    plain = ("He said in 2022 that all of it was fine.",)
    found = problems(open_quote, Expected("en", plain, "他说都好。", "zh"))
    assert [(p.check, p.severity) for p in found] == [("unbalanced", "warning")]
    found = problems(open_quote, Expected("en", plain, "他说都好。", "zh", "summary"))
    assert [(p.check, p.severity) for p in found] == [("unbalanced", "error")]
    assert problems('The 24" screen he bought in 2022 was fine.', Expected("en", plain)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Here is the summary: " + REFERENCE,
        "Here's a concise English translation of the article:\n\n" + REFERENCE,
        "Sure! Here is the translation:\n" + REFERENCE,
        "Sure, here you go: " + REFERENCE,
        "**Translation:** " + REFERENCE,
        "Summary: " + REFERENCE,
        "English translation: " + REFERENCE,
        REFERENCE + "\n\nI hope this helps!",
        REFERENCE + " Let me know if you need anything else.",
        "As an AI language model, I cannot translate. " + REFERENCE,
        "Translate the following text into English.\n" + REFERENCE,
        "```\n" + REFERENCE + "\n```",
        "# Farmers earn more\n" + REFERENCE,
        "**Sun Lijun** " + REFERENCE,
        REFERENCE + "<|im_end|>",
        "[INST] " + REFERENCE,
        '{"translation": "' + REFERENCE + '"}',
        "<think>\n" + REFERENCE,
        "assistant\n" + REFERENCE,
    ],
)
def test_prompt_residue(text: str) -> None:
    assert "prompt-residue" in checks(text)
    # Where a reference does the same it is no residue.
    assert "prompt-residue" not in checks(text, (text, REFERENCE))


@pytest.mark.parametrize(
    "text",
    [
        "以下是摘要：" + SUMMARY,
        "好的，以下是这篇新闻的摘要：\n" + SUMMARY,
        "摘要：" + SUMMARY,
        "【摘要】\n" + SUMMARY,
        "新闻摘要:" + SUMMARY,
        SUMMARY + "希望以上内容对您有所帮助！",
        "作为一个人工智能助手，" + SUMMARY,
        "请将以下新闻总结为一段话。\n" + SUMMARY,
        "```markdown\n" + SUMMARY,
    ],
)
def test_prompt_residue_in_chinese(text: str) -> None:
    assert "prompt-residue" in summary_checks(text)


@pytest.mark.parametrize(
    "text",
    [
        "当然这是有必要的：主播帮助农民卖出板栗，收入增加。",
        "当然，他说：主播帮助农民卖出板栗，收入增加。",
        "主播为农民卖出板栗，以下是农民的话：收入增加。",
    ],
)
def test_plain_chinese_is_no_residue(text: str) -> None:
    assert summary_checks(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Of course, he said: farmers had earned a fifth more in the last year, as Sun Lijun told the meeting in July.",
        "Sure enough, farmers had earned a fifth more in the last year, as Sun Lijun told all of the meeting in July.",
        "Here are the figures: farmers had earned a fifth more in the last year, as Sun Lijun told the meeting.",
        "#NAME# # said that farmers had earned a fifth more in the last year, as Sun Lijun told the meeting.",
    ],
)
def test_plain_english_is_no_residue(text: str) -> None:
    assert checks(text) == []


def test_the_article_is_no_summary_but_its_sentences_are() -> None:
    sentences = re.findall("[^。]+。", ARTICLE)
    assert summary_checks(ARTICLE, ("".join(sentences[:3]),)) == ["source-copied"]
    assert summary_checks("".join(sentences[:2]), ("".join(sentences[:3]),)) == []


def test_spans_lie_in_the_text_and_hold_what_the_message_says() -> None:
    text = "Here is the translation: Sun Lijun 表示 that farmers earned more more more more more more and the"
    for problem in problems(text, Expected("en", (REFERENCE,), SOURCE, "zh")):
        assert problem.check in CHECKS
        if problem.span is not None:
            start, end = problem.span
            assert 0 <= start < end <= len(text)
    assert Problem("untranslated", "left untranslated: 表示", (35, 37)) in problems(
        text, Expected("en", (REFERENCE,), SOURCE, "zh")
    )
    assert text[35:37] == "表示"


_ANY = st.text(alphabet=st.characters() | st.sampled_from('。"“”()（）《》，的a b\n#*`\u202e\u0000'), max_size=80)


@given(
    text=_ANY, reference=_ANY, source=_ANY, lang=st.sampled_from(["en", "zh", "ja", "de", "sr"]), summary=st.booleans()
)
def test_any_string_gets_an_answer(text: str, reference: str, source: str, lang: str, summary: bool) -> None:
    kind = "summary" if summary else "translation"
    expected = Expected(lang, (reference,), source, "zh", kind)
    found = problems(text, expected)
    assert [p.check for p in found] == sorted((p.check for p in found), key=CHECKS.index)
    assert problems(text, expected) == found
    if not summary:
        # What a reference does is normal.
        assert problems(reference, expected) == []


@pytest.mark.parametrize(
    "piece", ["a", "(", "“", "中", "* ", "\n", "#", "中 ", "(中", "ab ", "\t", "9", "。", "here is "]
)
def test_long_texts_are_read_in_linear_time(piece: str) -> None:
    # A quadratic check would take hours here.
    expected = Expected("en", (REFERENCE,), SOURCE, "zh")
    problems(piece * (200_000 // len(piece)), expected)
