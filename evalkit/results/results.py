"""Results of a run: the tasks, and the tables computed from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Any

from evalkit.arguments import checked
from evalkit.errors import SettingError
from evalkit.results import comparisons
from evalkit.results.comparisons import Difference, Influence, Interval, Rank
from evalkit.results.coverage import Coverage, coverage
from evalkit.results.rows import Rows
from evalkit.results.scores import LEVELS, Score, batches
from evalkit.results.slices import Slice, by_slice, of_all
from evalkit.results.task_results import TaskResults
from evalkit.results.worst_segments import WorstSegment, worst
from evalkit.stats import Test
from evalkit.wording import format_number

if TYPE_CHECKING:
    import pandas
    import pyarrow


@dataclass(frozen=True, eq=False)
class Results:
    """All results of a run."""

    benchmark: str
    fingerprint: str
    tasks: tuple[TaskResults, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    seed: int = 12345
    #: Versions, command and time of the run: what run.json records besides the results.
    info: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "\n".join([f"<Results of {self.benchmark}", *(f"  {task!r}" for task in self.tasks)]) + ">"

    @checked
    def task(self, name: str | None = None) -> TaskResults:
        """Return the task with that name, or the only task.

        :raises SettingError: for an unknown name, or if no name is given and there are several tasks.
        """
        if name is None and len(self.tasks) == 1:
            return self.tasks[0]
        for task in self.tasks:
            if task.name == name:
                return task
        names = ", ".join(t.name for t in self.tasks)
        raise SettingError(
            f"no task {name!r} in these results; there are {names}"
            if name
            else f"the run has several tasks; name one: {names}"
        )

    @checked
    def scores(
        self,
        level: str | None = None,
        *,
        task: str | None = None,
        system: str | None = None,
        metric: str | None = None,
        confidence: float | None = None,
    ) -> Rows[Score]:
        """Return tidy rows, in the order task, metric, level, system, article, segment.

        :param level: ``corpus``, ``article`` or ``segment``; all levels by default.
        :param task: restrict the rows to one task; ``system`` and ``metric`` (its label) work the same way.
        :param confidence: confidence level such as 0.95; adds ``low`` and ``high`` at the corpus and article levels.
        :raises SettingError: for an unknown level, task, system or metric.
        """
        if level is not None and level not in LEVELS:
            raise SettingError(f"no level {level!r}; there are {', '.join(LEVELS)}")
        tasks = self.tasks if task is None else (self.task(task),)
        if system is not None and not any(system in t.systems for t in tasks):
            tasks[0].system_index(system)
        levels = LEVELS if level is None else (level,)
        chosen = ((t, m) for t in self._tasks(task, metric) for m in t.chosen(metric))
        found = (batch for t, m in chosen for of in levels for batch in batches(t, m, of, confidence, self.seed))
        return Rows(Score, "scores", (row for batch in found if system in (None, batch.system) for row in batch.rows()))

    @checked
    def iter_json(self, *, confidence: float | None = None) -> Iterator[list[str]]:
        """Yield the rows of :meth:`scores` as lines of JSON, in batches, for runs with too many segments to list."""
        for task in self.tasks:
            for scored in task.metrics:
                for level in LEVELS:
                    for batch in batches(task, scored, level, confidence, self.seed):
                        yield batch.lines()

    @checked
    def compare(
        self,
        baseline: str | None = None,
        *,
        task: str | None = None,
        metric: str | None = None,
        method: str = "randomization",
        trials: int | None = None,
        confidence: float = 0.95,
        correction: str = "holm",
        compat: str | None = None,
    ) -> Rows[Difference]:
        """Test which systems differ significantly.

        :param baseline: compare every other system with this one; all pairs by default.
        :param trials: 10,000 by default (1,000 with ``compat`` and the bootstrap, as in sacrebleu).
        :param method: ``randomization`` or ``bootstrap``; see :func:`evalkit.stats.compare`.
        :param compat: ``sacrebleu`` to reproduce sacrebleu's p-values for the same seed.
        :raises SettingError: for an unknown task, metric or system.
        :raises InputError: if no task has two systems.
        """
        test = Test(method, trials, confidence, correction, seed=self.seed, compat=compat)
        return comparisons.compare(self._tasks(task, metric), baseline, metric, test)

    @checked
    def slices(
        self, by: str, *, task: str | None = None, metric: str | None = None, baseline: str | None = None
    ) -> Rows[Slice]:
        """Return scores by slice of the benchmark, such as ``domain``, with a macro-average.

        :param by: a field of the benchmark, ``article``, ``kind`` (of the segment), ``length``, ``quantities`` or ``names``
            (of the source).
        :param baseline: compare every other system with this one in each slice, and test whether that difference
            differs from the one in the rest of the data.
        :raises SettingError: for slices that no task has (the message lists those available), or for an unknown metric
            or system.
        """
        test = Test(seed=self.seed)
        parts = of_all(
            self._tasks(task, metric), lambda t: list(by_slice(t, by, metric=metric, baseline=baseline, test=test))
        )
        return Rows(Slice, "slices", chain.from_iterable(parts))

    @checked
    def intervals(
        self, *, task: str | None = None, metric: str | None = None, trials: int = 1000, confidence: float = 0.95
    ) -> Rows[Interval]:
        """Return corpus scores with their bootstrap intervals; each names the unit of resampling."""
        parts = (
            comparisons.intervals(t, scored, trials, confidence, self.seed)
            for t in self._tasks(task, metric)
            for scored in t.chosen(metric)
        )
        return Rows(Interval, "intervals", chain.from_iterable(parts))

    @checked
    def jackknife(
        self, *, task: str | None = None, metric: str | None = None, baseline: str | None = None, unit: str = "article"
    ) -> list[Influence]:
        """Return the influence of each article or segment on a score or a difference from a baseline, largest first."""
        if unit not in ("article", "segment"):
            raise SettingError(f"unit={unit!r} is unknown; choose article or segment")
        tasks = [t for t in self._tasks(task, metric) if baseline is None or baseline in t.systems]
        if not tasks:
            self._tasks(task)[0].pairs(baseline)
        rows = [row for t in tasks for m in t.chosen(metric) for row in comparisons.jackknife(t, m, baseline, unit)]
        return sorted(rows, key=lambda r: (r.task, r.metric, r.system, -abs(r.influence or 0.0), r.unit))

    @checked
    def rank(
        self, *, task: str | None = None, metric: str | None = None, trials: int = 10_000, correction: str = "holm"
    ) -> Rows[Rank]:
        """Return rank clusters: systems of one cluster do not differ significantly."""
        test = Test(trials=trials, correction=correction, seed=self.seed)
        parts = (comparisons.rank(t, scored, test) for t in self._tasks(task, metric) for scored in t.chosen(metric))
        return Rows(Rank, "ranks", chain.from_iterable(parts))

    @checked
    def worst(
        self,
        system: str | None = None,
        n: int = 20,
        *,
        task: str | None = None,
        against: str | None = None,
        metric: str | None = None,
        by: str | None = None,
    ) -> Rows[WorstSegment]:
        """Return the segments of a system to read first; see :func:`evalkit.results.worst_segments.worst`.

        :param task: may be omitted if there is only one.
        :raises SettingError: for a task, system or metric that was not scored, or if there are several tasks and none
            is named.
        """
        return worst(self.task(task), system, against=against, metric=metric, n=n, by=by)

    @checked
    def coverage(self, *, task: str | None = None) -> list[Coverage]:
        """For each metric and system, return how many segments were judged, and why the others were not."""
        return [row for t in self._tasks(task) for row in coverage(t)]

    def to_arrow(self) -> pyarrow.Table:
        """Return the scores of all levels as a ``pyarrow.Table``; undefined scores are null."""
        return self.scores().to_arrow()

    def to_pandas(self) -> pandas.DataFrame:
        """Return the scores of all levels as a pandas DataFrame."""
        return self.scores().to_pandas()

    def _repr_html_(self) -> str:
        """Render the corpus scores as plain tables; ``report.html`` of the run folder has the full results."""
        return "".join(map(_html_table, self.tasks))

    def _tasks(self, name: str | None, metric: str | None = None) -> tuple[TaskResults, ...]:
        """The task with this name, or all; with a metric, those of them in which it was scored."""
        tasks = self.tasks if name is None else (self.task(name),)
        having = tuple(t for t in tasks if metric is None or t.has(metric))
        if metric is not None and not having:
            tasks[0].metric(metric)
        return having


def _html_table(task: TaskResults) -> str:
    columns = [(escape(scored.label), task.corpus(scored.label)) for scored in task.metrics]
    rows = ["<tr><th>system</th>", *(f"<th>{label}</th>" for label, _ in columns), "</tr>"]
    for i, system in enumerate(task.systems):
        cells = (f"<td>{format_number(scores[i], '.4g', undefined='')}</td>" for _, scores in columns)
        rows += [f"<tr><th>{escape(system)}</th>", *cells, "</tr>"]
    return f"<table><caption>{escape(task.name)}</caption>{''.join(rows)}</table>"
