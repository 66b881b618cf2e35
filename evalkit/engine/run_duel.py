"""Run a duel: a judge compares the systems of a benchmark pair by pair."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from evalkit.arguments import checked
from evalkit.data.benchmark import Benchmark
from evalkit.data.outputs import Outputs, collect
from evalkit.data.tasks import Task, references_of
from evalkit.metrics.base import Runtime
from evalkit.metrics.judge import Estimate
from evalkit.metrics.judging.duels import Duel
from evalkit.results.duel_results import DuelResults, duel_results
from evalkit.results.metadata import Metadata, MetadataLike, duel_notes, judge_names, read_metadata


@checked
def duel(
    benchmark: Benchmark,
    systems: Mapping[str, Any],
    *,
    model: str,
    runtime: Runtime,
    temperature: float = 0.0,
    seed: int = 12345,
    allow_missing: bool = False,
    metadata: MetadataLike = None,
) -> list[DuelResults]:
    """Ask a judge which of two outputs is better, for each pair of systems and each segment in both orders.

    :param systems: maps the name of a system to its outputs, in any form that :func:`evalkit.run` accepts; at least two
        systems.
    :param model: ``openai:NAME``.
    :param runtime: its ``judge`` field says where to reach the model.
    :param seed: seed of the tests and intervals.
    :param metadata: what is known about the systems and the benchmark; see :func:`evalkit.run`.
    :returns: the results of each task.
    :raises InputError: for fewer than two systems, or if the outputs do not match the benchmark.
    :raises SettingError: if the benchmark has no sources, or the server cannot be used.
    """
    outputs = collect(benchmark, systems, allow_missing=allow_missing)
    declared = _declared(benchmark, outputs, model, metadata)
    with runtime.recording() as recorded:
        return [
            replace(
                duel_results(asked.ask(recorded), task.name, task.articles, seed=seed),
                declarations=tuple(duel_notes(declared, model, asked.outputs, task.sources or (), task.ids)),
            )
            for task, asked in _duels(benchmark, outputs, model, temperature)
        ]


def duel_estimates(
    benchmark: Benchmark,
    outputs: Outputs,
    runtime: Runtime,
    *,
    model: str,
    temperature: float,
    metadata: MetadataLike = None,
) -> Iterator[tuple[str, Estimate]]:
    """Estimate the cost of a duel, by task, without making a call."""
    _declared(benchmark, outputs, model, metadata)
    for task, asked in _duels(benchmark, outputs, model, temperature):
        yield f"{task.name}, duel", asked.estimate(runtime)


def _declared(benchmark: Benchmark, outputs: Outputs, model: str, metadata: MetadataLike) -> Metadata:
    systems = tuple(dict.fromkeys(name for of_task in outputs.values() for name in of_task))
    return read_metadata(metadata).of(systems, judge_names(model), benchmark.canary)


def _duels(benchmark: Benchmark, outputs: Outputs, model: str, temperature: float) -> Iterator[tuple[Task, Duel]]:
    for task in benchmark.tasks:
        if task.name in outputs:
            texts = {name: system_outputs.texts[:] for name, system_outputs in outputs[task.name].items()}
            yield task, Duel(texts, references_of(task), model, temperature)
