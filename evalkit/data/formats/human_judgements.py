"""Human judgments and recorded scores in the formats published by WMT and its metrics task.

Raw MQM annotations (TSV or CSV with one error per row; the score of a segment is the sum of its errors' weights)::

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

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from evalkit.data.formats.delimited import csv_rows, records, tsv_rows
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
    :param place_in_document: the number of the segment within its document, from 1, if the file specifies it.
    :param target: the language of the output, if the file says so; ``source`` and ``output`` are its texts.
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
    source: str | None = None
    output: str | None = None


@dataclass(frozen=True)
class ScoreFormat:
    """A file format of scores.

    :param higher_is_better: None if the sign of the values decides.
    :param in_order: whether the file has one score per segment, in order.
    """

    name: str
    higher_is_better: bool | None
    sniff: Callable[[Input], bool]
    read: Callable[[Input], Iterator[RawScore]]
    in_order: bool = False


#: Weights of errors (Freitag et al. 2021, https://aclanthology.org/2021.tacl-1.87); critical counts as major, no cap.
_WEIGHTS = {"major": 5.0, "critical": 5.0, "minor": 1.0, "neutral": 0.0, "no-error": 0.0}
_MQM_COLUMNS = {"system", "seg_id", "rater", "category", "severity"}


def _raw_mqm(file: Input) -> Iterator[RawScore]:
    rows = tsv_rows(file) if b"\t" in file.head().partition(b"\n")[0] else csv_rows(file)
    sums: dict[tuple[str, str, str, str], tuple[int, str | None, float]] = {}
    for number, record in records(file, rows):
        row = {name.lower(): value for name, value in record.items()}
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


def _is_raw_mqm(file: Input) -> bool:
    return _MQM_COLUMNS.issubset(name.strip(' "') for name in re.split("[\t,]", file.first_line.lower()))


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


#: The columns of tables separated by white space, by role, in the order of preference.
_AVERAGED = {"system": ("system",), "id": ("seg_id",), "score": ("mqm_avg_score",)}
_ASSESSED = {
    "system": ("sys", "system", "sysid", "system_id"),
    "id": ("segid", "sid", "seg_id", "seg", "id"),
    "score": ("z.score", "z.scr", "z", "raw.score", "raw.scr", "raw", "score", "scr"),
}


def _read_columns(file: Input, columns: Mapping[str, Sequence[str]]) -> Iterator[RawScore]:
    rows = ((number, [value.strip('"') for value in line.split()]) for number, line in file.lines())
    for number, record in records(file, rows):
        row, where = {name.lower(): value for name, value in record.items()}, f"{file.name}:{number}"
        system, id_, score = (next(row[name] for name in columns[role] if name in row) for role in columns)
        yield RawScore(where, system, number_of(score, where), id=id_)


def _has_columns(file: Input, columns: Mapping[str, Sequence[str]]) -> bool:
    names = {name.strip('"').lower() for name in file.first_line.split()}
    complete = all(names.intersection(known) for known in columns.values())
    return complete and len(names.difference(*columns.values())) <= 3 and "," not in file.first_line


def _is_assessed(file: Input) -> bool:
    return "\t" not in file.first_line and _has_columns(file, _ASSESSED)


def _appraise(file: Input) -> Iterator[RawScore]:
    latest: dict[tuple[str, ...], tuple[float, RawScore]] = {}
    for number, row in csv_rows(file):
        where = f"{file.name}:{number}"
        if len(row) < 9:
            fields = count(len(row), "field")
            raise InputError(f"{where}: {fields}; a row has annotator, system, line, type, ..., start, end")
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
    yield from (item for _, item in latest.values())


def _appraise_spans(text: str, where: str) -> tuple[tuple[int, int], ...] | None:
    """Spans from ``[{"start_i": 3, "end_i": 5}]``, both of which are characters; entries without them are ignored."""
    if not text:
        return None
    try:
        ends = [(item.get("start_i"), item.get("end_i")) for item in json.loads(text)]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{where}: the error spans are {text[:40]!r}, not a list of start_i and end_i") from None
    return tuple((start, end + 1) for start, end in ends if type(start) is type(end) is int and 0 <= start <= end)


def _is_appraise(file: Input) -> bool:
    try:
        row = next(csv.reader([file.first_line]), [])
    except csv.Error:  # such as carriage returns as line ends
        return False
    return len(row) >= 9 and row[3] in ("TGT", "BAD", "REF", "CHK") and _is_number(row[6]) and _is_number(row[-1])


def _metric_scores(file: Input) -> Iterator[RawScore]:
    scores: list[tuple[str, str, str]] = []
    for number, line in file.lines():
        where, values = f"{file.name}:{number}", line.split("\t") if "\t" in line else line.split()
        if len(values) != 2:
            raise InputError(f"{where}: {count(len(values), 'field')}; each line has a system and a score")
        scores.append((where, values[0], values[1].strip()))
    by_segment = file.name.removesuffix(".gz").endswith(".seg.score") or len({row[1] for row in scores}) < len(scores)
    position: Counter[str] = Counter()
    for where, system, score in scores:
        yield RawScore(where, system, number_of(score, where), position=position[system] if by_segment else None)
        position[system] += 1


def _is_metric_scores(file: Input) -> bool:
    lines = [line.split("\t") for line in file.beginning.split("\n")[:20] if line.strip()][:19]
    pairs = all(len(line) == 2 and (_is_number(line[1]) or line[1].strip() == "None") for line in lines)
    return file.suffix == ".score" or (pairs and bool(lines))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*", text) is not None


#: The largest score; sums and products of larger ones are not exact.
_LARGEST = 1e15


def number_of(value: object, where: str, what: str = "score") -> float:
    """A finite number; nan if there is none (null, an empty field, ``None``, ``NA``)."""
    text = str(value).strip()
    if text in ("", "None", "null", "NA"):
        return float("nan")
    if not _is_number(text) or abs(number := float(text)) > _LARGEST:
        raise InputError(f"{where}: the {what} is {text[:40]!r}, not a number; leave out what has none")
    return number


SCORE_FORMATS = (
    ScoreFormat("MQM", False, _is_raw_mqm, _raw_mqm),
    ScoreFormat("MQM", None, partial(_has_columns, columns=_AVERAGED), partial(_read_columns, columns=_AVERAGED)),
    ScoreFormat("DA", True, _is_assessed, partial(_read_columns, columns=_ASSESSED)),
    ScoreFormat("ESA", True, _is_appraise, _appraise),
    ScoreFormat("", True, _is_metric_scores, _metric_scores, in_order=True),
)
