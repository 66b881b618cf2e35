"""Wrong versions of a right sentence, one quantity at a time: what a check of quantities must notice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evalkit.text.quantities import Quantity

_EN_DIGITS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ")
_EN_TENS = {"twenty": "thirty", "thirty": "forty", "forty": "fifty", "fifty": "sixty", "sixty": "seventy"}
_ZH_DIGITS = "零一二三四五六七八九"
_MONTHS = "January February March April May June July August September October November December".split(" ")
_SCALES = {
    "thousand": "million", "million": "billion", "billion": "million", "trillion": "billion", "hundred": "thousand",
    "hundreds": "millions", "thousands": "millions", "millions": "thousands", "billions": "thousands",
}  # fmt: skip
_CURRENCIES = {
    "en": {"yuan": "dollars", "dollars": "euros", "dollar": "euro", "USD": "EUR", "US$": "€", "$": "€", "£": "€",
           "€": "£", "¥": "$", "euros": "yuan", "pounds": "euros", "Rs": "$", "pence": "cents"},
    "zh": {"美元": "欧元", "欧元": "美元", "英镑": "美元", "澳元": "欧元", "卢比": "美元", "卢布": "美元", "元": "欧元"},
}  # fmt: skip
_UNITS = {
    "en": {
        "percentage points": "percent", "per cent": "percentage points", "percent": "percentage points",
        "%": " percentage points", "years": "months", "year": "month", "months": "weeks", "month": "week",
        "weeks": "months", "week": "month", "days": "weeks", "day": "week", "hours": "minutes", "hour": "minute",
        "minutes": "hours", "minute": "hour", "seconds": "minutes", "kilometers": "meters", "kilometres": "metres",
        "km": "m", "meters": "kilometers", "metres": "kilometres", "tonnes": "kilograms", "tons": "kilograms",
        "kg": "g", "mm": "cm", "cm": "m", "inches": "feet", "feet": "inches", "foot": "inch", "ft": "inches",
        "acres": "square kilometers", "hectares": "acres", "degrees": "meters", "miles": "feet", "mL": "L", "ml": "L",
    },
    "zh": {
        "个百分点": "%", "%": "个百分点", "％": "个百分点", "个月": "天", "小时": "分钟", "分钟": "小时", "平方米": "平方公里",
        "公里": "米", "公顷": "平方米", "英亩": "公顷", "英尺": "英寸", "英寸": "英尺", "吨": "公斤", "公斤": "克", "岁": "个月",
        "天": "个月", "周年": "个月", "周": "年", "秒": "小时", "年": "天", "米": "公里",
    },
}  # fmt: skip
_TURNED = {
    "en": {"more than": "less than", "over": "under", "nearly": "more than", "almost": "more than",
           "at least": "at most", "less than": "more than", "up to": "more than", "under": "over",
           "at most": "at least", "no more than": "no less than", "close to": "more than"},
    "zh": {"超过": "不到", "逾": "不到", "近": "超过", "至少": "最多", "不到": "超过", "以上": "以下", "最多": "至少"},
}  # fmt: skip


_DIRECTED = {"more than": 1, "at least": 1, "less than": -1, "at most": -1, "nearly": -1}


@dataclass(frozen=True)
class Mutation:
    """A text with one thing changed; ``span`` is where in it."""

    kind: str
    text: str
    span: tuple[int, int]


def mutations(text: str, lang: str, q: Quantity, source: Quantity) -> Iterator[Mutation]:
    """Every single change that fits the quantity and contradicts what the source says: where the source names no
    month, no currency or no qualifier, another one is not wrong.
    """
    start, end = q.span
    surface = text[start:end]

    def changed(kind: str, new: str) -> Mutation:
        return Mutation(kind, text[:start] + new + text[end:], (start, start + len(new)))

    if q.kind in ("date", "time"):
        for new in _dates(surface, lang, q, source):
            yield changed("date", new)
        return
    if (new := _tenfold(surface, lang)) is not None:
        yield changed("tenfold", new)
    if (new := _digit(surface, lang)) is not None:
        yield changed("digit", new)
    if q.kind == source.kind == "money" and (new := _replaced(surface, _CURRENCIES[lang])) is not None:
        yield changed("currency", new)
    has_unit = q.kind == source.kind and q.kind in ("percent", "measure", "duration")
    if has_unit and (new := _replaced(surface, _UNITS[lang])) is not None:
        yield changed("unit", new)
    if q.exact in _DIRECTED and _DIRECTED.get(source.exact) == _DIRECTED[q.exact]:
        head = text[max(0, start - 14) : start]
        for word in sorted(_TURNED[lang], key=len, reverse=True):
            at = head.lower().rfind(word)
            if at >= 0 and not head[at + len(word) :].strip():
                new_head = head[:at] + _TURNED[lang][word] + head[at + len(word) :]
                before = text[: max(0, start - 14)] + new_head
                yield Mutation("qualifier", before + text[start:], (len(before), len(before) + end - start))
                break
        else:
            if (new := _replaced(surface, _TURNED[lang])) is not None:
                yield changed("qualifier", new)


def swapped(text: str, a: Quantity, b: Quantity) -> Mutation | None:
    """The numbers of two quantities exchanged, their units and nouns left in place; none for dates."""
    if "date" in (a.kind, b.kind) or "time" in (a.kind, b.kind):
        return None
    x, y = re.match(r"[0-9][0-9,.]*", a.surface), re.match(r"[0-9][0-9,.]*", b.surface)
    if not x or not y or x.group() == y.group() or a.span[1] > b.span[0]:
        return None
    (i, _), (j, _) = a.span, b.span
    new = text[:i] + y.group() + text[i + x.end() : j] + x.group() + text[j + y.end() :]
    return Mutation("swapped", new, (i, i + len(y.group())))


def _tenfold(surface: str, lang: str) -> str | None:
    found = re.search(r"[0-9][0-9,]*(?:\.[0-9]+)?", surface)
    if found:
        number = found.group().replace(",", "")
        whole, _, part = number.partition(".")
        if not int(number.replace(".", "")):
            return None
        grown = f"{whole}{part[0]}.{part[1:]}".rstrip(".").lstrip("0") if part else whole + "0"
        grown = f"0{grown}" if grown.startswith(".") else grown
        return surface[: found.start()] + grown + surface[found.end() :]
    if lang == "en":
        for word, new in _SCALES.items():
            if re.search(rf"\b{word}\b", surface, re.I):
                return re.sub(rf"\b{word}\b", new, surface, count=1, flags=re.I)
    return None


def _digit(surface: str, lang: str) -> str | None:
    found = re.search(r"[1-9]", surface)
    if found:
        return surface[: found.start()] + str(int(found.group()) % 9 + 1) + surface[found.end() :]
    if lang == "zh":
        for i, c in enumerate(surface):
            if c in "二三四五六七八":
                return surface[:i] + _ZH_DIGITS[_ZH_DIGITS.index(c) + 1] + surface[i + 1 :]
            if c == "两":
                return surface[:i] + "四" + surface[i + 1 :]
        return None
    for word in re.findall(r"[a-z]+", surface.lower()):
        if word in _EN_DIGITS[2:-1]:
            return re.sub(rf"\b{word}\b", _EN_DIGITS[_EN_DIGITS.index(word) + 1], surface, count=1, flags=re.I)
        if word in _EN_TENS:
            return re.sub(rf"\b{word}\b", _EN_TENS[word], surface, count=1, flags=re.I)
    return None


def _replaced(surface: str, table: dict[str, str]) -> str | None:
    for word in sorted(table, key=len, reverse=True):
        whole = word if not word.isascii() or not word.isalpha() or len(word) == 1 else rf"\b{word}\b"
        found = re.search(whole if whole != word else re.escape(word), surface)
        if found:
            return surface[: found.start()] + table[word] + surface[found.end() :]
    return None


def _dates(surface: str, lang: str, q: Quantity, source: Quantity) -> Iterator[str]:
    """Each number of a date or time that the source has too, up or down by one; another month."""
    known = {source.year, source.month, source.day}
    if q.kind == "time" or source.kind != "date" or source.unit:
        known |= set(map(int, re.findall("[0-9]+", surface)))
    for found in re.finditer(r"[0-9]+", surface):
        number = found.group()
        last = int(number[-1])
        new = str(last - 1 if last > 1 else last + 1)
        if int(number) in known and not (len(number) == 2 and number[1] == "0" and number[0] in "36"):
            yield surface[: found.start()] + number[:-1] + new + surface[found.end() :]
    if lang == "en" and source.month is not None:
        for i, month in enumerate(_MONTHS):
            if month in surface:
                yield surface.replace(month, _MONTHS[(i + 1) % 12])
