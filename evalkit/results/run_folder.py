"""A run on disk: written completely or not at all, and read back without scoring again.

======================  ==================================================================================
``run.json``            versions, command, seed, dataset fingerprint, signatures, checksums of all files
``scores.jsonl``        tidy scores of all levels
``statistics.parquet``  one row per task, metric, system and segment: what compare, gate and report start from
``texts.parquet``       sources, references and outputs, for the reports
``findings.jsonl``      what metrics found, one finding per line
``report.html``, ``report.md``  for people
======================  ==================================================================================
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import msgspec

from evalkit.errors import RunFolderError, SettingError
from evalkit.files import errors_of, exclusive, move_aside, tell, write_file
from evalkit.metrics.base import Finding, Metric, spell
from evalkit.metrics.parsing import metric_class, parse
from evalkit.results.claim import Claim, claim, recover
from evalkit.results.findings_file import FindingsOfTask, read_findings, write_findings
from evalkit.results.metadata import Metadata
from evalkit.results.results import Results
from evalkit.results.run_json import (
    NAME,
    Benchmark,
    MetricHead,
    RunHead,
    SamplesHead,
    ShareHead,
    TaskHead,
    info,
    is_unchanged,
    listed_files,
    read_head,
    sha256,
    write_head,
)
from evalkit.results.statistics_file import LoadedTask, read_statistics, write_statistics
from evalkit.results.task_results import Samples, ScoredMetric, TaskResults
from evalkit.results.texts_file import TextsFile, write_texts
from evalkit.stats.parallel import one_thread_each

#: Outputs of a task up to which format 1 kept findings.
_KEPT_IN_FORMAT_1 = 50_000

#: What ``run.json`` and the results have in common.
_SHARED = (
    "name", "lang", "source_lang", "kind", "fingerprint", "systems", "missing", "empty", "undefined", "leave_one_out",
    "reference_counts", "notes",
)  # fmt: skip

#: The files that later commands read. The reports can be rendered again at any time.
DATA_FILES = ("scores.jsonl", "statistics.parquet", "texts.parquet", "findings.jsonl")

#: Outputs from which on the files and the reports are written one after another: side by side, those of a million segments
#: take more than a gigabyte.
_ONE_AT_A_TIME = 500_000


def save_results(
    results: Results,
    folder: str | Path | Claim,
    *,
    command: Sequence[str] = (),
    reports: Mapping[str, Callable[[Results], str]] | None = None,
    confidence: float | None = None,
) -> Path:
    """Write a run folder completely or not at all; see :mod:`evalkit.results.claim` for how an earlier one is handled.

    :param folder: the path, or an existing claim on it.
    :param reports: maps a file name to a function that renders the results.
    :param confidence: confidence level such as 0.95 of ``low`` and ``high`` in ``scores.jsonl``.
    :raises RunFolderError: if the folder cannot be written, or contains something other than a run.
    :raises ResourceError: if the disk is full or fails.
    """
    results = dataclasses.replace(results, info=info(list(command), results.info))
    with contextlib.nullcontext(folder) if isinstance(folder, Claim) else claim(folder) as place:
        with errors_of("written", place.folder):
            _write_files(place.building, results, reports or {}, confidence)
        place.publish()
    return place.folder


def load_results(folder: str | Path, *, metrics: Sequence[Metric] = ()) -> Results:
    """Read a run folder.

    :param metrics: the metric objects, if the run used metrics that are not registered by name.
    :raises RunFolderError: naming the file that is missing, truncated, modified or of another version.
    """
    folder = Path(folder)
    recover(folder)
    with errors_of("read", folder):
        try:
            folder.stat()
        except FileNotFoundError:
            raise RunFolderError(f"{folder}: no such run folder; evalkit run --out {folder} creates one") from None
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: not a run folder; name the folder that evalkit run wrote")
    head = read_head(folder)
    _check_files(folder, head)
    scored = [_load_metrics(folder, task, metrics) for task in head.tasks]
    try:
        statistics = read_statistics(folder / "statistics.parquet", list(zip(head.tasks, scored, strict=True)))
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        if isinstance(error, RunFolderError):
            raise
        raise RunFolderError(f"{folder}: the run is corrupt ({error!r}); score again") from None
    findings = read_findings(
        folder / "findings.jsonl",
        {task.name: of_task.ids for task, of_task in zip(head.tasks, statistics, strict=True)},
    )
    texts = TextsFile(folder / "texts.parquet")
    return Results(
        benchmark=head.benchmark.name,
        fingerprint=head.benchmark.fingerprint,
        titles=head.benchmark.titles,
        seed=head.seed,
        tasks=tuple(
            _load_task(task, of_task, loaded, texts, findings[task.name], head.metadata)
            for task, of_task, loaded in zip(head.tasks, scored, statistics, strict=True)
        ),
        info=head.info,
    )


def replace_report(folder: str | Path, name: str, text: str) -> Path:
    """Replace a report of a run folder, and its checksum in ``run.json``.

    A report whose checksum differs from the one in ``run.json`` is kept as ``NAME.old``.

    :raises RunFolderError: if the folder does not contain an intact run.
    :raises InputError: if the report cannot be written.
    """
    folder = Path(folder)
    head = read_head(folder)
    path = folder / name
    with exclusive(folder):
        with errors_of("read", path):
            changed = os.path.lexists(path) and not is_unchanged(path, listed_files(folder)[1])
        if changed:
            tell(f"{path}: changed since evalkit wrote it, or without a checksum; kept as {move_aside(path).name}")
        write_file(path, text)
        if head.format_version > 1:
            with contextlib.suppress(OSError):
                write_head(folder / NAME, msgspec.structs.replace(head, files={**head.files, name: sha256(path)}))
    return path


# -- writing --------------------------------------------------------------------------------------------------------


def _write_files(
    building: Path, results: Results, reports: Mapping[str, Callable[[Results], str]], confidence: float | None
) -> None:
    # Parquet and the resampling of the reports release Python's global interpreter lock most of the time, so the files
    # are written in parallel, up to a size at which memory matters more than a few seconds. The linear algebra library is
    # located before the threads start: locating it holds the dynamic linker's lock and needs the interpreter lock, and
    # importing an extension module in a thread acquires the two in the opposite order, so both would deadlock.
    large = sum(len(task.ids) * len(task.systems) for task in results.tasks) > _ONE_AT_A_TIME
    with one_thread_each(), ThreadPoolExecutor(1 if large else None) as threads:
        files = [
            threads.submit(_write_scores, building / "scores.jsonl", results, confidence),
            threads.submit(write_statistics, building / "statistics.parquet", results),
            threads.submit(write_texts, building / "texts.parquet", results),
            threads.submit(write_findings, building / "findings.jsonl", results),
        ]
        if large:
            wait(files)
        for name, render in reports.items():
            (building / name).write_bytes(render(results).encode("utf-8", "backslashreplace"))
        for file in files:
            file.result()
    write_head(
        building / NAME,
        RunHead(
            **results.info,
            metadata=results.tasks[0].metadata if results.tasks else Metadata(),
            seed=results.seed,
            benchmark=Benchmark(name=results.benchmark, fingerprint=results.fingerprint, titles=dict(results.titles)),
            tasks=[_task_head(task) for task in results.tasks],
            files={path.name: sha256(path) for path in sorted(building.iterdir())},
        ),
    )


def _write_scores(path: Path, results: Results, confidence: float | None) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for lines in results.iter_json(confidence=confidence):
            file.write("\n".join([*lines, ""]))


def _task_head(task: TaskResults) -> TaskHead:
    return TaskHead(
        **{name: getattr(task, name) for name in _SHARED},
        segments=len(task.ids),
        metrics=[
            MetricHead(
                label=scored.label,
                name=scored.metric.name,
                settings={key: _plain(value) for key, value in scored.metric.settings().items()},
                signature=scored.signature,
                columns=list(scored.metric.columns),
                higher_is_better=scored.higher_is_better,
            )
            for scored in task.metrics
        ],
        reference_names=task.texts.reference_names if task.texts else (),
        findings=list(task.findings),
        samples={
            name: SamplesHead(
                shares={label: ShareHead(**vars(share)) for label, share in samples.shares.items()},
                pass_rates=dict(samples.pass_rates),
            )
            for name, samples in task.samples.items()
        },
        fields=list(task.fields),
    )


def _plain(value: Any) -> Any:
    return spell(value) if callable(value) else value


# -- reading --------------------------------------------------------------------------------------------------------


def _check_files(folder: Path, head: RunHead) -> None:
    for name in DATA_FILES:
        path = folder / name
        if name not in head.files:
            raise RunFolderError(f"{folder / NAME}: has no checksum for {name}; score again")
        try:
            if not path.is_file():
                raise RunFolderError(f"{path}: missing or not a regular file; score again")
            intact = sha256(path) == head.files[name]
        except OSError as error:
            raise RunFolderError(f"{path}: cannot be read ({error.strerror or error}); score again") from None
        if not intact:
            raise RunFolderError(
                f"{path}: cut short or changed since the run (its sha256 is not the one of run.json); score again"
            )


def _load_metrics(folder: Path, head: TaskHead, metrics: Sequence[Metric]) -> tuple[ScoredMetric, ...]:
    scored = tuple(ScoredMetric(item.label, _metric(item, metrics, folder)) for item in head.metrics)
    for item, loaded in zip(head.metrics, scored, strict=True):
        if loaded.signature != item.signature:
            raise RunFolderError(
                f"{folder / NAME}: {item.label} has the signature {item.signature!r}, but this version of evalkit "
                f"computes {loaded.signature!r}; score again"
            )
    return scored


def _metric(item: MetricHead, metrics: Sequence[Metric], folder: Path) -> Metric:
    for metric in metrics:
        if metric.signature() == item.signature:
            return metric
    cls = metric_class(item.name)
    if cls is None:
        raise RunFolderError(
            f"{folder / NAME}: the metric {item.name} is not known here; install the package it came from, "
            "or hand the object to load_results(metrics=[...])"
        )
    try:
        return cls(**item.settings)
    except (SettingError, TypeError):
        return parse(item.label)


def _load_task(
    head: TaskHead,
    scored: tuple[ScoredMetric, ...],
    loaded: LoadedTask,
    file: TextsFile,
    findings: FindingsOfTask,
    metadata: Metadata,
) -> TaskResults:
    results = file.of_task(head, loaded.ids)
    labels = list(findings) if head.findings is None else head.findings
    none: tuple[tuple[Finding, ...], ...] = ((),) * len(loaded.ids)
    return TaskResults(
        **{name: getattr(head, name) for name in _SHARED},
        ids=loaded.ids,
        articles=loaded.articles,
        metrics=scored,
        statistics=loaded.statistics,
        texts=results.texts,
        findings={label: {name: findings.get(label, {}).get(name, none) for name in head.systems} for label in labels},
        findings_kept=head.findings is not None or head.segments * len(head.systems) <= _KEPT_IN_FORMAT_1,
        samples={
            name: Samples(
                counts=results.samples[name],
                shares={label: share.share_of() for label, share in samples.shares.items()},
                pass_rates=samples.pass_rates,
            )
            for name, samples in head.samples.items()
        },
        fields=results.fields,
        metadata=metadata,
    )
