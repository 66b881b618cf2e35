"""Metrics as strings, and what is refused."""

from __future__ import annotations

import pytest

from evalkit.errors import SettingError
from evalkit.metrics.bleu import BLEU
from evalkit.metrics.parsing import as_metrics, canonical, parse, split_names
from evalkit.metrics.rouge import ROUGEL


def test_settings_are_read_and_written_the_same_way() -> None:
    metric = parse(" BLEU( tokenize = zh , lowercase=True,max_order=2) ")
    assert metric == BLEU(tokenize="zh", lowercase=True, max_order=2)
    assert str(metric) == "BLEU(tokenize=zh,lowercase=true,max_order=2)"
    assert parse("BLEU(smooth=add-k,smooth_value=0.5)") == BLEU(smooth="add-k", smooth_value=0.5)
    assert parse("BLEU(tokenize=none)") == BLEU(tokenize="none")
    assert parse("BLEU(fold_width=none)") == BLEU()


@pytest.mark.parametrize("name", ["comet", "BleU", "rouge-lsum", "CHRF++"])
def test_the_case_of_a_name_does_not_matter(name: str) -> None:
    assert parse(name).name.casefold() == name.casefold()
    assert parse(str(parse(name))) == parse(name)


def test_a_string_is_found_in_any_order_of_its_settings() -> None:
    assert canonical("bleu(lowercase=true, tokenize=zh)") == "BLEU(tokenize=zh,lowercase=true)"
    assert canonical("GEMBA") == "GEMBA"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("blue", "did you mean BLEU"),
        ("ROUGE-k", "did you mean ROUGE-L"),
        ("Nothing", "the metrics are BLEU"),
        ("", "is not a metric"),
        ("BLEU(", "is not a metric"),
        ("BLEU(tokenise=zh)", "did you mean tokenize"),
        ("BLEU(tokenize)", "unknown setting"),
        ("BLEU(tokenize=chinese)", "choose from 13a, zh"),
        ("BLEU(lowercase=perhaps)", "not true or false"),
        ("BLEU(max_order=two)", "not a whole number"),
        ("BLEU(max_order=0)", "between 1 and 16"),
        ("BLEU(smooth_value=-0.1)", "smooth_value=-0.1 is out of range; use 0 or more"),
        ("BLEU(smooth_value=1e999)", "smooth_value=inf is out of range"),
        ("BLEU(smooth_value=nan)", "not a number"),
        ("BLEU(tokenize=zh,tokenize=13a)", "given twice"),
        ("chrF(char_order=99)", "between 1 and 16"),
        ("BLEU(__class__=x)", "unknown setting"),
    ],
)
def test_wrong_strings_are_refused_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        parse(text)


def test_all_wrong_names_are_reported_at_once() -> None:
    with pytest.raises(SettingError) as error:
        as_metrics(["blue", "chrF", "TERR", 3])
    assert str(error.value).count("\n") == 2
    assert "BLEU" in str(error.value)
    assert "TER" in str(error.value)


def test_doubles_are_scored_once_and_lists_split_outside_brackets() -> None:
    assert len(as_metrics(["BLEU", BLEU(), "chrF"])) == 2
    assert split_names("BLEU(tokenize=zh,lowercase=true), chrF,") == ["BLEU(tokenize=zh,lowercase=true)", "chrF"]


@pytest.mark.parametrize(
    ("metric", "lang", "message"),
    [
        ("BLEU(tokenize=13a)", "zh", r"use BLEU\(tokenize=zh\)"),
        ("BLEU(tokenize=intl)", "zh-Hant", r"use BLEU\(tokenize=zh\)"),
        ("BLEU", "ja", "name a tokenizer"),
        ("BLEU", "ko", "ko-mecab"),
        ("BLEU", "th", "name a tokenizer"),
        ("BLEU(tokenize=zh)", "th", "scores th wrongly"),
        ("chrF++", "zh", "use chrF"),
        ("chrF++", "th", "use chrF"),
        ("TER(normalized=false)", "zh", "normalized=true,asian=true"),
        ("TER", "th", "use chrF"),
        ("ROUGE-1(tokenize=rouge)", "zh", "tokenize=mixed"),
        ("ROUGE-1(tokenize=rouge)", "ru", "tokenize=words"),
        ("ROUGE-1(tokenize=words)", "zh", "tokenize=mixed"),
        ("ROUGE-1", "ja", "tokenize=char"),
        ("ROUGE-1(tokenize=mixed)", "ja", "tokenize=char"),
        ("ROUGE-1(stem=true)", "zh", "leave it out"),
        ("BLEU", "chinese", "not a language tag"),
        ("chrF", "zz", "not a language tag"),
    ],
)
def test_unsafe_settings_are_refused_with_the_setting_to_use(metric: str, lang: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        parse(metric).resolve(lang)


@pytest.mark.parametrize(
    ("metric", "lang", "settings"),
    [
        ("BLEU", "zh", {"tokenize": "zh"}),
        ("BLEU", "yue", {"tokenize": "zh"}),
        ("BLEU", "de", {"tokenize": "13a"}),
        ("BLEU(tokenize=char)", "ja", {"tokenize": "char"}),
        ("TER", "zh", {"normalized": True, "asian": True}),
        ("TER", "en", {"normalized": False, "asian": False}),
        ("ROUGE-L", "en", {"tokenize": "rouge", "stem": True}),
        ("ROUGE-L(stem=false)", "en", {"tokenize": "rouge", "stem": False}),
        ("ROUGE-L", "zh", {"tokenize": "mixed", "stem": False}),
        ("ROUGE-L", "de", {"tokenize": "words", "stem": False}),
        ("ROUGE-Lsum", "zh", {"sentences": "punctuation"}),
        ("ROUGE-Lsum", "en", {"sentences": "newline"}),
    ],
)
def test_settings_follow_the_language(metric: str, lang: str, settings: dict[str, object]) -> None:
    chosen = parse(metric).resolve(lang)
    assert {k: getattr(chosen, k) for k in settings} == settings
    assert chosen.resolve(lang) == chosen


def test_a_benchmark_chooses_only_what_is_left_open() -> None:
    assert BLEU().resolve("zh", {"fold_width": True, "unknown": 1}) == BLEU(tokenize="zh", fold_width=True)
    assert BLEU(fold_width=False).resolve("zh", {"fold_width": True}) == BLEU(tokenize="zh", fold_width=False)


def test_a_function_may_stand_for_a_tokenizer_and_is_named_in_the_signature() -> None:
    metric = ROUGEL(tokenize=str.split).resolve("zh")
    assert "str.split" in metric.signature()
    assert float(metric.score(metric.statistics(["甲 乙"], [["甲 乙"]])[0])) == 1.0


def test_measures_share_their_statistics() -> None:
    assert parse("ROUGE-L(measure=recall)").statistics_key() == parse("ROUGE-L").statistics_key()
    assert parse("ROUGE-L(measure=recall)").signature() != parse("ROUGE-L").signature()


def test_an_old_name_is_accepted_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="now called Extractiveness"):
        assert str(parse("Extraction(n=3)")) == "Extractiveness(n=3)"
