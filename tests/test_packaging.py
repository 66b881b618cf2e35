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

    assert set(pinned) == set(lowest)
    assert {k: key(v) for k, v in pinned.items()} == {k: key(v) for k, v in lowest.items()}


def test_the_version_stands_in_one_place_and_the_changelog_knows_it() -> None:
    import evalkit

    assert f"## {evalkit.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {evalkit.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


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
