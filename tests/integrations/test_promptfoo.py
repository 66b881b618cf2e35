"""The assertion for promptfoo: its file contract."""

from __future__ import annotations

import pytest

from evalkit.errors import EvalkitError
from evalkit.integrations.promptfoo_assert import get_assert


def context(metric: str, threshold: float, lang: str = "zh-en", **values: object) -> dict[str, object]:
    return {"vars": values, "config": {"metric": metric, "lang": lang, "threshold": threshold}}


def test_the_result_has_the_three_fields() -> None:
    found = get_assert("The cat sat.", context("chrF", 50, reference="The cat sat."))
    assert found == {"pass": True, "score": 1.0, "reason": "chrF is 100, the threshold is 50"}


def test_a_wrong_number_fails_with_its_message() -> None:
    values = {"source": "去年有420万人参加。", "reference": "Last year 4.2 million people took part."}
    found = get_assert("Last year 42 million people took part.", context("Quantities", 0.9, **values))
    assert found["pass"] is False
    assert "42" in found["reason"]


def test_lower_is_better_for_ter() -> None:
    good = get_assert("The cat sat.", context("TER", 20, reference="The cat sat."))
    poor = get_assert("dogs", context("TER", 20, reference="The cat sat."))
    assert (good["pass"], good["score"], poor["pass"]) == (True, 1.0, False)
    assert 0.0 <= poor["score"] < 1.0


@pytest.mark.parametrize(
    ("values", "config", "message"),
    [
        ({}, {"metric": "chrF", "lang": "en", "threshold": 1}, "needs the variable reference"),
        ({"reference": "x"}, {"metric": "Quantities", "lang": "zh-en", "threshold": 1}, "needs the variable source"),
        ({"reference": " "}, {"metric": "chrF", "lang": "en", "threshold": 1}, "the reference is blank"),
        (
            {"reference": 5},
            {"metric": "chrF", "lang": "en", "threshold": 1},
            r"references\[0\]\[0\] is int, not a text",
        ),
        (
            {"reference": "x"},
            {"metric": "chrF", "lang": "en", "threshold": "high"},
            "threshold is 'high', not a number",
        ),
        ({"reference": "x"}, {"metric": "chrF", "lang": "en", "threshold": "nan"}, "threshold is 'nan', not a number"),
        ({"reference": "x"}, {"metric": "chrF", "lang": "en"}, "config needs metric, lang and threshold"),
        ({"source": 5}, {"metric": "Quantities", "lang": "zh-en", "threshold": 1}, "the source is 5, not a text"),
        ({"source": "x"}, {"metric": "KeyFacts", "lang": "zh-en", "threshold": 1}, "needs facts, which a test cannot"),
        (
            {"source": "x"},
            {"metric": "Quantities(measure=recall)", "lang": "zh-en", "threshold": 1},
            "is undefined for this",
        ),
        ({"source": "x"}, {"metric": "Names", "lang": "de-en", "threshold": 1}, "reads sources in zh, not de"),
        ({"reference": "x"}, {"metric": "chrg", "lang": "en", "threshold": 1}, "did you mean chrF"),
    ],
)
def test_what_cannot_be_scored_is_an_error_and_not_zero(values: object, config: object, message: str) -> None:
    with pytest.raises(EvalkitError, match=message):
        get_assert("text", {"vars": values, "config": config})
