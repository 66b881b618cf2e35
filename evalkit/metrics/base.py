"""What a metric is: two pure functions over rows of statistics that add up.

``statistics`` turns texts into one row of numbers per segment; ``score`` turns any sum of rows into a score. Every figure
evalkit reports is ``score(L @ statistics)`` for a linear map ``L``: the identity gives segment scores, rows of ones the
score of an article or the corpus, multinomial weights a bootstrap. Nothing outside a metric's file depends on how it is
computed.

A segment without a score is in one of three states:

- *not applicable*: nothing is asked there, such as no quantity in the source. Sources and references alone decide that, so
  it is the same for all systems and no part of coverage. Its row is zero.
- *failed because of the output* (empty, missing, a refusal): the worst score, with the largest weight that any output of
  the segment could have. Hence the law for every metric whose ``empty_is_worst`` is true: emptying or deleting an output
  never raises a corpus score.
- *failed because of the judge* (a time-out, a reply that cannot be read, a text too long for the model): undefined, with a
  zero row and its reason. Coverage is the share of the segments that are not undefined.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError, SettingError
from evalkit.models.runtime import Runtime
from evalkit.text.references import References

Statistics = NDArray[np.float64]

__all__ = ["Finding", "Metric", "References", "Runtime", "Statistics", "SystemStatistics"]


@dataclass(frozen=True)
class Finding:
    """One thing a metric found in one hypothesis: what the number alone does not say.

    :param kind: for example ``missing``, ``added``, ``wrong-value``, ``contradicted``, ``cut-off``.
    :param severity: ``error``, ``warning`` or ``ok`` (an ``ok`` finding links a matched pair).
    :param message: one sentence for a reader.
    :param source_span: half-open character span in the source, where there is one.
    :param output_span: half-open character span in the hypothesis, where there is one.
    :param key: what it is about: a fact's id, a term, a quantity in normal form.
    """

    kind: str
    severity: str
    message: str
    source_span: tuple[int, int] | None = None
    output_span: tuple[int, int] | None = None
    key: str = ""


@dataclass(frozen=True, eq=False)
class SystemStatistics:
    """What a metric computed for one system.

    :param rows: float64[n, k], one row per segment; all zero where the judgement failed.
    :param undefined: the reason for each segment whose judgement failed, by its index. A segment where the metric asks
        nothing is not in here: its row says so.
    :param findings: what the metric found, by the index of the segment.
    """

    rows: Statistics
    undefined: Mapping[int, str] = field(default_factory=dict)
    findings: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric(ABC):
    """A frozen value: a name and settings, and the two functions.

    Subclasses are frozen dataclasses whose fields are the settings, each with a default. A setting that is None is
    chosen by :meth:`resolve` from the target language; scoring takes a resolved metric.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    #: lowest and highest possible score.
    range: ClassVar[tuple[float, float]]
    higher_is_better: ClassVar[bool] = True
    #: which optional parts of :class:`References` the metric cannot do without; with ``references`` among them, segments
    #: without a reference are undefined.
    needs: ClassVar[frozenset[str]] = frozenset()
    #: the kinds of task that the metric can score.
    kinds: ClassVar[frozenset[str]] = frozenset({"translation", "summary"})
    #: raised whenever the same settings would give other numbers than before.
    version: ClassVar[int] = 1
    #: whether the law of :mod:`evalkit.metrics.base` holds: an empty output scores worst, with the largest weight that any
    #: output of its segment could have. False for corpus metrics that equal a reference implementation (emptying a long
    #: bad output may raise BLEU) and for metrics that describe outputs instead of judging them.
    empty_is_worst: ClassVar[bool] = True
    #: settings that change only how statistics are read, not the statistics: metrics alike but for these share rows.
    reading: ClassVar[frozenset[str]] = frozenset()
    #: ``worker``: segments are scored in any process; ``main``: :meth:`statistics_of` is called in the main process.
    where: ClassVar[str] = "worker"

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            _check_setting(self.name, f, getattr(self, f.name))

    # -- the two functions ------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Names of the k statistics columns; fixed by the settings, never by data."""

    @abstractmethod
    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        """Rows for checked hypotheses and what :meth:`prepare` returned."""

    @abstractmethod
    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Scores of summed statistics.

        :param statistics: float64[..., k], any number of leading axes; each row a sum over one or more segments.
        :returns: float64[...]; nan where the score is undefined.
        """

    def prepare(self, references: References) -> Any:
        """The reference side, worked on once for all systems. The default hands the references through."""
        return references

    def statistics(self, hypotheses: Sequence[str], references: Any) -> Statistics:
        """One row a segment.

        :param hypotheses: n texts.
        :param references: n lists of reference texts (segment-major), :class:`References`, or what :meth:`prepare`
            returned.
        :returns: float64[n, k]; row i depends on hypothesis i and on the references of its segment alone, or at most on
            the sources of its article.
        :raises InputError: where the two do not fit.
        :raises SettingError: where a setting that depends on the language was left open.
        """
        if isinstance(references, Sequence):
            texts = check_references(hypotheses, references)
            references = References(texts, lang=self._language_hint())
        if isinstance(references, References):
            self.check_resolved()
            if len(references) != len(hypotheses):
                raise InputError(
                    f"{self.name}: {len(hypotheses)} hypotheses but references for {len(references)} segments; "
                    "references[i] belongs to hypotheses[i]"
                )
            references = self.prepare(references)
        rows = self._statistics(hypotheses, references)
        if rows.shape != (len(hypotheses), len(self.columns)):
            raise InputError(
                f"{self.name}: statistics of shape {rows.shape}, not {(len(hypotheses), len(self.columns))}"
            )
        return rows

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        """Statistics of all systems at once, for metrics with ``where = "main"``.

        A model that encodes each source once, or a file of scores by system, cannot be asked one system at a time.

        :param outputs: by system, n texts.
        :param references: the reference side of all n segments of the task.
        :param runtime: device, stores and progress.
        :returns: for each system its rows, failed judgements and findings.
        """
        prepared = self.prepare(references)
        return {
            system: SystemStatistics(
                self.statistics(texts, prepared),
                findings={i: self.explain(text, references, i) for i, text in enumerate(texts)},
            )
            for system, texts in outputs.items()
        }

    def observed(self, runtime: Runtime) -> Metric:
        """The same metric with what only scoring could tell, such as the version that a server answered with."""
        return self

    def explain(self, hypothesis: str, references: References, index: int) -> tuple[Finding, ...]:
        """What stands behind the row of one segment, for a reader. Most metrics have nothing to say."""
        return ()

    @property
    def is_mean(self) -> bool:
        """Whether the score is a mean over segments: a column of sums over the last column, which counts."""
        k = len(self.columns)
        with np.errstate(all="ignore"):
            scores = self.score(
                np.array([[*[total] * (k - 1), count] for total, count in ((1, 1), (1, 2), (3, 4))], float)
            )
        return k > 1 and bool(np.allclose(scores, [1.0, 0.5, 0.75]))

    def notes(self, rows: Statistics) -> tuple[str, ...]:
        """What a reader of the scores of one system has to know, each without a full stop.

        :param rows: float64[n, k], the rows of the system.
        """
        return ()

    def row_of_score(self, score: float) -> Statistics:
        """float64[k]: the row of a segment with this score, of a metric that is a mean."""
        return np.array([score, 1.0])

    @property
    def gives_findings(self) -> bool:
        """Whether :meth:`explain` says anything."""
        return type(self).explain is not Metric.explain

    def _kept(self, references: References) -> Any:
        """What :meth:`prepare` returns, made once for as long as the references live; what :meth:`explain` starts from.

        A prepared side that holds the references themselves would keep them alive: return their parts instead.
        """
        kept = _KEPT.setdefault(references, {})
        key = self.statistics_key()
        if key not in kept:
            kept[key] = self.prepare(references)
        return kept[key]

    # -- settings ---------------------------------------------------------------------------------------------------

    def resolve(self, lang: str, defaults: Mapping[str, Any] | None = None) -> Metric:
        """The same metric with every open setting chosen.

        :param lang: target language.
        :param defaults: a benchmark's own choices, for settings left open.
        :raises SettingError: where a setting would score this language wrongly, with the setting to use instead.
        """
        known = {f.name for f in dataclasses.fields(self)}
        chosen = {k: v for k, v in (defaults or {}).items() if k in known and getattr(self, k) is None}
        return dataclasses.replace(self, **chosen)._resolve(lang)

    def _resolve(self, lang: str) -> Metric:
        return self

    def check_resolved(self) -> None:
        """:raises SettingError: if a setting still waits for a language."""
        open_ = [
            f.name for f in dataclasses.fields(self) if getattr(self, f.name) is None and f.metadata.get("by_lang")
        ]
        if open_:
            raise SettingError(
                f"{self.name}: {', '.join(open_)} depends on the target language; "
                f'call {self.name}.resolve("zh") or set it, or use evalkit.score(..., lang="zh")'
            )

    def _language_hint(self) -> str:
        return "en"

    def settings(self, *, changed_only: bool = False) -> dict[str, Any]:
        """Settings by name, in the order of declaration."""
        return {
            f.name: getattr(self, f.name)
            for f in dataclasses.fields(self)
            if not (changed_only and getattr(self, f.name) == f.default)
        }

    def __str__(self) -> str:
        changed = self.settings(changed_only=True)
        if not changed:
            return self.name
        return f"{self.name}({','.join(f'{k}={spell(v)}' for k, v in changed.items())})"

    def signature(self) -> str:
        """Everything the score depends on, in one string; statistics of equal signatures may be added and compared."""
        shown = {k: v for k, v in self.settings().items() if v is not None and (k, v) != ("force", False)}
        parts = [self.name, *(f"{k}:{spell(v)}" for k, v in shown.items())]
        return "|".join([*parts, f"v:{self.version}"])

    def statistics_key(self) -> str:
        """The signature without the settings that only change how rows are read."""
        neutral = {f.name: f.default for f in dataclasses.fields(self) if f.name in self.reading}
        return dataclasses.replace(self, **neutral).signature()


_KEPT: WeakKeyDictionary[References, dict[str, Any]] = WeakKeyDictionary()


def setting(
    default: Any = None,
    *,
    kind: type = str,
    choices: Sequence[Any] = (),
    by_lang: bool = False,
    open_to_callables: bool = False,
    doc: str,
) -> Any:
    """A field of a metric.

    :param kind: the type a value is read as when it is written in a string.
    :param choices: the only values allowed, if not empty .
    :param open_to_callables: a function may be given in place of a name.
    :param by_lang: None stands for "chosen by the target language".
    """
    return field(
        default=default,
        metadata={
            "kind": kind,
            "choices": tuple(choices),
            "by_lang": by_lang,
            "doc": doc,
            "callable": open_to_callables,
        },
    )


def mean_score(statistics: Statistics) -> NDArray[np.float64]:
    """Mean of rows (sum, count): float64[..., 2] to float64[...]; nan where the count is 0."""
    s = np.asarray(statistics, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: NDArray[np.float64] = s[..., 0] / s[..., 1]
    return mean


def _check_setting(metric: str, f: dataclasses.Field[Any], value: Any) -> None:
    kind, choices = f.metadata.get("kind", object), f.metadata.get("choices", ())
    if value is None and f.default is None:
        return
    if callable(value) and f.metadata.get("callable"):
        return
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise SettingError(f"{metric}: {f.name}={spell(value)} is not {_KINDS.get(kind, kind.__name__)}")
    if choices and value not in choices:
        raise SettingError(
            f"{metric}: {f.name}={spell(value)} is unknown; choose from {', '.join(map(spell, choices))}"
        )


_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a name"}


def spell(value: Any) -> str:
    """A setting's value as it is written in strings and signatures."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if callable(value):
        return f"{getattr(value, '__module__', '?')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    return str(value)


def check_references(hypotheses: Sequence[str], references: Sequence[Any]) -> tuple[tuple[str, ...], ...]:
    """Segment-major references as tuples.

    :raises InputError: a string where a list is meant, another number of segments, the transposed form where it can be
        told, something that is no text.
    """
    if isinstance(hypotheses, str):
        raise InputError("hypotheses is one string; give a list with one text a segment")
    n = len(hypotheses)
    for i, text in enumerate(hypotheses):
        if not isinstance(text, str):
            raise InputError(f"hypotheses[{i}] is {type(text).__name__}, not a text")
    if isinstance(references, str):
        raise InputError("references is one string; give a list of lists: references[i] belongs to hypotheses[i]")
    if len(references) != n:
        if references and all(isinstance(r, Sequence) and not isinstance(r, str) and len(r) == n for r in references):
            raise InputError(
                f"references look transposed: {len(references)} lists of {n} texts for {n} hypotheses. references[i] "
                "must list the references of hypotheses[i]; use list(zip(*references))"
            )
        raise InputError(f"{n} hypotheses but references for {len(references)} segments")
    rows: list[tuple[str, ...]] = []
    for i, refs in enumerate(references):
        refs = (refs,) if isinstance(refs, str) else tuple(refs)
        if not refs:
            raise InputError(f"references[{i}] is empty; every segment needs at least one reference")
        for j, text in enumerate(refs):
            if not isinstance(text, str):
                raise InputError(f"references[{i}][{j}] is {type(text).__name__}, not a text")
        rows.append(refs)
    return tuple(rows)
