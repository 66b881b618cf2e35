"""How numbers and counts are formatted in messages and reports."""

import math

#: What is printed for an undefined number.
UNDEFINED = "–"


def count(n: int, noun: str) -> str:
    """``1 article``, ``2,000 articles``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def is_missing(value: object) -> bool:
    """Whether a value represents a missing text or number: null, or the nan, NA or NaT of a pandas column."""
    missing = isinstance(value, float) and math.isnan(value)
    return value is None or missing or type(value).__name__ in ("NAType", "NaTType")


def kind_of(value: object, *, mapping: str = "a mapping") -> str:
    """The type of a value in words: ``null``, ``a list``; ``mapping`` is what mappings are called in the file."""
    if is_missing(value):
        return "null" if value is None else "missing (nan)"
    kinds: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", bytes: "binary data"}
    kinds |= {str: "a text" if isinstance(value, str) and value else "an empty text", list: "a list", dict: mapping}
    name = "date" if hasattr(value, "isoformat") else type(value).__name__
    return kinds.get(type(value), f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}")


def arrow(higher_is_better: bool) -> str:
    """An arrow that shows whether higher or lower scores are better."""
    return "↑" if higher_is_better else "↓"


def decimals(high: float) -> int:
    """The number of decimals of a score: three on a scale to 1, two on a scale to 100."""
    return 3 if high <= 1.0 else 2


def format_number(value: float | None, spec: str, *, undefined: str = UNDEFINED) -> str:
    """Format with a format specification such as ``+.3g``.

    A negative number that is rounded to zero has no minus sign, and a large number no exponent.
    """
    if value is None or not math.isfinite(value):
        return undefined
    text = format(value, spec)
    if "e+" in text:
        text = format(value, "+.0f" if spec.startswith("+") else ".0f")
    return text if text.strip("-0.,%") else format(abs(value), spec)


def format_score(value: float | None, high: float, *, undefined: str = UNDEFINED) -> str:
    """Format a score whose highest value is ``high``; see :func:`decimals`."""
    return format_number(value, f".{decimals(high)}f", undefined=undefined)


def format_interval(low: float | None, high: float | None, spec: str, *, undefined: str = UNDEFINED) -> str:
    """Format an interval as ``[0.1, 0.3]``."""
    return undefined if low is None or high is None else f"[{format_number(low, spec)}, {format_number(high, spec)}]"


def bounded(value: float | None, low: float | None, high: float | None) -> str:
    """Format a value with its interval, if it has one: ``0.512 [0.400, 0.610]``."""
    interval = "" if value is None else format_interval(low, high, ".3f", undefined="")
    return f"{format_number(value, '.3f')} {interval}".rstrip()


def rounded(value: float | None, digits: int) -> float | None:
    """Round a number as it is printed; None if it is undefined."""
    if value is None or not math.isfinite(value):
        return None
    # Adding 0.0 turns -0.0 into 0.0.
    return round(float(value), digits) + 0.0


def signed(value: float | None, digits: int) -> str:
    """Format a difference with its sign, using typographic characters: ``+0.12``, ``−0.12``, ``±0.00``."""
    number = rounded(value, digits)
    if number is None:
        return UNDEFINED
    sign = "+" if number > 0 else "−" if number < 0 else "±"
    return f"{sign}{abs(number):.{digits}f}"


def rank_text(best: int, worst: int) -> str:
    """Format a range of ranks as ``2–5``; 0 means that there is none."""
    return UNDEFINED if not best else str(best) if best == worst else f"{best}–{worst}"


def p_value(p: float) -> str:
    """Format a p-value as in papers: three decimals without the leading zero, ``<.001`` below that.

    A p-value just above .05 is ``>.050``, so that it cannot be taken for a significant one.

    >>> p_value(0.0312), p_value(0.0004), p_value(1.0), p_value(0.0502)
    ('.031', '<.001', '1', '>.050')
    """
    if p < 0.001:
        return "<.001"
    if 0.05 < p < 0.0505:
        return ">.050"
    return "1" if p >= 0.9995 else f"{p:.3f}".removeprefix("0")


def p_equation(p: float, sign: str = "=") -> str:
    """Format a p-value for use within a sentence.

    >>> p_equation(0.0312), p_equation(0.0004), p_equation(0.02, "≤")
    ('p = .031', 'p < .001', 'p ≤ .020')
    """
    text = p_value(p)
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p {sign} {text}"
