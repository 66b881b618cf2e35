"""``python -m benchmarks.facts``: measure the fact metrics again.

python -m benchmarks.facts measure SETS        # false positives, changes detected, errors in strong systems
python -m benchmarks.facts new-findings SETS   # the table of kinds; writes evalkit/gate/new_findings.toml
python -m benchmarks.facts piles               # the two tables of docs/facts.md, from piles.tsv

SETS are folders of line-aligned sets, for example ../shared/data.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from benchmarks.facts import measure, new_findings, piles
from benchmarks.facts.sets import parallel_sets, public_rewordings, written_rewordings


def main() -> None:
    """Print one of the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.facts", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["measure", "new-findings", "piles"])
    parser.add_argument("data", type=Path, nargs="*", metavar="SETS", help="folders of line-aligned sets")
    parser.add_argument("--sets", default="", help="only sets whose name contains this")
    parser.add_argument("--flags", type=Path, help="measure: write every error to this file")
    parser.add_argument("--missed", type=Path, help="measure: write every change that was not noticed to this file")
    arguments = parser.parse_args()
    if arguments.what == "piles":
        print(piles.markdown(piles.counts()))
        print("", piles.comparison(piles.counts(), piles.BASELINE), sep="\n")
        return
    if not arguments.data:
        parser.error(f"{arguments.what} needs a folder of sets")
    sets = [one for folder in arguments.data for one in parallel_sets(folder, arguments.sets)]
    if arguments.what == "measure":
        measured = measure.Measurement(sets)
        print(measured.report())
        if arguments.flags:
            measure.write(measured.flags, arguments.flags)
        if arguments.missed:
            measure.write((change for change in measured.changes if not change.noticed), arguments.missed)
    else:
        counts = new_findings.count(itertools.chain(public_rewordings(sets), written_rewordings()))
        new_findings.TABLE.write_text(new_findings.toml(counts), encoding="utf-8")
        print(new_findings.markdown(counts))


if __name__ == "__main__":
    main()
