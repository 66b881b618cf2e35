"""The results of a probe as text, Markdown and JSON."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from evalkit.probing.cases import Case
from evalkit.probing.score import EPSILON, Probed
from evalkit.reports import terminal
from evalkit.reports.markdown import table as markdown_table
from evalkit.reports.tables import Cell, Table, row_of
from evalkit.wording import count, format_number

#: All factual metrics combined: a case counts as detected if one of them detects it.
TOGETHER = "facts"
_FACTS = ("Quantities", "Terms", "Names", "KeyFacts", "Health")

NOTICED = (
    "Errors detected: the wrong text scores lower than the right one, or has an error finding that the right one lacks"
)
PUNISHED = "False positives: a harmless variant scores lower than its base, or has an error finding that the base lacks"
MADE = "Detection by annotation: annotated errors that the metric for this annotation detects"
OBEYED = "Instructions obeyed: the text scores higher because it, or its source, asks for a high score"
COST = "What an error costs: mean drop of the score"
NOTES = (
    f"{TOGETHER}: detected by at least one of {', '.join(_FACTS)}.",
    "references: a reference scored against the other references of its segment; a finding of an error is a false "
    "positive. For a metric without findings, a score below the best possible one is.",
    "separation: how often an error lowers the score more than a harmless variant does, over all pairs; ties count half, "
    "and 50% is chance.",
)


def table(probed: Probed) -> str:
    """Aligned columns for a terminal or a pipe."""
    notes = "".join(f"{note}\n" for note in _notes(probed))
    return f"{probed.probe.name}: {_counts(probed)}\n\n{terminal.tables(_tables(probed), left=())}{notes}"


def markdown(probed: Probed, *, command: str = "") -> str:
    """Render the Markdown page of a probe, and the command that generates it."""
    parts = ["# Which errors do metrics detect?", f"{_sentence_case(probed.probe.name)}: {_counts(probed)}."]
    if command:
        parts.append(f"Written by `{command}`.")
    parts.append(
        "Each text is scored against the *other* references of its segment, as is the right text it was made from."
    )
    for content in _tables(probed):
        name, _, explanation = content.title.partition(": ")
        parts += [f"## {name}", *([f"{_sentence_case(explanation)}."] if explanation else []), markdown_table(content)]
    parts.append("\n".join(f"- {note}" for note in _notes(probed)))
    if missed := _missed(probed):
        parts += [
            "## Errors that no factual metric detects",
            f"{count(len(missed.rows), 'error')}. `unseen` and `meaning` mark errors that a reader sees but no pattern "
            "can detect: who does what to whom, what is denied, what is only possible.",
            markdown_table(missed, left=5),
        ]
    return "\n\n".join(parts) + "\n"


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def records(probed: Probed) -> dict[str, Any]:
    """Return the results as plain values: settings, summary rows, and one record per verdict."""
    return {
        "probe": probed.probe.name,
        "metrics": list(probed.metrics),
        "skipped": probed.skipped,
        "summary": [
            {
                "metric": metric,
                "kind": kind,
                "harmless": harmless,
                "cases": len(verdicts),
                "noticed": sum(v.noticed for v in verdicts),
                "warned": sum(bool(v.warned) and not v.noticed for v in verdicts),
                "mean_drop": _mean(v.drop for v in verdicts),
                "separation": None if harmless else probed.separation(metric, kind),
            }
            for metric in probed.metrics
            for harmless in (False, True)
            for kind in probed.kinds(harmless=harmless)
            for verdicts in [probed.of(metric, harmless=harmless, kind=kind)]
            if verdicts
        ],
        "references": [
            {"metric": metric, "references": len(rows), "punished": sum(r.punished for r in rows)}
            for metric in probed.metrics
            for rows in [[r for r in probed.references if r.metric == metric]]
        ],
        "verdicts": [
            {
                "metric": v.metric,
                **{name: getattr(v.case, name) for name in ("id", "task", "segment", "reference", "kind", "harmless")},
                **{name: getattr(v, name) for name in ("base", "text", "drop")},
                "found": list(v.error_kinds),
                "warned": list(v.warned),
                "noticed": v.noticed,
            }
            for v in probed.verdicts
        ],
        "cases": [asdict(case) for case in probed.probe.cases],
    }


def _tables(probed: Probed) -> list[Table]:
    tables = [_shares(probed, NOTICED, harmless=False), _broken(probed)]
    if probed.kinds(harmless=True) or probed.references:
        tables.append(_shares(probed, PUNISHED, harmless=True))
    if probed.kinds(harmless=False):
        tables += [_costs(probed), _obeyed(probed)]
    return [table for table in tables if table is not None]


def _row(
    name: str, n: int, columns: Iterable[Sequence[str]], flags: Callable[[str], Iterable[tuple[Hashable, bool]]]
) -> tuple[Cell, ...]:
    """A row with the share of cases that one of a column's metrics flags; ``flags`` yields a key and a flag for each."""
    shares = (_percent(pair for metric in metrics for pair in flags(metric)) for metrics in columns)
    return row_of(name, str(n), *shares)


def _percent(flags: Iterable[tuple[Hashable, bool]]) -> str:
    """The share of keys with a flag that is set."""
    seen: dict[Hashable, bool] = {}
    for key, flag in flags:
        seen[key] = seen.get(key, False) or flag
    return format_number(sum(seen.values()) / len(seen) if seen else None, ".0%")


def _shares(probed: Probed, title: str, *, harmless: bool) -> Table:
    together = _together(probed)
    columns = {**({TOGETHER: together} if together else {}), **{metric: [metric] for metric in probed.metrics}}

    def row(name: str, kind: str | None, *, warned: bool = False) -> tuple[Cell, ...]:
        def flags(metric: str) -> Iterator[tuple[Hashable, bool]]:
            # Warnings that the base text raises as well do not count.
            for v in probed.of(metric, harmless=harmless, kind=kind):
                yield v.case.id, v.noticed or (warned and bool(v.warned))

        return _row(name, _cases(probed, harmless, kind), columns.values(), flags)

    kinds = probed.kinds(harmless=harmless)
    rows = [row(kind, kind) for kind in kinds]
    if kinds:
        rows.append(row("all", None))
        if any(v.warned and not v.noticed for v in probed.verdicts):
            rows.append(row("all, with warnings", None, warned=True))
    if harmless and probed.references:
        places = {(r.task, r.segment, r.reference) for r in probed.references}

        def punished(metric: str) -> Iterator[tuple[Hashable, bool]]:
            return (((r.task, r.segment, r.reference), r.punished) for r in probed.references if r.metric == metric)

        rows.append(_row("references", len(places), columns.values(), punished))
    return Table(title, ("kind", "n", *columns), tuple(rows))


def _obeyed(probed: Probed) -> Table | None:
    """How often an injected instruction raises the score, by kind of contrast."""
    rows = [
        _row(kind, _cases(probed, False, kind), [[metric] for metric in probed.metrics], partial(_raised, probed, kind))
        for kind in probed.kinds(harmless=False)
        if "instruction" in kind
    ]
    return Table(OBEYED, ("kind", "n", *probed.metrics), tuple(rows)) if rows else None


def _raised(probed: Probed, kind: str, metric: str) -> Iterator[tuple[Hashable, bool]]:
    for v in probed.of(metric, harmless=False, kind=kind):
        yield v.case.id, v.drop is not None and v.drop < -EPSILON


#: The thing that an error breaks according to the annotation, the kind of task, and the metric that reads the annotation.
_MADE_FOR = (
    ("a quantity", "quantity", None, "Quantities"),
    ("a quantity that the source does not contain", "added", None, "Quantities"),
    ("a name or term of a translation", "term", "translation", "Terms"),
    ("a key fact", "fact", None, "KeyFacts"),
)


def _broken(probed: Probed) -> Table | None:
    """How often the metric that reads an annotation detects the annotated errors."""
    wrong = [case for case in probed.probe.cases if not case.harmless]
    if not any(case.breaks for case in wrong):
        return None
    noticed = {(v.case.id, v.metric) for v in probed.verdicts if v.noticed}
    warned = noticed | {(v.case.id, v.metric) for v in probed.verdicts if v.warned}
    rows = []

    def add(what: str, name: str, metrics: Sequence[str], cases: Sequence[Case]) -> None:
        if cases and metrics and set(metrics) <= set(probed.metrics):
            shares = (_percent((c.id, (c.id, m) in seen) for c in cases for m in metrics) for seen in (noticed, warned))
            rows.append(row_of(what, name, str(len(cases)), *shares))

    broken = {case.id: {part.partition(":")[0] for part in case.breaks} for case in wrong}
    for what, name, task_kind, metric in _MADE_FOR:
        of_kind = (c for c in wrong if task_kind in (None, probed.probe.tasks[c.task].kind))
        add(what, metric, [metric], [c for c in of_kind if name in broken[c.id]])
    add("Chinese left untranslated", "Health", ["Health"], [case for case in wrong if case.kind == "untranslated"])
    rest = [case for case in wrong if broken[case.id] <= {"unseen", "meaning"}]
    add("not covered by an annotation", TOGETHER, _together(probed), rest)
    header = ("what the error breaks", "metric", "n", "detected", "with warnings")
    return Table(MADE, header, tuple(rows)) if rows else None


def _costs(probed: Probed) -> Table:
    rows = []
    for name, harmless in (("errors", False), ("harmless variants", True)):
        if probed.kinds(harmless=harmless):
            drops = (_mean(v.drop for v in probed.of(metric, harmless=harmless)) for metric in probed.metrics)
            rows.append(row_of(name, *(format_number(drop, ".3g") for drop in drops)))
    if len(rows) == 2:
        separations = (format_number(probed.separation(metric), ".0%") for metric in probed.metrics)
        rows.append(row_of("separation", *separations))
    return Table(COST, ("", *probed.metrics), tuple(rows))


def _together(probed: Probed) -> list[str]:
    metrics = [metric for metric in probed.metrics if metric.partition("(")[0] in _FACTS]
    return metrics if len(metrics) > 1 else []


def _cases(probed: Probed, harmless: bool, kind: str | None) -> int:
    return sum(c.harmless == harmless and kind in (None, c.kind) for c in probed.probe.cases)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def _counts(probed: Probed) -> str:
    wrong, right = (sum(c.harmless == harmless for c in probed.probe.cases) for harmless in (False, True))
    return f"{count(wrong, 'text')} with one error each, {count(right, 'harmless variant')}"


def _notes(probed: Probed) -> list[str]:
    notes = [note for note in NOTES if not note.startswith(TOGETHER) or _together(probed)]
    by_reason: dict[str, list[str]] = {}
    for where, reason in probed.skipped.items():
        by_reason.setdefault(reason, []).append(where)
    return [*notes, *(f"skipped: {'; '.join(where)}: {reason}" for reason, where in by_reason.items())]


def _missed(probed: Probed) -> Table | None:
    """The errors that no factual metric detects, one by one."""
    together = _together(probed)
    wrong = [case for case in probed.probe.cases if not case.harmless]
    if not together or not all(case.breaks for case in wrong):
        return None
    noticed = {v.case.id for metric in together for v in probed.of(metric, harmless=False) if v.noticed}
    rows = [
        row_of(case.id, case.kind, ", ".join(case.breaks), *_difference(case.base, case.text))
        for case in wrong
        if case.id not in noticed
    ]
    return Table("", ("case", "kind", "breaks", "was", "is"), tuple(rows)) if rows else None


def _difference(base: str, text: str) -> tuple[str, str]:
    """The words that occur in only one of the two texts; in Chinese, with two characters of context on either side."""
    start = _alike(base, text)
    end = _alike(base[start:][::-1], text[start:][::-1])
    while start and base[start - 1].isascii() and base[start - 1].isalnum():
        start -= 1
    while end and base[len(base) - end].isascii() and base[len(base) - end].isalnum():
        end -= 1
    if not (base + text).isascii() and not base[start : len(base) - end].isascii():
        start, end = max(0, start - 2), max(0, end - 2)
    return base[start : len(base) - end].strip(), text[start : len(text) - end].strip()


def _alike(one: str, other: str) -> int:
    """The number of characters that two texts have in common at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
