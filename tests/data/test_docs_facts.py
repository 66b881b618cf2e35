"""The examples of docs/facts.md are read as written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evalkit.data.facts_file import read_facts
from evalkit.data.glossary import read_glossary
from evalkit.text.facts import View, carries, contradicted


@pytest.fixture(scope="module")
def blocks(repository: Path) -> dict[str, str]:
    text = (repository / "docs/facts.md").read_text(encoding="utf-8")
    return dict(re.findall(r"```(csv|yaml)\n(.*?)```", text, re.DOTALL))


def test_the_glossary(blocks: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "terms.csv"
    path.write_text(blocks["csv"], encoding="utf-8")
    assert {article: len(terms) for article, terms in read_glossary(path).items()} == {"": 1, "storm": 1}


def test_the_facts(blocks: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(blocks["yaml"], encoding="utf-8")
    (fact,) = read_facts(path)["storm"]
    assert carries(fact, View("The typhoon left thirty-eight people dead.", "en"))
    assert carries(fact, View("风暴造成三十八人死亡。", "zh"))
    assert contradicted(fact, View("The typhoon left 83 people dead.", "en"))
