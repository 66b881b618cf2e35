"""A run on disk: written completely or not at all, and read back without scoring again.

======================  ==================================================================================
``run.json``            versions, command, seed, dataset fingerprint, signatures, checksums of all files
``scores.jsonl``        tidy scores of all levels
``statistics.parquet``  one row per task, metric, system and segment: what compare, gate and report start from
``texts.parquet``       sources, references and outputs, for the reports
``findings.jsonl``      what metrics found, one finding per line
``report.html``, ``report.md``  the results for human readers
======================  ==================================================================================
"""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from evalkit.arguments import checked
from evalkit.errors import RunFolderError, SettingError
from evalkit.files import errors_of, exclusive, move_aside, tell, write_file
from evalkit.metrics.base import Finding, Metric
from evalkit.metrics.parsing import metric_class, parse
from evalkit.metrics.settings import spell
from evalkit.results import run_json
from evalkit.results.claim import Claim, claim, recover
from evalkit.results.findings import FindingsOfTask, read_findings, write_findings
from evalkit.results.metadata import Metadata
from evalkit.results.parquet_files import (
    LoadedTask,
    SegmentTexts,
    read_statistics,
    read_texts,
    write_statistics,
    write_texts,
)
from evalkit.results.results import Results
from evalkit.results.task_results import Samples, ScoredMetric, TaskInfo, TaskResults
from evalkit.wording import kind_of

#: Outputs of a task up to which format 1 kept findings.
_KEPT_IN_FORMAT_1 = 50_000

#: The files that later commands read. The reports can be rendered again at any time.
DATA_FILES = ("scores.jsonl", "statistics.parquet", "texts.parquet", "findings.jsonl")


@checked
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
    for name in reports or {}:
        if not name.strip(".") or Path(name).name != name or name in (*DATA_FILES, run_json.NAME):
            raise SettingError(f"a report cannot be called {name!r}; give a file name such as report.md")
    results = dataclasses.replace(results, info=run_json.info(list(command), results.info))
    with contextlib.nullcontext(folder) if isinstance(folder, Claim) else claim(folder) as place:
        with errors_of("written", place.folder):
            _write_files(place.building, results, reports or {}, confidence)
        place.publish()
    return place.folder


@checked
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
    head = run_json.read_head(folder)
    _check_files(folder, head)
    scored = [tuple(_load_metric(folder, item, metrics) for item in task.metrics) for task in head.tasks]
    rows = read_statistics(folder / "statistics.parquet", list(zip(head.tasks, scored, strict=True)))
    ids = {task.name: of_task.ids for task, of_task in zip(head.tasks, rows, strict=True)}
    findings = read_findings(folder / "findings.jsonl", ids)
    texts = read_texts(folder / "texts.parquet", [(task, ids[task.name]) for task in head.tasks])
    return Results(
        benchmark=head.benchmark.name,
        fingerprint=head.benchmark.fingerprint,
        titles=head.benchmark.titles,
        seed=head.seed,
        tasks=tuple(
            _load_task(task, of_task, head.metadata, loaded, of_segments, findings[task.name])
            for task, of_task, loaded, of_segments in zip(head.tasks, scored, rows, texts, strict=True)
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
    head = run_json.read_head(folder)
    path = folder / name
    with exclusive(folder):
        with errors_of("read", path):
            changed = os.path.lexists(path) and not run_json.is_unchanged(path, run_json.listed_files(folder)[1])
        if changed:
            tell(f"{path}: changed since evalkit wrote it, or without a checksum; kept as {move_aside(path).name}")
        write_file(path, text)
        if head.format_version > 1:
            with contextlib.suppress(OSError):
                run_json.write_head(
                    folder / run_json.NAME,
                    msgspec.structs.replace(head, files={**head.files, name: run_json.sha256(path)}),
                )
    return path


def _write_files(
    building: Path, results: Results, reports: Mapping[str, Callable[[Results], str]], confidence: float | None
) -> None:
    with (building / "scores.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for lines in results.iter_json(confidence=confidence):
            file.write("\n".join([*lines, ""]))
    write_statistics(building / "statistics.parquet", results)
    write_texts(building / "texts.parquet", results)
    write_findings(building / "findings.jsonl", results)
    for name, render in reports.items():
        text: object = render(results)
        if not isinstance(text, str):
            raise SettingError(f"the report {name} is {kind_of(text)}, not a text")
        (building / name).write_bytes(text.encode("utf-8", "backslashreplace"))
    head = run_json.RunHead(
        **results.info,
        metadata=results.tasks[0].metadata if results.tasks else Metadata(),
        seed=results.seed,
        benchmark=run_json.Benchmark(
            name=results.benchmark, fingerprint=results.fingerprint, titles=dict(results.titles)
        ),
        tasks=[_task_head(task) for task in results.tasks],
        files={path.name: run_json.sha256(path) for path in sorted(building.iterdir())},
    )
    run_json.write_head(building / run_json.NAME, head)


def _info(task: TaskInfo) -> dict[str, Any]:
    return {field.name: getattr(task, field.name) for field in dataclasses.fields(TaskInfo)}


def _task_head(task: TaskResults) -> run_json.TaskHead:
    return run_json.TaskHead(
        **_info(task),
        segments=len(task.ids),
        metrics=[
            run_json.MetricHead(
                label=scored.label,
                name=scored.metric.name,
                settings={k: spell(v) if callable(v) else v for k, v in scored.metric.settings().items()},
                signature=scored.signature,
                columns=list(scored.metric.columns),
                higher_is_better=scored.higher_is_better,
            )
            for scored in task.metrics
        ],
        reference_names=task.texts.reference_names if task.texts else (),
        findings=list(task.findings),
        samples={
            name: run_json.SamplesHead(shares=dict(samples.shares), pass_rates=dict(samples.pass_rates))
            for name, samples in task.samples.items()
        },
        fields=list(task.fields),
    )


def _check_files(folder: Path, head: run_json.RunHead) -> None:
    for name in DATA_FILES:
        path = folder / name
        if name not in head.files:
            raise RunFolderError(f"{folder / run_json.NAME}: no checksum for {name}; score again")
        with run_json.reading(path):
            if not path.is_file():
                raise RunFolderError(f"{path}: missing or not a regular file; score again")
            intact = run_json.sha256(path) == head.files[name]
        if not intact:
            raise RunFolderError(
                f"{path}: cut short or changed since the run (its sha256 is not the one in run.json); score again"
            )


def _load_metric(folder: Path, item: run_json.MetricHead, metrics: Sequence[Metric]) -> ScoredMetric:
    given = next((metric for metric in metrics if metric.signature() == item.signature), None)
    others = [metric for metric in metrics if metric.name == item.name]
    if given is None and others and metric_class(item.name) is None:
        was = f"{item.label} has the signature {item.signature!r}"
        raise RunFolderError(f"{folder / run_json.NAME}: {was}, but the metric given has {others[0].signature()!r}")
    scored = ScoredMetric(item.label, _registered_metric(folder, item) if given is None else given)
    if given and (list(given.columns), given.higher_is_better) != (item.columns, item.higher_is_better):
        was = f"columns {', '.join(item.columns)} and higher_is_better {item.higher_is_better}"
        raise RunFolderError(f"{folder / run_json.NAME}: {item.label} was saved with {was}, unlike the metric given")
    if scored.signature != item.signature:
        raise RunFolderError(
            f"{folder / run_json.NAME}: {item.label} has the signature {item.signature!r}, but this version of evalkit "
            f"computes {scored.signature!r}; score again"
        )
    return scored


def _registered_metric(folder: Path, item: run_json.MetricHead) -> Metric:
    cls = metric_class(item.name)
    if cls is None:
        raise RunFolderError(
            f"{folder / run_json.NAME}: the metric {item.name} is not installed; install the package that provides it, "
            "or pass the object to load_results(metrics=[...])"
        )
    try:
        return cls(**item.settings)
    except (SettingError, TypeError):
        return parse(item.label)


def _load_task(
    head: run_json.TaskHead,
    scored: tuple[ScoredMetric, ...],
    metadata: Metadata,
    rows: LoadedTask,
    texts: SegmentTexts,
    findings: FindingsOfTask,
) -> TaskResults:
    labels = list(findings) if head.findings is None else head.findings
    none: tuple[tuple[Finding, ...], ...] = ((),) * len(rows.ids)
    return TaskResults(
        **_info(head),
        ids=rows.ids,
        articles=rows.articles,
        metrics=scored,
        statistics=rows.statistics,
        texts=texts.texts,
        findings={label: {name: findings.get(label, {}).get(name, none) for name in head.systems} for label in labels},
        findings_kept=head.findings is not None or head.segments * len(head.systems) <= _KEPT_IN_FORMAT_1,
        samples={
            name: Samples(texts.samples[name], samples.shares, samples.pass_rates)
            for name, samples in head.samples.items()
        },
        fields=texts.fields,
        metadata=metadata,
    )
