"""Show that two revisions give the same scores: ``python -m benchmarks.same_scores REVISION FOLDER``.

The bundled run and the sets below FOLDER (``ted21-zh-en`` and ``wmt22-zh-en`` of the public data) are scored with every
metric by both revisions, each in a process of its own, and their ``scores.jsonl`` are compared byte for byte. Where they
differ, the metrics whose rows differ are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
METRICS = "BLEU,chrF,chrF++,TER,ROUGE-1,ROUGE-2,ROUGE-L,ROUGE-Lsum,Quantities,Health,Extractiveness"
#: metrics that were renamed, old name first: the rest of their rows must be the same.
RENAMED = {"Extraction": "Extractiveness"}


def runs(data: Path) -> dict[str, list[str]]:
    """Arguments of ``evalkit run`` by name."""
    found: dict[str, list[str]] = {"bundled": []}
    for name, reference in (("ted21-zh-en", "refB"), ("wmt22-zh-en", "ref-A")):
        folder = data / name
        references = sorted(folder.glob("reference.*"))
        chosen = [r for r in references if reference in r.name] or references[:1]
        found[name] = ["--source", str(folder / "source.zh"), "--lang", "zh-en"]
        found[name] += ["--docids", str(folder / "docids")] if (folder / "docids").exists() else []
        found[name] += [part for path in chosen for part in ("--reference", str(path))]
        found[name] += ["-m", METRICS, *map(str, sorted((folder / "systems").iterdir()))]
    return found


def scores(tree: Path, arguments: list[str], out: Path) -> bytes:
    """``scores.jsonl`` of one run, with the renamed metrics under their new names."""
    if not (tree / "evalkit" / "metrics" / "extractiveness.py").exists():
        arguments = [a.replace("Extractiveness", "Extraction") for a in arguments]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-m", "evalkit", "run", "--quiet", "--no-cache", "--out", str(out), *arguments]
    subprocess.run(command, env=environment, cwd=out.parent, check=True, stdout=subprocess.DEVNULL)
    text = (out / "scores.jsonl").read_bytes()
    for old, new in RENAMED.items():
        text = text.replace(f'"metric": "{old}"'.encode(), f'"metric": "{new}"'.encode())
    return text


def different_metrics(before: bytes, after: bytes) -> list[str]:
    """Metrics whose rows are not the same, byte for byte and in the same order."""
    rows: tuple[dict[str, list[bytes]], dict[str, list[bytes]]] = ({}, {})
    for by_metric, text in zip(rows, (before, after), strict=True):
        for line in text.splitlines():
            by_metric.setdefault(json.loads(line)["metric"], []).append(line)
    return sorted(metric for metric in rows[0] | rows[1] if rows[0].get(metric) != rows[1].get(metric))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision", help="such as a tag or a commit")
    parser.add_argument("data", type=Path, help="the folder with the public data")
    arguments = parser.parse_args()
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "-q", "--detach", old, arguments.revision], check=True)
        try:
            for name, words in runs(arguments.data.resolve()).items():
                before = scores(old, words, Path(folder) / f"{name}-before")
                after = scores(ROOT, words, Path(folder) / f"{name}-after")
                changed = different_metrics(before, after)
                different += bool(changed)
                verdict = f"DIFFERENT in {', '.join(changed)}" if changed else "equal"
                print(f"{name}: {len(before):,} bytes before, {len(after):,} after, {verdict}", flush=True)
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", old], check=True)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
