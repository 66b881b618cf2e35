"""Scores by human raters, or recorded by an external metric: reading them and matching them to segments of a task."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.data.fields import Fields
from evalkit.data.formats import open_input_table
from evalkit.data.formats.file_format import Head, Table
from evalkit.data.formats.human_judgements import SCORE_FORMATS, RawScore, number_of
from evalkit.data.opening import Input, named_path
from evalkit.errors import InputError, few
from evalkit.printable import spreadsheet_field
from evalkit.text.languages import language
from evalkit.wording import count

#: score columns in evalkit's own tables, and whether higher is better; None means that the sign of the values decides.
_COLUMNS: dict[str, bool | None] = {"mqm": None, "esa": True, "da": True, "z": True, "score": None, "COMET": True}


@dataclass(frozen=True)
class ScoreFile:
    """All scores of one file.

    :param name: the score's name: ``MQM``, ``ESA``, ``DA``, the name of a column, or that of the file.
    :param higher_is_better: None if neither the format nor the values determine it.
    :param decided: the reason, if the values determined the direction; otherwise empty.
    :param in_order: whether each system has one score per segment, in order.
    """

    path: str
    name: str
    rows: tuple[RawScore, ...]
    higher_is_better: bool | None
    decided: str = ""
    in_order: bool = False

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems in the order of the file."""
        return tuple(dict.fromkeys(row.system for row in self.rows))

    @property
    def of_systems(self) -> bool:
        """Whether the scores are for whole systems instead of segments."""
        return all(row.id is None and row.position is None and row.place_in_document is None for row in self.rows)

    def by_segment(
        self,
        ids: Sequence[str],
        articles: Sequence[str] | None = None,
    ) -> Iterator[tuple[RawScore, int]]:
        """Each score with the index of its segment, from 0.

        A segment is identified by its id, by its line in the benchmark, or by its document and its number within the
        document. If the file has its own numbering (from a larger test set), the numbers are matched in order, provided
        that there are exactly as many as segments.

        :raises InputError: if a segment is not in the run, or has a different document in the run, or a file with one
            score per segment has another number of them.
        """
        place = _Places(self, ids, articles)
        counts = Counter(row.system for row in self.rows if row.id not in place.number)
        for system, scores in counts.items():
            if self.in_order and scores != len(ids):
                raise InputError(
                    f"{self.path}: {count(scores, 'score')} of system {system!r} in segment order, but there are "
                    f"{len(ids):,} segments"
                )
        for row in self.rows:
            if not math.isnan(row.score):
                yield row, place.of(row)


@dataclass(frozen=True, eq=False)
class HumanScores:
    """Scores by system, in the order of the segments.

    :param scores: by system, float64[n], higher is better, nan if not judged; the mean over all judgments of an
        output.
    :param column: the name of the score; ``sign_flipped`` says whether lower is better in the file, so that the sign of
        the scores was flipped.
    :param systems: names of all judged systems; the judgments refer to them by index.
    :param places: system, segment and rater (-1 if unknown) of m judgments, int64[m, 3]; ``values`` are their scores,
        float64[m], higher is better.
    :param raters: names of the raters.
    :param notes: how the file was read, if that is not obvious.
    """

    scores: dict[str, NDArray[np.float64]]
    column: str
    sign_flipped: bool
    systems: tuple[str, ...]
    places: NDArray[np.int64]
    values: NDArray[np.float64]
    raters: tuple[str, ...]
    notes: tuple[str, ...]

    def normalized(self) -> HumanScores:
        """The same scores, with the judgments of each rater standardized to mean 0 and standard deviation 1.

        :raises InputError: if the file does not contain rater names.
        """
        if not self.raters or (self.places[:, 2] < 0).any():
            raise InputError("the scores cannot be normalized by rater: the file does not name who judged")
        values = self.values.copy()
        for rater in range(len(self.raters)):
            own = self.places[:, 2] == rater
            spread = values[own].std()
            values[own] = (values[own] - values[own].mean()) / (spread if spread > 0 else 1.0)
        n = len(next(iter(self.scores.values())))
        scores = _means(self.systems, self.places, values, n)
        return replace(self, scores=scores, column=f"{self.column}, by rater", values=values)


def read_scores(
    path: str | Path,
    *,
    column: str | None = None,
    fields: Fields | None = None,
    higher_is_better: bool | None = None,
    usual: Mapping[str, bool | None] = _COLUMNS,
    option: str = "--column NAME",
    lang: str | None = None,
) -> ScoreFile:
    """Read human or metric scores from any format of :mod:`evalkit.data.formats`, or as WMT publishes them.

    :param path: or ``NAME=PATH``, to name the scores.
    :param column: the column of the score in a table or a log; ``SCORER`` or ``SCORER/PART`` in a log of inspect_ai.
    :param higher_is_better: overrides the direction determined by the format or the values.
    :param usual: the columns that are tried if none is given, and their directions.
    :param option: what names another column, for messages.
    :param lang: the language of the outputs; scores of outputs in other languages are left out.
    :raises InputError: if the file has no such format; the message names the line.
    """
    title, file_path = named_path(path)
    file = Input(file_path)
    data = file.head()
    head = Head(data, data.decode("utf-8-sig", "replace"), file.suffix)
    format_ = None if column or (fields and fields.named) else next((f for f in SCORE_FORMATS if f.sniff(head)), None)
    if format_ is not None:
        rows, in_order = list(format_.read(file)), format_.in_order
        name, direction = format_.name or file.stem.removesuffix(".seg").removesuffix(".sys"), format_.higher_is_better
        if "mqm" in name.lower() and direction:
            direction = None
    else:
        name, rows, in_order = _from_table(file, column, fields or Fields(), usual, option)
        direction = usual.get(name)
    if lang is not None:
        rows = _in_language(rows, lang, file.name)
    values = [row.score for row in rows if not math.isnan(row.score)]
    if not values:
        raise InputError(f"{file.name}: no scores")
    decided = ""
    if higher_is_better is not None:
        direction = higher_is_better
    elif direction is None and "mqm" in name.lower() and (min(values) >= 0 or max(values) <= 0):
        direction = max(values) <= 0
        signs = ("at most", "higher") if direction else ("at least", "lower")
        decided = f"all values of {name} are {signs[0]} 0, so {signs[1]} is better"
    return ScoreFile(file.name, title or name, tuple(rows), direction, decided, in_order)


def _in_language(rows: list[RawScore], lang: str, path: str) -> list[RawScore]:
    """The scores of outputs in a language, or of which the language is unknown.

    :raises InputError: if there are none.
    """
    targets = {row.target for row in rows if row.target is not None}
    ours = {target for target in targets if language(target) == lang}
    if targets and not ours:
        raise InputError(
            f"{path}: the judged outputs are in {few(sorted(targets))}, but those of the run are in {lang}"
        )
    return [row for row in rows if row.target is None or row.target in ours]


def _from_table(
    file: Input, column: str | None, fields: Fields, usual: Iterable[str], option: str
) -> tuple[str, list[RawScore], bool]:
    """The name of the scores, the scores in a table or a log, and whether each system has one per segment, in order."""
    table = open_input_table(file, replace(fields, scores=True), extra=(*usual, *([column] if column else [])))
    rows: list[RawScore] = []
    if column is None and "score" in fields.named:
        column = fields.named["score"][0]
    name = column
    for number, record in table.rows:
        where = f"{table.name}, {record['where']}" if "where" in record and table.log else table.place(number)
        scores = record.get("scores") if table.kind == "inspect_ai" else record
        if not isinstance(scores, dict):
            continue  # failed samples have no score
        name = _usual_name(scores, table, usual, option) if name is None else name
        value = _score_in(scores, name or " or ".join(usual), table, where, option)
        if table.log and record.get("epoch", 1) != 1:
            raise InputError(f"{where}: the log holds several epochs; run inspect_ai with --epochs 1")
        rows.append(_raw_score(record, number_of(value, where), fields, table, file.stem, where))
    return name or "", rows, table.kind in ("comet-score", "inspect_ai")


def _raw_score(
    record: Mapping[str, Any], score: float, fields: Fields, table: Table, stem: str, where: str
) -> RawScore:
    """The score of a record with what identifies its segment; the system of a log is the file, if it names none."""
    system, id_, line = (fields.get(record, role) for role in ("system", "id", "line"))
    position = record.get("position") if table.log else None
    if table.log and system is None:
        system = stem
    if system is None or (id_ is None and line is None and position is None):
        raise InputError(
            f"{where}: the columns system and id (or line) are needed; the columns are {few(record)}. "
            "Name others: --field system=COLUMN --field id=COLUMN"
        )
    if not str(system).strip():
        raise InputError(f"{where}: the name of the system is empty")
    if id_ is None and position is None:
        position = _line_index(line, where)
    return RawScore(
        where=where,
        system=str(system),
        score=score,
        id=_text_or_none(id_),
        position=position if isinstance(position, int) else None,
        document=_text_or_none(fields.get(record, "article")),
        rater=_text_or_none(fields.get(record, "rater")),
        spans=None if table.log else _spans(record.get("spans"), where),
    )


def _usual_name(scores: Mapping[str, Any], table: Table, usual: Iterable[str], option: str) -> str | None:
    """The usual name that the scores have; a sample of inspect_ai may have one score of any name.

    :raises InputError: if there are several.
    """
    only = list(scores) if table.kind == "inspect_ai" and len(scores) == 1 else []
    names = [known for known in (*usual, *only) if known in scores]
    if len(names) > 1:
        raise InputError(f"{table.name}: the scores are in {' or '.join(map(repr, names))}; name one with {option}")
    return names[0] if names else None


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _line_index(line: object, where: str) -> int:
    """The index of the segment on a line, which is numbered from 1."""
    if not (str(line).isascii() and str(line).isdecimal() and int(str(line)[:18]) > 0):
        raise InputError(f"{where}: the line is {str(line)[:40]!r}, not a number from 1")
    return int(str(line)[:18]) - 1


def _score_in(scores: Mapping[str, Any], name: str, table: Table, where: str, option: str) -> Any:
    """The score of that name in a record, or in the scores of a sample of inspect_ai (``SCORER/PART``)."""
    if table.kind != "inspect_ai":
        if name not in scores:
            raise InputError(
                f"{where}: no column {name}; the columns are {few(map(repr, scores))}. "
                f"Name the column of the scores with {option}"
            )
        return scores[name]
    scorer, _, part = name.partition("/")
    if not isinstance(scores.get(scorer), dict):
        raise InputError(f"{where}: no scorer {scorer!r}; the scorers are {few(scores)}. Name one with {option}")
    value = scores[scorer].get("value")
    return value if not part else value.get(part) if isinstance(value, dict) else None


def _spans(value: object, where: str) -> tuple[tuple[int, int], ...] | None:
    """Half-open spans from a list of pairs."""
    if value is None:
        return None
    pairs = value if isinstance(value, list) else [None]
    if not all(
        isinstance(p, list) and len(p) == 2 and all(type(end) is int for end in p) and 0 <= p[0] <= p[1] for p in pairs
    ):
        raise InputError(
            f"{where}: spans is {str(value)[:40]!r}, not a list of pairs of character offsets [start, end]"
        )
    return tuple((p[0], p[1]) for p in pairs if p)


def _segments(ids: Sequence[str]) -> dict[str, int]:
    """Segment indices by id; an id that evalkit quotes in CSV files is recognized quoted as well."""
    quoted = {spreadsheet_field(id_): i for i, id_ in enumerate(ids) if not (id_[:1].isalnum() and id_.isprintable())}
    return quoted | {id_: i for i, id_ in enumerate(ids)}


class _Places:
    """Maps scores to segments."""

    def __init__(self, file: ScoreFile, ids: Sequence[str], articles: Sequence[str] | None) -> None:
        self._file, self._ids, self._articles = file, ids, articles
        self.number = _segments(ids)
        self._members: dict[str, list[int]] = {}
        for i, article in enumerate(articles or ()):
            self._members.setdefault(article, []).append(i)
        #: whether the file contains any document name of the run; if not, it may use its own document numbering
        self._shared = any(row.document in self._members for row in file.rows)
        self.in_order: dict[str, int] = {}
        named = {row.id for row in file.rows if row.id is not None and not math.isnan(row.score)}
        numbered = len(named) == len(ids) and all(id_.isascii() and id_.isdecimal() for id_ in named)
        # The numbering of the file may be that of a larger test set.
        if numbered and not self._by_document(file.rows) and not named <= set(self.number):
            self.in_order = {id_: i for i, id_ in enumerate(sorted(named, key=int))}

    def _by_document(self, rows: Iterable[RawScore]) -> bool:
        return bool(self._members) and all(
            row.place_in_document is not None and row.document in self._members for row in rows
        )

    def of(self, row: RawScore) -> int:
        """The index of the segment of a score."""
        place: int | None = None
        if row.place_in_document is not None and row.document in self._members:
            members = self._members[row.document]
            place = members[row.place_in_document - 1] if 0 < row.place_in_document <= len(members) else None
        else:
            place = (self.in_order or self.number).get(row.id or "")
            if place is None and row.position is not None and 0 <= row.position < len(self._ids):
                place = row.position
        named = row.id if row.id is not None else f"line {(row.position or 0) + 1}"
        if place is None:
            raise InputError(
                f"{row.where}: no segment {named!r}; there are {len(self._ids):,} segments ({few(self._ids, 3)}, ...)"
            )
        known = self._shared
        if row.document is not None and self._articles is not None and self._articles[place] != row.document and known:
            raise InputError(
                f"{row.where}: {named!r} is in the document {row.document!r}, but that segment of the run is in "
                f"{self._articles[place]!r}; the lines of the two do not correspond"
            )
        return place


def human_spans(
    path: str | Path, ids: Sequence[str], *, articles: Sequence[str] | None = None, lang: str | None = None
) -> dict[tuple[str, int], tuple[tuple[int, int], ...]]:
    """The error spans marked by human raters, by system and segment index; empty if the file has no spans.

    An output without errors is included with an empty tuple; the spans of several raters are combined.

    :raises InputError: as :func:`read_scores`.
    """
    spans: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {}
    for row, place in read_scores(path, lang=lang).by_segment(ids, articles):
        if row.spans is not None:
            key = row.system, place
            spans[key] = spans.get(key, ()) + row.spans
    return spans


def read_human_scores(
    path: str | Path,
    ids: Sequence[str],
    *,
    articles: Sequence[str] | None = None,
    column: str | None = None,
    fields: Fields | None = None,
    higher_is_better: bool | None = None,
    lang: str | None = None,
) -> HumanScores:
    """Read human scores of the outputs of a run; several judgments of one output are averaged.

    :param ids: the segment ids of the run; ``articles`` are their articles, ``lang`` is the language of its outputs.
    :param column: the column of the score in a table.
    :param higher_is_better: for a score whose direction the file does not specify.
    :raises InputError: for invalid input, naming file and line, or a score of unknown direction.
    """
    file = read_scores(path, column=column, fields=fields, higher_is_better=higher_is_better, lang=lang)
    if file.higher_is_better is None:
        scores_of = [row.score for row in file.rows if not math.isnan(row.score)]
        low, high = min(scores_of), max(scores_of)
        raise InputError(
            f"{file.path}: the direction of {file.name} is unknown (its values go from {low:g} to {high:g}); give "
            "--higher-is-better yes|no"
        )
    if file.of_systems:
        raise InputError(f"{file.path}: scores of whole systems; scores by segment are needed (.seg.score)")
    systems = file.systems
    index = {name: i for i, name in enumerate(systems)}
    raters = tuple(dict.fromkeys(row.rater for row in file.rows if row.rater is not None))
    rater_index = {name: i for i, name in enumerate(raters)}
    judged_rows = list(file.by_segment(ids, articles))
    places = np.array([(index[r.system], i, rater_index.get(r.rater or "", -1)) for r, i in judged_rows], np.int64)
    values = np.array([row.score for row, _ in judged_rows]) * (1.0 if file.higher_is_better else -1.0)
    # Zero has no sign: -0.0 would be printed.
    values = values + 0.0
    scores = _means(systems, places, values, len(ids))
    notes = tuple(f"{file.path}: {note}" for note in _notes(file, places, ids, articles))
    return HumanScores(scores, file.name, not file.higher_is_better, systems, places, values, raters, notes)


def _notes(
    file: ScoreFile, places: NDArray[np.int64], ids: Sequence[str], articles: Sequence[str] | None
) -> Iterator[str]:
    """Yield how the file was read, where it could have been meant otherwise."""
    if file.decided:
        yield file.decided
    if numbers := _Places(file, ids, articles).in_order:
        first, *_, last = numbers
        yield f"its ids {first} to {last} are not those of the run; they are taken as the segments in order"
    repeated = len(places) - len(np.unique(places, axis=0))
    if repeated:
        yield f"{count(repeated, 'score')} with the system, the segment and the rater of another; all of these are averaged"


def read_weights(path: str | Path, ids: Sequence[str]) -> NDArray[np.float64]:
    """Read sampling weights from a table with the columns ``id`` and ``weight``, as written by ``evalkit plan``.

    :returns: float64[n] in the order of the ids; nan if the file has no weight.
    :raises InputError: if an id is not in the run, or a weight is not a positive number.
    """
    table = open_input_table(Input(path), Fields(), extra=("weight",))
    place = _segments(ids)
    weights = np.full(len(ids), np.nan)
    for number, record in table.rows:
        where = table.place(number)
        if "id" not in record or "weight" not in record:
            raise InputError(f"{where}: the columns id and weight are needed; the columns are {few(record)}")
        id_ = str(record["id"])
        if id_ not in place:
            raise InputError(
                f"{where}: no segment {id_!r} in the run, which has {count(len(ids), 'segment')} ({few(ids, 3)}, ...)"
            )
        weight = number_of(record["weight"], where)
        if not weight > 0:
            raise InputError(f"{where}: the weight is {weight:g}; it must be above 0")
        if not np.isnan(weights[place[id_]]):
            raise InputError(f"{where}: duplicate id {id_!r}; a segment has one weight")
        weights[place[id_]] = weight
    return weights


def _means(
    systems: Sequence[str], places: NDArray[np.int64], values: NDArray[np.float64], n: int
) -> dict[str, NDArray[np.float64]]:
    sums, counts = np.zeros((len(systems), n)), np.zeros((len(systems), n))
    np.add.at(sums, (places[:, 0], places[:, 1]), values)
    np.add.at(counts, (places[:, 0], places[:, 1]), 1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return dict(zip(systems, means, strict=True))


def match_systems(scored: Iterable[str], judged: Iterable[str], path: str) -> list[str]:
    """Messages about systems that occur only in the run or only in the file.

    :raises InputError: if fewer than half of the systems, or fewer than two, are in both.
    """
    ours, theirs = list(scored), list(judged)
    both = [name for name in ours if name in set(theirs)]
    messages: list[str] = []
    lower = Counter(name.casefold() for name in theirs)
    for what, names in (
        ("not judged", [name for name in ours if name not in set(theirs)]),
        ("judged, but not in the run", [name for name in theirs if name not in set(ours)]),
    ):
        if names:
            messages.append(f"{path}: {what}: {few(names)}")
    if near := [name for name in ours if name not in both and lower[name.casefold()]]:
        messages.append(f"{path}: {few(near)} differ from judged systems only by case; rename one of the two")
    if 2 * len(both) < min(len(ours), len(theirs)) or len(both) < 2:
        raise InputError(
            "\n".join(
                [
                    f"{path}: {count(len(both), 'judged system')} of the run; at least two, and half of them, are needed",
                    *messages,
                ]
            )
        )
    return messages
