"""Score the references as a row next to the systems.

The score of one reference against the others is not comparable with the score of a system against all references,
because more references give higher scores. So both are scored as the mean over the leave-one-out sets, each of which
contains all references but one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from evalkit.data.benchmark import Benchmark
from evalkit.data.outputs import Outputs, SystemOutputs
from evalkit.data.tasks import Task
from evalkit.files import tell
from evalkit.metrics.base import Metric, Runtime
from evalkit.results.results import Results
from evalkit.results.task_results import LeaveOneOut, TaskResults, number

#: Name of the row.
REFERENCES = "references (leave-one-out)"


def with_leave_one_out(
    results: Results,
    benchmark: Benchmark,
    outputs: Outputs,
    metrics: Sequence[Metric] | None,
    run: Callable[..., Results],
    runtime: Runtime,
) -> Results:
    """Add :attr:`TaskResults.leave_one_out` to each task whose segments all have equally many references, two or more.

    Metrics with :attr:`~evalkit.metrics.Metric.no_leave_one_out` are left out.

    :param run: :func:`evalkit.engine.evaluate.run`.
    """

    def scored(results: TaskResults) -> TaskResults:
        task = benchmark.task(results.name)
        count = min(map(len, task.references), default=0)
        labels = [m.label for m in results.metrics if not m.metric.no_leave_one_out]
        if count < 2 or any(len(texts) != count for texts in task.references):
            tell(
                f"{task.name}: no leave-one-out scores; every segment needs the same number of references, at least two"
            )
            return results
        if not labels:
            return results
        references = [SystemOutputs(texts) for texts in zip(*task.references, strict=True)]
        subset_metrics = [m for m in metrics if not m.no_leave_one_out] if metrics is not None else None
        parts = [
            run(
                Benchmark(benchmark.name, (_without(task, r),)),
                Outputs({task.name: {**outputs[task.name], REFERENCES: references[r]}}),
                metrics=subset_metrics,
                runtime=runtime,
            ).tasks[0]
            for r in range(count)
        ]
        scores = {label: np.mean([part.corpus(label) for part in parts], axis=0) for label in labels}
        names = parts[0].systems
        return replace(
            results,
            leave_one_out=LeaveOneOut(
                references=count,
                made_by=benchmark.references_by or ", ".join(task.reference_names),
                scores={label: dict(zip(names, map(number, row), strict=True)) for label, row in scores.items()},
            ),
        )

    return replace(results, tasks=tuple(map(scored, results.tasks)))


def _without(task: Task, r: int) -> Task:
    """Return the task without reference number ``r``."""
    references = tuple((*texts[:r], *texts[r + 1 :]) for texts in task.references)
    return replace(
        task, references=references, reference_names=(*task.reference_names[:r], *task.reference_names[r + 1 :])
    )
