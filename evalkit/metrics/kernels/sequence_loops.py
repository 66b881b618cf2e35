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
def sorted_suffixes(values: Array, bounds: Array, groups: Array, order: int) -> tuple[Array, Array]:
    """An index of the n-grams of references: what :func:`shared_ngrams` walks.

    :param groups: int64[g + 1]: group i holds the sequences ``groups[i]`` to ``groups[i + 1]``.
    :param order: longest n-gram.
    :returns: the sequences with -1 after each, so that position ``p`` of sequence ``r`` is now ``p + r``; and for each group,
        from ``bounds[groups[i]]`` on, its positions in the order of what stands there, ``order`` numbers deep. The places of
        an n-gram thus lie side by side, and those of a longer one that begins with it within them.
    """
    ended = np.empty(len(values) + len(bounds) - 1, np.int32)
    places = np.empty(len(values), np.int32)
    for r in range(len(bounds) - 1):
        for p in range(bounds[r], bounds[r + 1]):
            ended[p + r] = values[p]
            places[p] = p + r
        ended[bounds[r + 1] + r] = -1
    other = np.empty(len(values), np.int32)
    for g in range(len(groups) - 1):
        begin = bounds[groups[g]]
        end = bounds[groups[g + 1]]
        # Short runs by insertion, then merged two by two.
        run = 8
        for low in range(begin, end, run):
            for k in range(low + 1, min(low + run, end)):
                place = places[k]
                j = k - 1
                while j >= low and comes_before(ended, place, places[j], order):
                    places[j + 1] = places[j]
                    j -= 1
                places[j + 1] = place
        while run < end - begin:
            for low in range(begin, end, 2 * run):
                middle = min(low + run, end)
                high = min(low + 2 * run, end)
                i = low
                j = middle
                for k in range(low, high):
                    if j == high or (i < middle and not comes_before(ended, places[j], places[i], order)):
                        other[k] = places[i]
                        i += 1
                    else:
                        other[k] = places[j]
                        j += 1
                for k in range(low, high):
                    places[k] = other[k]
            run *= 2
    return ended, places


@compiled
def comes_before(ended: Array, a: int, b: int, order: int) -> bool:
    """Whether what stands at ``a`` sorts before what stands at ``b``."""
    for d in range(order):
        if ended[a + d] != ended[b + d]:
            return bool(ended[a + d] < ended[b + d])
        if ended[a + d] < 0:
            break
    return False


@compiled
def shared_ngrams(
    hyp: Array,
    hyp_bounds: Array,
    owners: Array,
    ended: Array,
    places: Array,
    bounds: Array,
    groups: Array,
    numbers: int,
    order: int,
) -> Array:
    """For each n-gram order, how many n-grams of a hypothesis are in its references, each counted as often as in the one
    reference that has it most often (clipped counts, as in BLEU, chrF and ROUGE-N).

    :param owners: int64[g]: which hypothesis belongs to a group of references.
    :param ended: the references, and
    :param places: their order, from :func:`sorted_suffixes` with at least this order.
    :param bounds: bounds of the references before that.
    :param groups: int64[g + 1]: group i holds the reference sequences ``groups[i]`` to ``groups[i + 1]``.
    :param numbers: every number is less than this.
    :returns: int64[g, order].
    """
    out = np.zeros((len(owners), order), np.int64)
    longest = 0
    for g in range(len(owners)):
        longest = max(longest, bounds[groups[g + 1]] - bounds[groups[g]])
    # Where the places of a single number begin and end, if its group is this one.
    low = np.empty(numbers, np.int64)
    high = np.empty(numbers, np.int64)
    group = np.full(numbers, -1, np.int64)
    room = np.empty(longest * order, np.int32)
    for g in range(len(owners)):
        begin = bounds[groups[g]]
        end = bounds[groups[g + 1]]
        hyp_end = hyp_bounds[owners[g] + 1]
        several = groups[g + 1] - groups[g] > 1
        length = end - begin
        for k in range(begin, end):
            number = ended[places[k]]
            if group[number] != g:
                group[number] = g
                low[number] = k
            high[number] = k + 1
        room[: length * order] = -1
        for i in range(hyp_bounds[owners[g]], hyp_end):
            number = hyp[i]
            if number < 0 or group[number] != g:
                continue
            a = low[number]
            b = high[number]
            d = 0
            while True:
                # The n-gram of d + 1 numbers from i on stands at places a to b. How often may it still be counted?
                at = d * length + a - begin
                left = room[at]
                if left < 0:
                    left = b - a
                    if several and left > 1:
                        left = most_in_one(places, a, b, bounds, groups[g], groups[g + 1])
                if left > 0:
                    out[g, d] += 1
                    left -= 1
                room[at] = left
                d += 1
                if d == order or i + d == hyp_end:
                    break
                number = hyp[i + d]
                if number < 0:
                    break
                if b - a > 8:
                    a = first_place(ended, places, a, b, d, number)
                else:
                    while a < b and ended[places[a] + d] < number:
                        a += 1
                if a == b or ended[places[a] + d] != number:
                    break
                if b - a > 8:
                    b = first_place(ended, places, a, b, d, number + 1)
                else:
                    c = a + 1
                    while c < b and ended[places[c] + d] == number:
                        c += 1
                    b = c
    return out


@compiled
def first_place(ended: Array, places: Array, a: int, b: int, d: int, number: int) -> int:
    """The first of the sorted places a to b with at least this number ``d`` further on."""
    while a < b:
        middle = (a + b) // 2
        if ended[places[middle] + d] < number:
            a = middle + 1
        else:
            b = middle
    return a


@compiled
def most_in_one(places: Array, a: int, b: int, bounds: Array, first: int, end: int) -> int:
    """Of the places a to b, how many lie in the one sequence that has most of them."""
    most = 0
    for r in range(first, end):
        count = 0
        for k in range(a, b):
            if bounds[r] + r <= places[k] < bounds[r + 1] + r:
                count += 1
        most = max(most, count)
    return most


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
def lcs_step(row: Array, first: int, words: int, entry: int, at: Array, bits: Array, following: Array) -> None:
    """One step of the longest common subsequence in words of bits (Hyyrö 2004): ``row = row + u | row - u`` for the
    positions ``u`` that are 1 in the row and hold the token. Words without such a position change by the carry alone.

    :param entry: the token's first entry in ``at`` (which word), ``bits`` and ``following``; -1 for none.
    """
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
def union_lcs(
    hyp: Array,
    hyp_sentences: Array,
    hyp_texts: Array,
    owners: Array,
    ref: Array,
    ref_sentences: Array,
    ref_texts: Array,
    first_ref: int,
    numbers: int,
) -> Array:
    """Hits of ROUGE-L and ROUGE-Lsum for hypothesis ``owners[i]`` against reference ``first_ref + i``: int64[pairs].

    For each reference sentence the positions that lie on a longest common subsequence with any hypothesis sentence; each
    token counts as often as the hypothesis has it. Which subsequence, of several as long, is that of
    ``rouge_score.rouge_scorer._backtrack_norec``: from the ends, a pair wherever the tokens are equal, else one back in the
    hypothesis where that keeps the length and one back in the reference does not, else one back in the reference.

    Text ``t`` has the sentences ``texts[t]`` to ``texts[t + 1]``, sentence ``s`` the tokens ``sentences[s]`` to
    ``sentences[s + 1]``; every token is less than ``numbers``. Texts of one sentence each (ROUGE-L) need no path, only its
    length.
    """
    pairs = len(owners)
    out = np.zeros(pairs, np.int64)
    most_hyp = 1
    most_ref = 1
    longest_hyp = 1
    cells = 1
    for i in range(pairs):
        a = hyp_texts[owners[i]]
        b = hyp_texts[owners[i] + 1]
        most_hyp = max(most_hyp, hyp_sentences[b] - hyp_sentences[a])
        widest = 1
        for s in range(a, b):
            widest = max(widest, hyp_sentences[s + 1] - hyp_sentences[s])
        longest_hyp = max(longest_hyp, widest)
        c = ref_texts[first_ref + i]
        d = ref_texts[first_ref + i + 1]
        most_ref = max(most_ref, ref_sentences[d] - ref_sentences[c])
        for s in range(c, d):
            length = ref_sentences[s + 1] - ref_sentences[s] if b - a > 1 or d - c > 1 else 0
            cells = max(cells, (length + 1) * ((widest + 63) // 64))
    local = np.empty(numbers, np.int32)
    seen = np.full(numbers, -1, np.int64)
    ref_ids = np.empty(most_ref, np.int32)
    hyp_ids = np.empty(most_hyp, np.int32)
    heads = np.empty(most_ref, np.int64)
    left = np.empty(most_ref, np.int64)
    marked = np.empty(most_ref, np.bool_)
    at = np.empty(longest_hyp, np.int64)
    bits = np.empty(longest_hyp, np.uint64)
    following = np.empty(longest_hyp, np.int64)
    rows = np.empty(cells + (longest_hyp + 63) // 64, np.uint64)
    for pair in range(pairs):
        a = hyp_texts[owners[pair]]
        b = hyp_texts[owners[pair] + 1]
        c = ref_texts[first_ref + pair]
        d = ref_texts[first_ref + pair + 1]
        hyp_begin = hyp_sentences[a]
        n = hyp_sentences[b] - hyp_begin
        ref_begin = ref_sentences[c]
        m = ref_sentences[d] - ref_begin
        if n == 0 or m == 0:
            continue
        distinct = 0
        for j in range(m):
            token = ref[ref_begin + j]
            if seen[token] != pair:
                seen[token] = pair
                local[token] = distinct
                left[distinct] = 0
                heads[distinct] = -1
                distinct += 1
            ref_ids[j] = local[token]
            marked[j] = False
        for i in range(n):
            token = hyp[hyp_begin + i]
            hyp_ids[i] = -1
            if token >= 0 and seen[token] == pair:
                hyp_ids[i] = local[token]
                left[local[token]] += 1
        single = b - a == 1 and d - c == 1
        for s in range(a, b):
            start = hyp_sentences[s] - hyp_begin
            length = hyp_sentences[s + 1] - hyp_begin - start
            words = (length + 63) // 64
            # Where each token stands in this sentence, a word of bits at a time.
            count = 0
            for i in range(length - 1, -1, -1):
                token = hyp_ids[start + i]
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
            if count > 0:
                for t in range(c, d):
                    ref_start = ref_sentences[t] - ref_begin
                    ref_length = ref_sentences[t + 1] - ref_begin - ref_start
                    for w in range(words):
                        rows[w] = ~np.uint64(0)
                    if single:
                        for j in range(ref_length):
                            lcs_step(rows, 0, words, heads[ref_ids[j]], at, bits, following)
                        out[pair] = zeros_before(rows, 0, length)
                        continue
                    for j in range(ref_length):
                        row = (j + 1) * words
                        for w in range(words):
                            rows[row + w] = rows[row - words + w]
                        lcs_step(rows, row, words, heads[ref_ids[ref_start + j]], at, bits, following)
                    i = length
                    j = ref_length
                    common = zeros_before(rows, j * words, i)
                    while common > 0:
                        if hyp_ids[start + i - 1] == ref_ids[ref_start + j - 1]:
                            i -= 1
                            j -= 1
                            common -= 1
                            marked[ref_start + j] = True
                        elif zeros_before(rows, (j - 1) * words, i) < common:
                            i -= 1
                        else:
                            j -= 1
            for i in range(length):
                if hyp_ids[start + i] >= 0:
                    heads[hyp_ids[start + i]] = -1
        if single:
            continue
        for j in range(m):
            if marked[j] and left[ref_ids[j]] > 0:
                left[ref_ids[j]] -= 1
                out[pair] += 1
    return out
