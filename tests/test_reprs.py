"""How notebooks and interpreters display results."""

from __future__ import annotations

from gate.making import bench, noisy, references, results

import evalkit
from evalkit.results.comparisons import Rank
from evalkit.results.rows import Rows


def test_rows_print_one_line_each_and_say_how_many_are_left() -> None:
    b = bench(30, 6)
    texts = references(b)
    made = results(b, {"a": noisy(texts, 0.1, 1), "b": noisy(texts, 0.5, 2)}, ("BLEU", "Health"))
    lines = repr(made.scores("segment")).split("\n")
    assert len(lines) == 21 and lines[-1] == "... 100 more scores"
    assert lines[0].startswith("translate-en a0 s0 a BLEU: ")
    ranks = repr(made.rank(metric="BLEU")).split("\n")
    assert ranks[0].startswith("translate-en BLEU a: rank 1, cluster 1 (") and len(ranks) == 2
    assert repr(made.intervals(metric="BLEU")).split("\n")[0].endswith("segments)")
    assert repr(made.worst("b", 2)).count("\n") == 1
    assert repr(made.compare()).startswith("translate-en: a is better than b on BLEU, p")
    assert repr(Rows(Rank, "ranks", [])) == "<no ranks>"
    assert repr(made) == ("<Results of dataset\n  <translate-en: 30 segments; systems a, b; metrics BLEU, Health>>")
    assert list(made.rank(metric="BLEU").to_pandas().columns)[:3] == ["task", "metric", "system"]


def test_findings_print_one_line_each() -> None:
    b = evalkit.Benchmark.from_dataset([{"id": "s1", "references": ["It rained."], "source": "下雨了。"}], lang="zh-en")
    assert repr(b) == "<Benchmark dataset: <translate-en: 1 segment, zh to en>>"
    assert repr(evalkit.check(b, {"a": [""]})).startswith("a translate-en s1 Health: error, ")
    assert repr(evalkit.check(b, {"a": ["It rained."]})) == "<no findings in 1 output>"
