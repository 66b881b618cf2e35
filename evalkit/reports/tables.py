"""The tables of all reports, as plain cells with the best values flagged; each format decides how to mark them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.results.coverage import completeness_notes, references_note
from evalkit.results.metadata import metadata_notes
from evalkit.results.task_results import ScoredMetric, TaskResults
from evalkit.wording import UNDEFINED, count, p_value


@dataclass(frozen=True)
class Cell:
    """A value as text, whether it is the best of its column, and whether it has too little data to be interpreted."""

    text: str
    best: bool = False
    faded: bool = False


@dataclass(frozen=True)
class Table:
    """A header and rows of cells; the first column names the row."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def row_of(*texts: str) -> tuple[Cell, ...]:
    """A row of plain cells."""
    return tuple(map(Cell, texts))


def format_p(p: float | None) -> str:
    """Format a p-value as :func:`~evalkit.wording.p_value` does; an undefined one is an en dash."""
    return UNDEFINED if p is None else p_value(p)


def leaderboard(task: TaskResults) -> Table:
    """Return systems by metrics, sorted by the first metric, best first."""
    columns = [_column(scored, task.corpus(scored.label)) for scored in task.metrics]
    return Table(
        title=task.name,
        header=("system", *(scored.heading for scored in task.metrics)),
        rows=_ranked(task, task.metrics[0].label, columns),
        note=_note(task),
    )


def leave_one_out(task: TaskResults) -> Table | None:
    """Return the scores of systems and references against all references but one; None if they were not computed."""
    left_out = task.leave_one_out
    if left_out is None:
        return None
    scored = [m for m in task.metrics if m.label in left_out.scores]
    names = list(next(iter(left_out.scores.values())))
    without = "".join(
        f". Without {m.label}: {m.metric.no_leave_one_out}" for m in task.metrics if m.label not in left_out.scores
    )
    return Table(
        title=f"{task.name}, leave-one-out",
        header=("system", *(m.heading for m in scored)),
        rows=tuple(row_of(name, *(m.text(left_out.scores[m.label][name]) for m in scored)) for name in names),
        note=(
            f"mean over the {left_out.references} sets of {count(left_out.references - 1, 'reference')}; comparable "
            f"with each other, not with scores against all references, and not used in any test. "
            f"References by: {left_out.made_by or 'unknown'}{without}"
        ),
    )


def by_article(task: TaskResults, label: str) -> Table:
    """Return systems by articles for one metric, best first, with the corpus score in the last column."""
    scored = task.metric(label)
    columns = [_column(scored, values) for values in (*task.by_article(label).T, task.corpus(label))]
    header = ("system", *task.article_names(), "all")
    return Table(f"{task.name}, {scored.heading} by article", header, _ranked(task, label, columns))


def _ranked(task: TaskResults, label: str, columns: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """The rows of a table of systems, best first by a metric."""
    return tuple((Cell(task.systems[i]), *(column[i] for column in columns)) for i in task.ranked(label))


def _column(scored: ScoredMetric, values: Sequence[float] | np.ndarray) -> list[Cell]:
    best = best_text(scored, values)
    return [Cell(text, text == best) for text in map(scored.text, values)]


def best_text(scored: ScoredMetric, values: Sequence[float] | np.ndarray) -> str | None:
    """Return the best of several scores as it is printed; values that are printed alike count as equal."""
    finite = [float(v) for v in values if np.isfinite(v)]
    if not finite or len(values) < 2:
        return None
    return scored.text(max(finite) if scored.higher_is_better else min(finite))


def units_text(task: TaskResults) -> str:
    """``12 segments of 3 articles``."""
    units, articles = count(len(task.ids), "segment"), len(task.article_names())
    return f"{units} of {count(articles, 'article')}" if articles and articles != len(task.ids) else units


def _note(task: TaskResults) -> str:
    units = units_text(task)
    if task.reference_counts not in (None, (0, 0), (1, 1)):
        units += f", {references_note(task)}"
    notes = [f"{units}; sorted by {task.metrics[0].label}; ↑ higher is better, ↓ lower"]
    notes.extend(metadata_notes(task))
    notes.extend(completeness_notes(task))
    return ". ".join(notes)
