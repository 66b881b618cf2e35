"""Results as ``model-index``, the block of model-card metadata that model hubs read.

Format: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from typing import Any

from evalkit.errors import SettingError
from evalkit.results.results import Results
from evalkit.results.task_results import TaskResults, number
from evalkit.version import __version__

#: Metrics that the hub lists under a different name.
_TYPES = {"BLEU": "bleu", "chrF": "chrf", "chrF++": "chrf", "TER": "ter"}


def render(results: Results, system: str | None = None, dataset: str | None = None) -> str:
    """Return the block as YAML; see :func:`model_index`."""
    import yaml

    block = {"model-index": model_index(results, system, dataset)}
    return str(yaml.safe_dump(block, allow_unicode=True, sort_keys=False, width=1000))


def model_index(results: Results, system: str | None = None, dataset: str | None = None) -> list[dict[str, Any]]:
    """Return one model per system with one result per task; undefined scores are omitted.

    :param system: only include this system.
    :param dataset: id of the dataset on the hub; defaults to the benchmark's name.
    :raises SettingError: if the system is not in any task, or has no score at all.
    """
    names = list(dict.fromkeys(name for task in results.tasks for name in task.systems))
    if system is not None and system not in names:
        raise SettingError(f"no system {system!r} in this run; there are {', '.join(names)}")
    models: list[dict[str, Any]] = []
    for name in names if system is None else [system]:
        task_results = [_result(results, task, name, dataset) for task in results.tasks if name in task.systems]
        scored = [result for result in task_results if result["metrics"]]
        if scored:
            models.append({"name": name, "results": scored})
    if not models:
        raise SettingError("no score of this run is defined; there is nothing to write")
    return models


def _result(results: Results, task: TaskResults, system: str, dataset: str | None) -> dict[str, Any]:
    i = task.system_index(system)
    metrics = []
    for scored in task.metrics:
        name, value = scored.metric.name, number(task.corpus(scored.label)[i])
        if value is not None:
            metrics.append(
                {
                    "type": _TYPES.get(name, "rouge" if name.startswith("ROUGE") else name.lower()),
                    "name": scored.label,
                    "value": round(value, 6),
                    "args": {"signature": scored.signature, "evalkit": __version__},
                    "verified": False,
                }
            )
    return {
        "task": {"type": "summarization" if task.kind == "summary" else "translation", "name": task.name},
        "dataset": {
            "type": dataset or results.benchmark,
            "name": results.benchmark,
            "config": task.name,
            "revision": task.fingerprint,
        },
        "metrics": metrics,
    }
