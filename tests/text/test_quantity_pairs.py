"""Sentence pairs with one planted error each (``tests/written/quantity_pairs*.yaml``), written before the code was read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.text.quantities import align, extract

WRITTEN = Path(__file__).parents[1] / "written"


def _errors(pair: dict[str, Any], text: str) -> Counter[tuple[str, str, str]]:
    source_lang, target_lang = pair["langs"].removesuffix("TW").split("-")
    aligned = align(extract(pair["source"], source_lang), extract(text, target_lang), texts=(pair["source"], text))
    return Counter((p.verdict, str(p.source), str(p.output)) for p in aligned if p.severity == "error")


@pytest.mark.parametrize(
    ("name", "planted", "least_detected", "most_flagged"),
    [
        ("quantity_pairs", 73, 64, 0),
        ("quantity_pairs_2", 100, 88, 5),
        ("quantity_pairs_3", 120, 105, 0),
        ("quantity_pairs_4", 130, 114, 7),
    ],
)
def test_planted_errors_are_detected_in_correct_translations(
    name: str, planted: int, least_detected: int, most_flagged: int
) -> None:
    pairs: list[dict[str, Any]] = yaml.safe_load((WRITTEN / f"{name}.yaml").read_text("utf-8"))
    wrong = [pair for pair in pairs if "wrong" in pair]
    detected = [pair for pair in wrong if _errors(pair, pair["wrong"]) - _errors(pair, pair["sound"])]
    flagged = [pair["sound"] for pair in pairs if _errors(pair, pair["sound"])]
    assert len(wrong) == planted
    assert len(detected) >= least_detected, [pair["wrong"] for pair in wrong if pair not in detected]
    assert len(flagged) <= most_flagged, flagged
