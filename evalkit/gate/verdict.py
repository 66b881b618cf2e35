"""The verdict of a gate as plain data for the reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from evalkit.results.task_results import Finding
from evalkit.wording import format_score


class State(Enum):
    """The state of a gate; the value is the word printed in reports."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    REFUSED = "refused"


class ChangeState(Enum):
    """The state of one score, most important first; the value is the phrase printed in reports."""

    WORSE = "worse"
    UNDEFINED = "undefined"
    UNTESTED = "too few units to test"
    INCONCLUSIVE = "inconclusive"
    WITHIN = "within max_drop"
    BETTER = "better"
    REPORTED = "reported, not gated"
    NEW = "new"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, eq=False, kw_only=True)
class Change:
    """The change in one score of one system, in the metric's units.

    :param scale: the highest possible score, for the number of decimals.
    :param allowed: the rule ``max_drop``.
    :param gated: whether that rule applies to this score; otherwise it is only reported.
    :param old: the corpus score of the baseline; ``new`` is that of the run. None where undefined.
    :param change_judged: the change on the segments judged in both runs, if some judgements failed; else None.
    :param low: lower bound of the change; ``high`` is the upper bound.
    :param bound: one-sided 95% upper bound of the drop.
    :param detectable: the smallest true difference that these data can detect with 80% power.
    :param p: two-sided, uncorrected, as reported by ``evalkit compare`` for the same pair; None if there is no test.
    :param min_p: the smallest p-value that the test can reach, 2 ** (1 - units that differ); 1 if no unit differs.
    :param p_corrected: the p-value corrected for all tests of the gate.
    :param units: the segments or articles that the test exchanges and that differ, in words.
    :param unjudged: the number of segments without a judgement in the run or the baseline; the test uses the others.
    :param worst_drop: the drop if the unjudged segments of the run get their worst score and those of the baseline
        their best; ``best_drop`` is the reverse.
    :param reason: an explanation of the state for the reader, if the state needs one.
    :param articles: current scores of the articles; ``articles_before`` are those of the baseline, None for a new
        system, and ``article_changes`` the changes on the segments judged in both runs.
    """

    task: str
    system: str
    metric: str
    higher_is_better: bool
    scale: float
    allowed: float
    gated: bool = True
    state: ChangeState = ChangeState.NEW
    old: float | None = None
    new: float | None = None
    change_judged: float | None = None
    low: float | None = None
    high: float | None = None
    bound: float | None = None
    detectable: float | None = None
    p: float | None = None
    min_p: float = 1.0
    p_corrected: float | None = None
    units: str = ""
    unjudged: int = 0
    worst_drop: float | None = None
    best_drop: float | None = None
    reason: str = ""
    articles: tuple[float | None, ...] = ()
    articles_before: tuple[float | None, ...] | None = None
    article_changes: tuple[float | None, ...] = ()

    @property
    def title(self) -> str:
        """The score in words: ``BLEU of mine on translate-en``."""
        return f"{self.metric} of {self.system} on {self.task}"

    def text(self, value: float | None) -> str:
        """Format a score of this metric, or a difference of two."""
        return format_score(value, self.scale, undefined="undefined")

    @property
    def change(self) -> float | None:
        """``new - old``; if some judgements failed, ``change_judged``."""
        if self.change_judged is not None:
            return self.change_judged
        return None if self.new is None or self.old is None else self.new - self.old

    @property
    def drop(self) -> float | None:
        """The amount by which the score got worse, whichever direction is better; negative if it improved."""
        return None if self.change is None else (-self.change if self.higher_is_better else self.change)

    @property
    def undecided(self) -> bool:
        """Whether the state of this gated score is inconclusive: ``max_drop`` is neither met nor broken."""
        return self.gated and self.state in (ChangeState.INCONCLUSIVE, ChangeState.UNTESTED)


@dataclass(frozen=True, eq=False)
class FindingChange:
    """The errors that one metric found in one system's outputs, compared with the baseline.

    :param new: errors that the baseline did not have, each with the number of its segment; those that fail a build on
        their own come first.
    :param resolved: the number of errors of the baseline that no longer occur.
    :param alone: how many of ``new`` are of kinds that fail a build on their own.
    :param p: p-value of the one-sided sign-flip test of (new - resolved) by article over the other kinds; None without
        a test.
    :param min_p: the smallest p-value that this test can reach.
    :param p_corrected: the p-value corrected for all tests of the gate.
    """

    task: str
    system: str
    metric: str
    new: tuple[tuple[int, Finding], ...]
    resolved: int
    alone: int = 0
    p: float | None = None
    min_p: float = 1.0
    p_corrected: float | None = None

    @property
    def undecided(self) -> bool:
        """Whether there are new errors that no rule decides on."""
        return len(self.new) > self.resolved


@dataclass(frozen=True)
class Breach:
    """A broken rule. ``metric`` and ``article`` are empty if the rule does not refer to one.

    :param kind: the kind or severity that a rule on findings counts; empty for errors with a span in the output.
    :param segments: ids of the segments to look at, if the rule names any.
    """

    rule: str
    task: str
    system: str
    metric: str
    article: str
    message: str
    kind: str = ""
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """A segment to show, because its score dropped most or because of its findings.

    :param before: the output of the baseline, if it has texts.
    """

    task: str
    system: str
    article: str
    segment: str
    why: str
    source: str
    reference: str
    output: str
    before: str | None = None
    new_error: bool = False


@dataclass(frozen=True, eq=False)
class Verdict:
    """The result of a gate.

    :param changes: one per task, system and metric, in the order of the run.
    :param notes: sentences for a reader, such as what the test could not show.
    :param articles: by task, the ids and titles of the articles, in the order of :attr:`Change.articles`.
    :param inconclusive_fails: whether the rule ``inconclusive = "fail"`` is set.
    """

    state: State
    headline: str = ""
    benchmark: str = ""
    changes: tuple[Change, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    breaches: tuple[Breach, ...] = ()
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    articles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    inconclusive_fails: bool = False

    @property
    def failed(self) -> bool:
        """Whether the build should fail: a rule is broken, or the gate is inconclusive and ``inconclusive = "fail"``."""
        return self.state is State.FAILED or (self.state is State.INCONCLUSIVE and self.inconclusive_fails)
