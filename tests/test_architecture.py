"""The rooms and what each may import, and what an import costs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import evalkit

PACKAGE = Path(evalkit.__file__).resolve().parent

# room: evalkit rooms it may import (itself and errors are always allowed)
MAY_IMPORT = {
    "text": set(),
    "stats": set(),
    "metrics": {"text"},
    "data": {"text"},
    "results": {"data", "metrics", "stats", "comparisons"},
    "shards": {"metrics"},
    "cache": {"data", "metrics"},
    "executors": set(),
    "engine": {"data", "metrics", "stats", "results", "shards", "cache", "executors"},
    "run_folder": {"data", "metrics", "stats", "results", "statistics_file"},
    "statistics_file": {"results"},
    "comparisons": {"stats", "results"},
    "people": {"stats", "results"},
    "reports": {"results", "stats", "comparisons", "people"},
    "gate": {"results", "stats"},
    "leaderboard": {"results", "stats"},
    "interchange": {"data", "results"},
    "checks": {"data", "metrics", "engine"},
    "probing": {"data", "metrics", "text"},
}
# what the rule cannot say by room: the vocabulary of metrics in types and listings
# and of a gate's verdict and a history, which are plain data
ALLOWED = {
    ("reports", "metrics.base"),
    ("reports", "metrics.names"),
    ("reports", "gate.verdict"),
    ("reports", "leaderboard.course"),
    ("reports", "leaderboard.history"),
    # outputs in the form of another tool's log
    ("data", "interchange.logs"),
    # results show themselves: the reports are loaded when asked for
    ("results", "reports.plot"),
    ("results", "reports.notebook"),
}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("evalkit"):
            if node.module == "evalkit":
                found.update(alias.name for alias in node.names if not alias.name.startswith("_"))
            else:
                found.add(node.module.removeprefix("evalkit."))
        elif isinstance(node, ast.Import):
            found.update(a.name.removeprefix("evalkit.") for a in node.names if a.name.startswith("evalkit."))
    return found


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_rooms_import_only_what_they_may(room: str) -> None:
    files = sorted((PACKAGE / room).rglob("*.py")) or [PACKAGE / f"{room}.py"]
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in files
        for name in _imports(path)
        if name.split(".")[0] not in {room, "errors", *MAY_IMPORT[room]} and (room, name) not in ALLOWED
    ]
    assert not wrong


def test_only_the_command_line_prints_exits_or_reads_the_environment() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name == "cli.py" or "_bundled" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            read = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if (
                called in {"print", "exit", "quit", "sys.exit", "click.echo"}
                or read == "os.environ"
                or called == "os.getenv"
            ):
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {called or read}")
    assert not wrong


def test_nothing_is_pickled_or_evaluated_and_no_generator_is_global() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import) and any(
                a.name in {"pickle", "marshal", "shelve", "random"} for a in node.names
            ):
                wrong.append(f"{path.name}:{node.lineno}: import")
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"eval", "exec", "np.random.seed", "yaml.load"}:
                wrong.append(f"{path.name}:{node.lineno}: {ast.unparse(node.func)}")
    assert not wrong


@pytest.mark.parametrize("arguments", [["-c", "import evalkit"], ["-m", "evalkit", "--help"]])
def test_importing_evalkit_loads_nothing_heavy(arguments: list[str]) -> None:
    heavy = ("numpy", "datasets", "sacrebleu", "rouge_score", "pandas", "pyarrow", "numba", "rich", "jinja2", "yaml")
    env = {**os.environ}
    if "EVALKIT_TEST_WHEEL" not in env:
        env["PYTHONPATH"] = str(PACKAGE.parent)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, env=env, check=True
    )
    loaded = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "evalkit" in loaded
    assert not loaded & set(heavy)


def test_public_names_exist_and_are_the_listed_ones() -> None:
    for name in evalkit.__all__:
        assert getattr(evalkit, name) is not None
    assert set(evalkit.__all__) <= set(dir(evalkit))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        evalkit.nonsense  # noqa: B018


def test_what_type_checkers_see_is_what_is_exported() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    seen = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for item in node.body
        if isinstance(item, ast.ImportFrom)
        for alias in item.names
    }
    assert seen == set(evalkit.__all__) - {"__version__"}


@pytest.mark.skipif("EVALKIT_TEST_WHEEL" not in os.environ, reason="only where the installed wheel is tested")
def test_the_wheel_is_tested_and_not_the_source_tree(repository: Path) -> None:
    assert repository not in PACKAGE.parents or "site-packages" in PACKAGE.parts
