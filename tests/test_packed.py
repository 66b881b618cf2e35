"""Packing and unpacking preserve values."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from evalkit.metrics.base import Finding
from evalkit.results.packed import (
    PackedFindings,
    PackedRows,
    PackedStatistics,
    pack_findings,
    smallest,
    unpack_findings,
)

SPANS = st.none() | st.tuples(st.integers(0, 50), st.integers(0, 50))
FINDINGS = st.builds(
    Finding, st.just("added"), st.just("error"), st.text(max_size=9), SPANS, SPANS, st.text(max_size=3)
)
SEGMENTS = st.lists(st.lists(FINDINGS, max_size=2).map(tuple), max_size=12)
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 255.0, 256.0, 65_536.0, 2.0**32, -1.0, 0.1, float("nan"), float("inf")])


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=12), st.data())
def test_packed_rows_are_the_same_bytes(values: list[tuple[float, float]], data: st.DataObject) -> None:
    rows = np.array([values, values[::-1]])
    cuts = sorted(data.draw(st.sets(st.integers(1, len(values)), max_size=4)) | {0, len(values)})
    packed = PackedRows(rows.shape)
    for s in (0, 1):
        # Blocks may arrive in any order.
        for a, b in data.draw(st.permutations(list(pairwise(cuts)))):
            packed.put(s, a, smallest(rows[s, a:b]))
    assert packed.array().tobytes() == rows.tobytes() == PackedStatistics.of({"x": rows})["x"].tobytes()
    start = data.draw(st.integers(0, len(values)))
    stop = data.draw(st.integers(start, len(values)))
    assert packed.read(1, start, stop).tobytes() == rows[1, start:stop].tobytes()


def test_counts_take_one_byte_and_are_unpacked_anew() -> None:
    rows = np.full((1, 5000, 2), 255.0)
    assert smallest(rows[0]).dtype.itemsize == 1
    assert [smallest(rows[0] + more).dtype.itemsize for more in (1, 65_536, 0.5)] == [2, 4, 8]
    statistics = PackedStatistics.of({"m": rows})
    statistics["m"][:] = 0
    np.testing.assert_array_equal(statistics["m"], rows)
    assert dict(statistics).keys() == {"m"}


@given(SEGMENTS, st.integers(0, 12))
def test_packed_findings_are_those_put_in(segments: list[tuple[Finding, ...]], cut: int) -> None:
    packed = PackedFindings(len(segments))
    # Shards may arrive in any order.
    for start, part in ((cut, segments[cut:]), (0, segments[:cut])):
        if part:
            packed.put(start, pack_findings(part))
    for findings in (packed, PackedFindings.of(segments)):
        assert findings == segments
        assert [findings[i] for i in range(-len(segments), len(segments))] == segments * 2
        assert findings[1:3] == segments[1:3]


@pytest.mark.parametrize("data", [b"", b"x", pack_findings([])[:-1], b"x\x9c\x8b\x8e\x05\x00\x01\x17\x00\xb9"])
def test_what_is_not_packed_findings_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not packed findings"):
        unpack_findings(data)
