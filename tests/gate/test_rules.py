from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.errors import SettingError
from evalkit.gate.rules import Rules, find_rules, read_rules, rules_from


def test_rules_of_pyproject_and_of_a_file_of_their_own_are_the_same(tmp_path: Path) -> None:
    body = 'alpha = 0.01\nmax_drop = { BLEU = 1, "translate-en/chrF" = 0.5 }\nfindings_max = { "Health.error" = 0 }\n'
    (tmp_path / "pyproject.toml").write_text("[tool.evalkit.gate]\n" + body)
    (tmp_path / "gate.toml").write_text(body)
    found, named = find_rules(tmp_path), read_rules(tmp_path / "gate.toml")
    assert found.max_drop == named.max_drop == {"BLEU": 1.0, "translate-en/chrF": 0.5}
    assert (found.alpha, found.findings_max) == (named.alpha, named.findings_max) == (0.01, {"Health.error": 0})


def test_without_rules_no_drop_is_allowed_that_the_test_is_sure_of(tmp_path: Path) -> None:
    assert find_rules(tmp_path) == Rules()
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    assert find_rules(tmp_path) == Rules()


def test_a_plain_number_holds_for_every_metric() -> None:
    assert rules_from({"max_drop": 0.5}).max_drop == {"*": 0.5}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("max_dorp = 1", "max_dorp: unknown rule; did you mean max_drop?"),
        ("max_drop = -1", "a drop is written as a positive number"),
        ('max_drop = "much"', "max_drop: a text, not a number"),
        ("max_drop = { BLEU = true }", "BLEU is True, not a finite number"),
        ("max_drop = { BLEU = inf }", "BLEU is inf, not a finite number"),
        ("[max_drop.translate-en]\nBLEU = 1", 'write the task and the metric as one key: "translate-en/BLEU"'),
        ("alpha = 5", "alpha: 5 is not a number between 0 and 1"),
        ("alpha = 0", "alpha: 0 is not a number between 0 and 1"),
        ("systems = [1]", "systems: [1] is not a list of names of systems"),
        ("max_drop = { '{x}' = true }", "{x} is True, not a finite number"),
        ("trials = 10", "trials: 10 is not a whole number from 1000 to 1000000"),
        ("findings_max = { Quantities.added = 0 }", '"Quantities.added" = 0'),
        ('findings_max = { "Quantities" = 0 }', "write them with a dot"),
        ('findings_max = { "Quantities.added" = -1 }', "not a whole number of at least 0"),
        ("unsupported_quantities_max = 0.5", "unsupported_quantities_max: 0.5 is not a whole number"),
        ("systems = 'one'", "systems: 'one' is not a list of names of systems"),
        ("primary = 'BLEU'", "primary: 'BLEU' is not a list of names of metrics"),
        ("inconclusive = 'maybe'", "inconclusive: 'maybe' is not 'pass' or 'fail'"),
        ("coverage_min = 98", "coverage_min: 98 is not a number between 0 and 1"),
        ("pass_rate = { Health = 95 }", "Health is 95, not a number between 0 and 1"),
        ("max_drop = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, body: str, said: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(body)
    with pytest.raises(SettingError) as error:
        read_rules(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)


def test_every_wrong_key_is_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text("alpha = 2\ntrials = 1\n")
    with pytest.raises(SettingError, match=r"(?s)alpha.*trials"):
        read_rules(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "gate.toml",
            b"alpha = 0.1\n[tool.evalkit.gate]\ntrials = 2000\n",
            "alpha is outside of",
        ),
        ("pyproject.toml", b"[tool.other]\n", "no table"),
        ("pyproject.toml", b"tool = 3\n", "tool is a number, not a table"),
        ("pyproject.toml", b"[tool.evalkit]\ngate = 'x'\n", "tool.evalkit.gate is a text, not a table"),
        ("gate.toml", b"\xff\xfe", "not UTF-8"),
    ],
)
def test_files_that_hold_no_rules_are_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingError, match=said):
        read_rules(tmp_path / name)
    with pytest.raises(SettingError, match="no such file"):
        read_rules(tmp_path / "missing.toml")
