"""``python -m benchmarks.facts``: measure the fact metrics again; DATA is the folder of public sets.

python -m benchmarks.facts new-findings ../shared/data     # prints the table, writes evalkit/gate/new_findings.toml
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from benchmarks.facts import new_findings
from benchmarks.facts.sets import public_rewordings, written_rewordings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.facts", description=__doc__)
    parser.add_argument("what", choices=["new-findings"])
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    counts = new_findings.count(itertools.chain(public_rewordings(arguments.data), written_rewordings()))
    new_findings.TABLE.write_text(new_findings.toml(counts), encoding="utf-8")
    print(new_findings.markdown(counts))


if __name__ == "__main__":
    main()
