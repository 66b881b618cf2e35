"""Align the quantities of two texts, and judge each pair as matched, missing, added or wrong."""

from collections.abc import Sequence
from dataclasses import replace

from evalkit.text.quantities import doubts
from evalkit.text.quantities.equivalence import has_figures, years
from evalkit.text.quantities.figures import contradictions, wrong_figures
from evalkit.text.quantities.model import Quantity
from evalkit.text.quantities.number_values import repaired, values, without_codes
from evalkit.text.quantities.pairing import Alignment, Pair, place, severity, unit_of
from evalkit.text.quantities.scanner import Day, parse_day

#: the maximum number of pairs that are compared individually.
_MOST_PAIRS = 250_000


def align(
    source: Sequence[Quantity],
    output: Sequence[Quantity],
    elsewhere: Sequence[Quantity] = (),
    *,
    whole: bool = True,
    date: str | None = None,
    texts: tuple[str, str] | None = None,
) -> list[Pair]:
    """Pair the quantities of two texts one to one, the closest first.

    A remaining quantity may also match one that is already paired (a date that is repeated), and a quantity of the output
    may match the rest of the article. If the texts have more than 250,000 pairs, only equal normal forms are paired.

    :param source: quantities of the source text (or of a reference).
    :param output: quantities of the output.
    :param elsewhere: quantities of the rest of the source article; an output quantity that occurs there is not an addition.
    :param whole: whether the output renders the whole source. A summary does not; its unmatched quantities are paired with
        a different value only if the difference looks like a slip (a digit, a power of ten) or the noun is the same.
    :param date: the date of the source in ISO format. If given, a year that the output adds to a date of the source must
        occur in the source or be near the date of the source.
    :param texts: source and output; required if a side may have no quantity. An error is only reported if no other reading
        of the texts explains it (see :mod:`evalkit.text.quantities.doubts`).
    :returns: a pair for every checkable quantity of both sides, by position in the output (a missing quantity by position
        in the source). An uncheckable quantity appears only if it is paired with a checkable one.
    """
    if len(source) * (len(output) + len(elsewhere)) > _MOST_PAIRS or len(output) * len(elsewhere) > _MOST_PAIRS:
        return _by_normal_form(source, output, elsewhere)
    pairs = Alignment(source, output).pairs(elsewhere, whole=whole)
    named, stated = (
        {y for q in side if q.kind == "date" for y in years(q)} for side in ((*source, *elsewhere), output)
    )
    if (day := parse_day(date)) is not None or named - stated - {None}:
        pairs = [
            replace(p, verdict="wrong-value", severity="error") if _invents_year(p, named, day) else p for p in pairs
        ]
    first, second = texts or (source[0].text if source else "", output[0].text if output else "")
    texts = repaired(first), repaired(second)
    if any(p.severity == "error" for p in pairs):
        pairs = _with_weak_errors_as_warnings(pairs, texts, whole=whole)
    if not whole:
        return pairs
    pairs += [Pair("added", "error", None, q) for q in contradictions(texts)]
    return _with_changed_figures(_with_other_counts(pairs, texts), texts)


def _with_other_counts(pairs: list[Pair], texts: tuple[str, str]) -> list[Pair]:
    """Report an added small count or duration that occurs nowhere in the source, if the source has others of its unit."""
    sources = [p.source for p in pairs if p.source and 1 < p.source.low == p.source.high < 13]
    units = {unit_of(q) for q in sources if q.kind in ("count", "duration")}

    def is_other(q: Quantity) -> bool:
        counts = (q.kind, q.exact) == ("count", "exact") and doubts.has_classifier(q)
        few = unit_of(q) in units and (3 if not has_figures(q) else 1 if counts else 12) < q.low == q.high < 12
        return few and not doubts.excludes(q) and q.low not in values(without_codes(texts[0])).whole

    return [
        replace(p, severity="error") if p.verdict == "added" and p.output and is_other(p.output) else p for p in pairs
    ]


def _with_changed_figures(pairs: list[Pair], texts: tuple[str, str]) -> list[Pair]:
    """Add a pair for each changed or exchanged figure, a warning for the number of an item, and remove its other pairs."""
    fixed = [_fixed_spans(pairs, text, side) for side, text in enumerate(texts)]
    changed = wrong_figures(texts, _paired_spans(pairs, texts), fixed)
    if not changed:
        return pairs

    def is_changed(q: Quantity | None, side: int) -> bool:
        spans = [pair[side].span for pair in changed]
        return q is not None and any(q.span[0] < end and start < q.span[1] for start, end in spans)

    pairs = [p for p in pairs if p.severity == "error" or not (is_changed(p.source, 0) or is_changed(p.output, 1))]
    pairs += [Pair("wrong-value", "warning" if doubts.are_list_marks(*pair) else "error", *pair) for pair in changed]
    return sorted(pairs, key=place)


def _paired_spans(pairs: Sequence[Pair], texts: tuple[str, str]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the spans of the quantities that are each other's counterpart, or may have been exchanged with another pair."""
    both = [(p, p.source, p.output) for p in pairs if p.source and p.output]
    doubtful = [p for p in pairs if p.severity == "warning"]
    return [
        (a.span, b.span)
        for p, a, b in both
        if (a.text, b.text) == texts
        and (p.severity != "warning" or (a.low, a.high) == (b.low, b.high) or _is_exchanged(p, doubtful))
    ]


def _fixed_spans(pairs: Sequence[Pair], text: str, side: int) -> list[tuple[int, int]]:
    """Return the spans of the quantities of a text that cannot be exchanged: errors, and those with a unit that match."""
    found = [(p, q) for p in pairs for q in _of_text(text, [(p.source, p.output)[side]])]
    return [q.span for p, q in found if p.severity == "error" or (p.verdict == "matched" and q.kind != "count")]


def _with_weak_errors_as_warnings(pairs: list[Pair], texts: tuple[str, str], *, whole: bool) -> list[Pair]:
    errors = [pair for pair in pairs if pair.severity == "error"]
    context = _context(pairs, texts, whole)
    alone = [pair for pair in errors if not _is_exchanged(pair, errors)]
    weak = {id(pair) for pair in alone if doubts.is_doubtful(pair.source, pair.output, context)}
    return [replace(pair, severity="warning") if id(pair) in weak else pair for pair in pairs]


def _context(pairs: Sequence[Pair], texts: tuple[str, str], whole: bool) -> doubts.Context:
    both = [(p.source, p.output) for p in pairs if p.source and p.output]
    # if a range is paired with another value, only a part of it is covered
    settled = [(a, b) for a, b in both if (a.low, a.high) == (b.low, b.high) or (a.low, b.low) == (a.high, b.high)]
    read = _of_text(texts[0], [p.source for p in pairs])
    return doubts.Context(
        texts,
        rest=[_blanked(text, _of_text(text, [pair[side] for pair in settled])) for side, text in enumerate(texts)],
        unread=_blanked(texts[0], read),
        stated={end for q in read for end in (q.low, q.high)},
        units={q.unit for q in read} | {texts[0]},
        alone=[
            [p.source for p in pairs if p.output is None and p.source],
            [p.output for p in pairs if p.source is None and p.output],
        ],
        aligned=whole,
    )


def _of_text(text: str, quantities: Sequence[Quantity | None]) -> list[Quantity]:
    return [q for q in quantities if q is not None and q.text == text]


def _is_exchanged(pair: Pair, errors: Sequence[Pair]) -> bool:
    """Whether a pair belongs to two exchanged numbers, or is a reversed score."""
    a, b = pair.source, pair.output
    if a is None or b is None:
        return False
    values = [((c.low, c.high), (d.low, d.high)) for e in errors if (c := e.source) and (d := e.output)]
    reversed_score = a.noun == "score" and (b.noun == "score" or b.low != b.high)
    return reversed_score or (a.low != b.low and ((b.low, b.high), (a.low, a.high)) in values)


def _blanked(text: str, quantities: Sequence[Quantity]) -> str:
    """Replace each quantity of a text with ``|``."""
    parts, end = [], 0
    for start, stop in sorted(q.span for q in quantities):
        parts.append(text[end:start])
        end = max(end, stop)
    return "|".join([*parts, text[end:]])


def _invents_year(pair: Pair, named: set[int | None], day: Day | None) -> bool:
    """Whether the output adds a year to a date that is neither named in the source nor near the date of the source.

    Without that date, the caller makes sure that the output lacks a year of the source.
    """
    a, b = pair.source, pair.output
    if pair.severity == "error" or a is None or b is None or a.kind != "date" or b.kind != "date":
        return False
    if a.year is not None or b.year is None or a.month is None or b.year in named:
        return False
    if day is None:
        return True
    past = day.month is None or a.month > day.month
    coming = day.month is None or a.month < day.month
    return not day.year - past <= b.year <= day.year + coming


def _by_normal_form(
    source: Sequence[Quantity], output: Sequence[Quantity], elsewhere: Sequence[Quantity]
) -> list[Pair]:
    """Align equal normal forms only; :func:`align` uses this if comparing all pairs would take too long."""
    pairs = []
    for name, own, others in (("missing", source, output), ("added", output, (*elsewhere, *source))):
        twins = {str(q): q for q in others}
        for q in own:
            twin = twins.get(str(q))
            if q.checkable:
                both = (q, twin) if name == "missing" else (twin, q)
                pairs.append(Pair(name, severity(name, q), *both) if twin is None else Pair("matched", "ok", *both))
    return sorted(pairs, key=place)
