"""The figures of docs/facts.md are those that benchmarks/facts keeps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("benchmarks.facts.piles")

from benchmarks.facts import flags, new_findings, piles


def test_the_page_has_the_table_of_the_piles(repository: Path) -> None:
    page = (repository / "docs" / "facts.md").read_text(encoding="utf-8")
    assert f"<!-- piles -->\n{piles.markdown(piles.counts())}\n<!-- end of piles -->" in page
    assert {count.pile for count in piles.counts()} == set(piles.PILES)


def test_wilson_against_known_values() -> None:
    assert piles.interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-3)
    assert piles.interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-3)


def test_every_kind_of_error_has_a_row() -> None:
    if sys.version_info < (3, 11):
        pytest.skip("tomllib")
    import tomllib

    rows = tomllib.loads(new_findings.TABLE.read_text(encoding="utf-8"))["kinds"]
    wanted = [(metric, kind) for metric, kinds in new_findings.KINDS.items() for kind in kinds]
    assert [(row["metric"], row["kind"]) for row in rows] == wanted


def test_judged_flags_are_of_known_systems() -> None:
    right, judged = piles.judged_flags(flags.JUDGED)
    assert 0 < right < judged
    assert judged > 60
