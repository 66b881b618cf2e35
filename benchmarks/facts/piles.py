"""What was measured on text that the code was tuned on, tested once, or never looked at, side by side.

``piles.tsv`` holds the counts: what was counted, in which pile, how many of how many, on which text, when, and what else
there is to know. A figure that a newer one of its pile replaces moves to the pile "tested earlier", which is not printed, and
the pile "part" holds the parts of other figures, by kind. The note of a count says which commit it is of if that is not the
last one that was measured: "at 421bb43".
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PILES = ("tested once", "tuned", "never looked at")
OTHERS = ("tested earlier", "part")
TABLE = Path(__file__).with_name("piles.tsv")
#: the commit that the last measurement compares with
BASELINE = "421bb43"
_Z = 1.959964


@dataclass(frozen=True)
class Count:
    """``hits`` of ``of`` in one pile. A rate alone, without its count, has ``of`` = 0 and the rate in ``hits``."""

    what: str
    pile: str
    hits: float
    of: int
    text: str
    when: str
    note: str = ""

    def __str__(self) -> str:
        about = ", ".join(filter(None, (self.text, self.when)))
        if not self.of:
            return f"{self.hits:.1%} ({about})"
        return f"{self.rate} ({self.details}; {about})"

    @property
    def rate(self) -> str:
        return f"{self.hits / self.of:.1%}"

    @property
    def details(self) -> str:
        low, high = interval(int(self.hits), self.of)
        return f"{int(self.hits):,} of {self.of:,}; {low:.1%} to {high:.1%}"


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share."""
    share, z = hits / of, _Z
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * (share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def counts(path: Path = TABLE) -> list[Count]:
    """The counts of the table, in its order."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [Count(r["what"], r["pile"], float(r["hits"]), int(r["of"]), r["text"], r["when"], r["note"]) for r in rows]


def markdown(found: Sequence[Count]) -> str:
    """A row for each thing counted, a column for each pile."""
    return "\n".join(_rows(found))


def _rows(found: Sequence[Count]) -> Iterator[str]:
    yield "| what | tested once | tuned on | never looked at |"
    yield "|---|---|---|---|"
    for what in dict.fromkeys(count.what for count in found if count.pile in PILES):
        cells = ["<br>".join(str(c) for c in found if (c.what, c.pile) == (what, pile)) or "–" for pile in PILES]
        yield f"| {what} | {' | '.join(cells)} |"


def comparison(found: Sequence[Count], earlier: str) -> str:
    """A row for each figure that an earlier commit has on the same text, before and now."""
    before = {(c.what, c.text): c for c in found if c.note.startswith(f"at {earlier}")}
    rows = ["| what | text | before | now |", "|---|---|---|---|"]
    for now in found:
        old = before.get((now.what, now.text))
        if old and now.pile in ("tested once", "part") and not now.note.startswith("at "):
            cells = (now.what, now.text, f"{old.rate} ({old.details})", f"{now.rate} ({now.details})")
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
