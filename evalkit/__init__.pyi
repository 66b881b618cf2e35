"""The public names, each from the module that defines it; ``evalkit/__init__.py`` imports them when they are first used."""

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
from evalkit.version import __version__ as __version__
