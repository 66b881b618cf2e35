"""The examples of docs/how-to/other-tools.md, as written, with the real tools if they are installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "other-tools.md"
BLOCKS = re.findall(
    r'^```(\w+)(?: title="([^"]*)")?\n(.*?)^```', PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
CODE = [code for kind, title, code in BLOCKS if kind == "python" and not title]
ASSERTION = """
from evalkit_assert import get_assert

test = TESTS[0]
found = get_assert("Last year 42 million people took part.", {"vars": test["vars"], "config": test["assert"][0]["config"]})
assert found["pass"] is False and "42" in found["reason"]
"""


def run(code: str, folder: Path) -> str:
    for _, title, content in BLOCKS:
        if title:
            (folder / title).write_text(content, encoding="utf-8")
    env = {**os.environ, "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1", "INSPECT_DISPLAY": "none"}
    env["PYTHONPATH"] = os.pathsep.join([str(folder), *([] if "EVALKIT_TEST_WHEEL" in env else [str(PAGE.parents[2])])])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("code", CODE, ids=lambda code: code.split()[1])
def test_python_examples(code: str, tmp_path: Path) -> None:
    pytest.importorskip(code.split()[1], reason="the tox environment integrations installs it")
    printed = run(code, tmp_path)
    assert ("chrf" in printed.lower()) == ("print" in code)


def test_the_assertion_of_promptfoo(tmp_path: Path) -> None:
    import yaml

    (config,) = [yaml.safe_load(content) for kind, title, content in BLOCKS if kind == "yaml" and not title]
    run(ASSERTION.replace("TESTS", repr(config["tests"])), tmp_path)
