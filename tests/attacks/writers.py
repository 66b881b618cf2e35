"""Whatever writes files, with what must hold of them at any moment: the old content, or the new one.

Run as a script, it writes the new content of one of :data:`WHAT` over the old one: ``writers.py WHAT FOLDER``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import evalkit
from evalkit.files import is_intact_own, write_own
from evalkit.gate.baseline import Baseline, baseline_of, read_baseline, write_baseline
from evalkit.leaderboard.history import Entry, Measured, TaskEntry, append, read_history
from evalkit.results.results import Results

__all__ = ["BEGIN", "WHAT", "Writers", "entry", "litter", "scored"]

WHAT = ("baseline", "report", "history", "run")
#: What the script prints when it begins to write.
BEGIN = b"begin\n"


def scored() -> Results:
    rows = [{"id": str(i), "source": f"源{i}", "references": [f"reference {i}"]} for i in range(3)]
    bench = evalkit.Benchmark.from_dataset(rows, lang="zh-en")
    return evalkit.run(bench, {"mine": ["x", "y", "reference 2"], "other": ["x", "y", "z"]}, metrics=["chrF"])


def entry(number: int) -> Entry:
    tasks = {"t": TaskEntry("f", 3, {"chrF": Measured("s", float(number), None, None)})}
    return Entry(f"c{number}", "2026-01-01T00:00:00+00:00", "bench", "mine", tasks)


def litter(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*")]


class Writers:
    """Methods that write the old content or the new one, and methods that check and return what is there."""

    def __init__(self, folder: Path, results: Results) -> None:
        self.folder = folder
        self.results = results
        self.baselines: tuple[Baseline, ...] = tuple(baseline_of(results, [name]) for name in ("mine", "other"))

    def write(self, what: str, new: bool) -> None:
        getattr(self, what)(new)

    def check(self, what: str) -> object:
        return getattr(self, f"check_{what}")()

    def baseline(self, new: bool) -> None:
        write_baseline(self.folder / "baseline.json", self.baselines[new])

    def check_baseline(self) -> object:
        return read_baseline(self.folder / "baseline.json").systems

    def report(self, new: bool) -> None:
        write_own(self.folder / "junit.xml", "<new>" * 2_000 if new else "<old>", "evalkit gate", "xml")

    def check_report(self) -> object:
        assert is_intact_own(self.folder / "junit.xml", "evalkit gate", "xml")
        return (self.folder / "junit.xml").read_bytes()

    def history(self, new: bool) -> None:
        append(self.folder / "history.jsonl", [entry(i) for i in range(10, 50)] if new else [entry(0)])

    def check_history(self) -> object:
        entries = read_history(self.folder / "history.jsonl").entries
        assert entry(0) in entries
        return tuple(e.commit for e in entries)

    def run(self, new: bool) -> None:
        evalkit.save_results(
            self.results, self.folder / "run", reports={"report.md": lambda _: "new" if new else "old"}
        )
        if not new:
            (self.folder / "run" / "notes.txt").write_text("mine")

    def check_run(self) -> object:
        assert (self.folder / "run" / "notes.txt").read_text() == "mine"
        assert evalkit.load_results(self.folder / "run").task().systems == ("mine", "other")
        return (self.folder / "run" / "report.md").read_bytes()


if __name__ == "__main__":
    of_script = Writers(Path(sys.argv[2]), scored())
    os.write(1, BEGIN)
    of_script.write(sys.argv[1], True)
