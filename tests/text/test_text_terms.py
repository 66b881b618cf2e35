from __future__ import annotations

import re
import string

import pytest
from hypothesis import given, strategies as st

from evalkit.text.term_matching import Glossary, Occurrence, Term

SHANGHAI = Term("上海", ("Shanghai",), ("Beijing",), "place")
SJTU = Term("上海交通大学", ("Shanghai Jiao Tong University", "SJTU"), (), "organisation")
KHAN = Term("夏泽翰", ("Shahbaz Khan",), ("Xia Zehan",), "person")
ZHANG = Term("张勇", ("Daniel Zhang", "Zhang Yong"), (), "person")
SUN = Term("孙利军", ("Sun Lijun",), (), "person")
STREAMER = Term("主播", ("livestreamer",), ())


def find(term: Term, text: str, lang: str = "en") -> list[Occurrence]:
    glossary = Glossary((term,))
    return sorted([*glossary.source(text), *glossary.target(text, lang)], key=lambda o: (o.start, -o.end))


def spans(term: Term, text: str, lang: str = "en") -> list[str]:
    return [f"{o.status} {text[o.start : o.end]}" for o in find(term, text, lang)]


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        (STREAMER, "livestreamer livestreamers live-streamer Live\u2011streamers", 4),
        (STREAMER, "a live streamer, two LIVE\nSTREAMERS, the livestreamer's", 3),
        (STREAMER, "the livestreamer’s and the livestreamers' rooms", 2),
        (STREAMER, "livestreaming livestreame alivestreamer live. Streamer live; streamer", 0),
        (Term("组织", ("organization",)), "organisations and organization", 2),
        (Term("组织", ("organisation",)), "organizations", 1),
        (Term("县", ("county",)), "county counties county's", 3),
        (Term("箱", ("box",)), "a box of boxes", 2),
        (Term("项目", ("program",)), "programme programmes programs", 3),
        (Term("数字化", ("digitalise",)), "digitalized", 0),
        (Term("假发", ("wig",)), "wigs wiggle", 1),
        (Term("一号文件", ("No. 1 Central Document",)), "the No. 1 Central Document and No.1 central documents", 2),
        (Term("普安", ("Pu'an",)), "Pu’an, Pu'an, Pu‘an’s", 3),
        (Term("党校", ("Party School (National Academy)",)), "the Party School (National Academy)", 1),
        (Term("课程", ("Party Building: A View",)), "Party Building: A View and Party Building, a View", 2),
        (Term("礼县", ("Li County",)), "said Li. County records", 0),
        (Term("人工智能", ("AI",)), "AI, A.I. and ai in Mumbai; AI's", 2),
        (Term("意大利", ("Italy",)), "Ｉｔａｌｙ and ITALY", 2),
    ],
)
def test_words_are_found_in_their_forms_and_nothing_else(term: Term, text: str, expected: int) -> None:
    assert len(find(term, text, "en")) == expected


def test_british_spelling_is_folded_for_english_alone() -> None:
    assert find(Term("组织", ("organization",)), "organisation", "en")
    assert not find(Term("组织", ("organization",)), "organisation", "de")


def test_rejected_forms_are_found_next_to_accepted_ones() -> None:
    assert spans(KHAN, "Xia Zehan, not Shahbaz Khan") == ["rejected Xia Zehan", "accepted Shahbaz Khan"]


def test_a_surname_counts_after_the_full_name_and_as_a_name_only() -> None:
    assert spans(ZHANG, "Zhang spoke. Daniel Zhang spoke; Zhang’s words.") == [
        "accepted Daniel Zhang",
        "accepted Zhang",
    ]
    assert spans(KHAN, "Shahbaz Khan said. Khan added.") == ["accepted Shahbaz Khan", "accepted Khan"]
    assert spans(SUN, "Sun Lijun in the sun. Sun left.") == ["accepted Sun Lijun", "accepted Sun"]
    assert spans(ZHANG, "Daniel Zhang and Daniel") == ["accepted Daniel Zhang"]


def test_another_persons_full_name_is_not_a_lone_surname() -> None:
    other = Term("张明敏", ("Zhang Mingmin",), (), "person")
    found = Glossary((ZHANG, other)).target("Daniel Zhang met Zhang Mingmin.")
    assert [o.form for o in found] == ["Daniel Zhang", "Zhang Mingmin"]


def test_a_place_inside_an_institution_is_not_the_place_in_the_source() -> None:
    glossary = Glossary((SHANGHAI, SJTU))
    text = "上海交通大学在上海"
    assert [(o.form, o.start) for o in glossary.source(text)] == [("上海交通大学", 0), ("上海", 7)]
    found = glossary.target("Shanghai Jiao Tong University")
    assert [(o.term, o.end) for o in found] == [(SJTU, 29), (SHANGHAI, 8)]


def test_a_form_inside_a_longer_one_of_its_own_counts_once() -> None:
    term = Term("礼县", ("Li County", "County"))
    assert [o.form for o in find(term, "Li County, the county")] == ["Li County", "County"]


def test_an_accepted_form_inside_a_rejected_one_does_not_count() -> None:
    term = Term("主席", ("president",), ("vice president",))
    assert [o.status for o in find(term, "the vice president")] == ["rejected"]
    assert [o.status for o in find(term, "the president")] == ["accepted"]


def test_what_is_right_for_one_term_is_not_wrong_for_another() -> None:
    glossary = Glossary(
        (Term("贵州", ("Guizhou",), ("Guangzhou",), "place"), Term("广州", ("Guangzhou",), (), "place"))
    )
    assert [(o.term.source, o.status) for o in glossary.target("Guangzhou")] == [("广州", "accepted")]


def test_a_rejected_form_inside_an_accepted_one_is_no_error() -> None:
    term = Term("乡村特派员", ("rural commissioner",), ("commissioner",))
    assert [o.status for o in Glossary((term,)).target("a rural commissioner")] == ["accepted"]
    assert [o.status for o in Glossary((term,)).target("a commissioner")] == ["rejected"]


def test_chinese_targets_and_width() -> None:
    term = Term("UNESCO", ("联合国教科文组织",), ("教科文组织",), "organisation")
    assert spans(term, "联合国教科文组织与教科文组织", "zh") == ["accepted 联合国教科文组织", "rejected 教科文组织"]
    plan = Term("热土计划2022", ("Hometown Initiative 2022",))
    assert [o.start for o in find(plan, "“热土计划２０２２”")] == [1]


def test_forms_without_letters_or_digits_never_match() -> None:
    assert find(Term("……", ("...",)), "... …… ---") == []


def test_offsets_survive_letters_that_grow_when_lowered() -> None:
    text = "İİİ livestreamer"
    (found,) = find(STREAMER, text)
    assert text[found.start : found.end] == "livestreamer"


words = st.lists(st.sampled_from(["sea", "se", "a", "eas", "seas", "ease"]), max_size=8)


@given(st.lists(words, min_size=1, max_size=4), words)
def test_equal_to_a_naive_search_of_whole_words(forms: list[list[str]], text: list[str]) -> None:
    """The trie against a scan of every window of words; plurals are folded by hand."""

    def plain(word: str) -> str:
        return "sea" if word == "seas" else "eas" if word == "eas" else word

    terms = [Term(str(i), (" ".join(form),)) for i, form in enumerate(forms)]
    windows: set[tuple[str, int, int]] = set()
    offsets = [len(" ".join(text[:i])) + (i > 0) for i in range(len(text))]
    for i in range(len(text)):
        for j in range(i + 1, len(text) + 1):
            key = "".join(map(plain, text[i:j]))
            hits = [t for t in terms if "".join(map(plain, t.accepted[0].split())) == key]
            windows |= {(t.source, offsets[i], offsets[j - 1] + len(text[j - 1])) for t in hits}
    found = Glossary(terms).target(" ".join(text), "de")
    assert sorted((o.term.source, o.start, o.end) for o in found) == sorted(windows)


han = st.text(alphabet="上海交", min_size=1, max_size=4)


@given(st.lists(han, min_size=1, max_size=4, unique=True), st.text(alphabet="上海交", max_size=12))
def test_source_forms_are_the_longest_substrings(forms: list[str], text: str) -> None:
    everywhere = [(f, i, i + len(f)) for f in forms for i in range(len(text)) if text.startswith(f, i)]
    longest = [
        (f, start, end)
        for f, start, end in everywhere
        if not any(s <= start and end <= e and (s, e) != (start, end) for _, s, e in everywhere)
    ]
    found = Glossary(Term(f, ()) for f in forms).source(text)
    assert sorted((o.form, o.start, o.end) for o in found) == sorted(longest)


@given(
    st.text(alphabet=st.sampled_from(list(string.printable + "上海交通大学’“İﬀ\u202e\x00"))),
    st.sampled_from(["en", "zh", "ja"]),
)
def test_any_text_is_answered_with_true_offsets(text: str, lang: str) -> None:
    for found in Glossary((SHANGHAI, SJTU, STREAMER, KHAN)).target(text, lang):
        assert 0 <= found.start < found.end <= len(text)
        assert re.sub(r"\W", "", text[found.start : found.end])
