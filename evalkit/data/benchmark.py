"""A benchmark: tasks over articles, each task a list of segments with references."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.data.hashing import feed, feed_lists
from evalkit.data.lazy import JsonLines, LazyColumn, Lines, ParquetRows, Spool, is_large
from evalkit.data.records import read_lines, read_records
from evalkit.data.text_checks import check_language
from evalkit.errors import BenchmarkError, SettingError
from evalkit.text.facts import Fact
from evalkit.text.languages import language, parse_pair, parse_text_language
from evalkit.text.references import References
from evalkit.text.term_matching import Term

if TYPE_CHECKING:
    import datasets

__all__ = ["Benchmark", "Task", "references_of", "task_name"]


@dataclass(frozen=True)
class Task:
    """One task of a benchmark: n segments in order.

    :param name: such as ``translate-en`` or ``summarize-zh``.
    :param lang: language of the outputs; ``source_lang`` that of the sources.
    :param kind: ``translation`` or ``summary``.
    Texts of large files are read when they are needed (:mod:`evalkit.data.lazy`); all else is held.

    :param ids: n unique segment ids.
    :param references: n tuples of one or more references.
    :param articles: n article ids, the units of resampling; None where nothing is known of documents.
    :param sources: n source texts, or None.
    :param dates: n ISO dates (as far as known) of the articles, or None.
    :param facts: key facts by article id.
    :param terms: glossary by article id; the key ``""`` holds for all.
    :param metrics: what is scored when nothing is asked for.
    :param defaults: settings of metrics that this benchmark chooses where they are left open.
    :param reference_names: what the references of a segment are called, in order.
    :param blocks: kind of each segment (``title``, ``paragraph``, ...), where known.
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
    #: the file the segments come from, line by line, where that is so: errors name it.
    origin: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, start: int, stop: int) -> str:
        """Segments start to stop for an error message: lines of a file, or ids."""
        if self.origin:
            return f"{self.origin}:{start + 1}-{stop}"
        return f"segments {self.ids[start]!r} to {self.ids[stop - 1]!r}"

    def fingerprint(self) -> str:
        """Sixteen hex digits of what the scores depend on: ids, articles, sources, references, facts, terms, in order."""
        known: str | None = self.__dict__.get("_fingerprint")
        if known is None:
            known = self._fingerprinted()
            # Kept, because a pass over the texts of a million segments is worth keeping; all of a task is immutable.
            object.__setattr__(self, "_fingerprint", known)
        return known

    def _fingerprinted(self) -> str:
        digest = hashlib.sha256()
        for start, stop in _ranges(len(self.ids)):
            for column in (self.ids, self.articles, self.sources, self.dates):
                feed(digest, () if column is None else column[start:stop])
            feed_lists(digest, self.references[start:stop])
        for extra in (self.facts, self.terms):
            digest.update(json.dumps(_plain(extra), ensure_ascii=True, sort_keys=True).encode() + b"\n")
        digest.update(json.dumps([self.lang, self.source_lang, self.kind]).encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Benchmark:
    """Named tasks, with the titles of their articles for the reports."""

    name: str
    tasks: tuple[Task, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    #: folder with the bundled systems, where the benchmark has some.
    systems: Path | None = None
    #: names of tasks that :meth:`only` left out: a system's files for them are passed over.
    left_out: tuple[str, ...] = ()

    def task(self, name: str) -> Task:
        """:raises SettingError: for a name the benchmark does not have."""
        for task in self.tasks:
            if task.name == name:
                return task
        raise SettingError(
            f"the benchmark {self.name} has no task {name!r}; it has {', '.join(t.name for t in self.tasks)}"
        )

    def only(self, *names: str) -> Benchmark:
        """The same benchmark with some of its tasks."""
        kept = tuple(self.task(name) for name in names)
        gone = tuple(task.name for task in self.tasks if task.name not in names)
        return replace(self, tasks=kept, left_out=(*self.left_out, *gone))

    def fingerprint(self) -> str:
        """Sixteen hex digits of all tasks."""
        text = "\n".join(f"{task.name} {task.fingerprint()}" for task in self.tasks)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def from_lines(
        cls,
        references: Sequence[str | Path],
        *,
        lang: str,
        source: str | Path | None = None,
        docids: str | Path | None = None,
        task: str | None = None,
        name: str | None = None,
    ) -> Benchmark:
        """Line-aligned files: line i of each belongs to segment i, whose id is i from 1.

        :param lang: ``zh-en`` (source and target), or the target alone.
        :param docids: the article of each line.
        :raises BenchmarkError: where the files differ in their number of lines, naming both.
        """
        if not references:
            raise BenchmarkError("a benchmark of line-aligned files needs at least one reference file")
        files = [Path(path) for path in (*references, *([source] if source else []))]
        if is_large(*files):
            return cls._from_large_lines(references, lang, source, docids, task, name)
        columns = [read_lines(Path(path)) for path in references]
        n = len(columns[0])
        sources = read_lines(Path(source)) if source else None
        articles = [line.strip() for line in read_lines(Path(docids))] if docids else None
        aligned: list[tuple[Any, Any]] = list(zip(references, columns, strict=True))
        aligned += [(source, sources), (docids, articles)]
        for path, lines in aligned:
            if lines is not None and len(lines) != n:
                raise BenchmarkError(
                    f"{path}: {len(lines)} lines, but {references[0]} has {n}; line i of each belongs to segment i"
                )
        rows = (
            {
                "id": str(i + 1),
                "article": articles[i] if articles else None,
                "source": sources[i] if sources else None,
                "references": [column[i] for column in columns],
            }
            for i in range(n)
        )
        where = [f"{references[0]}:{i + 1}" for i in range(n)]
        built = _task(rows, where, lang=lang, task=task)
        names = tuple(Path(path).name for path in references)
        built = replace(built, reference_names=names, origin=str(references[0]))
        return cls(name or names[0], (built,))

    @classmethod
    def _from_large_lines(
        cls,
        references: Sequence[str | Path],
        lang: str,
        source: str | Path | None,
        docids: str | Path | None,
        task: str | None,
        name: str | None,
    ) -> Benchmark:
        columns = [Lines.scan(Path(path)) for path in references]
        sources = Lines.scan(Path(source)) if source else None
        articles = tuple(sys.intern(line.strip()) for line in Lines.scan(Path(docids)).column()) if docids else None
        n = len(columns[0])
        for path, length in [
            *zip(references, map(len, columns), strict=True),
            *([(source, len(sources))] if sources else []),
            *([(docids, len(articles))] if articles else []),
        ]:
            if length != n:
                raise BenchmarkError(
                    f"{path}: {length} lines, but {references[0]} has {n}; line i of each belongs to segment i"
                )
        task_, source_lang, target = task_name(lang)
        task_ = task or task_
        kind = "summary" if task_.startswith("summar") else "translation"
        names = tuple(Path(path).name for path in references)
        built = Task(
            name=task_,
            lang=target,
            kind=kind,
            ids=tuple(map(str, range(1, n + 1))),
            references=LazyColumn(n, lambda a, b: list(zip(*(c.read(a, b) for c in columns), strict=True))),
            articles=articles,
            sources=sources.column() if sources else None,
            source_lang=source_lang,
            metrics=DEFAULT_METRICS[kind],
            reference_names=names,
            origin=str(references[0]),
        )
        return cls(name or names[0], (built,))

    @classmethod
    def from_records(
        cls,
        path: str | Path | Sequence[str | Path],
        *,
        lang: str,
        task: str | None = None,
        name: str | None = None,
    ) -> Benchmark:
        """A JSONL, CSV, TSV or Parquet file with a segment a record; or several Parquet files, one after the other.

        Fields: ``id``, ``references`` (a list; or ``reference``), and optionally ``article``, ``source`` and ``date``.
        A folder stands for its Parquet files by name.
        """
        paths = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
        if len(paths) == 1 and paths[0].is_dir():
            paths = sorted(paths[0].glob("*.parquet")) or paths
        path = paths[0]
        if len(paths) > 1 or (is_large(path) and path.suffix.lower() in (".jsonl", ".ndjson", ".parquet")):
            if len(paths) > 1 and any(p.suffix.lower() != ".parquet" for p in paths):
                raise BenchmarkError(f"{path}: several files make one benchmark only where they are Parquet")
            rows = ParquetRows(paths) if path.suffix.lower() == ".parquet" else JsonLines(Lines.scan(path))
            return cls(name or path.stem, (_large_task(rows, str(path), lang=lang, task=task),))
        numbered = list(read_records(path))
        where = [f"{path}:{number}" for number, _ in numbered]
        built = _task((record for _, record in numbered), where, lang=lang, task=task)
        return cls(name or path.stem, (built,))

    @classmethod
    def from_dataset(
        cls,
        dataset: datasets.Dataset | Iterable[Mapping[str, Any]],
        *,
        lang: str,
        references: str | Sequence[str] = "references",
        id: str | None = "id",
        source: str | None = "source",
        article: str | None = "article",
        date: str | None = "date",
        task: str | None = None,
        name: str = "dataset",
    ) -> Benchmark:
        """A ``datasets.Dataset`` (or any iterable of mappings) with its columns named.

        :param references: a column of lists or of texts, or several columns of texts.
        :param id: None numbers the rows from 1. Other columns that do not exist are left out.
        """
        columns = [references] if isinstance(references, str) else list(references)
        # A stream is read once and may be of any length: its rows go to a temporary file.
        rows: list[dict[str, Any]] | Spool = [] if isinstance(dataset, Sized) else Spool()
        for i, record in enumerate(dataset):
            missing = [c for c in columns if c not in record]
            if missing or (id is not None and id not in record):
                raise BenchmarkError(
                    f"{name}, row {i}: no column {[*missing, id][0]!r}; the columns are {', '.join(record)}"
                )
            texts: list[Any] = []
            for column in columns:
                value = record[column]
                texts.extend(value if isinstance(value, list | tuple) else [value])
            row = {"id": str(i + 1) if id is None else record[id], "references": texts}
            for key, column_name in (("source", source), ("article", article), ("date", date)):
                row[key] = record.get(column_name) if column_name else None
            rows.append(row)
        if isinstance(rows, Spool):
            return cls(name, (_large_task(rows.finished(), name, lang=lang, task=task),))
        built = _task(rows, [f"{name}, row {i}" for i in range(len(rows))], lang=lang, task=task)
        return cls(name, (built,))


def given_references(
    texts: Sequence[tuple[str, ...]],
    *,
    lang: str,
    sources: Sequence[str] | None = None,
    source_lang: str | None = None,
) -> References:
    """References given in Python, without a benchmark.

    :param lang: the language of the references: a tag, or a pair whose target it is.
    :raises SettingError: no language tag, or one that may be read in two ways.
    :raises BenchmarkError: references in another script than that of the language.
    """
    pair = parse_text_language(lang)
    source_lang = source_lang or pair.source
    check_language([text for group in texts for text in group], pair.target, "the references")
    return References(
        tuple(texts),
        lang=language(pair.target),
        sources=None if sources is None else tuple(sources),
        source_lang=None if source_lang is None else language(source_lang),
    )


def references_of(task: Task, start: int = 0, stop: int | None = None) -> References:
    """The reference side of a task, or of some of its segments, as metrics take it."""
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


def task_name(lang: str) -> tuple[str, str | None, str]:
    """Task name, source language and target language of ``zh-en`` or ``en``.

    >>> task_name("zh-en")
    ('translate-en', 'zh', 'en')
    """
    pair = parse_pair(lang)
    source = None if pair.source is None else language(pair.source)
    target = language(pair.target)
    return f"{'summarize' if pair.same else 'translate'}-{target}", source, target


DEFAULT_METRICS = {
    "translation": ("BLEU", "chrF", "TER"),
    "summary": ("ROUGE-1", "ROUGE-2", "ROUGE-L", "chrF"),
}


def _task(rows: Iterable[Mapping[str, Any]], where: Sequence[str], *, lang: str, task: str | None) -> Task:
    """A checked task from plain records; ``where`` names each record for an error."""
    name, source_lang, target = task_name(lang)
    name = task or name
    kind = "summary" if name.startswith("summar") else "translation"
    ids: list[str] = []
    seen: dict[str, str] = {}
    references: list[tuple[str, ...]] = []
    columns: dict[str, list[str | None]] = {"source": [], "article": [], "date": []}
    for row, at in zip(rows, where, strict=False):
        id_ = row.get("id")
        if isinstance(id_, int) and not isinstance(id_, bool):
            id_ = str(id_)
        if not isinstance(id_, str) or not id_:
            raise BenchmarkError(f"{at}: the id is {_kind(id_)}; give each segment a text of its own as id")
        if id_ in seen:
            raise BenchmarkError(f"{at}: the id {id_!r} stands at {seen[id_]} already")
        seen[id_] = at
        refs = row.get("references", row.get("reference"))
        refs = [refs] if isinstance(refs, str) else refs
        if not isinstance(refs, list | tuple) or not refs:
            raise BenchmarkError(f"{at} (id {id_!r}): references is {_kind(refs)}; give a list of one or more texts")
        for ref in refs:
            _check_text(ref, f"{at} (id {id_!r}): a reference")
        ids.append(id_)
        references.append(tuple(refs))
        for key, column in columns.items():
            value = row.get(key)
            if value is not None:
                value = str(value) if key == "article" and isinstance(value, int) else value
                _check_text(value, f"{at} (id {id_!r}): {key}")
            column.append(value)
    if not ids:
        raise BenchmarkError("the benchmark has no segments")
    return Task(
        name=name,
        lang=target,
        kind=kind,
        ids=tuple(ids),
        references=tuple(references),
        articles=_whole("article", columns["article"], where),
        sources=_whole("source", columns["source"], where),
        source_lang=source_lang,
        dates=tuple(columns["date"]) if any(columns["date"]) else None,
        metrics=DEFAULT_METRICS[kind],
    )


def _large_task(rows: JsonLines | ParquetRows, where: str, *, lang: str, task: str | None) -> Task:
    """A task whose texts stay in their file: all records are checked first, a part at a time."""
    if not len(rows):
        raise BenchmarkError("the benchmark has no segments")
    parts: list[Task] = []
    seen: set[str] = set()
    for start, stop in _ranges(len(rows)):
        part = _task(rows.read(start, stop), [f"{where}:{i + 1}" for i in range(start, stop)], lang=lang, task=task)
        for i, id_ in enumerate(part.ids):
            if id_ in seen:
                raise BenchmarkError(f"{where}:{start + i + 1}: the id {id_!r} stands in an earlier record already")
            seen.add(id_)
        for column in ("sources", "articles"):
            if parts and (getattr(part, column) is None) != (getattr(parts[0], column) is None):
                raise BenchmarkError(
                    f"{where}:{start + 1}: some segments have {column} and some do not; give all or none"
                )
        parts.append(replace(part, references=(), sources=None if part.sources is None else ()))
    first = parts[0]

    def references(a: int, b: int) -> list[tuple[str, ...]]:
        return [_references(row) for row in rows.read(a, b)]

    return replace(
        first,
        ids=tuple(id_ for part in parts for id_ in part.ids),
        references=LazyColumn(len(rows), references),
        sources=None
        if first.sources is None
        else LazyColumn(len(rows), lambda a, b: [row["source"] for row in rows.read(a, b)]),
        articles=None if first.articles is None else tuple(sys.intern(a) for p in parts for a in p.articles or ()),
        dates=tuple(d for p in parts for d in p.dates or (None,) * len(p.ids)) if any(p.dates for p in parts) else None,
        origin=where,
    )


def _ranges(n: int) -> Iterator[tuple[int, int]]:
    for start in range(0, n, 8192):
        yield start, min(start + 8192, n)


def _references(row: Mapping[str, Any]) -> tuple[str, ...]:
    refs = row.get("references", row.get("reference"))
    return (refs,) if isinstance(refs, str) else tuple(refs or ())


def _whole(key: str, column: Sequence[str | None], where: Sequence[str]) -> tuple[str, ...] | None:
    given = [value for value in column if value is not None]
    if not given:
        return None
    if len(given) < len(column):
        raise BenchmarkError(f"{where[column.index(None)]}: no {key}, though other segments have one; give all or none")
    return tuple(given)


def _check_text(value: Any, what: str) -> None:
    if not isinstance(value, str):
        raise BenchmarkError(f"{what} is {_kind(value)}, not a text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BenchmarkError(f"{what} holds half a surrogate pair, which is no character; repair the text") from None


def _kind(value: Any) -> str:
    return "missing" if value is None else f"a {type(value).__name__}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
