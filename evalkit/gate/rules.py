"""The rules of a gate, read from TOML; an error names the file and the key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.errors import SettingError, did_you_mean
from evalkit.toml_file import kind_of, read_settings

#: A limit per metric: ``BLEU``, ``translate-en/BLEU``, or ``*`` and ``translate-en/*`` for every metric.
Limits = Mapping[str, float]

_TABLE = ("tool", "evalkit", "gate")
_LIMITS = ("max_drop", "max_article_drop", "corpus_min", "corpus_max", "article_min", "article_max")
_SHARES = ("alpha", "coverage_min")
_COUNTS = ("unsupported_quantities_max", "missing_max", "lost_outputs_max")
_CHOICES = {"inconclusive": ("pass", "fail"), "new_findings": ("fail", "report")}
_KEYS = ("systems", "primary", "trials", *_CHOICES, *_SHARES, *_LIMITS, "pass_rate", "findings_max", *_COUNTS)


@dataclass(frozen=True)
class Rules:
    """The rules of a gate. Limits are in the units of their metric, named as in the run or without its settings.

    :param systems: the systems to check; all systems of the run if empty.
    :param primary: the metrics whose scores are tested against ``max_drop``, corrected together; the others are
        reported. By default, the first metric of a task, the metrics that report findings, and those that ``max_drop``
        names.
    :param alpha: significance level of the test after correction.
    :param trials: number of trials of the randomization test.
    :param inconclusive: ``fail`` if an inconclusive gate should fail the build.
    :param max_drop: the largest drop allowed in a corpus score; by default 1% of the metric's scale, which is 1 point of
        BLEU or 0.01 of ROUGE-L. A larger drop fails if it is significant.
    :param max_article_drop: the largest drop allowed in the score of one article, significant or not.
    :param corpus_min: the lowest corpus score allowed; use ``corpus_max`` for metrics where lower is better.
    :param corpus_max: see ``corpus_min``.
    :param article_min: the lowest score allowed for any article; ``article_max`` is the highest.
    :param article_max: see ``article_min``.
    :param findings_max: the maximum number of findings of a kind or severity in a system's outputs for one task, by
        ``Metric.kind``, such as ``Quantities.added`` or ``Health.error``.
    :param pass_rate: the minimum share of outputs in which a metric finds no error, such as ``{"Health": 0.95}``.
    :param new_findings: ``report`` if errors that the baseline did not have should be listed but never fail a build.
    :param unsupported_quantities_max: the maximum number of quantities in the outputs without support in the source.
    :param missing_max: the maximum number of outputs that are missing and scored as empty.
    :param lost_outputs_max: the maximum number of outputs that are missing, empty or a refusal although the baseline's
        was not.
    :param coverage_min: the minimum share of the segments that a judge must have judged.
    :param origin: the file that contains the rules, for messages.
    """

    systems: tuple[str, ...] = ()
    primary: tuple[str, ...] = ()
    alpha: float = 0.05
    trials: int = 10_000
    inconclusive: str = "pass"
    max_drop: Limits = field(default_factory=dict)
    max_article_drop: Limits = field(default_factory=dict)
    corpus_min: Limits = field(default_factory=dict)
    corpus_max: Limits = field(default_factory=dict)
    article_min: Limits = field(default_factory=dict)
    article_max: Limits = field(default_factory=dict)
    pass_rate: Limits = field(default_factory=dict)
    findings_max: Mapping[str, int] = field(default_factory=dict)
    new_findings: str = "fail"
    unsupported_quantities_max: int | None = None
    missing_max: int | None = None
    lost_outputs_max: int = 0
    coverage_min: float = 0.98
    origin: str = "the built-in rules"


def find_rules(folder: str | Path = ".") -> Rules:
    """Read the rules from ``pyproject.toml`` in a folder; without it, use the built-in ones (no significant drop).

    :raises SettingError: if the rules are not valid.
    """
    path = Path(folder) / "pyproject.toml"
    if not path.is_file():
        return Rules()
    table = read_settings(path, _TABLE)
    return Rules() if table is None else rules_from(table, f"{path}: tool.evalkit.gate", str(path))


def read_rules(path: str | Path) -> Rules:
    """Read rules from a TOML file: from its table ``[tool.evalkit.gate]`` if it has one, else from its top-level keys.

    :raises SettingError: if the file cannot be read, or the rules are not valid; the message names the key.
    """
    path = Path(path)
    table = read_settings(path, _TABLE)
    if table is None:
        raise SettingError(f"{path}: no table [tool.evalkit.gate]; add one, or name another file")
    return rules_from(table, str(path), str(path))


def rules_from(table: Mapping[str, Any], where: str = "rules", origin: str = "the rules given") -> Rules:
    """Create rules from a mapping with the same keys.

    :raises SettingError: listing all problems, each with its key.
    """
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


def _value(key: str, value: Any) -> Any:
    if key in ("systems", "primary"):
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
            what = "systems" if key == "systems" else "metrics"
            raise SettingError(f"{kind_of(value)}, not a list of names of {what}")
        return tuple(value)
    if key in _SHARES:
        if not _number(value) or not 0 <= value <= 1 or (key == "alpha" and value in (0, 1)):
            raise SettingError(f"{value!r} is not a number between 0 and 1")
        return float(value)
    if key in _CHOICES:
        if value not in _CHOICES[key]:
            raise SettingError(f"{value!r} is unknown; write {' or '.join(map(repr, _CHOICES[key]))}")
        return value
    if key in _LIMITS or key == "pass_rate":
        return _limits(key, value)
    if key == "findings_max":
        return _findings(value)
    if key in _COUNTS or key == "trials":
        least = 1000 if key == "trials" else 0
        if not _whole(value) or value < least:
            raise SettingError(f"{value!r} is not a whole number of at least {least}")
        return value
    raise SettingError(f"unknown rule{did_you_mean(key, _KEYS) or '.'} The rules are {', '.join(sorted(_KEYS))}")


def _limits(key: str, value: Any) -> dict[str, float]:
    if _number(value):
        value = {"*": value}
    if not isinstance(value, Mapping):
        raise SettingError(f'{kind_of(value)}, not a number or a table by metric: {{ BLEU = 1.0, "chrF" = 1.0 }}')
    limits: dict[str, float] = {}
    for name, limit in value.items():
        if isinstance(limit, Mapping):
            raise SettingError(f'{name} is a table; write the task and the metric as one key: "{name}/BLEU" = 1.0')
        if not _number(limit):
            raise SettingError(f"{name} is {limit!r}, not a finite number")
        if key.endswith("drop") and limit < 0:
            raise SettingError(f"{name} is {limit}; a drop is written as a positive number")
        if key == "pass_rate" and not 0 <= limit <= 1:
            raise SettingError(f"{name} is {limit:g}; a share of the outputs is between 0 and 1")
        limits[name] = float(limit)
    return limits


def _findings(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise SettingError(f'{kind_of(value)}, not a table by metric and kind: {{ "Quantities.added" = 0 }}')
    counts: dict[str, int] = {}
    for name, count in value.items():
        if isinstance(count, Mapping):
            inner = next(iter(count), "added")
            raise SettingError(f'{name} is a table; quote the metric and the kind as one key: "{name}.{inner}" = 0')
        if "." not in name or name.startswith(".") or name.endswith("."):
            raise SettingError(f'{name!r} is no metric and kind; write them with a dot: "Quantities.added"')
        if not _whole(count) or count < 0:
            raise SettingError(f"{name} is {count!r}, not a whole number of at least 0")
        counts[name] = count
    return counts


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
