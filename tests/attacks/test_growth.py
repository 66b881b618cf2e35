"""Every function of a text takes time proportional to the length of the text, for any text.

Each function runs on n and on 2n characters of each pattern. Where the second takes a time that can be measured and more than
2.5 times that of the first, 8n characters are tried: a linear function needs 8 times as long, a quadratic one 64 times, so that
the noise of CPU times decides nothing. Only the best of four times counts.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from evalkit.metrics.base import Metric
from evalkit.metrics.parsing import parse
from evalkit.printable import printable, spreadsheet_field
from evalkit.reports import latex, markdown
from evalkit.text import tokenize
from evalkit.text.facts import Fact
from evalkit.text.quantities import extract
from evalkit.text.references import References
from evalkit.text.refusals import is_refusal
from evalkit.text.sentences import sentence_spans
from evalkit.text.term_matching import Glossary, Term

#: What made some expression or loop start again at every place, here or elsewhere.
PATTERNS = (
    *".!?。！？…,，、;:%$\"'“”‘’()（）《》[]<>|*_-–—/\\#@&+=~ \n\t\u00a0\u3000\u200b\ufeff",
    *"a1A一亿百零第年月日点半多约几十の가é😀",
    "1,", "1.", "1:", "1-", "1/2 ", "1%", "$1", "￥1", "2022年", "1月1日", "一百", "一亿", "三点", "百分之", "1.5万", "约1",
    "1,234", "$5five ",
    "A.", "A. ", "Mr. ", "U.S. ", "a.m. ", "Ab ", "Ab-", "a'", "ab ", "ab, ", "and ", "one ", "one hundred and ", "twenty-",
    "Jan ", "Jan 1, ", "1st ", "1 million ", "million ", "half ", "more than ", "between 1 and ", "http://a.b/", "a@b.c ",
    "a\u0301", "阿·", "王", "王小明", "她说", "“好。”", "……", "??!", ".\"", ") ", "- ", "1) ", "## ", "``` ", "## [", "::",
    "<b>", "&lt;", "no ", "sorry ", "抱歉", "I cannot ", "the cat ", "猫坐在垫子上。", "The cat sat. ",
)  # fmt: skip
N = 3000
#: Seconds of CPU time below which nothing is concluded.
MEASURABLE = 0.02
#: How many times the text, and at most how many times the time.
SUSPECT, CONFIRMED = (2, 2.5), (8, 20)

TERMS = {"": (Term("王小明", ("Wang Xiaoming",), ("Xiaoming Wang",), "person"), Term("垫子", ("mat",), ("rug",)))}
FORMS = {"en": (("mat", "cat"), ("2 million",)), "zh": (("垫子", "猫"), ("200万",))}


def functions() -> Iterator[tuple[str, Callable[[str], object]]]:
    for lang in ("en", "zh"):
        yield f"sentences {lang}", lambda text, lang=lang: sentence_spans(text, lang)  # type: ignore[misc]
        yield f"quantities {lang}", lambda text, lang=lang: extract(text, lang, "2022-07-25")  # type: ignore[misc]
        yield f"terms {lang}", lambda text, lang=lang: Glossary(TERMS[""]).target(text, lang)  # type: ignore[misc]
    for name, tokens in tokenize.TOKENIZERS.items():
        if name != "jieba":
            yield f"tokens {name}", tokens
    yield "refusal", is_refusal
    yield "printable", printable
    yield "spreadsheet", spreadsheet_field
    yield "markdown", markdown.escape
    yield "latex", latex.escape
    for name in (
        "BLEU",
        "chrF",
        "TER",
        "ROUGE-L",
        "ROUGE-Lsum",
        "KeyFacts",
        "Quantities",
        "Names",
        "Terms",
        "Health",
        "Extractiveness",
    ):
        for lang, other in (("en", "zh"), ("zh", "en")):
            other = "zh" if name == "Names" else other
            metric = parse(name).resolve(lang)
            for side in ("output", "reference", "source"):
                yield f"{name} {lang} {side}", lambda text, m=metric, k=side, a=lang, b=other: score(m, k, text, a, b)  # type: ignore[misc]


def score(metric: Metric, side: str, text: str, lang: str, other: str) -> None:
    plain = {"en": "The cat sat on the mat in 2022.", "zh": "2022年，猫坐在垫子上。"}
    references = References(
        ((text if side == "reference" else plain[lang],),),
        lang=lang,
        sources=(text if side == "source" else plain[other],),
        source_lang=other,
        articles=("a",),
        facts={"a": (Fact("f", 1, {lang: "x"}, {lang: FORMS[lang]}),)},  # type: ignore[dict-item]
        terms=TERMS,
    )
    output = text if side == "output" else plain[lang]
    metric.statistics([output], metric.prepare(references))
    metric.explain(output, references, 0)


def seconds(function: Callable[[str], object], text: str) -> float:
    gc.disable()  # A collection walks all objects of the process, and would be counted as time of the function.
    try:
        start = time.process_time()
        function(text)
        return time.process_time() - start
    finally:
        gc.enable()


def test_what_once_was_quadratic_is_not() -> None:
    """The patterns that once made a function quadratic, with the functions that read most of a text."""
    found = dict(functions())
    for name in (
        "sentences en",
        "quantities en",
        "quantities zh",
        "printable",
        "Quantities en output",
        "Names en output",
        "Names zh output",
        "Health en output",
    ):
        check_growth(found[name], (".", "!", "??!", "\n", "$1", "1,", "1.5,"))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, _ in functions()])
def test_twice_the_text_takes_at_most_two_and_a_half_times_as_long(name: str) -> None:
    check_growth(dict(functions())[name], PATTERNS)


def check_growth(function: Callable[[str], object], patterns: Sequence[str]) -> None:
    slow = []
    for pattern in patterns:
        for times, limit in SUSPECT, CONFIRMED:
            once, more = growth(function, pattern, times, limit)
            if more < MEASURABLE or more <= limit * once:
                break
        else:
            slow.append(f"{pattern!r}: {once:.3f} s, {times} times the text {more:.3f} s")
    assert not slow


def growth(function: Callable[[str], object], pattern: str, times: int, limit: float) -> tuple[float, float]:
    """The best CPU times for a text of N characters of ``pattern`` and for one of ``times`` as many."""
    text, longer = (f"the cat {pattern * (size // len(pattern))} 猫" for size in (N, times * N))
    once = more = math.inf
    for _ in range(4):
        once, more = min(once, seconds(function, text)), min(more, seconds(function, longer))
        if more < MEASURABLE or more <= limit * once:
            break
    return once, more


def test_a_quadratic_function_is_found() -> None:
    with pytest.raises(AssertionError, match="8 times the text"):
        check_growth(lambda text: [text.count(c * 2) for c in text for _ in range(4)], ("ab",))
