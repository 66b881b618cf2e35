"""Judge: an LLM as judge; every reply is stored, checked and reported."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Runtime, Statistics, SystemStatistics, setting
from evalkit.metrics.judging.asking import ask, model_name, session_for, warn_of_long_segments
from evalkit.metrics.judging.judge_plan import REPEATS, JudgePlan
from evalkit.metrics.judging.prompts import prompt_digest
from evalkit.metrics.judging.readings import Form, form_of
from evalkit.metrics.judging.rubric import BUNDLED, Rubric, load_rubric
from evalkit.metrics.key_facts import KeyFacts
from evalkit.models.chat import Estimate as Estimate

# User-defined rubrics loaded in this process, by digest, because a resolved metric does not hold its file.
_READ: dict[str, Rubric] = {}


@dataclass(frozen=True)
class Judge(Metric):
    """Scores by an LLM according to a rubric; scores and intervals apply to this judge and prompt only.

    - ``mqm``: errors of a translation as spans with category and severity, summed to a penalty; lower is better.
    - ``esa``: errors first, then 0 to 100 points.
    - ``keyfacts``: key facts stated, minus those contradicted, weighted as in KeyFacts; 0 to 1.
    - ``faithfulness``: share of a summary's claims that its source supports; 0 to 1.
    - a path: a rubric of your own, see :mod:`evalkit.metrics.judging.rubric`.

    An output that cannot be judged is undefined, with a reason. An empty output is not sent to the judge and gets the
    worst score. With several samples, the rows are averaged. The signature holds the hash of the prompts, the model
    requested and the model that answered. ``samples`` is the number of times the judge is asked, not the number of
    outputs of a system.
    """

    name = "Judge"
    summary = (
        "an LLM's judgement by a rubric: error spans, facts, claims or a scale; "
        "intervals apply to this judge and prompt only"
    )
    where = "main"
    scope = "for this judge and prompt"
    no_leave_one_out = "every output would be sent to the judge again for each reference"
    reading = frozenset({"per"})
    needs = frozenset({"sources"})
    #: The rubric's columns (:mod:`evalkit.metrics.judging.readings`); with several samples, also their variance.
    columns = ()
    #: The format in which replies are parsed.
    form: ClassVar[Form]

    rubric: str = setting("mqm", doc="mqm, esa, keyfacts, faithfulness, or the path of a YAML file")
    model: str = setting("", doc="openai:NAME, a model on a server that speaks the OpenAI chat protocol")
    samples: int = setting(1, kind=int, low=1, high=100, doc="how often the judge is asked about each output")
    temperature: float = setting(
        0.0, kind=float, low=0, high=2, doc="sampling temperature of the judge; above 0, samples differ"
    )
    aggregate: str = setting("mean", choices=("mean", "gemba-v2"), doc="how the samples of one output are combined")
    cap: float | None = setting(
        kind=float, low=0.1, high=1000, doc="maximum penalty of a segment with mqm; 25 in GEMBA"
    )
    critical: float = setting(
        5.0, kind=float, low=0.1, high=1000, doc="penalty of a critical error with mqm; 25 in GEMBA"
    )
    per: str = setting("segment", choices=("segment", "length"), doc="mqm per segment or per 1,000 words of source")
    unit: str = setting("segment", choices=("segment", "article"), doc="what is judged at a time")
    context: int = setting(
        4000, kind=int, low=0, high=10**6, doc="characters of the article shown on either side of a segment"
    )
    max_tokens: int = setting(4096, kind=int, low=16, high=10**6, doc="maximum number of tokens of a reply")
    prompts: str | None = setting(doc="filled in: name, version and hash of the prompts")
    scale: str | None = setting(doc="filled in: WORST..BEST of a rubric of your own")
    returned: str | None = setting(doc="filled in: the model that the server says it used")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rubric != "mqm" and (self.cap is not None or self.critical != 5 or self.per != "segment"):
            raise SettingError(f"Judge: cap, critical and per belong to rubric=mqm, not to rubric={self.rubric}")
        if self.unit == "article" and self.rubric in ("keyfacts", "faithfulness"):
            raise SettingError(f"Judge: rubric={self.rubric} is asked by segment; leave out unit=article")
        try:
            worst, best = map(float, (self.scale or "0..1").split(".."))
        except ValueError:
            raise SettingError(f"Judge: scale={self.scale} is not of the form WORST..BEST") from None
        form = form_of(self.rubric, cap=self.cap, critical=self.critical, per=self.per, scale=(worst, best))
        extra = {"facts"} if self.rubric == "keyfacts" else {"articles"} if self.unit == "article" else set()
        self._settle(
            form=form,
            columns=(*form.columns, *(REPEATS if self.samples > 1 else ())),
            higher_is_better=form.higher_is_better,
            range=form.range,
            needs=frozenset({"sources", *extra}),
        )

    def notes(self, total: Statistics) -> tuple[str, ...]:
        """The number of reported spans that do not occur in the text, and the spread of the samples."""
        sums = dict(zip(self.columns, total, strict=True))
        notes = []
        if sums.get("unanchored"):
            share = sums["unanchored"] / sums["spans"]
            notes.append(
                f"{share:.0%} of the errors quote words that do not occur in the text, or occur more than once"
            )
        if sums.get("repeated"):
            spread = np.sqrt(sums["variance"] / sums["repeated"])
            notes.append(
                f"the {self.samples} samples of the judge differ by {spread:.3g} within a segment (standard deviation), "
                "in addition to the interval; another run of this judge may differ as much"
            )
        return tuple(notes)

    @property
    def kinds(self) -> frozenset[str]:  # type: ignore[override]
        """The kinds of task that the rubric can judge."""
        return self.asked_rubric.judges if self.prompts else load_rubric(self.rubric).judges

    @property
    def is_mean(self) -> bool:
        """True except for key facts, whose segments have different weights, and for penalties per length of source."""
        return self.rubric != "keyfacts" and self.per == "segment"

    @property
    def gives_findings(self) -> bool:
        """True except for scales."""
        return self.rubric in BUNDLED

    def row_of_score(self, score: float) -> Statistics:
        """float64[k]: the score, a segment count of 1, and 0 for all other counts."""
        return np.array([score, 1.0] + [0.0] * (len(self.columns) - 2))

    @property
    def asked_rubric(self) -> Rubric:
        """The text of the rubric; the metric must be resolved."""
        if self.rubric in BUNDLED:
            return load_rubric(self.rubric)
        if self.prompts not in _READ:
            raise SettingError(f"Judge: the file of rubric={self.rubric} has to be read again; name it by its path")
        return _READ[str(self.prompts)]

    def _resolve(self, lang: str) -> Metric:
        model_name(self.model)
        if self.prompts in _READ:
            return self
        rubric = load_rubric(self.rubric)
        prompts = prompt_digest(rubric)
        if self.prompts not in (None, prompts):
            raise SettingError(
                f"Judge: prompts={self.prompts} are not those of this rubric and version, which are {prompts}"
            )
        if rubric.form != "scale":
            return replace(self, prompts=prompts)
        _READ[prompts] = rubric
        worst, best = rubric.scale or (0.0, 1.0)
        return replace(self, prompts=prompts, scale=f"{worst:g}..{best:g}", rubric=PurePath(self.rubric).stem)

    def observed(self, runtime: Runtime) -> Metric:
        """The metric with the name of the model that answered."""
        seen = runtime.record.get(self._record_key, {}).get("returned") or {}
        # Excludes characters that separate the parts of a metric string, a signature or a table.
        names = [re.sub(r"[\s|,=()<>\"'`\\\x00-\x1f\x7f-\x9f]+", "_", name) for name in seen]
        return replace(self, returned="+".join(names)) if names else self

    @property
    def _record_key(self) -> str:
        return f"Judge {self.model} {self.prompts}"

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        raise SettingError(
            "Judge scores all systems of a task at once; use evalkit.run with runtime=Runtime(judge=...)"
        )

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """float64[..., k] to float64[...]; nan if nothing was judged."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.form.score(np.asarray(statistics, dtype=np.float64))

    def check_ready(self, runtime: Runtime | None) -> None:
        """Check that a server can be asked, or a store replayed."""
        if runtime is not None:
            session_for(runtime).check_ready()

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        """Ask the judge about every non-empty output."""
        plan = self.plan(outputs, references)
        total = len(plan.items) * self.samples
        judgements = ask("Judge", self.model, outputs, plan.questions(), total, runtime, self._record_key)
        if self.rubric in ("mqm", "esa") and self.unit == "segment":
            warn_of_long_segments(outputs, references, runtime)
        if self.samples > 1 and self.temperature == 0:
            runtime.tell(f"{self.model}: samples at temperature 0 repeat one question; set temperature=1 to vary them")
        return {system: plan.statistics(system, judgements) for system in outputs}

    def estimate(self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime) -> Estimate:
        """Estimate the cost of :meth:`statistics_of` without making a request."""
        return session_for(runtime).estimate(self.plan(outputs, references).questions())

    def plan(self, outputs: Mapping[str, Sequence[str]], references: References) -> JudgePlan:
        """The requests to send, and how replies are converted into rows."""
        self.check_resolved()
        if references.sources is None:
            raise SettingError(f"{self} needs sources; give them, or use a benchmark that has them")
        facts: Sequence[tuple[Any, ...]] = ((),) * len(references)
        if self.rubric == "keyfacts":
            facts = KeyFacts().prepare(references).expected
        return JudgePlan(self, references, {system: tuple(texts) for system, texts in outputs.items()}, facts)
