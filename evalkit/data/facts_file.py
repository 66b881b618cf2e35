"""User-defined key facts: loads them from a JSONL or YAML file and adds them to a benchmark.

Each record (a line of JSONL, or an item of a YAML list) is a fact::

    - article: storm                  # the article's id, as the benchmark has it
      id: f1                          # unique within the article
      tier: 1                         # 1 central, 2 important, 3 detail; 1 if left out
      statement: The storm killed 38 people.       # or a text for each language: {en: ..., zh: ...}
      forms:                          # for each language (zh, en) the alternatives; one is enough
        en:
        - [storm|typhoon, '#38 + people/dead/killed']     # an alternative: all its groups must occur near each other
        - 38 deaths                                       # a text is an alternative of one group
      contradicts:                    # the same for typical errors, may be left out
        en: ['#83 + people/dead/killed']
      kind: quantity                  # who, what, quantity, date, place, quote or cause; what if left out
      blocks: [p02]                   # in a translation: the segments that state it; may be left out

See :mod:`evalkit.text.facts` for the syntax of groups.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from evalkit.arguments import checked
from evalkit.data.benchmark import Benchmark
from evalkit.data.formats import open_table
from evalkit.data.opening import Input, suffix_of
from evalkit.data.tasks import Task
from evalkit.errors import InputError, SettingError
from evalkit.text.facts import Fact, Forms, validate
from evalkit.wording import kind_of
from evalkit.yaml_file import parse_yaml

KINDS = ("who", "what", "quantity", "date", "place", "quote", "cause")
_KEYS = ("article", "id", "tier", "statement", "forms", "contradicts", "kind", "blocks")
_Text = int | Annotated[str, msgspec.Meta(pattern=r"\S")]
#: What the keys take, and the message about anything else.
_VALUES: dict[str, tuple[Any, str]] = {
    "article": (_Text, "article is {kind}; give a text"),
    "id": (_Text, "id is {kind}; give a text"),
    "tier": (Literal[1, 2, 3], "tier is {value!r}; use 1 for central, 2 for important, 3 for a detail"),
    "kind": (Literal[KINDS], f"unknown kind {{value!r}}; use {', '.join(KINDS)}"),
    "blocks": (tuple[str, ...], "blocks is {kind}; give a list of segment ids"),
    "statement": (str | dict[str, str], "statement is {kind}; give a text, or one per language: {{en: ...}}"),
}
_LANGUAGES = ("zh", "en")


@checked
def read_facts(path: str | Path) -> dict[str, tuple[Fact, ...]]:
    """The facts of a JSONL or YAML file, by article id.

    :raises InputError: naming file and line: an unknown or missing key, a value of the wrong type, a form that cannot
        be parsed, a duplicate id within an article.
    """
    path = Path(path)
    suffix = suffix_of(path)
    if suffix in {".jsonl", ".ndjson"}:
        records: Iterator[tuple[int, Any]] = iter(open_table(path).rows)
    elif suffix in {".yaml", ".yml"}:
        records = _yaml(path)
    else:
        raise InputError(f"{path}: facts are read from .jsonl, .yaml or .yml")
    facts_by_article: dict[str, list[Fact]] = {}
    lines: dict[tuple[str, str], int] = {}
    for line, record in records:
        article, fact = _fact(record, f"{path}:{line}")
        if first := lines.get((article, fact.id)):
            raise InputError(f"{path}:{line}: duplicate fact {fact.id!r} of {article!r} (first on line {first})")
        lines[article, fact.id] = line
        facts_by_article.setdefault(article, []).append(fact)
    if not facts_by_article:
        raise InputError(f"{path}: no facts; see evalkit.data.facts_file for the format")
    return {article: tuple(facts) for article, facts in facts_by_article.items()}


@checked
def with_facts(benchmark: Benchmark, facts: Mapping[str, Sequence[Fact]] | str | Path) -> Benchmark:
    """The same benchmark with these facts instead of its own, and ``KeyFacts`` among its default metrics.

    :param facts: facts by article id, or the path of a file.
    :raises InputError: a file that cannot be read, an article that is not in the benchmark, a block that is not a
        segment of its article.
    :raises SettingError: if the segments of the benchmark have no article ids.
    """
    if isinstance(facts, str | Path):
        where, by_article = f"{facts}: ", read_facts(facts)
    else:
        where, by_article = "", {article: tuple(article_facts) for article, article_facts in facts.items()}
        if not any(by_article.values()):
            raise InputError("with_facts: no facts are given")
        for article, article_facts in by_article.items():
            for k, fact in enumerate(article_facts):
                _check(fact, f"with_facts: fact {fact.id!r} of {article!r}")
                if any(fact.id == earlier.id for earlier in article_facts[:k]):
                    raise InputError(f"with_facts: duplicate fact {fact.id!r} of {article!r}")
    if not benchmark.articles:
        raise SettingError(f"{benchmark.name} has no article ids, which facts refer to; give --docids")
    benchmark.check_articles(by_article, where)
    tasks = [task for task in benchmark.tasks if task.kind == "translation"]
    for article, article_facts in by_article.items():
        ids = [id_ for task in tasks for id_, own in zip(task.ids, task.articles or (), strict=False) if own == article]
        names = {*ids, *(id_.removeprefix(f"{article}/") for id_ in ids)}
        for fact in article_facts:
            if ids and (unknown := [block for block in fact.blocks if block not in names]):
                known = ", ".join(sorted(ids)[:5])
                problem = f"no segment {unknown[0]!r}; the article has {known}"
                raise InputError(f"{where}fact {fact.id!r} of {article!r}: {problem}")
    return replace(benchmark, tasks=tuple(_with_facts(task, by_article) for task in benchmark.tasks))


def _check(fact: Fact, where: str) -> None:
    """Check a fact made in Python; its types have been checked."""
    for key in ("tier", "kind"):
        _value(vars(fact), key, None, where)
    if unknown := [lang for lang in (*fact.forms, *fact.contradicts) if lang not in _LANGUAGES]:
        raise InputError(f"{where}: facts are not supported in {unknown[0]!r}; use {' or '.join(_LANGUAGES)}")
    if not any(fact.forms.values()):
        raise InputError(f"{where}: no forms, so the fact could never be found")
    validate(fact)


def _with_facts(task: Task, facts: Mapping[str, tuple[Fact, ...]]) -> Task:
    readable = any(fact.forms.get(task.lang) for article_facts in facts.values() for fact in article_facts)
    metrics = (*task.metrics, "KeyFacts") if readable and "KeyFacts" not in task.metrics else task.metrics
    return replace(task, facts=facts, metrics=metrics)


def _yaml(path: Path) -> Iterator[tuple[int, Any]]:
    values, lines = parse_yaml(Input(path).text().rstrip(), path)
    if not isinstance(values, list):
        raise InputError(f"{path}:1: not a list; every fact is an item that begins with - article:")
    yield from zip(lines, values, strict=True)


def _fact(record: Any, where: str) -> tuple[str, Fact]:
    if not isinstance(record, dict):
        raise InputError(f"{where}: {_kind(record)} where a fact is expected, a mapping with article, id and forms")
    if unknown := [key for key in record if key not in _KEYS]:
        raise InputError(f"{where}: unknown key {unknown[0]!r}; a fact has {', '.join(_KEYS)}")
    article, id_ = (str(_value(record, key, None, where)) for key in ("article", "id"))
    line, where = where, f"{where} (fact {id_!r})"
    tier, kind = _value(record, "tier", 1, where), _value(record, "kind", "what", where)
    forms, contradicts = (_forms(record.get(key, {}), f"{where}: {key}") for key in ("forms", "contradicts"))
    if not forms:
        raise InputError(f"{where}: no forms, so the fact could never be found; give forms: {{en: [...]}}")
    blocks, statement = _value(record, "blocks", [], where), _value(record, "statement", id_, where)
    if isinstance(statement, str):
        statement = dict.fromkeys(forms, statement)
    fact = Fact(id_, tier, statement, forms, contradicts, kind, blocks)
    try:
        validate(fact)
    except InputError as error:
        raise InputError(f"{line}: {error}") from None
    return article, fact


def _value(record: Mapping[str, Any], key: str, default: Any, where: str) -> Any:
    """The value of a key, checked with its type in :data:`_VALUES`."""
    value = record.get(key, default)
    type_, message = _VALUES[key]
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError:
        raise InputError(f"{where}: {message.format(value=value, kind=_kind(value))}") from None


def _forms(value: Any, where: str) -> dict[str, Forms]:
    if not isinstance(value, dict):
        raise InputError(f"{where} is {_kind(value)}; give alternatives for each language: {{en: [...]}}")
    forms: dict[str, Forms] = {}
    for lang, alternatives in value.items():
        if lang not in _LANGUAGES:
            raise InputError(f"{where}: facts are not supported in {lang!r}; use {' or '.join(_LANGUAGES)}")
        if not isinstance(alternatives, list) or not alternatives:
            raise InputError(f"{where}, {lang}: {_kind(alternatives)}; give a list of alternatives")
        groups = [[item] if isinstance(item, str) else item for item in alternatives]
        for item in groups:
            if not isinstance(item, list) or not item or not all(isinstance(group, str) and group for group in item):
                raise InputError(f"{where}, {lang}: an alternative is a text or a list of texts, not {item!r}")
        forms[lang] = tuple(tuple(item) for item in groups)
    return forms


def _kind(value: Any) -> str:
    if value is None:
        return "missing"
    return "empty" if isinstance(value, str | list | dict) and not value else kind_of(value)
