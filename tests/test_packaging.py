"""What pyproject.toml promises."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

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
    from types import SimpleNamespace

    from evalkit.version import install_hint

    monkeypatch.setattr("importlib.metadata.distribution", lambda name: SimpleNamespace(read_text=lambda file: origin))
    assert install_hint("plot") == hint


def test_the_repository_speaks_of_the_project_alone() -> None:
    import subprocess

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
