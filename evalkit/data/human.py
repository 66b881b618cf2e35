"""Human scores and error spans of the outputs of a run, and the weights of sampled segments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.data.fields import Fields
from evalkit.data.formats import open_table
from evalkit.data.formats.human_judgements import number_of
from evalkit.data.score_files import read_scores, segment_numbers
from evalkit.errors import InputError, few
from evalkit.wording import count


@dataclass(frozen=True, eq=False)
class HumanScores:
    """Judgments of the outputs of systems for n segments.

    :param column: the name of the score; ``sign_flipped`` says whether lower is better in the file.
    :param systems: names of all judged systems; the judgments refer to them by index.
    :param places: system, segment and rater (-1 if unknown) of m judgments, int64[m, 3]; ``values`` are their scores,
        float64[m], higher is better.
    :param notes: how the file was read, if that is not obvious.
    """

    segments: int
    column: str
    sign_flipped: bool
    systems: tuple[str, ...]
    places: NDArray[np.int64]
    values: NDArray[np.float64]
    raters: tuple[str, ...]
    notes: tuple[str, ...]

    @cached_property
    def scores(self) -> dict[str, NDArray[np.float64]]:
        """By system, float64[n], higher is better: the mean over all judgments of an output, or nan."""
        sums, counts = np.zeros((2, len(self.systems), self.segments))
        for added, total in ((self.values, sums), (1, counts)):
            np.add.at(total, (self.places[:, 0], self.places[:, 1]), added)
        means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
        return dict(zip(self.systems, means, strict=True))

    def normalized(self) -> HumanScores:
        """The same scores, with the judgments of each rater standardized to mean 0 and standard deviation 1."""
        if not self.raters or (self.places[:, 2] < 0).any():
            raise InputError("the scores cannot be normalized by rater: the file does not name the raters")
        values = self.values.copy()
        for rater in range(len(self.raters)):
            own = self.places[:, 2] == rater
            spread = values[own].std()
            values[own] = (values[own] - values[own].mean()) / (spread if spread > 0 else 1.0)
        return replace(self, column=f"{self.column}, by rater", values=values)


def human_spans(
    path: str | Path, ids: Sequence[str], *, articles: Sequence[str] | None = None, lang: str | None = None
) -> dict[tuple[str, int], tuple[tuple[int, int], ...]]:
    """The error spans marked by all human raters, by system and segment index; an output without errors has none."""
    spans: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {}
    for row, place in read_scores(path, lang=lang).by_segment(ids, articles)[0]:
        if row.spans is not None:
            key = row.system, place
            spans[key] = spans.get(key, ()) + row.spans
    return spans


def read_human_scores(
    path: str | Path,
    ids: Sequence[str],
    *,
    articles: Sequence[str] | None = None,
    sources: Sequence[str] | None = None,
    outputs: Mapping[str, Sequence[str]] | None = None,
    **reading: Any,
) -> HumanScores:
    """Read human scores of the outputs of a run; several judgments of one output are averaged.

    :param ids: the segment ids of the run; ``articles``, ``sources`` and ``outputs`` (by system) are theirs, see
        :meth:`ScoreFile.by_segment`. For the others, see :func:`read_scores`.
    """
    file = read_scores(path, **reading)
    if file.higher_is_better is None:
        scores = [row.score for row in file.rows if row.score == row.score]  # nan is unequal to itself
        problem = f"the direction of {file.name} is unknown (its values go from {min(scores):g} to {max(scores):g})"
        raise InputError(f"{file.path}: {problem}; give --higher-is-better yes|no")
    judged, numbering = file.by_segment(ids, articles, sources=sources, outputs=outputs)
    systems = tuple(dict.fromkeys(row.system for row in file.rows))
    raters = tuple(dict.fromkeys(row.rater for row in file.rows if row.rater is not None))
    system_index, rater_index = ({name: i for i, name in enumerate(names)} for names in (systems, raters))
    places = np.array([(system_index[r.system], i, rater_index.get(r.rater or "", -1)) for r, i in judged], np.int64)
    # Zero has no sign: -0.0 would be printed.
    values = np.array([row.score for row, _ in judged]) * (1.0 if file.higher_is_better else -1.0) + 0.0
    repeated = len(places) - len(np.unique(places, axis=0))
    again = f"{count(repeated, 'repeated score')} for the same system, segment and rater; repeated scores are averaged"
    notes = (file.decided, numbering, again if repeated else "")
    return HumanScores(
        segments=len(ids),
        column=file.name,
        sign_flipped=not file.higher_is_better,
        systems=systems,
        places=places,
        values=values,
        raters=raters,
        notes=tuple(f"{file.path}: {note}" for note in notes if note),
    )


def read_weights(path: str | Path, ids: Sequence[str]) -> NDArray[np.float64]:
    """Sampling weights from the columns ``id`` and ``weight`` of a table: float64[n] in the order of the ids."""
    table = open_table(path, Fields(extra=("weight",)))
    place = segment_numbers(ids)
    weights = np.full(len(ids), np.nan)
    for number, record in table.rows:
        where = table.place(number)
        if "id" not in record or "weight" not in record:
            raise InputError(f"{where}: the columns id and weight are needed; the columns are {few(record)}")
        id_ = str(record["id"])
        if id_ not in place:
            known = f"{count(len(ids), 'segment')} ({few(ids, 3)})"
            raise InputError(f"{where}: no segment {id_!r} in the run, which has {known}")
        weight = number_of(record["weight"], where, "weight")
        if not weight > 0:
            raise InputError(f"{where}: the weight is {weight:g}; it must be above 0")
        if not np.isnan(weights[place[id_]]):
            raise InputError(f"{where}: duplicate id {id_!r}; a segment has one weight")
        weights[place[id_]] = weight
    return weights


def match_systems(scored: Iterable[str], judged: Iterable[str], path: str) -> list[str]:
    """Messages about systems that occur only in the run or only in the file."""
    ours, theirs = list(scored), list(judged)
    both = [name for name in ours if name in set(theirs)]
    lower = {name.casefold() for name in theirs}
    alone, others = ([name for name in names if name not in both] for names in (ours, theirs))
    sides = {"not judged": alone, "judged, but not in the run": others}
    messages = [f"{path}: {side}: {few(names)}" for side, names in sides.items() if names]
    if near := [name for name in alone if name.casefold() in lower]:
        messages.append(f"{path}: {few(near)} differ from judged systems only by case; rename one of the two")
    if 2 * len(both) < min(len(ours), len(theirs)) or len(both) < 2:
        few_systems = f"{count(len(both), 'judged system')} of the run; at least two, and half of them, are needed"
        raise InputError("\n".join([f"{path}: {few_systems}", *messages]))
    return messages
