"""``history.jsonl``: one line per system and run, appended and never rewritten.

Each line is self-contained, so two files can be merged line by line in any order (in git: ``history.jsonl
merge=union``); duplicate lines count once. Lines that cannot be read are reported, skipped and counted.
"""

import codecs
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

import msgspec

from evalkit.errors import InputError
from evalkit.files import append_file
from evalkit.printable import printable
from evalkit.reading import read_file, unique_keys
from evalkit.results.metadata import metadata_notes
from evalkit.results.results import Results
from evalkit.version import __version__

FORMAT = "evalkit-history"
FORMAT_VERSION = 1

#: Maximum size in bytes; a longer history is rejected.
_LIMIT = 1 << 30

#: A number that is not too large for a chart.
_Number = Annotated[float, msgspec.Meta(ge=-1e100, le=1e100)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
_COMMIT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")


@dataclass(frozen=True)
class Measured:
    """A score with its interval; None if undefined. ``scale`` is the highest possible score, or 100."""

    signature: _Text
    score: _Number | None
    low: _Number | None
    high: _Number | None
    higher_is_better: bool = True
    scale: Annotated[float, msgspec.Meta(gt=0)] = 100.0


@dataclass(frozen=True)
class TaskEntry:
    """One task of a run, for one system.

    :param notes: what was declared about the system that affects how its scores should be read; older lines lack them.
    """

    fingerprint: _Text
    segments: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
    metrics: Mapping[_Text, Measured]
    notes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Entry:
    """One line of the history: a system in a run; the date is UTC, ISO 8601, to the second."""

    commit: str | None
    date: str
    benchmark: _Text
    system: _Text
    tasks: Mapping[_Text, TaskEntry]

    @property
    def key(self) -> tuple[str, str | None, str, str]:
        """The fields that identify the line of a run."""
        return self.date, self.commit, self.benchmark, self.system


@dataclass(frozen=True)
class BrokenLine:
    """A line that was skipped, and the reason."""

    number: int
    reason: str


@dataclass(frozen=True)
class History:
    """The entries, oldest first, and the lines that could not be read."""

    entries: tuple[Entry, ...]
    broken: tuple[BrokenLine, ...] = ()


def entries_of(results: Results, commit: str | None = None) -> list[Entry]:
    """Create one entry for each system of a run, with the commit that produced the outputs."""
    if commit is not None and not _COMMIT.fullmatch(commit):
        raise InputError(f"commit {commit[:100]!r}: give a short text without control characters, such as a hash")
    date = _date(results.info.get("created"))
    if date is None:
        raise InputError(f"the run has no valid creation date ({results.info.get('created')!r}); score again")
    by_system: dict[str, dict[str, TaskEntry]] = {}
    for task in results.tasks:
        measured: dict[str, dict[str, Measured]] = {name: {} for name in task.systems}
        for scored in task.metrics:
            for row in results.intervals(task=task.name, metric=scored.label):
                measured[row.system][scored.label] = Measured(
                    scored.signature, row.score, row.low, row.high, scored.higher_is_better, scored.scale
                )
        for name in task.systems:
            notes = tuple(metadata_notes(task, [name]))
            entry = TaskEntry(task.fingerprint, len(task.ids), measured[name], notes)
            by_system.setdefault(name, {})[task.name] = entry
    return [Entry(commit, date, results.benchmark, name, tasks) for name, tasks in by_system.items()]


def read_history(path: str | Path) -> History:
    """Read a history; it is empty if the file does not exist."""
    path = Path(path)
    if not path.exists():
        return History(())
    entries: dict[tuple[str, str | None, str, str], tuple[int, Entry]] = {}
    broken: list[BrokenLine] = []
    for number, raw in enumerate(read_file(path, limit=_LIMIT).split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            entry = _entry(raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw)
        except ValueError as error:
            broken.append(BrokenLine(number, str(error)))
            continue
        first, earlier = entries.setdefault(entry.key, (number, entry))
        if earlier != entry:
            broken.append(BrokenLine(number, f"other scores for the system, commit and date of line {first}"))
    ordered = sorted((entry for _, entry in entries.values()), key=lambda e: (e.date, e.commit or "", e.system))
    return History(tuple(ordered), tuple(broken))


def append(path: str | Path, entries: Sequence[Entry]) -> int:
    """Append the entries that the history does not contain yet; existing lines are never changed.

    :returns: the number of lines added.
    :raises InputError: if the file is not a history or cannot be written, or if two different entries have the same
        system and the same commit or date.
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
        _check_distinct(path, entry, known.get(entry.key), fresh)
        if entry.key not in known:
            known[entry.key] = entry
            fresh.append(entry)
    if fresh:
        append_file(path, "".join(f"{_line(entry)}\n" for entry in fresh))
    return len(fresh)


def _check_distinct(path: Path, entry: Entry, known: Entry | None, fresh: Iterable[Entry]) -> None:
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


def _line(entry: Entry) -> str:
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "evalkit": __version__}
    # A name may contain characters that change the direction of text; they are escaped so that they cannot disguise the line.
    return printable(msgspec.json.encode({**head, **msgspec.to_builtins(entry)}).decode())


def _entry(raw: bytes) -> Entry:
    try:
        kind = msgspec.json.decode(raw, type=dict[str, Any])
        if kind.get("format") != FORMAT:
            raise ValueError("not a line of a history")
        version = kind.get("format_version")
        if version != FORMAT_VERSION:
            raise ValueError(f"of format {version!r}, and this version of evalkit reads {FORMAT_VERSION}")
        json.loads(raw, object_pairs_hook=unique_keys, parse_int=str, parse_float=str)
        entry = msgspec.json.decode(raw, type=Entry)
    except msgspec.ValidationError as error:
        raise ValueError(f"not a line of a history: {error}") from None
    except KeyError as error:
        raise ValueError(f"duplicate key {error}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        conflict = raw.startswith((b"<<<<<<<", b"=======", b">>>>>>>"))
        raise ValueError("a mark of a merge conflict" if conflict else f"not valid JSON: {error}") from None
    date = _date(entry.date)
    if date is None:
        raise ValueError("no valid date")
    if entry.commit is not None and not _COMMIT.fullmatch(entry.commit):
        raise ValueError("no valid commit")
    return replace(entry, date=date)


def _date(value: Any) -> str | None:
    """Convert a date to ISO 8601 in UTC to the second, so that dates sort as texts."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return moment.astimezone(timezone.utc).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None
