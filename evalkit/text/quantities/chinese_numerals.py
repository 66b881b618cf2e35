"""Read the values of Chinese numerals: 四十二, 4.2亿, 3万5, 1.2万亿, 二〇二二, 三四十, 十几, 数百."""

import re
from decimal import Decimal
from functools import lru_cache

from evalkit.text.quantities.decimals import EXACT, MOST_DIGITS, of_digits

#: the formal numerals used on checks; in other texts they are usually parts of words (陆军, 伍先生).
FORMAL = "壹贰叁肆伍陆柒捌玖拾佰仟"
HANZI = "零〇一二三四五六七八九十百千万亿兆两几数廿卅"
DIGIT = {c: i for row in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖") for i, c in enumerate(row)} | {"两": 2}
_POWER = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "亿": 8, "兆": 12}
_SCALES = sorted(_POWER.items(), key=lambda scale: -scale[1])
_MOST_CHARACTERS = 40
#: pairs of digits that form a range although they are not consecutive.
_PAIRS = {"三五"}
_ZERO, ONE = Decimal(0), Decimal(1)
_PLAIN = re.compile("[0-9](?:[0-9.,，]*[0-9])?")
#: a numeral with a decimal point: 三点五, 四点二亿
_POINTED = re.compile(f"([^点.]+)点([{''.join(DIGIT)}]{{1,{MOST_DIGITS}}})([{''.join(_POWER)}]{{0,2}})")


@lru_cache(maxsize=1024)
def value(run: str) -> tuple[Decimal, Decimal, bool] | None:
    """Return the lowest value, the highest value, and whether a numeral contains 几 or 数; None if it is not valid."""
    run = run.replace(" ", "")
    if not 0 < len(run) <= _MOST_CHARACTERS:
        return None
    vague = "几" in run or "数" in run
    first, second = _ends_of_vague(run) if vague else _ends(run)
    low = _evaluate(first)
    high = low if first == second else _evaluate(second)
    return None if low is None or high is None or low > high else (low, high, vague)


@lru_cache(maxsize=1024)
def small(text: str) -> int:
    """Return the value of a short whole number, or -1 if it is not one."""
    if len(text) > 9:
        return -1
    if text.isascii():
        return int(text) if text.isdigit() else -1
    low, high, vague = value(text) or (_ZERO, ONE, False)
    return int(low) if not vague and low == high == int(low) else -1


def _ends_of_vague(run: str) -> tuple[str, str]:
    """Return the ends of a vague numeral: 十几 is 11 to 19, 几十 and 数十 are 20 to 90; digits with 几 (100几) are no number."""
    if run.count("几") + run.count("数") > 1 or (run[-1] in "几数" and run[-2:-1].isascii() and len(run) > 1):
        return run, run
    at = max(run.find("几"), run.find("数"))
    lowest = "1" if at > 0 and run[at - 1] in _POWER else "2"  # 十几 and 十几万, but 几十
    return re.sub("[几数]", lowest, run), re.sub("[几数]", "9", run)


def _ends(run: str) -> tuple[str, str]:
    """Return the ends of a numeral; they differ if two adjacent digits form a range (三四十, 七八, 十三四)."""
    pairs = [i for i in range(1, len(run.partition("点")[0])) if DIGIT.get(run[i - 1]) and run[i] in DIGIT]
    if len(pairs) == 1:
        i = pairs[0]
        if DIGIT[run[i]] == DIGIT[run[i - 1]] + 1 or run[i - 1 : i + 1] in _PAIRS:
            return run[:i] + run[i + 1 :], run[: i - 1] + run[i:]
    return run, run


def _evaluate(run: str) -> Decimal | None:
    run = run.replace("廿", "二十").replace("卅", "三十")
    if len(run) > 1 and all(c in DIGIT for c in run):
        return Decimal("".join(str(DIGIT[c]) for c in run))
    if (pointed := _POINTED.fullmatch(run)) is None:
        return _with_scales(run)
    whole, digits, power = _evaluate(pointed[1]), pointed[2], sum(_POWER[c] for c in pointed[3])
    return None if whole is None else Decimal(f"{whole}.{''.join(str(DIGIT[c]) for c in digits)}E{power}")


def _with_scales(run: str) -> Decimal | None:
    """Read a numeral with scales: the part before the largest one is multiplied by it (十几千 is 11,000 to 19,000).

    A single digit after a scale counts the next lower scale: 3万5 is 35,000, and 一百五 is 150, but 一百零五 is 105.
    """
    run = run.lstrip("零〇")
    for scale, power in _SCALES:
        head, sign, tail = run.rpartition(scale)
        if not sign:
            continue
        lone_scale = len(tail) == 1 and tail in _POWER
        if (power < 4 and (scale in head or head[-1:] in (*_POWER, "零", "〇"))) or (power > 3 and lone_scale):
            return None
        above = _with_scales(head) if head else ONE
        below = _with_scales(tail) if tail else _ZERO
        if above is None or below is None:
            return None
        if len(tail) == 1 and power > 1 and not lone_scale:
            below = EXACT.scaleb(below, power - 1)
        return EXACT.add(EXACT.scaleb(above, power), below)
    if run in DIGIT or not run:
        return Decimal(DIGIT.get(run, 0))
    return of_digits(run) if _PLAIN.fullmatch(run) else None
