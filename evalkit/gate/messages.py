"""What a verdict says in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from evalkit.gate import verdict as states
from evalkit.gate.baseline import Baseline
from evalkit.gate.rules import Rules
from evalkit.gate.verdict import Breach, Change
from evalkit.results.pair_text import p_equation

__all__ = ["counted", "fresh_systems", "headline", "notes_on", "shower"]


def shower(scale: float) -> Callable[[float | None], str]:
    """How scores of a scale are written: three decimals on a scale to 1, else two."""

    def shown(value: float | None) -> str:
        if value is None:
            return "undefined"
        return f"{value:.3f}" if scale <= 1.0 else f"{value:.2f}"

    return shown


def headline(changes: Sequence[Change], breaches: Sequence[Breach]) -> str:
    """The verdict in one line."""
    if breaches:
        more = f", and {len(breaches) - 1} more" if len(breaches) > 1 else ""
        return f"gate failed: {breaches[0].message}{more}"
    compared = [c for c in changes if c.state != states.NEW]
    better = [c for c in compared if c.state == states.BETTER]
    allowed = [c for c in compared if c.state == states.WORSE_ALLOWED]
    if not compared:
        return f"gate passed: no baseline to compare with, {counted(len(changes), 'score')} within the rules"
    parts: list[str] = []
    if better:
        best = min(better, key=lambda c: 1.0 if c.p is None else c.p)
        shown = shower(best.scale)
        more = f" and {len(better) - 1} more" if len(better) > 1 else ""
        parts.append(
            f"better: {best.metric} of {best.system} on {best.task}, {shown(best.old)} to {shown(best.new)}"
            f" ({p_equation(1.0 if best.p is None else best.p)}){more}"
        )
    if allowed:
        parts.append(f"{counted(len(allowed), 'score')} worse, within what is allowed")
    if not parts:
        tested = [c for c in compared if c.state == states.NO_EVIDENCE]
        same = sum(c.state == states.UNCHANGED for c in compared)
        untested = sum(c.state == states.UNTESTABLE for c in compared)
        details = [
            f"{count} {what}"
            for count, what in ((len(tested), "tested"), (same, "unchanged"), (untested, "with too little to test"))
            if count
        ]
        parts.append(f"no evidence of a change in {counted(len(compared), 'score')} ({', '.join(details)})")
    return f"gate passed: {'; '.join(parts)}"


def counted(count: int, what: str) -> str:
    """``1 score``, ``2 scores``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def notes_on(changes: Sequence[Change], rules: Rules) -> Iterator[str]:
    """What a reader must know about the tests: what they could not show, and how they were made."""
    for task in dict.fromkeys(c.task for c in changes):
        untested = [c for c in changes if c.task == task and c.state == states.UNTESTABLE]
        if untested:
            fallen = [c for c in untested if c.drop is not None and c.drop > c.allowed]
            seen = f" {counted(len(fallen), 'score')} fell by more than max_drop allows without it." if fallen else ""
            yield (
                f"{task}: {untested[0].reason}, so no drop can be told from noise there and max_drop cannot fail."
                f"{seen} Floors (corpus_min, article_min), max_article_drop and the rules on findings still hold."
            )
    tests = sum(c.p is not None for c in changes)
    if tests:
        yield (
            f"p-values of {counted(tests, 'test')} by approximate randomisation ({rules.trials} trials), corrected together "
            f"after Holm; a change is told from noise at {rules.alpha:g}."
        )


def fresh_systems(chosen: Mapping[str, str | None], baseline: Baseline | None) -> Iterator[str]:
    """Which systems had nothing to be compared with."""
    fresh = [name for name, old in chosen.items() if old is None]
    if baseline is not None and fresh:
        more = f" and {len(fresh) - 5} more" if len(fresh) > 5 else ""
        yield f"not in the baseline, checked against floors and findings alone: {', '.join(fresh[:5])}{more}."
