"""Shell completion by click, with file names where a file is expected."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EVALKIT = Path(sys.executable).with_name("evalkit")
pytestmark = pytest.mark.skipif(not EVALKIT.exists(), reason="the command evalkit is not installed here")


def call(folder: Path, **env: str) -> str:
    done = subprocess.run([EVALKIT], cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ru", {("plain", "run")}),
        ("compare-", {("plain", "compare-sacrebleu")}),
        ("run --met", {("plain", "--metric"), ("plain", "--metadata")}),
        ("run --format m", {("plain", "markdown")}),
        ("export --to w", {("plain", "wandb")}),
        ("run my", {("file", "my")}),
        ("run --source s", {("file", "s")}),
        ("worst ev", {("file", "ev")}),
        ("gate x --baseline b", {("file", "b")}),
        ("leaderboard h", {("file", "h")}),
        ("run --task t", set()),
    ],
)
def test_each_shell_is_offered_the_same(typed: str, offered: set[tuple[str, str]], tmp_path: Path) -> None:
    words = ["evalkit", *typed.split()]
    env = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    bash = call(tmp_path, _EVALKIT_COMPLETE="bash_complete", **env).splitlines()
    assert {tuple(line.split(",", 1)) for line in bash if line} == offered
    zsh = call(tmp_path, _EVALKIT_COMPLETE="zsh_complete", **env).strip("\n").splitlines()
    assert {(zsh[i], zsh[i + 1]) for i in range(0, len(zsh), 3)} == offered
    fish_env = {"COMP_WORDS": " ".join(words), "COMP_CWORD": words[-1]}
    fish = call(tmp_path, _EVALKIT_COMPLETE="fish_complete", **fish_env).strip("\n").splitlines()
    values = {tuple(line.split("\t")[0].split(",", 1)) for line in fish if "," in line}
    # Newer versions of click write a value and its help on lines of their own.
    assert values == offered or {(fish[i], fish[i + 1]) for i in range(0, len(fish) - 1, 3)} == offered


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_after_the_line_of_the_documentation(repository: Path, tmp_path: Path) -> None:
    line = 'eval "$(_EVALKIT_COMPLETE=bash_source evalkit)"'
    page = (repository / "docs" / "install.md").read_text(encoding="utf-8")
    assert line in page and line.replace("bash", "zsh") in page
    assert "_EVALKIT_COMPLETE=fish_source evalkit | source" in page
    script = f"{line}\nCOMP_WORDS=(evalkit leader)\nCOMP_CWORD=1\n_evalkit_completion evalkit\necho ${{COMPREPLY[@]}}"
    env = {**os.environ, "PATH": f"{EVALKIT.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.stdout == "leaderboard\n", done.stderr
