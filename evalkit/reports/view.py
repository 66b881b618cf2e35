"""Decide what a report shows, before a template or a script renders it."""

from dataclasses import dataclass
from functools import partial

from evalkit.errors import SettingError
from evalkit.reports import limits
from evalkit.reports.embedding import script_json
from evalkit.reports.task_view import TaskView
from evalkit.results.comparisons import PAIR_SENTENCES
from evalkit.results.results import Results
from evalkit.results.rows import Rows
from evalkit.results.slices import Slice, of_all, slice_labels
from evalkit.results.task_results import TaskResults
from evalkit.wording import count


@dataclass(frozen=True)
class ReportView:
    """The whole report."""

    title: str
    created: str
    facts: tuple[str, ...]
    tasks: tuple[TaskView, ...]
    left_out: tuple[str, ...]
    about: tuple[tuple[str, str], ...]

    def model(self) -> str:
        """The part that the page parses when it opens, as JSON for a script element."""
        return script_json({"tasks": [task.model for task in self.tasks], "pair_sentences": PAIR_SENTENCES})


def build(results: Results, *, baseline: str | None = None, by: str | None = None, texts: bool = True) -> ReportView:
    """Build the view of a report.

    :param by: slices to show; articles are always shown.
    :param texts: whether to include sources, references and outputs.
    """
    tasks: list[TaskView] = []
    room = limits.TEXTS
    for number, task in enumerate(results.tasks):
        compared = choose_baseline(task, baseline, results)
        slices = _slices(results, task, by, task.systems[compared])
        view = TaskView(results, task, f"t{number}", compared, slices, room if texts else None)
        room -= sum(len(text.encode()) for text in view.texts.values())
        tasks.append(view)
    info = results.info
    about = {
        "benchmark": f"{results.benchmark}, fingerprint {results.fingerprint}",
        "seed": str(results.seed),
        "created": str(info.get("created") or ""),
        "command": " ".join(map(str, info.get("command") or ())),
        "versions": ", ".join(f"{name} {version}" for name, version in info.get("versions", {}).items()),
    }
    systems = {name for task in results.tasks for name in task.systems}
    articles = {name for task in results.tasks for name in task.article_names()}
    facts = [count(len(systems), "system"), count(len(articles), "article"), count(len(tasks), "task")]
    return ReportView(
        title=results.benchmark,
        created=str(info.get("created", ""))[:10],
        facts=tuple(facts if articles else facts[::2]),
        tasks=tuple(tasks),
        left_out=tuple(item for task in tasks for item in task.left_out),
        about=tuple((name, text) for name, text in about.items() if text),
    )


def _slices(results: Results, task: TaskResults, by: str | None, baseline: str) -> Rows[Slice]:
    """Return the scores by slice; none if another task has these slices and this one does not."""
    if by is None or by == "article":
        return Rows(Slice, "slices", ())
    try:
        return results.slices(by, task=task.name, baseline=baseline if len(task.systems) > 1 else None)
    except SettingError:
        next(of_all(results.tasks, partial(slice_labels, by=by)))
        return Rows(Slice, "slices", ())


def choose_baseline(task: TaskResults, asked: str | None, results: Results | None = None) -> int:
    """Return the index of the baseline: the requested one, or a system called baseline, the first of two, or the best."""
    if asked is not None:
        if asked in task.systems:
            return task.systems.index(asked)
        if results is None or not any(asked in other.systems for other in results.tasks):
            task.system_index(asked)
    named = [i for i, name in enumerate(task.systems) if name.casefold() == "baseline"]
    if named:
        return named[0]
    return 0 if len(task.systems) <= 2 else task.ranked(task.metrics[0].label)[0]
