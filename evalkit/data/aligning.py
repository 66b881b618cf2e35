"""Builds a task from files with one role each: references, sources, and the articles of the segments."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from evalkit.data.building import Segments, id_text, languages_of
from evalkit.data.columns import GroupedColumn, TextWriter
from evalkit.data.fields import ROLES, Fields
from evalkit.data.formats import open_table
from evalkit.data.formats.file_format import Table
from evalkit.data.opening import check_text, is_missing, named_path, stem_of
from evalkit.data.tasks import Task
from evalkit.errors import BenchmarkError, few
from evalkit.text.languages import Pair, parse_pair
from evalkit.wording import count


def align(
    references: Sequence[str | Path],
    *,
    lang: str | None,
    source: str | Path | None = None,
    docids: str | Path | None = None,
    task: str | None = None,
    fields: Fields | None = None,
) -> tuple[Task, str]:
    """Build a task from one file per role, and a name for it.

    Segments are matched by id if all files have ids, otherwise by position.

    :raises BenchmarkError: if files differ in length or in their ids; the message names both files.
    """
    if not references and source is None:
        raise BenchmarkError("give --reference files, or --source for metrics that need no reference")
    given = [(path, "references") for path in references]
    given += [(path, role) for path, role in ((source, "source"), (docids, "article")) if path is not None]
    asked = parse_pair(lang) if lang else Pair(None, "")
    sides = [_read(path, role, fields or Fields(), asked) for path, role in given]
    by_role = {role: [side for side in sides if side.role == role] for role in ("references", "source", "article")}
    first, named = sides[0], by_role["references"]
    sources, targets = zip(*(side.table.languages for side in sides), strict=True)
    languages = next(filter(None, sources), None), next(filter(None, targets), None)
    pair = languages_of(replace(first.table, languages=languages), lang)
    _put_in_order(sides)
    titles = _titles(named)
    texts, ends, blank = _together(named, len(first))
    segments = Segments(
        name=first.table.name,
        pair=pair,
        ids=first.ids or tuple(map(str, range(1, len(first) + 1))),
        references=texts,
        ends=ends,
        sources=by_role["source"][0].column() if by_role["source"] else None,
        articles=_articles(sides, by_role["article"]),
        reference_names=titles,
        blank=Counter(place + 1 for places in blank.values() for place in places),
        first_blank=first.table.place(next(iter(blank), 0) + 1),
        files={role: ", ".join(dict.fromkeys(side.table.name for side in of)) for role, of in by_role.items() if of},
    )
    origin = first.table.name if all(side.ids is None for side in sides) else ""
    return segments.task(task, origin=origin), named[0].title if named else Path(first.table.name).name


@dataclass
class _Side:
    """The texts of one file for one role, with ids and articles if available.

    :param ends: the texts of record i are at ``ends[i]`` to ``ends[i + 1]``.
    :param order: the positions of its records in the order of the first file; None if the order is the same.
    """

    role: str
    title: str
    table: Table
    texts: TextWriter
    ends: array[int]
    ids: list[str] | None
    articles: list[str] | None
    order: list[int] | None = None

    def __len__(self) -> int:
        return len(self.ends) - 1

    def column(self) -> Sequence[str]:
        """The texts in order, if there is one per record."""
        return self.texts.column(self.order)

    def groups(self) -> Sequence[Sequence[str]]:
        """The texts of each record, in order."""
        column = GroupedColumn(self.texts.column(), np.frombuffer(self.ends, np.int64))
        return column if self.order is None else [column[i] for i in self.order]


def _read(path: str | Path, role: str, fields: Fields, asked: Pair) -> _Side:
    title, file = named_path(path)
    table = open_table(file, fields)
    texts, ends = TextWriter(), array("q", [0])
    ids: list[str] = []
    articles: list[str] = []
    pair = Pair(asked.source or table.languages[0], asked.target or table.languages[1] or "")
    for number, record in table.rows:
        if table.kind == "text":
            found = [record["text"]]  # lines are already validated texts
        else:
            where = table.place(number)
            found = [check_text(text, f"{where}: the {role}") for text in _texts(record, role, fields, pair, where)]
            id_, article = id_text(fields.get(record, "id")), id_text(fields.get(record, "article"))
            ids += [id_] if id_ is not None else []
            articles += [sys.intern(article)] if article is not None else []
        for text in found:
            if role != "references" or text.strip():
                texts.append(text)
        ends.append(len(texts))
    n = len(ends) - 1
    if ids and len(set(ids)) < n:
        raise BenchmarkError(f"{table.name}: ids that are missing or occur twice")
    if role == "references" and not len(texts):
        raise BenchmarkError(f"{table.name}: all references are blank")
    name = title or ("pipe" if stem_of(file) == "pipe" else Path(file).name)
    return _Side(role, name, table, texts, ends, ids or None, articles if len(articles) == n else None)


def _texts(record: Mapping[str, Any], role: str, fields: Fields, pair: Pair, where: str) -> list[Any]:
    if role == "references":
        texts = fields.references(record, pair.target or None)
        if texts is not None:
            return ["" if is_missing(text) else text for text in texts]
    else:
        value = fields.source(record, pair.source) if role == "source" else fields.get(record, role)
        if value is not None:
            return [str(value) if role == "article" else value]
    if isinstance(record.get("text"), str):
        return [record["text"].strip() if role == "article" else record["text"]]
    if "text" in record and role == "references":
        return [""]
    expected = ROLES[role][0] if role != "references" else "reference"
    raise BenchmarkError(f"{where}: no {expected}; the fields are {few(record)}. Name it with --field {role}=COLUMN")


def _titles(references: Sequence[_Side]) -> list[str]:
    """The titles of the references; none if a file has several references per segment."""
    if any(len(side) < len(side.texts) for side in references):
        return []
    titles = [side.title for side in references]
    if doubles := [side for i, side in enumerate(references) if side.title in titles[:i]]:
        name = doubles[0].table.name
        raise BenchmarkError(
            f"{name}: a reference called {doubles[0].title!r} was given already; write --reference NAME={name} to name it"
        )
    return titles


def _put_in_order(sides: Sequence[_Side]) -> None:
    """Put the records of all files into the order of the first file, if all have ids."""
    first = sides[0]
    if any(side.ids is None for side in sides):
        for side in sides[1:]:
            if len(side) != len(first):
                raise BenchmarkError(
                    f"{side.table.name}: {count(len(side), 'line')}, but {first.table.name} has {len(first):,}; line i of "
                    "each belongs to segment i"
                )
        return
    ids = first.ids or []
    for side in sides[1:]:
        place = {id_: i for i, id_ in enumerate(side.ids or ())}
        if missing := [id_ for id_ in ids if id_ not in place]:
            raise BenchmarkError(f"{side.table.name}: no segment {missing[0]!r}, which {first.table.name} has")
        if extra := place.keys() - set(ids):
            named = min(extra, key=lambda id_: place[id_])
            raise BenchmarkError(f"{first.table.name}: no segment {named!r}, which {side.table.name} has")
        side.order = [place[id_] for id_ in ids]
        side.articles = side.articles and [side.articles[i] for i in side.order]


def _articles(sides: Sequence[_Side], named: Sequence[_Side]) -> list[str]:
    """The articles of the segments: from the file of articles, else from the first file with a column of them."""
    articles = [sys.intern(article.strip()) for side in named for article in side.column()]
    if "" in articles:
        where = named[0].table.place(articles.index("") + 1)
        raise BenchmarkError(f"{where}: no article; give the article of every segment")
    return articles or next((side.articles for side in sides if side.articles), [])


def _together(references: Sequence[_Side], n: int) -> tuple[Sequence[str], array[int], dict[int, list[int]]]:
    """The references of all files, their ends, and by segment the places of those that are blank beside others."""
    blank: dict[int, list[int]] = {}
    if len(references) == 1 and references[0].order is None:
        return references[0].texts.column(), references[0].ends, blank
    texts, ends = TextWriter(), array("q", [0] * (1 if references else n + 1))
    for i, groups in enumerate(zip(*(side.groups() for side in references), strict=True)):
        for text in chain(*groups):
            texts.append(text)
        if any(groups) and not all(groups):
            blank[i] = [place for place, group in enumerate(groups) if not group]
        ends.append(len(texts))
    return texts.column(), ends, blank
