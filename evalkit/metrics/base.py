"""The base class of metrics: two pure functions over additive rows of statistics.

``statistics`` turns texts into one row of numbers per segment; ``score`` turns any sum of rows into a score. Every
figure evalkit reports is ``score(L @ statistics)`` for a linear map ``L``: the identity gives segment scores, rows of
ones the score of an article or the corpus, multinomial weights a bootstrap. No code outside a metric's module depends
on how the metric is computed.

A segment without a score is in one of three states:

- *not applicable*: the metric has nothing to check, for example because the source has no quantities. This depends only
  on sources and references, so it is the same for all systems and does not affect coverage. Its row is zero.
- *failed because of the output* (empty, missing, a refusal): it gets the worst score, with the largest weight that any
  output of the segment could have. Every metric whose ``empty_is_worst`` is true therefore guarantees that emptying or
  deleting an output never raises a corpus score.
- *failed because of the judge* (a timeout, a reply that cannot be parsed, a text too long for the model): the segment
  is undefined, with a zero row and a reason. Coverage is the share of segments that are not undefined.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from evalkit.arguments import checked
from evalkit.errors import EvalkitError, InputError, SettingError
from evalkit.metrics.finding import Finding as Finding, Statistics as Statistics, SystemStatistics as SystemStatistics
from evalkit.metrics.own_metric import checked_findings, checked_score, checked_statistics, is_bundled
from evalkit.metrics.score_arguments import check_hypotheses, check_references
from evalkit.metrics.settings import checked_setting, setting as setting, spell
from evalkit.models.runtime import Runtime as Runtime
from evalkit.text.languages import language
from evalkit.text.references import References as References
from evalkit.wording import count


@dataclass(frozen=True)
class Metric(ABC):
    """Base class of all metrics: an immutable value with a name, settings and the two functions.

    Subclasses are frozen dataclasses whose fields are the settings, each with a default. A setting that is None is
    chosen by :meth:`resolve` from the target language; scoring takes a resolved metric.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    #: Lowest and highest possible score.
    range: ClassVar[tuple[float, float]]
    higher_is_better: ClassVar[bool] = True
    #: The optional parts of :class:`References` that the metric requires. If ``references`` is among them, segments
    #: without a reference are undefined.
    needs: ClassVar[frozenset[str]] = frozenset()
    #: The languages of sources and of outputs that the metric reads; None if it reads any.
    source_languages: ClassVar[frozenset[str] | None] = None
    output_languages: ClassVar[frozenset[str] | None] = None
    #: The kinds of task that the metric can score.
    kinds: ClassVar[frozenset[str]] = frozenset({"translation", "summary"})
    #: The kinds of findings that :meth:`explain` can return; empty if they are not fixed.
    finding_kinds: ClassVar[tuple[str, ...]] = ()
    #: Incremented whenever the same settings would produce different numbers than before.
    version: ClassVar[int] = 1
    #: Whether an empty output gets the worst score (see above). False for corpus metrics that reproduce a reference
    #: implementation (emptying a long, bad output may raise BLEU) and for metrics that describe outputs.
    empty_is_worst: ClassVar[bool] = True
    #: What intervals and tests are limited to, such as one judge and prompt; empty if nothing.
    scope: ClassVar[str] = ""
    #: Settings that change only how statistics are turned into scores, not the statistics themselves: metrics that
    #: differ only in these settings share rows.
    reading: ClassVar[frozenset[str]] = frozenset()
    #: Why ``--leave-one-out`` leaves the metric out; empty if it takes part.
    no_leave_one_out: ClassVar[str] = ""
    #: Time per character, in units of that of n-gram metrics; the number of processes depends on it.
    cost: ClassVar[int] = 1
    #: What the metric extracts from texts at some cost; one process scores all metrics that extract the same.
    extracts: ClassVar[str] = ""
    #: ``worker``: segments are scored in any process; ``main``: :meth:`statistics_of` is called in the main process.
    where: ClassVar[str] = "worker"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "score" in vars(cls) and not is_bundled(cls):
            cls.score = checked_score(cls.score)  # type: ignore[method-assign,assignment]

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            given = getattr(self, f.name)
            value = checked_setting(self.name, f, given)
            if value is not given:
                self._settle(**{f.name: value})

    def _settle(self, **values: Any) -> None:
        """Set attributes that follow from the settings, in ``__post_init__``."""
        for key, value in values.items():
            object.__setattr__(self, key, value)

    @property
    def caveat(self) -> str:
        """What is unexpected about these settings, for a list of metrics; usually empty."""
        return ""

    # -- the two functions ------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Names of the k statistics columns; fixed by the settings, never by data."""

    @abstractmethod
    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        """Rows for validated hypotheses, given the result of :meth:`prepare`."""

    @abstractmethod
    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Scores of summed statistics.

        :param statistics: float64[..., k], any number of leading axes; each row a sum over one or more segments.
        :returns: float64[...]; nan where the score is undefined.
        """

    def prepare(self, references: References) -> Any:
        """Preprocess the references once for all systems. The default returns them unchanged."""
        return references

    def statistics(self, hypotheses: Sequence[str], references: Any) -> Statistics:
        """One row per segment.

        :param hypotheses: n texts.
        :param references: n lists of reference texts (segment-major), or :class:`References`.
        :returns: float64[n, k]; row i depends only on hypothesis i, on the references of its segment and, for some
            metrics, on the sources of its article.
        :raises InputError: if hypotheses and references do not match.
        :raises SettingError: if a setting that depends on the language has not been resolved.
        """
        if references is None or isinstance(references, Sequence | Mapping | Set | int | float):
            given: Any = references
            texts = check_references(hypotheses, given)
            references = References(texts, lang="en")
        if isinstance(references, References):
            self.check_resolved()
            check_hypotheses(hypotheses)
            if len(references) != len(hypotheses):
                raise InputError(
                    f"{self.name}: {len(hypotheses)} hypotheses but references for {count(len(references), 'segment')}; "
                    "references[i] belongs to hypotheses[i]"
                )
            references = self.prepare(references)
        return self.prepared_statistics(hypotheses, references)

    def prepared_statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        """:meth:`statistics`, given the result of :meth:`prepare`.

        :raises InputError: if the metric does not return one row of numbers per segment.
        """
        rows = np.asarray(self._statistics(hypotheses, prepared))
        if rows.shape != (len(hypotheses), len(self.columns)):
            raise InputError(
                f"{self.name}: statistics of shape {rows.shape}, not {(len(hypotheses), len(self.columns))}"
            )
        if rows.dtype.kind not in "biuf":
            raise InputError(f"{self.name}: statistics of the type {rows.dtype}, not numbers")
        return rows

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        """Statistics of all systems at once, for metrics with ``where = "main"``.

        Used by metrics that cannot process one system at a time, such as a model that encodes each source once or a
        file of scores by system.

        :param outputs: by system, n texts.
        :param references: the references of all n segments of the task.
        :param runtime: device, stores and progress.
        :returns: for each system, its rows, failed judgments and findings.
        """
        explained = {system: self.explained_statistics(texts, references) for system, texts in outputs.items()}
        return {
            system: SystemStatistics(rows, findings=dict(enumerate(findings)))
            for system, (rows, findings) in explained.items()
        }

    def checked_statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> dict[str, SystemStatistics]:
        """The result of :meth:`statistics_of`, with rows of zeros for undefined segments.

        :raises InputError: if it is not what is documented.
        """
        bundled = is_bundled(type(self))
        try:
            given = self.statistics_of(MappingProxyType(dict(outputs)), references, runtime)
        except Exception as error:
            if bundled or isinstance(error, EvalkitError):
                raise
            raise InputError(f"{self.name}: statistics_of failed with {type(error).__name__}: {error}") from error
        return checked_statistics(self.name, len(self.columns), outputs, given, bundled=bundled)

    def check_range(self, scores: NDArray[np.float64]) -> None:
        """:raises InputError: if a score lies outside :attr:`range`, on which the bounds of comparisons and gates depend."""
        low, high = self.range
        slack = 1e-9 * max([1.0, *(abs(end) for end in (low, high) if math.isfinite(end))])
        for score in np.ravel(scores).tolist():
            if math.isfinite(score) and not low - slack <= score <= high + slack:
                raise InputError(f"{self.name}: the score {score:g} is outside range={self.range}; correct the range")

    def observed(self, runtime: Runtime) -> Metric:
        """The same metric with information known only after scoring, such as the model version of a server."""
        return self

    def explain(self, hypothesis: str, references: References, index: int) -> tuple[Finding, ...]:
        """Findings that explain the row of one segment. Most metrics return none."""
        return ()

    def explained_statistics(
        self, hypotheses: Sequence[str], references: References
    ) -> tuple[Statistics, list[tuple[Finding, ...]]]:
        """:meth:`statistics`, and what :meth:`explain` returns for each segment; metrics may compute both in one pass."""
        rows = self.prepared_statistics(hypotheses, self._prepared_once(references))
        return rows, [
            checked_findings(self.name, self.explain(text, references, i)) for i, text in enumerate(hypotheses)
        ]

    @property
    def is_mean(self) -> bool:
        """Whether the score is a mean over segments: a column of sums divided by the count in the last column."""
        k = len(self.columns)
        with np.errstate(all="ignore"):
            scores = self.score(
                np.array([[*[total] * (k - 1), count] for total, count in ((1, 1), (1, 2), (3, 4))], float)
            )
        return k > 1 and bool(np.allclose(scores, [1.0, 0.5, 0.75]))

    def check_ready(self, runtime: Runtime | None) -> None:  # noqa: B027 (most metrics need nothing)
        """Check that the packages, the model or the server that scoring needs can be used; called before any scoring.

        :param runtime: None before it is known: only packages are checked then.
        :raises SettingError: if a package or a setting of the runtime is missing.
        :raises InputError: if a model is missing.
        """

    def notes(self, total: Statistics) -> tuple[str, ...]:
        """Remarks on the scores of one system for the user, each without a final period.

        :param total: float64[k], the sum of the rows of the system.
        """
        return ()

    def row_of_score(self, score: float) -> Statistics:
        """float64[k]: the row of a segment with this score, for metrics that are means."""
        return np.array([score, 1.0])

    @property
    def gives_findings(self) -> bool:
        """Whether :meth:`explain` can return findings."""
        return type(self).explain is not Metric.explain

    def _prepared_once(self, references: References) -> Any:
        """The result of :meth:`prepare`, kept as long as the references, which it must therefore not refer to."""
        if type(self).prepare is Metric.prepare:
            return references  # which cannot be kept with themselves
        return kept_with(references, self.statistics_key(), lambda: self.prepare(references))

    # -- settings ---------------------------------------------------------------------------------------------------

    @checked
    def resolve(self, lang: str, defaults: Mapping[str, Any] | None = None) -> Metric:
        """The same metric with every open setting filled in.

        :param lang: target language.
        :param defaults: the benchmark's own values for settings that were left open.
        :raises SettingError: if a setting would score this language incorrectly; the message names the setting to use
            instead.
        """
        self._check_language("outputs", lang, self.output_languages)
        known = {f.name for f in dataclasses.fields(self)}
        chosen = {k: v for k, v in (defaults or {}).items() if k in known and getattr(self, k) is None}
        return dataclasses.replace(self, **chosen)._resolve(lang)

    def _resolve(self, lang: str) -> Metric:
        return self

    def check_languages(self, outputs: str, sources: str | None) -> None:
        """:raises SettingError: if outputs or sources are in a language that the metric does not read, or an unknown one."""
        self._check_language("outputs", outputs, self.output_languages)
        if sources is None and self.source_languages is not None:
            advice = "give it with --lang SRC-TGT (source_lang in Python), or leave the metric out"
            raise SettingError(f"{self} needs the language of the sources; {advice}")
        self._check_language("sources", sources, self.source_languages)

    def _check_language(self, texts: str, lang: str | None, known: frozenset[str] | None) -> None:
        if lang and known is not None and language(lang) not in known:
            raise SettingError(f"{self} reads {texts} in {' and '.join(sorted(known))}, not {lang}; leave it out")

    def check_resolved(self) -> None:
        """Refuse a metric of which a setting that depends on the language has not been resolved."""
        unresolved = [f.name for f in dataclasses.fields(self) if f.metadata.get("by_lang")]
        unresolved = [name for name in unresolved if getattr(self, name) is None]
        if unresolved:
            raise SettingError(
                f"{self.name}: {', '.join(unresolved)} depends on the target language; "
                f'call {self.name}.resolve("zh") or set it, or use evalkit.score(..., lang="zh")'
            )

    def settings(self, *, changed_only: bool = False) -> dict[str, Any]:
        """Settings by name, in the order of declaration."""
        values = {f: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {f.name: value for f, value in values.items() if not (changed_only and value == f.default)}

    def __str__(self) -> str:
        changed = ",".join(f"{k}={spell(v)}" for k, v in self.settings(changed_only=True).items())
        return f"{self.name}({changed})" if changed else self.name

    def signature(self) -> str:
        """Everything the score depends on; statistics with equal signatures may be added and compared."""
        settings = {k: spell(v) for k, v in self._signed().items() if v is not None and (k, v) != ("force", False)}
        return "|".join([self.name, *map(":".join, settings.items()), f"v:{self.version}"])

    def _signed(self) -> dict[str, Any]:
        return self.settings()

    def text_notes(self, outputs: Iterable[Iterable[str]]) -> Iterator[str]:
        """Yield facts about the outputs that a reader of the scores must know in addition to the signature."""
        return iter(())

    def statistics_key(self) -> str:
        """The signature without the settings that only affect how rows are turned into scores."""
        neutral = {f.name: f.default for f in dataclasses.fields(self) if f.name in self.reading}
        return dataclasses.replace(self, **neutral).signature()


_KEPT: WeakKeyDictionary[References, dict[Any, Any]] = WeakKeyDictionary()


def kept_with(references: References, key: Any, make: Callable[[], Any]) -> Any:
    """The value of ``make()``, computed once per key and kept as long as the references, which it must not refer to."""
    kept = _KEPT.setdefault(references, {})
    if key not in kept:
        kept[key] = make()
    return kept[key]


def mean_score(statistics: Statistics, part: int = 0, whole: int = 1) -> NDArray[np.float64]:
    """One column of the rows divided by another: float64[..., k] to float64[...]; nan where the second is 0.

    By default, the mean of rows (sum, count).
    """
    s = np.asarray(statistics, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: NDArray[np.float64] = s[..., part] / s[..., whole]
    return mean
