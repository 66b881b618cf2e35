"""The README's commands and examples are run as they stand."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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


def test_commands(cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
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
        done = cli(*arguments, cwd=tmp_path)
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
