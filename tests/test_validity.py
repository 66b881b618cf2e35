"""Systems that should not be recommended: more than half of their outputs are missing or were not judged."""

from __future__ import annotations

from evalkit.results.coverage import unusable_systems
from evalkit.results.task_results import TaskResults


def task(missing: dict[str, tuple[str, ...]], unjudged: dict[str, int]) -> TaskResults:
    reasons = {system: dict.fromkeys(range(count), "time-out") for system, count in unjudged.items()}
    return TaskResults(
        name="translate-en",
        lang="en",
        source_lang=None,
        kind="translation",
        fingerprint="",
        systems=("a", "b"),
        ids=tuple("01234"),
        articles=None,
        metrics=(),
        statistics={},
        missing=missing,
        undefined={"Judge": reasons} if reasons else {},
    )


def test_systems_without_most_outputs_or_judgements_are_unusable() -> None:
    assert unusable_systems(task({"a": ("0", "1", "2"), "b": ("0", "1")}, {})) == {0: "3 of 5 outputs are missing"}
    assert unusable_systems(task({}, {"a": 2, "b": 3})) == {1: "3 of 5 outputs were not judged by Judge"}
    both = unusable_systems(task({"a": ("0", "1", "2")}, {"a": 4}))
    assert both == {0: "3 of 5 outputs are missing"}
