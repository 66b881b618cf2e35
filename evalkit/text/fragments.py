"""The share of a summary copied from its article (Grusky et al. 2018, Newsroom, https://aclanthology.org/N18-1065)."""

from __future__ import annotations

from collections.abc import Sequence


def fragments(summary: Sequence[str], article: Sequence[str]) -> list[tuple[int, int]]:
    """The extractive fragments of a summary: from left to right, always the longest run that occurs in the article.

    :returns: half-open ranges of summary tokens, in order, not overlapping. Takes linear time in both lengths, whereas
        the paper's procedure compares every pair of positions.
    """
    if not article:
        return []
    lengths = _longest(summary, article)
    spans: list[tuple[int, int]] = []
    i = 0
    while i < len(summary):
        if lengths[i]:
            spans.append((i, i + lengths[i]))
        i += max(1, lengths[i])
    return spans


def novel(summary: Sequence[str], article: Sequence[str], n: int) -> tuple[int, int]:
    """The number of n-grams of a summary that do not occur in the article, and the number of all n-grams."""
    known = {tuple(article[i : i + n]) for i in range(len(article) - n + 1)}
    grams = [tuple(summary[i : i + n]) for i in range(len(summary) - n + 1)]
    return sum(gram not in known for gram in grams), len(grams)


def _longest(summary: Sequence[str], article: Sequence[str]) -> list[int]:
    """For each position of the summary, the length of the longest run from there that occurs in the article.

    Uses a suffix automaton of the reversed article, which reads the summary backwards.
    """
    steps: list[dict[str, int]] = [{}]
    links, lengths = [-1], [0]
    last = 0
    for token in reversed(article):
        new = len(steps)
        steps.append({})
        lengths.append(lengths[last] + 1)
        links.append(0)
        state = last
        while state >= 0 and token not in steps[state]:
            steps[state][token] = new
            state = links[state]
        if state >= 0:
            target = steps[state][token]
            if lengths[target] == lengths[state] + 1:
                links[new] = target
            else:
                clone = len(steps)
                steps.append(dict(steps[target]))
                lengths.append(lengths[state] + 1)
                links.append(links[target])
                while state >= 0 and steps[state].get(token) == target:
                    steps[state][token] = clone
                    state = links[state]
                links[target] = links[new] = clone
        last = new
    longest = [0] * len(summary)
    state = length = 0
    for i in range(len(summary) - 1, -1, -1):
        token = summary[i]
        while state and token not in steps[state]:
            state = links[state]
            length = lengths[state]
        if token in steps[state]:
            state = steps[state][token]
            length += 1
        longest[i] = length
    return longest
