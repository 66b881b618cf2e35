"""The metrics, and the parser for their names.

``METRICS`` lists the metrics that evalkit offers by name. Other metrics are passed as objects, or are provided by
packages through the entry point group ``evalkit.metrics``.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module

from evalkit.metrics.base import Finding, Metric, References, Statistics

__all__ = ["METRICS", "Finding", "Metric", "References", "Statistics"]


class _MetricTable(Mapping[str, type[Metric]]):
    """Metric classes by name; a class is imported when it is first looked up, so that a run loads only what it uses.

    :param places: maps a name to ``module:class``, the module within this package.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> type[Metric]:
        module, _, cls = self._places[name].partition(":")
        metric_class: type[Metric] = getattr(import_module(f"{__name__}.{module}"), cls)
        return metric_class

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


METRICS: Mapping[str, type[Metric]] = _MetricTable(
    {
        "BLEU": "bleu:BLEU",
        "chrF": "chrf:ChrF",
        "chrF++": "chrf:ChrFpp",
        "TER": "ter:TER",
        "ROUGE-1": "rouge:ROUGE1",
        "ROUGE-2": "rouge:ROUGE2",
        "ROUGE-L": "rouge:ROUGEL",
        "ROUGE-Lsum": "rouge:ROUGELsum",
        "KeyFacts": "key_facts:KeyFacts",
        "Quantities": "quantities:Quantities",
        "Terms": "terms:Terms",
        "Names": "names:Names",
        "Health": "health:Health",
        "Extractiveness": "extractiveness:Extractiveness",
        "COMET": "comet:COMET",
        "BERTScore": "bertscore:BERTScore",
        "Entailment": "entailment:Entailment",
        "MetricX": "metricx:MetricX",
        "RecordedScores": "recorded:RecordedScores",
        "Judge": "judge:Judge",
    }
)
