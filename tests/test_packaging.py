"""The guarantees of pyproject.toml."""

from __future__ import annotations

import importlib
import os
import re
import runpy
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from evalkit.version import DISTRIBUTION

ROOT = Path(__file__).resolve().parent.parent


def test_the_lowest_versions_are_the_ones_that_are_tested() -> None:
    tomllib = pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    lowest = {}
    for requirement in wanted:
        match = re.match(r"([A-Za-z0-9_-]+)(?:\[\w+\])?>=([\d.]+)", requirement)
        assert match, f"{requirement} names no lowest version"
        lowest[match[1].lower()] = match[2]
    pinned = dict(
        re.match(r"([A-Za-z0-9_-]+)==([\d.]+)", line).groups()  # type: ignore[union-attr]
        for line in (ROOT / "tests" / "lowest.txt").read_text().splitlines()
        if line and not line.startswith("#")
    )

    def key(version: str) -> list[int]:
        return [*map(int, version.split(".")), 0, 0][:3]

    # Extras with a tox environment of their own need no pin here.
    extras = re.search(r"(?m)^extras = (.*)$", (ROOT / "tox.ini").read_text(encoding="utf-8"))
    assert extras
    elsewhere = {
        re.split("[>[]", requirement)[0].lower()
        for extra, requirements in project["optional-dependencies"].items()
        if extra not in extras[1].split(", ")
        for requirement in requirements
    }
    assert set(lowest) - elsewhere <= set(pinned) <= set(lowest)
    assert {k: key(v) for k, v in pinned.items()} == {k: key(v) for k, v in lowest.items() if k in pinned}


def test_the_version_stands_in_one_place_and_the_changelog_knows_it() -> None:
    import evalkit

    assert f"## {evalkit.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {evalkit.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_wheel_has_the_files_of_the_package_and_of_the_dataset_and_no_other(repository: Path) -> None:
    if "EVALKIT_TEST_WHEEL" not in os.environ:
        pytest.skip("evalkit is not installed from a wheel here")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    wanted = {name for name in listed.stdout.split("\0") if name.startswith("evalkit/")}
    for place in ("references/README.md", "references/data/", "benchmarks/zh-news/systems/"):
        wanted |= {f"evalkit/_bundled/{name}" for name in listed.stdout.split("\0") if name.startswith(place)}
    files = {file.as_posix() for file in distribution(DISTRIBUTION).files or () if "__pycache__" not in file.parts}
    of_installer = re.compile(r"evalkit_zh-[\d.]+\.dist-info/|(\.\./)+bin/evalkit$|\.\./\.\./Scripts/evalkit\.exe$")
    assert {name for name in files if not of_installer.match(name)} == wanted


def test_only_tested_versions_of_python_are_declared_and_tox_names_the_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = re.findall(r"Programming Language :: Python :: 3\.(\d+)", project)
    envs = re.search(r"(?m)^env_list = (.*)$", (ROOT / "tox.ini").read_text(encoding="utf-8"))
    assert envs and re.findall(r"py3(\d+)", envs[1]) == declared
    assert f'requires-python = ">=3.{declared[0]}"' in project

    class Missing:
        @property
        def base_python(self) -> None:
            raise RuntimeError("no interpreter")

    plugin = ModuleType("tox.plugin")
    plugin.__dict__["impl"] = lambda function: function
    monkeypatch.setitem(sys.modules, "tox.plugin", plugin)
    report = runpy.run_path(str(ROOT / "toxfile.py"))["report"]

    class Envs(dict):  # type: ignore[type-arg]
        iter = dict.__iter__

    found = SimpleNamespace(base_python="python")
    report(SimpleNamespace(envs=Envs(py310=Missing(), py311=found, py312=Missing(), lint=Missing())))
    assert capsys.readouterr().out == ("not tested, because there is no such interpreter here: Python 3.10, 3.12\n")
    report(SimpleNamespace(envs=Envs(py311=found)))
    assert not capsys.readouterr().out


def test_the_citation_is_valid_and_the_readme_has_it_as_bibtex(repository: Path) -> None:
    """The keys and values that version 1.2.0 of the Citation File Format requires."""
    import yaml

    cited = yaml.safe_load((repository / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0" and cited["type"] == "software" and cited["message"]
    assert cited.keys() <= {
        "cff-version", "message", "title", "type", "authors", "version", "date-released", "license", "keywords"
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", cited["date-released"])
    bibtex = re.search(r"(?ms)^```bibtex\n(.*?)^```", (repository / "README.md").read_text(encoding="utf-8"))
    assert bibtex
    fields = dict(re.findall(r"(?m)^  (\w+) = \{(.*)\},?$", bibtex[1]))
    assert bibtex[1].startswith("@software{evalkit,\n") and bibtex[1].endswith("}\n")
    (author,) = cited["authors"]
    # Two pairs of braces: this is no person whose last name is "authors".
    assert fields == {
        "author": f"{{{author['name']}}}",
        "title": f"{{{cited['title'].replace('–', '--')}}}",
        "version": cited["version"],
        "year": cited["date-released"][:4],
    }


def test_nothing_tells_a_reader_to_install_the_project_of_somebody_else(repository: Path) -> None:
    """The bare name on the public index is not ours: no document, template or message may say to install it."""
    wrong = re.compile(
        r"(?<![\w.])evalkit\[\w|"
        r"\b(?:(?:pip3?|uv|poetry|pdm|conda|mamba) (?:install|add|pip install)|uvx|pipx (?:install|run))"
        r"\s[^\n&;|`]*?(?<!installed )(?<![\w/.-])evalkit(?![\w./-])"
    )
    for text in ("pip install evalkit", "pip install -U 'evalkit>=1'", 'pip install "evalkit[zh]"', "uvx evalkit run"):
        assert wrong.search(text), text
    for text in (
        "pip install . && evalkit run",
        "pip install evalkit-zh",
        "install it from where you installed evalkit",
    ):
        assert not wrong.search(text), text
    paths = [repository / name for name in ("README.md", "CHANGELOG.md", "tox.ini", ".ci/run")]
    for folder in ("docs", "evalkit", "references", "benchmarks"):
        paths += [p for p in (repository / folder).rglob("*") if p.suffix in {".md", ".py", ".yml", ".toml", ".html"}]
    assert len(paths) > 100
    assert not [f"{p}: {m[0]}" for p in paths if (m := wrong.search(p.read_text(encoding="utf-8")))]


@pytest.mark.parametrize(
    ("origin", "hint"),
    [
        (None, "install evalkit-zh[plot] from where you installed evalkit"),
        ("not JSON", "install evalkit-zh[plot] from where you installed evalkit"),
        ('{"url": "https://name:key@example.org/e.whl"}', "install evalkit-zh[plot] from where you installed evalkit"),
        ('{"url": "file:///home/a%20b", "dir_info": {}}', "pip install 'evalkit-zh[plot] @ file:///home/a%20b'"),
        (
            '{"url": "https://example.org/e", "vcs_info": {"vcs": "git", "commit_id": "abc"}, "subdirectory": "x"}',
            "pip install 'evalkit-zh[plot] @ git+https://example.org/e@abc#subdirectory=x'",
        ),
    ],
)
def test_a_hint_names_the_place_that_the_installed_copy_came_from(
    monkeypatch: pytest.MonkeyPatch, origin: str | None, hint: str
) -> None:
    from evalkit.version import install_hint

    monkeypatch.setattr("importlib.metadata.distribution", lambda name: SimpleNamespace(read_text=lambda file: origin))
    assert install_hint("plot") == hint


def test_every_hint_names_an_extra_that_exists(repository: Path) -> None:
    project = (repository / "pyproject.toml").read_text(encoding="utf-8")
    table = project.split("[project.optional-dependencies]\n")[1].split("\n\n")[0]
    extras = set(re.findall(r"(?m)^(\w+) = ", table))
    sources = [path.read_text(encoding="utf-8") for path in (repository / "evalkit").rglob("*.py")]
    named = {extra for text in sources for extra in re.findall(r"""install_hint\(["'](\w+)["']\)""", text)}
    assert {"plot", "mlflow", "wandb", "inspect", "harness"} <= named <= extras
    described = set(re.findall(r"`(\w+)`", (repository / "docs" / "install.md").read_text(encoding="utf-8")))
    assert extras <= described


@pytest.mark.parametrize(("module", "package"), [("inspect_scorer", "inspect_ai"), ("harness_metric", "lm_eval")])
def test_an_integration_without_its_tool_names_the_line_that_installs_it(
    module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"evalkit.integrations.{module}", raising=False)
    with pytest.raises(ImportError, match=r"evalkit-zh\[(inspect|harness)\]"):
        importlib.import_module(f"evalkit.integrations.{module}")


def test_the_repository_speaks_of_the_project_alone() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    # Put together here, so that this file does not hold what it looks for.
    places = ("/wo" + "rk/", "/ro" + "ot/", "pypi" + ".org", "python" + "hosted", "registry.npm" + "js")
    words = re.compile("|".join(map(re.escape, places)).encode())
    wrong = [
        name
        for name in listed.stdout.decode().split("\0")
        if name and (ROOT / name).is_file() and words.search((ROOT / name).read_bytes())
    ]
    assert not wrong
