"""Extractive fragments against the procedure printed in the paper."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from evalkit.metrics.extractiveness import fragments, novel


def printed(article: list[str], summary: list[str]) -> list[tuple[int, int]]:
    """Figure 3 of Grusky et al. 2018, position by position."""
    found, i = [], 0
    while i < len(summary):
        best, j = 0, 0
        while j < len(article):
            if summary[i] == article[j]:
                k = 0
                while i + k < len(summary) and j + k < len(article) and summary[i + k] == article[j + k]:
                    k += 1
                best = max(best, k)
                j += k
            else:
                j += 1
        if best:
            found.append((i, i + best))
        i += max(best, 1)
    return found


def naive(article: list[str], summary: list[str]) -> list[tuple[int, int]]:
    """The longest run from each place, every pair of positions compared."""
    found, i = [], 0
    while i < len(summary):
        best = max(
            (
                k
                for j in range(len(article))
                for k in range(1, len(summary) - i + 1)
                if summary[i : i + k] == article[j : j + k]
            ),
            default=0,
        )
        if best:
            found.append((i, i + best))
        i += max(best, 1)
    return found


_TOKENS = st.lists(st.sampled_from("abc"), max_size=25)


@given(article=_TOKENS, summary=_TOKENS)
def test_fragments_are_the_longest_runs(article: list[str], summary: list[str]) -> None:
    assert fragments(summary, article) == naive(article, summary)


@pytest.mark.parametrize(
    ("article", "summary"),
    [
        ("the cat sat on the mat", "on the mat the cat sat"),
        ("farmers sold chestnuts in the city and farmers earned more", "farmers earned more in the city"),
        ("a b c d", "x y"),
        ("", "a"),
        ("a", ""),
    ],
)
def test_fragments_are_the_papers_where_no_run_overlaps_itself(article: str, summary: str) -> None:
    assert fragments(summary.split(), article.split()) == printed(article.split(), summary.split())


def test_novel_ngrams() -> None:
    assert novel("a b c a b".split(), "a b d".split(), 2) == (2, 4)
    assert novel("a b".split(), "a b d".split(), 3) == (0, 0)
    assert novel("a x x".split(), [], 1) == (3, 3)


def test_long_texts_are_read_in_linear_time() -> None:
    # Every pair of positions would be 10 ** 10 comparisons.
    assert fragments(["a"] * 100_000, ["a"] * 100_000 + ["b"]) == [(0, 100_000)]
