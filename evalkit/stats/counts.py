"""Exact tests of counts: properties that only one of two systems has, and new and resolved findings."""

import numpy as np
from numpy.typing import ArrayLike

from evalkit.errors import InputError
from evalkit.stats.student import incomplete_beta


def mcnemar_p(first: ArrayLike, second: ArrayLike) -> float:
    """The exact McNemar test: do two systems differ in how often a segment has a property, such as a missing output?

    Only segments on which the systems differ count; under the null hypothesis each of them is equally likely to go either
    way.

    Source: McNemar 1947, Psychometrika 12; the exact binomial form. Reproduces R's ``binom.test(3, 13)``: p = .0923.

    :param first: bool[n]; ``second`` likewise.
    :returns: the two-sided p-value; 1 if nothing differs.
    """
    a, b = (np.asarray(properties, dtype=bool) for properties in (first, second))
    if a.ndim != 1 or a.shape != b.shape:
        raise InputError(f"properties of shape {a.shape} and {b.shape}; give two equally long lists")
    only_first, only_second = int((a & ~b).sum()), int((b & ~a).sum())
    fewer, total = min(only_first, only_second), only_first + only_second
    # P(X <= fewer) for X binomial with probability one half.
    tail = incomplete_beta(total - fewer, fewer + 1, 0.5, 0.5) if total else 1.0
    return min(1.0, 2.0 * tail)


def sign_flip_p(changes: ArrayLike) -> float:
    """One-sided p-value that the sum of changes is above 0: the share of sign flips whose sum is at least the observed one.

    Meant for findings: ``changes`` is the number of new findings minus the number of resolved ones of each article. Under
    the null hypothesis a change of an article is as likely in either direction. The distribution of the sum over all 2**n
    sign flips is computed exactly, from its characteristic function ``prod(cos(change * t))``.

    :param changes: int[units], such as one number per article.
    :returns: 1 if nothing changed; never below 2**-m with m units that changed.
    """
    values = np.asarray(changes)
    whole = values.astype(np.int64) if values.size else np.zeros(0, np.int64)
    if values.ndim != 1 or not np.array_equal(whole, values):
        raise InputError("the changes must be a flat list of whole numbers, one per article")
    sizes, counts = np.unique(np.abs(whole[whole != 0]), return_counts=True)
    if not len(sizes):
        return 1.0
    reach = int((sizes * counts).sum())
    # Sums lie in -reach to reach and have the parity of reach; (sum + reach) / 2 takes the values 0 to reach.
    period = reach + 1
    angle = np.pi * np.arange(period) / period
    transform = np.exp(1j * angle * reach)
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        transform *= np.cos(angle * size) ** count
    # E[exp(i t (S + reach) / 2)] at t = 2 * angle; the inverse transform gives the probabilities.
    probabilities = np.fft.fft(transform).real / period
    at_least = float(probabilities[(int(whole.sum()) + reach) // 2 :].sum())
    return float(np.clip(at_least, 2.0 ** -min(int(counts.sum()), 1000), 1.0))
