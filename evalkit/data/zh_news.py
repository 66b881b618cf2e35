"""The bundled benchmark: three Chinese news articles, translated into English and summarized in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from evalkit.data.articles import bundled, read_table
from evalkit.data.benchmark import Benchmark
from evalkit.data.tasks import Task
from evalkit.text.facts import Fact
from evalkit.text.term_matching import Term

T = TypeVar("T")

# The leaderboard is sorted by the first one: content takes precedence over style.
_SUMMARY_METRICS = (
    "KeyFacts", "Quantities", "Terms", "Names", "ROUGE-1", "ROUGE-2", "ROUGE-L", "ROUGE-Lsum", "chrF", "Health"
)  # fmt: skip
_TRANSLATION_METRICS = ("KeyFacts", "Quantities", "Terms", "Names", "chrF", "BLEU", "TER", "ROUGE-L", "Health")

#: the source page mixes ASCII and full-width punctuation, and one-line summaries may have several sentences.
_DEFAULTS: Mapping[str, Any] = {"fold_width": True, "sentences": "punctuation"}


def zh_news() -> Benchmark:
    """Three tasks: ``translate-en`` (one segment per block), ``summarize-zh``, ``summarize-en`` (one per article)."""
    articles = read_table("articles")
    facts, terms = _by_article("facts", _fact), _by_article("terms", _term)
    summaries = read_table("summaries")
    blocks = [row for row in read_table("segments") if row["kind"] != "byline"]
    dates = {row["id"]: row["date"] for row in articles}
    shared: dict[str, Any] = {"source_lang": "zh", "facts": facts, "terms": terms, "defaults": _DEFAULTS}
    translate = Task(
        name="translate-en",
        lang="en",
        kind="translation",
        ids=tuple(row["id"] for row in blocks),
        articles=tuple(row["article"] for row in blocks),
        sources=tuple(row["zh"] for row in blocks),
        references=tuple(tuple(row["en"]) for row in blocks),
        dates=tuple(dates[row["article"]] for row in blocks),
        blocks=tuple(row["kind"] for row in blocks),
        reference_names=("close", "news"),
        metrics=_TRANSLATION_METRICS,
        **shared,
    )
    tasks = [translate]
    for lang in ("zh", "en"):
        # A headline cannot serve as a reference summary: it is only a tenth as long.
        chosen = [row for row in summaries if row["lang"] == lang and row["length"] != "headline"]
        of_article = {id_: [row for row in chosen if row["article"] == id_] for id_ in dates}
        tasks.append(
            Task(
                name=f"summarize-{lang}",
                lang=lang,
                kind="summary",
                ids=tuple(dates),
                articles=tuple(dates),
                sources=tuple(row["source"] for row in articles),
                references=tuple(tuple(row["text"] for row in rows) for rows in of_article.values()),
                dates=tuple(dates.values()),
                reference_names=tuple(f"{row['length']}-{row['number']}" for row in next(iter(of_article.values()))),
                metrics=tuple(m for m in _SUMMARY_METRICS if lang != "zh" or m != "Terms"),
                **shared,
            )
        )
    return Benchmark(
        name="zh-news",
        tasks=tuple(tasks),
        titles={row["id"]: row["title"] for row in articles},
        systems=bundled("benchmarks/zh-news") / "systems",
        references_by="a large language model",
    )


def _by_article(config: str, read: Callable[[dict[str, Any]], T]) -> dict[str, tuple[T, ...]]:
    items: dict[str, list[T]] = {}
    for row in read_table(config):
        items.setdefault(row["article"], []).append(read(row))
    return {article: tuple(group) for article, group in items.items()}


def _fact(row: Mapping[str, Any]) -> Fact:
    forms, contradicts = (
        {lang: tuple(map(tuple, row[f"{column}_{lang}"] or ())) for lang in ("zh", "en")}
        for column in ("forms", "contradicts")
    )
    statement = {"zh": row["zh"], "en": row["en"]}
    return Fact(row["id"], row["tier"], statement, forms, contradicts, row["kind"], tuple(row["blocks"]))


def _term(row: Mapping[str, Any]) -> Term:
    return Term(row["zh"], tuple(row["accepted"]), tuple(row["rejected"]), row["kind"])
