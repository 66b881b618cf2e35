"""``history.jsonl``: one line a system and run, appended and never rewritten.

A line stands for itself, so two files can be merged line by line (git: ``history.jsonl merge=union``) in any order; a line
that occurs twice counts once. What cannot be read is named, skipped and counted, never guessed at.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from evalkit.errors import InputError
from evalkit.files import append_file
from evalkit.results.results import Results
from evalkit.version import __version__

__all__ = ["BrokenLine", "Entry", "History", "Measured", "TaskEntry", "append", "entries_of", "read_history"]

FORMAT = "evalkit-history"
FORMAT_VERSION = 1

_COMMIT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")


@dataclass(frozen=True)
class Measured:
    """A score with its interval; None where undefined. ``scale`` is the highest score there can be, or 100."""

    signature: str
    score: float | None
    low: float | None
    high: float | None
    higher_is_better: bool = True
    scale: float = 100.0


@dataclass(frozen=True)
class TaskEntry:
    """One task of a run, for one system; ``metrics`` by label."""

    fingerprint: str
    segments: int
    metrics: Mapping[str, Measured]


@dataclass(frozen=True)
class Entry:
    """One line: a system in a run.

    :param date: UTC, ISO 8601, to the second.
    :param tasks: by name.
    """

    commit: str | None
    date: str
    benchmark: str
    system: str
    tasks: Mapping[str, TaskEntry]

    @property
    def key(self) -> tuple[str, str | None, str, str]:
        """What tells one run's line from another's."""
        return self.date, self.commit, self.benchmark, self.system


@dataclass(frozen=True)
class BrokenLine:
    """A line that was skipped, and why."""

    number: int
    reason: str


@dataclass(frozen=True)
class History:
    """Entries, oldest first, and the lines that could not be read."""

    entries: tuple[Entry, ...]
    broken: tuple[BrokenLine, ...] = ()


def entries_of(results: Results, commit: str | None = None) -> list[Entry]:
    """A line for each system of a run.

    :param commit: what the outputs were made from, as it is to be shown.
    :raises InputError: for a commit that cannot stand in a line.
    """
    if commit is not None and not _COMMIT.fullmatch(commit):
        raise InputError(f"commit {commit[:100]!r}: give a short text without control characters, such as a hash")
    date = _date(results.info.get("created"))
    if date is None:
        raise InputError(f"the run says no date it was made at ({results.info.get('created')!r}); score again")
    found: dict[str, dict[str, TaskEntry]] = {}
    for task in results.tasks:
        measured: dict[str, dict[str, Measured]] = {name: {} for name in task.systems}
        for scored in task.metrics:
            for row in results.intervals(task=task.name, metric=scored.label):
                measured[row.system][scored.label] = Measured(
                    scored.signature,
                    row.score,
                    row.low,
                    row.high,
                    scored.higher_is_better,
                    1.0 if scored.metric.range[1] <= 1.0 else 100.0,
                )
        for name in task.systems:
            found.setdefault(name, {})[task.name] = TaskEntry(task.fingerprint, len(task.ids), measured[name])
    return [Entry(commit, date, results.benchmark, name, tasks) for name, tasks in found.items()]


def read_history(path: str | Path) -> History:
    """Read a history; a file that does not exist is an empty one.

    :raises InputError: a file that cannot be read at all.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return History(())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    entries: dict[tuple[str, str | None, str, str], tuple[int, Entry]] = {}
    broken: list[BrokenLine] = []
    for number, raw in enumerate(data.split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            entry = _entry(json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"), parse_constant=_no_constant))
        except UnicodeDecodeError:
            broken.append(BrokenLine(number, "not UTF-8"))
            continue
        except RecursionError:
            broken.append(BrokenLine(number, "nested too deeply"))
            continue
        except json.JSONDecodeError as error:
            conflict = raw.startswith((b"<<<<<<<", b"=======", b">>>>>>>"))
            broken.append(
                BrokenLine(number, "a mark of a merge conflict" if conflict else f"not valid JSON: {error.msg}")
            )
            continue
        except _WrongLineError as error:
            broken.append(BrokenLine(number, str(error)))
            continue
        first, earlier = entries.setdefault(entry.key, (number, entry))
        if earlier != entry:
            broken.append(BrokenLine(number, f"other scores for the system, commit and date of line {first}"))
    ordered = sorted((entry for _, entry in entries.values()), key=lambda e: (e.date, e.commit or "", e.system))
    return History(tuple(ordered), tuple(broken))


def append(path: str | Path, entries: Sequence[Entry]) -> int:
    """Append the entries that the history does not have yet; existing lines are never changed.

    :returns: how many lines were added.
    :raises InputError: a file of another kind, two runs with one system name that cannot be told apart, or a file that
        cannot be written.
    """
    path = Path(path)
    history = read_history(path)
    if history.broken and not history.entries:
        broken = history.broken[0]
        raise InputError(
            f"{path}:{broken.number}: {broken.reason}; no line of this file belongs to a history; refusing to append to it"
        )
    known = {entry.key: entry for entry in history.entries}
    fresh: list[Entry] = []
    for entry in entries:
        _check_told_apart(path, entry, known.get(entry.key), fresh)
        if entry.key not in known:
            known[entry.key] = entry
            fresh.append(entry)
    if not fresh:
        return 0
    append_file(path, "".join(f"{_line(entry)}\n" for entry in fresh))
    return len(fresh)


def _check_told_apart(path: Path, entry: Entry, known: Entry | None, fresh: Iterable[Entry]) -> None:
    named = f"commit {entry.commit}" if entry.commit else f"date {entry.date}"
    if known is not None and known != entry:
        raise InputError(
            f"{path}: two runs with the system {entry.system!r} and the {named} have other scores; "
            "rename one of the systems, or say which commit each is of with --commit"
        )
    for other in fresh:
        same = (other.system, other.benchmark, other.commit) == (entry.system, entry.benchmark, entry.commit)
        if same and other != entry and entry.commit is not None and set(other.tasks) & set(entry.tasks):
            raise InputError(
                f"{path}: two of the runs have the system {entry.system!r} at the {named}; rename one of the systems, "
                "or append them one by one with a --commit each"
            )


# -- lines ----------------------------------------------------------------------------------------------------------


def _line(entry: Entry) -> str:
    return json.dumps(
        {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "evalkit": __version__,
            "commit": entry.commit,
            "date": entry.date,
            "benchmark": entry.benchmark,
            "system": entry.system,
            "tasks": {
                name: {
                    "fingerprint": task.fingerprint,
                    "segments": task.segments,
                    "metrics": {
                        label: {
                            "score": m.score,
                            "low": m.low,
                            "high": m.high,
                            "higher_is_better": m.higher_is_better,
                            "scale": m.scale,
                            "signature": m.signature,
                        }
                        for label, m in task.metrics.items()
                    },
                }
                for name, task in entry.tasks.items()
            },
        },
        ensure_ascii=False,
        allow_nan=False,
    )


class _WrongLineError(ValueError):
    pass


def _entry(value: Any) -> Entry:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _WrongLineError("not a line of a history")
    if value.get("format_version") != FORMAT_VERSION:
        raise _WrongLineError(
            f"of format {value.get('format_version')!r}, and this version of evalkit reads {FORMAT_VERSION}"
        )
    commit = value.get("commit")
    date = _date(value.get("date"))
    if date is None:
        raise _WrongLineError("no valid date")
    if commit is not None and not (isinstance(commit, str) and _COMMIT.fullmatch(commit)):
        raise _WrongLineError("no valid commit")
    tasks = {_text(name, "task"): _task(task) for name, task in _mapping(value, "tasks").items()}
    return Entry(commit, date, _text(value.get("benchmark"), "benchmark"), _text(value.get("system"), "system"), tasks)


def _task(value: Any) -> TaskEntry:
    segments = value.get("segments") if isinstance(value, dict) else None
    if not isinstance(segments, int) or isinstance(segments, bool):
        raise _WrongLineError("no valid number of segments")
    metrics = {_text(label, "metric"): _measured(m) for label, m in _mapping(value, "metrics").items()}
    return TaskEntry(_text(value.get("fingerprint"), "fingerprint"), segments, metrics)


def _measured(value: Any) -> Measured:
    if not isinstance(value, dict):
        raise _WrongLineError("no valid metric")
    higher = value.get("higher_is_better")
    scale = _number(value.get("scale"), "scale")
    if not isinstance(higher, bool) or scale is None or scale <= 0:
        raise _WrongLineError("no valid metric")
    score, low, high = (_number(value.get(key), key) for key in ("score", "low", "high"))
    return Measured(_text(value.get("signature"), "signature"), score, low, high, higher, scale)


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = value.get(key)
    if not isinstance(inner, dict):
        raise _WrongLineError(f"no valid {key}")
    return inner


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value or len(value) > 2000 or re.search("[\ud800-\udfff]", value):
        raise _WrongLineError(f"no valid {what}")
    return value


def _number(value: Any, what: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _WrongLineError(f"no valid {what}")
    return float(value)


def _date(value: Any) -> str | None:
    """ISO 8601 in UTC to the second, so that dates sort as texts."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return moment.astimezone(timezone.utc).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None


def _no_constant(name: str) -> Any:
    raise _WrongLineError(f"{name} is no number of JSON")
