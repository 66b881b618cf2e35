"""Change one quantity of a correct translation by regular expressions over the raw text.

Nothing here uses the extractor that is measured. A number is changed only if the source states the same number, as far as
digits and scale words show, so that the changed text is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Mutation(NamedTuple):
    """A changed text, and what kind of change it is."""

    kind: str
    text: str


#: a change before it is made: its kind, what it replaces (start and end) and the new words
Edit = tuple[str, int, int, str]


class Number(NamedTuple):
    """A number in a text: its span with the scale word, its value, its digits (or word) and the scale word."""

    start: int
    end: int
    value: float
    digits: str
    scale: str


#: the characters of the words below whose traditional form is another one
TRADITIONAL = dict(
    zip(
        "万亿两个种辆项号图欧镑过将数点时钟吨顷岁亩于级后内间来",
        "萬億兩個種輛項號圖歐鎊過將數點時鐘噸頃歲畝於級後內間來",
        strict=True,
    )
)

TO_TRADITIONAL = str.maketrans(TRADITIONAL)


def both_scripts(table: dict[str, T]) -> dict[str, T]:
    """The Chinese words of a table in simplified and traditional script."""
    traditional = {
        word.translate(TO_TRADITIONAL): (value.translate(TO_TRADITIONAL) if isinstance(value, str) else value)
        for word, value in table.items()
    }
    weeks = {word.replace("周", "週"): value for word, value in traditional.items()}
    both = {**weeks, **traditional, **table}
    return dict(sorted(both.items(), key=lambda item: -len(item[0])))


EN_WORDS = {w: i for i, w in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)}
ZH_WORDS = both_scripts({"两": 2, **{c: i for i, c in enumerate("二三四五六七八九十", 2)}})
EN_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
ZH_SCALES = both_scripts(
    {
        "万亿": 1e12,
        "千亿": 1e11,
        "百亿": 1e10,
        "十亿": 1e9,
        "千万": 1e7,
        "百万": 1e6,
        "亿": 1e8,
        "万": 1e4,
        "千": 1e3,
        "百": 1e2,
    }
)
OTHER_SCALES = both_scripts(
    {"thousand": "million", "million": "billion", "billion": "million", "trillion": "billion", "万": "亿", "亿": "万"}
)
NUMBER = {
    "en": re.compile(
        rf"(?<![A-Za-z0-9.,/:#-])([0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?)(?![0-9]|[.,:/-][0-9]|(?:st|nd|rd|th)\b)"
        rf"(?: ({'|'.join(EN_SCALES)}))?"
        rf"|\b({'|'.join(EN_WORDS)})\b(?! (?:{'|'.join(EN_SCALES)})|-)"
    ),
    "zh": re.compile(
        rf"(?<![A-Za-z0-9.,/:：#第-])([0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?)(?![0-9]|[.,:：/-][0-9])({'|'.join(ZH_SCALES)})?"
        rf"|(?<![零一二两兩三四五六七八九十百千万萬亿億几幾第数數周週期拜.点點0-9])([{''.join(ZH_WORDS)}])(?=[个個名位家座辆輛架艘项項种種年天次])"
    ),
}
#: numbers that are parts of dates and times, of names or scores
NO_NUMBER = {
    "en": re.compile(
        r"(?i)(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|"
        r"Jul|Aug|Sept?|Oct|Nov|Dec|No|Chapter|Section|Article|Figure|Table|page|Highway|Flight|Route|Line|Boeing|Phase|"
        r"version|grade|level)\.? $"
    ),
    "zh": re.compile(r"(?:第|[图圖]|表|[号號]|[周週]|星期|[A-Za-z-]) ?$|[》」]$"),
}
AFTER_NUMBER = {
    "en": re.compile(
        r" ?(?:January|February|March|April|May|June|July|August|September|October|November|December|[ap]\.?m\b|o.clock|"
        r"-year-old)|s\b|[A-Za-z]* ?[0-9]"
    ),
    "zh": re.compile(
        r" ?(?:年(?![来來]|前|[后後]|的|[内內]|[间間]|以)|月|日|[号號]|[时時]|[点點]|世[纪紀]|[后後][，。 ]|[A-Za-z]|[0-9])"
    ),
}
RANGE = re.compile(
    r"^ ?(?:-|–|—|~|to|and|or|至|到|、|和|或|比|of|out of|in|by|x|×|/)(?: |$)|^ ?(?:至|到|、|-|–|—|~|比|或|分之) ?$"
)
#: "15, 30 and 50": a list, whose order says nothing unless it is "respectively"
LIST, IN_LIST = re.compile(r"^[,，;；] ?$"), re.compile(r"[,，;；、.。]| ?(?:and|or|和|及|或)\b|$")
#: "20% to 30%": a range, whose order says nothing, unless it is a change "from 20% to 30%"
SAME_UNIT = re.compile(r"^ ?(\D{1,18}?) ?(?:-|–|—|~|to|or|至|到|或) ?[$€£¥]?$")
CHANGE = re.compile(r"(?i)(?:\bfrom|[从從由])[^,，.。]{0,12}$")
SPREAD = re.compile(r"(?i)rang|between|vary|varies|varied|之间|之間|不等")
EACH = re.compile(r"(?i)respectively|分别|分別|依次")
#: the number of an item of a list, at the start of a line
LIST_MARK = re.compile(r"[^\S\n]*[(（]?[0-9]{1,2}(?:[.)）、，．,] ?(?![0-9])|: )", re.M)
#: chip 1, chip 2: numbers that are part of names
SERIES = re.compile(r"(\b[A-Za-z一-鿿]{2,}) ?[0-9]+(?:, ?(?:\w+ )?\1 ?[0-9]+)+")
CURRENCIES = {
    "en": {"yuan": "dollars", "RMB": "US$", "US$": "€", "U.S. dollars": "euros", "dollars": "euros", "$": "€", "£": "€",
           "€": "£", "euros": "yuan", "pounds": "euros", "Hong Kong dollars": "yen"},
    "zh": both_scripts({"亿美元": "亿欧元", "万美元": "万欧元", "美元": "欧元", "欧元": "美元", "英镑": "美元", "万元": "万美元",
           "亿元": "亿美元", "港元": "日元"}),
}  # fmt: skip
UNITS = {
    "en": {"kilometers": "meters", "kilometres": "metres", "km": "m", "meters": "kilometers", "metres": "kilometres",
           "tons": "kilograms", "tonnes": "kilograms", "kg": "g", "years": "months", "months": "weeks", "weeks": "years",
           "days": "weeks", "hours": "minutes", "minutes": "hours", "seconds": "hours", "percentage points": "percent",
           "%": " percentage points", "percent": "percentage points", "hectares": "acres", "miles": "feet",
           "feet": "inches", "cm": "m", "mm": "cm", "square meters": "square kilometers", "acres": "hectares"},
    "zh": both_scripts({"公里": "米", "米": "公里", "吨": "公斤", "公斤": "克", "个月": "年", "小时": "分钟", "分钟": "小时",
           "天": "个月", "个百分点": "%", "%": "个百分点", "英里": "英尺", "平方米": "平方公里", "公顷": "平方米",
           "英尺": "英寸", "岁": "个月", "周": "年", "亩": "公顷", "英亩": "公顷", "厘米": "米"}),
}  # fmt: skip
QUALIFIERS = {
    "en": {"more than": "less than", "over": "under", "at least": "at most", "nearly": "more than", "almost": "more than",
           "less than": "more than", "fewer than": "more than", "no more than": "no less than", "up to": "more than",
           "under": "over", "at most": "at least", "not exceed": "exceed"},
    "zh": both_scripts({
        "超过": "不到", "逾": "不足", "近": "超过", "将近": "超过", "至少": "最多", "不到": "超过", "不足": "超过",
        "不超过": "超过", "最多": "至少", "多达": "不到", "低于": "高于", "高于": "低于"}),
}  # fmt: skip
#: words that only end like a qualifier
NO_QUALIFIER = re.compile(r"[最附靠鄰邻臨临接]近$|[A-Za-z](?:over|under)$|turn(?:ed|s)? over$")
UP = {"more than", "over", "at least", "超过", "超過", "逾", "至少", "高于", "高於"}
SIGNS = {
    True: re.compile(r"(?i)more than|over|at least|above|exceed|超|逾|多|余|至少|以上|高于|不低于|不少于|突破"),
    False: re.compile(r"(?i)less than|fewer|under|nearly|almost|close to|below|up to|no more|at most|不到|不足|近|接近|"
                      r"低于|不超过|最多|以下|以内|少于|多达"),
}  # fmt: skip
MONTHS = "January February March April May June July August September October November December".split()
MONTH = re.compile(rf"\b({'|'.join(MONTHS)})(?= [0-9])")
DAY = {
    "en": re.compile(rf"\b(?:{'|'.join(MONTHS)}) ([0-9]{{1,2}})\b(?!,[0-9]{{3}}| million| percent|:)"),
    "zh": re.compile(r"(?<=月)([0-9]{1,2})(?=[日号號])"),
}
YEAR = {
    "en": re.compile(r"\b(?:in|since|of|by|,) ((?:19|20)[0-9]{2})\b(?!s|-)"),
    "zh": re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?=年(?!代))"),
}


def numbers(text: str, lang: str) -> list[Number]:
    """The numbers of a text, in order, without those of dates, times, names and scores."""
    scales = EN_SCALES if lang == "en" else ZH_SCALES
    words = EN_WORDS if lang == "en" else ZH_WORDS
    found = []
    series = [match.span() for match in SERIES.finditer(text)]
    for match in NUMBER[lang].finditer(text):
        digits, scale, word = match.groups()
        before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() : match.end() + 12]
        if NO_NUMBER[lang].search(before) or AFTER_NUMBER[lang].match(after):
            continue
        if digits and not scale and re.fullmatch("(?:19|20)[0-9]{2}|[0-9]{7,}", digits):
            continue
        line = text.rfind("\n", 0, match.start()) + 1
        if (mark := LIST_MARK.match(text, line)) is not None and match.end() <= mark.end():
            continue
        if any(start <= match.start() < end for start, end in series):
            continue
        value = float(digits.replace(",", "")) if digits else float(words[word])
        if value:
            found.append(Number(*match.span(), value * scales.get(scale or "", 1), digits or word, scale or ""))
    return found


def mutations(text: str, lang: str, source: str, source_lang: str) -> Iterator[Mutation]:
    """Every change of one number, unit, currency, qualifier or date, and every exchange of neighboring numbers."""
    stated = {n.value for n in numbers(source, source_lang)}
    shared = [n for n in numbers(text, lang) if n.value in stated]
    traditional = lang == "zh" and _is_traditional(text)
    for n in shared:
        for kind, start, end, new in chain(
            _of_digits(n) if n.digits[0].isdigit() else _of_word(n, lang),
            _of_unit(text, lang, n),
            _of_qualifier(text, lang, source, n),
        ):
            yield Mutation(kind, text[:start] + (new.translate(TO_TRADITIONAL) if traditional else new) + text[end:])
    yield from _exchanges(text, shared)
    yield from _of_dates(text, lang, source)


def _of_digits(n: Number) -> Iterator[Edit]:
    end = n.start + len(n.digits)
    if "." not in n.digits:
        grown = f"{int(n.digits.replace(',', '')) * 10:,}" if "," in n.digits else n.digits + "0"
        yield "tenfold", n.start, end, grown
    last = max(i for i, c in enumerate(n.digits) if c.isdigit() and (c != "0" or i == 0))
    yield "digit", n.start + last, n.start + last + 1, str(int(n.digits[last]) % 9 + 1)
    if n.scale in OTHER_SCALES:
        yield "scale", n.end - len(n.scale), n.end, OTHER_SCALES[n.scale]


def _of_word(n: Number, lang: str) -> Iterator[Edit]:
    words = list(EN_WORDS if lang == "en" else "两三四五六七八九十")
    at = words.index("两" if n.digits in "二兩" else n.digits)
    yield "count-word", n.start, n.end, words[(at + 2) % len(words)]


def _of_unit(text: str, lang: str, n: Number) -> Iterator[Edit]:
    for kind, table, near in (("unit", UNITS[lang], "[ -]?个?"), ("currency", CURRENCIES[lang], " ?")):
        for old in sorted(table, key=len, reverse=True):
            edge = r"\b" if old.isascii() and old[-1].isalpha() else ""
            behind = re.compile(f"{near}{re.escape(old)}{edge}(?![年岁歲])").match(text, n.end)
            ahead = kind == "currency" and re.search(rf"(?<![A-Za-z]){re.escape(old)} ?$", text[: n.start])
            if behind:
                yield kind, n.end, behind.end(), behind.group().replace(old, table[old])
                break
            if ahead:
                yield kind, ahead.start(), ahead.start() + len(old), table[old]
                break


def _of_qualifier(text: str, lang: str, source: str, n: Number) -> Iterator[Edit]:
    head = text[: n.start].rstrip()
    for old in sorted(QUALIFIERS[lang], key=len, reverse=True):
        if head.lower().endswith(old):
            if not NO_QUALIFIER.search(head) and SIGNS[old in UP].search(source):
                yield "qualifier", len(head) - len(old), len(head), QUALIFIERS[lang][old]
            break


def _is_traditional(text: str) -> bool:
    return len(set(text) & set(TRADITIONAL.values())) > len(set(text) & set(TRADITIONAL))


def _exchanges(text: str, shared: list[Number]) -> Iterator[Mutation]:
    for a, b in pairwise(shared):
        between = text[a.end : b.start]
        if a.value == b.value or RANGE.search(between) or len(between) < 2:
            continue
        if (a.digits[0].isdigit(), bool(re.search("[。.!?！？] ?", between))) != (b.digits[0].isdigit(), False):
            continue
        if not EACH.search(text) and _order_is_free(text, a, b):
            continue
        first, second = text[a.start : a.end], text[b.start : b.end]
        yield Mutation("exchanged", text[: a.start] + second + between + first + text[b.end :])


def _order_is_free(text: str, a: Number, b: Number) -> bool:
    between, after = text[a.end : b.start], text[b.end :]
    if LIST.match(between) and IN_LIST.match(after):
        return True
    unit = SAME_UNIT.match(between)
    change = CHANGE.search(text[: a.start]) and not SPREAD.search(text)
    return unit is not None and after.lstrip().startswith(unit[1]) and not change


def _of_dates(text: str, lang: str, source: str) -> Iterator[Mutation]:
    said = set(re.findall("[0-9]+", source))
    for pattern in (DAY[lang], YEAR[lang]):
        for match in pattern.finditer(text):
            number = match[1]
            if number in said:
                new = str(int(number) + (-1 if number == "31" or int(number[-1]) > 1 else 1))
                yield Mutation("date", text[: match.start(1)] + new + text[match.end(1) :])
    if lang == "en":
        for match in MONTH.finditer(text):
            if f"{MONTHS.index(match[1]) + 1}月" in source or match[1] in source:
                new = MONTHS[(MONTHS.index(match[1]) + 1) % 12]
                yield Mutation("date", text[: match.start()] + new + text[match.end() :])
