"""The dataset card: its front matter and its generated parts; the prose between them is written by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.errors import BenchmarkError
from references.tools.schema import Article

__all__ = ["card", "meaning"]

#: the text for a references folder that has no card yet.
_NEW = """# References

<!-- generated: articles -->
<!-- end -->

## Configs

<!-- generated: configs -->
<!-- end -->

## An example row

<!-- generated: example -->
<!-- end -->
"""

#: the description of each column, by config and name; shared names under "".
_MEANING: dict[str, dict[str, str]] = {
    "": {
        "id": "unique within the config",
        "article": "id of the article",
        "kind": "see the list above",
        "block": "id of the block within the article",
        "blocks": "ids of the blocks it occurs in",
        "made_by": "author of the references in this row",
        "position": "from 0, in reading order",
        "zh": "the Chinese text",
        "en": "the English text",
        "lang": "`zh` or `en`",
    },
    "articles": {
        "id": "id of the article",
        "title": "headline",
        "deck": "subheading, empty if there is none",
        "byline": "name of the author, from the brackets at the end",
        "date": "ISO date, as far as known",
        "date_inferred": "`year`: the year is not printed; empty: nothing is inferred",
        "source": "the whole article: blocks separated by a blank line",
        "translation_close": "the faithful translation, block for block",
        "translation_news": "the idiomatic translation, block for block",
        "summary_zh_headline": "up to 20 characters",
        "summary_zh_short": "60 to 80 characters each",
        "summary_zh_long": "180 to 220 characters each",
        "summary_en_headline": "up to 12 words",
        "summary_en_short": "60 to 90 words each",
        "summary_en_long": "140 to 160 words each",
        "source_notes": "errors of the newspaper, kept as printed: block, words, note",
    },
    "segments": {
        "kind": "`title`, `deck`, `heading`, `paragraph`, `caption` or `byline`",
        "en": "the references: close, then news",
        "supplied": "words of `zh` that the raw page lacks",
    },
    "sentences": {
        "segment": "id of the segment",
        "zh": "one or more sentences that are translated together",
        "close": "its faithful translation",
        "news": "its idiomatic translation",
    },
    "summaries": {
        "length": "`headline`, `short` or `long`",
        "number": "from 1, within language and length",
        "text": "the summary",
    },
    "facts": {
        "kind": "`who`, `what`, `quantity`, `date`, `place`, `quote` or `cause`",
        "tier": "1 (central) to 3 (detail)",
        "zh": "the statement in Chinese",
        "en": "the statement in English",
        "forms_zh": "alternatives of word groups; all groups of one alternative must occur",
        "forms_en": "the same for English",
        "contradicts_zh": "forms of a typical error",
        "contradicts_en": "the same for English",
    },
    "terms": {
        "kind": "`person`, `place`, `organisation`, `programme`, `title`, `term` or `phrase` (good translations may reword it)",
        "accepted": "English forms, the official one first",
        "rejected": "known wrong forms",
        "note": "source of the official form, or a caution",
    },
    "quantities": {
        "surface": "the words in the source",
        "start": "character offset in the block",
        "kind": "`count`, `money`, `percent`, `date`, ...",
        "low": "lowest value in base units; null for dates",
        "high": "highest value; equal to `low` for a single value, null where open",
        "unit": "unit in normal form, empty for a bare count",
        "noun": "what is counted",
        "exact": "qualifier: `exact`, `about`, `more than`, ...",
        "year": "year of a date",
        "month": "month of a date",
        "day": "day of a date",
        "year_inferred": "whether the year was inferred",
        "note": "remarks, such as that it is an average",
        "checkable": "whether an automatic check should find it in a translation",
    },
    "contrasts": {
        "type": "`contrast` (one error) or `variant` (no error)",
        "base": "`close` or `news`, or `summary/zh/long/1`",
        "block": "block of a translation, empty for a summary",
        "kind": "kind of error, or of harmless difference",
        "breaks": "the annotations that the error violates, see above; empty for a variant",
        "truth": "what the source states, in words",
        "was": "the words of the base that are replaced; they occur once",
        "now": "the words that replace them",
        "base_text": "the reference",
        "text": "the reference with this change",
    },
}


def meaning(config: str, column: str) -> str:
    """The description of a column."""
    return _MEANING[config].get(column) or _MEANING[""].get(column, "")


def card(
    old: str | None,
    articles: Sequence[Article],
    columns: Mapping[str, Mapping[str, str]],
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    versions: Mapping[str, str],
) -> str:
    """The card with a new front matter and new generated parts.

    :param old: the current card, or None.
    :param columns: Arrow types by config and column.
    :param tables: rows by config.
    :param versions: by config.
    :raises BenchmarkError: if a generated part of the card has no end mark.
    """
    prose = re.sub(r"\A---\n.*?\n---\n+", "", old, count=1, flags=re.DOTALL) if old else _NEW
    parts = {
        "articles": _articles(articles),
        "configs": _configs(columns, tables, versions),
        "example": _example(tables),
    }
    for name, text in parts.items():
        prose = _put(prose, name, text)
    # datasets cannot load an empty table
    return f"{_front_matter({c: v for c, v in versions.items() if tables[c]})}\n{prose}"


def _put(prose: str, name: str, text: str) -> str:
    begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
    if begin not in prose:
        return prose
    head, _, rest = prose.partition(begin)
    _, mark, tail = rest.partition(end)
    if not mark:
        raise BenchmarkError(f"README.md: the part {begin.strip()} has no {end} after it")
    return f"{head}{begin}\n{text}\n\n{end}{tail}"


def _front_matter(versions: Mapping[str, str]) -> str:
    lines = [
        "---",
        "language:",
        "- zh",
        "- en",
        "license: cc-by-4.0",
        "task_categories:",
        "- translation",
        "- summarization",
        "pretty_name: evalkit references",
        "size_categories:",
        "- n<1K",
        "configs:",
    ]
    for i, (config, version) in enumerate(versions.items()):
        lines += [f"- config_name: {config}", f"  data_files: data/{config}.parquet", f"  version: {version}"]
        lines += ["  default: true"] if i == 0 else []
    return "\n".join([*lines, "---", ""])


def _articles(articles: Sequence[Article]) -> str:
    lines = [
        "| id | headline | date | blocks | facts | terms | quantities | contrasts | variants |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for a in articles:
        date = f"{a.date} ({a.date_inferred} inferred)" if a.date_inferred else a.date
        counts = (a.blocks, a.facts, a.terms, a.quantities, a.contrasts, a.variants)
        lines.append(f"| {a.id} | {a.of_kind('title', 'zh')} | {date} | {' | '.join(str(len(c)) for c in counts)} |")
    return "\n".join(lines)


def _configs(
    columns: Mapping[str, Mapping[str, str]], tables: Mapping[str, Sequence[Any]], versions: Mapping[str, str]
) -> str:
    parts = []
    for config, types in columns.items():
        lines = [f"### {config}", "", f"{len(tables[config])} rows, version {versions[config]}.", ""]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        for name, type_ in types.items():
            lines.append(f"| `{name}` | `{type_}` | {meaning(config, name)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _example(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    # the shortest paragraph, preferably one with supplied words
    row = min(tables["segments"], key=lambda r: (r["kind"] != "paragraph", not r["supplied"], len(r["zh"])))
    return f"From `segments`:\n\n```json\n{json.dumps(row, ensure_ascii=False, indent=2)}\n```"
