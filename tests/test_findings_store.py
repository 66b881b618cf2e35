"""Findings that are kept in a file are those that were put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.data import columns
from evalkit.engine.findings_store import FindingsWriter
from evalkit.metrics.base import Finding

SPANS = st.none() | st.tuples(st.integers(0, 50), st.integers(0, 50))
FINDINGS = st.builds(
    Finding, st.just("added"), st.just("error"), st.text(max_size=9), SPANS, SPANS, st.text(max_size=3)
)
SEGMENTS = st.lists(st.lists(FINDINGS, max_size=2).map(tuple), max_size=12)


@given(SEGMENTS, st.integers(0, 12), st.booleans())
def test_findings_in_a_file_and_in_memory_are_those_put_in(
    segments: list[tuple[Finding, ...]], cut: int, in_file: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "SPILL_BYTES", 0 if in_file else 1 << 20)
        writer = FindingsWriter(len(segments))
        # Shards may arrive in any order.
        writer.put(cut, segments[cut:])
        writer.put(0, segments[:cut])
        found = writer.column()
    assert bool(writer) == any(segments)
    assert isinstance(found, tuple) != (in_file and any(segments))
    assert list(found) == segments
    assert [found[i] for i in range(len(found))] == segments
    assert list(found[1:3]) == segments[1:3]
