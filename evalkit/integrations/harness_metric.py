"""A metric for lm-evaluation-harness: registered under a name, then used in the YAML of a generation task.

In Python, before the tasks are loaded::

    from evalkit.integrations.harness_metric import register_metric

    register_metric("evalkit_chrf_en", "chrF", lang="en")

In the task::

    output_type: generate_until
    metric_list:
      - metric: evalkit_chrf_en
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.engine.evaluate import score
from evalkit.errors import SettingError
from evalkit.metrics.parsing import parse
from evalkit.version import install_hint

try:
    from lm_eval.api import registry
except ImportError as error:
    raise ImportError(f"this module needs lm-eval: {install_hint('harness')}") from error


def register_metric(name: str, metric: str, *, lang: str) -> None:
    """Register a metric of evalkit with the harness; its value is the corpus score over all documents.

    :param name: the name for ``metric_list``.
    :param metric: such as ``chrF`` or ``BLEU(tokenize=zh)``; it must need nothing but outputs and references.
    :param lang: the language of the outputs.
    :raises SettingError: a metric that needs more than the harness gives.
    """
    resolved = parse(metric).resolve(lang)
    missing = sorted(resolved.needs - {"references"})
    if missing:
        raise SettingError(f"{metric} needs {', '.join(missing)}, which the harness does not provide")

    def aggregate(items: Sequence[tuple[Any, str]]) -> float | None:
        references = [[gold] if isinstance(gold, str) else list(gold) for gold, _ in items]
        return score([output for _, output in items], references, metrics=[resolved], lang=lang)[str(resolved)]

    def passed_through(items: Any = None, *, references: Any = None, predictions: Any = None, **_: Any) -> Any:
        return items if items is not None else (references[0], predictions[0])

    registry.register_aggregation(name)(aggregate)
    registry.register_metric(metric=name, higher_is_better=resolved.higher_is_better, aggregation=name)(passed_through)
