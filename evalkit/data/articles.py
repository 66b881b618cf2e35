"""The bundled articles: where they are, their tables, and the benchmark made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from evalkit.arguments import checked
from evalkit.data.benchmark import Benchmark
from evalkit.data.tasks import Task
from evalkit.errors import BenchmarkError
from evalkit.reading import arrow_source
from evalkit.text.facts import Fact
from evalkit.text.term_matching import Term

if TYPE_CHECKING:
    import datasets


T = TypeVar("T")

#: The configs of the references dataset, the default first.
CONFIGS = ("articles", "segments", "sentences", "summaries", "facts", "terms", "quantities", "contrasts")

# The leaderboard is sorted by the first one: content takes precedence over style.
_SUMMARY_METRICS = (
    "KeyFacts", "Quantities", "Terms", "Names", "ROUGE-1", "ROUGE-2", "ROUGE-L", "ROUGE-Lsum", "chrF", "Health"
)  # fmt: skip
_TRANSLATION_METRICS = ("KeyFacts", "Quantities", "Terms", "Names", "chrF", "BLEU", "TER", "ROUGE-L", "Health")

#: The source page mixes ASCII and full-width punctuation, and one-line summaries may have several sentences.
_DEFAULTS: Mapping[str, Any] = {"fold_width": True, "sentences": "punctuation"}


def bundled(name: str) -> Path:
    """The folder ``references`` or ``benchmarks/zh-news``: in the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    places = (package / "_bundled" / name, package.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise BenchmarkError(f"{name}: not bundled with this installation; looked for {' and '.join(map(str, places))}")


@checked
def load_articles(config: str = "articles") -> datasets.Dataset:
    """The bundled articles and their references as a ``datasets.Dataset``; nothing is written to a cache.

    :param config: one of :data:`CONFIGS`; see the dataset card for the columns of each.
    :raises BenchmarkError: for another config, or if its table is missing.
    """
    import datasets

    return datasets.Dataset(_table(config))


def read_table(config: str, folder: Path | None = None) -> list[dict[str, Any]]:
    """The rows of one of :data:`CONFIGS`, read without ``datasets`` from the bundled references or another folder."""
    rows: list[dict[str, Any]] = _table(config, folder).to_pylist()
    return rows


def _table(config: str, folder: Path | None = None) -> Any:
    import pyarrow
    import pyarrow.parquet

    if config not in CONFIGS:
        raise BenchmarkError(f"no config {config!r}; there are {', '.join(CONFIGS)}")
    path = (folder or bundled("references")) / "data" / f"{config}.parquet"
    if not path.is_file():
        raise BenchmarkError(f"{path}: no such table; build it with: python -m references.tools build")
    try:
        with path.open("rb") as file:
            return pyarrow.parquet.ParquetFile(arrow_source(file)).read(use_threads=False)
    except (OSError, pyarrow.ArrowException) as error:
        advice = "rebuild it with: python -m references.tools build"
        raise BenchmarkError(f"{path}: not a readable Parquet file ({error}); {advice}") from error


def zh_news() -> Benchmark:
    """The bundled benchmark: ``translate-en`` (one segment per block), ``summarize-zh``, ``summarize-en`` (one per article)."""
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
