"""Declarations about systems and benchmarks: metrics that a system was optimized for, training cutoffs, canaries.

Declarations are recorded in ``run.json`` and cause notes in reports; they never change a score, a test or a rank.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from evalkit.arguments import plain
from evalkit.errors import SettingError, did_you_mean, few
from evalkit.files import tell
from evalkit.metrics import METRICS
from evalkit.metrics.judging.asking import same_family
from evalkit.toml_file import kind_of, read_settings
from evalkit.wording import count

if TYPE_CHECKING:
    from evalkit.results.task_results import ScoredMetric, TaskResults

#: Shortest text that can identify a benchmark; anything shorter could be in an output by chance.
_CANARY_LENGTH = 16

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class SystemMetadata(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Declarations about one system.

    :param tuned_on: names of the metrics that the system was trained or tuned to maximize.
    :param reranked_with: names of the metrics that chose among its candidate outputs.
    :param training_cutoff: the end of its training data: ``2024``, ``2024-06`` or ``2024-06-30``.
    :param model: the model behind it, to notice a judge that judges itself.
    """

    tuned_on: tuple[str, ...] = ()
    reranked_with: tuple[str, ...] = ()
    training_cutoff: str = ""
    model: str = ""

    def __post_init__(self) -> None:
        if self.training_cutoff:
            _days(self.training_cutoff)


class BenchmarkMetadata(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Declarations about the benchmark.

    :param released: when its references became public, in the same form as a training cutoff.
    :param canary: texts that mark the benchmark; an output that contains one was probably memorized.
    """

    released: str = ""
    canary: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.released:
            _days(self.released)


class Metadata(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Declarations about the systems of a run, by name, and about its benchmark."""

    systems: dict[str, SystemMetadata] = {}
    benchmark: BenchmarkMetadata = BenchmarkMetadata()

    def of(self, systems: Sequence[str], metrics: Iterable[str] = (), canary: Sequence[str] = ()) -> Metadata:
        """The declarations that concern the systems of a run and the canaries of its benchmark; a note lists the others.

        :param metrics: the names of the run's metrics. A note lists names that are neither among these nor evalkit's own.
        """
        known = dict.fromkeys((*metrics, *METRICS, "ROUGE"))
        for name, system in self.systems.items():
            if name not in systems:
                hint = did_you_mean(name, [s for s in systems if s not in self.systems], quoted=True)
                tell(f"metadata of {name!r} is not used, because this run has no such system{hint}")
                continue
            for metric in dict.fromkeys((*system.tuned_on, *system.reranked_with)):
                if not any(_related(_plain(metric), _plain(other)) for other in known):
                    hint = did_you_mean(metric, known)
                    tell(
                        f"metadata of {name!r}: {metric!r} is not a metric of evalkit or of this run, and has no effect{hint}"
                    )
        canaries = tuple(dict.fromkeys((*self.benchmark.canary, *canary)))
        return Metadata(
            systems={name: metadata for name, metadata in self.systems.items() if name in systems},
            benchmark=msgspec.structs.replace(self.benchmark, canary=canaries),
        )


#: A file of declarations, a mapping of the same form, or declarations that have been read.
MetadataLike = str | Path | Mapping[str, Any] | Metadata | None


def read_metadata(metadata: MetadataLike) -> Metadata:
    """Read declarations from a TOML file or from a mapping of the same form.

    ::

        [benchmark]
        released = 2024-08-30
        canary = "a text that marks the benchmark"

        [systems."my system"]
        tuned_on = ["COMET"]
        reranked_with = ["MetricX"]
        training_cutoff = "2024-06"
        model = "gpt-4o"

    :raises SettingError: for a file that cannot be read, an unknown key (the message suggests the nearest) or a value of
        the wrong type.
    """
    if metadata is None or isinstance(metadata, Metadata):
        return metadata or Metadata()
    where, table = "metadata", metadata if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping):
        where, table = str(metadata), read_settings(Path(metadata), ("tool", "evalkit", "metadata"))
        if table is None:
            raise SettingError(f"{where}: there is no table [tool.evalkit.metadata]")
    parts = _table(table, where, Metadata)
    systems = {
        str(name): _declared(SystemMetadata, value, f"{where}: systems.{name}")
        for name, value in _table(parts.get("systems", {}), f"{where}: systems").items()
    }
    benchmark = _declared(BenchmarkMetadata, parts.get("benchmark", {}), f"{where}: benchmark")
    for text in benchmark.canary:
        if len(text.strip()) < _CANARY_LENGTH:
            raise SettingError(f"{where}: benchmark.canary {text!r} is too short to identify a benchmark")
    return Metadata(systems=systems, benchmark=benchmark)


def metadata_notes(
    task: TaskResults,
    systems: Container[str] | None = None,
    labels: Container[str] | None = None,
    *,
    ranked: bool = True,
) -> Iterator[str]:
    """Write one sentence for each declaration that affects how a task's scores should be read.

    :param systems: the systems that are shown, and ``labels`` the metrics; all by default.
    :param ranked: whether they are shown in a table that the task's first metric ranks.
    """
    shown = [name for name in task.systems if systems is None or name in systems]
    metrics = [scored for scored in task.metrics if labels is None or scored.label in labels]
    uses = ((use, m.label, name) for name in shown for m in metrics for use in optimized_for(task.metadata, name, m))
    yield from _use_notes(uses, ranked_by=task.metrics[0].label if ranked else "")
    outputs = task.texts.outputs if task.texts else {}
    sources = (task.texts.sources if task.texts else None) or ("",) * len(task.ids)
    yield from _training_notes(task.metadata, {name: outputs.get(name, ()) for name in shown}, sources, task.ids)


def judge_names(judge: str) -> tuple[str, ...]:
    """Return the names by which declarations may mean the judge of a duel, such as ``openai:gpt-4o``."""
    return "Judge", judge, judge.rpartition(":")[2]


def duel_notes(
    metadata: Metadata, judge: str, outputs: Mapping[str, Sequence[str]], sources: Sequence[str], ids: Sequence[str]
) -> Iterator[str]:
    """The same for a duel whose judge is a model such as ``openai:gpt-4o``; ``outputs`` has one text per segment."""
    uses = ((use, judge, name) for name in outputs for use in _uses(metadata, name, judge_names(judge), judge))
    yield from _use_notes(uses)
    yield from _training_notes(metadata, outputs, sources, ids)


def _use_notes(uses: Iterable[tuple[str, str, str]], ranked_by: str = "") -> Iterator[str]:
    """Write one sentence for the systems of each use of each metric."""
    by_use: dict[tuple[str, str], list[str]] = {}
    for use, label, system in uses:
        by_use.setdefault((use, label), []).append(system)
    for (use, label), systems in by_use.items():
        by_this = ", by which this table is ranked," if label == ranked_by else ""
        yield f"{_names(systems)} {use}: expect {label}{by_this} to overstate the quality"


def _training_notes(
    metadata: Metadata, outputs: Mapping[str, Sequence[str]], sources: Sequence[str], ids: Sequence[str]
) -> Iterator[str]:
    """List systems whose training data may contain the references, or whose outputs contain the benchmark's canary."""
    released, canaries = metadata.benchmark.released, metadata.benchmark.canary
    for system, texts in outputs.items():
        cutoff = metadata.systems.get(system, SystemMetadata()).training_cutoff
        if released and cutoff and _days(cutoff)[1] >= _days(released)[0]:
            when = f"on {released}" if released.count("-") > 1 else f"in {released}"
            yield (
                f"{system} has a training cutoff of {cutoff}, and the benchmark was released {when}: "
                "its training data may contain the references"
            )
        found = [
            id_
            for id_, source, text in zip(ids, sources, texts if canaries else (), strict=False)
            if any(canary in text and canary not in source for canary in canaries)
        ]
        if found:
            yield (
                f"the benchmark's canary is in {count(len(found), 'output')} of {system} "
                f"({few(found, 5)}): its training data contained the benchmark"
            )


def optimized_for(metadata: Metadata, system: str, scored: ScoredMetric) -> Iterator[str]:
    """Return in words why a metric favors a system: ``tuned on COMET``, ``reranked with MetricX``, ``judged by itself``.

    Names are compared without settings. A name also covers its variants: ``ROUGE`` covers ROUGE-L, and chrF++ covers chrF.
    """
    settings = scored.metric.settings()
    names = (scored.label, scored.metric.name, str(settings.get("title", "")))
    model = str(settings.get("model", ""))
    return _uses(metadata, system, names, model, prefers_family=scored.metric.name == "Judge")


def _uses(
    metadata: Metadata, system: str, metric_names: Iterable[str], model: str, *, prefers_family: bool = True
) -> Iterator[str]:
    declared = metadata.systems.get(system, SystemMetadata())
    names = set(map(_plain, metric_names))
    for use, metrics in (("tuned on", declared.tuned_on), ("reranked with", declared.reranked_with)):
        yield from (f"{use} {name}" for name in metrics if any(_related(_plain(name), other) for other in names))
    if declared.model and declared.model.casefold() == model.rpartition(":")[2].casefold():
        yield f"judged by itself ({declared.model})"
    elif declared.model and prefers_family and same_family(model, declared.model):
        yield f"judged by a model of its own family ({declared.model})"


def _plain(metric: str) -> str:
    """Return the name of a metric without its settings, in lowercase."""
    return metric.partition("(")[0].strip().casefold()


def _related(one: str, other: str) -> bool:
    """Whether two names are equal, or one extends the other by something that does not begin with a letter."""
    short, long = sorted((one, other), key=len)
    return bool(short) and long.startswith(short) and not long[len(short) : len(short) + 1].isalpha()


def _names(systems: Sequence[str]) -> str:
    return f"{systems[0]} was" if len(systems) == 1 else f"{', '.join(systems[:-1])} and {systems[-1]} were"


def _days(text: str) -> tuple[date, date]:
    """Return the first and the last day of a year, a month or a day; a ``ValueError`` for any other text."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day = (int(part or 0) for part in match.groups())
    last = month or 12
    return date(year, month or 1, day or 1), date(year, last, day or calendar.monthrange(year, last)[1])


def _declared(kind: type[Any], value: Any, where: str) -> Any:
    """Convert a table to a struct; a single text is treated as a list of one, and dates are kept as text."""
    table = _table(value, where, kind)
    for key, entry in table.items():
        if key in ("tuned_on", "reranked_with", "canary"):
            texts = [entry] if isinstance(entry, str) else entry
            if not isinstance(texts, list | tuple) or not all(isinstance(text, str) and text.strip() for text in texts):
                raise SettingError(f'{where}.{key} takes a list of texts, such as ["COMET"]')
            table[key] = tuple(map(plain, texts))
        elif key == "model":
            if not isinstance(entry, str):
                raise SettingError(f"{where}.{key} is {kind_of(entry)}; give the name of a model")
            table[key] = plain(entry)
        else:
            table[key] = text = entry.isoformat() if type(entry) is date else str(entry)
            try:
                _days(text)
            except ValueError:
                raise SettingError(f"{where}.{key} is {text!r}; write 2024, 2024-06 or 2024-06-30") from None
    return kind(**table)


def _table(value: Any, where: str, kind: type[msgspec.Struct] | None = None) -> dict[str, Any]:
    """A copy of a table, whose keys must be fields of ``kind``."""
    if not isinstance(value, Mapping):
        raise SettingError(f"{where} is {kind_of(value)}, not a table")
    known = kind.__struct_fields__ if kind else ()
    for key in value if kind else ():
        if key not in known:
            hint = did_you_mean(str(key), known) or "."
            raise SettingError(f"{where}: unknown key {key!r}{hint} The keys are {', '.join(known)}")
    return dict(value)
