"""The rules of a gate, read from TOML; an error names the file and the key."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec
from msgspec import Meta

from evalkit.arguments import checked
from evalkit.errors import SettingError, did_you_mean, few
from evalkit.toml_file import kind_of, read_settings

_TABLE = ("tool", "evalkit", "gate")
_MOST = sys.float_info.max

# The types of the rules; each is described for the message about a value of another type.
Number = Annotated[float, Meta(ge=-_MOST, le=_MOST, description="a finite number")]
Drop = Annotated[
    float, Meta(ge=0, le=_MOST, description="a finite number of at least 0; a drop is written as a positive number")
]
Share = Annotated[float, Meta(ge=0, le=1, description="a number between 0 and 1")]
Level = Annotated[float, Meta(gt=0, lt=1, description="a number between 0 and 1")]
Count = Annotated[int, Meta(ge=0, description="a whole number of at least 0")]
Trials = Annotated[int, Meta(ge=1000, le=1_000_000, description="a whole number from 1000 to 1000000")]
Systems = Annotated[tuple[str, ...], Meta(description="a list of names of systems")]
Metrics = Annotated[tuple[str, ...], Meta(description="a list of names of metrics")]
IfOpen = Annotated[Literal["pass", "fail"], Meta(description="'pass' or 'fail'")]
IfNewErrors = Annotated[Literal["fail", "report"], Meta(description="'fail' or 'report'")]


@dataclass(frozen=True)
class Rules:
    """The rules of a gate, which ``docs/gate.md`` explains one by one.

    Limits are in the units of their metric and named by it, with or without its settings: ``BLEU``, ``translate-en/BLEU``,
    or ``*`` and ``translate-en/*`` for every metric. Findings are named by ``Metric.kind`` or ``Metric.severity``.

    :param systems: the systems to check; all systems of the run if empty.
    :param primary: the metrics whose scores are tested against ``max_drop``, corrected together. By default, the first
        metric of a task, the metrics that report findings, and those that ``max_drop`` names.
    :param max_drop: by default 1% of the metric's scale. A larger drop fails only if it is significant.
    :param origin: the file that contains the rules, for messages.
    """

    systems: Systems = ()
    primary: Metrics = ()
    alpha: Level = 0.05
    trials: Trials = 10_000
    inconclusive: IfOpen = "pass"
    max_drop: Mapping[str, Drop] = field(default_factory=dict)
    max_article_drop: Mapping[str, Drop] = field(default_factory=dict)
    corpus_min: Mapping[str, Number] = field(default_factory=dict)
    corpus_max: Mapping[str, Number] = field(default_factory=dict)
    article_min: Mapping[str, Number] = field(default_factory=dict)
    article_max: Mapping[str, Number] = field(default_factory=dict)
    pass_rate: Mapping[str, Share] = field(default_factory=dict)
    findings_max: Mapping[str, Count] = field(default_factory=dict)
    new_findings: IfNewErrors = "fail"
    unsupported_quantities_max: Count | None = None
    missing_max: Count | None = None
    lost_outputs_max: Count = 0
    coverage_min: Share = 0.98
    origin: str = "the built-in rules"

    def named_metrics(self) -> list[tuple[str, str]]:
        """Return each rule that names a metric, with that name."""
        named = [("primary", name) for name in self.primary]
        named += [(rule, name) for rule in LIMITS for name in getattr(self, rule)]
        named += [("findings_max", name.rpartition(".")[0]) for name in self.findings_max]
        if self.unsupported_quantities_max is not None:
            named.append(("unsupported_quantities_max", "Quantities"))
        return named


@checked
def find_rules(folder: str | Path = ".") -> Rules:
    """Read the rules from ``pyproject.toml`` in a folder; without it, use the built-in ones (no significant drop)."""
    path = Path(folder) / "pyproject.toml"
    table = read_settings(path, _TABLE) if path.is_file() else None
    return Rules() if table is None else rules_from(table, f"{path}: tool.evalkit.gate", str(path))


@checked
def read_rules(path: str | Path) -> Rules:
    """Read rules from a TOML file: from its table ``[tool.evalkit.gate]`` if it has one, else from its top-level keys."""
    table = read_settings(Path(path), _TABLE)
    if table is None:
        raise SettingError(f"{path}: no table [tool.evalkit.gate]; add one, or name another file")
    return rules_from(table, str(path), str(path))


@checked
def rules_from(table: Mapping[str, Any], where: str = "rules", origin: str = "the rules given") -> Rules:
    """Create rules from a mapping with the same keys."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    for key, value in table.items():
        try:
            values[key] = _value(key, value)
        except SettingError as error:
            problems.append(f"{where}.{key}: {error}")
    if problems:
        raise SettingError("\n".join(problems))
    return Rules(**values, origin=origin)


_TYPES = {key: kind for key, kind in get_type_hints(Rules, include_extras=True).items() if key != "origin"}
#: The rules with a limit for each metric.
LIMITS = tuple(key for key, kind in _TYPES.items() if get_args(kind)[0] is str and key != "findings_max")
_EXAMPLE_LIMIT = ("task and the metric", "translate-en", "/", "BLEU", 1.0)
_EXAMPLE_COUNT = ("metric and the kind", "Quantities", ".", "added", 0)


def _value(key: str, value: Any) -> Any:
    if key not in _TYPES:
        raise SettingError(f"unknown rule{did_you_mean(key, _TYPES) or '.'} The rules are {', '.join(sorted(_TYPES))}")
    kind = _TYPES[key]
    if key not in LIMITS and key != "findings_max":
        return _converted(value, kind)
    parts, first, dot, second, limit = _EXAMPLE_LIMIT if key in LIMITS else _EXAMPLE_COUNT
    if key in LIMITS and isinstance(value, int | float):
        value = {"*": value}
    if not isinstance(value, Mapping):
        number = "a number or " if key in LIMITS else ""
        raise SettingError(f'{kind_of(value)}, not {number}a table: {{ "{first}{dot}{second}" = {limit} }}')
    for name, item in value.items():
        if isinstance(item, Mapping):
            inner = next(iter(item), second)
            raise SettingError(f'{name} is a table; write the {parts} as one key: "{name}{dot}{inner}" = {limit}')
        if not isinstance(name, str):
            raise SettingError(f"{name!r} names no metric")
        if dot == "." and not all(name.rpartition(dot)):
            raise SettingError(f'{name!r} is no metric and kind; write them with a dot: "{first}{dot}{second}"')
    return {name: _converted(item, get_args(kind)[1], name) for name, item in value.items()}


def _converted(value: Any, kind: Any, name: str = "") -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        annotated = kind if hasattr(kind, "__metadata__") else get_args(kind)[0]
        shown = few([repr(value)], longest=60)
        subject = f"{name} is {shown}," if name else f"{shown} is"
        raise SettingError(f"{subject} not {annotated.__metadata__[0].description}") from None
