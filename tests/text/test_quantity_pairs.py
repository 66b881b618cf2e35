"""Sentence pairs with one planted error each (``tests/written/quantity_pairs.yaml``), written before the code was read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from evalkit.text.quantities import align, extract

PAIRS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "written" / "quantity_pairs.yaml").read_text("utf-8")
)


def _errors(pair: dict[str, Any], text: str) -> Counter[tuple[str, str, str]]:
    source_lang, target_lang = pair["langs"].split("-")
    aligned = align(extract(pair["source"], source_lang), extract(text, target_lang), texts=(pair["source"], text))
    return Counter((p.verdict, str(p.source), str(p.output)) for p in aligned if p.severity == "error")


def test_planted_errors_are_detected() -> None:
    planted = [pair for pair in PAIRS if "wrong" in pair]
    detected = [pair for pair in planted if _errors(pair, pair["wrong"]) - _errors(pair, pair["sound"])]
    assert len(planted) == 73
    assert len(detected) >= 64, [pair["wrong"] for pair in planted if pair not in detected]


def test_correct_translations_have_few_false_positives() -> None:
    flagged = [pair["sound"] for pair in PAIRS if _errors(pair, pair["sound"])]
    assert len(flagged) <= 0, flagged
