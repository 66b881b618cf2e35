"""Parse metric strings such as ``BLEU(tokenize=zh)``; all unknown names are reported at once, with suggestions."""

from __future__ import annotations

import dataclasses
import re
import sys
import warnings
from collections.abc import Iterable, Set
from dataclasses import Field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.arguments import checked
from evalkit.errors import SettingError, did_you_mean
from evalkit.files import tell
from evalkit.metrics import METRICS
from evalkit.metrics.base import Metric, References

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_FORM = re.compile(r"\s*([^\s(),=]+)\s*(?:\((.*)\))?\s*", re.DOTALL)
#: Where packages register their metrics.
_ENTRY_POINTS = "evalkit.metrics"
_NAME = re.compile(r"[^\s(),=|]+")
#: Old names of metrics, accepted for one release.
RENAMED = {"Extraction": "Extractiveness"}

_NUMBERS = {int: re.compile(r"[+-]?\d+"), float: re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")}


def known_metrics() -> dict[str, type[Metric]]:
    """Metric classes by name: bundled ones, and those of installed packages (entry point group ``evalkit.metrics``)."""
    from importlib.metadata import entry_points

    metrics = dict(METRICS)
    points = list(entry_points(group=_ENTRY_POINTS))
    _tell_of_taken_names(points)
    for point in points:
        if not own_name(point.name) and point.name not in metrics:
            try:
                metrics[point.name] = point.load()
                if not issubclass(metrics[point.name], Metric):
                    raise TypeError("it is not a subclass of evalkit.Metric")
            except Exception as error:  # a broken plugin must not take the bundled metrics with it
                raise SettingError(f"the metric {point.name} ({point.value}) cannot be loaded: {error!r}") from error
    return metrics


def _tell_of_taken_names(points: Iterable[EntryPoint]) -> None:
    """Warn about metrics of installed packages that cannot be used because their names are taken."""
    users = {name.casefold(): "evalkit" for name in METRICS}
    for point in points:
        package = point.dist.name if point.dist else point.value
        user = users.setdefault(point.name.casefold(), package)
        if user != package:
            taken = f"the metric {point.name} of the package {package} ({point.value}) is not used"
            tell(f"{taken}: {user} has a metric of this name; it needs another name")


def check_plugins(names: Iterable[str]) -> None:
    """Warn if installed packages have metrics called like those of evalkit that are asked for.

    The files of packages are searched first, because ``importlib.metadata`` takes as long as reading the files of a small run.
    """
    files = (file for place in sys.path for file in Path(place).glob("*.*-info/entry_points.txt"))
    if any(_ENTRY_POINTS in file.read_text(encoding="utf-8", errors="replace") for file in files):
        from importlib.metadata import entry_points

        asked = {name.partition("(")[0].strip().casefold() for name in names}
        points = entry_points(group=_ENTRY_POINTS)
        _tell_of_taken_names(point for point in points if point.name.casefold() in asked and own_name(point.name))


def own_name(name: str) -> str:
    """The name of evalkit's metric with this name, regardless of case; empty if there is none."""
    return next((known for known in METRICS if known.casefold() == name.casefold()), "")


def metric_class(name: str) -> type[Metric] | None:
    """The class of the metric with a name in any case, or None; installed packages are searched for names that evalkit lacks."""
    if own := own_name(name):
        return METRICS[own]
    return {known.casefold(): cls for known, cls in known_metrics().items()}.get(name.casefold())


@checked
def parse(text: str) -> Metric:
    """Parse a metric string: ``parse(str(m)) == m``.

    >>> str(parse("BLEU(tokenize=zh, lowercase=true)"))
    'BLEU(tokenize=zh,lowercase=true)'

    Upper and lower case of the name do not matter.

    :raises SettingError: for an unknown name (with the closest known name), an unknown setting or an invalid value.
    """
    form = _FORM.fullmatch(text)
    if not form:
        raise SettingError(f"{text!r} is not a metric; write a name, or a name with settings: BLEU(tokenize=zh)")
    name, inside = form.groups()
    if name in RENAMED:
        warnings.warn(f"the metric {name} is now called {RENAMED[name]}", DeprecationWarning, stacklevel=2)
        name = RENAMED[name]
    cls = metric_class(name)
    if cls is None:
        known = known_metrics()
        hint = did_you_mean(name, known, cutoff=0.5)
        raise SettingError(f"unknown metric {name!r}{hint or ';'} the metrics are {', '.join(known)}")
    fields = {f.name: f for f in dataclasses.fields(cls)}
    values: dict[str, Any] = {}
    for part in filter(None, map(str.strip, (inside or "").split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if key not in fields or not equals:
            hint = did_you_mean(key, fields)
            raise SettingError(f"{name}: unknown setting {part!r}{hint} Settings: {', '.join(fields) or 'none'}")
        if key in values:
            raise SettingError(f"{name}: the setting {key} is given twice")
        values[key] = _value(fields[key], value)
    return cls(**values)


def canonical(text: str) -> str:
    """The metric string as it is printed; a string that names no metric is returned unchanged.

    >>> canonical("bleu(lowercase=true, tokenize=zh)")
    'BLEU(tokenize=zh,lowercase=true)'
    """
    try:
        return str(parse(text))
    except SettingError:
        return text


def split_names(text: str) -> list[str]:
    """Split a comma-separated list of metrics; commas inside parentheses belong to settings.

    >>> split_names("BLEU(tokenize=zh,lowercase=true), chrF")
    ['BLEU(tokenize=zh,lowercase=true)', 'chrF']
    """
    return [name.strip() for name in re.split(r",(?![^()]*\))", text) if name.strip()]


def listed(metrics: Iterable[Any] | str | Metric) -> list[Any]:
    """The metrics of an argument: names and objects, or a single one."""
    if isinstance(metrics, str | Metric):
        return [metrics]
    if isinstance(metrics, set | frozenset) or not isinstance(metrics, Iterable):
        # The first metric has a role in reports, and a set has another order in every process.
        raise SettingError(f"metrics is {metrics!r}; give a list of names of metrics, or of metric objects")
    return list(metrics)


def as_metrics(metrics: Iterable[Any]) -> tuple[Metric, ...]:
    """Convert strings and objects to metric objects, in order and without duplicates.

    :raises SettingError: one error that lists every string that could not be parsed, or names an object that is not a
        metric.
    """
    resolved: list[Metric] = []
    problems: list[str] = []
    for metric in listed(metrics):
        if isinstance(metric, str):
            try:
                metric = parse(metric)
            except SettingError as error:
                problems.append(str(error))
                continue
        if not isinstance(metric, Metric):
            problems.append(f"{metric!r} is neither a metric's name nor a Metric object")
        elif problem := _fault(metric):
            problems.append(f"the metric {metric.name!r}: {problem}")
        elif metric not in resolved:
            resolved.append(metric)
    if problems:
        raise SettingError("\n".join(problems))
    if not resolved:
        raise SettingError("no metric is given; evalkit list metrics lists them")
    return tuple(resolved)


#: What a metric may need: the parts of References.
_PARTS = frozenset(f.name for f in dataclasses.fields(References)) - {"texts"} | {"references"}


def _fault(metric: Metric) -> str:
    """Describe what is wrong with the class of a metric; empty if nothing is."""
    if not (isinstance(metric.name, str) and _NAME.fullmatch(metric.name) and metric.name.isprintable()):
        return "a name is a text without spaces and without any of ( ) , = |"
    own = own_name(metric.name)
    if own and type(metric) is not METRICS[own]:
        return f"{own} is a metric of evalkit; give the class {type(metric).__qualname__} another name"
    if metric.where not in ("worker", "main"):
        return f"where is {metric.where!r}, not 'worker' or 'main'"
    low, high = metric.range if isinstance(metric.range, tuple) and len(metric.range) == 2 else (1, 0)
    if not (isinstance(low, int | float) and isinstance(high, int | float) and low <= high):
        return f"range is {metric.range!r}, not a tuple of the lowest and the highest score"
    return "" if own else _fault_of_class(metric)


def _fault_of_class(metric: Metric) -> str:
    if unset := [name for cls in type(metric).__mro__ for name, value in vars(cls).items() if isinstance(value, Field)]:
        return f"{unset[0]} is a setting; write @dataclass(frozen=True) above the class"
    direction: Any = metric.higher_is_better
    if not isinstance(direction, bool):
        return f"higher_is_better is {direction!r}, not True or False"
    columns: Any = metric.columns
    names = isinstance(columns, tuple | list) and all(isinstance(name, str) for name in columns)
    if not names or not columns or len(set(columns)) < len(columns):
        return f"columns is {columns!r}, not a tuple of different names"
    for what, given, known in (("needs", metric.needs, _PARTS), ("kinds", metric.kinds, Metric.kinds)):
        if not isinstance(given, Set) or not given <= known:
            return f"{what} is {given!r}, not a frozenset of any of {', '.join(sorted(known))}"
    return ""


def _value(f: dataclasses.Field[Any], text: str) -> Any:
    """The value that a text names; the text itself if it names none of the field's type, which the metric then refuses."""
    kind, folded = f.metadata["kind"], text.casefold()
    if folded == "none" and f.default is None and "none" not in f.metadata["choices"]:
        return None
    if kind is bool:
        return {"true": True, "yes": True, "false": False, "no": False}.get(folded, text)
    return kind(text) if kind in _NUMBERS and _NUMBERS[kind].fullmatch(text) else text
