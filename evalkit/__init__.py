"""evalkit judges candidate summaries and translations of Chinese news.

Everything below is loaded when it is first used, so that ``import evalkit`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.version import __version__

#: The public names of each module.
_NAMES = {
    "data.articles": "load_articles",
    "data.benchmark": "Benchmark",
    "data.facts_file": "read_facts with_facts",
    "data.glossary": "read_glossary with_terms",
    "data.loading": "load_benchmark",
    "data.recorded_scores": "read_recorded_scores",
    "engine.check_outputs": "check",
    "engine.evaluate": "run score",
    "engine.run_duel": "duel",
    "errors": "BenchmarkError EvalkitError IncomparableError InputError OutputsError RunFolderError SettingError",
    "metrics": "METRICS",
    "metrics.base": "Finding Metric",
    "metrics.bertscore": "BERTScore",
    "metrics.bleu": "BLEU",
    "metrics.chrf": "ChrF ChrFpp",
    "metrics.comet": "COMET",
    "metrics.entailment": "Entailment",
    "metrics.extractiveness": "Extractiveness",
    "metrics.health": "Health",
    "metrics.judge": "Judge",
    "metrics.key_facts": "KeyFacts",
    "metrics.metricx": "MetricX",
    "metrics.names": "Names",
    "metrics.parsing": "parse",
    "metrics.quantities": "Quantities",
    "metrics.recorded": "RecordedScores",
    "metrics.rouge": "ROUGE1 ROUGE2 ROUGEL ROUGELsum",
    "metrics.ter": "TER",
    "metrics.terms": "Terms",
    "models.judge_options": "JudgeOptions",
    "models.runtime": "Runtime",
    "probing.score": "probe",
    "reports.plot": "plot",
    "results.results": "Results",
    "results.run_folder": "load_results save_results",
    "text.references": "References",
}
_HOME = {name: f"evalkit.{module}" for module, names in _NAMES.items() for name in names.split()}

__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from evalkit.data.articles import load_articles as load_articles
    from evalkit.data.benchmark import Benchmark as Benchmark
    from evalkit.data.facts_file import read_facts as read_facts, with_facts as with_facts
    from evalkit.data.glossary import read_glossary as read_glossary, with_terms as with_terms
    from evalkit.data.loading import load_benchmark as load_benchmark
    from evalkit.data.recorded_scores import read_recorded_scores as read_recorded_scores
    from evalkit.engine.check_outputs import check as check
    from evalkit.engine.evaluate import run as run, score as score
    from evalkit.engine.run_duel import duel as duel
    from evalkit.errors import (
        BenchmarkError as BenchmarkError,
        EvalkitError as EvalkitError,
        IncomparableError as IncomparableError,
        InputError as InputError,
        OutputsError as OutputsError,
        RunFolderError as RunFolderError,
        SettingError as SettingError,
    )
    from evalkit.metrics import METRICS as METRICS
    from evalkit.metrics.base import Finding as Finding, Metric as Metric
    from evalkit.metrics.bertscore import BERTScore as BERTScore
    from evalkit.metrics.bleu import BLEU as BLEU
    from evalkit.metrics.chrf import ChrF as ChrF, ChrFpp as ChrFpp
    from evalkit.metrics.comet import COMET as COMET
    from evalkit.metrics.entailment import Entailment as Entailment
    from evalkit.metrics.extractiveness import Extractiveness as Extractiveness
    from evalkit.metrics.health import Health as Health
    from evalkit.metrics.judge import Judge as Judge
    from evalkit.metrics.key_facts import KeyFacts as KeyFacts
    from evalkit.metrics.metricx import MetricX as MetricX
    from evalkit.metrics.names import Names as Names
    from evalkit.metrics.parsing import parse as parse
    from evalkit.metrics.quantities import Quantities as Quantities
    from evalkit.metrics.recorded import RecordedScores as RecordedScores
    from evalkit.metrics.rouge import ROUGE1 as ROUGE1, ROUGE2 as ROUGE2, ROUGEL as ROUGEL, ROUGELsum as ROUGELsum
    from evalkit.metrics.ter import TER as TER
    from evalkit.metrics.terms import Terms as Terms
    from evalkit.models.judge_options import JudgeOptions as JudgeOptions
    from evalkit.models.runtime import Runtime as Runtime
    from evalkit.probing.score import probe as probe
    from evalkit.reports.plot import plot as plot
    from evalkit.results.results import Results as Results
    from evalkit.results.run_folder import load_results as load_results, save_results as save_results
    from evalkit.text.references import References as References


#: old names, accepted for one release.
_RENAMED = {"Extraction": "Extractiveness"}


def __getattr__(name: str) -> Any:
    if name in _RENAMED:
        import warnings

        warnings.warn(f"evalkit.{name} is now called {_RENAMED[name]}", DeprecationWarning, stacklevel=2)
        name = _RENAMED[name]
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
