"""The rules of the quantity scanners: their actions are strings, so that a renamed method would go unnoticed."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from evalkit.text.quantities import KINDS, chinese, english, extract, parse_normal
from evalkit.text.quantities.lexicons import load
from evalkit.text.quantities.rule_lists import Rules

#: the tables of rules, as the modules of both languages load them.
TABLES = {
    "zh": ("names", "numerals", "calendar", "digits", "hanzi", "scales", "runs", "after_run", "phrases"),
    "en": ("digits", "months", "relative", "phrases", "numbers"),
}
SCANNERS = {"zh": chinese._Scan, "en": english._Scan}


def is_action(scanner: type, step: str) -> bool:
    """Whether a step is a method, ``after_KIND``, or a normal form whose groups and unit are filled in."""
    name = step.lstrip("!?")
    if hasattr(scanner, f"_{name}") or name.removeprefix("after_") in KINDS:
        return True
    normal = name.partition(";")[0].rstrip("…").replace("{unit}", "day").replace("{level}", "article")
    date = "2" if normal.startswith("date") else "1"
    normal = re.sub(r"\{[a-z]+\}", date, normal)
    if normal.startswith("date"):
        return re.fullmatch(r"date [-0-9]+(?:s|th century| BC)?", normal) is not None
    parse_normal(normal)
    return True


@pytest.mark.parametrize(("lang", "table"), [(lang, table) for lang, tables in TABLES.items() for table in tables])
def test_every_action_exists(lang: str, table: str) -> None:
    for name, row in load(lang)[table].items():
        if name.startswith("if_"):
            continue
        action = row[1] if isinstance(row, list) and len(row) > 1 else name
        for step in action.split(" & "):
            assert is_action(SCANNERS[lang], step), (name, step)


@pytest.mark.parametrize("module", [chinese, english])
def test_conditions_only_save_time(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule in a block whose condition excludes it would never be applied."""
    lang = "zh" if module is chinese else "en"
    rows = [line.split("\t") for line in (Path(__file__).parent / "quantity_kinds.tsv").read_text("utf-8").splitlines()]
    texts = [row[1] for row in rows if row[0] == lang]
    expected = [extract(text, lang) for text in texts]
    for table in TABLES[lang]:
        rules = {name: row for name, row in load(lang)[table].items() if not name.startswith("if_")}
        plain = Rules(rules, module.LEXICON._macros, SCANNERS[lang].action)
        monkeypatch.setattr(module, f"_{table.upper()}", plain)
    assert [extract(text, lang) for text in texts] == expected
