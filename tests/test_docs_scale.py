"""The example of docs/scale.md runs as written and gives the same result as a single run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evalkit
from evalkit import stats


def test_parts_are_put_together_by_adding(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (repository / "docs/scale.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"__name__": "example"}
    exec(code, names)
    printed = capsys.readouterr().out
    sums, score = names["sums"], names["score"]
    assert sums.shape[:2] == (2, 40)

    ids = range(200)
    rows = [{"id": str(i), "article": str(i // 5), "references": [f"They sold {i} tonnes."]} for i in ids]
    bench = evalkit.Benchmark.from_dataset(rows, lang="zh-en")
    good, poor = ([f"They sold {i} tonnes." for i in ids], [f"Sold {i} or {i + 1} tons." for i in ids])
    task = evalkit.run(bench, {"good": good, "poor": poor}, metrics=["BLEU"]).task()
    assert score(sums.sum(axis=1)).tolist() == task.corpus("BLEU").tolist()
    whole = stats.compare(task.statistics["BLEU"], score, groups=task.groups(), unit="article")
    np.testing.assert_array_equal(stats.compare(sums, score).p, whole.p)
    assert str(whole.p) in printed
