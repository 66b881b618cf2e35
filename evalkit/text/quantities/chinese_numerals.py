"""Values of Chinese numerals: 四十二, 4.2亿, 3万5, 1.2万亿, 二〇二二, 三四十, 十几, 数百."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["DIGIT", "HANZI", "plain_decimal", "value"]

DIGIT = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "○": 0,
    "两": 2,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
    "陆": 6,
    "柒": 7,
    "捌": 8,
    "玖": 9,
    "俩": 2,
    "仨": 3,
}
_POWER = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "亿": 8, "兆": 12}
HANZI = "零〇一二三四五六七八九十百千万亿兆两几数廿卅壹贰叁肆伍陆柒捌玖拾佰仟"

#: more digits than this are a serial number, a key or a prank, not a quantity.
MOST_DIGITS = 18

#: pairs of digits that are said as a range though they are no neighbours.
_IDIOM_PAIRS = {"三五", "两三", "一两", "百八"}


def plain_decimal(digits: str, power: int = 0) -> Decimal | None:
    """The value of ASCII digits with thousands separators, times ten to a power; None where it is no quantity.

    Built from text, so the result is exact whatever decimal context the caller has set.
    """
    if len(digits) > 2 * MOST_DIGITS:
        return None
    digits = digits.replace(",", "")
    whole, _, part = digits.partition(".")
    if len(whole) > MOST_DIGITS or len(part) > MOST_DIGITS:
        return None
    return Decimal(f"{digits}E{power}") if power else Decimal(digits)


def value(run: str) -> tuple[Decimal, Decimal, bool] | None:
    """Lowest value, highest value, and whether the numeral itself is vague (几, 数), of a run of numeral characters.

    :param run: digits with separators, Chinese numeral characters, or a mixture; 余 多 来 are taken out before.
    """
    stem = run.rstrip("万亿")
    if stem.replace(".", "").replace(",", "").isdigit() and stem.isascii():
        power = sum(_POWER[c] for c in run[len(stem) :])
        if power > 16:
            return None
        exact = plain_decimal(stem, power)
        return None if exact is None else (exact, exact, False)
    if len(run) > 40:
        return None
    if "几" in run or "数" in run:
        low, high = _evaluate(_vague(run, "2")), _evaluate(_vague(run, "9"))
        return None if low is None or high is None else (low, high, True)
    pair = _range_at(run)
    if pair is not None:
        low = _evaluate(run[:pair] + run[pair + 1 :])
        high = _evaluate(run[: pair - 1 + 1][:-1] + run[pair:])
        if low is not None and high is not None and low < high:
            return low, high, False
        return None
    exact = _evaluate(run)
    return None if exact is None else (exact, exact, False)


def _vague(run: str, digit: str) -> str:
    """几 and 数 read as a digit; 十几 is eleven to nineteen, 几十 twenty to ninety."""
    if run[0] in "十百千万" or (len(run) > 2 and run[-1] in "几数"):
        digit = "1" if digit == "2" else digit
    return run.replace("几", digit, 1).replace("数", digit, 1)


def _range_at(run: str) -> int | None:
    """Index of the second of two neighbouring digits that make a range (三四十, 七八, 十三四), if any."""
    found = None
    for i in range(1, len(run)):
        a, b = DIGIT.get(run[i - 1]), DIGIT.get(run[i])
        if a is None or b is None or a == 0:
            continue
        if found is not None:
            return None
        if b == a + 1 or run[i - 1 : i + 1] in _IDIOM_PAIRS:
            found = i
        else:
            return None
    if found is not None and found + 1 < len(run) and run[found + 1] in DIGIT:
        return None
    return found


def _evaluate(run: str) -> Decimal | None:
    """The value of one numeral, or None where the characters make none."""
    run = run.replace("廿", "二十").replace("卅", "三十")
    head, point, tail = run.partition("点")
    if point:
        return _with_point(head, tail)
    if len(run) > 1 and all(c in DIGIT for c in run):
        return Decimal(int("".join(str(DIGIT[c]) for c in run)))
    above = Decimal(0)  # what 亿 and 兆 have closed
    middle = Decimal(0)  # what 万 has closed
    section = Decimal(0)
    number: Decimal | None = None
    last_power = 0
    zero = False
    i = 0
    while i < len(run):
        c = run[i]
        if c in "0123456789":
            j = i
            while j < len(run) and (run[j] in "0123456789" or (run[j] in ".," and run[j + 1 : j + 2].isdigit())):
                j += 1
            if number is not None and number != 0:
                return None
            number = plain_decimal(run[i:j])
            if number is None:
                return None
            i = j
            continue
        if c in DIGIT:
            if number is not None and not zero:
                return None
            number = Decimal(DIGIT[c])
            zero = number == 0
        elif (power := _POWER.get(c)) is not None:
            if power < 4:
                if last_power and last_power < 4 and power >= last_power and number is None:
                    return None
                section = section + (Decimal(1) if number is None or zero else number).scaleb(power)
            elif power == 4:
                middle = (middle + section + (number or 0)) or Decimal(1)
                middle = middle.scaleb(4)
                section = Decimal(0)
            else:
                above += ((middle + section + (number or 0)) or Decimal(1)).scaleb(power)
                middle = section = Decimal(0)
            number, zero, last_power = None, False, power
        else:
            return None
        i += 1
    if number is not None:
        if last_power > 1 and not zero and number < 10 and run[-2:-1] in _POWER:
            number = number.scaleb(last_power - 1)
        section += number
    return above + middle + section


def _with_point(head: str, tail: str) -> Decimal | None:
    """三点五, 四点二亿."""
    end = 0
    while end < len(tail) and tail[end] in DIGIT:
        end += 1
    whole = _evaluate(head) if head else None
    power = sum(_POWER.get(c, 99) for c in tail[end:])
    if whole is None or end == 0 or end > MOST_DIGITS or power > 16 or whole != int(whole):
        return None
    fraction = "".join(str(DIGIT[c]) for c in tail[:end])
    return Decimal(f"{int(whole)}.{fraction}E{power}")
