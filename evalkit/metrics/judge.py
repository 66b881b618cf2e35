"""Judge: an LLM as judge, whose every reply is kept, checked and shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Finding, Metric, References, Runtime, Statistics, SystemStatistics, setting
from evalkit.metrics.judging.prompts import language_name, messages, prompt_digest
from evalkit.metrics.judging.readings import (
    Claims,
    EsaSpans,
    FactVerdicts,
    Form,
    Item,
    MqmSpans,
    Reading,
    ScaleScore,
    fact_id,
)
from evalkit.metrics.judging.replies import parse_reply
from evalkit.metrics.judging.rubric import BUNDLED, Rubric, load_rubric
from evalkit.metrics.judging.sample_weights import sample_weights
from evalkit.metrics.key_facts import KeyFacts
from evalkit.models.chat import ChatRequest, Judgement, ReplyError
from evalkit.models.judge_session import Estimate, JudgeSession, Question, session_of

__all__ = ["Estimate", "Judge", "model_name", "note_judgements", "session_for"]

#: rubrics that an article as a whole can be judged by.
_OF_ARTICLES = ("mqm", "esa", "scale")

_FORMS: dict[str, Callable[[], Form]] = {"esa": EsaSpans, "keyfacts": FactVerdicts, "faithfulness": Claims}

# Rubrics of the user's that were read in this process, by their digest: a resolved metric does not hold its file.
_READ: dict[str, Rubric] = {}


@dataclass(frozen=True)
class Judge(Metric):
    """What an LLM says of each output, by a rubric; for this judge and this prompt, as every interval of it.

    - ``mqm``: errors of a translation as spans with category and severity, summed to a penalty; lower is better.
    - ``esa``: errors first, then 0 to 100 points.
    - ``keyfacts``: key facts carried, less those contradicted, weighted as in KeyFacts; 0 to 1.
    - ``faithfulness``: share of a summary's claims that its source supports; 0 to 1.
    - a path: a rubric of your own, see :mod:`evalkit.metrics.judging.rubric`.

    An output that cannot be judged is undefined, with the reason; an empty one is not sent and scores worst. With several
    samples the rows are averaged. The signature holds the hash of the prompts, the model asked for and the model that
    answered. ``samples`` are repeats of the judge, not samples of a system.
    """

    name: ClassVar[str] = "Judge"
    summary: ClassVar[str] = (
        "an LLM's judgement by a rubric: error spans, facts, claims or a scale; intervals speak of this judge and this prompt"
    )
    where: ClassVar[str] = "main"
    reading: ClassVar[frozenset[str]] = frozenset({"per"})

    rubric: str = setting("mqm", doc="mqm, esa, keyfacts, faithfulness, or the path of a YAML file")
    model: str = setting("", doc="openai:NAME, a model on a server that speaks the OpenAI chat protocol")
    samples: int = setting(1, kind=int, doc="how often the judge is asked about each output")
    temperature: float = setting(0.0, kind=float, doc="of the judge; above 0 for samples that differ")
    aggregate: str = setting("mean", choices=("mean", "gemba-v2"), doc="of the samples of one output")
    cap: float | None = setting(kind=float, doc="most penalty of a segment with mqm; GEMBA has 25")
    critical: float = setting(5.0, kind=float, doc="penalty of a critical error with mqm; GEMBA has 25")
    per: str = setting("segment", choices=("segment", "length"), doc="mqm per segment or per 1,000 words of source")
    unit: str = setting("segment", choices=("segment", "article"), doc="what is judged at a time")
    context: int = setting(4000, kind=int, doc="characters of the article shown on either side of a segment")
    max_tokens: int = setting(4096, kind=int, doc="longest reply")
    prompts: str | None = setting(doc="filled in: name, version and hash of the prompts")
    scale: str | None = setting(doc="filled in: WORST..BEST of a rubric of your own")
    returned: str | None = setting(doc="filled in: the model that the server says it used")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, lowest, highest in (("samples", 1, 100), ("context", 0, 10**6), ("max_tokens", 16, 10**6)):
            if not lowest <= getattr(self, name) <= highest:
                raise SettingError(f"Judge: {name}={getattr(self, name)} is out of range; use {lowest} to {highest:,}")
        if not 0 <= self.temperature <= 2:
            raise SettingError(f"Judge: temperature={self.temperature:g} is out of range; use 0 to 2")
        for name in ("cap", "critical"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1000:
                raise SettingError(f"Judge: {name}={value:g} is out of range; use a positive number up to 1,000")
        if self.rubric != "mqm" and (self.cap is not None or self.critical != 5 or self.per != "segment"):
            raise SettingError(f"Judge: cap, critical and per belong to rubric=mqm, not to rubric={self.rubric}")
        if self.unit == "article" and self._form_name not in _OF_ARTICLES:
            raise SettingError(f"Judge: rubric={self.rubric} is asked by segment; leave out unit=article")

    # -- what depends on the rubric ---------------------------------------------------------------------------------

    @property
    def _form_name(self) -> str:
        return self.rubric if self.rubric in BUNDLED else "scale"

    @property
    def form(self) -> Form:
        """How replies are read."""
        if self.rubric == "mqm":
            return MqmSpans(self.cap, self.critical, self.per)
        if self.rubric in BUNDLED:
            return _FORMS[self.rubric]()
        worst, _, best = (self.scale or "0..1").partition("..")
        return ScaleScore((float(worst), float(best)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns; see :mod:`evalkit.metrics.judging.readings`."""
        return self.form.columns

    @property
    def higher_is_better(self) -> bool:  # type: ignore[override]
        """False for the penalty of mqm, and for a scale that names its best end as the lower one."""
        return self.form.higher_is_better

    @property
    def range(self) -> tuple[float, float]:  # type: ignore[override]
        """Lowest and highest score."""
        if self.rubric == "mqm":
            return (0.0, self.cap if self.cap is not None and self.per == "segment" else float("inf"))
        if self.rubric in BUNDLED:
            return (0.0, 100.0 if self.rubric == "esa" else 1.0)
        ends = sorted(float(end) for end in (self.scale or "0..1").split(".."))
        return ends[0], ends[1]

    @property
    def needs(self) -> frozenset[str]:  # type: ignore[override]
        """Sources; key facts and articles where they are asked for."""
        extra = {"facts"} if self.rubric == "keyfacts" else {"articles"} if self.unit == "article" else set()
        return frozenset({"sources", *extra})

    @property
    def kinds(self) -> frozenset[str]:  # type: ignore[override]
        """The kinds of task that the rubric can judge."""
        return self._rubric.judges if self.prompts else load_rubric(self.rubric).judges

    @property
    def is_mean(self) -> bool:
        """All but key facts, whose segments have different weights, and penalties per length of source."""
        return self.rubric != "keyfacts" and self.per == "segment"

    @property
    def gives_findings(self) -> bool:
        """All but a scale."""
        return self._form_name != "scale"

    def row_of_score(self, score: float) -> Statistics:
        """float64[k]: score, one segment, and no counts."""
        return np.array([score, 1.0] + [0.0] * (len(self.columns) - 2))

    @property
    def _rubric(self) -> Rubric:
        if self.rubric in BUNDLED:
            return load_rubric(self.rubric)
        if self.prompts not in _READ:
            raise SettingError(f"Judge: the file of rubric={self.rubric} has to be read again; name it by its path")
        return _READ[str(self.prompts)]

    def _resolve(self, lang: str) -> Metric:
        model_name(self.model)
        if self.prompts:
            return self
        rubric = load_rubric(self.rubric)
        prompts = prompt_digest(rubric)
        if rubric.form != "scale":
            return replace(self, prompts=prompts)
        _READ[prompts] = rubric
        worst, best = rubric.scale or (0.0, 1.0)
        return replace(self, prompts=prompts, scale=f"{worst:g}..{best:g}", rubric=PurePath(self.rubric).stem)

    def observed(self, runtime: Runtime) -> Metric:
        """With the model that answered."""
        seen = runtime.record.get(self._record_key, {}).get("returned") or {}
        # No character that separates the parts of a metric string, a signature or a table.
        names = [re.sub(r"[\s|,=()<>\"'`\\\x00-\x1f\x7f-\x9f]+", "_", name) for name in seen]
        return replace(self, returned="+".join(names)) if names else self

    @property
    def _record_key(self) -> str:
        return f"Judge {self.model} {self.prompts}"

    # -- the two functions ------------------------------------------------------------------------------------------

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        raise SettingError(
            "Judge scores all systems of a task at once; use evalkit.run with runtime=Runtime(judge=...)"
        )

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """float64[..., k] to float64[...]; nan where nothing was judged."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.form.score(np.asarray(statistics, dtype=np.float64))

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        """Ask about every output that is not empty.

        :raises SettingError: without options for a judge, or a server that cannot be used.
        """
        plan = self.plan(outputs, references)
        report, total, session = runtime.progress, len(plan.items) * self.samples, session_for(runtime)
        judgements = session.ask(
            plan.questions(), report and (lambda done, what: report(done, max(1, total), f"Judge: {what}"))
        )
        note = runtime.record.setdefault(self._record_key, {})
        note_judgements(note, judgements)
        found = {system: plan.statistics(system, judgements, note) for system in outputs}
        for sentence in (*_warnings(self, outputs, note), *([stopped] if (stopped := session.stopped) else [])):
            runtime.tell(sentence)
        return found

    def estimate(self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime) -> Estimate:
        """What :meth:`statistics_of` would take, without a call."""
        return session_for(runtime).estimate(self.plan(outputs, references).questions())

    def plan(self, outputs: Mapping[str, Sequence[str]], references: References) -> JudgePlan:
        """What is asked, and how replies become rows."""
        self.check_resolved()
        if references.sources is None:
            raise SettingError(f"{self} needs sources; give them, or use a benchmark that has them")
        facts: Sequence[tuple[Any, ...]] = ((),) * len(references)
        if self.rubric == "keyfacts":
            facts = KeyFacts().prepare(references).expected
        return JudgePlan(self, references, {system: tuple(texts) for system, texts in outputs.items()}, facts)


@dataclass(eq=False)
class JudgePlan:
    """The items that are judged, and their questions: those of one item follow each other, one for each sample."""

    metric: Judge
    references: References
    outputs: Mapping[str, tuple[str, ...]]
    facts: Sequence[tuple[Any, ...]]
    items: list[tuple[str, Item]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Segment by segment, so that a run that stops early has judged the same segments of all systems.
        items = [(system, item) for system in self.outputs for item in self._items(system, self.metric.form)]
        self.items = sorted(items, key=lambda pair: pair[1].segments[0])

    def questions(self) -> Iterator[Question]:
        """The questions in the order of :attr:`items`, one for each sample."""
        metric, form, rubric = self.metric, self.metric.form, self.metric._rubric
        words = {
            "source_language": language_name(self.references.source_lang),
            "target_language": language_name(self.references.lang),
            "kind": self.references.kind,
        }
        schema = rubric.schema
        for _, item in self.items:
            shown = messages(rubric, words, self._material(item))

            def check(text: str, item: Item = item) -> Any:
                reply = parse_reply(text, schema)
                if fault := form.fault(reply, item):
                    raise ReplyError(fault)
                return reply

            for sample in range(metric.samples):
                request = ChatRequest(
                    model_name(metric.model), shown, schema, metric.temperature, metric.max_tokens, sample
                )
                yield request, check

    def _items(self, system: str, form: Form) -> Iterator[Item]:
        sources, outputs = self.references.sources or (), self.outputs[system]
        asked = [i for i in range(len(outputs)) if outputs[i].strip() and form.asks(sources[i], self.facts[i])]
        groups: dict[Any, list[int]] = {}
        for i in asked:
            whole = self.metric.unit == "article" and self.references.articles
            groups.setdefault(self.references.articles[i] if whole and self.references.articles else i, []).append(i)
        for group in groups.values():
            yield Item(
                tuple(group),
                tuple(sources[i] for i in group),
                tuple(outputs[i] for i in group),
                self.facts[group[0]] if len(group) == 1 else (),
            )

    def _material(self, item: Item) -> dict[str, Any]:
        before, after = self._context(item)
        material: dict[str, Any] = {}
        if before or after:
            material["context"] = {"before": before, "after": after}
        if self.metric.rubric == "keyfacts":
            facts = [next(iter(fact.statement.values()), fact.id) for fact in item.facts]
            lang = self.references.lang
            facts = [fact.statement.get(lang, text) for fact, text in zip(item.facts, facts, strict=True)]
            material["facts"] = {fact_id(k): text for k, text in enumerate(facts)}
        else:
            material["source"] = item.source
        material[self.references.kind] = item.output
        return material

    def _context(self, item: Item) -> tuple[str, str]:
        """The sources of the article around a segment: whole segments, the nearest first, up to the setting's length."""
        articles, sources = self.references.articles, self.references.sources
        ids = self.references.ids
        if (
            articles is None
            or sources is None
            or len(item.segments) > 1
            or (ids is not None and len(set(ids)) < len(ids))  # contrasts, several of a segment: no running text
            or self.metric.rubric in ("keyfacts", "faithfulness")
        ):
            return "", ""
        at = item.segments[0]
        parts: list[str] = []
        for step in (-1, 1):
            found: list[str] = []
            room, i = self.metric.context, at + step
            while 0 <= i < len(sources) and articles[i] == articles[at] and len(sources[i]) <= room:
                found.append(sources[i])
                room -= len(sources[i])
                i += step
            parts.append("\n".join(found[::step]))
        return parts[0], parts[1]

    def statistics(self, system: str, judgements: Sequence[Judgement], note: dict[str, Any]) -> SystemStatistics:
        """Rows, failures and findings of one system, from the judgements of all questions."""
        metric, form = self.metric, self.metric.form
        sources, outputs = self.references.sources or (), self.outputs[system]
        rows = np.zeros((len(outputs), len(metric.columns)))
        for i, text in enumerate(outputs):
            if not text.strip() and form.asks(sources[i], self.facts[i]):
                rows[i] = form.worst(sources[i], self.facts[i])
        undefined: dict[int, str] = {}
        findings: dict[int, tuple[Finding, ...]] = {}
        variances = []
        for place, (owner, item) in enumerate(self.items):
            if owner != system:
                continue
            samples = judgements[place * metric.samples : (place + 1) * metric.samples]
            readings = [form.read(judgement.value, item) for judgement in samples if judgement.reason is None]
            if not readings:
                undefined.update(dict.fromkeys(item.segments, samples[0].reason or ""))
                continue
            combined, shown, variance = _combined(readings, metric.aggregate, form.higher_is_better)
            variances += [variance] if len(readings) > 1 else []
            rows[list(item.segments)] = combined
            findings.update({item.segments[k]: found for k, found in shown.findings.items()})
        if variances:
            note.setdefault("spread within segments", {})[system] = round(float(np.sqrt(np.mean(variances))), 6)
        if "unanchored" in metric.columns:
            spans, lost = (float(rows[:, metric.columns.index(name)].sum()) for name in ("spans", "unanchored"))
            note.setdefault("unanchored", {})[system] = round(lost / spans, 6) if spans else 0.0
        return SystemStatistics(rows, dict(sorted(undefined.items())), dict(sorted(findings.items())))


def _combined(readings: Sequence[Reading], aggregate: str, higher: bool) -> tuple[Statistics, Reading, float]:
    """Rows of the samples made one, the sample that is closest to them, and the variance of the samples."""
    values = np.array([reading.value for reading in readings])
    weights = sample_weights(values, aggregate, higher_is_better=higher)
    rows = np.tensordot(weights, np.stack([reading.rows for reading in readings]), axes=1)
    closest = int(np.abs(values - weights @ values).argmin())
    variance = float(values.var(ddof=1)) if len(values) > 1 else 0.0
    return rows, readings[closest], variance


def note_judgements(note: dict[str, Any], judgements: Sequence[Judgement]) -> None:
    """What the run folder says of the judgements: nothing that differs between a run and its replay."""

    def add(name: str, counts: Mapping[str, int]) -> None:
        note[name] = dict(sorted((Counter(note.get(name, {})) + Counter(counts)).items()))

    add("returned", Counter(j.model for j in judgements if j.model))
    add("system_fingerprint", Counter(j.fingerprint for j in judgements if j.fingerprint))
    add("failed", Counter(j.reason for j in judgements if j.reason is not None))
    add(
        "tokens",
        {"input": sum(j.usage.input for j in judgements), "output": sum(j.usage.output for j in judgements)},
    )
    note["judgements"] = note.get("judgements", 0) + len(judgements)
    note["repaired"] = note.get("repaired", 0) + sum(j.repaired for j in judgements)


def _warnings(metric: Judge, outputs: Mapping[str, Sequence[str]], note: Mapping[str, Any]) -> Iterator[str]:
    """What a reader of the scores has to know."""
    family = _families(model_name(metric.model).rpartition("/")[2])[:1]
    for system in outputs:
        if set(family) & set(_families(system)):
            yield f"{metric.model} judges {system}, whose name says that it is of the same family: judges prefer their own"
    asked = model_name(metric.model)
    if note["returned"] and not any(name.casefold().startswith(asked.casefold()) for name in note["returned"]):
        yield f"{metric.model} was asked for, and the server says that it used {', '.join(note['returned'])}"
    for what, name in (("models", "returned"), ("system fingerprints", "system_fingerprint")):
        if len(note.get(name, ())) > 1:
            counts = ", ".join(f"{value} ({count:,})" for value, count in note[name].items())
            yield f"{metric.model} answered as several {what}: {counts}"
    if failed := sum(note["failed"].values()):
        reason, count = max(note["failed"].items(), key=lambda item: item[1])
        yield f"{failed:,} of {note['judgements']:,} judgements failed and are undefined; {count:,} of them: {reason}"
    if metric.samples > 1 and metric.temperature == 0:
        yield f"{metric.model}: samples at temperature 0 repeat one question; set temperature=1 for samples that differ"
    for system, spread in note.get("spread within segments", {}).items():
        yield f"{metric.model}: the samples of one output of {system} differ by {spread:.3g} (standard deviation)"
    if note.get("unanchored"):
        share = max(note["unanchored"].values())
        if share > 0:
            yield f"{metric.model}: up to {share:.0%} of the errors of a system quote words that are not in its text"


def _families(name: str) -> list[str]:
    """The words of a model's or system's name: ``gpt`` of ``gpt-4.1-mini``, ``qwen`` of ``Qwen2.5-72B``."""
    return [word for word in re.findall(r"[a-z]+", name.casefold()) if len(word) > 2]


def session_for(runtime: Runtime) -> JudgeSession:
    """The judge that a run offers.

    :raises SettingError: where it offers none.
    """
    if runtime.judge is None:
        raise SettingError(
            "Judge needs a server: on the command line --judge-url or the environment, in Python "
            "runtime=evalkit.Runtime(judge=evalkit.JudgeOptions(url=..., key=...))"
        )
    return session_of(runtime.judge)


def model_name(model: str) -> str:
    """The name of ``openai:NAME``.

    :raises SettingError: for anything else.
    """
    protocol, colon, name = model.partition(":")
    if not (colon and protocol == "openai" and name.strip() and name.isprintable()):
        given = f"model={model} is not of this form" if model else "the model is missing"
        raise SettingError(f"Judge: {given}; write model=openai:NAME, as in Judge(rubric=mqm,model=openai:gpt-4.1)")
    return name
