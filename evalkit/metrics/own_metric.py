"""Check what metrics of other packages return: their errors would otherwise become wrong numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import EvalkitError, InputError
from evalkit.metrics.finding import Finding, SystemStatistics


def is_bundled(cls: type) -> bool:
    """Whether a metric is one of evalkit's own."""
    return cls.__module__.startswith("evalkit.")


def checked_score(score: Callable[[Any, Any], Any]) -> Callable[[Any, Any], NDArray[np.float64]]:
    """The function ``score`` of a metric of another package, with its argument protected and its result checked."""

    @wraps(score)
    def call(metric: Any, statistics: Any) -> NDArray[np.float64]:
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


def checked_statistics(
    name: str, columns: int, outputs: Mapping[str, Sequence[str]], given: Any, *, bundled: bool
) -> dict[str, SystemStatistics]:
    """Return what ``statistics_of`` of a metric returned, with rows of zeros for undefined segments.

    :param columns: the number of columns of the metric's rows.
    :raises InputError: if it is not what is documented.
    """
    checked_of: dict[str, SystemStatistics] = {}
    for system, texts in outputs.items():
        statistics = given.get(system) if isinstance(given, Mapping) else None
        where, n = f"{name} of {system}" if system else name, len(texts)
        if not isinstance(statistics, SystemStatistics):
            raise InputError(f"{where}: statistics_of returned no SystemStatistics; return them for every system")
        rows = np.array(statistics.rows)
        if rows.shape != (n, columns) or rows.dtype.kind not in "biuf":
            shown = f"statistics of shape {rows.shape} and type {rows.dtype}"
            raise InputError(f"{where}: {shown}, not numbers of shape {(n, columns)}")
        for what, by_segment in (("undefined", statistics.undefined), ("findings", statistics.findings)):
            known: Any = by_segment
            if not isinstance(known, Mapping) or not all(i in range(n) for i in known):
                raise InputError(f"{where}: {what} must be a mapping by the index of segments, 0 to {n - 1}")
        undefined, findings = statistics.undefined, statistics.findings
        if not all(isinstance(reason, str) and reason for reason in undefined.values()):
            raise InputError(f"{where}: every undefined segment needs a reason")
        if not bundled:
            findings = {int(i): checked_findings(name, of_segment) for i, of_segment in findings.items()}
        rows = rows.astype(np.float64)
        rows[list(undefined)] = 0.0
        checked_of[system] = SystemStatistics(rows, {int(i): why for i, why in undefined.items()}, findings)
    return checked_of


def checked_findings(name: str, findings: Any) -> tuple[Finding, ...]:
    """Return the findings of a segment as a tuple.

    :raises InputError: if one of them is not a sound :class:`Finding`.
    """
    listed: tuple[Any, ...] = tuple(findings) if isinstance(findings, Iterable) else (findings,)
    for finding in listed:
        if not _is_sound(finding):
            advice = "give a tuple of Findings: texts, a severity of error, warning or ok, spans of two whole numbers"
            raise InputError(f"{name}: {finding!r} is not a finding; {advice}")
    return listed


def _is_sound(finding: Any) -> bool:
    """Whether the values of a finding have the documented types."""
    if not isinstance(finding, Finding) or finding.severity not in ("error", "warning", "ok"):
        return False
    spans: list[Any] = [span for span in (finding.source_span, finding.output_span) if span is not None]
    whole = all(isinstance(span, tuple) and len(span) == 2 and {*map(type, span)} == {int} for span in spans)
    texts: list[Any] = [finding.kind, finding.message, finding.key]
    return all(isinstance(text, str) for text in texts) and whole and all(0 <= span[0] <= span[1] for span in spans)
