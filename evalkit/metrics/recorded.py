"""Recorded scores: segment scores by another tool or by human raters, used like any other metric."""

import hashlib
import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.arguments import plain
from evalkit.errors import InputError, SettingError, few
from evalkit.files import tell
from evalkit.metrics.base import Metric, References, Runtime, Statistics, SystemStatistics, mean_score, setting
from evalkit.wording import kind_of

#: Names of scores that count errors or costs: lower is better. Long words count inside others (XMetricX), short ones only
#: by themselves or with the ending of a variant (TERp), so that "better" is none.
_COUNTS_ERRORS = re.compile(
    r"mqm|metricx|penal|error|mistake|perplexity|hallucinat|toxic|edit.?dist|uncertain|deviation|omission|entropy|latency"
    r"|(?<![a-z])(h?ter(p|a|com|plus)?|[wcpms]er|cder|err|eed|loss(es)?|ppl|nll|distance|cost|faults?"
    r"|violations?|r?mse|mae|ranks?|issues?)(?![a-z])|错误|扣分|罚分|误差|损失|排名",
    re.IGNORECASE,
)
#: Excludes characters that separate the parts of a metric string, a signature or a table.
_TITLE = re.compile(r"[^\s|,=*()<>\"'`\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,60}")
#: The maximum of a scale in percent; scores that are all below 1 may then be fractions.
_HUNDRED = 100


@dataclass(frozen=True)
class RecordedScores(Metric):
    """Mean of the scores that a file records for each system and segment.

    Nothing is computed from the texts. A segment without a score is undefined and lowers the coverage. The signature
    contains the name, range, direction and a hash of the scores. The scores of new outputs may be compared with those of
    an earlier run if all but the hash are equal; a gate notes that it differs.

    :param title: the name of the scores in tables and rules.
    :param scores: by system and segment id, a finite number.
    :param low: lowest possible score; defaults to the lowest recorded score. Likewise ``high``.
    :param higher: whether a higher score is better. Defaults to True, unless the title or the scores suggest error
        counts; then it must be given.
    :raises InputError: if a score is not a finite number or lies outside the range.
    :raises SettingError: if the title cannot be used in a table, or the direction must be given.
    """

    name = "RecordedScores"
    summary = "scores by another tool or by people, read from a file: --scores 'NAME(low=0,high=100)=FILE'"
    range = (-math.inf, math.inf)
    columns = ("sum", "count")
    where = "main"
    no_leave_one_out = "recorded scores were given against the references that their tool used"

    title: str = setting("RecordedScores", doc="what the scores are called")
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict, compare=False, repr=False)
    low: float | None = setting(kind=float, doc="lowest possible score")
    high: float | None = setting(kind=float, doc="highest possible score")
    higher: bool | None = setting(kind=bool, doc="whether a higher score is better")
    sha256: str | None = setting(doc="hash of the scores; filled in from them")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not _TITLE.fullmatch(self.title):
            raise SettingError(
                f"RecordedScores: the name {self.title[:60]!r} cannot be used in tables and signatures; use letters, digits "
                "and . _ - + @ / without spaces"
            )
        if not isinstance(self.scores, Mapping) or self.scores:
            # A copy, to which the hash below belongs whatever becomes of the mapping.
            self._settle(scores=self._checked())
            values = [value for by_id in self.scores.values() for value in by_id.values()]
            if self.sha256 is None and (self.high or 0) >= _HUNDRED and min(values) >= 0 and max(values) <= 1:
                tell(f"{self.title}: no score is above 1, but high={self.high:g}; if the scale ends at 1, write high=1")
            self._settle(higher=self._direction(values), sha256=_content_hash(self.scores))
            self._settle(low=min(values) if self.low is None else self.low)
            self._settle(high=max(values) if self.high is None else self.high)
        if self.low is not None and self.high is not None:
            if self.low > self.high:
                raise SettingError(f"{self.title}: low={self.low:g} is above high={self.high:g}")
            self._settle(range=(self.low, self.high))
        self._settle(higher_is_better=self.higher is not False)

    def _checked(self) -> dict[str, dict[str, float]]:
        checked: dict[str, dict[str, float]] = {}
        for system, by_id in _mapping(self.scores, f"{self.title}: scores", "system").items():
            checked[system] = {}
            for id_, value in _mapping(by_id, f"{self.title}: the scores of {system!r}", "segment id").items():
                where = f"{self.title}: the score of system {system!r}, segment {id_!r}"
                given: Any = plain(value)
                real = isinstance(given, Real) and not isinstance(given, bool)
                if not (real and abs(given) <= sys.float_info.max):
                    shown = few([repr(value)])
                    raise InputError(f"{where} is {shown}, not a finite number; leave out what was not scored")
                number = float(given)
                if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
                    raise InputError(
                        f"{where} is {number:g}, outside low={self.low}, high={self.high}; correct one of them"
                    )
                checked[system][id_] = number
        if not any(checked.values()):
            raise InputError(f"{self.title}: there are no scores")
        return checked

    def _direction(self, values: Sequence[float]) -> bool:
        if self.higher is not None:
            return self.higher
        reason = ""
        if match := _COUNTS_ERRORS.search(self.title):
            reason = f"the name {self.title!r} contains {match[0]!r}, which counts errors"
        elif max(values) <= 0:
            reason = "no score is above 0, as with penalties"
        if reason:
            raise SettingError(
                f"{self.title}: {reason}; say which way is better: {self.title}(higher=false) if lower is better, "
                f"{self.title}(higher=true) if higher is better"
            )
        return True

    def __str__(self) -> str:
        return self.title

    def settings(self, *, changed_only: bool = False) -> dict[str, Any]:
        """Settings by name; the scores themselves are represented by their hash."""
        settings = super().settings(changed_only=changed_only)
        settings.pop("scores", None)
        return settings

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        """Look up the scores of each system; missing scores are undefined.

        :raises SettingError: if the metric has no scores, such as one loaded from a run folder.
        :raises InputError: if there are scores of unknown segments or systems.
        """
        if not self.scores or references.ids is None:
            raise SettingError(
                f"{self.title} has no scores for these outputs; give them with --scores, or use "
                "evalkit.run(benchmark, systems, metrics=[RecordedScores(...)])"
            )
        known = set(references.ids)
        unknown = next(((s, id_) for s, by_id in self.scores.items() for id_ in by_id if id_ not in known), None)
        if unknown:
            raise InputError(
                f"{self.title}: system {unknown[0]!r} has a score for the segment {unknown[1]!r}, which this task does not "
                "have; recorded scores belong to one task, name it with --task"
            )
        if not set(outputs) & set(self.scores):
            raise InputError(
                f"{self.title} has no scores for {few(outputs, 20)}; its systems are {few(self.scores, 20)}. "
                "Name a system's outputs as the file of scores names the system: NAME=PATH"
            )
        left_out = [system for system in self.scores if system not in outputs]
        if left_out:
            runtime.record.setdefault(self.title, {})["systems_without_outputs"] = left_out
            runtime.tell(f"{self.title}: no outputs of {few(left_out, 20)}; their scores are left out")
        return {system: self._looked_up(system, references.ids) for system in outputs}

    def _looked_up(self, system: str, ids: Sequence[str]) -> SystemStatistics:
        by_id = self.scores.get(system, {})
        rows = np.array([(by_id.get(id_, 0.0), float(id_ in by_id)) for id_ in ids]).reshape(len(ids), 2)
        return SystemStatistics(rows, {i: "no recorded score" for i, id_ in enumerate(ids) if id_ not in by_id})

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        raise SettingError(
            f"{self.title}: recorded scores belong to systems, and texts alone do not name one; use evalkit.run"
        )

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Mean score: float64[..., 2] to float64[...]; nan if there is none."""
        return mean_score(statistics)


def _mapping(scores: Any, what: str, key: str) -> Mapping[str, Any]:
    """The scores, if they are a mapping by texts."""
    if not isinstance(scores, Mapping):
        raise InputError(f"{what}: {kind_of(scores)} where a mapping by {key} is expected")
    if wrong := [name for name in scores if not isinstance(name, str)]:
        raise InputError(f"{what}: the {key} {wrong[0]!r} is {kind_of(wrong[0])}, not a text")
    return scores


def _content_hash(scores: Mapping[str, Mapping[str, float]]) -> str:
    """SHA-256 of the scores, independent of their file and order."""
    return hashlib.sha256(json.dumps(scores, sort_keys=True).encode()).hexdigest()
