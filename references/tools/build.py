"""Builds the dataset from authored articles: one Parquet table per config, and the generated parts of the card.

A config's ``version`` is derived from its rows and columns only, so it changes if and only if they do. This matters
because ``datasets.load_dataset`` caches the rows of each version and shows new rows only for a new version.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from evalkit.data.articles import CONFIGS
from references.tools.card import card
from references.tools.croissant import croissant
from references.tools.load import load_folder
from references.tools.schema import SUMMARY_LENGTHS, TRANSLATIONS, Article

__all__ = ["COLUMNS", "build", "rows_of", "version_of"]

Row = dict[str, Any]

_FORMS = "list<list<string>>"
#: columns of each config with their Arrow types.
COLUMNS: dict[str, dict[str, str]] = {
    "articles": {
        "id": "string",
        "title": "string",
        "deck": "string",
        "byline": "string",
        "date": "string",
        "date_inferred": "string",
        "source": "string",
        "translation_close": "string",
        "translation_news": "string",
        "summary_zh_headline": "string",
        "summary_zh_short": "list<string>",
        "summary_zh_long": "list<string>",
        "summary_en_headline": "string",
        "summary_en_short": "list<string>",
        "summary_en_long": "list<string>",
        "source_notes": "list<string>",
        "made_by": "string",
    },
    "segments": {
        "id": "string",
        "article": "string",
        "position": "int32",
        "kind": "string",
        "zh": "string",
        "en": "list<string>",
        "supplied": "list<string>",
        "made_by": "string",
    },
    "sentences": {
        "id": "string",
        "article": "string",
        "segment": "string",
        "position": "int32",
        "zh": "string",
        "close": "string",
        "news": "string",
        "made_by": "string",
    },
    "summaries": {
        "id": "string",
        "article": "string",
        "lang": "string",
        "length": "string",
        "number": "int32",
        "text": "string",
        "made_by": "string",
    },
    "facts": {
        "id": "string",
        "article": "string",
        "kind": "string",
        "tier": "int32",
        "zh": "string",
        "en": "string",
        "blocks": "list<string>",
        "forms_zh": _FORMS,
        "forms_en": _FORMS,
        "contradicts_zh": _FORMS,
        "contradicts_en": _FORMS,
        "made_by": "string",
    },
    "terms": {
        "id": "string",
        "article": "string",
        "zh": "string",
        "kind": "string",
        "accepted": "list<string>",
        "rejected": "list<string>",
        "blocks": "list<string>",
        "note": "string",
        "made_by": "string",
    },
    "quantities": {
        "id": "string",
        "article": "string",
        "block": "string",
        "surface": "string",
        "start": "int32",
        "kind": "string",
        "low": "double",
        "high": "double",
        "unit": "string",
        "noun": "string",
        "exact": "string",
        "year": "int32",
        "month": "int32",
        "day": "int32",
        "year_inferred": "bool",
        "checkable": "bool",
        "note": "string",
        "made_by": "string",
    },
    "contrasts": {
        "id": "string",
        "article": "string",
        "type": "string",
        "lang": "string",
        "base": "string",
        "block": "string",
        "kind": "string",
        "breaks": "list<string>",
        "truth": "string",
        "was": "string",
        "now": "string",
        "base_text": "string",
        "text": "string",
        "made_by": "string",
    },
}


def build(folder: Path) -> list[Path]:
    """Build the tables and the generated parts of the card from the authored articles.

    :param folder: the references folder: ``articles/*.yaml`` in, ``data/*.parquet``, ``croissant.json`` and ``README.md``
        out.
    :returns: the files written, in order. Each file is written under a temporary name and renamed, the card last; the
        same articles produce the same bytes.
    :raises BenchmarkError: if an authored file is wrong.
    """
    articles = load_folder(folder)
    tables = {config: rows_of(config, articles) for config in CONFIGS}
    versions = {config: version_of(config, rows) for config, rows in tables.items()}
    readme = folder / "README.md"
    old = readme.read_text("utf-8") if readme.exists() else None
    text = card(old, articles, COLUMNS, tables, versions)
    (folder / "data").mkdir(exist_ok=True)
    written = []
    for config, rows in tables.items():
        path = folder / "data" / f"{config}.parquet"
        _replace(path, _writer(config, rows))
        written.append(path)
    rich = folder / "croissant.json"
    described = croissant(folder, COLUMNS, [config for config in CONFIGS if tables[config]], versions)
    _replace(rich, lambda temporary: _write_text(temporary, described))
    _replace(readme, lambda temporary: _write_text(temporary, text))
    return [*written, rich, readme]


def rows_of(config: str, articles: Sequence[Article]) -> list[Row]:
    """The rows of one config, in the order of the articles."""
    rows: Callable[[Article], Iterator[Row]] = _ROWS[config]
    return [row | {"made_by": article.provenance.made_by} for article in articles for row in rows(article)]


def version_of(config: str, rows: Sequence[Row]) -> str:
    """``1.0.n``, where n is taken from the SHA-256 of the columns and the rows."""
    text = json.dumps([COLUMNS[config], rows], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"1.0.{int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)}"


# -- rows -----------------------------------------------------------------------------------------------------------


def _articles(a: Article) -> Iterator[Row]:
    row: Row = {
        "id": a.id,
        "title": a.of_kind("title", "zh"),
        "deck": a.of_kind("deck", "zh"),
        "byline": a.byline,
        "date": a.date,
        "date_inferred": a.date_inferred,
        "source": a.text("zh"),
    }
    row |= {f"translation_{side}": a.text(side) for side in TRANSLATIONS}
    for lang in ("zh", "en"):
        for length in SUMMARY_LENGTHS:
            texts = [s.text for s in a.summaries if (s.lang, s.length) == (lang, length)]
            row[f"summary_{lang}_{length}"] = "".join(texts) if length == "headline" else texts
    yield row | {"source_notes": [f"{n.block}: {n.zh}: {n.note}" for n in a.source_notes]}


def _segments(a: Article) -> Iterator[Row]:
    for position, block in enumerate(a.blocks):
        yield {
            "id": f"{a.id}/{block.id}",
            "article": a.id,
            "position": position,
            "kind": block.kind,
            "zh": block.text("zh"),
            "en": [block.text(side) for side in TRANSLATIONS],
            "supplied": list(a.supplied(block)),
        }


def _sentences(a: Article) -> Iterator[Row]:
    for block in a.blocks:
        for position, unit in enumerate(block.sentences):
            yield {
                "id": f"{a.id}/{block.id}/{position + 1}",
                "article": a.id,
                "segment": f"{a.id}/{block.id}",
                "position": position,
                "zh": unit.zh,
                "close": unit.close,
                "news": unit.news,
            }


def _summaries(a: Article) -> Iterator[Row]:
    for summary in a.summaries:
        yield {
            "id": f"{a.id}/{summary.id}",
            "article": a.id,
            "lang": summary.lang,
            "length": summary.length,
            "number": summary.number,
            "text": summary.text,
        }


def _facts(a: Article) -> Iterator[Row]:
    for fact in (entry.fact for entry in a.facts):
        row: Row = {"id": f"{a.id}/{fact.id}", "article": a.id, "kind": fact.kind, "tier": fact.tier}
        row |= {"zh": fact.statement["zh"], "en": fact.statement["en"], "blocks": list(fact.blocks)}
        for name, forms in (("forms", fact.forms), ("contradicts", fact.contradicts)):
            row |= {f"{name}_{lang}": [list(groups) for groups in forms.get(lang, ())] for lang in ("zh", "en")}
        yield row


def _terms(a: Article) -> Iterator[Row]:
    for entry in a.terms:
        yield {
            "id": f"{a.id}/{entry.term.source}",
            "article": a.id,
            "zh": entry.term.source,
            "kind": entry.term.kind,
            "accepted": list(entry.term.accepted),
            "rejected": list(entry.term.rejected),
            "blocks": list(entry.blocks),
            "note": entry.note,
        }


def _quantities(a: Article) -> Iterator[Row]:
    for q in a.quantities:
        year, month, day = q.date or (None, None, None)
        yield {
            "id": f"{a.id}/{q.id}",
            "article": a.id,
            "block": q.block,
            "surface": q.surface,
            "start": q.start,
            "kind": q.kind,
            "low": q.low,
            "high": q.high,
            "unit": q.unit,
            "noun": q.noun,
            "exact": q.exact,
            "year": year,
            "month": month,
            "day": day,
            "year_inferred": q.year_inferred,
            "checkable": q.checkable,
            "note": q.note,
        }


def _contrasts(a: Article) -> Iterator[Row]:
    for type_, c in a.contrastive():
        base = a.base_of(c) or ""
        yield {
            "id": f"{a.id}/{c.id}",
            "article": a.id,
            "type": type_,
            "lang": c.lang,
            "base": c.base,
            "block": c.block,
            "kind": c.kind,
            "breaks": list(c.breaks),
            "truth": c.truth,
            "was": c.was,
            "now": c.now,
            "base_text": base,
            "text": base.replace(c.was, c.now, 1) if c.was else base,
        }


_ROWS: dict[str, Callable[[Article], Iterator[Row]]] = {
    "articles": _articles,
    "segments": _segments,
    "sentences": _sentences,
    "summaries": _summaries,
    "facts": _facts,
    "terms": _terms,
    "quantities": _quantities,
    "contrasts": _contrasts,
}


# -- files ----------------------------------------------------------------------------------------------------------


def _writer(config: str, rows: list[Row]) -> Callable[[Path], None]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def type_of(name: str) -> Any:
        if name.startswith("list<"):
            return pa.list_(type_of(name[len("list<") : -1]))
        types = {"string": pa.string(), "int32": pa.int32(), "double": pa.float64(), "bool": pa.bool_()}
        return types[name]

    schema = pa.schema([(name, type_of(type_)) for name, type_ in COLUMNS[config].items()])
    table = pa.Table.from_pylist(rows, schema=schema)

    def write(path: Path) -> None:
        pq.write_table(table, path, compression="zstd", version="2.6", data_page_version="1.0", row_group_size=1 << 16)

    return write


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        # mkstemp files are private, but a dataset should be readable by everyone
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
