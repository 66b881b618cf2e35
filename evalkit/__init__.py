"""evalkit judges candidate summaries and translations of Chinese news.

Everything below is loaded when it is first used, so that ``import evalkit`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.version import __version__

# public name to the module it lives in
_HOME = {
    "BERTScore": "evalkit.metrics.bertscore",
    "BLEU": "evalkit.metrics.bleu",
    "Benchmark": "evalkit.data.benchmark",
    "BenchmarkError": "evalkit.errors",
    "COMET": "evalkit.metrics.comet",
    "ChrF": "evalkit.metrics.chrf",
    "ChrFpp": "evalkit.metrics.chrf",
    "Entailment": "evalkit.metrics.entailment",
    "EvalkitError": "evalkit.errors",
    "Extractiveness": "evalkit.metrics.extractiveness",
    "Finding": "evalkit.metrics.base",
    "Health": "evalkit.metrics.health",
    "IncomparableError": "evalkit.errors",
    "InputError": "evalkit.errors",
    "Judge": "evalkit.metrics.judge",
    "JudgeOptions": "evalkit.models.judge_options",
    "KeyFacts": "evalkit.metrics.key_facts",
    "METRICS": "evalkit.metrics",
    "MetricX": "evalkit.metrics.metricx",
    "Metric": "evalkit.metrics.base",
    "OutputsError": "evalkit.errors",
    "Quantities": "evalkit.metrics.quantities",
    "ROUGE1": "evalkit.metrics.rouge",
    "ROUGE2": "evalkit.metrics.rouge",
    "ROUGEL": "evalkit.metrics.rouge",
    "ROUGELsum": "evalkit.metrics.rouge",
    "RecordedScores": "evalkit.metrics.recorded",
    "References": "evalkit.text.references",
    "Results": "evalkit.results.results",
    "RunFolderError": "evalkit.errors",
    "Runtime": "evalkit.models.runtime",
    "SettingError": "evalkit.errors",
    "TER": "evalkit.metrics.ter",
    "Names": "evalkit.metrics.names",
    "Terms": "evalkit.metrics.terms",
    "check": "evalkit.engine.check_outputs",
    "duel": "evalkit.engine.run_duel",
    "load_articles": "evalkit.data.articles",
    "load_benchmark": "evalkit.data.loading",
    "load_results": "evalkit.results.run_folder",
    "plot": "evalkit.reports.plot",
    "parse": "evalkit.metrics.parsing",
    "probe": "evalkit.probing.score",
    "read_facts": "evalkit.data.facts_file",
    "read_glossary": "evalkit.data.glossary",
    "read_recorded_scores": "evalkit.data.recorded_scores",
    "run": "evalkit.engine.evaluate",
    "save_results": "evalkit.results.run_folder",
    "score": "evalkit.engine.evaluate",
    "with_facts": "evalkit.data.facts_file",
    "with_terms": "evalkit.data.glossary",
}

__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from evalkit.data.articles import load_articles as load_articles
    from evalkit.data.benchmark import Benchmark as Benchmark
    from evalkit.data.facts_file import read_facts as read_facts
    from evalkit.data.facts_file import with_facts as with_facts
    from evalkit.data.glossary import read_glossary as read_glossary
    from evalkit.data.glossary import with_terms as with_terms
    from evalkit.data.loading import load_benchmark as load_benchmark
    from evalkit.data.recorded_scores import read_recorded_scores as read_recorded_scores
    from evalkit.engine.check_outputs import check as check
    from evalkit.engine.evaluate import run as run
    from evalkit.engine.evaluate import score as score
    from evalkit.engine.run_duel import duel as duel
    from evalkit.errors import BenchmarkError as BenchmarkError
    from evalkit.errors import EvalkitError as EvalkitError
    from evalkit.errors import IncomparableError as IncomparableError
    from evalkit.errors import InputError as InputError
    from evalkit.errors import OutputsError as OutputsError
    from evalkit.errors import RunFolderError as RunFolderError
    from evalkit.errors import SettingError as SettingError
    from evalkit.metrics import METRICS as METRICS
    from evalkit.metrics.base import Finding as Finding
    from evalkit.metrics.base import Metric as Metric
    from evalkit.metrics.bertscore import BERTScore as BERTScore
    from evalkit.metrics.bleu import BLEU as BLEU
    from evalkit.metrics.chrf import ChrF as ChrF
    from evalkit.metrics.chrf import ChrFpp as ChrFpp
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
    from evalkit.metrics.rouge import ROUGE1 as ROUGE1
    from evalkit.metrics.rouge import ROUGE2 as ROUGE2
    from evalkit.metrics.rouge import ROUGEL as ROUGEL
    from evalkit.metrics.rouge import ROUGELsum as ROUGELsum
    from evalkit.metrics.ter import TER as TER
    from evalkit.metrics.terms import Terms as Terms
    from evalkit.models.judge_options import JudgeOptions as JudgeOptions
    from evalkit.models.runtime import Runtime as Runtime
    from evalkit.probing.score import probe as probe
    from evalkit.reports.plot import plot as plot
    from evalkit.results.results import Results as Results
    from evalkit.results.run_folder import load_results as load_results
    from evalkit.results.run_folder import save_results as save_results
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
