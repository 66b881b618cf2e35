"""Probe cases: a text and the correct text it was made from, both scored against the other references."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from evalkit.data.articles import read_table
from evalkit.data.benchmark import Benchmark
from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import Task
from evalkit.errors import InputError


@dataclass(frozen=True)
class Case:
    """One text.

    :param id: unique within the probe.
    :param task: the task; ``segment`` is the segment whose output it could be.
    :param reference: the number of the reference it was made from; it is scored against the segment's other references.
    :param kind: the kind of error, or of harmless difference.
    :param harmless: whether the text is as correct as the one it was made from.
    :param base: the correct text.
    :param text: the correct text with one change.
    :param source: the source with which the changed text is scored; None for the source of its segment.
    :param breaks: the annotations that the error violates (see the dataset card); empty if there are none.
    """

    id: str
    task: str
    segment: str
    reference: int
    kind: str
    harmless: bool
    base: str
    text: str
    breaks: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True, eq=False)
class Probe:
    """Cases and their tasks; ``name`` describes them in reports."""

    name: str
    tasks: Mapping[str, Task]
    cases: tuple[Case, ...]

    @cached_property
    def places(self) -> dict[str, dict[str, int]]:
        """The position of each segment, by task."""
        return {name: {id_: i for i, id_ in enumerate(task.ids)} for name, task in self.tasks.items()}

    def others(self, case: Case) -> tuple[str, ...]:
        """The references a case is scored against: all references of its segment except the one it was made from.

        If the segment has only one reference, that reference is used. The correct text then gets the maximum score, so
        that the case is not informative for metrics that compare with references (see :meth:`is_alone`).
        """
        references = self.tasks[case.task].references[self.places[case.task][case.segment]]
        return tuple(r for k, r in enumerate(references) if k != case.reference) or tuple(references)

    def is_alone(self, case: Case) -> bool:
        """Whether the segment of a case has no reference other than the one it was made from."""
        return len(self.tasks[case.task].references[self.places[case.task][case.segment]]) == 1


def bundled_cases(benchmark: Benchmark | None = None) -> Probe:
    """The contrasts (one error each) and variants (no error) of the bundled references."""
    benchmark = benchmark or load_benchmark()
    tasks = {task.name: task for task in benchmark.tasks}
    if "translate-en" in tasks:
        tasks["translate-en"] = _with_bylines(tasks["translate-en"])
    places = {name: {id_: i for i, id_ in enumerate(task.ids)} for name, task in tasks.items()}
    cases = []
    for row in read_table("contrasts"):
        summary = row["base"].startswith("summary/")
        task = f"summarize-{row['lang']}" if summary else f"translate-{row['lang']}"
        if task not in tasks:
            continue
        segment = row["article"] if summary else f"{row['article']}/{row['block']}"
        case = Case(
            id=row["id"],
            task=task,
            segment=segment,
            reference=_reference(tasks[task], row["base"]),
            kind=row["kind"],
            harmless=row["type"] == "variant",
            base=row["base_text"],
            text=row["text"],
            breaks=tuple(row["breaks"] or ()),
        )
        at = places[task].get(segment)
        if at is None or tasks[task].references[at][case.reference] != case.base:
            raise InputError(
                f"contrast {case.id}: its base is not the reference {row['base']} of {segment}; build again"
            )
        cases.append(case)
    return Probe("the bundled contrasts and variants", tasks, tuple(cases))


def _reference(task: Task, base: str) -> int:
    name = base if "/" not in base else "-".join(base.split("/")[2:])
    if name not in task.reference_names:
        raise InputError(f"a contrast starts from {base}, which {task.name} does not have as a reference; build again")
    return task.reference_names.index(name)


def _with_bylines(task: Task) -> Task:
    """The task with bylines, which the benchmark excludes but contrasts may change."""
    rows = [row for row in read_table("segments") if row["kind"] == "byline" and row["id"] not in task.ids]
    dates = {row["id"]: row["date"] for row in read_table("articles")}
    return replace(
        task,
        ids=(*task.ids, *(row["id"] for row in rows)),
        references=(*task.references, *(tuple(row["en"]) for row in rows)),
        articles=(*(task.articles or ()), *(row["article"] for row in rows)),
        sources=(*(task.sources or ()), *(row["zh"] for row in rows)),
        dates=(*(task.dates or ()), *(dates[row["article"]] for row in rows)),
        blocks=(*(task.blocks or ()), *("byline" for _ in rows)),
    )
