"""Tasks: segments with their data, and the conversion to the reference side that metrics use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from evalkit.data.columns import feed, feed_lists
from evalkit.data.text_checks import Alignment, check_language
from evalkit.text.languages import language, parse_tag, parse_text_language
from evalkit.text.references import References
from evalkit.wording import count

if TYPE_CHECKING:
    from evalkit.text.facts import Fact
    from evalkit.text.term_matching import Term


#: Default metrics by kind of task; if there are sources, the applicable fact checks are added.
DEFAULT_METRICS = {"translation": ("BLEU", "chrF", "TER"), "summary": ("ROUGE-1", "ROUGE-2", "ROUGE-L", "chrF")}


@dataclass(frozen=True)
class Task:
    """One task of a benchmark: n segments in order.

    :param name: such as ``translate-en`` or ``summarize-zh``.
    :param lang: language of the outputs; ``source_lang`` is that of the sources.
    :param kind: ``translation`` or ``summary``.
    :param ids: n unique segment ids.
    :param references: n tuples of references; a segment with an empty tuple is not scored by metrics that need
        references. Texts of large files are loaded on demand (:mod:`evalkit.data.columns`); everything else is in
        memory.
    :param articles: n article ids, the units of resampling; None if the documents are unknown.
    :param sources: n source texts, or None.
    :param dates: n ISO dates of the articles (possibly partial), or None.
    :param facts: key facts by article id.
    :param terms: glossary by article id; the key ``""`` applies to all articles.
    :param metrics: the default metrics.
    :param defaults: metric settings of this benchmark, used for settings that are left open.
    :param reference_names: the names of the references of a segment, in order.
    :param blocks: kind of each segment (``title``, ``paragraph``, ...), if known.
    :param fields: additional segment fields, such as ``domain``: n values by name.
    :param left_out: ids of segments excluded by :meth:`first`; outputs for them are ignored.
    """

    name: str
    lang: str
    kind: str
    ids: tuple[str, ...]
    references: Sequence[tuple[str, ...]]
    articles: tuple[str, ...] | None = None
    sources: Sequence[str] | None = None
    source_lang: str | None = None
    dates: tuple[str | None, ...] | None = None
    facts: Mapping[str, tuple[Fact, ...]] | None = None
    terms: Mapping[str, tuple[Term, ...]] | None = None
    metrics: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    reference_names: tuple[str, ...] = ()
    blocks: tuple[str, ...] | None = None
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    #: The file whose lines are the segments, if any; used in error messages.
    origin: str = ""
    #: Why it is uncertain in which order outputs without ids would be; empty if it is certain.
    unordered: str = ""

    def __repr__(self) -> str:
        articles = "" if self.articles is None else f" of {count(len(set(self.articles)), 'article')}"
        return f"<{self.name}: {count(len(self), 'segment')}{articles}, {self.source_lang or '?'} to {self.lang}>"

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def numbered(self) -> bool:
        """Whether the segments have no ids of their own but are numbered from 1."""
        return self.ids == tuple(map(str, range(1, len(self) + 1)))

    def place(self, start: int, stop: int) -> str:
        """A description of segments start to stop for an error message: lines of a file, or ids."""
        if self.origin:
            return f"{self.origin}:{start + 1}-{stop}"
        return f"segments {self.ids[start]!r} to {self.ids[stop - 1]!r}"

    def alignment(self) -> Alignment:
        """Compares texts with the first reference of each segment or, if there are none, with its source."""
        if any(self.references[:100]):
            return Alignment(len(self), lambda i: next(iter(self.references[i]), ""), "reference")
        return Alignment(len(self), (self.sources or ("",) * len(self)).__getitem__, "source")

    def fingerprint(self) -> str:
        """A hash (16 hex digits) of everything scores depend on: ids, articles, sources, references, facts, terms."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for start in range(0, len(self.ids), 8192):
            stop = min(start + 8192, len(self.ids))
            for column in (self.ids, self.articles, self.sources, self.dates):
                feed(digest, () if column is None else column[start:stop])
            feed_lists(digest, self.references[start:stop])
        for extra in (self.facts, self.terms):
            digest.update(json.dumps(extra and dict(extra), default=asdict, sort_keys=True).encode() + b"\n")
        digest.update(json.dumps([self.lang, self.source_lang, self.kind]).encode())
        return digest.hexdigest()[:16]

    def first(self, count: int) -> Task:
        """The same task, limited to its first segments."""
        if count >= len(self):
            return self
        names = ("ids", "references", "articles", "sources", "dates", "blocks")
        given = {name: column for name in names if (column := getattr(self, name)) is not None}
        columns: dict[str, Any] = {name: tuple(column[:count]) for name, column in given.items()}
        fields = {name: values[:count] for name, values in self.fields.items()}
        return replace(self, **columns, fields=fields, left_out=(*self.ids[count:], *self.left_out))


def given_references(
    texts: Sequence[tuple[str, ...]], *, lang: str, sources: Sequence[str] | None = None, source_lang: str | None = None
) -> References:
    """The reference side of texts given in Python, in the language or the target of a pair, whose script is checked."""
    pair = parse_text_language(lang)
    source_lang = parse_tag(source_lang) if source_lang else pair.source
    advice = "give the language that they are in with lang="
    check_language([text for group in texts for text in group], pair.target, "the references", advice=advice)
    if sources is not None and source_lang is not None:
        check_language(sources, source_lang, "the sources", advice=advice)
    return References(
        tuple(texts),
        lang=language(pair.target),
        sources=None if sources is None else tuple(sources),
        source_lang=None if source_lang is None else language(source_lang),
    )


def references_of(task: Task, start: int = 0, stop: int | None = None) -> References:
    """The reference side of a task, or of some of its segments, for use by metrics."""
    part = slice(start, len(task) if stop is None else stop)
    articles = None if task.articles is None else tuple(task.articles[part])
    known = {"", *(articles or ())}

    def of_these(by_article: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if by_article is None else {a: items for a, items in by_article.items() if a in known}

    return References(
        texts=tuple(map(tuple, task.references[part])),
        lang=task.lang,
        sources=None if task.sources is None else tuple(task.sources[part]),
        source_lang=task.source_lang,
        articles=articles,
        dates=None if task.dates is None else tuple(task.dates[part]),
        facts=of_these(task.facts),
        terms=of_these(task.terms),
        kind=task.kind,
        ids=tuple(task.ids[part]),
    )
