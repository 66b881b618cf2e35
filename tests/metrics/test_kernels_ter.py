"""TER by rows of bits, plain and compiled, equals sacrebleu's edits, shifts, beam and limits included."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import ceil, floor, inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from kernel_texts import FULL, HARD, SEGMENT, SETS, public_set
from sacrebleu.metrics.lib_ter import translation_edit_rate
from sacrebleu.metrics.ter import TER as SacrebleuTER

from evalkit.metrics.base import References
from evalkit.metrics.kernels import ter_loops
from evalkit.metrics.kernels.routing import RoutedMetric
from evalkit.metrics.kernels.ter import _Table, edits
from evalkit.metrics.ter import TER

METRICS = [
    TER(normalized=False, asian=False),
    TER(normalized=True, asian=True),
    TER(normalized=True, asian=False, case=True, punctuation=False),
    TER(normalized=False, asian=True, punctuation=False, fold_width=True),
]
PATHS = [False, True]


def rows_of(
    metric: RoutedMetric, references: Sequence[Sequence[str]], hypotheses: Sequence[str], compiled: bool
) -> Any:
    return metric._source(References(tuple(map(tuple, references))), compiled=compiled).rows(hypotheses)


def theirs(metric: TER, hypotheses: Sequence[str], references: Sequence[tuple[str, ...]]) -> list[list[float]]:
    from evalkit.text.normalize import fold_width

    sacrebleu_metric = SacrebleuTER(
        normalized=bool(metric.normalized),
        asian_support=bool(metric.asian),
        no_punct=not metric.punctuation,
        case_sensitive=metric.case,
    )
    fold = fold_width if metric.fold_width else str
    rows = []
    for hypothesis, texts in zip(hypotheses, references, strict=True):
        info = sacrebleu_metric._extract_reference_info(
            [sacrebleu_metric._preprocess_segment(fold(text)) for text in texts]
        )
        rows.append(
            sacrebleu_metric._compute_segment_statistics(sacrebleu_metric._preprocess_segment(fold(hypothesis)), info)
        )
    return rows


def equal(metric: TER, hypotheses: Sequence[str], references: Sequence[tuple[str, ...]]) -> None:
    expected = theirs(metric, hypotheses, references)
    for compiled in PATHS:
        assert rows_of(metric, references, hypotheses, compiled).tolist() == expected, compiled


def both(hypothesis: Sequence[int], reference: Sequence[int]) -> None:
    expected = translation_edit_rate([str(w) for w in hypothesis], [str(w) for w in reference])[0]
    assert edits(hypothesis, reference) == expected
    text, other = " ".join(map(str, hypothesis)), " ".join(map(str, reference))
    assert rows_of(METRICS[0], ((other,),), [text], True)[0, 0] == expected


@pytest.mark.parametrize("metric", METRICS, ids=str)
@settings(max_examples=60)
@given(st.lists(SEGMENT, min_size=1, max_size=4))
def test_equals_sacrebleu_on_generated_text(metric: TER, segments: list[tuple[str, tuple[str, ...]]]) -> None:
    equal(metric, [h for h, _ in segments], [r for _, r in segments])


@pytest.mark.parametrize("metric", METRICS, ids=str)
def test_equals_sacrebleu_on_every_pair_of_hard_texts(metric: TER) -> None:
    pairs = [(h, (r,)) for h in HARD for r in HARD if len(h) + len(r) < 300]
    equal(metric, [h for h, _ in pairs], [r for _, r in pairs])


@pytest.mark.parametrize("name", SETS)
def test_equals_sacrebleu_on_public_outputs(shared_data: Path, name: str) -> None:
    references, systems = public_set(shared_data, name, step=101)
    metric = TER().resolve(SETS[name])
    assert isinstance(metric, TER)
    for number, hypotheses in enumerate(systems.values()):
        some = slice(None) if FULL else slice(number % 9, None, 18)  # sacrebleu takes up to a second a segment
        equal(metric, hypotheses[some], [refs[: 1 + number % 2] for refs in references[some]])


@settings(max_examples=150)
@given(st.lists(st.integers(0, 6), max_size=45), st.lists(st.integers(0, 6), max_size=45))
def test_few_different_words_make_many_shifts(hypothesis: list[int], reference: list[int]) -> None:
    both(hypothesis, reference)


@settings(max_examples=40)
@given(st.permutations(range(24)), st.integers(1, 24))
def test_permutations(words: list[int], kept: int) -> None:
    both(words[:kept], range(24))
    both(words, range(kept))


@pytest.mark.parametrize("seed", range(4))
def test_long_texts_where_beam_distance_and_candidates_are_limited(seed: int) -> None:
    draw = random.Random(seed)
    reference = [min(int(draw.expovariate(0.05)), 60 * (seed + 1)) for _ in range(draw.randrange(80, 150))]
    words = list(reference)
    for _ in range(draw.randrange(3, 12)):  # long moves, near and far
        a, length, b = draw.randrange(len(words)), draw.randrange(1, 15), draw.randrange(len(words))
        block = words[a : a + length]
        del words[a : a + length]
        words[b:b] = block
    words = [draw.randrange(60) if draw.random() < 0.15 else w for w in words if draw.random() < 0.9]
    both(words, reference)


@pytest.mark.parametrize("n", [1, 2, 5, 80])
@pytest.mark.parametrize("m", [1, 48, 49, 51, 97, 150])
def test_lengths_far_apart(n: int, m: int) -> None:
    draw = random.Random(n * 1000 + m)
    both([draw.randrange(9) for _ in range(n)], [draw.randrange(9) for _ in range(m)])


def test_a_word_of_no_reference_matches_no_word() -> None:
    assert edits([-1, -1, 1], [1, 2, 2]) == translation_edit_rate(["x", "y", "a"], ["a", "b", "b"])[0]


# -- the table against a naive one ------------------------------------------------------------------------------------


def naive_table(words: Sequence[int], reference: Sequence[int]) -> list[list[float]]:
    n, m = len(words), len(reference)
    beam = max(25, ceil(m / n / 2 + 25) if m / n / 2 > 25 else 25)
    table: list[list[float]] = [[float(j) for j in range(m + 1)]]
    for i in range(1, n + 1):
        row = [float("inf")] * (m + 1)
        diagonal = floor(i * (m / n))
        for j in range(max(0, diagonal - beam), m + 1 if i == n else min(m + 1, diagonal + beam)):
            ways = [table[i - 1][j] + 1]
            if j:
                ways += [table[i - 1][j - 1] + (words[i - 1] != reference[j - 1]), row[j - 1] + 1]
            row[j] = min(ways)
        table.append(row)
    return table


@settings(max_examples=150)
@given(st.data())
def test_rows_of_bits_are_the_cells_of_a_naive_table(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 120))
    m = data.draw(st.integers(1, min(200, 120 * n)))
    draw = random.Random(data.draw(st.integers(0, 10**6)))
    kinds = draw.choice([2, 5, 40])
    words, reference = ([draw.randrange(kinds) for _ in range(k)] for k in (n, m))
    naive = naive_table(words, reference)
    table = _Table("".join(map(chr, words)), "".join(map(chr, reference)))
    low = table._beam[0]
    for i in range(1, n + 1):
        up, down, edge, _, _ = table._rows[i]
        cells = [ter_loops.cell_value(up, down, edge, j - low[i]) for j in range(low[i], m + 1)]
        assert all(cell == value for cell, value in zip(cells, naive[i][low[i] :], strict=True) if value != inf), i
        assert set(naive[i][: low[i]]) <= {inf}
    assert table.distance == naive[n][m]
    trace = align, wrong_words, wrong_references = [0] * m, [0] * (n + 1), [0] * (m + 1)
    _, _, _, sames, mores = zip(*table._rows, strict=True)
    ter_loops.trace_back(table.words, table.reference, table._beam, sames, mores, trace)
    assert align == sorted(align)
    substitutions = wrong_words[-1] + wrong_references[-1] - naive[n][m]
    assert 0 <= substitutions <= min(n, m)


def test_no_segments() -> None:
    for compiled in PATHS:
        assert rows_of(METRICS[0], (), [], compiled).shape == (0, 2)


def test_references_are_tokenised_twice_as_in_sacrebleu() -> None:
    equal(METRICS[1], ["a.,1", "a . ,1", ""], [("a.,1",)] * 3)


def test_mean_reference_length_and_nearest_reference() -> None:
    for compiled in PATHS:
        rows = rows_of(METRICS[0], (("a b c d", "x", "a b"),), ["a b e"], compiled)
        assert rows.tolist() == [[1.0, np.mean([4, 1, 2])]]
