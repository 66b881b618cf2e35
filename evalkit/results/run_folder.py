"""A run on disk: written whole or not at all, and read back without scoring again.

======================  ==================================================================================
``run.json``            versions, command, seed, dataset fingerprint, a signature a metric, sha256 of the data files
``scores.jsonl``        tidy scores of all levels
``statistics.parquet``  a row a task, metric, system and segment: what compare, gate and report start from
``texts.parquet``       sources, references and outputs, for the reports
``findings.jsonl``      what metrics found, one a line
``report.html``, ``report.md``  for people
======================  ==================================================================================
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evalkit.errors import RunFolderError, SettingError
from evalkit.metrics.base import Finding, Metric, spell
from evalkit.metrics.parsing import known_metrics, parse
from evalkit.results import arrow_columns
from evalkit.results.results import Results
from evalkit.results.statistics_file import Layout, LoadedTask, read_statistics, write_statistics
from evalkit.results.task_results import ScoredMetric, TaskResults, Texts
from evalkit.stats.parallel import one_thread_each
from evalkit.version import __version__

__all__ = ["check_writable", "load_results", "save_results", "versions"]

FORMAT = "evalkit-run"
FORMAT_VERSION = 1

#: what later commands read; ``run.json`` vouches for them. The reports may be made anew at any time.
DATA_FILES = ("scores.jsonl", "statistics.parquet", "texts.parquet", "findings.jsonl")


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    found = {"evalkit": __version__, "python": platform.python_version()}
    for package in ("numpy", "sacrebleu", "rouge-score", "datasets", "pyarrow"):
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def check_writable(folder: str | Path) -> Path:
    """The folder a run may be written to: new, or an earlier run of evalkit's.

    :raises RunFolderError: if something else stands there, or it cannot be made.
    """
    folder = Path(folder)
    if folder.exists() or folder.is_symlink():
        if not folder.is_dir():
            raise RunFolderError(f"{folder}: a file stands where the run folder should go; choose another --out")
        if any(folder.iterdir()) and not _is_run(folder):
            raise RunFolderError(
                f"{folder}: this folder holds something other than a run of evalkit and is left alone; choose another --out"
            )
    parent = folder.resolve().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise RunFolderError(f"{folder}: cannot be written, {parent} is not a writable folder; choose another --out")
    return folder


def save_results(
    results: Results,
    folder: str | Path,
    *,
    command: Sequence[str] = (),
    reports: Mapping[str, Callable[[Results], str]] | None = None,
    confidence: float | None = None,
) -> Path:
    """Write a run folder. It appears whole: built under a temporary name beside its place, then renamed.

    :param reports: file name to a function from results to its text.
    :param confidence: such as 0.95, for ``low`` and ``high`` in ``scores.jsonl``.
    :raises RunFolderError: if the folder cannot be written, or holds something other than a run.
    """
    folder = check_writable(folder)
    results = dataclasses.replace(results, info=_info(command))
    with _whole_folder(folder) as building:
        # Parquet and the resampling of the reports leave Python's lock free most of the time, so the files are made side
        # by side: of a million segments that saves a third of the wait. The linear algebra library is looked for before
        # there are threads: the search holds the dynamic linker's lock and needs Python's, and a thread that imports an
        # extension module holds the one and needs the other, so the two would wait for each other for ever.
        with one_thread_each(), ThreadPoolExecutor() as threads:
            files = [
                threads.submit(_write_scores, building / "scores.jsonl", results, confidence),
                threads.submit(write_statistics, building / "statistics.parquet", results),
                threads.submit(_write_texts, building / "texts.parquet", results),
                threads.submit(_write_findings, building / "findings.jsonl", results),
            ]
            for name, render in (reports or {}).items():
                (building / name).write_text(render(results), encoding="utf-8", newline="\n")
            for file in files:
                file.result()
        _write_json(building / "run.json", _head_of(building, results))
    return folder


def load_results(folder: str | Path, *, metrics: Sequence[Metric] = ()) -> Results:
    """Read a run folder.

    :param metrics: the metric objects of a run that used some which are not known by name.
    :raises RunFolderError: naming the file that is missing, cut short, altered or of another version.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: no such run folder; evalkit run --out {folder} makes one")
    head = _head(folder)
    _check_files(folder, head)
    try:
        heads = head["tasks"]
        scored = [_load_metrics(folder, task, metrics) for task in heads]
        layouts = [_layout(task, of_task) for task, of_task in zip(heads, scored, strict=True)]
        statistics = read_statistics(folder / "statistics.parquet", layouts)
        tasks = tuple(_load_task(folder, *parts) for parts in zip(heads, scored, statistics, strict=True))
        return Results(
            benchmark=head["benchmark"]["name"],
            fingerprint=head["benchmark"]["fingerprint"],
            titles=head["benchmark"]["titles"],
            seed=head["seed"],
            tasks=tasks,
            info={key: head[key] for key in ("created", "command", "versions")},
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, RunFolderError | SettingError):
            raise
        raise RunFolderError(f"{folder}: the run does not hold together ({error!r}); score again") from None


@contextlib.contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise RunFolderError(f"{folder}: cannot be written: {error.strerror or error}") from None
    try:
        building.chmod(0o777 & ~_umask())
        yield building
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            folder.rename(old / folder.name)
            building.rename(folder)
            shutil.rmtree(old)
        else:
            building.rename(folder)
    except OSError as error:
        raise RunFolderError(f"{folder}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _is_run(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "run.json").read_text(encoding="utf-8"))["format"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


# -- writing --------------------------------------------------------------------------------------------------------


def _info(command: Sequence[str]) -> dict[str, Any]:
    """What run.json and the reports say beside the results."""
    return {
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": list(command),
        "versions": versions(),
    }


def _head_of(folder: Path, results: Results) -> dict[str, Any]:
    """run.json; the data files are there already."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        **results.info,
        "seed": results.seed,
        "benchmark": {
            "name": results.benchmark,
            "fingerprint": results.fingerprint,
            "titles": dict(results.titles),
        },
        "tasks": [_task_head(task) for task in results.tasks],
        "files": {name: _sha256(folder / name) for name in DATA_FILES},
    }


def _write_scores(path: Path, results: Results, confidence: float | None) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for lines in results.iter_json(confidence=confidence):
            file.write("\n".join([*lines, ""]))


def _write_findings(path: Path, results: Results) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in _findings(results):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _task_head(task: TaskResults) -> dict[str, Any]:
    return {
        "name": task.name,
        "lang": task.lang,
        "source_lang": task.source_lang,
        "kind": task.kind,
        "fingerprint": task.fingerprint,
        "segments": len(task.ids),
        "systems": list(task.systems),
        "missing": {name: list(ids) for name, ids in task.missing.items()},
        "metrics": [
            {
                "label": scored.label,
                "name": scored.metric.name,
                "settings": {k: _plain(v) for k, v in scored.metric.settings().items()},
                "signature": scored.signature,
                "columns": list(scored.metric.columns),
                "higher_is_better": scored.higher_is_better,
            }
            for scored in task.metrics
        ],
        "reference_names": list(task.texts.reference_names) if task.texts else [],
    }


def _plain(value: Any) -> Any:
    return spell(value) if callable(value) else value


def _write_json(path: Path, value: Any) -> None:
    path.write_text(
        json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8", newline="\n"
    )


def _write_texts(path: Path, results: Results) -> None:
    import pyarrow
    import pyarrow.parquet

    text = pyarrow.string()
    schema = pyarrow.schema(
        [
            ("task", text),
            ("segment", text),
            ("article", text),
            ("block", text),
            ("source", text),
            ("references", pyarrow.list_(text)),
            ("outputs", pyarrow.list_(text)),
        ],
        metadata={"outputs": "in the order of the task's systems in run.json"},
    )
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for task in results.tasks:
            if task.texts is None:
                continue
            n = len(task.ids)
            columns = [
                arrow_columns.strings([task.name] * n),
                arrow_columns.strings(task.ids),
                arrow_columns.strings(task.articles or [None] * n),
                arrow_columns.strings(task.texts.blocks or [None] * n),
                arrow_columns.strings(task.texts.sources or [None] * n),
                arrow_columns.string_lists(task.texts.references),
                arrow_columns.string_lists(
                    list(zip(*(task.texts.outputs[name] for name in task.systems), strict=True))
                ),
            ]
            writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))


def _findings(results: Results) -> Iterator[dict[str, Any]]:
    for task in results.tasks:
        for label, by_system in task.findings.items():
            for system, segments in by_system.items():
                for id_, found in zip(task.ids, segments, strict=True):
                    for item in found:
                        yield {
                            "task": task.name,
                            "metric": label,
                            "system": system,
                            "segment": id_,
                            "kind": item.kind,
                            "severity": item.severity,
                            "message": item.message,
                            "source_span": item.source_span,
                            "output_span": item.output_span,
                            "key": item.key,
                        }


# -- reading --------------------------------------------------------------------------------------------------------


def _head(folder: Path) -> Any:
    path = folder / "run.json"
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunFolderError(f"{path}: missing; {folder} is not a run folder of evalkit") from None
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path}: cannot be read ({error}); score again") from None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise RunFolderError(f"{path}: not written by evalkit run")
    if head.get("format_version") != FORMAT_VERSION:
        raise RunFolderError(
            f"{path}: format {head.get('format_version')!r}, and this version of evalkit reads {FORMAT_VERSION}; score again"
        )
    return head


def _check_files(folder: Path, head: Mapping[str, Any]) -> None:
    files = head.get("files")
    if not isinstance(files, dict) or set(files) != set(DATA_FILES):
        raise RunFolderError(f"{folder / 'run.json'}: does not vouch for {', '.join(DATA_FILES)}; score again")
    for name in DATA_FILES:
        path = folder / name
        try:
            found = _sha256(path)
        except FileNotFoundError:
            raise RunFolderError(f"{path}: missing; score again") from None
        except OSError as error:
            raise RunFolderError(f"{path}: cannot be read ({error.strerror or error}); score again") from None
        if found != files[name]:
            raise RunFolderError(
                f"{path}: cut short or altered since the run (its sha256 is not the one of run.json); score again"
            )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _load_metrics(folder: Path, head: Mapping[str, Any], metrics: Sequence[Metric]) -> tuple[ScoredMetric, ...]:
    scored = tuple(ScoredMetric(item["label"], _metric(item, metrics, folder)) for item in head["metrics"])
    for item, loaded in zip(head["metrics"], scored, strict=True):
        if loaded.signature != item["signature"]:
            raise RunFolderError(
                f"{folder / 'run.json'}: {item['label']} has the signature {item['signature']!r}, but this version of evalkit "
                f"computes {loaded.signature!r}; score again"
            )
    return scored


def _layout(head: Mapping[str, Any], scored: Sequence[ScoredMetric]) -> Layout:
    metrics = tuple((item.label, len(item.metric.columns)) for item in scored)
    return Layout(head["name"], int(head["segments"]), tuple(head["systems"]), metrics)


def _load_task(
    folder: Path, head: Mapping[str, Any], scored: tuple[ScoredMetric, ...], loaded: LoadedTask
) -> TaskResults:
    task, systems = head["name"], tuple(head["systems"])
    return TaskResults(
        name=task,
        lang=head["lang"],
        source_lang=head["source_lang"],
        kind=head["kind"],
        fingerprint=head["fingerprint"],
        systems=systems,
        ids=loaded.ids,
        articles=loaded.articles,
        metrics=scored,
        statistics=loaded.statistics,
        missing={name: tuple(missing) for name, missing in head["missing"].items()},
        texts=_load_texts(folder, task, systems, loaded.ids, tuple(head["reference_names"])),
        findings=_load_findings(folder, task, systems, loaded.ids),
    )


def _metric(item: Mapping[str, Any], metrics: Sequence[Metric], folder: Path) -> Metric:
    for metric in metrics:
        if metric.signature() == item["signature"]:
            return metric
    known = known_metrics()
    if item["name"] not in known:
        raise RunFolderError(
            f"{folder / 'run.json'}: the metric {item['name']} is not known here; install the package it came from, "
            "or hand the object to load_results(metrics=[...])"
        )
    try:
        return known[item["name"]](**item["settings"])
    except (SettingError, TypeError):
        return parse(item["label"])


def _table(folder: Path, name: str, task: str) -> Any:
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet

    path = folder / name
    if not path.is_file():
        raise RunFolderError(f"{path}: missing; score again")
    try:
        table = pyarrow.parquet.read_table(path)
        return table.filter(pyarrow.compute.equal(table["task"].cast(pyarrow.string()), task)).combine_chunks()
    except (pyarrow.ArrowException, OSError, KeyError) as error:
        raise RunFolderError(f"{path}: cut short or altered ({error}); score again") from None


def _load_texts(
    folder: Path, task: str, systems: tuple[str, ...], ids: tuple[str, ...], reference_names: tuple[str, ...]
) -> Texts | None:
    table = _table(folder, "texts.parquet", task)
    if table.num_rows == 0:
        return None
    columns = {name: table[name].to_pylist() for name in table.column_names}
    if tuple(columns["segment"]) != ids or any(len(row) != len(systems) for row in columns["outputs"]):
        raise RunFolderError(f"{folder / 'texts.parquet'}: does not fit run.json; score again")
    return Texts(
        sources=None if None in columns["source"] else tuple(columns["source"]),
        references=tuple(tuple(refs) for refs in columns["references"]),
        outputs={name: tuple(row[i] for row in columns["outputs"]) for i, name in enumerate(systems)},
        blocks=None if None in columns["block"] else tuple(columns["block"]),
        reference_names=reference_names,
    )


def _load_findings(
    folder: Path, task: str, systems: tuple[str, ...], ids: tuple[str, ...]
) -> dict[str, dict[str, tuple[tuple[Finding, ...], ...]]]:
    path = folder / "findings.jsonl"
    found: dict[str, dict[str, dict[str, list[Finding]]]] = {}
    try:
        # Not splitlines(): a message may quote any character, U+2028 among them.
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    except OSError:
        raise RunFolderError(f"{path}: missing; score again") from None
    except UnicodeDecodeError:
        raise RunFolderError(f"{path}: not UTF-8; score again") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if row["task"] != task:
                continue
            finding = Finding(
                kind=row["kind"],
                severity=row["severity"],
                message=row["message"],
                source_span=_span(row["source_span"]),
                output_span=_span(row["output_span"]),
                key=row["key"],
            )
            found.setdefault(row["metric"], {}).setdefault(row["system"], {}).setdefault(row["segment"], []).append(
                finding
            )
        except (ValueError, KeyError, TypeError):
            raise RunFolderError(f"{path}:{number}: cut short or altered; score again") from None
    return {
        metric: {system: tuple(tuple(by_system.get(system, {}).get(id_, ())) for id_ in ids) for system in systems}
        for metric, by_system in found.items()
    }


def _span(value: Any) -> tuple[int, int] | None:
    return None if value is None else (int(value[0]), int(value[1]))
