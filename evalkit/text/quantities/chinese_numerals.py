"""Read the values of Chinese numerals: 四十二, 4.2亿, 3万5, 1.2万亿, 二〇二二, 三四十, 十几, 数百."""

from __future__ import annotations

import re
from decimal import Decimal

from evalkit.text.quantities.decimals import EXACT, MOST_DIGITS, of_digits

#: the formal numerals used on checks; in other texts they are usually parts of words (陆军, 伍先生).
FORMAL = "壹贰叁肆伍陆柒捌玖拾佰仟"
HANZI = "零〇一二三四五六七八九十百千万亿兆两几数廿卅"
DIGIT = {c: i for row in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖") for i, c in enumerate(row)} | {"两": 2}
_POWER = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "亿": 8, "兆": 12}
_MOST_POWER = 16
_MOST_CHARACTERS = 40
#: pairs of digits that form a range although they are not consecutive.
_PAIRS = {"三五"}
_ZERO, _ONE = Decimal(0), Decimal(1)
_PLAIN = re.compile("[0-9](?:[0-9.,]*[0-9])?")


def value(run: str) -> tuple[Decimal, Decimal, bool] | None:
    """Return the lowest value, the highest value, and whether a numeral contains 几 or 数; None if it is not valid."""
    stem = run.rstrip("万亿 ")
    if _PLAIN.fullmatch(stem):
        power = sum(_POWER.get(c, 0) for c in run[len(stem) :])
        single = of_digits(stem, power) if power <= _MOST_POWER else None
        return None if single is None else (single, single, False)
    run = run.replace(" ", "")
    if not run or len(run) > _MOST_CHARACTERS:
        return None
    if "几" in run or "数" in run:
        return _vague(run)
    pair = _pair(run)
    if pair is None:
        return _between(run, run, vague=False)
    return _between(run[:pair] + run[pair + 1 :], run[: pair - 1] + run[pair:], vague=False)


def _between(first: str, second: str, *, vague: bool) -> tuple[Decimal, Decimal, bool] | None:
    low = _evaluate(first)
    high = low if first == second else _evaluate(second)
    return None if low is None or high is None or low > high else (low, high, vague)


def small(text: str) -> int:
    """Return the value of a short whole number, or -1 if it is not one."""
    if len(text) > 6:
        return -1
    if text.isascii():
        return int(text) if text.isdigit() else -1
    parsed = value(text)
    whole = parsed is not None and not parsed[2] and parsed[0] == parsed[1] == int(parsed[0])
    return int(parsed[0]) if parsed is not None and whole else -1


def _vague(run: str) -> tuple[Decimal, Decimal, bool] | None:
    """Read a vague numeral: 十几 is 11 to 19, 几十 and 数十 are 20 to 90; digits with 几 (100几) are not a number."""
    if run.count("几") + run.count("数") > 1 or (run[-1] in "几数" and run[-2:-1].isascii() and len(run) > 1):
        return None
    at = max(run.find("几"), run.find("数"))
    lowest = "1" if at > 0 and run[at - 1] in _POWER else "2"  # 十几 and 十几万, but 几十
    return _between(*(re.sub("[几数]", digit, run) for digit in (lowest, "9")), vague=True)


def _pair(run: str) -> int | None:
    """Return the index of the second of two adjacent digits that form a range (三四十, 七八, 十三四), if any."""
    value = None
    for i in range(1, len(run)):
        a, b = DIGIT.get(run[i - 1]), DIGIT.get(run[i])
        if a is None or b is None or a == 0:
            continue
        if value is not None or not (b == a + 1 or run[i - 1 : i + 1] in _PAIRS):
            return None
        value = i
    return value


_WITH_SCALE = re.compile("[零〇]*([0-9][0-9.,]*|[一二三四五六七八九两壹贰叁肆伍陆柒捌玖])?([十拾百佰千仟])")


def _evaluate(run: str) -> Decimal | None:
    run = run.replace("廿", "二十").replace("卅", "三十")
    head, point, tail = run.partition("点")
    if point:
        return _with_point(head, tail)
    if len(run) > 1 and all(c in DIGIT for c in run):
        return Decimal("".join(str(DIGIT[c]) for c in run))
    return _with_scales(run)


def _with_point(head: str, tail: str) -> Decimal | None:
    """Read a numeral with a decimal point: 三点五, 四点二亿."""
    digits = tail.rstrip("".join(_POWER))
    whole, power = _evaluate(head) if head else None, sum(_POWER[c] for c in tail[len(digits) :])
    spelled = 0 < len(digits) <= MOST_DIGITS and all(c in DIGIT for c in digits)
    if not spelled or whole is None or power > _MOST_POWER or whole != int(whole):
        return None
    return Decimal(f"{int(whole)}.{''.join(str(DIGIT[c]) for c in digits)}E{power}")


def _with_scales(run: str) -> Decimal | None:
    """Read a numeral with scales: the part before the largest one is multiplied by it."""
    for scale in "兆亿万":
        head, sign, tail = run.rpartition(scale)
        if sign:
            above = _with_scales(head) if head else _ONE
            below = _last_digits(tail, _POWER[scale])
            if above is None or below is None:
                return None
            return EXACT.add(EXACT.scaleb(above or _ONE, _POWER[scale]), below)
    total, last, at = _ZERO, 0, 0
    while (term := _WITH_SCALE.match(run, at)) is not None:
        power = _POWER[term[2]]
        value = _digits(term[1]) if term[1] else _ONE
        if value is None or (0 < last <= power and (last == power or not term[1])):
            return None
        # 十几千 is 11,000 to 19,000
        total = (
            EXACT.scaleb(EXACT.add(total, value), power)
            if 0 < last < power
            else EXACT.add(total, EXACT.scaleb(value, power))
        )
        last, at = power, term.end()
    rest = _last_digits(run[at:], last)
    return None if rest is None else EXACT.add(total, rest)


def _last_digits(run: str, power: int) -> Decimal | None:
    """Read the digits after a scale: 3万5 is 35,000, 一百五 is 150, and 一百零五 is 105."""
    if power > 3 and len(run) > 1:
        return _with_scales(run)
    number = run.lstrip("零〇")
    value = _digits(number) if number else _ZERO
    return EXACT.scaleb(value, power - 1) if value is not None and power > 1 and len(run) == 1 else value


def _digits(run: str) -> Decimal | None:
    if run in DIGIT:
        return Decimal(DIGIT[run])
    return of_digits(run) if run.isascii() else None
