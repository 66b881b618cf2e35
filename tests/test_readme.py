"""The README's commands and examples are run as written."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit
from evalkit.data.loading import load_benchmark

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", [code for kind, code in BLOCKS if kind == "python"])
def test_python_examples(code: str, tmp_path: Path) -> None:
    env = {**os.environ}
    if "EVALKIT_TEST_WHEEL" not in env:
        env["PYTHONPATH"] = str(README.parent)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_commands(new_process: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    commands = [
        line for kind, code in BLOCKS if kind == "console" for line in code.splitlines() if line.startswith("$ ")
    ]
    assert len(commands) >= 5
    ids = load_benchmark().task("translate-en").ids
    lines = "".join(json.dumps({"id": id_, "output": "On July 25, Alibaba."}) + "\n" for id_ in ids)
    (tmp_path / "mine.jsonl").write_text(lines)
    for name, text in {
        "s.zh": "猫。\n狗。\n", "a.en": "A cat.\nA dog.\n", "b.en": "Cat.\nDog.\n", "docs": "x\ny\n",
        "sysA.en": "The cat.\nA dog.\n", "sysB.en": "Cats.\n\n",
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command in commands:
        program, *arguments = shlex.split(command[2:], comments=True)
        assert program == "evalkit"
        done = new_process(*arguments, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout


def test_the_two_first_commands_are_the_ones_that_ci_runs(repository: Path) -> None:
    shell = next(code for kind, code in BLOCKS if kind == "sh")
    commands = [line.split("#")[0].strip() for line in shell.splitlines()]
    assert commands == ["pip install . && evalkit run", "pip install tox && tox"]
    script = (repository / ".ci" / "run").read_text()
    assert "pip install --quiet tox" in script
    assert re.search(r"^\S*tox\b", script.split("install --quiet tox")[1], re.MULTILINE)


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_links_to_files_lead_somewhere(repository: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
        assert (repository / target).exists(), target


def test_every_command_is_in_the_table(cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    text = cli("--help", cwd=tmp_path).stdout
    commands = re.findall(r"^  ([a-z][a-z-]*) ", text.split("Commands:")[1], re.MULTILINE)
    table = re.findall(r"^\| `evalkit ([a-z-]+)`", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(table) == sorted(commands)


#: For each row of the README's table of speed, the rows of benchmarks/speed/README.md that its figures come from.
SPEED = [
    [("BLEU, 13a", "wmt22-zh-en, 12 x 1,875"), ("BLEU, zh", "wmt21-en-zh, 29 x 1,002")],
    [("chrF", "wmt22-zh-en, 12 x 1,875"), ("chrF", "wmt21-en-zh, 29 x 1,002")],
    [("TER", "wmt22-zh-en, 1 x 1,875"), ("TER, articles of 300 to 1,000 words", "wmt22-zh-en, joined, 1 x 5")],
    [("ROUGE-1/2/L/Lsum, with stemming", "wmt22-zh-en, 12 x 1,875")],
    [
        ("1,000 paired bootstraps, BLEU, against a baseline", "wmt22-zh-en, 12 x 1,875"),
        ("10,000 randomizations, BLEU, against a baseline", "wmt22-zh-en, 12 x 1,875"),
    ],
]


def test_the_figures_of_speed_are_those_that_were_measured(repository: Path) -> None:
    source = (repository / "benchmarks" / "speed" / "README.md").read_text(encoding="utf-8")
    measured = {
        (job, data): int(ratio)
        for job, data, ratio in re.findall(r"(?m)^\| ([^|]+) \| ([^|]+) \| [\d.]+ \| [\d.]+ \| (\d+)x \|", source)
    }
    text = README.read_text(encoding="utf-8").split("## How fast")[1].split("\n## ")[0]
    shown = [re.findall(r"[\d,]+", row) for row in re.findall(r"(?m)^\| .* \| ([\d, /]+) \|$", text)]
    assert [[int(n.replace(",", "")) for n in row] for row in shown] == [
        [measured[key] for key in row] for row in SPEED
    ]
    date = re.search(r"Measured on (\d{4}-\d\d-\d\d)", source)
    assert date is not None and date[1] in text


def test_what_the_readme_says_of_the_articles_peers_and_facts_is_true() -> None:
    from rouge_score.rouge_scorer import RougeScorer

    text = " ".join(README.read_text(encoding="utf-8").split())
    assert "Three articles of a Chinese philanthropy newspaper, with two English translations of every block" in text
    task = load_benchmark().task("translate-en")
    assert len(set(task.articles or ())) == 3 and all(len(references) == 2 for references in task.references)
    assert "| rouge-score | exact for English | identical texts score 0 |" in text
    assert RougeScorer(["rougeL"]).score("上海下雪", "上海下雪")["rougeL"].fmeasure == 0
    assert "4.2亿 that became 42 million is found" in text
    rows = [{"id": "1", "source": "去年卖了4.2亿元。", "references": ["Last year, 420 million yuan was made."]}]
    bench = evalkit.Benchmark.from_dataset(rows, lang="zh-en")
    wrong = evalkit.run(bench, {"a": ["Last year, 42 million yuan was made."]}, metrics=["Quantities"])
    (worst,) = wrong.worst("a")
    assert any("4.2亿" in finding.message and "42 million" in finding.message for _, finding in worst.findings)


def test_the_figures_of_facts_are_those_measured_on_new_text(repository: Path) -> None:
    with (repository / "benchmarks" / "facts" / "piles.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["pile"] == "tested once"]
    of_kind = {
        kind: [(int(row["hits"]), int(row["of"])) for row in rows if row["what"].startswith(f"Quantities: {kind}")]
        for kind in ("changed quantities", "errors reported", "false positives")
    }
    changed, false = (
        sum(hits for hits, _ in of_kind[kind]) / sum(of for _, of in of_kind[kind])
        for kind in ("changed quantities", "false positives")
    )
    right = [hits / of for hits, of in of_kind["errors reported"]]
    text = " ".join(README.read_text(encoding="utf-8").split())
    assert f"{changed:.0%} of changed quantities are noticed" in text
    assert f"about {false:.0%} false alarms" in text
    assert f"errors reported in strong systems {min(right):.0%} to {max(right):.0%} are real" in text
