"""Compiled loops over sequences of numbers: shared n-grams and longest common subsequences.

Sequence ``r`` is ``values[bounds[r]:bounds[r + 1]]``; a number below zero stands for a token that no reference has. Bits of a
word stand for positions of the reference, lowest first. This file stands alone: numba notices a changed source file, not a
changed import.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evalkit.metrics.kernels.jit import compiled

Array = Any  # numpy arrays whose types numba works out by itself


@compiled
def slot_bits(entries: int) -> int:
    """How many bits address a table at most half full."""
    bits = 3
    while (1 << bits) < 2 * entries:
        bits += 1
    return bits


@compiled
def first_slot(key: Any, bits: int) -> Any:
    """Where a key's search begins in a table of ``2 ** bits`` slots (Fibonacci hashing)."""
    return np.int64((np.uint64(key) * np.uint64(11400714819323198485)) >> np.uint64(64 - bits))


@compiled
def shared_ngrams(
    hyp: Array, hyp_bounds: Array, owners: Array, ref: Array, ref_bounds: Array, groups: Array, order: int
) -> Array:
    """For each n-gram order, how many n-grams of a hypothesis are in its references, each counted as often as in the one
    reference that has it most often (clipped counts, as in BLEU, chrF and ROUGE-N).

    An n-gram is numbered by the number of its first n - 1 tokens and its last token, so every comparison is of integers and
    exact. One small table a group and order, cleared by raising ``stamp``.

    :param owners: int64[g]: which hypothesis belongs to a group of references.
    :param groups: int64[g + 1]: group i holds the reference sequences ``groups[i]`` to ``groups[i + 1]``.
    :returns: int64[g, order].
    """
    out = np.zeros((len(owners), order), np.int64)
    most_ref = 0
    most_hyp = 0
    for g in range(len(owners)):
        most_ref = max(most_ref, ref_bounds[groups[g + 1]] - ref_bounds[groups[g]])
        most_hyp = max(most_hyp, hyp_bounds[owners[g] + 1] - hyp_bounds[owners[g]])
    size = 1 << slot_bits(most_ref)
    keys = np.empty(size, np.uint64)
    numbers = np.empty(size, np.int32)
    stamps = np.zeros(size, np.int64)
    stamp = 0
    ref_labels = np.empty(most_ref, np.int32)
    hyp_labels = np.empty(most_hyp, np.int32)
    allowed = np.empty(most_ref, np.int32)
    here = np.empty(most_ref, np.int32)
    last = np.empty(most_ref, np.int64)
    for g in range(len(owners)):
        begin = ref_bounds[groups[g]]
        length = ref_bounds[groups[g + 1]] - begin
        hyp_begin = hyp_bounds[owners[g]]
        hyp_length = hyp_bounds[owners[g] + 1] - hyp_begin
        if length == 0 or hyp_length == 0:
            continue
        bits = slot_bits(length)
        mask = (1 << bits) - 1
        for n in range(order):
            stamp += 1
            count = 0
            for r in range(groups[g], groups[g + 1]):
                for p in range(ref_bounds[r], ref_bounds[r + 1] - n):
                    i = p - begin
                    key = np.uint64(ref[p + n])
                    if n > 0:
                        key |= np.uint64(ref_labels[i]) << np.uint64(32)
                    slot = first_slot(key, bits)
                    while stamps[slot] == stamp and keys[slot] != key:
                        slot = (slot + 1) & mask
                    if stamps[slot] != stamp:
                        stamps[slot] = stamp
                        keys[slot] = key
                        numbers[slot] = count
                        allowed[count] = 0
                        here[count] = 0
                        last[count] = r
                        count += 1
                    label = numbers[slot]
                    ref_labels[i] = label
                    if last[label] != r:
                        last[label] = r
                        here[label] = 0
                    here[label] += 1
                    if here[label] > allowed[label]:
                        allowed[label] = here[label]
            if count == 0:
                break
            matched = 0
            for i in range(hyp_length - n):
                token = hyp[hyp_begin + i + n]
                if token < 0 or (n > 0 and hyp_labels[i] < 0):
                    hyp_labels[i] = -1
                    continue
                key = np.uint64(token)
                if n > 0:
                    key |= np.uint64(hyp_labels[i]) << np.uint64(32)
                slot = first_slot(key, bits)
                while stamps[slot] == stamp and keys[slot] != key:
                    slot = (slot + 1) & mask
                if stamps[slot] != stamp:
                    hyp_labels[i] = -1
                    continue
                label = numbers[slot]
                hyp_labels[i] = label
                if allowed[label] > 0:
                    allowed[label] -= 1
                    matched += 1
            out[g, n] = matched
            if matched == 0:
                break
    return out
