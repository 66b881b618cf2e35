from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest


@dataclass(frozen=True)
class Ted:
    """ted21-zh-en: 13 systems, 529 segments, 5 documents, judged by people."""

    systems: list[str]
    hypotheses: list[list[str]]
    references: dict[str, list[str]]
    documents: np.ndarray
    #: MQM with the sign turned, [systems, segments].
    gold: np.ndarray


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


@pytest.fixture(scope="session")
def ted() -> Ted:
    root = Path(os.environ.get("EVALKIT_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
    folder = root / "ted21-zh-en"
    if not folder.is_dir():
        pytest.skip(f"the public data is not at {folder}; set EVALKIT_SHARED_DATA")
    names = sorted(path.stem for path in (folder / "systems").iterdir())
    judged: dict[str, list[float]] = {}
    with (folder / "mqm.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            judged.setdefault(row["system"], []).append(-float(row["mqm"]))
    return Ted(
        names,
        [lines(folder / "systems" / f"{name}.en") for name in names],
        {name: lines(folder / f"reference.{name}.en") for name in ("ref", "refB")},
        np.unique(lines(folder / "docids"), return_inverse=True)[1],
        np.array([judged[name] for name in names]),
    )
