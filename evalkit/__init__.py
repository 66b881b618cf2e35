"""evalkit judges candidate summaries and translations of Chinese news.

Everything below is loaded when it is first used, so that ``import evalkit`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# public name to the module it lives in
_HOME = {
    "BLEU": "evalkit.metrics.bleu",
    "Benchmark": "evalkit.data.benchmark",
    "BenchmarkError": "evalkit.errors",
    "ChrF": "evalkit.metrics.chrf",
    "ChrFpp": "evalkit.metrics.chrf",
    "EvalkitError": "evalkit.errors",
    "Extraction": "evalkit.metrics.extraction",
    "Finding": "evalkit.metrics.base",
    "Health": "evalkit.metrics.health",
    "IncomparableError": "evalkit.errors",
    "InputError": "evalkit.errors",
    "KeyFacts": "evalkit.metrics.key_facts",
    "METRICS": "evalkit.metrics",
    "Metric": "evalkit.metrics.base",
    "OutputsError": "evalkit.errors",
    "Quantities": "evalkit.metrics.quantities",
    "ROUGE1": "evalkit.metrics.rouge",
    "ROUGE2": "evalkit.metrics.rouge",
    "ROUGEL": "evalkit.metrics.rouge",
    "ROUGELsum": "evalkit.metrics.rouge",
    "References": "evalkit.metrics.base",
    "Results": "evalkit.results",
    "RunFolderError": "evalkit.errors",
    "SettingError": "evalkit.errors",
    "TER": "evalkit.metrics.ter",
    "Terms": "evalkit.metrics.terms",
    "check": "evalkit.checks",
    "load_articles": "evalkit.data.articles",
    "load_benchmark": "evalkit.data.benchmark",
    "load_results": "evalkit.run_folder",
    "parse": "evalkit.metrics.names",
    "probe": "evalkit.probing.score",
    "read_facts": "evalkit.data.facts_file",
    "read_glossary": "evalkit.data.glossary",
    "run": "evalkit.engine",
    "save_results": "evalkit.run_folder",
    "score": "evalkit.engine",
    "with_facts": "evalkit.data.facts_file",
    "with_terms": "evalkit.data.glossary",
}

__all__ = [*_HOME, "__version__"]

if TYPE_CHECKING:
    from evalkit.checks import check as check
    from evalkit.data.articles import load_articles as load_articles
    from evalkit.data.benchmark import Benchmark as Benchmark
    from evalkit.data.benchmark import load_benchmark as load_benchmark
    from evalkit.data.facts_file import read_facts as read_facts
    from evalkit.data.facts_file import with_facts as with_facts
    from evalkit.data.glossary import read_glossary as read_glossary
    from evalkit.data.glossary import with_terms as with_terms
    from evalkit.engine import run as run
    from evalkit.engine import score as score
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
    from evalkit.metrics.base import References as References
    from evalkit.metrics.bleu import BLEU as BLEU
    from evalkit.metrics.chrf import ChrF as ChrF
    from evalkit.metrics.chrf import ChrFpp as ChrFpp
    from evalkit.metrics.extraction import Extraction as Extraction
    from evalkit.metrics.health import Health as Health
    from evalkit.metrics.key_facts import KeyFacts as KeyFacts
    from evalkit.metrics.names import parse as parse
    from evalkit.metrics.quantities import Quantities as Quantities
    from evalkit.metrics.rouge import ROUGE1 as ROUGE1
    from evalkit.metrics.rouge import ROUGE2 as ROUGE2
    from evalkit.metrics.rouge import ROUGEL as ROUGEL
    from evalkit.metrics.rouge import ROUGELsum as ROUGELsum
    from evalkit.metrics.ter import TER as TER
    from evalkit.metrics.terms import Terms as Terms
    from evalkit.probing.score import probe as probe
    from evalkit.results import Results as Results
    from evalkit.run_folder import load_results as load_results
    from evalkit.run_folder import save_results as save_results


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
