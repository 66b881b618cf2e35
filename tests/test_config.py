"""Options of evalkit run from a TOML file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., subprocess.CompletedProcess[str]]

RUN = {"reference": ["ref.en"], "lang": "en", "metric": ["chrF", "BLEU"], "systems": ["sys.en"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ref.en").write_text("the cat sat\na dog ran\n")
    (tmp_path / "sys.en").write_text("the cat sat\na dog\n")
    return tmp_path


def toml(table: str, options: dict[str, object]) -> str:
    return f"[{table}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in options.items())


def test_options_of_pyproject_are_used_and_printed(cli: Cli, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(toml("tool.evalkit.run", RUN))
    done = cli("run", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "options from pyproject.toml: lang, metric, reference, systems" in done.stderr
    assert "chrF ↑  BLEU ↑" in done.stdout
    run = json.loads((folder / "evalkit-results" / "run.json").read_text())
    assert run["config"] == {"file": "pyproject.toml", "options": RUN}


def test_flags_win_and_no_config_ignores_the_file(cli: Cli, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(toml("tool.evalkit.run", RUN))
    done = cli("run", "-m", "TER", cwd=folder)
    assert "TER ↓" in done.stdout
    assert "BLEU" not in done.stdout
    assert "options from pyproject.toml: lang, reference, systems\n" in done.stderr
    run = json.loads((folder / "evalkit-results" / "run.json").read_text())
    assert run["config"]["options"] == {key: value for key, value in RUN.items() if key != "metric"}
    plain = cli("run", "--no-config", "--reference", "ref.en", "--lang", "en", "-m", "TER", "sys.en", cwd=folder)
    assert plain.returncode == 0, plain.stderr
    assert "options from" not in plain.stderr


def test_the_maximum_length_of_a_text_is_an_option(cli: Cli, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(toml("tool.evalkit.run", {**RUN, "max-text": 9}))
    done = cli("run", "--no-save", cwd=folder)
    assert done.returncode == 2 and "a line of 11 characters; a text has at most 9" in done.stderr
    assert cli("run", "--no-save", "--max-text", "11", cwd=folder).returncode == 0


def test_a_file_of_any_name_may_hold_the_options_at_its_top(cli: Cli, folder: Path) -> None:
    (folder / "eval.toml").write_text(toml("x", RUN).split("\n", 1)[1] + "quiet = true\n")
    done = cli("run", "--config", "eval.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "chrF ↑" in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metrik": ["BLEU"]}, "unknown option 'metrik' of evalkit run; did you mean metric?"),
        ({"zzz": "BLEU"}, "unknown option 'zzz' of evalkit run. The options are allow-missing, "),
        ({"quiet": "yes"}, "eval.toml: quiet is true or false, not 'yes'"),
        ({"metric": [1]}, "eval.toml: metric takes texts"),
        ({"systems": [""]}, "eval.toml: systems is empty; give it a value, or leave it out"),
        ({"out": ""}, "eval.toml: out is empty"),
        ({"no-save": True, "no_save": False}, "eval.toml: no_save is given twice"),
        ({"lang": ["en"]}, "eval.toml: lang takes a text or a number, not ['en']"),
        ({"seed": "one"}, "eval.toml: seed: 'one' is not a valid integer"),
        ({"limit": 0}, "eval.toml: limit: 0 is not in the range x>=1"),
        ({"format": "jsn"}, "eval.toml: format: 'jsn' is not one of 'table', 'json', 'markdown'"),
    ],
)
def test_wrong_options_are_refused(cli: Cli, folder: Path, options: dict[str, object], message: str) -> None:
    (folder / "eval.toml").write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in options.items()))
    done = cli("run", "--config", "eval.toml", "--reference", "ref.en", "--lang", "en", "sys.en", cwd=folder)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (folder / "evalkit-results").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("tool.evalkit.rnu", "unknown table [tool.evalkit.rnu]; did you mean run? The tables are "),
        (
            "tool.evalkit.xyz",
            "unknown table [tool.evalkit.xyz]. The tables are [tool.evalkit.run], [tool.evalkit.gate]",
        ),
    ],
)
def test_a_misspelled_table_is_not_ignored(cli: Cli, folder: Path, table: str, message: str) -> None:
    (folder / "pyproject.toml").write_text(toml(table, RUN))
    done = cli("run", *("--reference", "ref.en", "--lang", "en", "sys.en"), cwd=folder)
    assert done.returncode == 2
    assert message in done.stderr
    (folder / "pyproject.toml").write_text(toml("tool.evalkit.gate", {}) + toml("tool.other", RUN))
    assert cli("run", "--reference", "ref.en", "--lang", "en", "sys.en", cwd=folder).returncode == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a = [", "not valid TOML"), (b"\xff", "not UTF-8"), (b"a = " + b"9" * 6000, "eval.toml: ")],
)
def test_files_that_are_not_toml_are_refused(cli: Cli, folder: Path, content: bytes, message: str) -> None:
    (folder / "eval.toml").write_bytes(content)
    done = cli("run", "--config", "eval.toml", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    missing = cli("run", "--config", "none.toml", cwd=folder)
    assert "none.toml: no such file" in missing.stderr
    both = cli("run", "--no-config", "--config", "eval.toml", cwd=folder)
    assert "not both" in both.stderr
