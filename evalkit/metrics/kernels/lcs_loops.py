"""Compiled loops over sequences of numbers: longest common subsequences.

A negative number is a token that occurs in no reference. The bits of a word are positions in a hypothesis sentence,
lowest first. This file has no compiled imports, because numba's cache detects changes to a source file but not to its
imports.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evalkit.metrics.kernels.jit import compiled

Array = Any  # numpy arrays whose types numba works out by itself
Texts = Any  # tokens, sentences, texts; see union_lcs
Entries = Any  # which word of bits, its bits, and the next entry of the same token


@compiled
def zeros_before(row: Array, first: int, end: int) -> int:
    """How many of the lowest ``end`` bits of the words from ``row[first]`` on are 0."""
    zeros = 0
    word = first
    while end > 0:
        bits = ~row[word]
        if end < 64:
            bits &= (np.uint64(1) << np.uint64(end)) - np.uint64(1)
        bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
        bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
        bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        zeros += np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))
        word += 1
        end -= 64
    return zeros


@compiled
def lcs_step(row: Array, first: int, words: int, entry: int, entries: Entries) -> None:
    """One step of the longest common subsequence in words of bits (Hyyrö 2004): ``row = row + u | row - u`` for the
    positions ``u`` that are 1 in the row and hold the token. Words without such a position change by the carry alone.

    :param entry: the token's first entry; -1 for none.
    """
    at, bits, following = entries
    one = np.uint64(1)
    carry = np.uint64(0)
    word = 0
    while entry >= 0 or carry != 0:
        if carry == 0:
            word = at[entry]
        elif word >= words:
            break
        old = row[first + word]
        used = np.uint64(0)
        if entry >= 0 and at[entry] == word:
            used = old & bits[entry]
            entry = following[entry]
        total = old + used
        overflow = total < old
        total += carry
        overflow = overflow or total < carry
        row[first + word] = total | (old & ~used)
        carry = one if overflow else np.uint64(0)
        word += 1


@compiled
def longest(bounds: Array) -> int:
    """The length of the longest of the sequences with these bounds, at least 1."""
    most = 1
    for s in range(len(bounds) - 1):
        most = max(most, bounds[s + 1] - bounds[s])
    return most


@compiled
def index_positions(sentence: Array, heads: Array, entries: Entries) -> int:
    """Index the positions of each token of a hypothesis sentence by words of bits; return the number of entries."""
    at, bits, following = entries
    count = 0
    for i in range(len(sentence) - 1, -1, -1):
        token = sentence[i]
        if token < 0:
            continue
        bit = np.uint64(1) << np.uint64(i & 63)
        if heads[token] >= 0 and at[heads[token]] == i >> 6:
            bits[heads[token]] |= bit
        else:
            at[count] = i >> 6
            bits[count] = bit
            following[count] = heads[token]
            heads[token] = count
            count += 1
    return count


@compiled
def mark_path(sentence: Array, ref_sentence: Array, heads: Array, entries: Entries, rows: Array, marked: Array) -> None:
    """Mark the positions of a reference sentence that lie on the longest common subsequence with ``sentence``."""
    words = (len(sentence) + 63) // 64
    rows[:words] = ~np.uint64(0)
    for j in range(len(ref_sentence)):
        row = (j + 1) * words
        for w in range(words):
            rows[row + w] = rows[row - words + w]
        lcs_step(rows, row, words, heads[ref_sentence[j]], entries)
    i = len(sentence)
    j = len(ref_sentence)
    common = zeros_before(rows, j * words, i)
    while common > 0:
        if sentence[i - 1] == ref_sentence[j - 1]:
            i -= 1
            j -= 1
            common -= 1
            marked[j] = True
        elif zeros_before(rows, (j - 1) * words, i) < common:
            i -= 1
        else:
            j -= 1


@compiled
def union_lcs(hypotheses: Texts, owners: Array, references: Texts, first_ref: int, numbers: int) -> Array:
    """Hits of ROUGE-L and ROUGE-Lsum for hypothesis ``owners[i]`` against reference ``first_ref + i``: int64[pairs].

    For each reference sentence the positions that lie on a longest common subsequence with any hypothesis sentence; each
    token counts as often as the hypothesis has it. Which subsequence, of several as long, is that of
    ``rouge_score.rouge_scorer._backtrack_norec``: from the ends, a pair wherever the tokens are equal, else one back in the
    hypothesis where that keeps the length and one back in the reference does not, else one back in the reference.

    Text ``t`` has the sentences ``texts[t]`` to ``texts[t + 1]``, sentence ``s`` the tokens ``sentences[s]`` to
    ``sentences[s + 1]``; every token is less than ``numbers``. Texts of one sentence each (ROUGE-L) need no path, only its
    length.
    """
    hyp, hyp_sentences, hyp_texts = hypotheses
    ref, ref_sentences, ref_texts = references
    pairs = len(owners)
    out = np.zeros(pairs, np.int64)
    ref_texts = ref_texts[first_ref : first_ref + pairs + 1]
    longest_hyp = longest(hyp_sentences)
    cells = 1
    if longest(hyp_texts) > 1 or longest(ref_texts) > 1:
        longest_ref = longest(ref_sentences[ref_texts[0] : ref_texts[pairs] + 1])
        cells = (longest_ref + 1) * ((longest_hyp + 63) // 64)
    heads = np.full(numbers, -1, np.int64)
    left = np.zeros(numbers, np.int64)
    marked = np.empty(longest(ref_sentences[ref_texts]), np.bool_)
    entries = (np.empty(longest_hyp, np.int64), np.empty(longest_hyp, np.uint64), np.empty(longest_hyp, np.int64))
    rows = np.empty(cells + (longest_hyp + 63) // 64, np.uint64)
    for pair in range(pairs):
        a = hyp_texts[owners[pair]]
        b = hyp_texts[owners[pair] + 1]
        c = ref_texts[pair]
        d = ref_texts[pair + 1]
        ref_begin = ref_sentences[c]
        m = ref_sentences[d] - ref_begin
        ref_tokens = ref[ref_begin : ref_begin + m]
        marked[:m] = False
        for s in range(a, b):
            sentence = hyp[hyp_sentences[s] : hyp_sentences[s + 1]]
            if index_positions(sentence, heads, entries) == 0:
                continue
            if b - a == 1 and d - c == 1:
                words = (len(sentence) + 63) // 64
                rows[:words] = ~np.uint64(0)
                for j in range(m):
                    lcs_step(rows, 0, words, heads[ref_tokens[j]], entries)
                out[pair] = zeros_before(rows, 0, len(sentence))
            else:
                for t in range(c, d):
                    start = ref_sentences[t] - ref_begin
                    end = ref_sentences[t + 1] - ref_begin
                    mark_path(sentence, ref_tokens[start:end], heads, entries, rows, marked[start:end])
            for i in range(len(sentence)):
                if sentence[i] >= 0:
                    heads[sentence[i]] = -1
                    left[sentence[i]] += 1
        for j in range(m):
            if marked[j] and left[ref_tokens[j]] > 0:
                left[ref_tokens[j]] -= 1
                out[pair] += 1
        for i in range(hyp_sentences[a], hyp_sentences[b]):
            if hyp[i] >= 0:
                left[hyp[i]] = 0
    return out
