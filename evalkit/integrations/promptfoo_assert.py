"""An assertion for promptfoo, which calls ``get_assert`` of a Python file.

In ``promptfooconfig.yaml``::

    assert:
      - type: python
        value: file://evalkit_assert.py
        config: {metric: chrF, lang: zh-en, threshold: 50}

with ``evalkit_assert.py`` holding ``from evalkit.integrations.promptfoo_assert import get_assert``. The variables
``reference`` (or ``references``) and ``source`` of the test are used where they exist.
"""

import math
from typing import Any

from evalkit.errors import EvalkitError
from evalkit.metrics.base import References
from evalkit.metrics.parsing import parse
from evalkit.metrics.score_arguments import check_references
from evalkit.printable import is_blank
from evalkit.text.languages import parse_pair


def get_assert(output: str, context: dict[str, Any]) -> dict[str, Any]:
    """The result that promptfoo expects: ``pass``, ``score`` from 0 to 1 and ``reason``.

    :param context: the context from promptfoo; its ``config`` has metric, lang and threshold, in the metric's own units.
    :raises EvalkitError: a configuration that cannot be scored, so that promptfoo reports an error and no score of 0.
    """
    config, values = context.get("config") or {}, context.get("vars") or {}
    if not {"metric", "lang", "threshold"} <= set(config):
        raise EvalkitError("promptfoo assertion: config needs metric, lang and threshold")
    pair = parse_pair(str(config["lang"]))
    metric = parse(str(config["metric"])).resolve(pair.target)
    metric.check_languages(pair.target, pair.source)
    texts = values.get("references", values.get("reference"))
    references = () if texts is None else check_references([output], [texts])[0]
    if references and all(map(is_blank, references)):
        raise EvalkitError("promptfoo assertion: the reference is blank; leave the assertion out there")
    source = values.get("source")
    if not isinstance(source, str | None):
        raise EvalkitError(f"promptfoo assertion: the source is {source!r}, not a text; quote it")
    side: Any = References((references,), pair.target, None if source is None else (source,), pair.source)
    reference_texts = {"references": references or None, "sources": source}
    if unknown := sorted(metric.needs - set(reference_texts)):
        raise EvalkitError(
            f"promptfoo assertion: {metric.name} needs {', '.join(unknown)}, which a test cannot provide"
        )
    missing = [part.removesuffix("s") for part in sorted(metric.needs) if reference_texts[part] is None]
    if missing:
        raise EvalkitError(f"promptfoo assertion: {metric.name} needs the variable {missing[0]}")
    value, (low, high) = float(metric.score(metric.statistics([output], side)[0])), metric.range
    if math.isnan(value):
        raise EvalkitError(f"promptfoo assertion: {metric.name} is undefined for this test; leave it out there")
    try:
        threshold = float(config["threshold"])
        if math.isnan(threshold):
            raise ValueError
    except (TypeError, ValueError):
        raise EvalkitError(f"promptfoo assertion: threshold is {config['threshold']!r}, not a number") from None
    sign = 1 if metric.higher_is_better else -1
    wrong = [f.message for f in metric.explain(output, side, 0) if f.severity == "error"]
    share = (value - low) / (high - low) if high < float("inf") else max(0.0, 1.0 - value / 100.0)
    return {
        "pass": bool(sign * value >= sign * threshold),
        "score": min(1.0, max(0.0, share if sign > 0 or high == float("inf") else 1.0 - share)),
        "reason": "; ".join([f"{config['metric']} is {value:.4g}, the threshold is {threshold:g}", *wrong[:3]]),
    }
