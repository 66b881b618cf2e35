"""Describe the results in sentences: which system leads, what is significant, what differs from the baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalkit.results.comparisons import Difference
from evalkit.results.evidence import Evidence
from evalkit.wording import count, p_equation

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


def join(names: Sequence[str]) -> str:
    """Join names as ``A, B and C``; from the fifth name on, only say how many more there are."""
    items = list(names) if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def task_words(kind: str, lang: str, source_lang: str | None) -> str:
    """``Translation from Chinese into English``, ``Summaries in Chinese``."""
    target = _LANGUAGES.get(lang, lang)
    if kind == "summary":
        return f"Summaries in {target}"
    source = f" from {_LANGUAGES.get(source_lang, source_lang)}" if source_lang else ""
    return f"Translation{source} into {target}"


def _say(*pieces: str | Part) -> Sentence:
    return tuple(Part(piece) if isinstance(piece, str) else piece for piece in pieces if piece)


def sentences(
    standings: Sequence[Standing], systems: Sequence[str], baseline: int, unusable: Mapping[int, str]
) -> tuple[Sentence, ...]:
    """Write two to four sentences on a task: unusable systems, the leader by the first metric, the other metrics.

    :param unusable: maps the index of each system that should not be recommended to the reason.
    """
    main = standings[0]
    lines = _invalid(systems, unusable)
    ranked = [i for i in main.order if main.scores[i] is not None and i not in unusable]
    names = [Part(name, strong=True) for name in systems]
    if not ranked:
        return (*lines, _say(f"No usable system has a defined {main.label}."))
    best = ranked[0]
    if len(ranked) == 1:
        low, high = main.evidence.low[best], main.evidence.high[best]
        digits = len((main.scores[best] or "").partition(".")[2])
        more = "" if low is None or high is None else f" (interval {low:.{digits}f} to {high:.{digits}f})"
        return (*lines, _say(names[best], f" scores {main.scores[best]} on {main.label}{more}."))
    if main.evidence.few_articles is not None:
        return (*lines, _few(main, names, ranked, main.evidence.few_articles))
    lines.append(_leader(main, names, ranked))
    if len(standings) > 1:
        # If only the baseline was compared with all systems, the sentence is about the baseline.
        rival = ranked[1] if main.evidence.pair(best, ranked[1]) else baseline
        other = _elsewhere(standings[1:], names, best, rival)
        if other:
            lines.append(other)
    against = _against(main, names, baseline, ranked)
    if against and len(ranked) > 2 and baseline != best:
        lines.append(against)
    return tuple(lines)


def _invalid(systems: Sequence[str], unusable: Mapping[int, str]) -> list[Sentence]:
    """Write one sentence per reason, with the systems that it applies to."""
    by_reason: dict[str, list[Part]] = {}
    for i, reason in unusable.items():
        by_reason.setdefault(reason, []).append(Part(systems[i], strong=True))
    return [
        _say(*_list(names), f" {'is' if len(names) == 1 else 'are'} not usable: {reason}.")
        for reason, names in by_reason.items()
    ]


def _few(main: Standing, names: Sequence[Part], ranked: Sequence[int], articles: int) -> Sentence:
    best, second = ranked[0], ranked[1]
    where = "On this one article " if articles == 1 else f"On these {_SMALL.get(articles, articles)} articles "
    if main.scores[best] == main.scores[second]:
        what = f" and {names[second].text} score the same on {main.label} ({main.scores[best]}){_NO_STATEMENT}"
        return _say(where, names[best], what)
    what = "carries more facts than" if main.label == "KeyFacts" else f"scores better on {main.label} than"
    figures = f" ({main.label} {main.scores[best]} against {main.scores[second]}){_NO_STATEMENT}"
    return _say(where, names[best], f" {what} ", names[second], figures)


def _leader(main: Standing, names: Sequence[Part], ranked: Sequence[int]) -> Sentence:
    best, rest = ranked[0], ranked[1:]
    leader, score, label = names[best], main.scores[best], main.label
    pairs = {i: pair for i in rest if (pair := main.evidence.pair(best, i)) and pair.p_corrected is not None}
    if not pairs:
        follows = f" follows ({main.scores[rest[0]]}); these data do not say how sure that is."
        return _say(leader, f" comes first on {label} ({score}), ", names[rest[0]], follows)
    if len(rest) == 1:
        return _leader_of_two(main, leader, names[rest[0]], f"{score} against {main.scores[rest[0]]}", pairs[rest[0]])
    by_verdict = {name: [i for i, pair in pairs.items() if _verdict(pair) == name] for name in _VERDICTS}
    open_, unknown, worse = ([names[i] for i in by_verdict[verdict]] for verdict in ("open", "undecided", "better"))
    listed = join([name.text for name in worse]) if worse else ""
    if len(worse) == len(pairs):
        most = max((pair.p_corrected or 0.0) for pair in pairs.values())
        whom = "every other system" if len(worse) == len(rest) else listed
        return _say(leader, f" is the best on {label} ({score}), better than {whom} ({p_text(most, '≤')}).")
    parts = _say(leader, f" leads on {label} ({score})")
    if open_:
        others = ["any other system"] if len(open_) == len(rest) else _list(open_)
        parts += _say(", but is not significantly better than ", *others)
    if unknown:
        unjudged = count(max(pairs[i].unjudged for i in by_verdict["undecided"]), "unjudged segment")
        parts += _say("; whether it is better than ", *_list(unknown), f" depends on {unjudged}")
    if worse:
        more = f"the other {len(worse)}" if len(pairs) == len(rest) else count(len(worse), "other")
        parts += _say(f"; it is better than {listed if len(worse) <= 3 else more}")
    return (*parts, Part("."))


def _leader_of_two(main: Standing, best: Part, other: Part, figures: str, pair: Difference) -> Sentence:
    verdict, p = _verdict(pair), f", {p_text(pair.p_corrected or 0.0)}."
    if verdict == "undecided":
        unjudged = count(pair.unjudged, "unjudged segment")
        return _say("Whether ", best, " is better than ", other, f" on {main.label} depends on {unjudged}: {figures}.")
    if verdict == "better":
        return _say(best, " is better than ", other, f" on {main.label}: {figures}{p}")
    return _say(best, " and ", other, f" show no significant difference on {main.label}: {figures}{p}")


def _verdict(pair: Difference) -> str:
    """``better``, ``worse``, ``undecided``, or ``open`` for every verdict that reports no difference."""
    return pair.verdict if pair.verdict in _VERDICTS else "open"


def _elsewhere(standings: Sequence[Standing], names: Sequence[Part], best: int, rival: int) -> Sentence | None:
    if best == rival:
        return None
    values: dict[str, dict[str, float]] = {}
    for standing in standings:
        pair = standing.evidence.pair(best, rival)
        if pair is not None and pair.p_corrected is not None:
            values.setdefault(_verdict(pair), {})[standing.label] = pair.p_corrected
    if not values:
        return None
    groups = {verdict: join(list(by_label)) for verdict, by_label in values.items()}
    clauses = []
    for verdict in ("better", "worse"):
        if by_label := values.get(verdict):
            p = p_text(max(by_label.values()), "=" if len(by_label) == 1 else "≤")
            clauses.append(f"is {verdict} on {groups[verdict]} ({p})")
    unknown = f"on {groups['undecided']} it depends on unjudged segments" if "undecided" in groups else ""
    if clauses:
        open_ = f"on {groups['open']} there is no significant difference" if "open" in groups else ""
        end = "; ".join(filter(None, (" and ".join(clauses), open_, unknown)))
        return _say("Compared with ", names[rival], f" it {end}.")
    if "open" not in groups:
        return _say(f"On {groups['undecided']} the comparison with ", names[rival], " depends on unjudged segments.")
    where = "all other metrics" if len(values["open"]) == len(standings) > 3 else groups["open"]
    end = f"; {unknown}." if unknown else "."
    return _say(f"On {where} it shows no significant difference from ", names[rival], end)


def _against(main: Standing, names: Sequence[Part], baseline: int, ranked: Sequence[int]) -> Sentence | None:
    others = [i for i in ranked if i != baseline]
    pairs = [main.evidence.pair(i, baseline) for i in others]
    counts = Counter(_verdict(pair) for pair in pairs if pair is not None and pair.p_corrected is not None)
    if sum(counts.values()) < len(others):
        return None
    clauses = [
        f"{counts[verdict]} {'is' if counts[verdict] == 1 else 'are'} {words}"
        for verdict, words in _VERDICTS.items()
        if counts[verdict]
    ]
    return _say("Compared with the baseline ", names[baseline], f", {join(clauses)} on {main.label}.")


def _list(names: Sequence[Part]) -> Iterator[Part]:
    """Join names as :func:`join` does."""
    listed = names if len(names) <= 4 else names[:3]
    for place, name in enumerate(listed):
        if place:
            yield Part(" and " if place == len(names) - 1 else ", ")
        yield name
    if len(listed) < len(names):
        yield Part(f" and {len(names) - len(listed)} more")
