"""Results of a run: the tasks, and every table that can be read from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, NoReturn

from evalkit.errors import SettingError
from evalkit.results import comparisons
from evalkit.results.comparisons import Differences, Influence, IntervalRows, Ranks
from evalkit.results.coverage import Coverage, coverage
from evalkit.results.scores import LEVELS, Score, Scores, article_lines, score_rows, segment_lines
from evalkit.results.slices import Slice, Slices, by_slice
from evalkit.results.task_results import TaskResults, number
from evalkit.results.worst import Worst, worst
from evalkit.stats import Test

if TYPE_CHECKING:
    import pandas
    import pyarrow

__all__ = ["Results"]


@dataclass(frozen=True, eq=False)
class Results:
    """Everything a run found out."""

    benchmark: str
    fingerprint: str
    tasks: tuple[TaskResults, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    seed: int = 12345
    #: versions, command and time of the run: what run.json says beside the results.
    info: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "\n".join([f"<Results of {self.benchmark}", *(f"  {task!r}" for task in self.tasks)]) + ">"

    def task(self, name: str | None = None) -> TaskResults:
        """The task of that name; the only one where there is one.

        :raises SettingError: an unknown name, or none where there are several.
        """
        if name is None and len(self.tasks) == 1:
            return self.tasks[0]
        for task in self.tasks:
            if task.name == name:
                return task
        names = ", ".join(t.name for t in self.tasks)
        raise SettingError(f"no task {name!r} in these results; there are {names}" if name else f"name a task: {names}")

    def scores(
        self,
        level: str | None = None,
        *,
        task: str | None = None,
        system: str | None = None,
        metric: str | None = None,
        confidence: float | None = None,
    ) -> Scores:
        """Tidy rows, in the order task, metric, level, system, article, segment.

        :param level: ``corpus``, ``article`` or ``segment``; all of them if left out.
        :param task: one task only; likewise ``system`` and ``metric`` (its label).
        :param confidence: such as 0.95, for ``low`` and ``high`` at the levels of corpus and article.
        :raises SettingError: for a level, task, system or metric that is not there.
        """
        return Scores(list(self.iter_scores(level, task=task, system=system, metric=metric, confidence=confidence)))

    def iter_scores(
        self,
        level: str | None = None,
        *,
        task: str | None = None,
        system: str | None = None,
        metric: str | None = None,
        confidence: float | None = None,
    ) -> Iterator[Score]:
        """The rows of :meth:`scores` one by one, for runs whose segments are too many to list."""
        if level is not None and level not in LEVELS:
            raise SettingError(f"no level {level!r}; there are {', '.join(LEVELS)}")
        tasks = self.tasks if task is None else (self.task(task),)
        if system is not None and not any(system in t.systems for t in tasks):
            tasks[0].system_index(system)
        if metric is not None and not any(metric == m.label for t in tasks for m in t.metrics):
            tasks[0].metric(metric)
        for t in tasks:
            for scored in t.metrics:
                if metric in (None, scored.label):
                    for wanted in LEVELS if level is None else (level,):
                        for row in score_rows(t, scored.label, wanted, confidence, self.seed):
                            if system in (None, row.system):
                                yield row

    def iter_json(self, *, confidence: float | None = None) -> Iterator[list[str]]:
        """The rows of :meth:`scores`, each as its JSON on one line; many at a time, at a tenth of the time."""
        for task in self.tasks:
            for scored in task.metrics:
                yield [row.as_json() for row in score_rows(task, scored.label, "corpus", confidence, self.seed)]
                if confidence is None:
                    yield from article_lines(task, scored)
                else:
                    yield [row.as_json() for row in score_rows(task, scored.label, "article", confidence, self.seed)]
                yield from segment_lines(task, scored)

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
    ) -> Differences:
        """Which system is better, and how sure that is.

        :param baseline: every other system against this one; all pairs if left out.
        :param trials: 10,000 if left out (with ``compat`` and the bootstrap 1,000, as there).
        :param method: ``randomization`` or ``bootstrap``; see :func:`evalkit.stats.compare`.
        :param compat: ``sacrebleu`` for the p-values sacrebleu gives for the same seed.
        :raises SettingError: a task, metric or system that is not there.
        :raises InputError: fewer than two systems in every task.
        """
        test = Test(method, trials, confidence, correction, seed=self.seed, compat=compat)
        return comparisons.compare(self._tasks(task), baseline, metric, test)

    def slices(
        self, by: str, *, task: str | None = None, metric: str | None = None, baseline: str | None = None
    ) -> Slices:
        """Scores by slice of the benchmark, such as ``domain``, with a macro-average.

        :param by: a field of the benchmark, ``article``, ``kind`` (of the segment), ``length``, ``quantities`` or ``names``
            (of the source).
        :param baseline: compare every other system with this one in each slice, and test whether the difference there
            differs from that in the rest.
        :raises SettingError: slices that no task has, with those that there are; a metric or system that is not there.
        """
        rows: list[Slice] = []
        problems: list[str] = []
        for t in self._tasks(task):
            try:
                rows += by_slice(t, by, metric=metric, baseline=baseline, test=Test(seed=self.seed))
            except SettingError as error:
                problems.append(str(error))
        if problems and not rows:
            raise SettingError("\n".join(problems))
        return Slices(rows)

    def intervals(
        self, *, task: str | None = None, metric: str | None = None, trials: int = 1000, confidence: float = 0.95
    ) -> IntervalRows:
        """Corpus scores with their bootstrap intervals; the unit of resampling is named in each."""
        return comparisons.intervals(self._tasks(task), self.seed, metric, trials, confidence)

    def jackknife(
        self,
        *,
        task: str | None = None,
        metric: str | None = None,
        baseline: str | None = None,
        unit: str = "article",
    ) -> list[Influence]:
        """Which article or segment moves a score most, or with a baseline the difference from it; the largest first."""
        return comparisons.jackknife(self._tasks(task), metric, baseline, unit)

    def rank(
        self, *, task: str | None = None, metric: str | None = None, trials: int = 10_000, correction: str = "holm"
    ) -> Ranks:
        """Rank clusters: systems of one cluster do not differ significantly."""
        test = Test(trials=trials, correction=correction, seed=self.seed)
        return comparisons.rank(self._tasks(task), metric, test)

    def worst(
        self,
        system: str | None = None,
        n: int = 20,
        *,
        task: str | None = None,
        against: str | None = None,
        metric: str | None = None,
        by: str | None = None,
    ) -> Worst:
        """The segments of a system to read first; see :func:`evalkit.results.worst.worst`.

        :param task: the only one if left out.
        :raises SettingError: a task, system or metric that was not scored, or several tasks and none named.
        """
        return worst(self.task(task), system, against=against, metric=metric, n=n, by=by)

    def coverage(self, *, task: str | None = None) -> list[Coverage]:
        """Of how many segments each metric has a judgement of each system, and why it has none of the others."""
        return [row for t in self._tasks(task) for row in coverage(t)]

    def to_arrow(self) -> pyarrow.Table:
        """All scores of all levels as a ``pyarrow.Table``; undefined scores are null."""
        return self.scores().to_arrow()

    def to_pandas(self) -> pandas.DataFrame:
        """All scores of all levels as a pandas DataFrame."""
        return self.scores().to_pandas()

    def plot(self, *arguments: object, **settings: object) -> NoReturn:
        """Moved: use :func:`evalkit.plot`.

        :raises SettingError: always; this name goes with the next release.
        """
        raise SettingError("Results.plot() has moved: call evalkit.plot(results, ...)")

    def _repr_html_(self) -> str:
        """Corpus scores as plain tables; ``report.html`` of the run folder has the full verdict."""
        return "".join(map(_html_table, self.tasks))

    def _tasks(self, name: str | None) -> tuple[TaskResults, ...]:
        return self.tasks if name is None else (self.task(name),)


def _html_table(task: TaskResults) -> str:
    columns = [(scored.label, task.corpus(scored.label)) for scored in task.metrics]
    head = "".join(f"<th>{escape(label)}</th>" for label, _ in columns)
    body = "".join(
        f"<tr><th>{escape(system)}</th>"
        + "".join(f"<td>{'' if number(scores[i]) is None else format(scores[i], '.4g')}</td>" for _, scores in columns)
        + "</tr>"
        for i, system in enumerate(task.systems)
    )
    return f"<table><caption>{escape(task.name)}</caption><tr><th>system</th>{head}</tr>{body}</table>"
