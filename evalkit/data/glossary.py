"""User-defined glossaries: loads terms from a CSV or TSV file and adds them to a benchmark.

Each row is a term with the columns ``source`` (the form in the source language), ``accepted`` (its accepted forms in
the target language, separated by ``|``, the preferred one first), and optionally ``rejected`` (known wrong forms),
``kind`` and ``article`` (the article to which it applies; all articles if empty). The kind is ``person``, ``place``,
``organisation``, ``programme``, ``title`` (a job), ``term`` (the default) or ``phrase``. The accepted forms of a
``phrase`` are recommendations: good translations may reword phrases, so a missing one is a warning and does not affect
the score::

    source,accepted,rejected,kind
    孙利军,Sun Lijun,Sun Lijuan|Sun Liyun,person
    热土计划,Hometown Initiative|Homeland Plan,,programme
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.arguments import checked
from evalkit.data.benchmark import Benchmark
from evalkit.data.formats import open_table
from evalkit.data.opening import suffix_of
from evalkit.data.tasks import Task
from evalkit.errors import InputError, SettingError
from evalkit.files import tell
from evalkit.text.term_matching import Term

KINDS = ("person", "place", "organisation", "programme", "title", "term", "phrase")
#: The number of sources of each task in which terms are looked for, before all of them are.
_SAMPLE = 10_000
_COLUMNS = ("source", "accepted", "rejected", "kind", "article")


@checked
def read_glossary(path: str | Path) -> dict[str, tuple[Term, ...]]:
    """The terms of a CSV or TSV file, by article; the key ``""`` applies to every article.

    :raises InputError: naming file and line: an unknown or missing column, a term without a source or an accepted form,
        a form both accepted and rejected, an unknown kind, a duplicate term.
    """
    path = Path(path)
    if suffix_of(path) not in {".csv", ".tsv"}:
        raise InputError(f"{path}: a glossary is a .csv or .tsv file with the columns {', '.join(_COLUMNS)}")
    terms_by_article: dict[str, list[Term]] = {}
    lines: dict[tuple[str, str], int] = {}
    for line, record in open_table(path).rows:
        where = f"{path}:{line}"
        article, term = _term(record, where)
        if first := lines.get((article, term.source)):
            advice = "give all its forms in one line, separated by |"
            raise InputError(f"{where}: duplicate term {term.source!r} (first on line {first}); {advice}")
        lines[article, term.source] = line
        terms_by_article.setdefault(article, []).append(term)
    if not terms_by_article:
        raise InputError(f"{path}: no terms; each line is a term, such as 热土计划,Hometown Initiative|Homeland Plan")
    return {article: tuple(terms) for article, terms in terms_by_article.items()}


@checked
def with_terms(benchmark: Benchmark, terms: Sequence[Term] | Mapping[str, Sequence[Term]] | str | Path) -> Benchmark:
    """The same benchmark with these terms instead of its own, and ``Terms`` among its default metrics.

    :param terms: terms for all articles; or terms by article id, ``""`` for all; or the path of a glossary file.
    :raises InputError: if a file cannot be read, or an article is not in the benchmark.
    :raises SettingError: if the benchmark has no sources in which to look up terms.
    """
    if isinstance(terms, str | Path):
        where, by_article = f"{terms}: ", read_glossary(terms)
    else:
        where, by_article = "", {k: tuple(v) for k, v in (terms if isinstance(terms, Mapping) else {"": terms}).items()}
        if not any(by_article.values()):
            raise InputError("with_terms: no terms are given")
        for article, listed in by_article.items():
            sources = [term.source for term in listed]
            for k, term in enumerate(listed):
                _check(term, f"with_terms: {article and f'article {article!r}: '}")
                if term.source in sources[:k]:
                    raise InputError(f"with_terms: duplicate term {term.source!r}; give all its forms in one Term")
    benchmark.check_articles(filter(None, by_article), where)
    if not any(task.sources for task in benchmark.tasks):
        raise SettingError(f"{benchmark.name} has no sources, so that no term can be looked up; give --source")
    text = "\n".join(text for task in benchmark.tasks for text in (task.sources or ())[:_SAMPLE])
    if not any(term.source in text for terms in by_article.values() for term in terms):
        tell(f"{where}no term occurs in the sources of {benchmark.name}; are the columns source and accepted swapped?")
    return replace(benchmark, tasks=tuple(_with_terms(task, by_article) for task in benchmark.tasks))


def _with_terms(task: Task, terms: Mapping[str, tuple[Term, ...]]) -> Task:
    if task.sources is None:
        return task
    metrics = task.metrics
    # Terms are not translated within the same language.
    if task.lang != task.source_lang and "Terms" not in metrics:
        metrics = (*metrics, "Terms")
    return replace(task, terms=terms, metrics=metrics)


def _term(record: Mapping[str, Any], where: str) -> tuple[str, Term]:
    columns = ", ".join(_COLUMNS)
    for column in record:
        if column not in _COLUMNS:
            raise InputError(f"{where}: unknown column {column!r}; the columns are {columns}")
    for column in _COLUMNS[:2]:
        if column not in record:
            raise InputError(f"{where}: no column {column!r}; the columns are {columns}, the first two required")
    source = record["source"].strip()
    if not source:
        raise InputError(f"{where}: no source form; give the term as it is written in the source")
    accepted, rejected = (_forms(record.get(column, "")) for column in ("accepted", "rejected"))
    term = Term(source, accepted, rejected, record.get("kind", "").strip() or "term")
    _check(term, f"{where}: ")
    return record.get("article", "").strip(), term


def _check(term: Term, where: str) -> None:
    """:raises InputError: for a term that could never be found, or that contradicts itself; ``where`` begins the message."""
    if not term.accepted:
        raise InputError(f"{where}{term.source!r} has no accepted form; give one, or several separated by |")
    for form in (term.source, *term.accepted, *term.rejected):
        if not any(c.isalnum() for c in form):
            raise InputError(f"{where}the form {form!r} has no letter or digit, so it could never be found")
        if any(mark in form for mark in ";；|"):
            rule = "give one source form per line, and separate accepted forms by |"
            raise InputError(f"{where}the form {form!r} could never be found: {rule}")
    if both := [form for form in term.accepted if form in term.rejected]:
        raise InputError(f"{where}{both[0]!r} is both accepted and rejected for {term.source!r}; keep one")
    if term.kind not in KINDS:
        raise InputError(f"{where}unknown kind {term.kind!r}; use {', '.join(KINDS)}")


def _forms(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.strip() for form in text.split("|") if form.strip()))
