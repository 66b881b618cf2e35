"""The composite action and the GitLab component: their shell steps, run with stand-ins for the services."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.data.loading import load_benchmark

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


def steps(repository: Path) -> dict[str, Any]:
    action = yaml.safe_load((repository / "action.yml").read_text(encoding="utf-8"))
    assert action["runs"]["using"] == "composite"
    return {step["name"]: step for step in action["runs"]["steps"] if "run" in step}


def bash(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    stand_ins = folder / "bin"
    environment = {**os.environ, "PATH": f"{stand_ins}{os.pathsep}{os.environ['PATH']}", **env}
    if "EVALKIT_TEST_WHEEL" not in environment:
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "evalkit"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m evalkit "$@"\n')
    gh = tmp_path / "bin" / "gh"
    gh.write_text('#!/bin/sh\necho "$@" >> calls\ncase "$*" in *--paginate*) cat known 2>/dev/null || true;; esac\n')
    for script in (tool, gh):
        script.chmod(0o755)
    ids = load_benchmark().task("summarize-zh").ids
    rows = [json.dumps({"id": id_, "output": "阿里巴巴发布“热土计划2022”，推出18项新举措。"}) + "\n" for id_ in ids]
    (tmp_path / "mine.jsonl").write_text("".join(rows), encoding="utf-8")
    return tmp_path


def test_score_gate_and_comment(repository: Path, folder: Path) -> None:
    found = steps(repository)
    score = {"SYSTEMS": "mine.jsonl", "OPTIONS": "--task summarize-zh -m chrF", "OUT": "out"}
    done = bash(found["Score"]["run"], folder, **score)
    assert done.returncode == 0, done.stderr
    assert bash("evalkit gate out --baseline b.json --update", folder).returncode == 0
    output = folder / "output"
    done = bash(found["Gate"]["run"], folder, BASELINE="b.json", OUT="out", GITHUB_OUTPUT=str(output))
    assert done.returncode == 0, done.stderr
    assert output.read_text() in ("status=passed\n", "status=inconclusive\n")

    comment = {"COMMENTS": "repos/o/r/issues/1/comments", "REPOSITORY": "repos/o/r", "OUT": "out"}
    done = bash(found["Comment"]["run"], folder, RUNNER_TEMP=str(folder), **comment)
    assert done.returncode == 0, done.stderr
    assert "-X POST repos/o/r/issues/1/comments" in (folder / "calls").read_text()
    (folder / "known").write_text("42\n")
    done = bash(found["Comment"]["run"], folder, RUNNER_TEMP=str(folder), **comment)
    assert "-X PATCH repos/o/r/issues/comments/42" in (folder / "calls").read_text()
    assert (folder / "comment.md").read_text(encoding="utf-8").startswith("<!-- evalkit-action -->")


def test_names_of_files_are_never_commands(repository: Path, folder: Path) -> None:
    hostile = {"SYSTEMS": "$(touch${IFS}owned) `touch owned` *", "OPTIONS": "", "OUT": "out"}
    assert bash(steps(repository)["Score"]["run"], folder, **hostile).returncode == 2
    assert not (folder / "owned").exists()


def test_inputs_reach_the_shell_as_variables_only(repository: Path) -> None:
    for step in steps(repository).values():
        assert "${{" not in step["run"], step["name"]


def test_the_gitlab_component_is_a_valid_template(repository: Path) -> None:
    text = (repository / "docs" / "ci" / "gitlab-component.yml").read_text(encoding="utf-8")
    spec, jobs = yaml.safe_load_all(text)
    inputs = set(spec["spec"]["inputs"])
    assert set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", text)) == inputs
    assert jobs["evalkit-gate"]["artifacts"]["when"] == "always"
