"""What the sentences of a verdict say, by hand."""

from __future__ import annotations

from evalkit.gate.baseline import Baseline
from evalkit.gate.examples import _listed
from evalkit.gate.messages import new_systems, score_format


def test_the_first_five_new_systems_are_named_and_the_others_counted() -> None:
    chosen: dict[str, str | None] = {"old": "old", **dict.fromkeys("abcde")}
    note = "not in the baseline, checked against floors and findings alone: a, b, c, d, e"
    assert list(new_systems(chosen, Baseline("b", ()))) == [f"{note}."]
    assert list(new_systems({**chosen, "f": None}, Baseline("b", ()))) == [f"{note} and 1 more."]
    assert not list(new_systems(chosen, None))


def test_scores_have_three_decimals_on_a_scale_to_one() -> None:
    assert [score_format(scale)(0.12345) for scale in (1.0, 100.0)] == ["0.123", "0.12"]
    assert score_format(1.0)(None) == "undefined"


def test_the_first_three_findings_of_a_segment_are_listed_and_the_others_counted() -> None:
    assert _listed(list("abc")) == "a; b; c"
    assert _listed(list("abcde")) == "a; b; c (and 2 more)"
