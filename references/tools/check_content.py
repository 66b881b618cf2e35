"""Checks of an article's content: terms, facts and quantities are correct in source, translations and summaries."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from evalkit.errors import InputError
from evalkit.text.facts import View, carries, contradicted, validate
from evalkit.text.quantities import KINDS, Pair, Quantity, align, extract, matches
from evalkit.text.term_matching import Glossary
from references.tools import schema
from references.tools.schema import TRANSLATIONS, Article

__all__ = ["as_read", "content", "view"]


def content(article: Article) -> Iterator[tuple[int, str]]:
    """Content violations of one article, as line and message."""
    yield from _terms(article)
    yield from _facts(article)
    yield from _quantities(article)


def _terms(article: Article) -> Iterator[tuple[int, str]]:
    glossary = Glossary(entry.term for entry in article.terms)
    blocks: dict[str, list[str]] = {entry.term.source: [] for entry in article.terms}
    for block in article.blocks:
        named = list(dict.fromkeys(o.term for o in glossary.source(block.text("zh"))))
        for term in named:
            blocks[term.source].append(block.id)
        for side in TRANSLATIONS:
            accepted = {o.term for o in glossary.target(block.text(side), "en") if o.status == "accepted"}
            for term in named:
                if term not in accepted:
                    yield block.line, f"block {block.id}: {side} has no accepted form of {term.source}: {term.accepted}"
            yield from _rejected_forms(glossary, block.text(side), block.line, f"block {block.id}: {side}")
    for entry in article.terms:
        yield from _term_entry(entry, blocks[entry.term.source])
    for summary in (s for s in article.summaries if s.lang == "en"):
        yield from _rejected_forms(glossary, summary.text, summary.line, f"summary {summary.id}")


def _rejected_forms(glossary: Glossary, text: str, line: int, where: str) -> Iterator[tuple[int, str]]:
    for occurrence in glossary.target(text, "en"):
        if occurrence.status == "rejected":
            yield line, f"{where} has {occurrence.form!r}, a rejected form of {occurrence.term.source}"


def _term_entry(entry: schema.TermEntry, blocks: list[str]) -> Iterator[tuple[int, str]]:
    """Whether an entry of the glossary names the blocks that have the term, and whether its forms can be found."""
    term = entry.term
    if list(entry.blocks) != blocks:
        yield (
            entry.line,
            f"term {term.source}: blocks says {', '.join(entry.blocks)}; it occurs in {', '.join(blocks) or 'none'}",
        )
    for form in sorted(set(term.accepted) & set(term.rejected)):
        yield entry.line, f"term {term.source}: {form!r} is both accepted and rejected"
    for form in (*term.accepted, *term.rejected):
        if not any(o.form == form for o in Glossary((term,)).target(form, "en")):
            yield entry.line, f"term {term.source}: {form!r} is not even found in itself; write its words alone"


def view(article: Article, text: str, lang: str) -> View:
    """A text of an article prepared for fact search; words such as 去年 are resolved from the article's date."""
    return View(text, lang, lambda t, code: extract(t, code, article.date))


def _facts(article: Article) -> Iterator[tuple[int, str]]:
    sides = {"zh": "zh", "close": "en", "news": "en"}
    whole = {side: view(article, article.text(side), lang) for side, lang in sides.items()}
    summaries = {s: view(article, s.text, s.lang) for s in article.summaries}
    for entry in article.facts:
        fact, name = entry.fact, f"fact {entry.fact.id}"
        try:
            validate(fact)
        except InputError as error:
            yield entry.line, str(error)
            continue
        for lang in ("zh", "en"):
            if not carries(fact, view(article, fact.statement[lang], lang)):
                yield entry.line, f"{name}: no form of {lang} matches its own statement {fact.statement[lang]!r}"
        known = [b for b in article.blocks if b.id in fact.blocks]
        for side, lang in sides.items():
            text = "\n\n".join(b.text(side) for b in known)
            if not carries(fact, view(article, text, lang)):
                yield entry.line, f"{name}: no form of {lang} matches {side} of {', '.join(fact.blocks)}"
            if wrong := contradicted(fact, whole[side]):
                form = fact.contradicts[lang][wrong.alternative]
                yield entry.line, f"{name}: the contradicting form {list(form)} matches {side} of the article itself"
        for summary, text_view in summaries.items():
            if fact.tier == 1 and summary.length == "long" and not carries(fact, text_view):
                yield (
                    summary.line,
                    f"summary {summary.id} does not carry the tier-1 {name}: {fact.statement[summary.lang]}",
                )
            if contradicted(fact, text_view):
                yield summary.line, f"summary {summary.id} contradicts {name}"


def as_read(annotated: schema.Quantity) -> Quantity:
    """An annotated quantity in the form that the extractor would return."""
    year, month, day = annotated.date or (None, None, None)
    value = (year or 0) * 10000 + (month or 0) * 100 + (day or 0)
    low, high = (value, value) if annotated.date else (annotated.low or 0, annotated.high or 0)
    return Quantity(
        Decimal(str(low)),
        Decimal(str(high)),
        annotated.kind,
        annotated.unit,
        exact=annotated.exact,
        year=year,
        month=month,
        day=day,
        span=(annotated.start, annotated.start + len(annotated.surface)),
        surface=annotated.surface,
        checkable=annotated.checkable,
    )


def _quantities(article: Article) -> Iterator[tuple[int, str]]:
    sources = {b.id: extract(b.text("zh"), "zh", article.date) for b in article.blocks}
    everything = [q for found in sources.values() for q in found]
    for block in article.blocks:
        yield from _annotation(article, block, sources[block.id])
        for side in TRANSLATIONS:
            for pair in align(sources[block.id], extract(block.text(side), "en", article.date), everything):
                if pair.severity != "ok":
                    yield block.line, f"block {block.id}: {side}: {_say(pair)}"
    for summary in article.summaries:
        for pair in align(everything, extract(summary.text, summary.lang, article.date)):
            if pair.severity != "ok" and pair.output is not None:
                yield summary.line, f"summary {summary.id}: {_say(pair)}"


def _say(pair: Pair) -> str:
    def shown(q: Quantity | None) -> str:
        return f"{q.surface!r} ({q})" if q else "nothing"

    return f"quantity {pair.verdict}: the source has {shown(pair.source)}, the text {shown(pair.output)}"


def _annotation(article: Article, block: schema.Block, extracted: list[Quantity]) -> Iterator[tuple[int, str]]:
    """The annotated and the extracted quantities of a block, without those that cannot be checked."""
    marks = [q for q in article.quantities if q.block == block.id]
    left = [q for q in extracted if q.checkable]
    for mark in marks:
        if mark.kind not in KINDS:
            yield mark.line, f"quantity {mark.surface!r} is of the kind {mark.kind!r}; it may be {', '.join(KINDS)}"
            continue
        wanted = as_read(mark)
        overlapping = [q for q in left if q.span[0] < wanted.span[1] and wanted.span[0] < q.span[1]]
        left = [q for q in left if q not in overlapping]
        if mark.checkable:
            yield from _differences(mark, wanted, overlapping)
    for extra in left:
        yield (
            block.line,
            f"block {block.id}: the quantity {extra.surface!r} ({extra}) at {extra.span[0]} is not annotated",
        )
    for none in (m for m in article.not_quantities if m.block == block.id):
        for q in (q for q in extracted if q.checkable and none.start <= q.span[0] < none.start + len(none.surface)):
            yield none.line, f"{none.surface!r} of {block.id} states no quantity, but is found as {q}"


def _differences(mark: schema.Quantity, wanted: Quantity, overlapping: list[Quantity]) -> Iterator[tuple[int, str]]:
    annotated = f"quantity {mark.surface!r} of {mark.block} is annotated as {wanted}"
    if not overlapping:
        yield mark.line, f"{annotated}, but none is found there"
    for q in overlapping:
        if not matches(wanted, q) or wanted.exact != q.exact:
            yield mark.line, f"{annotated}, but found as {q}"
