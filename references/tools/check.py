"""``python -m references.tools check``: verifies the guarantees of the authored articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.data.articles import CONFIGS
from references.tools.build import rows_of, version_of
from references.tools.check_content import content
from references.tools.check_contrasts import contrasts
from references.tools.check_structure import shape
from references.tools.load import AuthoringError, article_paths, load_article
from references.tools.schema import TRANSLATIONS, Article

__all__ = ["Report", "Violation", "check"]


@dataclass(frozen=True)
class Violation:
    """A violated guarantee: its location and a description."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Report:
    """The result of a check.

    :param violations: by file and line.
    :param counts: articles, blocks, sentences, references, summaries, facts, terms, quantities, contrasts, variants.
    """

    violations: tuple[Violation, ...]
    counts: Mapping[str, int]


def check(folder: Path) -> Report:
    """Check the authored articles of a references folder, and that the dataset is built from them.

    :param folder: holds ``articles/*.yaml`` and ``raw/``.
    :raises BenchmarkError: if there are no articles. A file that cannot be read is a violation.
    """
    found: list[Violation] = []
    articles: list[Article] = []
    for path in article_paths(folder):
        try:
            articles.append(load_article(path))
        except AuthoringError as error:
            found.append(Violation(error.path, error.line, error.reason))
    for article in articles:
        for part in (shape(article, folder), content(article), contrasts(article)):
            found += [Violation(article.path, line, message) for line, message in part]
    if not found:
        found += _staleness(articles, folder)
    counts: Counter[str] = Counter()
    for article in articles:
        counts.update(_counts(article))
    return Report(tuple(sorted(found, key=lambda v: (v.path, v.line, v.message))), counts)


def _counts(article: Article) -> dict[str, int]:
    return {
        "articles": 1,
        "blocks": len(article.blocks),
        "sentences": sum(len(b.sentences) for b in article.blocks),
        "references": len(article.blocks) * len(TRANSLATIONS) + len(article.summaries),
        "summaries": len(article.summaries),
        "facts": len(article.facts),
        "terms": len(article.terms),
        "quantities": len(article.quantities),
        "contrasts": len(article.contrasts),
        "variants": len(article.variants),
    }


def _staleness(articles: Sequence[Article], folder: Path) -> Iterator[Violation]:
    """The versions on the card must be those of the articles; tests compare the rows."""
    readme = folder / "README.md"
    text = readme.read_text("utf-8") if readme.is_file() else ""
    built = dict(re.findall(r"^- config_name: (\S+)\n  data_files: \S+\n  version: (\S+)$", text, flags=re.MULTILINE))
    ordered = sorted(articles, key=lambda a: a.place)
    for config in CONFIGS:
        rows = rows_of(config, ordered)
        wanted = version_of(config, rows) if rows else None
        if built.get(config) != wanted or not (folder / "data" / f"{config}.parquet").is_file():
            yield Violation(
                readme, 1, f"the config {config} is not what the articles give; run python -m references.tools build"
            )
