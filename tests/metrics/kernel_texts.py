"""Texts for the equality tests of the compiled loops: generated ones, and samples of real system outputs."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import strategies as st

#: the sets of the public data, with the language of the outputs.
SETS = {"ted21-zh-en": "en", "wmt22-zh-en": "en", "wmt21-en-zh": "zh"}
#: EVALKIT_FULL=1 compares every segment of every system (half an hour); a sample otherwise.
FULL = bool(os.environ.get("EVALKIT_FULL"))

#: one that goes wrong somewhere: each is a trap of some tokenizer.
HARD = [
    "", " ", "\n", "\u3000\u3000", "\x85\x1c", ".", ",.", ".,.", "...", "1.", ".1", "1.,", "a.,1", "a..1", "1..a",
    "1...2", ",,1", "-", "1-", "1-2", "a-1", "3.14", "2,100", "1,000.5-a", "“…”——€",
    "\U00020000\U0002A6D6\U0002F800", "👩‍👩‍👧‍👦🇨🇳", "e\u0301\u0302 n\u0303", "\u2028a\u2029b\x0bc\rd", "a\x00b\x07",
    "&quot;x&quot; &amp;lt; &lt;skipped&gt;", "<skipped>", "end-\nof line\n", "(hi)", "((", "'s", "U.S.",
    "\ufeffBOM", "İstanbul ΣΑΣ ß K", "！？，。（）［］", "AI创收达4.2亿元，增长20%（COVID-19、5G）。", "\ud800 lone", "x" * 70,
    "ab " * 90, "的" * 130, "a b c d e f g h i j", "\u20e3\u2a6d\u2a6e", "ﬀ ① ㎡",
]  # fmt: skip

_PIECE = st.sampled_from(
    [
        *"abAB019.,-'\"&;<> \n\t", " ", " ", "the", "cat", "sat", "on", "mat", "running", "1.5", "的", "是", "中国", "。",
        "，", "（", "“", "…", "\u3000", "\u2028", "\r", "\x1c", "\x00", "\u0301", "🙂", "👍🏽", "\U00020001", "\U0002A700",
        "é", "İ", "ß", "Σ", "٣", "&quot;", "&lt;", "<skipped>", "-\n", "..", ".,", "1-", "'s ",
    ]
)  # fmt: skip
TEXT = st.one_of(
    st.lists(_PIECE, max_size=30).map("".join),
    st.lists(st.sampled_from(["a", "b", "c", "d", "the", ".", "x1"]), max_size=25).map(" ".join),
    st.sampled_from(HARD),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
#: one hypothesis with one to four references.
SEGMENT = st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=4).map(tuple))


def public_set(data: Path, name: str, step: int) -> tuple[list[tuple[str, ...]], dict[str, list[str]]]:
    """References (two a segment) and systems of a set, every ``step``-th segment."""
    folder = data / name
    step = 1 if FULL else step
    references = list(zip(*(_lines(p) for p in sorted(folder.glob("reference.*"))), strict=True))
    systems = {p.stem: _lines(p) for p in sorted((folder / "systems").iterdir())}
    return references[::step], {name: lines[::step] for name, lines in systems.items()}


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
