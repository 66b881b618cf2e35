"""Describe the results in sentences: which system leads, what is significant, what differs from the baseline."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.results.comparisons import Difference, these_articles
from evalkit.results.evidence import Evidence
from evalkit.wording import count, p_equation

if TYPE_CHECKING:
    from evalkit.reports.task_view import TaskView

_NO_STATEMENT = "; this is no evidence about systems in general."

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
class _Main:
    """The data about the first metric for the sentences: the usable systems in order, and those with the best score."""

    label: str
    names: Sequence[Part]
    scores: Sequence[str]
    evidence: Evidence
    ranked: Sequence[int]
    tied: Sequence[int]


def plain(sentence: Sentence) -> str:
    """Return the sentence as plain text."""
    return "".join(part.text for part in sentence)


def p_text(p: float, sign: str = "=") -> str:
    """Format a p-value as in papers: ``p = .003``, ``p < .001``; its spaces are non-breaking."""
    return p_equation(p, sign).replace(" ", "\N{NO-BREAK SPACE}")


def join(names: Sequence[str]) -> str:
    """Join names as ``A, B and C``; from the fifth name on, only say how many more there are."""
    return plain(tuple(_joined([Part(name) for name in names])))


def _joined(names: Sequence[Part]) -> Iterator[Part]:
    listed = names if len(names) <= 4 else [*names[:3], Part(f"{len(names) - 3} more")]
    for place, name in enumerate(listed):
        if place:
            yield Part(" and " if place == len(listed) - 1 else ", ")
        yield name


def task_words(kind: str, lang: str, source_lang: str | None) -> str:
    """``Translation from Chinese into English``, ``Summaries in Chinese``."""
    target = _LANGUAGES.get(lang, lang)
    if kind == "summary":
        return f"Summaries in {target}"
    source = f" from {_LANGUAGES.get(source_lang, source_lang)}" if source_lang else ""
    return f"Translation{source} into {target}"


def _say(*pieces: str | Part) -> Sentence:
    return tuple(Part(piece) if isinstance(piece, str) else piece for piece in pieces if piece)


def sentences(view: TaskView) -> tuple[Sentence, ...]:
    """Write two to four sentences on a task: unusable systems, the leader by the first metric, the other metrics."""
    label = view.labels[0]
    names = [Part(name, strong=True) for name in view.task.systems]
    values, evidence = view.corpus[label], view.evidence[label]
    ranked = [i for i in view.order if math.isfinite(values[i]) and i not in view.unusable]
    tied = [i for i in ranked if values[i] == values[ranked[0]]]
    main = _Main(label, names, [view.columns[0].text(value) for value in values], evidence, ranked, tied)
    return (*_unusable(names, view.unusable), *_results(view, main))


def _unusable(names: Sequence[Part], unusable: Mapping[int, str]) -> Iterator[Sentence]:
    """Write one sentence per reason, with the systems that it applies to."""
    by_reason: dict[str, list[Part]] = {}
    for i, reason in unusable.items():
        by_reason.setdefault(reason, []).append(names[i])
    for reason, systems in by_reason.items():
        yield _say(*_joined(systems), f" {'is' if len(systems) == 1 else 'are'} not usable: {reason}.")


def _results(view: TaskView, main: _Main) -> Iterator[Sentence]:
    names, evidence = main.names, main.evidence
    if not main.ranked:
        yield _say(f"No usable system has a defined {main.label}.")
        return
    best, *others = main.ranked
    if not others:
        low, high = evidence.low[best], evidence.high[best]
        more = ""
        if low is not None and high is not None:
            more = f" (interval {view.columns[0].text(low)} to {view.columns[0].text(high)})"
        yield _say(names[best], f" scores {main.scores[best]} on {main.label}{more}.")
        return
    if evidence.few_articles is not None:
        yield _few(main, evidence.few_articles)
        return
    yield _leader(main)
    # If only the baseline was compared with all systems, the sentence on other metrics is about the baseline.
    rival = others[0] if evidence.pairs.get((best, others[0])) else view.base
    compared = {label: view.evidence[label].pairs.get((best, rival)) for label in view.labels[1:]}
    yield from _elsewhere(compared, names[best], names[rival])
    if len(others) > 1 and view.base != best:
        yield from _against(main, view.base)


def _few(main: _Main, articles: int) -> Sentence:
    best, second = main.ranked[:2]
    label, names, scores = main.label, main.names, main.scores
    where = f"On {these_articles(articles)} "
    if scores[best] == scores[second]:
        alike = _joined([names[i] for i in main.ranked if scores[i] == scores[best]])
        return _say(where, *alike, f" score the same on {label} ({scores[best]}){_NO_STATEMENT}")
    what = "states more key facts than" if label == "KeyFacts" else f"scores better on {label} than"
    figures = f" ({label} {scores[best]} against {scores[second]}){_NO_STATEMENT}"
    return _say(where, names[best], f" {what} ", names[second], figures)


def _leader(main: _Main) -> Sentence:
    best, *rest = main.ranked
    names, leader, score, label = main.names, main.names[best], main.scores[best], main.label
    pairs = {i: pair for i in rest if (pair := main.evidence.pairs.get((best, i))) and pair.p_corrected is not None}
    if not pairs and len(main.tied) > 1:
        return _say(*_joined([names[i] for i in main.tied]), f" have the same {label} ({score}).")
    if not pairs:
        follows = f" follows ({main.scores[rest[0]]}); the difference could not be tested."
        return _say(leader, f" comes first on {label} ({score}), ", names[rest[0]], follows)
    if len(rest) == 1:
        return _leader_of_two(label, leader, names[rest[0]], f"{score} against {main.scores[rest[0]]}", pairs[rest[0]])
    if all(_verdict(pair) == "better" for pair in pairs.values()):
        most = max((pair.p_corrected or 0.0) for pair in pairs.values())
        whom = "every other system" if len(pairs) == len(rest) else join([names[i].text for i in pairs])
        return _say(leader, f" is the best on {label} ({score}), better than {whom} ({p_text(most, '≤')}).")
    return _leader_of_several(main, pairs)


def _leader_of_several(main: _Main, pairs: Mapping[int, Difference]) -> Sentence:
    """Say how far the leader is ahead of the others, one clause per verdict."""
    best, *rest = main.ranked
    names, leader, figures = main.names, main.names[best], f"{main.label} ({main.scores[best]})"
    open_, unknown, worse = (
        [i for i, pair in pairs.items() if _verdict(pair) == verdict] for verdict in ("open", "undecided", "better")
    )
    lead, but, it = _say(leader, f" leads on {figures}"), _say(", but"), Part("it")
    if len(main.tied) > 1:
        sharing = _joined([names[i] for i in main.tied])
        lead, but, it = _say(*sharing, f" share the best {figures}"), _say("; ", leader), leader
        open_ = [i for i in open_ if i not in main.tied]
    if open_:
        others = ["any other system"] if len(open_) == len(rest) else _joined([names[i] for i in open_])
        lead += _say(*but, " is not significantly better than ", *others)
    if unknown:
        unjudged = count(max(pairs[i].unjudged for i in unknown), "unjudged segment")
        systems = _joined([names[i] for i in unknown])
        lead += _say("; whether ", it, " is better than ", *systems, f" depends on {unjudged}")
    if worse:
        more = f"the other {len(worse)}" if len(pairs) == len(rest) else count(len(worse), "other")
        listed = join([names[i].text for i in worse]) if len(worse) <= 3 else more
        lead += _say("; ", it, f" is better than {listed}")
    return (*lead, Part("."))


def _leader_of_two(label: str, best: Part, other: Part, figures: str, pair: Difference) -> Sentence:
    verdict, p = _verdict(pair), f", {p_text(pair.p_corrected or 0.0)}."
    if verdict == "undecided":
        unjudged = count(pair.unjudged, "unjudged segment")
        return _say("Whether ", best, " is better than ", other, f" on {label} depends on {unjudged}: {figures}.")
    if verdict == "better":
        return _say(best, " is better than ", other, f" on {label}: {figures}{p}")
    return _say(best, " and ", other, f" show no significant difference on {label}: {figures}{p}")


def _verdict(pair: Difference) -> str:
    """``better``, ``worse``, ``undecided``, or ``open`` for every verdict that reports no difference."""
    return pair.verdict if pair.verdict in _VERDICTS else "open"


def _elsewhere(compared: Mapping[str, Difference | None], best: Part, rival: Part) -> Iterator[Sentence]:
    """Compare the best system with another one on the other metrics."""
    values: dict[str, dict[str, float]] = {}
    for label, pair in compared.items():
        if pair is not None and pair.p_corrected is not None:
            values.setdefault(_verdict(pair), {})[label] = pair.p_corrected
    groups = {verdict: join(list(by_label)) for verdict, by_label in values.items()}
    clauses = [
        f"is {verdict} on {groups[verdict]} ({p_text(max(by_label.values()), '=' if len(by_label) == 1 else '≤')})"
        for verdict, by_label in sorted(values.items())
        if verdict in ("better", "worse")
    ]
    unknown = f"on {groups['undecided']} it depends on unjudged segments" if "undecided" in groups else ""
    if clauses:
        open_ = f"on {groups['open']} there is no significant difference" if "open" in groups else ""
        end = "; ".join(filter(None, (" and ".join(clauses), open_, unknown)))
        yield _say("Compared with ", rival, ", ", best, f" {end}.")
    elif "open" in groups:
        where = "all other metrics" if len(values["open"]) == len(compared) > 3 else groups["open"]
        end = f"; {unknown}." if unknown else "."
        yield _say(f"On {where} ", best, " shows no significant difference from ", rival, end)
    elif unknown:
        yield _say(f"On {groups['undecided']} the comparison with ", rival, " depends on unjudged segments.")


def _against(main: _Main, baseline: int) -> Iterator[Sentence]:
    """Compare the baseline with all other systems, if they were all tested."""
    others = [i for i in main.ranked if i != baseline]
    pairs = [main.evidence.pairs.get((i, baseline)) for i in others]
    counts = Counter(_verdict(pair) for pair in pairs if pair is not None and pair.p_corrected is not None)
    if sum(counts.values()) == len(others):
        clauses = [
            f"{counts[verdict]} {'is' if counts[verdict] == 1 else 'are'} {words}"
            for verdict, words in _VERDICTS.items()
            if counts[verdict]
        ]
        where = f", {join(clauses)} on {main.label}."
        yield _say("Compared with the baseline ", main.names[baseline], where)
