"""Several outputs of a system per segment."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from gate.making import bench, noisy, references

from evalkit import load_benchmark, run
from evalkit.data.benchmark import Benchmark
from evalkit.errors import OutputsError
from evalkit.gate.checking import check
from evalkit.gate.rules import rules_from
from evalkit.reports import terminal, worst_text
from evalkit.results.task_results import Samples


def drawn(b: Benchmark, counts: list[int] | int = 3, rate: float = 0.3) -> dict[str, list[str]]:
    texts = references(b)
    numbers = [counts] * len(texts) if isinstance(counts, int) else counts
    return {
        id_: [noisy([text], rate, 100 * i + k)[0] for k in range(number)]
        for i, (id_, text, number) in enumerate(zip(b.tasks[0].ids, texts, numbers, strict=True))
    }


def test_the_row_of_a_segment_is_the_mean_over_its_samples() -> None:
    b = bench(20, 5)
    outputs = drawn(b)
    task = run(b, {"mine": outputs}, metrics=["BLEU", "ROUGE-L"], samples=True).tasks[0]
    each = [
        run(b, {"mine": {id_: texts[k] for id_, texts in outputs.items()}}, metrics=["BLEU", "ROUGE-L"]).tasks[0]
        for k in range(3)
    ]
    for label in ("BLEU", "ROUGE-L"):
        mean = np.mean([found.statistics[label][0] for found in each], axis=0)
        np.testing.assert_allclose(task.statistics[label][0], mean)
    assert task.systems == ("mine",) and task.samples["mine"].counts == (3,) * 20
    share = task.samples["mine"].shares["ROUGE-L"]
    assert 0 < share.share < 1 and share.samples == 3
    interval = run(b, {"mine": outputs}, metrics=["ROUGE-L"], samples=True).intervals()[0]
    assert (interval.sampling_share, interval.shrinkage) == (share.share, share.shrinkage)
    assert task.texts is not None
    assert task.texts.outputs["mine"][0] == "\n".join(f"[{k + 1}] {t}" for k, t in enumerate(outputs["s0"]))


def test_systems_with_and_without_samples_are_scored_together() -> None:
    b = bench(20, 5)
    one = {id_: texts[0] for id_, texts in drawn(b, 1).items()}
    task = run(b, {"mine": drawn(b), "other": one}, metrics=["chrF"], samples=True).tasks[0]
    alone = run(b, {"other": one}, metrics=["chrF"]).tasks[0]
    np.testing.assert_array_equal(task.statistics["chrF"][1], alone.statistics["chrF"][0])
    assert task.samples["other"].shares["chrF"].reason is not None  # not estimable with one


def test_a_missing_sample_is_the_worst_and_unequal_numbers_are_warned_of() -> None:
    b = bench(20, 5)
    outputs = drawn(b)
    whole = run(b, {"mine": outputs}, metrics=["ROUGE-L"], samples=True).tasks[0]
    for id_ in ("s3", "s7"):
        short = {**outputs, id_: outputs[id_][:2]}
        results = run(b, {"mine": short}, metrics=["ROUGE-L"], samples=True)
        assert results.tasks[0].corpus("ROUGE-L")[0] < whole.corpus("ROUGE-L")[0]
        text = terminal.render(results)
        assert "2 to 3 outputs per segment; missing ones are scored as empty" in text
        assert "with unequal numbers of outputs and only 20 segments the intervals may be too narrow" in text
    with pytest.raises(OutputsError, match="no output for the id 's2'"):
        run(b, {"mine": {**outputs, "s2": []}}, metrics=["ROUGE-L"], samples=True)


def test_findings_are_where_their_sample_is_and_the_pass_rate_counts_samples() -> None:
    b = bench(4, 2)
    texts = references(b)
    outputs = {f"s{i}": [text, f"Sure, here is the translation: {text}", text] for i, text in enumerate(texts)}
    outputs["s1"][1] = texts[1]
    results = run(b, {"mine": outputs}, metrics=["Health"], samples=True)
    task = results.tasks[0]
    assert task.samples["mine"].pass_rates["Health"] == pytest.approx(9 / 12)
    found = task.findings["Health"]["mine"][0][0]
    assert found.message.startswith("[2] ")
    assert task.texts is not None and found.output_span is not None
    assert task.texts.outputs["mine"][0][slice(*found.output_span)].startswith("Sure, here is")
    assert check(results, None, rules_from({"pass_rate": {"Health": 0.7}})).state.value == "passed"
    failed = check(results, None, rules_from({"pass_rate": {"Health": 0.8}}))
    assert "75.0% of the outputs of mine on translate-en pass Health, below 80.0%" in failed.headline


def test_repeated_ids_need_the_flag(cli: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    task = load_benchmark("zh-news", task="summarize-en").tasks[0]
    lines = [json.dumps({"id": id_, "output": f"Summary {k} of it."}) for id_ in task.ids for k in range(2)]
    (tmp_path / "mine.jsonl").write_text("\n".join(lines) + "\n")
    options = ("run", "mine.jsonl", "--task", "summarize-en", "-m", "ROUGE-L", "--out", "run")
    done = cli(*options, cwd=tmp_path)
    assert done.returncode == 2
    assert "mine.jsonl:2: duplicate id" in done.stderr and "read with --samples" in done.stderr
    done = cli(*options, "--samples", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 outputs per segment" in done.stdout


def test_each_sample_is_shown_with_its_own_errors() -> None:
    rows = [{"id": "1", "source": "去年有420万人参加。", "references": ["Last year 4.2 million people took part."]}]
    texts = ["Last year 4.2 million people took part.", "In all, 42 million people took part.", ""]
    results = run(Benchmark.from_dataset(rows, lang="zh-en"), {"a": {"1": texts}}, metrics=["Quantities"], samples=True)
    task = results.tasks[0]
    joined = task.texts.outputs["a"][0] if task.texts else ""
    assert [joined[start:end] for start, end in task.samples["a"].parts(joined)] == texts
    printed = worst_text.render(results.worst("a"))
    assert "a, sample 1: Last year 4.2 million" in printed
    assert "a, sample 2: In all, ⟦42 million⟧ people" in printed
    assert "a, sample 3: (empty)" in printed


@pytest.mark.parametrize("texts", [["x\n[2] y", "z"], ["[1] x", "y\n[1] z"], ["x", "y\n[2] z"]])
def test_samples_that_look_like_labels_are_not_cut(texts: list[str]) -> None:
    joined = "\n".join(f"[{k + 1}] {text}" for k, text in enumerate(texts))
    assert Samples((2,)).parts(joined) == ()
    assert Samples((1,)).parts("[1] x") == ()
