"""Measure quantities on human translations: false alarms, changes noticed, and speed.

python -m benchmarks.facts.quantities ../shared/data            the tables
python -m benchmarks.facts.quantities ../shared/data --flags    every error found in the references, one line each
python -m benchmarks.facts.quantities ../shared/data --missed   every change that was not noticed
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.facts.mutate import mutations
from benchmarks.facts.piles import interval
from evalkit.text.quantities import Pair, align, extract

SETS = [
    ("wmt22-zh-en", "source.zh", "zh", "reference.ref-A.en", "en"),
    ("wmt22-zh-en", "source.zh", "zh", "reference.ref-B.en", "en"),
    ("ted21-zh-en", "source.zh", "zh", "reference.refB.en", "en"),
    ("wmt21-en-zh", "source.en", "en", "reference.ref-A.zh", "zh"),
    ("wmt21-en-zh", "source.en", "en", "reference.ref-B.zh", "zh"),
    ("wmt24-en-zh", "source.en", "en", "reference.refA.zh", "zh"),
]
Key = tuple[str, str, str]


def share(hits: int, n: int) -> str:
    low, high = interval(hits, max(n, 1))
    return f"{hits:5} / {n:5}  {100 * hits / max(n, 1):5.1f} %  ({100 * low:.1f} to {100 * high:.1f})"


def lines(data: Path, folder: str, name: str) -> list[str]:
    return (data / folder / name).read_text("utf-8").split("\n")


def errors(pairs: list[Pair]) -> Counter[Key]:
    return Counter((p.verdict, str(p.source), str(p.output)) for p in pairs if p.severity == "error")


def segments(data: Path, case: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    folder, source, _, reference, _ = case
    both = zip(lines(data, folder, source), lines(data, folder, reference), strict=True)
    yield from ((number, a, b) for number, (a, b) in enumerate(both, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", default="", help="only sets whose name contains this")
    parser.add_argument("--flags", action="store_true")
    parser.add_argument("--missed", action="store_true")
    args = parser.parse_args()
    made: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    characters, seconds = Counter[str](), Counter[str]()

    def read(text: str, lang: str) -> list:  # type: ignore[type-arg]
        begin = time.process_time()
        found = extract(text, lang)
        seconds[lang] += time.process_time() - begin
        characters[lang] += len(text.encode())
        return found

    print("errors reported in human references, per quantity required by the source (none adjudicated)")
    for case in SETS:
        if args.sets not in f"{case[0]}/{case[3]}":
            continue
        flags = required = 0
        for number, a, b in segments(args.data, case):
            source, output = read(a, case[2]), read(b, case[4])
            pairs = align(source, output, texts=(a, b))
            known = errors(pairs)
            flags += known.total()
            required += sum(q.checkable for q in source)
            if args.flags:
                for (verdict, x, y), _ in known.items():
                    print(f"{case[3]}:{number}\t{verdict}\t{x} | {y}\t{a}\t{b}")
            for kind, text in mutations(b, case[4], a, case[2]):
                changed = align(source, read(text, case[4]), texts=(a, text))
                noticed = bool(errors(changed) - known)
                made[kind] += 1
                seen[kind] += noticed
                if args.missed and not noticed:
                    print(f"{case[3]}:{number}\t{kind}\t{a}\t{text}")
        print(f"  {case[0]} {case[3]:18} {share(flags, required)}")
    print("changes noticed, by kind")
    for kind in sorted(made):
        print(f"  {kind:12} {share(seen[kind], made[kind])}")
    others = [kind for kind in made if kind != "exchanged"]
    print(f"  {'all others':12} {share(sum(seen[k] for k in others), sum(made[k] for k in others))}")
    for lang in characters:
        print(f"speed {lang}: {characters[lang] / seconds[lang] / 1e6:.1f} MB/s")


if __name__ == "__main__":
    sys.exit(main())
