"""The metrics, and the parser for their names.

``METRICS`` lists the metrics that evalkit offers by name. Other metrics are passed as objects, or are provided by
packages through the entry point group ``evalkit.metrics``.
"""

from __future__ import annotations

from evalkit.metrics.base import Finding, Metric, References, Statistics
from evalkit.metrics.bertscore import BERTScore
from evalkit.metrics.bleu import BLEU
from evalkit.metrics.chrf import ChrF, ChrFpp
from evalkit.metrics.comet import COMET
from evalkit.metrics.entailment import Entailment
from evalkit.metrics.extractiveness import Extractiveness
from evalkit.metrics.health import Health
from evalkit.metrics.judge import Judge
from evalkit.metrics.key_facts import KeyFacts
from evalkit.metrics.metricx import MetricX
from evalkit.metrics.names import Names
from evalkit.metrics.quantities import Quantities
from evalkit.metrics.recorded import RecordedScores
from evalkit.metrics.rouge import ROUGE1, ROUGE2, ROUGEL, ROUGELsum
from evalkit.metrics.ter import TER
from evalkit.metrics.terms import Terms

__all__ = ["METRICS", "Finding", "Metric", "References", "Statistics"]

METRICS: dict[str, type[Metric]] = {
    "BLEU": BLEU,
    "chrF": ChrF,
    "chrF++": ChrFpp,
    "TER": TER,
    "ROUGE-1": ROUGE1,
    "ROUGE-2": ROUGE2,
    "ROUGE-L": ROUGEL,
    "ROUGE-Lsum": ROUGELsum,
    "KeyFacts": KeyFacts,
    "Quantities": Quantities,
    "Terms": Terms,
    "Names": Names,
    "Health": Health,
    "Extractiveness": Extractiveness,
    "COMET": COMET,
    "BERTScore": BERTScore,
    "Entailment": Entailment,
    "MetricX": MetricX,
    "RecordedScores": RecordedScores,
    "Judge": Judge,
}
