"""Builds a task from its segments: records of any file format, or columns of texts."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evalkit.data.columns import GroupedColumn, TextWriter
from evalkit.data.fields import Fields, nested_names
from evalkit.data.formats.file_format import Table
from evalkit.data.opening import check_text, is_missing, kind_of
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
    source, target = table.languages
    if not lang:
        if target is None:
            raise SettingError(
                f"{table.name}: which languages? Give source and target: --lang zh-en (lang=zh-en in Python)"
            )
        return parse_pair(f"{source}:{target}" if source else target)
    pair = parse_pair(lang)
    for side, named, asked in (("source", source, pair.source), ("target", target, pair.target)):
        if named and asked and language(named) != language(asked):
            raise SettingError(
                f"{table.name}: the {side} language is {named} in the file, but {asked} in --lang {lang}"
            )
    return Pair(pair.source or source, pair.target)


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


def position_id(position: int) -> str:
    """The id of a sample that has only a number in its log, counted from 0."""
    return f"sample-{position}"


def id_text(value: Any) -> str | None:
    """Convert an id to a string; None if the value is not an id."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


@dataclass
class Segments:
    """The columns of a task.

    :param name: of the data, for messages; ``files`` has other names by role.
    :param references: the texts of all references; those of segment i are at ``ends[i]`` to ``ends[i + 1]``.
    :param blank: how often a reference is blank beside others, by its position from 1, and where the first one is.
    """

    name: str
    pair: Pair
    ids: Sequence[str]
    references: Sequence[str]
    ends: array[int]
    sources: Sequence[str] | None = None
    articles: Sequence[str] = ()
    dates: Sequence[str | None] = ()
    domains: Sequence[str] = ()
    reference_names: Sequence[str] = ()
    blank: Mapping[int, int] = field(default_factory=dict)
    first_blank: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def task(self, task: str | None, *, origin: str = "") -> Task:
        """The checked task.

        :param task: its name; by default derived from the languages.
        :raises BenchmarkError: for texts that cannot be what they are given for.
        """
        name, kind = task_names(self.pair, task)
        if not self.ids:
            raise BenchmarkError(f"{self.name}: the benchmark has no segments")
        ends = np.frombuffer(self.ends, np.int64)
        counts = np.diff(ends)
        self._check_references(counts)
        self._check_sources()
        self._check_articles()
        references = GroupedColumn(self.references, ends)
        languages = {language(tag) if tag else "" for tag in self.pair}
        facts = ("Quantities",) if self.sources and languages <= {"zh", "en"} else ()
        return Task(
            name=name,
            lang=language(self.pair.target),
            kind=kind,
            ids=tuple(self.ids),
            references=tuple(references) if isinstance(self.references, tuple) else references,
            articles=tuple(self.articles) or (tuple(self.ids) if kind == "summary" else None),
            sources=self.sources,
            source_lang=language(self.pair.source) if self.pair.source else None,
            dates=tuple(self.dates) if any(self.dates) else None,
            metrics=(*DEFAULT_METRICS[kind], *facts) if len(self.references) else (*facts, "Health"),
            reference_names=tuple(self.reference_names) if not self.blank and (counts == counts[0]).all() else (),
            fields={"domain": tuple(self.domains)} if any(self.domains) else {},
            origin=origin,
        )

    def _file(self, role: str) -> str:
        return self.files.get(role, self.name)

    def _check_references(self, counts: Any) -> None:
        file = self._file("references")
        if len(self.references):
            check_language(self.references, self.pair.target, f"{file}: the references")
            check_texts(self.references, f"{file}: references")
        if self.blank:
            blank = ", ".join(f"{count(n, 'time')} reference {i}" for i, n in sorted(self.blank.items()))
            tell(
                f"{file}: blank or missing references beside others are left out ({blank}), the first at {self.first_blank}"
            )
        without = np.flatnonzero(counts == 0)
        if len(self.references) and len(without):
            tell(
                f"{file}: {len(without):,} of {count(len(self.ids), 'segment')} have no reference, the first is "
                f"{self.ids[int(without[0])]!r}; metrics that need one do not score them"
            )

    def _check_sources(self) -> None:
        if self.sources is None:
            return
        what = f"{self._file('source')}: the sources"
        check_texts(self.sources, what)
        if self.pair.source:
            advice = "give the file or column with the sources, or the language that they are in with --lang SRC-TGT"
            check_language(self.sources, self.pair.source, what, advice=advice)

    def _check_articles(self) -> None:
        """:raises BenchmarkError: if the ids of the articles are the texts themselves."""
        for column in (self.sources, self.references):
            if column is None or not len(self.articles) == len(column) > 1:
                continue
            if all(article == text.strip() for article, text in zip(self.articles, column, strict=True)):
                raise BenchmarkError(
                    f"{self._file('article')}: the ids of the articles are the texts of the segments; give the column or "
                    "file that says which segments belong together"
                )


def build_task(
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    pair: Pair,
    *,
    name: str,
    task: str | None = None,
    fields: Fields | None = None,
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
    task_names(pair, task)  # before the records are read
    reader = _Records(name, pair, fields or Fields(), number, uniform)
    for where, record in rows:
        reader.add(where, record)
    return reader.segments().task(task)


@dataclass
class _Records:
    """Collects the columns of a task from its records."""

    name: str
    pair: Pair
    fields: Fields
    number: bool
    uniform: bool
    ids: dict[str, None] = field(default_factory=dict)
    references: TextWriter = field(default_factory=TextWriter)
    ends: array[int] = field(default_factory=lambda: array("q", [0]))
    sources: TextWriter = field(default_factory=TextWriter)
    articles: list[str] = field(default_factory=list)
    dates: list[str | None] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)
    reference_names: set[tuple[str, ...]] = field(default_factory=set)
    blank: Counter[int] = field(default_factory=Counter)
    first_blank: str = ""
    #: whether there is a field for references, whether the segments are numbered, and the columns of the first record.
    asked: bool = False
    numbered: bool | None = None
    columns: tuple[str, ...] = ()

    def add(self, where: str, record: Mapping[str, Any]) -> None:
        try:
            if not self.columns:
                self._look_at_columns(where, record)
            id_ = self._id(where, record)
            self.ids[id_] = None
            at = where if self.numbered else f"{where} (id {id_!r})"
            self._add_references(at, record)
            source = self.fields.source(record, self.pair.source)
            if self._all_or_none(source, "source", len(self.sources), at):
                self.sources.append(check_text(source, f"{at}: the source"))
            self._add_article(at, record)
            date = self.fields.get(record, "date")
            self.dates.append(None if date in (None, "") else check_text(str(date), f"{at}: the date"))
            self.domains.append(str(self.fields.get(record, "domain") or ""))
        except BenchmarkError:
            raise
        except InputError as error:
            message = str(error)
            raise BenchmarkError(message if where in message else f"{where}: {message}") from None
        self.reference_names.add(tuple(record.get("reference_names") or ()))

    def segments(self) -> Segments:
        """:raises BenchmarkError: if there are neither references nor sources."""
        references, sources = self.references.column(), self.sources.column()
        if self.ids and self.asked and not len(references):
            raise BenchmarkError(f"{self.name}: all references are blank")
        if self.ids and not len(sources) and not len(references):
            raise self._without_texts()
        return Segments(
            name=self.name,
            pair=self.pair,
            ids=tuple(self.ids),
            references=references,
            ends=self.ends,
            sources=sources if len(sources) else None,
            articles=self.articles,
            dates=self.dates,
            domains=self.domains,
            reference_names=self.reference_names.pop() if len(self.reference_names) == 1 else (),
            blank=self.blank,
            first_blank=self.first_blank,
        )

    def _all_or_none(self, value: Any, what: str, earlier: int, at: str) -> bool:
        """Whether the record has a value.

        :raises InputError: if earlier records have none, or some have one and this one does not.
        """
        if value is None and earlier:
            raise InputError(f"{at}: no {what}, though other segments have one; give all or none")
        if value is not None and earlier < len(self.ids) - 1:
            raise InputError(f"{at}: the first {what}, though earlier segments have none; give all or none")
        return value is not None

    def _id(self, where: str, record: Mapping[str, Any]) -> str:
        value = None if self.number else self.fields.get(record, "id")
        if self.numbered is None:
            self.numbered = value is None and (self.number or self.fields.column("id", record) is None)
        if self.numbered:
            if value is not None:
                raise InputError(f"{where}: an id, though earlier records have none; give all or none")
            return str(len(self.ids) + 1)
        id_ = id_text(value)
        if id_ is None:
            raise InputError(f"{where}: the id is {kind_of(value)}; give each segment a text of its own as id")
        if id_ in self.ids:
            raise InputError(
                f"{where}: duplicate id {id_!r} (first seen as segment {list(self.ids).index(id_) + 1:,}); if the rows are of "
                "several systems, name the column with their names: --field system=COLUMN"
            )
        return id_

    def _add_references(self, at: str, record: Mapping[str, Any]) -> None:
        texts = self.fields.references(record, self.pair.target)
        if texts is None and isinstance(record.get("text"), str | list) and not self.fields.names("text"):
            texts = record["text"] if isinstance(record["text"], list) else [record["text"]]
        self.asked = self.asked or texts is not None
        present = {
            i: text
            for i, text in enumerate(texts or (), 1)
            if not is_missing(text) and not (isinstance(text, str) and not text.strip())
        }
        if 0 < len(present) < len(texts or ()):
            self.blank.update(i for i in range(1, len(texts or ()) + 1) if i not in present)
            self.first_blank = self.first_blank or at
        for text in present.values():
            self.references.append(check_text(text, f"{at}: a reference"))
        self.ends.append(len(self.references))

    def _add_article(self, at: str, record: Mapping[str, Any]) -> None:
        value = self.fields.get(record, "article")
        if not self._all_or_none(None if value == "" else value, "article", len(self.articles), at):
            return
        article = id_text(value)
        column = self.fields.column("article", record) or "article"
        if article is None:
            inner = f": --field article={column}.NAME" if isinstance(value, dict) else ""
            raise InputError(f"{at}: the article is {kind_of(value)}; give the id of the article{inner}")
        if len(article) > _LONGEST_ID:
            raise InputError(
                f"{at}: the id of the article has {len(article):,} characters: this is a text. If {column!r} is the source, "
                f"write --field source={column}"
            )
        self.articles.append(sys.intern(article))

    def _look_at_columns(self, where: str, record: Mapping[str, Any]) -> None:
        self.columns = tuple(nested_names(record))
        self.fields.refuse_doubles(record)
        fields = self.fields
        known = {"text", "translation"} & {*record} or {"source", "references"} & {*fields.named}
        if self.uniform and not (known or fields.column("source", record) or fields.references(record)):
            self._add_article(where, record)  # which may be a text
            raise self._without_texts()

    def _without_texts(self) -> BenchmarkError:
        return BenchmarkError(
            f"{self.name}: neither references nor sources; the columns are {few(map(repr, self.columns))}. "
            "Name them with --field references=COLUMN or --field source=COLUMN"
        )
