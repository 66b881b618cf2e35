"""Values of Chinese numerals: 四十二, 4.2亿, 3万5, 1.2万亿, 二〇二二, 三四十, 十几, 数百."""

from __future__ import annotations

import re
from decimal import Decimal

from evalkit.text.quantities import decimals as exact

__all__ = ["DIGIT", "FORMAL", "HANZI", "small", "value"]

#: the numerals of cheques, which in other texts are parts of words (陆军, 伍先生).
FORMAL = "壹贰叁肆伍陆柒捌玖拾佰仟"
HANZI = "零〇一二三四五六七八九十百千万亿兆两几数廿卅"
DIGIT = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    **{c: i + 1 for i, c in enumerate("壹贰叁肆伍陆柒捌玖")},
    "〇": 0,
    "两": 2,
}
_POWER = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "亿": 8, "兆": 12}
_MOST_POWER = 16
_MOST_CHARACTERS = 40
#: pairs of digits that are said as a range though they are no neighbours.
_PAIRS = {"三五", "百八"}
_ZERO, _ONE = Decimal(0), Decimal(1)


def value(run: str) -> tuple[Decimal, Decimal, bool] | None:
    """Lowest value, highest value, and whether the numeral itself is vague (几, 数).

    :param run: digits with separators, Chinese numeral characters, or a mixture; 余 多 来 are taken out before.
    :returns: None where the characters make no number.
    """
    stem = run.rstrip("万亿 ")
    if stem and stem[0] in "0123456789" and stem[-1] in "0123456789" and _plain(stem):
        power = 0
        for c in run[len(stem) :]:
            power += _POWER.get(c, 0)
        single = exact.of_digits(stem, power) if power <= _MOST_POWER else None
        return None if single is None else (single, single, False)
    run = run.replace(" ", "")
    if not run or len(run) > _MOST_CHARACTERS:
        return None
    if "几" in run or "数" in run:
        return _vague(run)
    pair = _pair(run)
    if pair is not None:
        low, high = _evaluate(run[:pair] + run[pair + 1 :]), _evaluate(run[: pair - 1] + run[pair:])
        return (low, high, False) if low is not None and high is not None and low < high else None
    single = _evaluate(run)
    return None if single is None else (single, single, False)


def small(text: str) -> int:
    """A whole number of at most a few digits, or -1."""
    if len(text) > 6:
        return -1
    if text.isascii():
        return int(text) if text.isdigit() else -1
    parsed = value(text)
    if parsed is None or parsed[0] != parsed[1] or parsed[2] or parsed[0] != int(parsed[0]):
        return -1
    return int(parsed[0])


def _plain(stem: str) -> bool:
    return all(c in "0123456789.," for c in stem)


def _vague(run: str) -> tuple[Decimal, Decimal, bool] | None:
    """十几 is eleven to nineteen, 几十 and 数十 twenty to ninety; the numeral after digits (100几) is none."""
    if run.count("几") + run.count("数") > 1 or (run[-1] in "几数" and run[-2:-1].isascii() and len(run) > 1):
        return None
    at = max(run.find("几"), run.find("数"))
    lowest = "1" if at > 0 and run[at - 1] in _POWER else "2"  # 十几 and 十几万, but 几十
    ends = [_evaluate(run.replace("几", d).replace("数", d)) for d in (lowest, "9")]
    return None if ends[0] is None or ends[1] is None else (ends[0], ends[1], True)


def _pair(run: str) -> int | None:
    """Index of the second of two digits in a row that make a range (三四十, 七八, 十三四), if any."""
    value = None
    for i in range(1, len(run)):
        a, b = DIGIT.get(run[i - 1]), DIGIT.get(run[i])
        if a is None or b is None or a == 0:
            continue
        if value is not None or not (b == a + 1 or run[i - 1 : i + 1] in _PAIRS):
            return None
        value = i
    return value


_TOKEN = re.compile("([0-9](?:[0-9]|[.,](?=[0-9]))*)|(.)")


def _evaluate(run: str) -> Decimal | None:
    run = run.replace("廿", "二十").replace("卅", "三十")
    head, point, tail = run.partition("点")
    if point:
        return _with_point(head, tail)
    if len(run) > 1 and all(c in DIGIT for c in run):
        return Decimal("".join(str(DIGIT[c]) for c in run))
    above = middle = section = _ZERO  # closed by 亿 and 兆; closed by 万; below
    number: Decimal | None = None
    last, zero = 0, False
    for token in _TOKEN.finditer(run):
        digits, c = token.groups()
        power = _POWER.get(c, 0)
        if digits or c in DIGIT:
            if number is not None and not zero and (number or c):
                return None
            number = exact.of_digits(digits) if digits else Decimal(DIGIT[c])
            zero = c is not None and number == 0
            if number is None:
                return None
            continue
        if not power or (0 < last < 4 > power >= last and (number is None or power == last)):
            return None
        if power < 4:
            if 0 < last <= power:  # 十几千
                section, number = exact.plus(section, number or _ZERO), None
                section = exact.shift(section, power)
            else:
                section = exact.plus(section, exact.shift(_ONE if number is None or zero else number, power))
        else:
            section, closed = _ZERO, exact.plus(exact.plus(middle, section), number or _ZERO) or _ONE
            middle = exact.shift(closed, 4) if power == 4 else _ZERO
            above = above if power == 4 else exact.plus(above, exact.shift(closed, power))
        number, zero, last = None, False, power
    if number is not None:
        if last > 1 and not zero and number < 10 and run[-2] in _POWER:  # 3万5 is 35,000 and 一百五 is 150
            number = exact.shift(number, last - 1)
        section = exact.plus(section, number)
    return exact.plus(exact.plus(above, middle), section)


def _with_point(head: str, tail: str) -> Decimal | None:
    """三点五, 四点二亿."""
    end = 0
    while end < len(tail) and tail[end] in DIGIT:
        end += 1
    whole = _evaluate(head) if head else None
    power = sum(_POWER.get(c, 99) for c in tail[end:])
    if whole is None or not 0 < end <= exact.MOST_DIGITS or power > _MOST_POWER or whole != int(whole):
        return None
    fraction = "".join(str(DIGIT[c]) for c in tail[:end])
    return Decimal(f"{int(whole)}.{fraction}E{power}")
