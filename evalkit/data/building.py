"""Builds a task from records of any file format."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from evalkit.data.columns import GroupedColumn, TextWriter
from evalkit.data.fields import ROLES, Fields, nested_names
from evalkit.data.formats import open_table
from evalkit.data.formats.file_format import Table
from evalkit.data.opening import check_text, is_missing, kind_of, named_path, stem_of
from evalkit.data.tasks import DEFAULT_METRICS, Task
from evalkit.data.text_checks import check_language, check_texts
from evalkit.errors import BenchmarkError, InputError, SettingError, did_you_mean, few
from evalkit.files import tell
from evalkit.text.languages import Pair, language, parse_pair
from evalkit.wording import count

#: article ids longer than this are probably texts in the wrong column.
_LONGEST_ID = 200


def languages_of(table: Table, lang: str | None) -> Pair:
    """The languages of a file: as given by the user, or as specified in the file.

    :raises SettingError: if there are none, or they are contradictory.
    """
    pair = parse_pair(lang) if lang else None
    source, target = table.languages
    if pair is None:
        if target is None:
            raise SettingError(
                f"{table.name}: which languages? Give source and target: --lang zh-en (lang=zh-en in Python)"
            )
        return parse_pair(f"{source}:{target}" if source else target)
    for side, named, asked in (("source", source, pair.source), ("target", target, pair.target)):
        if named and asked and language(named) != language(asked):
            raise SettingError(
                f"{table.name}: the {side} language is {named} in the file, but {asked} in --lang {lang}"
            )
    return Pair(pair.source or source, pair.target)


def build_task(
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    pair: Pair,
    *,
    name: str,
    task: str | None = None,
    fields: Fields | None = None,
    reference_names: Sequence[str] = (),
    number: bool = False,
    uniform: bool = False,
) -> Task:
    """A checked task.

    :param rows: the position of each record, for messages, and its fields.
    :param name: of the data, for messages.
    :param task: the name of the task; by default derived from the languages.
    :param number: number the segments from 1, ignoring any ids in the records.
    :param uniform: whether all records have the same fields, so that the first one shows if there are any texts.
    :raises BenchmarkError: for a missing or duplicate id, a text of the wrong type, or a text instead of an id; the
        message names the record.
    """
    builder = _Builder(name, pair, fields or Fields(), task_names(pair, task), number, uniform)
    for where, record in rows:
        builder.add(where, record)
    return builder.task(reference_names)


def task_names(pair: Pair, task: str | None) -> tuple[str, str]:
    """The name and kind of the task for a language pair.

    :raises SettingError: if the name is that of a task with another target language.
    """
    target = language(pair.target)
    usual = f"{'summarize' if pair.same else 'translate'}-{target}"
    name = task or usual
    verb, _, of = name.partition("-")
    if verb in ("summarize", "translate") and of and of != target:
        raise SettingError(f"--task {name}: the outputs are in {target}, so the task is called {verb}-{target}")
    hint = did_you_mean(verb, ("summarize", "translate"), cutoff=0.75) if of == target else ""
    if hint and verb not in ("summarize", "translate"):
        raise SettingError(f"--task {name}: a task is called {usual}, or has a name of your own{hint}")
    return name, "summary" if name.startswith("summar") else "translation"


@dataclass
class _Builder:
    name: str
    pair: Pair
    fields: Fields
    names: tuple[str, str]
    number: bool
    uniform: bool = False
    ids: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    references: TextWriter = field(default_factory=TextWriter)
    counts: array[int] = field(default_factory=lambda: array("q", [0]))
    sources: TextWriter = field(default_factory=TextWriter)
    articles: list[str] = field(default_factory=list)
    dates: list[str | None] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)
    #: the number of blank references by their position in a segment, and the first segment with one.
    blank: Counter[int] = field(default_factory=Counter)
    first_blank: str = ""
    asked: bool = False
    columns: tuple[str, ...] = ()
    #: names of the files by role, for messages.
    files: Mapping[str, str] = field(default_factory=dict)
    numbered: bool | None = None
    reference_names: tuple[str, ...] | None = None

    def _file(self, role: str) -> str:
        return self.files.get(role, self.name)

    def add(self, where: str, record: Mapping[str, Any]) -> None:
        try:
            if not self.columns:
                self._look_at_columns(where, record)
            id_ = self._id(where, record)
            at = where if self.numbered else f"{where} (id {id_!r})"
            self._add_references(at, record)
            source = self.fields.source(record, self.pair.source)
            if source is not None:
                self._complete("source", len(self.sources), where)
                self.sources.append(check_text(source, f"{at}: the source"))
            elif len(self.sources):
                raise InputError(f"{at}: no source, though other segments have one; give all or none")
            self._add_article(at, record)
            date = self.fields.get(record, "date")
            self.dates.append(None if date in (None, "") else check_text(str(date), f"{at}: the date"))
            self.domains.append(str(self.fields.get(record, "domain") or ""))
        except BenchmarkError:
            raise
        except InputError as error:
            message = str(error)
            raise BenchmarkError(message if where in message else f"{where}: {message}") from None
        names = tuple(record.get("reference_names") or ())
        self.reference_names = names if self.reference_names in (None, names) else ()

    def take(self, sides: Sequence[_Side]) -> None:
        """Use the columns of line-aligned files directly, without iterating over the records."""
        self.ids = list(map(str, range(1, len(sides[0]) + 1)))
        self.counts = array("q", bytes(8 * (len(self.ids) + 1)))
        for side in sides:
            if side.role == "references":
                self.references, self.counts, self.asked = side.texts, side.ends, True
            elif side.role == "source":
                self.sources = side.texts
            if side.role == "article":
                self.articles = [sys.intern(article.strip()) for article in side.texts.column()]
            elif side.articles is not None and not self.articles:
                self.articles = side.articles

    def _complete(self, what: str, length: int, where: str) -> None:
        if length < len(self.ids) - 1:
            raise InputError(f"{where}: a {what}, though earlier segments have none; give all or none")

    def _id(self, where: str, record: Mapping[str, Any]) -> str:
        value = None if self.number else self.fields.get(record, "id")
        if self.numbered is None:
            self.numbered = value is None and (self.number or self.fields.column("id", record) is None)
        id_ = str(len(self.ids) + 1) if self.numbered else id_text(value)
        if id_ is None:
            raise InputError(f"{where}: the id is {kind_of(value)}; give each segment a text of its own as id")
        if self.numbered and value is not None:
            raise InputError(f"{where}: an id, though earlier records have none; give all or none")
        if not self.numbered:
            if id_ in self.seen:
                raise InputError(
                    f"{where}: duplicate id {id_!r} (first seen as segment {self.ids.index(id_) + 1:,}); if the rows are of "
                    "several systems, name the column with their names: --field system=COLUMN"
                )
            self.seen.add(id_)
        self.ids.append(id_)
        return id_

    def _add_references(self, at: str, record: Mapping[str, Any]) -> None:
        texts = self.fields.references(record, self.pair.target)
        if texts is None and isinstance(record.get("text"), str | list) and not self.fields.names("text"):
            texts = record["text"] if isinstance(record["text"], list) else [record["text"]]
        self.asked = self.asked or texts is not None
        blank = [is_missing(text) or (isinstance(text, str) and not text.strip()) for text in texts or ()]
        present_texts = [text for text, left_out in zip(texts or (), blank, strict=True) if not left_out]
        if present_texts and any(blank):
            self.blank.update(i + 1 for i, left_out in enumerate(blank) if left_out)
            self.first_blank = self.first_blank or at
        for text in present_texts:
            self.references.append(check_text(text, f"{at}: a reference"))
        self.counts.append(len(self.references))

    def _add_article(self, at: str, record: Mapping[str, Any]) -> None:
        value = self.fields.get(record, "article")
        if value is None or value == "":
            if self.articles:
                raise InputError(f"{at}: no article, though other segments have one; give all or none")
            return
        self._complete("article", len(self.articles), at)
        article = id_text(value)
        if article is None:
            inner = f": --field article={self.fields.column('article', record)}.NAME" if isinstance(value, dict) else ""
            raise InputError(f"{at}: the article is {kind_of(value)}; give the id of the article{inner}")
        if len(article) > _LONGEST_ID:
            column = self.fields.column("article", record) or "article"
            raise InputError(
                f"{at}: the id of the article has {len(article):,} characters: this is a text. If {column!r} is the source, "
                f"write --field source={column}"
            )
        self.articles.append(sys.intern(article))

    def _look_at_columns(self, where: str, record: Mapping[str, Any]) -> None:
        self.columns = tuple(nested_names(record))
        self.fields.refuse_doubles(record)
        if self.uniform and not self._has_texts(record):
            self._add_article(where, record)  # which may be a text
            raise self._without_texts()

    def _has_texts(self, record: Mapping[str, Any]) -> bool:
        """Whether a record has a field for references or sources, even if it is empty."""
        known = {"text", "translation"} & {*record} or {"source", "references"} & {*self.fields.named}
        return bool(known or self.fields.column("source", record) or self.fields.references(record))

    def _without_texts(self) -> BenchmarkError:
        return BenchmarkError(
            f"{self.name}: neither references nor sources; the columns are {few(map(repr, self.columns))}. "
            "Name them with --field references=COLUMN or --field source=COLUMN"
        )

    def task(self, reference_names: Sequence[str]) -> Task:
        n = len(self.ids)
        if not n:
            raise BenchmarkError(f"{self.name}: the benchmark has no segments")
        name, kind = self.names
        ends = np.frombuffer(self.counts, np.int64)
        texts = self.references.column()
        if self.asked and not len(texts):
            raise BenchmarkError(f"{self.name}: all references are blank")
        if not len(self.sources) and not len(texts):
            raise self._without_texts()
        sources = self.sources.column() if len(self.sources) else None
        self._check(texts, sources, ends)
        self._check_articles(texts, sources)
        uniform = bool((np.diff(ends) == ends[1]).all()) and not self.blank
        by_article = tuple(self.articles) or (tuple(self.ids) if kind == "summary" else None)
        references = GroupedColumn(texts, ends)
        return Task(
            name=name,
            lang=language(self.pair.target),
            kind=kind,
            ids=tuple(self.ids),
            references=tuple(references) if isinstance(texts, tuple) else references,
            articles=by_article,
            sources=sources,
            source_lang=language(self.pair.source) if self.pair.source else None,
            dates=tuple(self.dates) if any(self.dates) else None,
            metrics=_metrics(kind, self.pair, bool(len(texts)), sources is not None),
            reference_names=tuple(reference_names or self.reference_names or ()) if uniform else (),
            fields={"domain": tuple(self.domains)} if any(self.domains) else {},
        )

    def _check_articles(self, texts: Sequence[str], sources: Sequence[str] | None) -> None:
        """:raises BenchmarkError: if the ids of the articles are the texts themselves."""
        for column in (sources, texts):
            if column is None or not len(self.articles) == len(column) > 1:
                continue
            if all(article == text.strip() for article, text in zip(self.articles, column, strict=True)):
                raise BenchmarkError(
                    f"{self._file('article')}: the ids of the articles are the texts of the segments; give the column or "
                    "file that says which segments belong together"
                )

    def _check(self, texts: Sequence[str], sources: Sequence[str] | None, ends: Any) -> None:
        if len(texts):
            check_language(texts, self.pair.target, f"{self._file('references')}: the references")
            check_texts(texts, f"{self._file('references')}: references")
        if sources is not None:
            what = f"{self._file('source')}: the sources"
            check_texts(sources, what)
            if self.pair.source:
                advice = (
                    "give the file or column with the sources, or the language that they are in with --lang SRC-TGT"
                )
                check_language(sources, self.pair.source, what, advice=advice)
        if self.blank:
            counts = ", ".join(f"{count(n, 'time')} reference {i}" for i, n in sorted(self.blank.items()))
            tell(
                f"{self._file('references')}: blank or missing references beside others are left out ({counts}), the first "
                f"at {self.first_blank}"
            )
        without = np.flatnonzero(np.diff(ends) == 0)
        if len(texts) and len(without):
            tell(
                f"{self._file('references')}: {len(without):,} of {len(self.ids):,} segments have no reference, the first is "
                f"{self.ids[int(without[0])]!r}; metrics that need one do not score them"
            )


def _metrics(kind: str, pair: Pair, references: bool, sources: bool) -> tuple[str, ...]:
    checked = {language(tag) if tag else "" for tag in pair} <= {"zh", "en"}
    facts = ("Quantities",) if sources and checked else ()
    return (*DEFAULT_METRICS[kind], *facts) if references else (*facts, "Health")


def position_id(position: int) -> str:
    """The id of a sample that has only a number in its log, counted from 0."""
    return f"sample-{position}"


def id_text(value: Any) -> str | None:
    """Convert an id to a string; None if the value is not an id."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


# -- files with one role each ---------------------------------------------------------------------------------------


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
    fields = fields or Fields()
    if not references and source is None:
        raise BenchmarkError("give --reference files, or --source for metrics that need no reference")
    paths_and_roles = [(path, "references") for path in references]
    paths_and_roles += [(path, role) for path, role in ((source, "source"), (docids, "article")) if path is not None]
    asked = parse_pair(lang) if lang else Pair(None, "")
    sides = [_Side.read(path, role, fields, asked) for path, role in paths_and_roles]
    first = sides[0]
    named = [side for side in sides if side.role == "references"]
    pair = languages_of(replace(first.table, languages=_languages(sides)), lang)
    order = _order(sides)
    titles = _titles(named)
    files = {
        role: ", ".join(dict.fromkeys(side.name for side in sides if side.role == role)) for _, role in paths_and_roles
    }
    builder = _Builder(first.name, pair, Fields(), task_names(pair, task), first.ids is None, files=files)
    if first.ids is None and len(named) <= 1:
        builder.take(sides)
    else:
        for where, record in _rows(sides, order, first):
            builder.add(where, record)
    task_ = builder.task(titles)
    origin = first.name if all(side.ids is None for side in sides) else ""
    return replace(task_, origin=origin), named[0].title if named else Path(first.name).name


def _titles(references: Sequence[_Side]) -> list[str]:
    """The titles of the references; none if a file has several references per segment."""
    titles = [side.title for side in references] if all(side.single for side in references) else []
    if doubles := [side for i, side in enumerate(references) if side.title in titles[:i]]:
        raise BenchmarkError(
            f"{doubles[0].name}: a reference called {doubles[0].title!r} was given already; write "
            f"--reference NAME={doubles[0].name} to name it"
        )
    return titles


def _languages(sides: Sequence[_Side]) -> tuple[str | None, str | None]:
    languages = [side.table.languages for side in sides]
    return next((a for a, _ in languages if a), None), next((b for _, b in languages if b), None)


@dataclass
class _Side:
    """The texts of one file for one role, with ids and articles if available."""

    role: str
    name: str
    title: str
    table: Table
    texts: TextWriter
    ends: array[int]
    ids: list[str] | None
    articles: list[str] | None

    @property
    def single(self) -> bool:
        """Whether it has at most one text per segment."""
        return len(self.ends) - 1 >= len(self.texts)

    def __len__(self) -> int:
        return len(self.ends) - 1

    @classmethod
    def read(cls, path: str | Path, role: str, fields: Fields, asked: Pair) -> _Side:
        title, file = named_path(path)
        table = open_table(file, fields)
        writer, ends = TextWriter(), array("q", [0])
        ids: list[str] = []
        articles: list[str] = []
        pair = Pair(asked.source or table.languages[0], asked.target or table.languages[1] or "")
        plain = table.kind == "text"
        for number, record in table.rows:
            if plain:
                # Lines are already validated texts. A blank line is not a reference.
                if role != "references" or record["text"].strip():
                    writer.append(record["text"])
            else:
                where = table.place(number)
                for text in _texts(record, role, fields, pair, where):
                    checked = check_text(text, f"{where}: the {role}")
                    if role != "references" or checked.strip():
                        writer.append(checked)
                id_, article = id_text(fields.get(record, "id")), id_text(fields.get(record, "article"))
                ids += [id_] if id_ is not None else []
                articles += [sys.intern(article)] if article is not None else []
            ends.append(len(writer))
        n = len(ends) - 1
        if ids and len(set(ids)) < n:
            raise BenchmarkError(f"{table.name}: ids that are missing or occur twice")
        if role == "references" and not len(writer):
            raise BenchmarkError(f"{table.name}: all references are blank")
        return cls(
            role,
            table.name,
            title or ("pipe" if stem_of(file) == "pipe" else Path(file).name),
            table,
            writer,
            ends,
            ids or None,
            articles if len(articles) == n else None,
        )


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


def _order(sides: Sequence[_Side]) -> list[list[int]] | None:
    """For each file, the positions of its records in the order of the first file; None if the order is the same."""
    first = sides[0]
    if any(side.ids is None for side in sides):
        for side in sides[1:]:
            if len(side) != len(first):
                raise BenchmarkError(
                    f"{side.name}: {count(len(side), 'line')}, but {first.name} has {len(first):,}; line i of each belongs to "
                    "segment i"
                )
        return None
    orders: list[list[int]] = []
    for side in sides:
        place = {id_: i for i, id_ in enumerate(side.ids or ())}
        if missing := [id_ for id_ in first.ids or () if id_ not in place]:
            raise BenchmarkError(f"{side.name}: no segment {missing[0]!r}, which {first.name} has")
        if len(place) > len(first):
            extra = next(id_ for id_ in side.ids or () if id_ not in set(first.ids or ()))
            raise BenchmarkError(f"{first.name}: no segment {extra!r}, which {side.name} has")
        orders.append([place[id_] for id_ in first.ids or ()])
    return orders


def _rows(
    sides: Sequence[_Side], orders: list[list[int]] | None, first: _Side
) -> Iterable[tuple[str, Mapping[str, Any]]]:
    columns = [(side, GroupedColumn(side.texts.column(), np.frombuffer(side.ends, np.int64))) for side in sides]
    articles = next((side.articles for side in sides if side.articles is not None and side.role != "article"), None)
    for start in range(0, len(first), 4096):
        stop = min(start + 4096, len(first))
        parts = [
            column[start:stop] if orders is None else [column[j] for j in orders[k][start:stop]]
            for k, (_, column) in enumerate(columns)
        ]
        for i in range(start, stop):
            record: dict[str, Any] = {}
            if first.ids is not None:
                record["id"] = first.ids[i]
            if articles is not None:
                record["article"] = articles[i]
            for (side, _), part in zip(columns, parts, strict=True):
                texts = part[i - start]
                if side.role == "references":
                    record.setdefault("references", []).extend(texts or [""])
                else:
                    record[side.role] = texts[0] if texts else ""
            yield first.table.place(i + 1), record
