"""Builds a task from files with one role each: references, sources, and the articles of the segments."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evalkit.data.building import Numbering, TaskBuilder, check_same_languages, id_text, languages_of
from evalkit.data.columns import GroupedColumn, TextWriter
from evalkit.data.fields import ROLES, Fields, if_given
from evalkit.data.formats import open_table
from evalkit.data.opening import check_text, named_path, stem_of
from evalkit.data.tasks import Task
from evalkit.errors import BenchmarkError, InputError, few
from evalkit.printable import is_blank, printable
from evalkit.text.languages import Pair, parse_pair
from evalkit.wording import count, is_missing


def align(
    references: Sequence[str | Path],
    *,
    lang: str | None,
    source: str | Path | None = None,
    docids: str | Path | None = None,
    task: str | None = None,
    fields: Fields | None = None,
) -> tuple[Task, str]:
    """Build a task, and a name for it, from one file per role; segments are matched by id if all files have ids."""
    if not references and source is None:
        raise BenchmarkError("give --reference files, or --source for metrics that need no reference")
    given = [(path, "references") for path in references]
    given += [(path, role) for path, role in ((source, "source"), (docids, "article")) if path is not None]
    asked = parse_pair(lang) if lang else Pair(None, "")
    files = [_File(path, role, fields or Fields(), asked) for path, role in given]
    first, with_references = files[0], bool(references)
    pair = _languages(files, lang)
    named = {role: ", ".join(dict.fromkeys(f.table.name for f in files if f.role == role)) for _, role in given}
    builder = TaskBuilder(first.table.name, pair, named)
    n = len(references)
    for rows in _by_id(files, builder) if all(file.has_ids for file in files) else _by_position(files, builder):
        articles = [row.article for row in (rows[-1:] if docids is not None else rows) if row.article is not None]
        builder.add(
            first.table.place(rows[0].number),
            rows[0].id,
            [text for row in rows[:n] for text in row.texts],
            source=None if source is None else rows[n].texts[0],
            article=articles[0] if articles else None,
        )
    origin = "" if any(file.has_ids for file in files) else first.table.name
    built = builder.task(task, with_references=with_references, reference_names=_titles(files[:n]), origin=origin)
    return built, first.title if with_references else Path(first.table.name).name


def _languages(files: Sequence[_File], lang: str | None) -> Pair:
    """The languages of all files; a SettingError if there are none, or they are contradictory."""
    first = files[0].table
    source, target = (next(filter(None, tags), None) for tags in zip(*(f.table.languages for f in files), strict=True))
    pair = languages_of(replace(first, languages=(source, target)), lang)
    for file in files:
        check_same_languages(file.table, pair, f"in {first.name}")
    return pair


class _Row(NamedTuple):
    """One segment in one file."""

    number: int
    id: str | None
    texts: list[str]
    article: str | None


class _File:
    """One file with texts of one role; whether it has ids is decided by its first record."""

    def __init__(self, path: str | Path, role: str, fields: Fields, asked: Pair) -> None:
        title, file = named_path(path)
        self.role = role
        self.title = printable(title or ("pipe" if stem_of(file) == "pipe" else Path(file).name), one_line=True)
        self.table = open_table(file, fields)
        self.numbering = Numbering()
        self.several = False
        self._fields = fields
        self._pair = Pair(asked.source or self.table.languages[0], asked.target or self.table.languages[1] or "")
        if (own := self.table.role) not in ("", role) and "source" in (own, role):
            raise BenchmarkError(f"{self.table.name}: the file says that it holds the {own}, not the {role}")
        rows = iter(self.table.rows)
        start = list(islice(rows, 1))
        self._rows = chain(start, rows)
        ids = (id_text(if_given(fields.get, record, "id")) for _, record in start)
        self.has_ids = self.table.kind != "text" and any(ids)

    def rows(self) -> Iterator[_Row]:
        """:raises BenchmarkError: for a missing or duplicate id, or if all references are blank."""
        ids: set[str | None] = set()
        blank = self.role == "references"
        for number, record in self._rows:
            id_ = article = None
            if self.table.kind == "text":
                texts = [record["text"]]  # which is already valid
            else:
                where = self.table.place(number)
                self.numbering.add(record)
                try:
                    texts = [check_text(text, f"{where}: {_NOUNS[self.role]}") for text in self._texts(record, where)]
                    id_ = id_text(self._fields.get(record, "id"))
                except InputError as error:
                    raise BenchmarkError(str(error) if where in str(error) else f"{where}: {error}") from None
                article = id_text(if_given(self._fields.get, record, "article"))
                if (id_ is not None) != self.has_ids or (id_ is not None and id_ in ids):
                    problem = f"duplicate id {id_!r}" if id_ in ids else "no id" if id_ is None else f"an id, {id_!r}"
                    raise BenchmarkError(f"{where}: {problem}; give each record an id of its own, or none at all")
                ids.add(id_)
            if self.role == "article" and not (article := texts[0].strip()):
                raise BenchmarkError(f"{self.table.place(number)}: no article; give the article of every segment")
            self.several |= len(texts) > 1
            blank = blank and all(map(is_blank, texts))
            yield _Row(number, id_, texts, article)
        if blank:
            raise BenchmarkError(f"{self.table.name}: all references are blank")

    def _texts(self, record: Mapping[str, Any], where: str) -> list[Any]:
        fields, role = self._fields, self.role
        if role == "references":
            texts = fields.references(record, self._pair.target or None)
            if texts is not None:
                return ["" if is_missing(text) else text for text in texts]
        else:
            value = fields.source(record, self._pair.source) if role == "source" else fields.get(record, role)
            if value is not None:
                return [str(value) if role == "article" else value]
        if isinstance(record.get("text"), str):
            return [record["text"]]
        if "text" in record and role == "references":
            return [""]
        expected = ROLES[role][0] if role != "references" else "reference"
        advice = f"Name it with --field {role}=COLUMN"
        raise BenchmarkError(f"{where}: no {expected}; the fields are {few(record)}. {advice}")


_NOUNS = {"references": "a reference", "source": "the source", "article": "the article"}


def _titles(references: Sequence[_File]) -> list[str]:
    """The titles of the references; none if a file has several references per segment."""
    titles = [file.title for file in references]
    if any(file.several for file in references):
        return []
    if doubles := [file for i, file in enumerate(references) if file.title in titles[:i]]:
        name, title = doubles[0].table.name, doubles[0].title
        advice = f"write --reference NAME={name} to name it"
        raise BenchmarkError(f"{name}: a reference called {title!r} was given already; {advice}")
    return titles


def _by_position(files: Sequence[_File], builder: TaskBuilder) -> Iterator[tuple[_Row, ...]]:
    """The rows of all files side by side; an error if they differ in length, or one is in another order."""
    rows = [file.rows() for file in files]
    number = 0
    for number, parts in enumerate(zip_longest(*rows), 1):
        if None in parts:
            counts = [number - (part is None) + sum(1 for _ in rest) for part, rest in zip(parts, rows, strict=True)]
            name, n = next((f.table.name, n) for f, n in zip(files, counts, strict=True) if n != counts[0])
            other = f"{files[0].table.name} has {counts[0]:,}"
            raise BenchmarkError(f"{name}: {count(n, 'line')}, but {other}; line i of each belongs to segment i")
        yield parts
    for file in files:
        if column := file.numbering.shuffled:
            problem = f"{column} of {file.table.name} numbers the segments in another order than its records"
            if len(files) > 1:
                advice = "sort the records by it, or name ids that all files have with --field id=COLUMN"
                raise BenchmarkError(f"{problem}; {advice}")
            builder.unordered = problem


def _by_id(files: Sequence[_File], builder: TaskBuilder) -> Iterator[tuple[_Row, ...]]:
    """The rows of all files, in the order of the first one; an error if an id is not in all files."""
    first, others = files[0], [_Index(file) for file in files[1:]]
    for number, row in enumerate(first.rows()):
        parts = [row]
        for other in others:
            place = other.places.pop(row.id, None)
            if place is None:
                raise BenchmarkError(f"{other.name}: no segment {row.id!r}, which {first.table.name} has")
            if place != number:
                builder.unordered = f"{first.table.name} and {other.name} have the segments in different orders"
            parts.append(_Row(row.number, row.id, list(other.texts[place]), other.articles[place]))
        yield tuple(parts)
    for other in others:
        if other.places:
            raise BenchmarkError(f"{first.table.name}: no segment {next(iter(other.places))!r}, which {other.name} has")
    if not builder.unordered and first.numbering.shuffled:
        builder.unordered = f"{first.table.name} has its segments not in the order of their numbers"


class _Index:
    """The rows of a file by id."""

    def __init__(self, file: _File) -> None:
        texts, ends = TextWriter(), array("q", [0])
        self.name = file.table.name
        self.places: dict[str | None, int] = {}
        self.articles: list[str | None] = []
        for row in file.rows():
            self.places[row.id] = len(self.places)
            self.articles.append(row.article)
            for text in row.texts:
                texts.append(text)
            ends.append(len(texts))
        self.texts = GroupedColumn(texts.column(), np.frombuffer(ends, np.int64))
