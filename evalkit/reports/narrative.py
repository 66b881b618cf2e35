"""Describe the results in sentences: which system leads, what is significant, what differs from the baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.results.comparisons import Difference
from evalkit.results.evidence import Evidence
from evalkit.results.pair_text import p_equation
from evalkit.wording import count

__all__ = [
    "Part",
    "Sentence",
    "Standing",
    "join",
    "p_text",
    "plain",
    "sentences",
    "task_words",
]

_SMALL = {2: "two", 3: "three"}
_NO_STATEMENT = "; this supports no statement about systems in general."

_LANGUAGES = {"zh": "Chinese", "en": "English", "de": "German", "fr": "French", "ja": "Japanese", "ko": "Korean"}

#: The verdicts on a pair that sentences distinguish, with the end of "2 are ..."; every other one counts as ``open``.
_VERDICTS = {
    "better": "better",
    "worse": "worse",
    "open": "not significantly different",
    "undecided": "undecided because of unjudged segments",
}


@dataclass(frozen=True)
class Part:
    """A piece of a sentence; ``strong`` marks a system's name."""

    text: str
    strong: bool = False


Sentence = tuple[Part, ...]


@dataclass(frozen=True)
class Standing:
    """What the sentences need to know about one metric.

    :param order: systems, best first, undefined last.
    :param scores: by system, as text; None where undefined.
    """

    label: str
    order: Sequence[int]
    scores: Sequence[str | None]
    evidence: Evidence


def plain(sentence: Sentence) -> str:
    """Return the sentence as plain text."""
    return "".join(part.text for part in sentence)


def p_text(p: float, sign: str = "=") -> str:
    """Format a p-value as in papers: ``p = .003``, ``p < .001``; its spaces are non-breaking."""
    return p_equation(p, sign).replace(" ", "\N{NO-BREAK SPACE}")


def join(names: Sequence[str], limit: int = 4) -> str:
    """Join names as ``A, B and C``; from the fifth name on, only say how many more there are."""
    items = list(names) if len(names) <= limit else [*names[: limit - 1], f"{len(names) - limit + 1} more"]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def task_words(kind: str, lang: str, source_lang: str | None) -> str:
    """``Translation from Chinese into English``, ``Summaries in Chinese``."""
    target = _LANGUAGES.get(lang, lang)
    if kind == "summary":
        return f"Summaries in {target}"
    source = f" from {_LANGUAGES.get(source_lang, source_lang)}" if source_lang else ""
    return f"Translation{source} into {target}"


def sentences(
    standings: Sequence[Standing], systems: Sequence[str], baseline: int, unusable: Mapping[int, str]
) -> tuple[Sentence, ...]:
    """Write two to four sentences on a task: unusable systems, the leader by the first metric, the other metrics.

    :param unusable: maps the index of each system that should not be recommended to the reason.
    """
    main = standings[0]
    lines = _invalid(systems, unusable)
    ranked = [i for i in main.order if main.scores[i] is not None and i not in unusable]
    if not ranked:
        return (*lines, (Part(f"No usable system has a defined {main.label}."),))
    best = ranked[0]
    if len(ranked) == 1:
        low, high = main.evidence.low[best], main.evidence.high[best]
        more = (
            ""
            if low is None or high is None
            else f" (interval {_like(main.scores[best], low)} to {_like(main.scores[best], high)})"
        )
        return (*lines, (Part(systems[best], True), Part(f" scores {main.scores[best]} on {main.label}{more}.")))
    if main.evidence.few_articles is not None:
        return (*lines, _few(main, systems, ranked, main.evidence.few_articles))
    lines.append(_leader(main, systems, ranked))
    if len(standings) > 1:
        # If only the baseline was compared with all systems, the sentence is about the baseline.
        rival = ranked[1] if main.evidence.pair(best, ranked[1]) else baseline
        other = _elsewhere(standings[1:], systems, best, rival)
        if other:
            lines.append(other)
    against = _against(main, systems, baseline, ranked)
    if against and len(ranked) > 2 and baseline != best:
        lines.append(against)
    return tuple(lines)


def _invalid(systems: Sequence[str], unusable: Mapping[int, str]) -> list[Sentence]:
    """Write one sentence per reason, with the systems that it applies to."""
    by_reason: dict[str, list[int]] = {}
    for i, reason in unusable.items():
        by_reason.setdefault(reason, []).append(i)
    return [
        (*_names(systems, which), Part(f" {'is' if len(which) == 1 else 'are'} not usable: {reason}."))
        for reason, which in by_reason.items()
    ]


def _few(main: Standing, systems: Sequence[str], ranked: Sequence[int], articles: int) -> Sentence:
    best, second = ranked[0], ranked[1]
    what = "carries more facts than" if main.label == "KeyFacts" else f"scores better on {main.label} than"
    where = "On this one article " if articles == 1 else f"On these {_SMALL.get(articles, articles)} articles "
    if main.scores[best] == main.scores[second]:
        what = f"and {systems[second]} score the same on {main.label}"
        return (Part(where), Part(systems[best], True), Part(f" {what} ({main.scores[best]}){_NO_STATEMENT}"))
    figures = f" ({main.label} {main.scores[best]} against {main.scores[second]})"
    return (
        Part(where),
        Part(systems[best], True),
        Part(f" {what} "),
        Part(systems[second], True),
        Part(f"{figures}{_NO_STATEMENT}"),
    )


def _leader(main: Standing, systems: Sequence[str], ranked: Sequence[int]) -> Sentence:
    best, rest = ranked[0], ranked[1:]
    score, label = main.scores[best], main.label
    pairs = {i: pair for i in rest if (pair := main.evidence.pair(best, i)) and pair.p_corrected is not None}
    if not pairs:
        return (
            Part(systems[best], True),
            Part(f" comes first on {label} ({score}), "),
            Part(systems[rest[0]], True),
            Part(f" follows ({main.scores[rest[0]]}); these data do not say how sure that is."),
        )
    by_verdict = {name: [i for i, pair in pairs.items() if _verdict(pair) == name] for name in _VERDICTS}
    open_, unknown, worse = by_verdict["open"], by_verdict["undecided"], by_verdict["better"]
    unjudged = count(max((pairs[i].unjudged for i in unknown), default=0), "unjudged segment")
    if len(rest) == 1:
        return _leader_of_two(main, systems, best, rest[0], pairs[rest[0]])
    if len(worse) == len(pairs):
        most = max((pairs[i].p_corrected or 0.0) for i in worse)
        whom = "every other system" if len(worse) == len(rest) else join([systems[i] for i in worse])
        return (
            Part(systems[best], True),
            Part(f" is the best on {label} ({score}), better than {whom} ({p_text(most, '≤')})."),
        )
    parts: Sentence = (Part(systems[best], True), Part(f" leads on {label} ({score})"))
    if open_:
        every = len(open_) == len(rest)
        whom_ = (Part("any other system"),) if every else _names(systems, open_)
        parts += (Part(", but is not significantly better than "), *whom_)
    if unknown:
        parts += (Part("; whether it is better than "), *_names(systems, unknown), Part(f" depends on {unjudged}"))
    if worse:
        others = f"the other {len(worse)}" if len(pairs) == len(rest) else f"{len(worse)} others"
        parts += (Part(f"; it is better than {join([systems[i] for i in worse], 3) if len(worse) <= 3 else others}"),)
    return (*parts, Part("."))


def _leader_of_two(main: Standing, systems: Sequence[str], best: int, other: int, pair: Difference) -> Sentence:
    verdict, label = _verdict(pair), main.label
    first, between, after = {
        "better": ("", " is better than ", f" on {label}: "),
        "undecided": (
            "Whether ",
            " is better than ",
            f" on {label} depends on {count(pair.unjudged, 'unjudged segment')}: ",
        ),
    }.get(verdict, ("", " and ", f" show no significant difference on {label}: "))
    p = "" if verdict == "undecided" else f", {p_text(pair.p_corrected or 0.0)}"
    figures = f"{main.scores[best]} against {main.scores[other]}{p}."
    two = (Part(systems[best], True), Part(between), Part(systems[other], True), Part(after + figures))
    return (Part(first), *two) if first else two


def _verdict(pair: Difference) -> str:
    """``better``, ``worse``, ``undecided``, or ``open`` for every verdict that reports no difference."""
    return pair.verdict if pair.verdict in _VERDICTS else "open"


def _elsewhere(standings: Sequence[Standing], systems: Sequence[str], best: int, rival: int) -> Sentence | None:
    if best == rival:
        return None
    groups: dict[str, list[str]] = {}
    values: dict[str, list[float]] = {}
    for standing in standings:
        pair = standing.evidence.pair(best, rival)
        if pair is not None and pair.p_corrected is not None:
            groups.setdefault(_verdict(pair), []).append(standing.label)
            values.setdefault(_verdict(pair), []).append(pair.p_corrected)
    if not groups:
        return None
    clauses = [
        f"is {verdict} on {join(groups[verdict])} "
        f"({p_text(max(values[verdict]), '=' if len(values[verdict]) == 1 else '≤')})"
        for verdict in ("better", "worse")
        if verdict in groups
    ]
    unknown = f"on {join(groups['undecided'])} it depends on unjudged segments" if "undecided" in groups else ""
    if clauses:
        open_ = f"on {join(groups['open'])} there is no significant difference" if "open" in groups else ""
        end = "; ".join(filter(None, (" and ".join(clauses), open_, unknown)))
        return (Part("Compared with "), Part(systems[rival], True), Part(f" it {end}."))
    if "open" not in groups:
        where = join(groups["undecided"])
        return (
            Part(f"On {where} the comparison with "),
            Part(systems[rival], True),
            Part(" depends on unjudged segments."),
        )
    where = "all other metrics" if len(groups["open"]) == len(standings) > 3 else join(groups["open"])
    return (
        Part(f"On {where} it shows no significant difference from "),
        Part(systems[rival], True),
        Part(f"; {unknown}." if unknown else "."),
    )


def _against(main: Standing, systems: Sequence[str], baseline: int, ranked: Sequence[int]) -> Sentence | None:
    others = [i for i in ranked if i != baseline]
    pairs = [main.evidence.pair(i, baseline) for i in others]
    counts = Counter(_verdict(pair) for pair in pairs if pair is not None and pair.p_corrected is not None)
    if sum(counts.values()) < len(others):
        return None
    said = [
        f"{counts[verdict]} {'is' if counts[verdict] == 1 else 'are'} {words}"
        for verdict, words in _VERDICTS.items()
        if counts[verdict]
    ]
    return (
        Part("Compared with the baseline "),
        Part(systems[baseline], True),
        Part(f", {join(said)} on {main.label}."),
    )


def _names(systems: Sequence[str], which: Sequence[int], limit: int = 4) -> tuple[Part, ...]:
    indices = list(which) if len(which) <= limit else list(which[: limit - 1])
    more = len(which) - len(indices)
    parts: list[Part] = []
    for place, i in enumerate(indices):
        if place:
            parts.append(Part(" and " if place == len(indices) - 1 and not more else ", "))
        parts.append(Part(systems[i], True))
    if more:
        parts.append(Part(f" and {more} more"))
    return tuple(parts)


def _like(printed: str | None, value: float) -> str:
    digits = len((printed or "").partition(".")[2])
    return f"{value:.{digits}f}"
