"""The table in docs/reference/robustness.md matches the tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import test_exit_status

from attacks import test_growth, test_mutations, test_writers

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    """By command: the cells of its row."""
    text = (REPOSITORY / "docs" / "reference" / "robustness.md").read_text(encoding="utf-8")
    table = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.split("\n") if line[:1] == "|"
    ]
    return {cells[-1].strip("`"): cells for cells in table if cells[-1].startswith("`pytest")}


def test_each_command_selects_tests(rows: dict[str, list[str]]) -> None:
    assert len(rows) == 13
    for command in rows:
        paths = re.findall(r"tests/\S+\.py", command)
        keyword = re.search(r"-k (\w+)", command)
        for path in paths:
            names = re.findall(r"def (test_\w+)", (REPOSITORY / path).read_text(encoding="utf-8"))
            assert [name for name in names if keyword is None or keyword[1] in name], command


def test_the_counts_are_those_of_the_tests(rows: dict[str, list[str]]) -> None:
    kinds = len(test_mutations.NAMES)
    hundreds = [name for name in vars(test_writers) if name.startswith("test_") and "hundred" in name]
    patterns, functions = len(test_growth.PATTERNS), len(list(test_growth.functions()))
    counts = {
        "pytest tests/attacks/test_mutations.py": kinds * test_mutations.COUNT,
        "pytest -m slow tests/attacks/test_mutations.py": kinds * test_mutations.SLOW_COUNT,
        "pytest tests/attacks/test_writers.py -k hundred": len(hundreds) * test_writers.MANY,
        "pytest -m slow tests/attacks/test_growth.py": patterns * functions,
    }
    for command, count in counts.items():
        assert re.match(rf"{count:,}\b", rows[command][1]), command
    closed = rows["pytest tests/test_exit_status.py"][0]
    assert f"closed pipes and `/dev/full` for {len(test_exit_status.COMMANDS)} commands" in closed
    assert f"files of {kinds} kinds" in rows["pytest tests/attacks/test_mutations.py"][0]
    assert f"{patterns} hostile patterns" in rows["pytest -m slow tests/attacks/test_growth.py"][0]
    assert f"for {functions} functions" in rows["pytest -m slow tests/attacks/test_growth.py"][0]
