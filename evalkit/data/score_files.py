"""Reads files of scores: human judgments in the formats that WMT publishes, tables with scores, and logs with scores."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from evalkit.data.building import are_shuffled, collapsed
from evalkit.data.fields import Fields
from evalkit.data.formats import find_format
from evalkit.data.formats.file_format import Table
from evalkit.data.formats.human_judgements import SCORE_FORMATS, RawScore, number_of
from evalkit.data.opening import Input, named_path, stem_of
from evalkit.errors import InputError, few
from evalkit.printable import spreadsheet_field
from evalkit.text.languages import language
from evalkit.wording import count

#: Score columns in evalkit's own tables, and whether higher is better; None means that the sign of the values decides.
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

    def by_segment(
        self,
        ids: Sequence[str],
        articles: Sequence[str] | None = None,
        *,
        sources: Sequence[str] | None = None,
        outputs: Mapping[str, Sequence[str]] | None = None,
        unordered: str = "",
    ) -> tuple[list[tuple[RawScore, int]], str]:
        """Each score with the index of its segment, from 0, and a note if the file numbers the segments differently.

        A segment is identified by its id, by its line in the benchmark, or by its document and its number within the
        document. If the file has its own numbering (from a larger test set), the numbers are matched in order, provided
        that there are exactly as many as segments.

        :param sources: the sources of the segments, which those in the file have to equal; ``outputs``, by system, likewise.
        :param unordered: why it is uncertain which segment a line belongs to; see :class:`~evalkit.data.tasks.Task`.
        """
        if all(row.id is None and row.position is None and row.place_in_document is None for row in self.rows):
            raise InputError(f"{self.path}: scores of whole systems; scores by segment are needed (.seg.score)")
        members: dict[str, list[int]] = {}
        for i, article in enumerate(articles or ()):
            members.setdefault(article, []).append(i)
        judged = [row for row in self.rows if not math.isnan(row.score)]
        numbers, note = self._numbers(judged, ids, members)
        # A file that names no document of the run may use other names for the documents.
        own_names = not any(row.document in members for row in self.rows)
        if not unordered and are_shuffled(ids):
            unordered = "the run does not have its segments in the order of their numbers"
        if note and unordered:
            raise InputError(f"{self.path}: {note}, but {unordered}; give the scores the ids of their segments")

        def place_of(row: RawScore) -> int:
            parts = members.get(row.document or "")
            if row.place_in_document is not None and parts:
                place = parts[row.place_in_document - 1] if 0 < row.place_in_document <= len(parts) else None
            else:
                place = numbers.get(row.id or "")
                if place is None and row.position is not None and 0 <= row.position < len(ids):
                    place = row.position
                    if unordered and (row.source is None or sources is None):
                        problem = f"the score has a line or a place in the file and no id, but {unordered}"
                        raise InputError(f"{row.where}: {problem}; give the scores the ids of their segments")
            named = row.id if row.id is not None else f"line {(row.position or 0) + 1}"
            if place is None:
                known = f"{count(len(ids), 'segment')} ({few(ids, 3)})"
                raise InputError(f"{row.where}: no segment {named!r}; there are {known}")
            if row.document is not None and not own_names and row.document != (own := (articles or ())[place]):
                problem = f"{named!r} is in the document {row.document!r}, but that segment of the run is in {own!r}"
                raise InputError(f"{row.where}: {problem}; the lines of the two do not correspond")
            return place

        placed = [(row, place_of(row)) for row in judged]
        for row, place in placed:
            own_outputs = (outputs or {}).get(row.system)
            for what, text, own in (("source", row.source, sources), ("output", row.output, own_outputs)):
                if text is not None and own is not None and collapsed(text) != collapsed(own[place]):
                    other = f"the {what} of {ids[place]!r} is {text[:80]!r} there, but {own[place][:80]!r} here"
                    raise InputError(f"{row.where}: {other}; are both files of the same data in the same order?")
        return placed, note

    def _numbers(
        self, judged: Sequence[RawScore], ids: Sequence[str], members: Mapping[str, list[int]]
    ) -> tuple[dict[str, int], str]:
        """The indices of the segments by their ids in the file, and a note if the file numbers them differently."""
        numbers = segment_numbers(ids)
        counts = Counter(row.system for row in self.rows if row.id not in numbers)
        for system, scores in counts.items():
            if self.in_order and scores != len(ids):
                given = f"{count(scores, 'score')} of system {system!r} in segment order"
                raise InputError(f"{self.path}: {given}, but there are {count(len(ids), 'segment')}")
        named = {row.id for row in judged if row.id is not None}
        numbered = len(named) == len(ids) and all(id_.isascii() and id_.isdecimal() for id_ in named)
        by_document = all(row.place_in_document is not None and row.document in members for row in self.rows)
        if not numbered or by_document or named <= set(numbers):
            return numbers, ""
        # The file may use the numbering of a larger test set.
        in_order = sorted(named, key=int)
        own = f"its ids {in_order[0]} to {in_order[-1]} are not those of the run"
        return {id_: i for i, id_ in enumerate(in_order)}, f"{own}; they are taken as the segments in order"


def segment_numbers(ids: Sequence[str]) -> dict[str, int]:
    """Segment indices by id; an id that evalkit quotes in CSV files is recognized quoted as well."""
    quoted = {spreadsheet_field(id_): i for i, id_ in enumerate(ids) if not (id_[:1].isalnum() and id_.isprintable())}
    return quoted | {id_: i for i, id_ in enumerate(ids)}


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
    """Read human or metric scores, given as ``PATH`` or ``NAME=PATH``, from any format or as WMT publishes them.

    :param column: the column of the score in a table or a log; ``SCORER`` or ``SCORER/PART`` in a log of inspect_ai.
    :param higher_is_better: overrides the direction determined by the format or the values.
    :param usual: the columns that are tried if none is given, and their directions.
    :param option: the option that names another column, for messages.
    :param lang: the language of the outputs; scores of outputs in other languages are left out.
    """
    title, file_path = named_path(path)
    file = Input(file_path)
    format_ = None if column or (fields and fields.named) else next((f for f in SCORE_FORMATS if f.sniff(file)), None)
    if format_ is not None:
        rows, in_order = list(format_.read(file)), format_.in_order
        stem = stem_of(file_path)
        name, direction = format_.name or stem.removesuffix(".seg").removesuffix(".sys"), format_.higher_is_better
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
    """The scores of outputs in a language, or of which the language is unknown."""
    targets = {row.target for row in rows if row.target is not None}
    ours = {target for target in targets if language(target) == lang}
    if targets and not ours:
        judged = few(sorted(targets))
        raise InputError(f"{path}: the judged outputs are in {judged}, but those of the run are in {lang}")
    return [row for row in rows if row.target is None or row.target in ours]


def _from_table(
    file: Input, column: str | None, fields: Fields, usual: Iterable[str], option: str
) -> tuple[str, list[RawScore], bool]:
    """The name of the scores, the scores in a table or a log, and whether each system has one per segment, in order."""
    name = column or next(iter(fields.named.get("score", ())), "")
    extra = (*usual, column) if column else tuple(usual)
    table = find_format(file).read(file, replace(fields, scores=True, extra=extra))
    inspect = table.kind == "inspect_ai"
    rows: list[RawScore] = []
    for number, record in table.rows:
        where = f"{table.name}, {record['where']}" if "where" in record and table.log else table.place(number)
        scores = record.get("scores") if inspect else record
        if not isinstance(scores, dict):
            continue  # failed samples have no score
        if not name:
            scorers = [scorer for scorer in scores if "/" not in scorer] if inspect else []
            names = [known for known in (*usual, *(scorers if len(scorers) == 1 else ())) if known in scores]
            if len(names) > 1:
                several = " or ".join(map(repr, names))
                raise InputError(f"{table.name}: the scores are in {several}; name one with {option}")
            name = names[0] if names else ""
        if not name or (name not in scores and not (inspect and name.partition("/")[0] in scores)):
            kind, known = "scorer" if inspect else "column", few(map(repr, scores))
            missing = f"no {kind} {name or ' or '.join(usual)}; the {kind}s are {known}"
            raise InputError(f"{where}: {missing}. Name the {kind} of the scores with {option}")
        if table.log and record.get("epoch", 1) != 1:
            raise InputError(f"{where}: the log holds several epochs; run inspect_ai with --epochs 1")
        rows.append(_raw_score(record, number_of(scores.get(name), where), fields, table, stem_of(file.path), where))
    return name, rows, table.kind in ("comet-score", "inspect_ai")


def _raw_score(
    record: Mapping[str, Any], score: float, fields: Fields, table: Table, stem: str, where: str
) -> RawScore:
    """The score of a record with what identifies its segment; the system of a log is the file, if it names none."""
    # The source in other logs may be a whole prompt, and ``translation`` may be the source or the target.
    unsure = "translation" in record or (table.log and table.kind != "comet-score")
    compared = () if unsure else ("source", "output")
    names = ("system", "id", "line", "article", "rater", *compared)
    roles = {role: fields.get(record, role) for role in names}
    texts = {role: None if value is None else str(value) for role, value in roles.items()}
    system, line = texts["system"], texts["line"]
    position = record.get("position") if table.log else None
    if table.log and system is None:
        system = stem
    if system is None or (texts["id"] is None and line is None and position is None):
        needed = f"the columns system and id (or line) are needed; the columns are {few(record)}"
        raise InputError(f"{where}: {needed}. Name others: --field system=COLUMN --field id=COLUMN")
    if not system.strip():
        raise InputError(f"{where}: the name of the system is empty")
    if texts["id"] is None and position is None and line is not None:
        if not (line.isascii() and line.isdecimal() and int(line[:18]) > 0):
            raise InputError(f"{where}: the line is {line[:40]!r}, not a number from 1")
        position = int(line[:18]) - 1
    return RawScore(
        where=where,
        system=system,
        score=score,
        id=texts["id"],
        position=position if isinstance(position, int) else None,
        document=texts["article"],
        rater=texts["rater"],
        source=texts.get("source"),
        output=texts.get("output"),
        spans=None if table.log else _spans(record.get("spans"), where),
    )


def _spans(value: object, where: str) -> tuple[tuple[int, int], ...] | None:
    """Half-open spans from a list of pairs."""
    try:
        pairs = msgspec.convert(value, tuple[tuple[int, int], ...] | None)
    except msgspec.ValidationError:
        pairs = ((1, 0),)
    if any(not 0 <= start <= end for start, end in pairs or ()):
        given = f"spans is {str(value)[:40]!r}"
        raise InputError(f"{where}: {given}, not a list of pairs of character offsets [start, end]")
    return pairs
