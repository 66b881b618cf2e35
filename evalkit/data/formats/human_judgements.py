"""Human judgments and recorded scores in the formats published by WMT and its metrics task.

Raw MQM annotations (a TSV with one error per row; the score of a segment is the sum of its errors' weights)::

    system	doc	doc_id	seg_id	rater	source	target	category	severity
    mine	d1	1	1	rater1	早上好	<v>Good day</v>	Accuracy/Mistranslation	Major

Averaged MQM (spaces and tabs mixed, ``None`` where not judged)::

    system mqm_avg_score seg_id
    mine	-5.0 1

Direct assessment (separated by spaces), with the raw and the standardized score::

    SYS SEGID RAW.SCORE Z.SCORE
    mine 1 87.5 0.31

ESA and DA+SQM as Appraise exports them, without a header: annotator, system, line from 0, item type, languages, score,
document (with ``#`` suffixes for repeated and control items), -, error spans, start, end. Only rows of type TGT are
used, without documents marked ``#incomplete`` or ``#dup``; if an annotator scored an output repeatedly, the latest
score counts.

Segment and system scores of mt-metrics-eval (``NAME.seg.score``, in the order of the segments, and ``NAME.sys.score``)::

    mine	0.81

evalkit's own format: any table with the columns ``system``, ``id`` (or ``line``, from 1), and a score.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evalkit.data.formats.file_format import Head
from evalkit.data.opening import Input
from evalkit.errors import InputError
from evalkit.wording import count


@dataclass(frozen=True)
class RawScore:
    """One score of one output by one rater (or by a metric).

    :param where: the location in the file, for messages.
    :param score: nan if the file says that the output was not judged.
    :param id: the segment's id or number; ``position`` is its index in the benchmark, from 0, if the file specifies it.
        All are None for a score of a whole system.
    :param place_in_document: from 1, if the file specifies it.
    :param target: the language of the output, if the file says so.
    :param spans: half-open character spans of the errors in the output; None if the file has no spans. Omissions have
        no span.
    """

    where: str
    system: str
    score: float
    id: str | None = None
    position: int | None = None
    document: str | None = None
    place_in_document: int | None = None
    rater: str | None = None
    spans: tuple[tuple[int, int], ...] | None = None
    target: str | None = None


@dataclass(frozen=True)
class ScoreFormat:
    """A file format of scores.

    :param name: the name of the score, for tables.
    :param higher_is_better: None if the sign of the values decides.
    :param in_order: whether the file has one score per segment, in order.
    """

    name: str
    higher_is_better: bool | None
    sniff: Callable[[Head], bool]
    read: Callable[[Input], Iterator[RawScore]]
    in_order: bool = False


#: weights of errors (Freitag et al. 2021, https://aclanthology.org/2021.tacl-1.87); critical counts as major, no cap.
_WEIGHTS = {"major": 5.0, "critical": 5.0, "minor": 1.0, "neutral": 0.0, "no-error": 0.0}
_MQM_COLUMNS = {"system", "seg_id", "rater", "category", "severity"}


def _raw_mqm(file: Input) -> Iterator[RawScore]:
    lines = file.lines()
    header = [name.strip().lower() for name in next(lines)[1].split("\t")]
    sums: dict[tuple[str, str, str, str], tuple[int, str | None, float]] = {}
    for number, line in lines:
        values = line.split("\t")
        if len(values) != len(header):
            raise InputError(f"{file.name}:{number}: {count(len(values), 'field')}, but the header has {len(header)}")
        row = dict(zip(header, values, strict=True))
        weight = _weight(row["category"].strip(), row["severity"].strip(), f"{file.name}:{number}")
        if weight is None:
            continue
        key = (row["system"], row.get("doc", ""), row["seg_id"].strip(), row["rater"])
        first, place, total = sums.get(key, (number, row.get("doc_id"), 0.0))
        sums[key] = first, place, total + weight
    for (system, document, segment, rater), (number, place, total) in sums.items():
        yield RawScore(
            where=f"{file.name}:{number}",
            system=system,
            score=total,
            id=segment,
            document=document or None,
            place_in_document=int(place) if place and place.strip().isdecimal() else None,
            rater=rater,
        )


def _is_raw_mqm(head: Head) -> bool:
    return _MQM_COLUMNS.issubset(head.first_line.lower().split("\t"))


def _weight(category: str, severity: str, where: str) -> float | None:
    """The weight of an error; None for an attention check."""
    kind, level = category.lower().rstrip("!"), severity.lower()
    if level.startswith("hotw"):
        return None
    if kind.startswith("non-translation"):
        return 25.0
    # "Source issue" (2023 and later) is not a translation error; "Source error" (2021) counts in WMT's own averages.
    if kind.startswith(("source issue", "no-error")):
        return 0.0
    if level == "minor" and kind == "fluency/punctuation":
        return 0.1
    if level not in _WEIGHTS:
        raise InputError(f"{where}: unknown severity {severity[:40]!r}; MQM has major, minor, neutral and no-error")
    return _WEIGHTS[level]


def _columns(aliases: dict[str, str]) -> Callable[[Input], Iterator[RawScore]]:
    """A reader for whitespace-separated tables; ``aliases`` maps header names to id, system and score."""

    def read(file: Input) -> Iterator[RawScore]:
        lines = file.lines()
        header = [name.strip('"').lower() for name in next(lines)[1].split()]
        places = {
            role: min(positions) for role in ("system", "id", "score") if (positions := _places(header, aliases, role))
        }
        for number, line in lines:
            values = [value.strip('"') for value in line.split()]
            if len(values) != len(header):
                raise InputError(
                    f"{file.name}:{number}: {count(len(values), 'field')}, but the header has {len(header)}"
                )
            where = f"{file.name}:{number}"
            score = number_of(values[places["score"]], where)
            yield RawScore(where, values[places["system"]], score, id=values[places["id"]])

    return read


def _places(header: list[str], aliases: dict[str, str], role: str) -> list[int]:
    # The aliases are in order of preference.
    names = [name for name, of in aliases.items() if of == role and name in header]
    return [header.index(names[0])] if names else []


_AVERAGED = {"system": "system", "mqm_avg_score": "score", "seg_id": "id"}
_ASSESSED = {
    **dict.fromkeys(("sys", "system", "sysid", "system_id"), "system"),
    **dict.fromkeys(("segid", "sid", "seg_id", "seg", "id"), "id"),
    **dict.fromkeys(("z.score", "z.scr", "z", "raw.score", "raw.scr", "raw", "score", "scr"), "score"),
}


def _header_is(aliases: dict[str, str]) -> Callable[[Head], bool]:
    def sniff(head: Head) -> bool:
        names = [name.strip('"').lower() for name in head.first_line.split()]
        unknown = len(names) - sum(name in aliases for name in names)
        roles = {aliases.get(name) for name in names}
        return {"system", "id", "score"} <= roles and unknown <= 3 and "," not in head.first_line

    return sniff


def _separated_by_spaces(head: Head) -> bool:
    return "\t" not in head.first_line and _header_is(_ASSESSED)(head)


def _appraise(file: Input) -> Iterator[RawScore]:
    latest: dict[tuple[str, ...], tuple[float, RawScore]] = {}
    lines = (line for _, line in file.lines(ends=True))
    reader = csv.reader(lines, strict=True)
    try:
        for row in reader:
            where = f"{file.name}:{reader.line_num}"
            if len(row) < 9:
                raise InputError(
                    f"{where}: {count(len(row), 'field')}; a row has annotator, system, line, type, ..., start, end"
                )
            annotator, system, line, kind, _, target, score, document = row[:8]
            if kind != "TGT" or "#" in document or "tutorial" in document:
                continue
            if not line.isascii() or not line.isdecimal():
                raise InputError(f"{where}: the line is {line[:40]!r}, not a number")
            end = number_of(row[-1], where)
            item = RawScore(
                where=where,
                system=system,
                score=number_of(score, where),
                position=int(line[:18]),
                document=document,
                rater=annotator,
                spans=_appraise_spans(row[9], where) if len(row) > 11 else None,
                target=target,
            )
            key = (annotator, system, line, target)
            if key not in latest or end >= latest[key][0]:
                latest[key] = end, item
    except csv.Error as error:
        raise InputError(f"{file.name}:{reader.line_num}: not valid CSV: {error}") from None
    for _, item in latest.values():
        yield item


def _appraise_spans(text: str, where: str) -> tuple[tuple[int, int], ...] | None:
    """Spans from ``[{"start_i": 3, "end_i": 5, "severity": "minor"}]``, where both ends are the indices of characters.

    Entries without such indices, such as ``missing``, are ignored.
    """
    if not text:
        return None
    try:
        ends = [(item.get("start_i"), item.get("end_i")) for item in json.loads(text)]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{where}: the error spans are {text[:40]!r}, not a list of start_i and end_i") from None
    return tuple((start, end + 1) for start, end in ends if type(start) is type(end) is int and 0 <= start <= end)


def _is_appraise(head: Head) -> bool:
    try:
        row = next(csv.reader([head.first_line]), [])
    except csv.Error:  # such as carriage returns as line ends
        return False
    return len(row) >= 9 and row[3] in ("TGT", "BAD", "REF", "CHK") and _is_number(row[6]) and _is_number(row[-1])


def _metric_scores(file: Input) -> Iterator[RawScore]:
    counts: dict[str, int] = {}
    score_lines: list[tuple[int, str, str]] = []
    for number, line in file.lines():
        values = line.split("\t") if "\t" in line else line.split()
        if len(values) != 2:
            raise InputError(f"{file.name}:{number}: {count(len(values), 'field')}; each line has a system and a score")
        system, score = values
        score_lines.append((number, system, score.strip()))
        counts[system] = counts.get(system, 0) + 1
    whole = all(count == 1 for count in counts.values()) and not file.name.removesuffix(".gz").endswith(".seg.score")
    places: dict[str, int] = {}
    for number, system, score in score_lines:
        position = places[system] = places.get(system, -1) + 1
        where = f"{file.name}:{number}"
        yield RawScore(where, system, number_of(score, where), position=None if whole else position)


def _is_metric_scores(head: Head) -> bool:
    lines = [line.split("\t") for line in head.text.split("\n")[:20] if line.strip()]
    lines = lines[:-1] if len(lines) == 20 else lines
    if head.suffix == ".score":
        return True
    return bool(lines) and all(len(line) == 2 and (_is_number(line[1]) or line[1].strip() == "None") for line in lines)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", text) is not None


def number_of(value: object, where: str) -> float:
    """A finite number; nan if there is none (null, an empty field, ``None``, ``NA``).

    :raises InputError: for anything else.
    """
    if value is None or (isinstance(value, str) and value.strip() in ("", "None", "null", "NA")):
        return float("nan")
    try:
        number = float(str(value))
    except (ValueError, OverflowError):
        number = float("nan")
    if isinstance(value, bool) or not abs(number) < float("inf"):
        raise InputError(f"{where}: the score is {str(value)[:40]!r}, not a number; leave out what was not judged")
    return number


SCORE_FORMATS = (
    ScoreFormat("MQM", False, _is_raw_mqm, _raw_mqm),
    ScoreFormat("MQM", None, _header_is(_AVERAGED), _columns(_AVERAGED)),
    ScoreFormat("DA", True, _separated_by_spaces, _columns(_ASSESSED)),
    ScoreFormat("ESA", True, _is_appraise, _appraise),
    ScoreFormat("", True, _is_metric_scores, _metric_scores, in_order=True),
)
