"""sacrebleu's JSON: its scores beside ours, with every setting in which the two differ."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from evalkit.data.records import read_lines
from evalkit.errors import InputError, SettingError
from evalkit.results.task_results import ScoredMetric, TaskResults, number

__all__ = ["Beside", "SacrebleuScore", "beside", "read_scores"]

#: by metric: sacrebleu's word in a signature, and our setting.
_SETTINGS = {
    # Not eff: effective order is for single sentences; a corpus has all orders unless every output is tiny.
    "BLEU": {"tok": "tokenize", "case": "lowercase", "smooth": "smooth"},
    "chrF": {"nc": "char_order", "case": "lowercase", "space": "whitespace"},
    "chrF++": {"nc": "char_order", "case": "lowercase", "space": "whitespace"},
    "TER": {"norm": "normalized", "punct": "punctuation", "asian": "asian", "case": "case"},
}


@dataclass(frozen=True)
class SacrebleuScore:
    """One score of sacrebleu's.

    :param system: as it named the system, or None where it scored one alone.
    :param metric: our name of the metric; ``beta`` is chrF's.
    :param score: as it was written, rounded as sacrebleu was asked to.
    :param signature: its settings; empty where it wrote none (comparisons of several systems).
    """

    system: str | None
    metric: str
    beta: int | None
    score: Decimal
    signature: Mapping[str, str]


@dataclass(frozen=True)
class Beside:
    """One metric: sacrebleu's score and ours.

    :param ours: None where we did not score this metric.
    :param equal: whether the two agree to the last digit that sacrebleu wrote.
    :param differs: settings in which they differ, in words.
    """

    system: str
    metric: str
    theirs: Decimal
    ours: float | None
    equal: bool
    differs: tuple[str, ...]

    def __str__(self) -> str:
        exponent = self.theirs.as_tuple().exponent
        digits = min(4, max(2, -exponent if isinstance(exponent, int) else 2))
        head = f"{self.system} {self.metric}: sacrebleu {self.theirs if digits < 4 else f'{self.theirs:.4f}'}"
        if self.ours is None:
            return f"{head}, not scored here"
        lines = [f"{head}, evalkit {self.ours:.{digits}f}: {'equal' if self.equal else 'different'}"]
        return "\n    ".join([*lines, *self.differs])


def read_scores(path: str | Path) -> list[SacrebleuScore]:
    """Scores of a file that sacrebleu wrote: one metric, several, or several systems (``--paired-ar``).

    :raises InputError: a file that sacrebleu did not write.
    """
    path = Path(path)
    text = "\n".join(read_lines(path))
    try:
        value = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError) as error:
        hint = "; sacrebleu writes a bare number with -b, leave that out" if len(text) < 30 else ""
        raise InputError(f"{path}: not valid JSON: {error}{hint}") from None
    items = value if isinstance(value, list) else [value]
    scores: list[SacrebleuScore] = []
    for i, item in enumerate(items):
        where = f"{path}, entry {i + 1}"
        if not isinstance(item, dict):
            raise InputError(f"{where}: no score of sacrebleu; write them with --format json, without -b")
        if "system" in item:
            for name, held in item.items():
                if name != "system":
                    scores.append(_score(where, str(item["system"]), name, held))
        else:
            scores.append(_score(where, None, item.get("name"), item))
    if not scores:
        raise InputError(f"{path}: there is no score in this file")
    return scores


def _score(where: str, system: str | None, name: Any, held: Any) -> SacrebleuScore:
    score = held.get("score") if isinstance(held, dict) else None
    form = re.fullmatch(r"(BLEU|TER)|chrF(\d+)?(\+\+)?", name) if isinstance(name, str) else None
    if form is None or not isinstance(score, Decimal) or not score.is_finite():
        raise InputError(f"{where}: no score of BLEU, chrF or TER by sacrebleu (name {name!r})")
    metric = form[1] or ("chrF++" if form[3] else "chrF")
    parts = (part.partition(":") for part in str(held.get("signature", "")).split("|") if part)
    named = system.removeprefix("Baseline: ") if system is not None else None
    beta = None if form[1] else int(form[2] or 2)
    return SacrebleuScore(named, metric, beta, score, {key: value for key, _, value in parts})


def beside(task: TaskResults, scores: list[SacrebleuScore], system: str | None = None) -> list[Beside]:
    """Each of sacrebleu's scores beside ours of the same system and metric.

    :param system: the system a score without a name is of; may be left out where the run has only one.
    :raises SettingError: for a system that is not in the run, or where it must be said which.
    """
    found: list[Beside] = []
    for peer in scores:
        name = _system(task, peer, system)
        if name is None:
            continue
        scored = _same(task, peer)
        ours = None if scored is None else number(task.corpus(scored.label)[task.system_index(name)])
        # Half a unit of the last digit written, and the rounding of the sum itself.
        exponent = peer.score.as_tuple().exponent
        reach = 0.5 * 10.0 ** (exponent if isinstance(exponent, int) else 0) + 1e-9
        equal = ours is not None and abs(ours - float(peer.score)) <= reach
        differs = () if scored is None else tuple(_differences(task, scored, peer))
        found.append(Beside(name, peer.metric, peer.score, ours, equal, differs))
    if not found:
        names = ", ".join(sorted({peer.system for peer in scores if peer.system is not None}))
        raise SettingError(f"none of sacrebleu's systems ({names}) is in the run ({', '.join(task.systems)})")
    return found


def _system(task: TaskResults, peer: SacrebleuScore, system: str | None) -> str | None:
    if peer.system is None:
        if system is None and len(task.systems) > 1:
            raise SettingError(f"say which system sacrebleu scored: --system, one of {', '.join(task.systems)}")
        name = system or task.systems[0]
        task.system_index(name)
        return name
    for name in (peer.system, Path(peer.system).stem):
        if name in task.systems and system in (None, name):
            return name
    return None


def _same(task: TaskResults, peer: SacrebleuScore) -> ScoredMetric | None:
    fitting = [
        m for m in task.metrics if m.metric.name == peer.metric and m.metric.settings().get("measure", "f") == "f"
    ]
    tok = peer.signature.get("tok")
    exact = [m for m in fitting if tok is not None and m.metric.settings().get("tokenize") == tok]
    return next(iter(exact or fitting), None)


def _differences(task: TaskResults, scored: ScoredMetric, peer: SacrebleuScore) -> Iterator[str]:
    settings = scored.metric.settings()
    if peer.beta is not None and settings.get("beta", peer.beta) != peer.beta:
        yield f"beta {peer.beta} there, {settings['beta']} here"
    for theirs, ours in _SETTINGS[peer.metric].items():
        if theirs not in peer.signature or ours not in settings:
            continue
        there, here = peer.signature[theirs], _spelled(ours, settings[ours])
        if there != here:
            yield f"{ours}: {theirs}:{there} there, {theirs}:{here} here"
    references = max((len(refs) for refs in task.texts.references), default=1) if task.texts else None
    if references is not None and peer.signature.get("nrefs", str(references)) not in (str(references), "var"):
        yield f"references: {peer.signature['nrefs']} there, {references} here"
    if settings.get("fold_width"):
        yield "fold_width: full-width letters and punctuation are folded here"


def _spelled(ours: str, value: Any) -> str:
    """Our value as sacrebleu writes it: ``lowercase`` and TER's ``case`` say the opposite of each other."""
    if ours in ("lowercase", "case"):
        return "lc" if value is (ours == "lowercase") else "mixed"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
