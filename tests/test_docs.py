"""The commands of the documentation run as written and print what the pages show."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit
from evalkit import errors

Cli = Callable[..., subprocess.CompletedProcess[str]]
DOCS = Path(__file__).resolve().parent.parent / "docs"


def blocks(page: Path, kind: str) -> list[tuple[str, str]]:
    """Title and content of the fenced blocks of one kind."""
    pattern = rf'^```{kind}(?: title="([^"]*)")?\n(.*?)^```'
    return re.findall(pattern, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def check_commands(page: Path, cli: Cli, folder: Path) -> int:
    """Follow a page from its top: write the files that it shows with a title, and run its commands.

    Every line shown under a command must be in its output. A command ends with status 0 unless a comment behind it says
    another ``exit status``.
    """
    count = 0
    blocks = r'^```(\w+)(?: title="([^"]*)")?\n(.*?)^```'
    for kind, title, block in re.findall(blocks, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        if title:
            (folder / title).write_text(block, encoding="utf-8")
        for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:] if kind == "console" else ():
            command, *shown = part.splitlines()
            program, *arguments = shlex.split(command, comments=True)
            assert program == "evalkit", command
            done = cli(*arguments, cwd=folder)
            status = re.search(r"# exit status (\d)", command)
            assert done.returncode == (int(status[1]) if status else 0), (command, done.stderr)
            printed = squeezed(done.stdout)
            for line in shown:
                assert squeezed(line) in printed, (command, line, done.stdout[:3000])
            count += 1
    return count


@pytest.mark.parametrize("name", ["start/judge-summaries.md", "start/gate-in-ci.md"])
def test_pages_that_bring_their_files(name: str, cli: Cli, tmp_path: Path) -> None:
    assert check_commands(DOCS / name, cli, tmp_path) >= 3


def test_rank_systems(shared_data: Path, cli: Cli, tmp_path: Path) -> None:
    for item in ("source.zh", "reference.ref-A.en", "systems"):
        (tmp_path / item).symlink_to(shared_data / "wmt22-zh-en" / item)
    assert check_commands(DOCS / "start" / "rank-systems.md", cli, tmp_path) >= 5


def test_slices(shared_data: Path, cli: Cli, tmp_path: Path) -> None:
    folder = shared_data / "wmt24-en-zh"
    for item in ("source.en", "reference.refA.zh", "docids", "domains", "systems/GPT-4.zh", "systems/Claude-3.5.zh"):
        (tmp_path / Path(item).name).symlink_to(folder / item)
    page = DOCS / "slices.md"
    assert check_commands(page, cli, tmp_path) == 2
    printed = cli("compare", "evalkit-results", "--baseline", "GPT-4", "--by", "domain", cwd=tmp_path).stdout
    rows = re.findall(r"^\| (\w+) \(\d+.*?\) \| (.*) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 4
    for name, cells in rows:
        (line,) = [line for line in printed.splitlines() if line.startswith(f"{name} (") and "to" in line]
        score, *figures = cells.split(" | ")
        assert (score in line, line.split()[-3:]) == (True, figures)


@pytest.mark.parametrize("name", ["how-to/own-metric.md", "start/notebook.md"])
def test_python_examples(name: str, tmp_path: Path) -> None:
    env = {**os.environ}
    if "EVALKIT_TEST_WHEEL" not in env:
        env["PYTHONPATH"] = str(DOCS.parent)
    for _, code in blocks(DOCS / name, "python"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)


def test_links_between_pages_lead_somewhere() -> None:
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            place = (page.parent / target).resolve()
            assert place.exists() and place.is_relative_to(DOCS), f"{page.relative_to(DOCS)}: {target}"


def test_every_page_is_in_the_navigation(repository: Path) -> None:
    named = set(re.findall(r"[\w/-]+\.md", (repository / "mkdocs.yml").read_text(encoding="utf-8")))
    assert named == {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}


def test_the_reference_has_every_public_name() -> None:
    page = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^::: evalkit\.[\w.]+?\.(\w+)$", page, re.MULTILINE)) | {*vars(errors), "METRICS"}
    assert {name for name in evalkit.__all__ if not name.startswith("_")} <= documented


def output_of(code: str, names: dict[str, object]) -> dict[str, str]:
    """Run a cell as a notebook does; what it prints, or its last expression in the forms that a notebook shows."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    if value is None:
        return {"text": printed.getvalue()}
    html = {"text/html": value._repr_html_()} if hasattr(value, "_repr_html_") else {}
    return {"text/plain": repr(value), **html}


def test_the_notebook_shows_what_its_cells_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    path = DOCS / "start" / "explore.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 5
    names: dict[str, object] = {}
    for cell in cells:
        given = output_of("".join(cell["source"]), names)
        (shown,) = cell["outputs"]
        kept = shown.get("data", shown)
        if os.environ.get("EVALKIT_UPDATE_NOTEBOOK"):
            kept.update({form: text.splitlines(keepends=True) for form, text in given.items()})
        for form in given.keys() - {"text/html"}:
            message = "write them anew: EVALKIT_UPDATE_NOTEBOOK=1 pytest tests/test_docs.py -k notebook"
            assert squeezed("".join(kept[form])) == squeezed(given[form]), message
    if os.environ.get("EVALKIT_UPDATE_NOTEBOOK"):
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
