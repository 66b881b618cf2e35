"""What each subpackage may import, and what importing evalkit loads."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import evalkit

PACKAGE = Path(evalkit.__file__).resolve().parent

# room: rooms it may import. Every room may import itself and BASE; the command line and the pytest plugin import all.
BASE = {"arguments", "errors", "version", "files", "reading", "printable", "toml_file", "wording", "yaml_file"}
MAY_IMPORT: dict[str, set[str]] = {
    "arguments": set(),
    "errors": set(),
    "version": set(),
    "files": set(),
    "reading": set(),
    "printable": set(),
    "toml_file": set(),
    "wording": set(),
    "yaml_file": set(),
    "text": set(),
    "stats": set(),
    "data": {"text"},
    "models": set(),
    "metrics": {"text", "models"},
    "results": {"metrics", "stats"},
    "engine": {"data", "metrics", "results"},
    "gate": {"results", "stats"},
    "leaderboard": {"results", "stats"},
    "probing": {"data", "metrics", "results", "stats", "text"},
    "reports": {"results", "gate", "leaderboard", "probing"},
    "integrations": {"data", "engine", "metrics", "models", "reports", "results", "text"},
}
ANYTHING = {"cli", "pytest_plugin", "__init__", "__main__"}


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _modules() -> dict[str, Path]:
    return {_module(path): path for path in sorted(PACKAGE.rglob("*.py")) if "_bundled" not in path.parts}


def _imports(path: Path, *, types: bool = True) -> set[str]:
    """Modules of evalkit that a file imports anywhere, lazy imports included; without ``types``, only those at run time."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not types and id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "evalkit":
            for alias in node.names:
                name = f"{node.module}.{alias.name}".removeprefix("evalkit.")
                found.add(name if name in KNOWN else node.module.removeprefix("evalkit."))
        elif isinstance(node, ast.Import):
            found.update(a.name.removeprefix("evalkit.") for a in node.names if a.name.startswith("evalkit."))
    return found


KNOWN = set(_modules())


def test_every_module_belongs_to_a_room() -> None:
    assert {name.split(".")[0] for name in KNOWN} <= {*MAY_IMPORT, *ANYTHING}


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_rooms_import_only_what_they_may(room: str) -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, path in _modules().items()
        if name.split(".")[0] == room
        for imported in sorted(_imports(path))
        if imported.split(".")[0] not in {room, *BASE, *MAY_IMPORT[room]}
    ]
    assert not wrong


def test_the_documentation_has_this_table() -> None:
    page = Path(__file__).resolve().parent.parent / "docs" / "explain" / "design.md"
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]*) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert {room: set(rooms.split(", ")) - {"–"} for room, rooms in rows} == {
        room: rooms for room, rooms in MAY_IMPORT.items() if room not in BASE
    }


def test_base_names_are_unique() -> None:
    # Only a metric and its compiled loops share a name.
    counts = Counter(path.stem for path in _modules().values() if path.stem != "__init__")
    assert {name for name, count in counts.items() if count > 1} == {"rouge", "ter"}


def test_no_import_circles() -> None:
    graph = {name: _imports(path, types=False) & KNOWN - {name} for name, path in _modules().items()}
    # Importing a.b.c runs the packages a and a.b first, but a package may import its own modules.
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail[trail.index(name) :], name])
        if name in done:
            return
        for other in sorted(graph[name]):
            visit(other, (*trail, name))
        done.add(name)

    for name in graph:
        if name != "__init__":
            visit(name, ())


def test_only_the_command_line_prints_exits_or_reads_the_environment() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "cli" or "_bundled" in path.parts:
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


# What a small run has no use for. Each takes between five milliseconds (zipfile) and half a second (datasets) to import.
UNUSED = (
    *("pandas", "numba", "sacrebleu", "rouge_score", "datasets", "langcodes", "asyncio", "pypinyin", "numpy.ma"),
    *("evalkit.text.quantities", "evalkit.text.names", "evalkit.metrics.key_facts", "evalkit.metrics.judge"),
    *("evalkit.metrics.model_metric", "evalkit.models.judge_session"),
)
UNUSED_WITHOUT_FOLDER = ("pyarrow", "jinja2", "numpy.random", "evalkit.reports.task_view")


SMALL = "--reference ref.en --lang en -m BLEU,chrF sys.en"


@pytest.mark.parametrize(
    ("arguments", "unused"),
    [
        (SMALL, UNUSED),
        (f"{SMALL} --no-save", (*UNUSED, *UNUSED_WITHOUT_FOLDER)),
        ("", ("pandas", "numba", "sacrebleu")),
    ],
    ids=["saved", "no-save", "bundled"],
)
def test_a_small_run_imports_only_what_it_uses(tmp_path: Path, arguments: str, unused: tuple[str, ...]) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "ref.en").write_text("the cat sat\na dog ran\n")
    (tmp_path / "sys.en").write_text("the cat sat\na dog\n")
    code = (
        # What numpy itself imports differs between its versions.
        "import sys, numpy\nnumpys = set(sys.modules)\nfrom evalkit.cli import main\n"
        f"sys.argv = ['evalkit', 'run', '--no-cache', *{arguments.split()}]\n"
        "try: main()\nexcept SystemExit as stop: assert not stop.code, stop.code\n"
        f"print(sorted(set({unused}) & (set(sys.modules) - numpys)))"
    )
    env = {**os.environ}
    if "EVALKIT_TEST_WHEEL" not in env:
        env["PYTHONPATH"] = str(PACKAGE.parent)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_public_names_exist_and_are_the_listed_ones() -> None:
    for name in evalkit.__all__:
        assert getattr(evalkit, name) is not None
    assert set(evalkit.__all__) == set(dir(evalkit))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        evalkit.nonsense  # noqa: B018


def test_public_names_are_those_of_the_module_that_the_stub_names() -> None:
    for node in ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8")).body[1:]:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.name == alias.asname and alias.name in evalkit.__all__
            assert getattr(evalkit, alias.name) is getattr(import_module(str(node.module)), alias.name)


@pytest.mark.skipif("EVALKIT_TEST_WHEEL" not in os.environ, reason="only where the installed wheel is tested")
def test_the_wheel_is_tested_and_not_the_source_tree(repository: Path) -> None:
    assert repository not in PACKAGE.parents or "site-packages" in PACKAGE.parts
