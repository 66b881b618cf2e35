"""Language tags, pairs, and the script a text is written in."""

from __future__ import annotations

import pytest

import evalkit
from evalkit.errors import BenchmarkError, SettingError
from evalkit.text import languages
from evalkit.text.languages import language, parse_pair, parse_text_language, script_codes
from evalkit.text.scripts import sample_script, script_of

ZH = "市议会昨天批准了新的预算，并讨论了明年的交通规划。"


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        ("zh-en", "zh", "en"),
        ("zh:en", "zh", "en"),
        ("zh_en", "zh", "en"),
        ("en", None, "en"),
        ("en-de", "en", "de"),
        ("zh-TW-en", "zh-TW", "en"),
        ("zh-tw-en", "zh-TW", "en"),
        ("pt-BR-en", "pt-BR", "en"),
        ("de-DE-en", "de-DE", "en"),
        ("en-zh-TW", "en", "zh-TW"),
        ("en-pt-BR", "en", "pt-BR"),
        ("en-es-mx", "en", "es-MX"),
        ("zh-mn-Cyrl", "zh", "mn-Cyrl"),
        ("pt-BR-fr-CA", "pt-BR", "fr-CA"),
        ("pt-BR", None, "pt-BR"),
        ("zh_CN", None, "zh-CN"),
        ("zho-eng", "zh", "en"),
        ("zho_Hans-eng_Latn", "zh-Hans", "en"),
        ("es-419-en", "es-419", "en"),
        ("zh:yue", "zh", "yue"),
        ("sr-Latn-sr-Cyrl", "sr-Latn", "sr-Cyrl"),
    ],
)
def test_pairs(text: str, source: str | None, target: str) -> None:
    assert parse_pair(text) == (source, target)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("en-pt-br", "write en:pt-BR, en-PT:br"),
        ("zh-yue", "write zh:yue, or yue for one language"),
        ("cn-en", "did you mean zh-en?"),
        ("jp", "did you mean ja?"),
        ("en_GB.UTF-8", "the name of a locale; did you mean en-GB?"),
        ("zh_CN.GB18030", "the name of a locale; did you mean zh-CN?"),
        ("en→zh", "did you mean en-zh?"),
        ("en2zh", "did you mean en-zh?"),
        ("chinese-english", "did you mean zh-en?"),
        ("zh-xx", "use tags such as zh, en, pt-BR"),
        ("mul", "use tags"),
        ("und", "use tags"),
        ("", "use tags"),
        ("zh-", "use tags"),
        ("en:", "'en:' is not a language tag"),
        ("en-zh-de", "write en:zh-DE if you mean the region"),
        ("zh-en-de", "de is a language"),
        ("zh-sg-en", "write zh-SG:en"),
    ],
)
def test_refused_with_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(SettingError) as raised:
        parse_pair(text)
    assert advice in str(raised.value)


def test_language_of_texts_may_not_be_read_in_two_ways() -> None:
    assert parse_text_language("zh-en") == ("zh", "en")
    assert parse_text_language("pt-BR") == (None, "pt-BR") and parse_text_language("en-DE") == (None, "en-DE")
    with pytest.raises(SettingError, match="write en-DE for the first, de "):
        parse_text_language("en-de")
    with pytest.raises(SettingError, match="write pt-BR for the first, br "):
        evalkit.score(["a"], [["a"]], lang="pt-br")


def test_summaries_are_pairs_of_one_language() -> None:
    assert parse_pair("en-US:en").same and parse_pair("zh:zh").same and parse_pair("cmn:zh").same
    assert not parse_pair("zh:yue").same and not parse_pair("zh-Hant-zh-Hans").same and not parse_pair("zh").same


def test_base_languages_and_scripts() -> None:
    tags = ["zh-Hant", "yue", "cmn", "arb", "nb", "eng", "iw"]
    assert list(map(language, tags)) == ["zh", "zh", "zh", "ar", "nb", "en", "he"]
    assert [script_codes(tag) for tag in ("ja", "ko", "sr", "sr-Latn")] == [
        ("Jpan",),
        ("Kore",),
        ("Latn", "Cyrl"),
        ("Latn",),
    ]


def test_texts_in_a_language_with_several_scripts_belong_to_none() -> None:
    expected = {"sr": False, "sr-Latn": True, "uz": False, "zh-Hant": True, "ko": True}
    assert {tag: script_of(tag) is not None for tag in expected} == expected


def test_a_script_that_was_given_is_kept_if_the_language_has_several() -> None:
    assert parse_pair("zh-kk-Cyrl") == ("zh", "kk-Cyrl") and parse_pair("kk_cyrl_KZ").target == "kk-Cyrl-KZ"
    assert [parse_pair(tag).target for tag in ("kk", "kk-Arab", "ru-Cyrl")] == ["kk", "kk-Arab", "ru"]
    assert script_codes(parse_pair("kk-Cyrl").target) == ("Cyrl",) and language("kk-Cyrl") == "kk"
    latin = ["Qala keńesi keshe jańa biýdjetti bekitti"]
    with pytest.raises(BenchmarkError, match="Latin, but kk-Cyrl is written in Cyrillic"):
        evalkit.score(latin, [latin], metrics=["chrF"], lang="kk-Cyrl")
    assert evalkit.score(latin, [latin], metrics=["chrF"], lang="kk") == {"chrF": 100.0}


@pytest.mark.parametrize(
    ("text", "lang", "share"),
    [(ZH, "zh", 1.0), (ZH, "en", 0.0), (ZH, "ja", 0.0),
     ("これは日本語の文章です", "ja", 1.0), ("これは日本語の文章です", "zh", 0.0),
     ("Это русский", "ru", 1.0), ("pinyin", "zh-Latn", 1.0), ("한국어 문장", "ko", 1.0)],
)  # fmt: skip
def test_share_of_a_script(text: str, lang: str, share: float) -> None:
    scripts = sample_script([text], lang)
    assert scripts is not None and scripts.share == share


def test_pairs_score_like_their_target() -> None:
    metrics = ["BLEU", "TER", "ROUGE-1"]
    outputs, references = ["市议会昨天批准了新的预算。"], [["市议会昨日批准新预算。"]]
    expected = {"BLEU": 32.00, "TER": 27.27, "ROUGE-1": 0.818}
    for lang in ("zh", "en-zh", "en:zh-CN"):
        scores = evalkit.score(outputs, references, metrics=metrics, lang=lang)
        assert {name: round(value or 0, 2 if name != "ROUGE-1" else 3) for name, value in scores.items()} == expected
    assert evalkit.score(["dogs running fast"], [["dog runs fast"]], metrics=["ROUGE-1"], lang="zh-en") == {
        "ROUGE-1": 1.0
    }


def test_references_in_another_script_are_refused() -> None:
    with pytest.raises(BenchmarkError, match="the references are 100% Han, but en is written in Latin"):
        evalkit.score([ZH], [[ZH]], metrics=["ROUGE-1"], lang="en")


def test_force_reproduces_what_is_refused_and_is_in_the_signature_only_then() -> None:
    with pytest.raises(SettingError, match="force=true"):
        evalkit.score([ZH], [[ZH]], metrics=["chrF++"], lang="zh")
    assert evalkit.score([ZH], [[ZH]], metrics=["chrF++(force=true)"], lang="zh")["chrF++(force=true)"] == 100
    assert evalkit.score([ZH], [[ZH]], metrics=["BLEU(tokenize=13a,force=true)"], lang="zh")
    assert "force:true" in evalkit.BLEU(tokenize="13a", force=True).resolve("zh").signature()
    assert "force" not in evalkit.BLEU().resolve("zh").signature()
    assert evalkit.ChrFpp().resolve("ko").signature()


def test_python_takes_what_can_be_listed() -> None:
    import pandas

    frame = pandas.DataFrame({"output": ["a b", "c d"], "one": ["a b", "c e"], "two": ["a", "c d"]})
    scores = [
        evalkit.score(outputs, references, metrics=["chrF"], lang="en")
        for outputs, references in [
            (frame["output"], zip(frame["one"], frame["two"], strict=True)),
            (iter(frame["output"]), ([a, b] for a, b in zip(frame["one"], frame["two"], strict=True))),
            (list(frame["output"]), [["a b", "a"], ["c e", "c d"]]),
        ]
    ]
    assert scores[0] == scores[1] == scores[2]
    with pytest.raises(evalkit.InputError, match="hypotheses is one string"):
        evalkit.score("a b", [["a b"]], lang="en")


def test_common_languages_are_read_as_the_registry_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The short table that spares loading the registry gives what the registry gives, for tags and for pairs."""
    common = list(languages._COMMON)

    def read() -> list[object]:
        language.cache_clear()
        languages._tag.cache_clear()
        read: list[object] = [(language(tag), script_codes(tag), parse_text_language(tag)) for tag in common]
        for source in common:
            for target in common:
                try:
                    pair = parse_pair(f"{source}-{target}")
                    read.append((pair, pair.same))
                except SettingError as error:
                    read.append(str(error))
        return read

    short = read()
    monkeypatch.setattr(languages, "_COMMON", {})
    assert short == read()
