"""``python -m benchmarks.facts``: measure the fact metrics again.

python -m benchmarks.facts new-findings ../shared/data   # the table of kinds; writes evalkit/gate/new_findings.toml
python -m benchmarks.facts flags ../shared/data          # flags on strong systems: how many are judged right
python -m benchmarks.facts piles                         # the table of docs/facts.md, from piles.tsv
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from benchmarks.facts import flags, new_findings, piles
from benchmarks.facts.sets import public_rewordings, written_rewordings


def main() -> None:
    """Print one of the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.facts", description=__doc__)
    parser.add_argument("what", choices=["new-findings", "flags", "piles"])
    parser.add_argument("data", type=Path, nargs="?", help="the folder of public sets")
    arguments = parser.parse_args()
    if arguments.what == "piles":
        print(piles.markdown(piles.counts()))
    elif arguments.data is None:
        parser.error(f"{arguments.what} needs the folder of public sets")
    elif arguments.what == "flags":
        print(flags.report(list(flags.flags(arguments.data))))
    else:
        counts = new_findings.count(itertools.chain(public_rewordings(arguments.data), written_rewordings()))
        new_findings.TABLE.write_text(new_findings.toml(counts), encoding="utf-8")
        print(new_findings.markdown(counts))


if __name__ == "__main__":
    main()
