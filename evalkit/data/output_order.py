"""Matches the outputs of a system to the segments of a task: by id, by the position in a log's data, or in order."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from evalkit.data.building import collapsed, hashes, misplaced, position_id
from evalkit.data.formats.file_format import Table
from evalkit.data.output_tables import SystemTexts
from evalkit.data.tasks import Task
from evalkit.errors import OutputsError, did_you_mean
from evalkit.files import tell
from evalkit.wording import count


def members_of(task: Task) -> dict[str, list[str]]:
    """The segments of each article of a translation task; a translation may be given as a whole."""
    members: dict[str, list[str]] = {}
    if task.kind == "translation" and task.articles is not None:
        for id_, article in zip(task.ids, task.articles, strict=True):
            members.setdefault(article, []).append(id_)
    return members


class OutputOrder:
    """The outputs of a system for each segment of a task, as indices of its texts; with samples, it may have several.

    The translation of a whole article is split into its segments, which are added to the texts of the system.
    """

    def __init__(self, task: Task, table: Table, system: SystemTexts, samples: bool) -> None:
        self._task, self._table, self._system, self._samples = task, table, system, samples
        self._index = {id_: i for i, id_ in enumerate(task.ids)}
        self._left_out = set(task.left_out)
        self._members = members_of(task)
        #: The (first) text of each segment, -1 if there is none; and the other texts of segments with several.
        self.first = [-1] * len(task)
        self.more: dict[int, list[int]] = {}
        named = [id_ for id_ in system.ids if id_ is not None]
        known = any(id_ in self._index or id_ in self._members or id_ in self._left_out for id_ in named)
        if system.positions and None not in system.positions and not known:
            segments: Iterable[int | None] = map(self._of_position, range(len(system.ids)))
        elif table.log and not known and len(named) == len(system.ids) and (numbers := self._numbered(named)):
            segments = numbers
        elif not named and system.ids:
            segments = self._in_order()
        elif len(named) < len(system.ids):
            others = "samples of this log" if system.positions else "records of this file"
            raise OutputsError(f"{self._at(system.ids.index(None))}: no id, though other {others} have one")
        else:
            segments = map(self._of_id, range(len(system.ids)))
        whole = [place for place, segment in enumerate(segments) if self._put(segment, place)]
        texts = system.texts.column() if whole else ()
        for place in whole:
            article = system.ids[place] or ""
            parts = _parts(article, self._members[article], texts[place], self._at(place))
            for id_, text in parts.items():
                system.texts.append(text)
                system.numbers.append(system.numbers[place])
                self._place(self._index[id_], len(system.texts) - 1, f"{id_!r} (part of {article!r})")

    def _put(self, segment: int | None, place: int) -> bool:
        """Whether an output is that of a whole article; others are put into their places unless they are left out."""
        id_ = self._system.ids[place]
        if segment is None:
            return id_ in self._members and id_ not in self._left_out
        self._place(segment, place, str(segment) if id_ is None else repr(id_))
        self._compare(segment, place)
        return False

    def _place(self, segment: int, place: int, id_: str) -> None:
        if self.first[segment] < 0:
            self.first[segment] = place
        elif self._samples:
            self.more.setdefault(segment, []).append(place)
        else:
            twice = f"{self._at(place)}: duplicate id {id_}, first at {self._at(self.first[segment])}"
            raise OutputsError(f"{twice}; several outputs of a segment are read with --samples of evalkit run")

    def _in_order(self) -> range:
        n, texts, task, name = len(self._task), len(self._system.texts), self._task, self._table.name
        if texts not in (n, n + len(self._left_out)):
            counts = f"{count(texts, self._table.unit)}, but {task.name} has {count(n, 'segment')}"
            raise OutputsError(f"{name}: {counts}; outputs without ids are one per segment, in the benchmark's order")
        if task.unordered and not self._system.compared(task):
            problem = f"outputs without ids, but {task.unordered}"
            raise OutputsError(f"{name}: {problem}; give the outputs the ids of their segments")
        self._check_columns()
        return range(n)

    def _check_columns(self) -> None:
        """:raises OutputsError: if outputs without ids have, beside them, the texts of the segments in another order."""
        task, columns = self._task, self._system.numbering.texts
        if not columns:
            return
        most = max(map(len, task.references), default=0)
        references = [[texts[k] if k < len(texts) else "" for texts in task.references] for k in range(most)]
        sides = (("id", task.ids), ("source", task.sources or ()), *(("reference", texts) for texts in references))
        for what, texts in sides:
            own = hashes(texts)
            for name, column in columns.items():
                if (place := misplaced(column, own)) is not None:
                    problem = f"no ids, and the column {name!r} has the {what} of another segment"
                    advice = f"name the column of the ids with --field id={name if what == 'id' else 'COLUMN'}"
                    raise OutputsError(
                        f"{self._at(place)}: {problem}; sort the records as in the benchmark, or {advice}"
                    )

    def _numbered(self, ids: Sequence[str]) -> list[int | None]:
        """The segments of ids such as ``request-1``, if the benchmark has no ids and the first or last number is certain."""
        n, total = len(self._task), len(self._task) + len(self._left_out)
        parts = [match for id_ in ids if (match := re.fullmatch(r"(.*?)(\d{1,9})", id_))]
        if len(parts) < len(ids) or len({part[1] for part in parts}) != 1 or not self._task.numbered:
            return []
        numbers = [int(part[2]) for part in parts]
        first = min(1, *numbers)
        if max(numbers) >= total if first == 0 else max(numbers) != total:
            return []
        tell(f"{self._table.name}: the ids {ids[0]!r}, ... number the segments, from {first}")
        return [number - first if number - first < n else None for number in numbers]

    def _of_position(self, place: int) -> int | None:
        number, n = self._system.positions[place] or 0, len(self._task)
        position = self._index.get(position_id(number), number)
        if not 0 <= position < n + len(self._left_out):
            sample = f"sample {position} of the log's data set, but {self._task.name} has {count(n, 'segment')}"
            advice = f"give the samples the benchmark's ids ({self._task.ids[0]!r}, ...)"
            raise OutputsError(f"{self._at(place)}: {sample}; {advice}")
        return position if position < n else None

    def _of_id(self, place: int) -> int | None:
        id_ = self._system.ids[place] or ""
        segment = self._index.get(id_)
        if segment is None and id_ not in self._left_out and id_ not in self._members:
            pool = sorted([*self._task.ids, *self._members])[:10_000]
            near = did_you_mean(id_[:200], pool, quoted=True) or f"; the ids look like {pool[0]!r}"
            if self._task.origin:
                near = "; the benchmark has no ids, so that its lines are numbered from 1: give outputs without ids in its order"
            raise OutputsError(f"{self._at(place)}: unknown id {id_!r}{near}")
        return segment

    @cached_property
    def _source_hashes(self) -> set[int]:
        return {hash(collapsed(source)) for source in self._task.sources or ()}

    @cached_property
    def _reference_hashes(self) -> set[int]:
        return {hash(collapsed(text)) for references in self._task.references for text in references}

    def _at(self, place: int) -> str:
        return self._table.place(self._system.numbers[place])

    def _compare(self, segment: int, place: int) -> None:
        """Compare the sources and the references in a file with those of the benchmark.

        What a log has as the source may be a whole prompt; it is wrong if it is the source of another segment. A file that
        is no log may have other references, but not those of another segment.
        """
        task, system, id_ = self._task, self._system, self._task.ids[segment]
        advice = "are both files of the same data in the same order?"
        if task.sources is not None and system.compared(task):
            source, given = task.sources[segment], system.sources[place]
            if given != hash(collapsed(source)) and (not self._table.log or given in self._source_hashes):
                other = f"the source of {id_!r} in this file is not that of the benchmark, {source[:80]!r}"
                raise OutputsError(f"{self._at(place)}: {other}; {advice}")
        targets, references = system.targets[place] if system.targets else (), task.references[segment]
        if targets and references and not {collapsed(text) for text in references}.intersection(targets):
            other = f"is {targets[0][:80]!r}, but the benchmark has {references[0][:80]!r}"
            raise OutputsError(f"{self._at(place)}: the log's own target of {id_!r} {other}; {advice}")
        given = system.references[place] if system.references else 0
        own = (hash(collapsed(text)) for text in references)
        if given and given not in own and given in self._reference_hashes:
            other = f"the reference of {id_!r} in this file is that of another segment of the benchmark"
            raise OutputsError(f"{self._at(place)}: {other}; {advice}")


def _parts(article: str, ids: Sequence[str], text: str, where: str) -> Mapping[str, str]:
    """The paragraphs of a translated article by segment."""
    paragraphs = [p.strip() for p in re.split(r"\n[^\S\n]*\n", text.strip().replace("\r\n", "\n")) if p.strip()]
    if len(paragraphs) != len(ids):
        given, n = count(len(paragraphs), "paragraph"), len(ids)
        raise OutputsError(
            f"{where}: the translation of the whole article {article!r} has {given}, but the article has {count(n, 'block')}; "
            f"separate exactly {count(n, 'paragraph')} by blank lines, or give one output per block ({ids[0]}, ...)"
        )
    return dict(zip(ids, paragraphs, strict=True))
