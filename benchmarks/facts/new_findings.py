"""How often a kind of error finding appears in one correct translation and not in another of the same text.

Such findings are false alarms, or slips of a human translator. The gate lets a new finding fail a build alone only where
its kind gives almost none of them. The counts are written to ``evalkit/gate/new_findings.toml``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.facts.sets import Rewording
from evalkit.errors import SettingError
from evalkit.metrics import METRICS
from evalkit.metrics.base import Finding, Metric, References

TABLE = Path(__file__).parents[2] / "evalkit" / "gate" / "new_findings.toml"

#: every kind of error finding, so that those which were never seen have a row of zeros.
KINDS = {
    "Quantities": ("missing", "added", "wrong-value", "wrong-unit", "wrong-qualifier"),
    "Terms": ("missing-term", "rejected-term", "added-name"),
    "Names": ("wrong-name",),
    "KeyFacts": ("contradicted-fact",),
    "Health": (
        "empty", "refusal", "wrong-language", "source-copied", "untranslated", "prompt-residue", "cut-off", "repetition",
        "length", "unbalanced",
    ),
}  # fmt: skip

HEADER = """\
# New error findings between two correct translations of the same text, by metric and kind of finding.
# segments: segments compared (each pair of translations in both directions); flags: error findings in the second
# translation that the first does not have. Written by: python -m benchmarks.facts new-findings DATA
"""


def count(rewordings: Iterable[Rewording]) -> dict[tuple[str, str], tuple[int, int]]:
    """New error findings and segments, by metric and kind."""
    flags: Counter[tuple[str, str]] = Counter()
    segments: Counter[str] = Counter()
    for rewording in rewordings:
        for name in KINDS:
            metric = METRICS[name]()
            if any(getattr(rewording.judged[0], part) is None for part in metric.needs):
                continue
            try:
                metric = metric.resolve(rewording.judged[0].lang)
            except SettingError:
                continue
            if name == "Names" and rewording.judged[0].source_lang != "zh":
                continue
            segments[name] += len(rewording.after)
            for i, pair in enumerate(zip(rewording.before, rewording.after, strict=True)):
                before, after = (
                    Counter(errors(metric, text, references, i))
                    for text, references in zip(pair, rewording.judged, strict=True)
                )
                flags.update((name, kind) for kind, _ in (after - before).elements())
    unknown = {pair for pair in flags if pair[1] not in KINDS[pair[0]]}
    if unknown:
        raise SystemExit(f"findings of an unknown kind: {sorted(unknown)}; add them to KINDS")
    return {(name, kind): (flags[name, kind], segments[name]) for name, kinds in KINDS.items() for kind in kinds}


def errors(metric: Metric, text: str, references: References, i: int) -> list[tuple[str, str]]:
    """Kind and key of each error finding of one output."""
    findings: Iterable[Finding] = metric.explain(text, references, i)
    return [(finding.kind, finding.key) for finding in findings if finding.severity == "error"]


def recorded(path: Path = TABLE) -> dict[tuple[str, str], tuple[int, int]]:
    """The counts that the package keeps."""
    import tomllib

    rows = tomllib.loads(path.read_text(encoding="utf-8"))["kinds"]
    return {(row["metric"], row["kind"]): (row["flags"], row["segments"]) for row in rows}


def toml(counts: dict[tuple[str, str], tuple[int, int]]) -> str:
    """The table as the package keeps it."""
    rows = [
        f'[[kinds]]\nmetric = "{metric}"\nkind = "{kind}"\nflags = {flags}\nsegments = {segments}\n'
        for (metric, kind), (flags, segments) in counts.items()
    ]
    return "\n".join([HEADER, *rows])


def markdown(counts: dict[tuple[str, str], tuple[int, int]]) -> str:
    """The same for a reader, as findings per 1,000 segments."""
    rows = ["| metric | kind of finding | new findings | segments | per 1,000 segments |", "|---|---|---:|---:|---:|"]
    for (metric, kind), (flags, segments) in counts.items():
        rate = f"{1000 * flags / segments:.2f}" if segments else "–"
        rows.append(f"| `{metric}` | {kind} | {flags} | {segments:,} | {rate} |")
    return "\n".join(rows)
