"""The examples of docs/gate.md work."""

from __future__ import annotations

import re
from pathlib import Path

from evalkit import load_benchmark, run
from evalkit.gate.checking import check
from evalkit.gate.rules import Rules, read_rules, rules_from


def test_the_rules_of_the_page_are_rules_and_all_rules_are_on_the_page(repository: Path, tmp_path: Path) -> None:
    text = (repository / "docs" / "gate.md").read_text(encoding="utf-8")
    block = next(b for b in re.findall(r"```toml\n(.*?)```", text, re.S) if "tool.evalkit.gate" in b)
    (tmp_path / "gate.toml").write_text(block, encoding="utf-8")
    rules = read_rules(tmp_path / "gate.toml")
    assert rules.inconclusive == "fail" and rules.max_drop["BLEU"] == 1.0
    for name in vars(Rules()):
        assert name == "origin" or f"`{name}`" in text or f"{name} = " in text, name


def test_the_references_meet_the_rules_of_the_pytest_example(repository: Path) -> None:
    text = (repository / "docs" / "gate.md").read_text(encoding="utf-8")
    least = float(re.search(r'min=\{"KeyFacts": ([\d.]+)\}', text).group(1))  # type: ignore[union-attr]
    task = load_benchmark("zh-news", task="summarize-zh")
    for k in range(len(task.tasks[0].references[0])):
        results = run(
            task, {"reference": [refs[k] for refs in task.tasks[0].references]}, metrics=["KeyFacts", "Health"]
        )
        rules = rules_from({"corpus_min": {"KeyFacts": least}, "findings_max": {"Health.error": 0}})
        assert check(results, None, rules).state.value == "passed"
