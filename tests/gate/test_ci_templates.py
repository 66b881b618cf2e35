"""The shell steps of the workflow templates, run in a temporary repository; only the services are replaced by stand-ins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.data.loading import load_benchmark
from evalkit.engine.evaluate import run as evaluate
from evalkit.results.run_folder import save_results

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or shutil.which("bash") is None, reason="needs git and bash"
)

ARTICLES = ("alibaba-hometown", "shanghai-training", "youth-forum")
GOOD = {
    id_: f"阿里巴巴发布计划，推出{i}项新举措。孩子们在图书馆读书，老师教他们写字。" for i, id_ in enumerate(ARTICLES)
}
WORSE = {**GOOD, ARTICLES[1]: "无。"}
PINNED = "git+https://example.org/team/evalkit@" + "0" * 40
RULES = "[tool.evalkit.gate]\nmax_article_drop = { chrF = 1.0 }\n"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of good and of worse outputs, for the tests whose subject is not the scoring."""
    folder = tmp_path_factory.mktemp("scored")
    bench = load_benchmark("zh-news", task="summarize-zh")
    for name, outputs in (("good", GOOD), ("worse", WORSE)):
        found = evaluate(bench, {"mine": outputs}, metrics=["chrF"])
        save_results(found, folder / name)
    return folder


@pytest.fixture
def place(tmp_path: Path, repository: Path, scored: Path) -> Path:
    """A clone of a repository with outputs and rules, and stand-ins for pip, gh and curl.

    With SCORED=good or worse, ``evalkit run`` copies a run that was made before.
    """
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    calls = tmp_path / "calls"
    scripts = {
        "evalkit": f'if [ "$1" = run ] && [ -n "${{SCORED:-}}" ]; then rm -rf "$4"; cp -r "{scored}/$SCORED" "$4"; '
        f'else exec "{sys.executable}" -m evalkit "$@"; fi',
        "python": f'if [ "$2" = pip ]; then echo "pip $*" >> "{calls}"; else exec "{sys.executable}" "$@"; fi',
        "gh": f'echo "gh $*" >> "{calls}"; [ -f "$5" ]',
        "curl": f'echo "curl $*" >> "{calls}"',
    }
    for name, body in scripts.items():
        (bin_ / name).write_text(f"#!/usr/bin/env bash\n{body}\n")
        (bin_ / name).chmod(0o755)
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(tmp_path, "clone", "-q", "origin.git", "work")
    work = tmp_path / "work"
    (work / "pyproject.toml").write_text(RULES)
    write(work, GOOD)
    (work / ".gitignore").write_text("/evalkit-results/\n/history/\n")
    git(work, "add", ".")
    git(work, "commit", "-qm", "start")
    git(work, "push", "-q", "origin", "HEAD:main")
    return work


def write(work: Path, outputs: Mapping[str, str]) -> None:
    folder = work / "outputs" / "mine"
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps({"id": id_, "output": text}, ensure_ascii=False) + "\n" for id_, text in outputs.items())
    (folder / "summarize-zh.jsonl").write_text("".join(lines), encoding="utf-8")


def environment(place: Path) -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CI_", "GIT_"))}
    env.update(
        PATH=f"{place.parent / 'bin'}{os.pathsep}{env['PATH']}",
        GIT_AUTHOR_NAME="t", GIT_AUTHOR_EMAIL="t@example.org", GIT_COMMITTER_NAME="t", GIT_COMMITTER_EMAIL="t@example.org",
        GIT_CONFIG_GLOBAL=os.devnull,
    )  # fmt: skip
    if "EVALKIT_TEST_WHEEL" not in env:
        env["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    return env


def git(where: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=where, env=environment(where), capture_output=True, text=True, check=True
    )
    return done.stdout


def shell(script: str, place: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=place,
        env={**environment(place), **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def github(repository: Path) -> tuple[dict[str, str], dict[str, list[dict[str, Any]]]]:
    """The variables of the workflow, and the shell steps of each job."""
    workflow = yaml.safe_load((repository / "docs/ci/github-actions.yml").read_text(encoding="utf-8"))
    jobs = {name: [step for step in job["steps"] if "run" in step] for name, job in workflow["jobs"].items()}
    return {**workflow["env"], "EVALKIT_FROM": PINNED}, jobs


def gitlab(repository: Path) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    pipeline = yaml.safe_load((repository / "docs/ci/gitlab-ci.yml").read_text(encoding="utf-8"))
    variables = pipeline.pop("variables")
    return {**variables, "EVALKIT_FROM": PINNED}, pipeline


def named(steps: list[dict[str, Any]], name: str) -> str:
    (found,) = [step["run"] for step in steps if step.get("name") == name]
    return str(found)


def calls(place: Path) -> str:
    path = place.parent / "calls"
    return path.read_text() if path.exists() else ""


def baseline(place: Path, env: Mapping[str, str]) -> None:
    done = shell(
        'evalkit run --quiet --out evalkit-results "$SYSTEM" && evalkit gate evalkit-results --update', place, env
    )
    assert done.returncode == 0, done.stderr


def test_no_script_contains_an_expression_of_the_service(repository: Path) -> None:
    """What a pull request is named must never become shell text."""
    _, jobs = github(repository)
    assert all("${{" not in step["run"] for steps in jobs.values() for step in steps)


def test_templates_install_nothing_until_the_source_is_set(place: Path, repository: Path) -> None:
    github_steps = github(repository)[1]
    scripts = [named(steps, "Install") for steps in github_steps.values()]
    scripts += [job["script"][0] for job in gitlab(repository)[1].values()]
    assert len(scripts) == 4
    for script in scripts:
        done = shell(script, place, {"EVALKIT_FROM": ""})
        assert done.returncode != 0 and "EVALKIT_FROM: set it" in done.stderr and not calls(place)


def test_github_gate_passes_what_is_as_good_and_fails_what_is_worse(
    place: Path, repository: Path, tmp_path: Path
) -> None:
    env, jobs = github(repository)
    summary = tmp_path / "summary.md"
    env = {**env, "GITHUB_STEP_SUMMARY": str(summary), "PULL_REQUEST": "7", "GH_TOKEN": "x", "GITHUB_SHA": "a" * 40}
    baseline(place, env)
    steps = jobs["gate"]
    assert [step["name"] for step in steps] == ["Install", "Score", "Gate", "Comment"]
    for step in steps:
        done = shell(step["run"], place, env)
        assert done.returncode == 0, (step["name"], done.stderr)
    assert f"pip -m pip install {PINNED}\n" in calls(place)
    assert "gh pr comment 7 --body-file evalkit-results/comment.md" in calls(place)
    assert "gate passed" in summary.read_text(encoding="utf-8")

    write(place, WORSE)
    assert shell(named(steps, "Score"), place, env).returncode == 0
    done = shell(named(steps, "Gate"), place, env)
    assert done.returncode == 1, done.stderr
    assert "gate failed" in done.stdout and "max_article_drop" in summary.read_text(encoding="utf-8")
    assert shell(named(steps, "Comment"), place, env).returncode == 0


def test_github_history_begins_a_branch_and_goes_on_with_it(place: Path, repository: Path) -> None:
    env, jobs = github(repository)
    steps = jobs["history"]
    for i, commit in enumerate(("a" * 40, "b" * 40)):
        if i:
            git(place, "worktree", "remove", "--force", "history")
        for step in steps:
            done = shell(step["run"], place, {**env, "GITHUB_SHA": commit, "SCORED": ("good", "worse")[i]})
            assert done.returncode == 0, (step["name"], done.stderr)
        lines = git(place, "show", "origin/evalkit-history:history.jsonl").splitlines()
        assert [json.loads(line)["commit"] for line in lines] == ["a" * 40, "b" * 40][: i + 1]
    assert git(place, "ls-tree", "--name-only", "origin/evalkit-history").split() == ["history.jsonl", "index.html"]
    assert len(git(place, "log", "--format=%s", "origin/evalkit-history").splitlines()) == 2


def test_gitlab_gate_fails_after_its_reports_are_written_and_comments(place: Path, repository: Path) -> None:
    variables, pipeline = gitlab(repository)
    variables["SCORED"] = "good"
    baseline(place, variables)
    job = pipeline["evalkit-gate"]
    assert shell("\n".join(job["script"]), place, variables).returncode == 0
    variables["SCORED"] = "worse"
    done = shell("\n".join(job["script"]), place, variables)
    assert done.returncode == 1, done.stderr
    for path in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (place / path).exists()
    after = "\n".join(job["after_script"])
    assert shell(after, place, variables).returncode == 0 and "curl" not in calls(place)
    env = {
        **variables, "EVALKIT_TOKEN": "t", "CI_MERGE_REQUEST_IID": "3", "CI_PROJECT_ID": "9", "CI_API_V4_URL": "https://x/api"
    }  # fmt: skip
    assert shell(after, place, env).returncode == 0
    assert "https://x/api/projects/9/merge_requests/3/notes" in calls(place)


def test_gitlab_history_begins_a_branch(place: Path, repository: Path) -> None:
    variables, pipeline = gitlab(repository)
    # The server of the template is the bare repository here.
    script = [line for line in pipeline["evalkit-history"]["script"] if "set-url" not in line]
    assert len(script) == len(pipeline["evalkit-history"]["script"]) - 1
    env = {**variables, "CI_COMMIT_SHA": "c" * 40, "CI_SERVER_HOST": "example.org", "SCORED": "good"}
    done = shell("\n".join(script), place, env)
    assert done.returncode == 0, done.stderr
    (line,) = git(place, "show", "origin/evalkit-history:history.jsonl").splitlines()
    assert json.loads(line)["commit"] == "c" * 40
    assert (place / pipeline["evalkit-history"]["artifacts"]["paths"][0]).exists()
