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
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import wraps
from types import MappingProxyType
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from evalkit.arguments import checked, plain
from evalkit.errors import EvalkitError, InputError, SettingError
from evalkit.files import tell
from evalkit.models.runtime import Runtime as Runtime
from evalkit.text.languages import language
from evalkit.text.references import References as References
from evalkit.wording import count, kind_of

Statistics = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """One observation about a hypothesis that explains its score.

    :param kind: for example ``missing``, ``added``, ``wrong-value``, ``contradicted``, ``cut-off``.
    :param severity: ``error``, ``warning`` or ``ok`` (an ``ok`` finding links a matched pair).
    :param message: one sentence for the user.
    :param source_span: half-open character span in the source, if any.
    :param output_span: half-open character span in the hypothesis, if any.
    :param key: the subject of the finding: a fact's id, a term, a quantity in normal form.
    """

    kind: str
    severity: str
    message: str
    source_span: tuple[int, int] | None = None
    output_span: tuple[int, int] | None = None
    key: str = ""


@dataclass(frozen=True, eq=False)
class SystemStatistics:
    """The statistics that a metric computed for one system.

    :param rows: float64[n, k], one row per segment; all zero where the judgment failed.
    :param undefined: the reason for each segment whose judgment failed, by segment index. Segments to which the metric
        does not apply are not included; their rows are zero.
    :param findings: the findings of the metric, by segment index.
    """

    rows: Statistics
    undefined: Mapping[int, str] = field(default_factory=dict)
    findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)


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
            cls.score = _checked_score(cls.score)  # type: ignore[method-assign,assignment]

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            given = getattr(self, f.name)
            value = _checked_setting(self.name, f, given)
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
            _check_hypotheses(hypotheses)
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
        try:
            given: Any = self.statistics_of(MappingProxyType(dict(outputs)), references, runtime)
        except Exception as error:
            if is_bundled(type(self)) or isinstance(error, EvalkitError):
                raise
            raise InputError(f"{self.name}: statistics_of failed with {type(error).__name__}: {error}") from error
        checked_of: dict[str, SystemStatistics] = {}
        for system, texts in outputs.items():
            statistics = given.get(system) if isinstance(given, Mapping) else None
            where, n = f"{self.name} of {system}" if system else self.name, len(texts)
            if not isinstance(statistics, SystemStatistics):
                raise InputError(f"{where}: statistics_of returned no SystemStatistics; return them for every system")
            rows = np.array(statistics.rows)
            if rows.shape != (n, len(self.columns)) or rows.dtype.kind not in "biuf":
                shown = f"statistics of shape {rows.shape} and type {rows.dtype}"
                raise InputError(f"{where}: {shown}, not numbers of shape {(n, len(self.columns))}")
            for what, by_segment in (("undefined", statistics.undefined), ("findings", statistics.findings)):
                known: Any = by_segment
                if not isinstance(known, Mapping) or not all(i in range(n) for i in known):
                    raise InputError(f"{where}: {what} must be a mapping by the index of segments, 0 to {n - 1}")
            undefined, findings = statistics.undefined, statistics.findings
            if not all(isinstance(reason, str) and reason for reason in undefined.values()):
                raise InputError(f"{where}: every undefined segment needs a reason")
            if not is_bundled(type(self)):
                findings = {int(i): self._checked_findings(of_segment) for i, of_segment in findings.items()}
            rows = rows.astype(np.float64)
            rows[list(undefined)] = 0.0
            checked_of[system] = SystemStatistics(rows, {int(i): why for i, why in undefined.items()}, findings)
        return checked_of

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
        return rows, [self._checked_findings(self.explain(text, references, i)) for i, text in enumerate(hypotheses)]

    def _checked_findings(self, findings: Any) -> tuple[Finding, ...]:
        """The findings of a segment, which another package made."""
        listed: tuple[Any, ...] = tuple(findings) if isinstance(findings, Iterable) else (findings,)
        for finding in listed:
            if not _is_sound(finding):
                advice = (
                    "give a tuple of Findings: texts, a severity of error, warning or ok, spans of two whole numbers"
                )
                raise InputError(f"{self.name}: {finding!r} is not a finding; {advice}")
        return listed

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


def _is_sound(finding: Any) -> bool:
    """Whether the values of a finding have the documented types."""
    if not isinstance(finding, Finding) or finding.severity not in ("error", "warning", "ok"):
        return False
    spans: list[Any] = [span for span in (finding.source_span, finding.output_span) if span is not None]
    whole = all(isinstance(span, tuple) and len(span) == 2 and {*map(type, span)} == {int} for span in spans)
    texts: list[Any] = [finding.kind, finding.message, finding.key]
    return all(isinstance(text, str) for text in texts) and whole and all(0 <= span[0] <= span[1] for span in spans)


def is_bundled(cls: type[Metric]) -> bool:
    """Whether a metric is one of evalkit's own."""
    return cls.__module__.startswith("evalkit.")


def _checked_score(score: Callable[[Any, Any], Any]) -> Callable[[Metric, Any], NDArray[np.float64]]:
    """The function ``score`` of a metric of another package, with its argument protected and its result checked."""

    @wraps(score)
    def call(metric: Metric, statistics: Any) -> NDArray[np.float64]:
        rows = np.asarray(statistics, dtype=np.float64).view()
        rows.flags.writeable = False
        try:
            with np.errstate(divide="ignore", invalid="ignore"):
                scores = np.asarray(score(metric, rows))
        except EvalkitError:
            raise
        except Exception as error:
            advice = "; it must not change its argument" if "read-only" in str(error) else ""
            raise InputError(f"{metric.name}: score failed with {type(error).__name__}: {error}{advice}") from error
        if scores.shape != rows.shape[:-1] or scores.dtype.kind not in "biuf":
            given = f"values of the type {scores.dtype} and shape {scores.shape}"
            expected = f"one number per row, of shape {rows.shape[:-1]}"
            raise InputError(f"{metric.name}: score returned {given} for rows of shape {rows.shape}, not {expected}")
        return scores.astype(np.float64, copy=False)

    return call


_KEPT: WeakKeyDictionary[References, dict[Any, Any]] = WeakKeyDictionary()


def kept_with(references: References, key: Any, make: Callable[[], Any]) -> Any:
    """The value of ``make()``, computed once per key and kept as long as the references, which it must not refer to."""
    kept = _KEPT.setdefault(references, {})
    if key not in kept:
        kept[key] = make()
    return kept[key]


def setting(
    default: Any = None,
    *,
    kind: type = str,
    choices: Sequence[Any] = (),
    low: float | None = None,
    high: float | None = None,
    by_lang: bool = False,
    open_to_callables: bool = False,
    doc: str,
) -> Any:
    """A field of a metric.

    :param default: the value if none is given; None leaves the setting open.
    :param kind: the type to which a value in a string is converted.
    :param choices: the allowed values; empty allows any.
    :param low: the lowest number allowed, ``high`` the highest.
    :param open_to_callables: whether a function may be given in place of a name.
    :param by_lang: whether None means "chosen by the target language".
    :param doc: one line for the list of a metric's settings.
    """
    facts = {"kind": kind, "choices": tuple(choices), "low": low, "high": high, "by_lang": by_lang}
    return field(default=default, metadata={**facts, "callable": open_to_callables, "doc": doc})


def mean_score(statistics: Statistics, part: int = 0, whole: int = 1) -> NDArray[np.float64]:
    """One column of the rows divided by another: float64[..., k] to float64[...]; nan where the second is 0.

    By default, the mean of rows (sum, count).
    """
    s = np.asarray(statistics, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: NDArray[np.float64] = s[..., part] / s[..., whole]
    return mean


def _checked_setting(metric: str, f: dataclasses.Field[Any], value: Any) -> Any:
    """The value in the type of the setting, so that equal metrics have equal signatures."""
    kind, choices = f.metadata.get("kind", object), f.metadata.get("choices", ())
    if (value is None and f.default is None) or (callable(value) and f.metadata.get("callable")):
        return value
    value = os.fspath(value) if kind is str and isinstance(value, os.PathLike) else plain(value)
    types = (int, float) if kind is float else kind
    if not isinstance(value, types) or (kind in (int, float) and isinstance(value, bool)):
        raise SettingError(f"{metric}: {f.name}={spell(value)} is not {_KINDS.get(kind, kind.__name__)}")
    if choices and value not in choices:
        raise SettingError(
            f"{metric}: {f.name}={spell(value)} is unknown; choose from {', '.join(map(spell, choices))}"
        )
    if kind not in (int, float):
        return value
    low, high = f.metadata.get("low"), f.metadata.get("high")
    if not abs(value) <= sys.float_info.max or (low is not None and value < low) or (high is not None and value > high):
        allowed = (
            "a number"
            if low is None
            else f"{low:g} or more"
            if high is None
            else f"a number between {low:g} and {high:,}"
        )
        raise SettingError(f"{metric}: {f.name}={spell(value)} is out of range; use {allowed}")
    return kind(value) + 0  # 0.0 instead of -0.0


_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a name"}


def spell(value: Any) -> str:
    """A setting's value, formatted for metric strings and signatures."""
    if isinstance(value, bool):
        return str(value).lower()
    if callable(value):
        return f"{getattr(value, '__module__', '?')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    return str(value)


def _check_listed(what: str, texts: Any, advice: str) -> None:
    if isinstance(texts, str | bytes) or not isinstance(texts, Sequence):
        raise InputError(f"{what} is {'one string' if isinstance(texts, str) else kind_of(texts)}; {advice}")


def _check_hypotheses(hypotheses: Sequence[Any]) -> None:
    _check_listed("hypotheses", hypotheses, "give a list with one text per segment")
    for i, text in enumerate(hypotheses):
        if not isinstance(text, str):
            raise InputError(f"hypotheses[{i}] is {type(text).__name__}, not a text")


def check_references(hypotheses: Sequence[str], references: Sequence[Any]) -> tuple[tuple[str, ...], ...]:
    """Validate segment-major references and return them as tuples.

    :raises InputError: for a string instead of a list, a wrong number of segments, transposed references (where this can be
        detected), or a value that is not a string.
    """
    _check_hypotheses(hypotheses)
    _check_listed("references", references, "give a list of lists: references[i] belongs to hypotheses[i]")
    n = len(hypotheses)
    if len(references) != n:
        if references and all(isinstance(r, Sequence) and not isinstance(r, str) and len(r) == n for r in references):
            raise InputError(
                f"references look transposed: {len(references)} lists of {n} texts for {n} hypotheses. references[i] "
                "must list the references of hypotheses[i]; use list(zip(*references))"
            )
        raise InputError(f"{n} hypotheses but references for {count(len(references), 'segment')}")
    rows: list[tuple[str, ...]] = []
    for i, refs in enumerate(references):
        listed = isinstance(refs, Iterable) and not isinstance(refs, str | bytes | Mapping)
        refs = tuple(refs) if listed else (refs,)
        if not refs:
            raise InputError(f"references[{i}] is empty; every segment needs at least one reference")
        # A null among other references (nan in pandas) is a missing one.
        present = tuple(text for text in refs if text is not None and text == text)
        for j, text in enumerate(present or refs):
            if not isinstance(text, str):
                advice = "" if present else "; leave out segments without a reference"
                raise InputError(f"references[{i}][{j}] is {type(text).__name__}, not a text{advice}")
        rows.append(present)
    if 1 < n <= _SQUARE and all(len(refs) == n for refs in rows) and _look_transposed(hypotheses, rows):
        tell(
            "references may be transposed: hypotheses[i] is more similar to references[...][i] than to "
            "references[i], which must list the references of hypotheses[i]"
        )
    return tuple(rows)


#: More references per segment than this are not expected.
_SQUARE = 20


def _look_transposed(hypotheses: Sequence[str], rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether n hypotheses are much more similar to the columns of n lists of n references than to the lists."""

    def bigrams(text: str) -> set[str]:
        return {text[i : i + 2] for i in range(len(text) - 1)}

    def similarity(references: Iterable[Iterable[str]]) -> float:
        pairs = [
            (bigrams(text), bigrams(ref)) for text, refs in zip(hypotheses, references, strict=True) for ref in refs
        ]
        return sum(len(a & b) / max(1, len(a | b)) for a, b in pairs) / len(pairs)

    given, transposed = similarity(rows), similarity(zip(*rows, strict=True))
    return transposed > given + 0.1 and transposed > 1.3 * given
