"""``run.json``: the metadata of a run folder, with a checksum of every file, including itself.

Version 1 had no checksums of itself and of the reports, and none of the fields that have a default here.
"""

import contextlib
import hashlib
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec

from evalkit.errors import InputError, RunFolderError
from evalkit.files import ZEROS, replace_file, seal, seal_is_intact
from evalkit.reading import read_file
from evalkit.results.metadata import Metadata
from evalkit.results.task_results import TaskInfo
from evalkit.stats.sampling import SamplingShare
from evalkit.version import versions

NAME = "run.json"
FORMAT = "evalkit-run"
FORMAT_VERSION = 2

_LIMIT = 1 << 30


class MetricHead(msgspec.Struct, kw_only=True):
    """One metric of a task."""

    label: str
    name: str
    settings: dict[str, Any]
    signature: str
    columns: list[str]
    higher_is_better: bool


class SamplesHead(msgspec.Struct, kw_only=True):
    """The metadata on several outputs per segment of one system; see :class:`~evalkit.results.task_results.Samples`."""

    shares: dict[str, Any]
    pass_rates: dict[str, float]

    def __post_init__(self) -> None:
        for label, share in self.shares.items():
            if isinstance(share, dict):
                # JSON has no NaN; it is null there.
                nan = {name: math.nan for name, value in share.items() if value is None and name != "reason"}
                self.shares[label] = msgspec.convert(share | nan, SamplingShare)


@dataclass(frozen=True, kw_only=True)
class TaskHead(TaskInfo):
    """One task.

    :param findings: labels of the metrics that report findings; None in version 1, which did not keep them for large
        runs.
    :param samples: by system with several outputs per segment.
    :param fields: names of the benchmark's fields.
    """

    missing: Mapping[str, tuple[str, ...]]
    segments: int
    metrics: list[MetricHead]
    reference_names: tuple[str, ...]
    findings: list[str] | None = None
    samples: dict[str, SamplesHead] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)


class Benchmark(msgspec.Struct, kw_only=True):
    """The benchmark that was scored."""

    name: str
    fingerprint: str
    titles: dict[str, str]


class RunHead(msgspec.Struct, kw_only=True):
    """The complete file.

    :param models: details that metrics with a model record in addition to their signatures: device, batch size, usage.
    :param metadata: what was declared about the systems and the benchmark.
    :param config: the options that came from a configuration file, and its name.
    :param files: the checksum of every other file of the run.
    :param sha256: checksum of this file, computed with zeros in place of the checksum.
    """

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    created: str
    command: list[str]
    versions: dict[str, str]
    models: dict[str, Any] = {}
    config: dict[str, Any] = {}
    metadata: Metadata = Metadata()
    seed: int
    benchmark: Benchmark
    tasks: list[TaskHead]
    files: dict[str, str]
    sha256: str = ZEROS

    @property
    def info(self) -> dict[str, Any]:
        """Return the information that reports show besides the results."""
        return {name: getattr(self, name) for name in ("created", "command", "versions", "models", "config")}


class _Kind(msgspec.Struct):
    """The fields that are read before the rest."""

    format: Any = None
    format_version: Any = None
    created: Any = None
    files: Any = None
    sha256: Any = None


def info(command: list[str], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """The information about a run that is saved now, for run.json and the reports."""
    return {
        "models": {},
        **earlier,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        # A file name that is not UTF-8 contains lone surrogates, which JSON readers reject.
        "command": [text.encode("utf-8", "backslashreplace").decode() for text in command],
        "versions": versions(),
    }


def write_head(path: Path, head: RunHead) -> None:
    """Write the file, including its own checksum."""
    head = msgspec.structs.replace(head, sha256=ZEROS)
    text = msgspec.json.format(msgspec.json.encode(head), indent=1).decode() + "\n"
    replace_file(path, seal(text))


@contextlib.contextmanager
def reading(path: Path, *damage: type[Exception]) -> Iterator[None]:
    """Turn the errors that a reader raises for a damaged file, and those in ``damage``, into one that names the file."""
    damage += OSError, ValueError, TypeError, KeyError, OverflowError, MemoryError, RecursionError, msgspec.MsgspecError
    try:
        yield
    except RunFolderError:
        raise
    except damage as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise RunFolderError(f"{path}: cannot be read ({why}); score again") from None


def read_head(folder: Path) -> RunHead:
    """Read and check the file, which may be missing, modified, of another version, or not a run file."""
    path = folder / NAME
    with reading(path, InputError):
        if not path.is_file():
            kind_of_file = "not a regular file" if os.path.lexists(path) else "missing"
            raise RunFolderError(f"{path}: {kind_of_file}; {folder} is not a run folder of evalkit")
        content = read_file(path, limit=_LIMIT)
        kind = msgspec.json.decode(content, type=_Kind)
    if kind.format != FORMAT:
        raise RunFolderError(f"{path}: not written by evalkit run")
    if kind.format_version not in (1, FORMAT_VERSION):
        raise RunFolderError(
            f"{path}: format {kind.format_version!r}, and this version of evalkit reads 1 and {FORMAT_VERSION}; score again"
        )
    if kind.format_version > 1 and not seal_is_intact(content):
        raise RunFolderError(f"{path}: cut short or changed since the run (its sha256 does not match); score again")
    try:
        return msgspec.json.decode(content, type=RunHead)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RunFolderError(f"{path}: {error}; score again") from None


def listed_files(folder: Path) -> tuple[str | None, dict[str, str]]:
    """When the run in a folder was created (None without a run), and checksums by name (none if ``run.json`` was modified)."""
    path = folder / NAME
    files: dict[str, str] = {}
    try:
        content = path.read_bytes() if path.is_file() else b""
        kind = msgspec.json.decode(content, type=_Kind)
    except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
        return None, files
    if kind.format != FORMAT:
        return None, files
    if isinstance(kind.files, dict) and (kind.sha256 is None or seal_is_intact(content)):
        files = {name: str(digest) for name, digest in kind.files.items() if Path(name).name == name}
        if kind.sha256 is not None:
            files[NAME] = hashlib.sha256(content).hexdigest()
    return str(kind.created), files


def is_unchanged(path: Path, listed: Mapping[str, str]) -> bool:
    """Return whether evalkit wrote a file and it is unchanged, by the checksums of :func:`listed_files`."""
    return path.name in listed and path.is_file() and not path.is_symlink() and sha256(path) == listed[path.name]


def sha256(path: Path) -> str:
    """Return the checksum of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
