"""Builds a task from its segments, and checks that its texts can be what they are given for."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from evalkit.data.columns import GroupedColumn, TextWriter
from evalkit.data.formats.file_format import Table
from evalkit.data.tasks import DEFAULT_METRICS, Task
from evalkit.data.text_checks import SAMPLE, check_language, check_texts
from evalkit.errors import BenchmarkError, SettingError, did_you_mean
from evalkit.files import tell
from evalkit.printable import is_blank
from evalkit.text.languages import Pair, language, parse_pair, parse_tag
from evalkit.wording import count


def languages_of(table: Table, lang: str | None) -> Pair:
    """The languages of a file: as given by the user, or as specified in the file."""
    source, target = table.languages
    for tag in filter(None, table.languages):
        try:
            parse_tag(tag)
        except SettingError as error:
            raise SettingError(f"{table.name}: {error}") from None
    if not lang:
        if target is None:
            advice = "Give source and target: --lang zh-en (lang=zh-en in Python)"
            raise SettingError(f"{table.name}: which languages? {advice}")
        return parse_pair(f"{source}:{target}" if source else target)
    pair = parse_pair(lang)
    check_same_languages(table, pair, f"in --lang {lang}")
    return Pair(pair.source or source, pair.target)


def check_same_languages(table: Table, pair: Pair, where: str) -> None:
    """:raises SettingError: if the file specifies other languages than a pair; ``where`` says whose those are."""
    for side, named, asked in zip(("source", "target"), table.languages, pair, strict=True):
        if named and asked and language(named) != language(asked):
            raise SettingError(f"{table.name}: the {side} language is {named} in the file, but {asked} {where}")


def task_names(pair: Pair, task: str | None) -> tuple[str, str]:
    """The name and kind of the task for a language pair."""
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
    if type(value) is bool or value == "":
        return None
    return str(value) if isinstance(value, str | Integral) else None


def collapsed(text: str) -> str:
    """The text with single spaces; sources, targets and references next to outputs are compared in this form."""
    return " ".join(text.split())


def hashes(texts: Iterable[str]) -> NDArray[np.int64]:
    """int64[n], for comparisons of texts within this process."""
    return np.array([hash(collapsed(text)) for text in texts], np.int64)


def misplaced(given: NDArray[np.int64], own: NDArray[np.int64]) -> int | None:
    """The index of the first record whose text belongs to another record, given the hashes of both columns.

    None if most texts of the two columns differ, or if most occur more than once. With ``--limit``, the segments are only
    the first records, and later records may repeat their texts.
    """
    n = len(own)
    if len(given) < n or 2 * len(np.unique(own)) <= n:
        return None
    known = np.isin(given, own)
    wrong = known.copy()
    wrong[:n] &= given[:n] != own
    enough = wrong.any() if len(given) == n else 2 * wrong.sum() > known.sum()
    return int(wrong.argmax()) if enough and 2 * known.sum() > n else None


#: From this many numbers without gaps on, a column is assumed to number the records, whatever its first number is.
_SURELY_NUMBERED = 10


class Numbering:
    """Columns that show whether the records of a file without ids are in another order than those of other files.

    Columns of whole numbers may number the records. Columns of texts, kept as hashes, may also occur in other files.
    """

    def __init__(self) -> None:
        self._columns: dict[str, array[int]] | None = None
        self._texts: dict[str, array[int]] = {}

    def add(self, record: Mapping[str, Any], texts: Iterable[str] = ()) -> None:
        """Add a record; ``texts`` names the columns whose texts other files may have."""
        first = self._columns is None
        if self._columns is None:
            self._columns = {name: array("q") for name in record}
        for name, numbers in list(self._columns.items()):
            number = _whole(record.get(name))
            if number is None:
                del self._columns[name]
            else:
                numbers.append(number)
        if first:
            self._texts = {name: array("q") for name in texts}
        for name, column in list(self._texts.items()):
            text = record.get(name)
            if isinstance(text, str):
                column.append(hash(collapsed(text)))
            else:
                del self._texts[name]

    @property
    def texts(self) -> Mapping[str, NDArray[np.int64]]:
        """The hashes of the columns of texts, other than numbers."""
        columns = {name: column for name, column in self._texts.items() if name not in (self._columns or {})}
        return {name: np.frombuffer(column, np.int64) for name, column in columns.items()}

    @property
    def shuffled(self) -> str:
        """Describe a column that numbers the records in another order, without gaps; empty if there is none."""
        for name, numbers in (self._columns or {}).items():
            given = np.frombuffer(numbers, np.int64)
            ordered = np.sort(given)
            # A few numbers, such as lengths, may be without gaps by chance.
            if (
                (ordered[0] in (0, 1) or len(given) >= _SURELY_NUMBERED)
                and (np.diff(ordered) == 1).all()
                and (ordered != given).any()
            ):
                return f"the column {name!r}"
        return ""


def are_shuffled(ids: Sequence[str]) -> bool:
    """Whether ids number the segments from 0 or 1 in another order."""
    numbering = Numbering()
    for id_ in ids:
        numbering.add({"id": id_})
    return bool(numbering.shuffled)


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdecimal():
        return int(value)
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value < 1 << 62 else None


@dataclass
class TaskBuilder:
    """Collects the columns of a task, segment by segment.

    :param name: the name of the data, for messages; ``files`` has other names by role.
    :param unordered: why it is uncertain in which order outputs without ids would be.
    """

    name: str
    pair: Pair
    files: Mapping[str, str] = field(default_factory=dict)
    unordered: str = ""
    _ids: dict[str, None] = field(default_factory=dict)
    #: The texts of all references; those of segment i are at ``ends[i]`` to ``ends[i + 1]``.
    _references: TextWriter = field(default_factory=TextWriter)
    _ends: array[int] = field(default_factory=lambda: array("q", [0]))
    _sources: TextWriter = field(default_factory=TextWriter)
    _articles: list[str] = field(default_factory=list)
    _dates: list[str | None] = field(default_factory=list)
    _domains: list[str] = field(default_factory=list)
    #: How often a reference is blank while others are not, by its position from 1, and the location of the first.
    _blank: Counter[int] = field(default_factory=Counter)
    _first_blank: str = ""

    def add(
        self,
        where: str,
        id_: str | None,
        references: Sequence[str | None],
        source: str | None = None,
        article: str | None = None,
        date: str | None = None,
        domain: str = "",
    ) -> None:
        """Add a segment of valid texts, numbered if it has no id; blank or missing references are left out."""
        if id_ in self._ids:
            first = f"first seen as segment {list(self._ids).index(id_) + 1:,}"
            advice = "if the rows are of several systems, name the column with their names: --field system=COLUMN"
            raise BenchmarkError(f"{where}: duplicate id {id_!r} ({first}); {advice}")
        at = where if id_ is None else f"{where} (id {id_!r})"
        present = [text for text in references if text and not is_blank(text)]
        if 0 < len(present) < len(references):
            self._blank.update(place for place, text in enumerate(references, 1) if text not in present)
            self._first_blank = self._first_blank or at
        for text in present:
            self._references.append(text)
        self._ends.append(len(self._references))
        if self._all_or_none(source, "source", len(self._sources), at):
            self._sources.append(source)
        if self._all_or_none(article, "article", len(self._articles), at):
            self._articles.append(sys.intern(article))
        self._dates.append(date)
        self._domains.append(domain)
        self._ids[str(len(self._ids) + 1) if id_ is None else id_] = None

    def _all_or_none(self, value: str | None, what: str, earlier: int, at: str) -> TypeGuard[str]:
        if value is None and earlier:
            raise BenchmarkError(f"{at}: no {what}, though other segments have one; give all or none")
        if value is not None and earlier < len(self._ids):
            raise BenchmarkError(f"{at}: the first {what}, though earlier segments have none; give all or none")
        return value is not None

    def task(
        self, task: str | None, *, with_references: bool, reference_names: Sequence[str] = (), origin: str = ""
    ) -> Task:
        """The checked task; its name is by default derived from the languages.

        :param with_references: whether there should be references; ``reference_names`` are theirs, if segments share them.
        """
        name, kind = task_names(self.pair, task)
        if not self._ids:
            raise BenchmarkError(f"{self.name}: the benchmark has no segments")
        texts, ends = self._references.column(), np.frombuffer(self._ends, np.int64)
        sources = self._sources.column() if len(self._sources) else None
        if with_references and not len(texts):
            raise BenchmarkError(f"{self.name}: all references are blank")
        counts = np.diff(ends)
        self._check_references(texts, counts)
        self._check_sources(sources)
        self._check_articles(sources, texts)
        references = GroupedColumn(texts, ends)
        languages = {language(tag) if tag else "" for tag in self.pair}
        numbers = ("Quantities",) if sources and languages <= {"zh", "en"} else ()
        names = ("Names",) if numbers and self.pair.source and language(self.pair.source) == "zh" else ()
        # Without sources, Health often reports outputs as cut off because their references are longer.
        checks = (*numbers, *names, "Health") if sources else ()
        same_number = not self._blank and (counts == counts[0]).all()
        built = Task(
            name=name,
            lang=language(self.pair.target),
            kind=kind,
            ids=tuple(self._ids),
            references=tuple(references) if isinstance(texts, tuple) else references,
            articles=tuple(self._articles) or (tuple(self._ids) if kind == "summary" else None),
            sources=sources,
            source_lang=language(self.pair.source) if self.pair.source else None,
            dates=tuple(self._dates) if any(self._dates) else None,
            metrics=(*(DEFAULT_METRICS[kind] if len(texts) else ()), *checks),
            reference_names=tuple(reference_names) if same_number else (),
            fields={"domain": tuple(self._domains)} if any(self._domains) else {},
            origin=origin,
            unordered=self.unordered,
        )
        if len(texts):
            alignment = built.alignment()
            for place in range(1, int(counts.max())):
                what = f"{self._file('references')}: references (number {place + 1} of each segment)"
                alignment.check(lambda i, k=place: next(iter(references[i][k:]), ""), what)  # type: ignore[misc]
            if sources is not None:
                alignment.check(sources.__getitem__, f"{self._file('source')}: the sources")
        return built

    def _file(self, role: str) -> str:
        return self.files.get(role, self.name)

    def _check_references(self, references: Sequence[str], counts: Any) -> None:
        file = self._file("references")
        if not len(references):
            return
        most = int(counts.max()) if (counts == counts[0]).all() else 1
        for place in range(most):
            # One reference of several may be in another language.
            texts = [references[i] for i in range(place, len(references), most * max(1, len(counts) // SAMPLE))]
            number = f" (number {place + 1} of each segment)" if most > 1 else ""
            check_language(texts, self.pair.target, f"{file}: the references{number}")
        check_texts(references, f"{file}: references")
        if self._blank:
            blank = ", ".join(f"{count(n, 'time')} reference {i}" for i, n in sorted(self._blank.items()))
            left_out = f"blank or missing references next to others are left out ({blank})"
            tell(f"{file}: {left_out}, the first at {self._first_blank}")
        without = np.flatnonzero(counts == 0)
        if len(without):
            n, first = f"{len(without):,} of {count(len(self._ids), 'segment')}", list(self._ids)[int(without[0])]
            tell(f"{file}: {n} have no reference, the first is {first!r}; metrics that need one do not score them")

    def _check_sources(self, sources: Sequence[str] | None) -> None:
        if sources is None:
            return
        what = f"{self._file('source')}: the sources"
        check_texts(sources, what)
        if self.pair.source:
            advice = "give the file or column with the sources, or the language that they are in with --lang SRC-TGT"
            check_language(sources, self.pair.source, what, advice=advice)

    def _check_articles(self, *columns: Sequence[str] | None) -> None:
        """:raises BenchmarkError: if the ids of the articles are the texts themselves."""
        for column in columns:
            if column is None or not len(self._articles) == len(column) > 1:
                continue
            if all(article == text.strip() for article, text in zip(self._articles, column, strict=True)):
                advice = "give the column or file that says which segments belong together"
                what = "the ids of the articles are the texts of the segments"
                raise BenchmarkError(f"{self._file('article')}: {what}; {advice}")
