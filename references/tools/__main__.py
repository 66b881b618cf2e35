"""``python -m references.tools``: check the authored articles, or build the dataset from them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from evalkit.errors import EvalkitError
from references.tools.build import build
from references.tools.check import check

FOLDER = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run ``check`` or ``build``; the exit status is 2 if a check fails or a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m references.tools", description=__doc__)
    parser.add_argument("command", choices=["check", "build"])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the references folder (default: this checkout's)")
    arguments = parser.parse_args()
    try:
        if arguments.command == "build":
            for path in build(arguments.folder):
                print(path)
            return 0
        report = check(arguments.folder)
    except EvalkitError as error:
        print(f"references.tools: {error}", file=sys.stderr)
        return 2
    for violation in report.violations:
        print(violation)
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
    print(f"{counts}, {len(report.violations)} violations")
    return 2 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
