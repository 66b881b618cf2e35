"""Checks of an article's structure: the raw page, blocks, alignment, lengths and targets of annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from references.tools.load import AuthoringError
from references.tools.repairs import raw_lines, rebuild
from references.tools.schema import TRANSLATIONS, Article, NotQuantity, Quantity

__all__ = ["LENGTHS", "SUMMARY_COUNTS", "shape"]

#: minimum and maximum length of each summary: characters in Chinese, words in English.
LENGTHS = {
    ("zh", "headline"): (1, 20),
    ("zh", "short"): (60, 80),
    ("zh", "long"): (180, 220),
    ("en", "headline"): (1, 12),
    ("en", "short"): (60, 90),
    ("en", "long"): (140, 160),
}
SUMMARY_COUNTS = {
    ("zh", "headline"): 1,
    ("zh", "short"): 3,
    ("zh", "long"): 2,
    ("en", "headline"): 1,
    ("en", "short"): 2,
    ("en", "long"): 1,
}
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
_PAIRS = (("“", "”"), ("(", ")"), ("（", "）"), ("《", "》"), ("[", "]"))


def shape(article: Article, folder: Path) -> Iterator[tuple[int, str]]:
    """Structural violations of one article, as line and message."""
    yield from _raw(article, folder)
    yield from _alignment(article)
    yield from _summaries(article)
    yield from _pointers(article)


def _raw(article: Article, folder: Path) -> Iterator[tuple[int, str]]:
    if article.raw is None:
        for repair in article.repairs:
            yield repair.line, "a repair needs the raw page it mends; add raw"
        return
    try:
        rebuilt = rebuild(article, raw_lines(article, folder))
    except AuthoringError as error:
        yield error.line, error.reason
        return
    for found, block in zip(rebuilt, article.blocks, strict=False):
        if found != block.text("zh"):
            yield (
                block.line,
                f"block {block.id}: zh is not what the raw page and the repairs give: {_difference(found, block.text('zh'))}",
            )
    if len(rebuilt) != len(article.blocks):
        yield (
            article.raw.line,
            f"the raw page and the repairs give {len(rebuilt)} blocks; blocks has {len(article.blocks)}",
        )
    for repair in article.repairs:
        if repair.supplied and (repair.supplied in repair.was or repair.supplied not in repair.now):
            yield repair.line, f"supplied words {repair.supplied!r} must stand in now and not in was"
        if repair.moved and not any(
            r is not repair and r.moved == "" and repair.moved in r.now for r in article.repairs
        ):
            yield repair.line, f"moved words {repair.moved!r} are put back by no other repair"


def _difference(wanted: str, found: str) -> str:
    same = next(
        (i for i, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b), min(len(wanted), len(found))
    )
    return f"at character {same} {found[same : same + 12]!r} instead of {wanted[same : same + 12]!r}"


def _alignment(article: Article) -> Iterator[tuple[int, str]]:
    for block in article.blocks:
        for i, unit in enumerate(block.sentences):
            where = f"block {block.id}, sentence {i + 1}"
            for side in ("zh", *TRANSLATIONS):
                text = unit.text(side)
                if not text.strip():
                    yield unit.line, f"{where}: {side} is empty"
                elif text != text.strip() or re.search(r"\s\s|[\n\t\r]", text):
                    yield unit.line, f"{where}: {side} has stray white space"
                elif side != "zh" and (han := _HAN.search(text)):
                    yield unit.line, f"{where}: {side} has {han[0]!r} left untranslated"
        for side in ("zh", *TRANSLATIONS):
            text = block.text(side)
            for left, right in _PAIRS:
                if text.count(left) != text.count(right):
                    counts = f"{text.count(left)} {left} but {text.count(right)} {right}"
                    yield block.line, f"block {block.id}: {side} has {counts}"
            if side != "zh" and (curly := re.search("[“”‘’]", text)):
                yield block.line, f"block {block.id}: {side} has {curly[0]}; write straight quotation marks in English"
            if side != "zh" and text.count('"') % 2:
                yield block.line, f"block {block.id}: {side} has a quotation that is not closed"
    byline = article.of_kind("byline", "zh")
    if byline and byline.strip("()（）") != article.byline:
        yield article.block("byline").line, f"the byline's block says {byline!r}, byline says {article.byline!r}"


def _summaries(article: Article) -> Iterator[tuple[int, str]]:
    for (lang, length), wanted in SUMMARY_COUNTS.items():
        found = [s for s in article.summaries if (s.lang, s.length) == (lang, length)]
        if len(found) != wanted:
            yield (found[0].line if found else 1), f"summaries.{lang}.{length}: {len(found)} instead of {wanted}"
        low, high = LENGTHS[lang, length]
        for summary in found:
            size = len(summary.text) if lang == "zh" else len(summary.text.split())
            if not low <= size <= high:
                unit = "characters" if lang == "zh" else "words"
                yield summary.line, f"summary {summary.id} has {size} {unit}; promised are {low} to {high}"
            if lang == "en" and _HAN.search(summary.text):
                yield summary.line, f"summary {summary.id} has Chinese left in it"
    texts: dict[str, str] = {}
    for summary in article.summaries:
        if summary.text in texts:
            yield summary.line, f"summary {summary.id} is the same as {texts[summary.text]}"
        texts[summary.text] = summary.id


def _pointers(article: Article) -> Iterator[tuple[int, str]]:
    """Every reference to a block, to words of a block, or to a base must resolve."""
    blocks = {b.id: b.text("zh") for b in article.blocks}

    def known(ids: tuple[str, ...], line: int, what: str) -> Iterator[tuple[int, str]]:
        for id in ids:
            if id not in blocks:
                yield line, f"{what}: there is no block {id!r}"
        if not ids:
            yield line, f"{what}: blocks is empty"

    for entry in article.facts:
        yield from known(entry.fact.blocks, entry.line, f"fact {entry.fact.id}")
    for term in article.terms:
        yield from known(term.blocks, term.line, f"term {term.term.source}")
    marks: list[Quantity | NotQuantity] = [*article.quantities, *article.not_quantities]
    for mark in marks:
        yield from known((mark.block,), mark.line, f"quantity {mark.surface}")
        text = blocks.get(mark.block, "")
        if mark.block in blocks and text[mark.start : mark.start + len(mark.surface)] != mark.surface:
            at = text.find(mark.surface)
            hint = f"; it stands at {at}" if at >= 0 else ""
            yield mark.line, f"quantity {mark.surface!r} does not stand at character {mark.start} of {mark.block}{hint}"
    for note in article.source_notes:
        yield from known((note.block,), note.line, "source note")
        if note.block in blocks and note.zh not in blocks[note.block]:
            yield note.line, f"source note: {note.zh!r} does not stand in {note.block}"
