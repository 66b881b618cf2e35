"""A small made-up article, as somebody who adds a fourth one would write it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

PAGE = """
村里来了 新图书馆

3月5日,清溪村图书馆开馆,藏书2000余
册。“孩子们终于有书看了。”馆长李小萌说。(赵一凡)
"""

ARTICLE = Path(__file__).parent / "village-library.yaml"


@pytest.fixture
def references(repository: Path) -> Path:
    """The references of this checkout, with the authored files that the package does not bring."""
    return repository / "references"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A references folder that holds the made-up article alone."""
    made = tmp_path / "references"
    (made / "articles").mkdir(parents=True)
    (made / "raw").mkdir()
    (made / "raw" / "village.txt").write_bytes(PAGE.encode())
    text = ARTICLE.read_text("utf-8").replace("SHA256", hashlib.sha256(PAGE.encode()).hexdigest())
    (made / "articles" / ARTICLE.name).write_bytes(text.encode())
    return made


@pytest.fixture
def everything(tmp_path: Path, folder: Path, references: Path) -> Path:
    """A copy of the bundled references with the made-up article beside the three."""
    made = tmp_path / "all"
    shutil.copytree(references, made)
    shutil.copy(folder / "articles" / ARTICLE.name, made / "articles")
    shutil.copy(folder / "raw" / "village.txt", made / "raw")
    return made
