"""The roles of record fields: default names, names given with ``--field``, and nested fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from evalkit.arguments import checked_fields
from evalkit.errors import InputError, SettingError, few

_DEFAULT_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "segment_id", "seg_id"),
    "source": ("source", "src"),
    "references": ("references", "reference", "refs", "ref"),
    "output": ("output", "hypothesis", "hyp", "mt"),
    "system": ("system",),
    "article": ("article", "doc", "docid", "doc_id", "document"),
    "domain": ("domain",),
    "date": ("date",),
    "canary": ("canary", "canary_string"),
    "rater": ("rater", "annotator"),
    "line": ("line",),
    "score": (),
}
#: The roles of fields, and the default names of each role, which may be capitalized or in uppercase (but MT is a system).
ROLES = {
    role: (*names, *(form for name in names if name != "mt" for form in (name.capitalize(), name.upper())))
    for role, names in _DEFAULT_NAMES.items()
}
_MORE_REFERENCES = re.compile("(?i:reference|ref)(?:[ _-]?(?:[0-9]{1,2}|[A-Z])|[ _-][a-z])")
#: Columns whose names say that they hold references, though they are not read as such.
_LIKE_REFERENCES = re.compile(
    r"(?i)(?!.*(?:id|lang|language|url|source|score|len|length|names?|count|system|type|date|file|path|by)s?$)"
    r"(?:.*[^a-z])?(?:references?|refs?)(?:[^a-z].*)?"
)
#: Other columns of a record that are not treated as system names in a wide table.
_IGNORED = frozenset(
    {"text", "translation", "outputs", "reference_names", "lang", "source_lang", "target_lang", "split", "index", ""}
)

#: The roles of texts.
_TEXTS = ("source", "references", "output")

_MISSING = object()


@checked_fields
@dataclass(frozen=True)
class Fields:
    """Names of fields by role; roles without a name use the default names.

    :param named: the column names by role: one name, or several for ``references`` and for ``output``, where each
        column is a system. A dot selects a nested field: ``translation.en``.
    :param extra: more columns that are worth reading.
    :param scores: only scores are read: the samples of a log need no output.
    """

    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    scores: bool = False
    #: The roles whose named column was in a record.
    found: set[str] = field(default_factory=set, compare=False, repr=False)

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Fields:
        """Parse options such as ``--field output=prediction`` into a mapping."""
        named: dict[str, tuple[str, ...]] = {}
        for text in texts:
            role, equals, names = text.partition("=")
            role = "references" if role == "reference" else role
            if role not in ROLES or not equals or not names:
                raise SettingError(f"--field {text}: write ROLE=COLUMN; the roles are {', '.join(ROLES)}")
            named[role] = (*named.get(role, ()), *names.split(","))
        return cls(named)

    def column(self, role: str, columns: Iterable[str]) -> str | None:
        """The name of the column for a role, if any of these columns has it."""
        known = set(columns)
        return self.named.get(role, (None,))[0] or next((name for name in self._usual[role] if name in known), None)

    def get(self, record: Mapping[str, Any], role: str) -> Any:
        """The value for a role; None if there is none. An InputError if a column that the user named does not exist."""
        name = self.named.get(role, ("",))[0]
        if name and (value := look_up(record, name)) is not _MISSING:
            self.found.add(role)
            return value
        # The benchmark and the outputs may name their columns differently.
        for usual in self._usual[role]:
            if usual in record:
                return record[usual]
        if name:
            raise InputError(f"no field {name!r} for {role}; the fields are {few(record)}")
        return None

    @cached_property
    def _usual(self) -> dict[str, tuple[str, ...]]:
        """The default names of each role that the user did not give to a text of another role."""
        usual: dict[str, tuple[str, ...]] = {}
        for role, names in ROLES.items():
            taken = {name for other in _TEXTS if other != role for name in self.named.get(other, ())}
            taken |= {name.partition(".")[0] for name in taken}
            usual[role] = tuple(name for name in names if name not in taken)
        return usual

    def refuse_doubles(self, columns: Iterable[str]) -> None:
        """:raises InputError: if two columns may be the one of the sources, of the references or of the outputs."""
        known = set(columns)
        for role in _TEXTS:
            names = [repr(name) for name in self._usual[role] if name in known]
            if len(names) > 1 and role not in self.named:
                both = " and ".join(names)
                raise InputError(f"the columns {both} may both be the {role}; choose with --field {role}=COLUMN")

    def refuse_unfound(self) -> None:
        """:raises InputError: if a column named for a role that every segment or output may have was in no record."""
        for role in ("id", "source", "output", "system", "article", "date", "domain", "canary"):
            names = self.named.get(role, ())
            if len(names) == 1 and role not in self.found:
                option = f"--field {role}={names[0]}"
                raise InputError(f"no file has a field {names[0]!r} for {role}; correct or leave out {option}")

    def names(self, column: str) -> bool:
        """Whether the user gave a role to a column."""
        return any(column in names for names in self.named.values())

    def references(self, record: Mapping[str, Any], target: str | None = None) -> list[Any] | None:
        """All references in a record, in order, or its ``translation`` into the target; None if it has neither."""
        if "references" in self.named:
            values = [look_up(record, name) for name in self.named["references"]]
            for name, value in zip(self.named["references"], values, strict=True):
                if value is _MISSING:
                    raise InputError(f"no field {name!r} for references; the fields are {few(record)}")
        else:
            values = [record[name] for name in self._usual["references"] if name in record][:1]
            values += [record[name] for name in record if _MORE_REFERENCES.fullmatch(name)]
            if not values:
                value = self._translation(record, target, "references")
                values = [] if value is None else [value]
        if not values:
            return None
        # A column of lists in a DataFrame may hold arrays.
        values = [value.tolist() if hasattr(value, "tolist") else value for value in values]
        return [text for value in values for text in (value if isinstance(value, list | tuple) else [value])]

    def source(self, record: Mapping[str, Any], lang: str | None = None) -> Any:
        """The source text in a record, or in its ``translation`` by language."""
        value = self.get(record, "source")
        return self._translation(record, lang, "source") if value is None else value

    @staticmethod
    def _translation(record: Mapping[str, Any], lang: str | None, role: str) -> Any:
        texts = record.get("translation")
        return by_language(texts, lang, role) if isinstance(texts, Mapping) else None

    def wide(self, record: Mapping[str, Any]) -> list[str]:
        """The columns of a wide table that are systems: all columns of texts without another known role."""
        if len(self.named.get("output", ())) > 1:
            return list(self.named["output"])
        unknown = self.unknown(record)
        if any(isinstance(record[name], dict | list) for name in unknown):
            return []  # the reply of a service, and no table
        return [name for name in unknown if isinstance(record[name], str | None)]

    def beside_texts(self, columns: Iterable[str]) -> Iterable[str]:
        """The columns that have none of the roles of texts."""
        return (name for name in columns if not any(name in (*ROLES[r], *self.named.get(r, ())) for r in _TEXTS))

    def unread_references(self, columns: Iterable[str]) -> list[str]:
        """The columns without a known role whose names say that they are references."""
        return [] if "references" in self.named else list(filter(_LIKE_REFERENCES.fullmatch, self.unknown(columns)))

    def unknown(self, columns: Iterable[str]) -> list[str]:
        """The columns without a known role."""
        return [name for name in columns if name not in self._known and not _MORE_REFERENCES.fullmatch(name)]

    @cached_property
    def _known(self) -> frozenset[str]:
        return _IGNORED.union(*ROLES.values(), *self.named.values())

    def wanted(self, columns: Sequence[str], *, texts: Iterable[str], numbers: Iterable[str]) -> list[str]:
        """The columns of a table that need to be read.

        :param texts: columns of texts, which may be systems if no column is called output; if no column has ids, they
            show the order of the records, as do ``numbers``, columns of numbers.
        """
        known = {"text", "translation", "outputs", *self.extra}.union(*ROLES.values())
        known |= {part for names in self.named.values() for name in names for part in (name, name.partition(".")[0])}
        if not self.column("output", columns) and not self.column("system", columns):
            known |= set(texts)
        known |= {name for name in columns if _MORE_REFERENCES.fullmatch(name)}.union(self.unread_references(columns))
        if not known.isdisjoint(columns) and not self.column("id", columns):
            known |= {*numbers, *texts}
        return [name for name in columns if name in known]


def if_given(read: Callable[[Mapping[str, Any], Any], Any], record: Mapping[str, Any], what: str | None) -> Any:
    """The value of an optional field; None if the record lacks the column, which the user may have named for another file."""
    try:
        return read(record, what)
    except InputError:
        return None


def look_up(record: Mapping[str, Any], name: str) -> Any:
    """The value of a field or a nested field (``doc.text``); a field with a dot in its name takes precedence."""
    if name in record:
        return record[name]
    value: Any = record
    for part in name.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _MISSING
    return value


def by_language(texts: Mapping[str, Any], lang: str | None, role: str) -> Any:
    """The text in a language, from a mapping of tags (or codes such as ``en_XX``) to texts; None for no language."""
    if lang is None:
        return None
    return texts[lang if lang in texts else _tag_among(tuple(texts), lang, role)]


@cache
def _tag_among(tags: tuple[str, ...], lang: str, role: str) -> str:
    """:raises InputError: if none of the tags means the language, or several do and none is the same tag."""
    from evalkit.text.languages import language, parse_tag

    alike: dict[str, str] = {}
    for tag in tags:
        with suppress(SettingError):
            code = re.sub("[-_]XX$", "", tag)
            if language(code) == language(lang):
                alike[tag] = parse_tag(code)
    found = [tag for tag, parsed in alike.items() if parsed == lang] or list(alike)
    if len(found) == 1:
        return found[0]
    problem = f"several translations into {lang}: {few(found)}" if found else f"no translation into {lang}"
    languages = "" if found else f"; the languages are {few(tags)}"
    raise InputError(f"{problem}{languages}. Name one with --field {role}=translation.{next(iter(found or tags), '')}")
