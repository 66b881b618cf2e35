"""Builds a task from files with one role each: references, sources, and the articles of the segments."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any

import numpy as np

from evalkit.data.building import (
    Numbering,
    TaskBuilder,
    check_same_languages,
    hashes,
    id_text,
    languages_of,
    misplaced,
)
from evalkit.data.columns import GroupedColumn, TextWriter
from evalkit.data.fields import ROLES, Fields, if_given
from evalkit.data.formats import open_table
from evalkit.data.opening import check_text, named_path, stem_of
from evalkit.data.tasks import Task
from evalkit.errors import BenchmarkError, InputError, few
from evalkit.files import tell
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
    roles = [*((path, "references") for path in references), (source, "source"), (docids, "article")]
    given = [(path, role) for path, role in roles if path is not None]
    asked = parse_pair(lang) if lang else Pair(None, "")
    files = [_File(path, role, fields or Fields(), asked) for path, role in given]
    first, with_references = files[0], bool(references)
    pair = _languages(files, lang)
    named = {role: ", ".join(dict.fromkeys(f.table.name for f in files if f.role == role)) for _, role in given}
    builder = TaskBuilder(first.table.name, pair, named)
    for file in files:
        file.read()
    columns = [file.rows(order) for file, order in zip(files, _orders(files, builder), strict=True)]
    n, ids = len(references), next((file.ids for file in files if file.places), first.ids)
    for number, id_, *rows in zip(first.numbers, ids, *columns, strict=True):
        texts, articles = zip(*rows, strict=True)
        own_articles = articles[-1:] if docids is not None else articles
        builder.add(
            first.table.place(number),
            id_,
            list(chain(*texts[:n])),
            source=None if source is None else texts[n][0],
            article=next((article for article in own_articles if article is not None), None),
        )
    if docids is not None:
        _check_blocks(files[-1])
    origin = "" if any(file.places for file in files) else first.table.name
    built = builder.task(task, with_references=with_references, reference_names=_titles(files[:n]), origin=origin)
    return built, first.title if with_references else Path(first.table.name).name


def _check_blocks(file: _File) -> None:
    """Warn if the lines of most articles are scattered, as in a file in another order."""
    blocks, articles = sum(a != b for a, b in pairwise((None, *file.articles))), len(set(file.articles))
    if articles > 1 and blocks > 2 * articles:
        scattered = f"{count(articles, 'article')} in {blocks:,} blocks of lines"
        tell(f"{file.table.name}: {scattered}; are both files of the same data in the same order?")


def _languages(files: Sequence[_File], lang: str | None) -> Pair:
    """The languages of all files; a SettingError if there are none, or they are contradictory."""
    first = files[0].table
    source, target = (next(filter(None, tags), None) for tags in zip(*(f.table.languages for f in files), strict=True))
    pair = languages_of(replace(first, languages=(source, target)), lang)
    for file in files:
        check_same_languages(file.table, pair, f"in {first.name}")
    return pair


class _File:
    """A file with texts of one role: the texts, number, id and article of each record."""

    def __init__(self, path: str | Path, role: str, fields: Fields, asked: Pair) -> None:
        title, file = named_path(path)
        self.role = role
        self.title = printable(title or ("pipe" if stem_of(file) == "pipe" else Path(file).name), one_line=True)
        self.table = open_table(file, fields)
        self.numbering = Numbering()
        self.numbers = array("q")
        self.ids: list[str | None] = []
        self.articles: list[str | None] = []
        #: The index of each id; empty if the first record has none.
        self.places: dict[str, int] = {}
        self._fields = fields
        self._pair = Pair(asked.source or self.table.languages[0], asked.target or self.table.languages[1] or "")
        if (own := self.table.role) not in ("", role) and "source" in (own, role):
            raise BenchmarkError(f"{self.table.name}: the file says that it holds the {own}, not the {role}")

    def read(self) -> None:
        """:raises BenchmarkError: for a missing or duplicate id, or if all references are blank."""
        writer, ends = TextWriter(), array("q", [0])
        blank = self.role == "references"
        for number, record in self.table.rows:
            where, id_, article = self.table.place(number), None, None
            if self.table.kind == "text":
                texts = [record["text"]]  # which is already valid
            else:
                try:
                    texts = [check_text(text, f"{where}: {_NOUNS[self.role]}") for text in self._texts(record, where)]
                    id_ = id_text(self._fields.get(record, "id"))
                except InputError as error:
                    raise BenchmarkError(str(error) if where in str(error) else f"{where}: {error}") from None
                self.numbering.add(record, () if id_ is not None else record)
                article = id_text(if_given(self._fields.get, record, "article"))
                if id_ in self.places or (self.ids and (id_ is None) == bool(self.places)):
                    problem = "no id" if id_ is None else f"duplicate id {id_!r}" if self.places else f"an id, {id_!r}"
                    raise BenchmarkError(f"{where}: {problem}; give each record an id of its own, or none at all")
                if id_ is not None:
                    self.places[id_] = len(self.ids)
            if self.role == "article" and not (article := texts[0].strip()):
                raise BenchmarkError(f"{where}: no article; give the article of every segment")
            blank = blank and all(map(is_blank, texts))
            for text in texts:
                writer.append(text)
            ends.append(len(writer))
            self.numbers.append(number)
            self.ids.append(id_)
            self.articles.append(article)
        if blank:
            raise BenchmarkError(f"{self.table.name}: all references are blank")
        self.several = len(writer) > len(self.ids)
        self.texts = GroupedColumn(writer.column(), np.frombuffer(ends, np.int64))

    def rows(self, order: Sequence[int] | None) -> Iterator[tuple[tuple[str, ...], str | None]]:
        """The texts and the article of each record, in the order of their numbers in ``order``."""
        if order is None:
            return zip(self.texts, self.articles, strict=True)
        return ((self.texts[place], self.articles[place]) for place in order)

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


def _orders(files: Sequence[_File], builder: TaskBuilder) -> list[list[int] | None]:
    """For each file, the indices of its records in the order of the segments; None if the two are the same.

    Records belong together by id if all files have ids, else by position, provided that the files with ids have them in the
    same order; the first file has the order of the segments.
    """
    with_ids = [file for file in files if file.places]
    orders: list[list[int] | None] = [None]
    for other in with_ids[1:]:
        first = with_ids[0]
        for one, another in ((first, other), (other, first)):
            if lacking := [id_ for id_ in one.places if id_ not in another.places]:
                raise BenchmarkError(f"{another.table.name}: no segment {lacking[0]!r}, which {one.table.name} has")
        order = [other.places[id_] for id_ in first.places]
        orders.append(None if order == list(range(len(order))) else order)
        if orders[-1]:
            builder.unordered = f"{first.table.name} and {other.table.name} have the segments in different orders"
    if len(with_ids) < len(files):
        _check_positions(files, builder)
        return [None] * len(files)
    if not builder.unordered and files[0].numbering.shuffled:
        builder.unordered = f"{files[0].table.name} has its segments not in the order of their numbers"
    return orders


def _check_positions(files: Sequence[_File], builder: TaskBuilder) -> None:
    """:raises BenchmarkError: if the files differ in length, or the order of their records is uncertain."""
    for file in files:
        if len(file.ids) != len(files[0].ids):
            other = f"{files[0].table.name} has {len(files[0].ids):,}"
            problem = f"{count(len(file.ids), 'line')}, but {other}"
            raise BenchmarkError(f"{file.table.name}: {problem}; line i of each belongs to segment i")
    if builder.unordered:
        file = next(file for file in files if not file.places)
        advice = "sort the records of the two alike, or give all files ids"
        raise BenchmarkError(f"{file.table.name}: no ids, but {builder.unordered}; {advice}")
    for file in files:
        if column := file.numbering.shuffled:
            builder.unordered = f"{column} of {file.table.name} numbers the segments in another order than its records"
            if len(files) > 1:
                advice = "sort the records by it, or name ids that all files have with --field id=COLUMN"
                raise BenchmarkError(f"{builder.unordered}; {advice}")
    _check_texts(files)


def _check_texts(files: Sequence[_File]) -> None:
    """:raises BenchmarkError: if two files without common ids have texts in common, but in different orders."""
    tables = [file for file in files if file.table.kind != "text"]
    for file, other in product(tables, files):
        own = other.numbering.texts if other in tables else {"": hashes(texts[0] for texts in other.texts)}
        for name, column in file.numbering.texts.items() if other is not file else ():
            for place in (misplaced(column, texts) for texts in own.values()):
                if place is not None:
                    where, which = file.table.place(file.numbers[place]), f"of another line of {other.table.name}"
                    advice = "sort the records of the two alike, or give all files ids"
                    raise BenchmarkError(f"{where}: the column {name!r} has the text {which}; {advice}")
