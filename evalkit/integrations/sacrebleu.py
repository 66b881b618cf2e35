"""Compare the scores in sacrebleu's JSON with those of a run, and list every setting in which the two differ."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from evalkit.data.formats.json_records import parse_json
from evalkit.data.opening import Input
from evalkit.errors import InputError, SettingError
from evalkit.results.task_results import ScoredMetric, TaskResults, number

#: A larger number is not a score; TER can exceed 100.
_HIGHEST = 1_000_000
_OF_CHRF = {"nc": "char_order", "case": "lowercase", "space": "whitespace"}
#: By metric, our setting for each key of sacrebleu's signature.
_SETTINGS = {
    # Not eff: effective order is for single sentences; a corpus has all orders unless every output is tiny.
    "BLEU": {"tok": "tokenize", "case": "lowercase", "smooth": "smooth"},
    "chrF": _OF_CHRF,
    "chrF++": _OF_CHRF,
    "TER": {"norm": "normalized", "punct": "punctuation", "asian": "asian", "case": "case"},
}


@dataclass(frozen=True)
class SacrebleuScore:
    """A score that sacrebleu wrote.

    :param system: the name of the system, or None if sacrebleu scored only one.
    :param metric: our name of the metric; ``beta`` is that of chrF.
    :param score: the score as sacrebleu wrote it, with its rounding.
    :param signature: its settings; empty where it wrote none (comparisons of several systems).
    """

    system: str | None
    metric: str
    beta: int | None
    score: Decimal
    signature: Mapping[str, str]

    @property
    def digits(self) -> int:
        """The number of decimals written."""
        exponent = self.score.as_tuple().exponent
        return -exponent if isinstance(exponent, int) else 0


@dataclass(frozen=True)
class ScoreComparison:
    """A score of sacrebleu and ours of the same system and metric.

    :param ours: None if the run does not have this metric.
    :param equal: whether both agree to the last digit that sacrebleu wrote.
    :param differences: the settings that differ, in words.
    """

    system: str
    theirs: SacrebleuScore
    ours: float | None
    equal: bool
    differences: tuple[str, ...]

    def __str__(self) -> str:
        score, digits = self.theirs.score, min(4, max(2, self.theirs.digits))
        head = f"{self.system} {self.theirs.metric}: sacrebleu {score if digits < 4 else f'{score:.4f}'}"
        if self.ours is None:
            return f"{head}, not scored here"
        head += f", evalkit {self.ours:.{digits}f}: {'equal' if self.equal else 'different'}"
        return "\n    ".join([head, *self.differences])


def read_scores(path: str | Path) -> list[SacrebleuScore]:
    """Read a file that sacrebleu wrote: one metric, several, or several systems (``--paired-ar``)."""
    path = Path(path)
    value = parse_json(Input(path).text(), str(path), number=Decimal)
    scores: list[SacrebleuScore] = []
    for i, item in enumerate(value if isinstance(value, list) else [value]):
        where = f"{path}, entry {i + 1}"
        if not isinstance(item, dict):
            raise InputError(f"{where}: no score of sacrebleu; write them with --format json, without -b")
        if "system" in item:
            system = str(item["system"]).removeprefix("Baseline: ")
            scores += [_score(where, system, name, entry) for name, entry in item.items() if name != "system"]
        else:
            scores.append(_score(where, None, item.get("name"), item))
    if not scores:
        raise InputError(f"{path}: there is no score in this file")
    return scores


def _score(where: str, system: str | None, name: Any, entry: Any) -> SacrebleuScore:
    score = entry.get("score") if isinstance(entry, dict) else None
    form = re.fullmatch(r"(BLEU|TER)|chrF(\d+)?(\+\+)?", name) if isinstance(name, str) else None
    if form is None or not isinstance(score, Decimal) or not abs(score) < _HIGHEST:
        raise InputError(f"{where}: no score of BLEU, chrF or TER by sacrebleu (name {name!r})")
    metric = form[1] or ("chrF++" if form[3] else "chrF")
    parts = (part.partition(":") for part in str(entry.get("signature", "")).split("|") if part)
    beta = None if form[1] else int(form[2] or 2)
    return SacrebleuScore(system, metric, beta, score, {key: value for key, _, value in parts})


def compare_scores(task: TaskResults, scores: list[SacrebleuScore], system: str | None = None) -> list[ScoreComparison]:
    """Compare each score with evalkit's for the same system and metric; ``system`` is the system of a score without a name."""
    comparisons: list[ScoreComparison] = []
    for theirs in scores:
        name = _system(task, theirs, system)
        if name is None:
            continue
        scored = _same_metric(task, theirs)
        ours = None if scored is None else number(task.corpus(scored.label)[task.system_index(name)])
        # Half a unit of the last digit written, and the rounding of the sum itself.
        equal = ours is not None and abs(ours - float(theirs.score)) <= 0.5 * 10.0**-theirs.digits + 1e-9
        differences = () if scored is None else tuple(_differences(task, scored, theirs))
        comparisons.append(ScoreComparison(name, theirs, ours, equal, differences))
    if not comparisons:
        names = ", ".join(sorted({score.system for score in scores if score.system is not None}))
        raise SettingError(f"none of sacrebleu's systems ({names}) is in the run ({', '.join(task.systems)})")
    return comparisons


def _system(task: TaskResults, theirs: SacrebleuScore, system: str | None) -> str | None:
    if theirs.system is None:
        if system is None and len(task.systems) > 1:
            raise SettingError(f"say which system sacrebleu scored: --system, one of {', '.join(task.systems)}")
        return task.systems[0 if system is None else task.system_index(system)]
    names = (theirs.system, Path(theirs.system).stem)
    return next((name for name in names if name in task.systems and system in (None, name)), None)


def _same_metric(task: TaskResults, theirs: SacrebleuScore) -> ScoredMetric | None:
    named = [m for m in task.metrics if m.metric.name == theirs.metric]
    candidates = [m for m in named if m.metric.settings().get("measure", "f") == "f"]
    tokenize = theirs.signature.get("tok", "")
    exact = [m for m in candidates if m.metric.settings().get("tokenize") == tokenize]
    return next(iter(exact or candidates), None)


def _differences(task: TaskResults, scored: ScoredMetric, theirs: SacrebleuScore) -> Iterator[str]:
    settings, signature = scored.metric.settings(), theirs.signature
    if theirs.beta is not None and settings.get("beta", theirs.beta) != theirs.beta:
        yield f"beta {theirs.beta} there, {settings['beta']} here"
    for key, name in _SETTINGS[theirs.metric].items():
        here = _as_sacrebleu(name, settings[name]) if name in settings else None
        if here is not None and signature.get(key, here) != here:
            yield f"{name}: {key}:{signature[key]} there, {key}:{here} here"
    if task.texts:
        references = str(max((len(texts) for texts in task.texts.references), default=1))
        if signature.get("nrefs", references) not in (references, "var"):
            yield f"references: {signature['nrefs']} there, {references} here"
    if settings.get("fold_width"):
        yield "fold_width: full-width letters and punctuation are folded here"


def _as_sacrebleu(name: str, value: Any) -> str:
    """Write our value as sacrebleu does: ``lowercase`` and TER's ``case`` say the opposite of each other."""
    if name in ("lowercase", "case"):
        return "lc" if value is (name == "lowercase") else "mixed"
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)
