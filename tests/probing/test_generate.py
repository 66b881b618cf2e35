"""Generated contrasts: one change each, reproducible with a seed, and wrong unless they are harmless variants."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, strategies as st

from evalkit.data.benchmark import Benchmark
from evalkit.data.glossary import with_terms
from evalkit.errors import SettingError
from evalkit.probing import KINDS, Case, generate
from evalkit.probing.generate import _RULES, INSTRUCTIONS, _Segment
from evalkit.text.term_matching import Glossary, Term

SUN = Term("孙利军", ("Sun Lijun",), (), "person")
ZHANG = Term("张勇", ("Daniel Zhang",), (), "person")
TERMS = (SUN, ZHANG, Term("青龙", ("Qinglong",), (), "place"), Term("板栗", ("chestnut",)))
SOURCE = "孙利军在青龙卖出板栗，共计38吨，收入230万元。农民没有想到会这样。"
ENGLISH = (
    "Sun Lijun sold 38 tons of “chestnuts” in Qinglong, earning more than 2,300,000 yuan. Farmers had not expected it."
)
CHINESE = "孙利军在青龙卖出板栗，共计38吨，为当地农民带来收入230万元。农民没有想到会这样，希望明年再来。"


def segment(lang: str = "en") -> _Segment:
    return _Segment(lang, SOURCE, "zh", Glossary(TERMS))


def made(kind: str, text: str = ENGLISH, lang: str = "en", n: int = 40) -> set[str | None]:
    rule, _ = _RULES[kind]
    return {rule(text, segment(lang), np.random.default_rng(i)) for i in range(n)}


def test_numbers() -> None:
    texts = made("number")
    assert ENGLISH.replace("38", "380") in texts
    assert ENGLISH.replace("2,300,000", "2,300,000,000") in texts
    assert len(texts) > 15
    for text in texts:
        assert text is not None
        assert re.sub(r"[\d,.]+", "#", text) == re.sub(r"[\d,.]+", "#", ENGLISH)
        assert (
            sum(a != b for a, b in zip(re.findall(r"[\d,]*\d", text), re.findall(r"[\d,]*\d", ENGLISH), strict=True))
            == 1
        )
    assert made("number", "G20 and COVID-19 and no. 3A-4") == {None}
    assert made("number", "2. See example.org/p/60474873 for more") == {None}
    assert None not in made("number", CHINESE, "zh")


def test_units() -> None:
    assert made("unit", "4.2 million rose 20 percent") == {
        "4.2 billion rose 20 percent",
        "4.2 million rose 20 percentage points",
    }
    assert made("unit", "a million million yuan") == {None}
    assert made("unit", CHINESE, "zh") == {CHINESE.replace("38吨", "38公斤"), CHINESE.replace("230万", "230亿")}
    assert made("unit", "4 Millionen", "de") == {None}


def test_names() -> None:
    assert made("name") == {ENGLISH.replace("Sun Lijun", "Daniel Zhang")}
    # twice named, the right name would still stand there
    assert made("name", "Sun Lijun and Sun Lijun") == {None}
    assert _RULES["name"][0](ENGLISH, _Segment("en", SOURCE, "zh", None), np.random.default_rng(0)) is None


def test_negation() -> None:
    assert made("negation") == {ENGLISH.replace("had not expected", "had expected")}
    assert made("negation", "He was glad and will go.") == {
        "He was not glad and will go.",
        "He was glad and will not go.",
    }
    assert made("negation", "He isn't, and goes.") == {None}
    assert made("negation", CHINESE, "zh") == {CHINESE.replace("没有想", "想")}
    assert made("negation", "农民希望明年再来", "zh") == {"农民不希望明年再来"}
    assert made("negation", "Er war da", "de") == {None}


def test_omission() -> None:
    first, second = ENGLISH[: ENGLISH.index("Farmers")].strip(), ENGLISH[ENGLISH.index("Farmers") :]
    assert made("omission") == {first, second}
    assert made("omission", first) == {None}
    assert made("omission", "He came home, after he had seen all of the village, and slept.") == {
        "He came home, and slept."
    }
    assert made("omission", "他回来了，看过了全村的所有人家，就睡了。", "zh") == {"他回来了，就睡了。"}


def test_duplication() -> None:
    first = ENGLISH[: ENGLISH.index("Farmers")].strip()
    assert made("duplication") == {f"{first} {ENGLISH}"}
    assert made("duplication", "Short.") == {None}


def test_untranslated() -> None:
    first, second = "孙利军在青龙卖出板栗，共计38吨，收入230万元。", "农民没有想到会这样。"
    at = ENGLISH.index("Farmers")
    assert made("untranslated") == {f"{first} {ENGLISH[at:]}", ENGLISH[:at] + second}
    assert made("untranslated", "One sentence.") == {None}
    assert made("untranslated", CHINESE, "zh") == {None}


def test_whole_outputs() -> None:
    assert made("empty") == {""}
    assert made("empty", " ") == {None}
    assert made("copied-source") == {SOURCE}
    assert made("copied-source", CHINESE, "zh") == {None}
    for text in made("truncated"):
        assert text is not None
        assert ENGLISH.startswith(text)
        assert 0.2 < len(text) / len(ENGLISH) < 0.7
        assert not (text[-1].isalnum() and ENGLISH[len(text)].isalnum())
    assert made("truncated", "Too short") == {None}
    for lang, text in (("en", ENGLISH), ("zh", CHINESE)):
        (long,) = made("very-long", text, lang)
        assert long is not None
        assert len(long) > 8000
        assert long.startswith(text) and long.endswith(text)


def test_instructions_come_in_ten_wordings_of_two_languages() -> None:
    assert {lang: len(set(wordings)) for lang, wordings in INSTRUCTIONS.items()} == {"en": 10, "zh": 10}
    added = {str(text).removeprefix(ENGLISH).strip() for text in made("appended-instruction", n=400)}
    assert added == {*INSTRUCTIONS["en"], *INSTRUCTIONS["zh"]}
    cases = generate(bench(), kinds=["instruction-in-source"]).cases
    assert cases
    task = bench().tasks[0]
    for case in cases:
        plain = (task.sources or ())[task.ids.index(case.segment)]
        assert case.source is not None
        assert case.source.startswith(plain)
        assert case.source.removeprefix(plain) in INSTRUCTIONS["zh"]
        assert case.base.startswith(case.text)


def test_harmless_rules_change_only_the_form() -> None:
    assert made("quote-marks") == {ENGLISH.replace("“", '"').replace("”", '"')}
    assert made("number-format", "4 million in 2,100 homes") == {"4,000,000 in 2,100 homes", "4 million in 2100 homes"}
    assert made("number-format", "$4 million, 4 million to 5 million, 1,234,567") == {
        "$4 million, 4 million to 5,000,000, 1,234,567"
    }
    assert made("number-format", "卖38吨", "zh") == {"卖３８吨"}
    assert made("spacing") == {ENGLISH.replace(" Farmers", "\nFarmers")}


def bench(n: int = 30) -> Benchmark:
    rows = [
        {
            "id": str(i),
            "source": SOURCE.replace("38", str(i + 38)),
            "references": [ENGLISH.replace("38", str(i + 38)), "It rained."],
        }
        for i in range(n)
    ]
    return with_terms(Benchmark.from_dataset(rows, lang="zh-en"), TERMS)


def test_cases_are_the_same_for_the_same_seed_and_within_the_limit() -> None:
    first, again, other = generate(bench()), generate(bench()), generate(bench(), seed=1)
    assert first.cases == again.cases
    assert first.cases != other.cases
    assert {case.kind for case in first.cases} == set(KINDS) - {"number-format"}
    few = generate(bench(), kinds=["number"], limit=7)
    assert len(few.cases) == len({case.id for case in few.cases}) == 7
    assert {case.kind for case in few.cases} == {"number"}
    # a longer benchmark does not change what a rule makes of a segment
    known = {case.id: case for case in generate(bench(40), kinds=["number"]).cases}
    assert all(known[case.id] == case for case in generate(bench(), kinds=["number"]).cases)


def test_a_case_is_scored_against_the_other_references() -> None:
    probe = generate(bench(2), kinds=["number"])
    assert {case.reference for case in probe.cases} == {0}
    assert all(probe.others(case) == ("It rained.",) for case in probe.cases)
    rows = [{"id": "1", "references": [ENGLISH]}]
    alone = generate(Benchmark.from_dataset(rows, lang="en"), kinds=["number"])
    assert [alone.others(case) for case in alone.cases] == [(ENGLISH,)]


def test_errors() -> None:
    with pytest.raises(SettingError, match="unknown kind of contrast 'typo'; there are number, unit"):
        generate(bench(), kinds=["typo"])
    with pytest.raises(SettingError, match="no contrast can be made from dataset"):
        generate(Benchmark.from_dataset([{"id": "1", "references": ["x"]}], lang="en"), kinds=["number", "truncated"])


_ANY = st.text(st.characters() | st.sampled_from("0123456789,.，。 亿万million not is “”的没有"), max_size=60)


@given(text=_ANY, source=_ANY, lang=st.sampled_from(["en", "zh", "de"]), seed=st.integers(0, 9))
def test_any_string_is_changed_or_left(text: str, source: str, lang: str, seed: int) -> None:
    here = _Segment(lang, source, "zh", Glossary(TERMS))
    for rule, _ in _RULES.values():
        changed = rule(text, here, np.random.default_rng(seed))
        assert changed is None or isinstance(changed, str)
        assert rule(text, here, np.random.default_rng(seed)) == changed


def test_a_case_is_a_value() -> None:
    case = Case("1", "t", "s", 0, "number", False, "a 1", "a 2")
    assert case == Case("1", "t", "s", 0, "number", False, "a 1", "a 2")
    assert hash(case)


def test_ids_are_unique_where_tasks_share_their_segments() -> None:
    from evalkit.data.loading import load_benchmark

    cases = generate(load_benchmark()).cases
    assert len({case.id for case in cases}) == len(cases) > 300
