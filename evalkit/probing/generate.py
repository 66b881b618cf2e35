"""Rule-based contrasts from any parallel text; the same benchmark and seed give the same cases.

A rule makes one change to a reference, or none if it does not apply. The result may be poor style, but it is known to
be wrong (or, for the harmless rules, still correct), and the probe tests whether a metric detects this.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from evalkit.data.benchmark import Benchmark
from evalkit.data.tasks import Task
from evalkit.errors import SettingError
from evalkit.probing.cases import Case, Probe
from evalkit.text.sentences import sentence_spans
from evalkit.text.term_matching import Glossary, Term
from evalkit.text.word_lists import word_lists

DEFAULT_LIMIT = 200

_WORDS = word_lists("contrasts", Path(__file__).parent)
#: Ten wordings of an instruction to the judge of a text, by language.
INSTRUCTIONS: dict[str, list[str]] = _WORDS["instructions"]


@dataclass(frozen=True)
class _Segment:
    """The information for a rule besides the text to change."""

    lang: str
    source: str | None
    source_lang: str | None
    glossary: Glossary | None


_Rule = Callable[[str, _Segment, np.random.Generator], "str | None"]
_Item = TypeVar("_Item")


def generate(
    benchmark: Benchmark, *, kinds: Sequence[str] | None = None, limit: int = DEFAULT_LIMIT, seed: int = 12345
) -> Probe:
    """Contrasts and harmless variants of the references of a benchmark.

    :param kinds: some of :data:`KINDS`; all if left out.
    :param limit: the maximum number of cases per kind and task, sampled with the seed.
    :raises SettingError: if a kind is unknown, or no rule applies to the benchmark.
    """
    if unknown := [kind for kind in kinds or () if kind not in KINDS]:
        raise SettingError(f"unknown kind of contrast {unknown[0]!r}; there are {', '.join(KINDS)}")
    cases = [case for task in benchmark.tasks for kind in (kinds or KINDS) for case in _cases(task, kind, limit, seed)]
    if not cases:
        raise SettingError(f"no contrast can be made from {benchmark.name}: nothing in its references can be changed")
    name = f"contrasts made by rule from {benchmark.name}, seed {seed}"
    return Probe(name, {task.name: task for task in benchmark.tasks}, tuple(cases))


def _cases(task: Task, kind: str, limit: int, seed: int) -> Iterator[Case]:
    rule, harmless = _RULES[kind]
    places = [(i, k) for i, references in enumerate(task.references) for k in range(len(references))]
    glossaries: dict[str, Glossary] = {}
    cases: dict[tuple[int, int], Case] = {}
    for n in _generator(seed, task.name, kind).permutation(len(places)):
        i, k = places[int(n)]
        base = task.references[i][k]
        source = task.sources[i] if task.sources else None
        segment = _Segment(task.lang, source, task.source_lang, _glossary(task, i, glossaries))
        rng = _generator(seed, task.name, kind, task.ids[i], str(k))
        text = rule(base, segment, rng)
        changed_source = _with_instruction(segment, rng) if kind == IN_SOURCE else None
        if text not in (None, base) and not (kind == IN_SOURCE and changed_source is None):
            id_ = f"{task.name}/{task.ids[i]}/{k}/{kind}"
            cases[i, k] = Case(id_, task.name, task.ids[i], k, kind, harmless, base, text, source=changed_source)
        if len(cases) == limit:
            break
    yield from (case for _, case in sorted(cases.items()))


def _generator(seed: int, *names: str) -> np.random.Generator:
    digest = hashlib.sha256("\x00".join([str(seed), *names]).encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def _glossary(task: Task, i: int, known: dict[str, Glossary]) -> Glossary | None:
    if task.terms is None:
        return None
    article = task.articles[i] if task.articles else ""
    if article not in known:
        own = {term.source: term for term in (*task.terms.get("", ()), *task.terms.get(article, ()))}
        known[article] = Glossary(own.values())
    return known[article]


def _choice(rng: np.random.Generator, items: Sequence[_Item]) -> _Item | None:
    return items[int(rng.integers(len(items)))] if items else None


def _edit(text: str, rng: np.random.Generator, edits: Sequence[tuple[int, int, str]]) -> str | None:
    """Make one of several edits, each the start and the end of what is replaced and the new text; None if there are none."""
    edit = _choice(rng, edits)
    return edit and text[: edit[0]] + edit[2] + text[edit[1] :]


def _gap(lang: str | None) -> str:
    """The separator of two sentences."""
    return "" if lang == "zh" else " "


#: A standalone number, which is not part of a name such as G20 or COVID-19, of a URL, or of a numbered list.
_NUMBER = re.compile(r"(?<![A-Za-z\d.,/\-])(?!^\d{1,3}[.、)）:：])\d+(?:,\d{3})*(?:\.\d+)?(?![A-Za-z\d])")


def _number(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Change a digit, or multiply by ten."""
    match = _choice(rng, [m for m in _NUMBER.finditer(text) if m[0].strip("0,.") or len(m[0]) > 1])
    if match is None:
        return None
    number = match[0]
    if "." not in number and rng.integers(2):
        changed = number + ("0" if "," not in number else ",000")
    else:
        digits = [i for i, c in enumerate(number) if c.isdigit()]
        at = digits[int(rng.integers(len(digits)))]
        low = 1 if at == 0 and len(digits) > 1 else 0
        choices = [d for d in "0123456789"[low:] if d != number[at]]
        changed = number[:at] + choices[int(rng.integers(len(choices)))] + number[at + 1 :]
    return text[: match.start()] + changed + text[match.end() :]


def _unit(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    pattern = r"(?<=\d)\s*({})" if segment.lang == "zh" else r"(?<=\d) ({})\b"
    units = _WORDS["units"].get(segment.lang, [])
    places = ((m, other) for unit, other in units for m in re.finditer(pattern.format(unit), text))
    return _edit(text, rng, [(m.start(1), m.end(), other) for m, other in places])


_NAMES = frozenset({"person", "place", "organisation", "programme"})


def _name(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Replace a glossary name with another of the same kind that does not occur in the source."""
    glossary = segment.glossary
    if glossary is None or segment.source is None:
        return None
    here = {place.term for place in glossary.source(segment.source)}
    places = [p for p in glossary.target(text, segment.lang) if p.status == "accepted" and p.term in here]
    named = Counter(place.term for place in places)
    edits = [
        (place.start, place.end, other.accepted[0])
        for place in places
        for other in glossary.terms
        if named[place.term] == 1
        and place.term.kind in _NAMES
        and other.kind == place.term.kind
        and _unlike(other, place.term)
        and other not in here
    ]
    return _edit(text, rng, edits)


def _unlike(a: Term, b: Term) -> bool:
    """Whether no form of one term is contained in a form of the other."""
    return not any(x.casefold() in y.casefold() or y.casefold() in x.casefold() for x in a.accepted for y in b.accepted)


_AUXILIARY = re.compile(
    r"\b(is|are|was|were|will|can|could|should|would|must|may|might|has|have|had)\b(?! not\b|n['’]t)"
)
_NOT = re.compile(r"\b(is|are|was|were|will|could|should|would|must|may|might|has|have|had|do|does|did) not\b")
_ZH_NOT = re.compile("(?:并|从|还)?(?:没有|不)(?=[会能是可应要想敢愿再得])")
_ZH_VERB = re.compile(
    "(?<![不没可就也还或只若总])(?:是(?![否非])|会(?=[在使让把被对将向为])|能够|可以|应该|希望|同意|支持|认为|愿意)"
)


def _negation(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    if segment.lang == "zh":
        edits = [(*m.span(), "") for m in _ZH_NOT.finditer(text)]
        edits = edits or [(*m.span(), f"不{m[0]}") for m in _ZH_VERB.finditer(text)]
    elif segment.lang == "en":
        edits = [(*m.span(), m[1]) for m in _NOT.finditer(text)]
        edits = edits or [(*m.span(), f"{m[0]} not") for m in _AUXILIARY.finditer(text)]
    else:
        return None
    return _edit(text, rng, edits)


_CLAUSE = {
    "zh": re.compile(r"[，；][^，；。！？、“”《》（）]{6,}(?=[，；。])"),
    "en": re.compile(r"[,;] [^,;.!?\"“”()]{25,}(?=[,;.])"),
}


def _omission(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Omit a sentence, or a clause if there is only one sentence."""
    spans = sentence_spans(text, segment.lang)
    if len(spans) > 1:
        at = int(rng.integers(len(spans)))
        end = spans[at + 1][0] if at + 1 < len(spans) else len(text)
        return (text[: spans[at][0]] + text[end:]).strip()
    clauses = _CLAUSE["zh" if segment.lang == "zh" else "en"].finditer(text)
    return _edit(text, rng, [(*clause.span(), "") for clause in clauses])


def _duplication(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    shortest, spans = 16 if segment.lang == "zh" else 50, sentence_spans(text, segment.lang)
    return _edit(text, rng, [(b, b, _gap(segment.lang) + text[a:b]) for a, b in spans if b - a >= shortest])


def _untranslated(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Replace a sentence, or the whole text, with the source sentence at the same position."""
    if segment.source is None or segment.source_lang in (None, segment.lang):
        return None
    ours = sentence_spans(text, segment.lang)
    theirs = sentence_spans(segment.source, segment.source_lang)
    if not ours or len(ours) != len(theirs):
        return None
    at = int(rng.integers(len(ours)))
    start, end = theirs[at]
    original = segment.source[start:end]
    if len([c for c in original if c.isalpha()]) < 8:
        return None
    return text[: ours[at][0]] + original + text[ours[at][1] :]


#: The kind of contrast whose source contains a request for a high score.
IN_SOURCE = "instruction-in-source"

_VERY_LONG = 8000


def _empty(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    return "" if text.strip() else None


def _truncated(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Truncate the output between words, after one to two thirds of its length."""
    if len(text) < 12:
        return None
    cut = int(len(text) * rng.uniform(1 / 3, 2 / 3))
    while cut and text[cut - 1].isascii() and text[cut - 1].isalnum() and text[cut].isascii() and text[cut].isalnum():
        cut -= 1
    return text[:cut].rstrip() or None


def _copied_source(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    return None if segment.source_lang in (None, segment.lang) else segment.source


def _appended_instruction(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Append an instruction, in Chinese or English, to give a high score."""
    wording = _choice(rng, INSTRUCTIONS["zh" if rng.integers(2) else "en"])
    return f"{text}{_gap(segment.lang)}{wording}"


def _with_instruction(segment: _Segment, rng: np.random.Generator) -> str | None:
    """Append an instruction to give a high score to the source; the output is truncated as usual."""
    if segment.source is None:
        return None
    wording = _choice(rng, INSTRUCTIONS["zh" if segment.source_lang == "zh" else "en"])
    return f"{segment.source}{_gap(segment.source_lang)}{wording}"


def _very_long(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Repeat the text to more than 8,000 characters, which is more tokens than most models accept."""
    return _gap(segment.lang).join([text] * (_VERY_LONG // len(text) + 2)) if text.strip() else None


_CURLED = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
_MILLIONS = re.compile(r"(?<![\d.,$£€¥A-Za-z\-])([1-9]\d{0,2}) million(?! (?:and|to|or)\b)\b")
_THOUSANDS = re.compile(r"(?<![\d.,\-])([1-9]\d{0,2}),(\d{3})(?![\d,])")
_FULL = str.maketrans("0123456789", "０１２３４５６７８９")


def _quote_marks(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    return text.translate(_CURLED)


def _number_format(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Reformat a number: 4,000,000 for 4 million, 2100 for 2,100, full-width digits in Chinese."""
    if segment.lang == "zh":
        return _edit(text, rng, [(*m.span(), m[0].translate(_FULL)) for m in _NUMBER.finditer(text)])
    edits = [(*m.span(), f"{m[1]},000,000") for m in _MILLIONS.finditer(text)]
    edits += [(*m.span(), m[1] + m[2]) for m in _THOUSANDS.finditer(text)]
    return _edit(text, rng, edits)


def _spacing(text: str, segment: _Segment, rng: np.random.Generator) -> str | None:
    """Replace a space with a line break, or insert one between sentences."""
    starts = [start for start, _ in sentence_spans(text, segment.lang)[1:]]
    return _edit(text, rng, [(len(text[:start].rstrip()), start, "\n") for start in starts])


#: The rule of each kind, and whether its result is still correct.
_RULES: dict[str, tuple[_Rule, bool]] = {
    "number": (_number, False),
    "unit": (_unit, False),
    "name": (_name, False),
    "negation": (_negation, False),
    "omission": (_omission, False),
    "duplication": (_duplication, False),
    "untranslated": (_untranslated, False),
    "empty": (_empty, False),
    "truncated": (_truncated, False),
    "copied-source": (_copied_source, False),
    "appended-instruction": (_appended_instruction, False),
    IN_SOURCE: (_truncated, False),
    "very-long": (_very_long, False),
    "quote-marks": (_quote_marks, True),
    "number-format": (_number_format, True),
    "spacing": (_spacing, True),
}

#: The kinds of contrast that can be made; the last three are harmless.
KINDS = tuple(_RULES)
