"""The command as a user runs it: exit statuses, reports before the exit, nothing overwritten."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from gate.making import bench, noisy, references, saved

Cli = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    b = bench()
    texts = references(b)
    saved(folder / "first", b, {"mine": noisy(texts, 0.3, 1)})
    saved(folder / "noise", b, {"mine": noisy(texts, 0.3, 2)})
    saved(folder / "worse", b, {"mine": noisy(texts, 0.45, 3)})
    saved(folder / "other", bench(seed=2), {"mine": noisy(texts, 0.3, 1)})
    return folder


@pytest.fixture
def baseline(runs: Path, cli: Cli, tmp_path: Path) -> Path:
    done = cli("gate", runs / "first", "--update", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "baseline: evalkit-baseline.json\n"), done.stderr
    return tmp_path / "evalkit-baseline.json"


@pytest.mark.parametrize(
    ("run", "status", "said"),
    [
        ("noise", 0, "gate inconclusive: BLEU of mine on translate-en is worse (from"),
        ("worse", 1, "gate failed: BLEU of mine on translate-en fell by"),
        ("other", 3, "its data changed"),
    ],
)
def test_noise_passes_a_regression_fails_and_other_data_are_refused_with_all_reports_written(
    runs: Path, baseline: Path, cli: Cli, run: str, status: int, said: str
) -> None:
    here = baseline.parent
    summary = here / "summary.md"
    summary.write_text("earlier step\n")
    done = cli("gate", runs / run, "--reports", "out", cwd=here, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == status, done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(f.name for f in (here / "out").iterdir()) == ["badge.json", "comment.md", "junit.xml"]
    ET.parse(here / "out" / "junit.xml")
    json.loads((here / "out" / "badge.json").read_text(encoding="utf-8"))
    comment = (here / "out" / "comment.md").read_text(encoding="utf-8")
    assert summary.read_text(encoding="utf-8") == "earlier step\n" + comment[: comment.rindex("<!--")] + "\n"


def test_rules_are_found_and_named(runs: Path, baseline: Path, cli: Cli) -> None:
    here = baseline.parent
    (here / "pyproject.toml").write_text("[tool.evalkit.gate]\nmax_drop = { BLEU = 30, chrF = 30 }\n")
    assert cli("gate", runs / "worse", cwd=here).returncode == 0
    (here / "gate.toml").write_text("max_drop = { BLEU = 1 }\n")
    assert cli("gate", runs / "worse", "--config", "gate.toml", cwd=here).returncode == 1
    (here / "gate.toml").write_text("max_dorp = 1\n")
    done = cli("gate", runs / "worse", "--config", "gate.toml", cwd=here)
    assert done.returncode == 2
    assert "gate.toml: " in done.stderr.replace("gate.toml.", "gate.toml: ") and "did you mean max_drop" in done.stderr


def test_floors_need_no_baseline(runs: Path, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("corpus_min = { BLEU = 99 }\n")
    done = cli("gate", runs / "noise", "--no-baseline", "--config", "gate.toml", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "below 99.00" in done.stdout


def test_what_cannot_be_read_is_an_error_and_no_traceback(runs: Path, baseline: Path, cli: Cli) -> None:
    here = baseline.parent
    (here / "other.json").write_text('{"format_version": 9}')
    old = json.loads(baseline.read_text(encoding="utf-8"))
    (here / "newer.json").write_text(json.dumps({**old, "format_version": 9}), encoding="utf-8")
    for arguments, said in (
        (["gate", "nowhere"], "no such run folder"),
        (["gate", runs / "noise", "--baseline", "none.json"], "no such baseline"),
        (["gate", runs / "noise", "--baseline", "other.json"], "not a baseline"),
        (["gate", runs / "noise", "--baseline", "newer.json"], "of format 9"),
        (["gate", runs / "noise", "--baseline", "other.json", "--update"], "refusing to overwrite"),
        (["gate", runs / "noise", "--update", "--system", "mine"], "leave out --no-baseline and --system"),
        (["gate", runs / "noise", "--no-baseline", "--baseline", baseline.name], "leave out --baseline"),
        (["gate", runs / "noise", "--reports", "other.json"], "Not a directory"),
        (["gate", runs / "noise", "--system", "mine=theirs"], "asked for, but not in the run"),
        (["gate"], "Missing argument"),
    ):
        done = cli(*arguments, cwd=here)
        assert done.returncode == 2, (arguments, done.stdout, done.stderr)
        assert said in done.stderr and "Traceback" not in done.stderr
    assert (here / "other.json").read_text() == '{"format_version": 9}'


def test_reports_of_a_gate_are_replaced_and_those_of_others_are_not(runs: Path, baseline: Path, cli: Cli) -> None:
    arguments = ("gate", runs / "noise", "--reports", "new/reports")
    here = baseline.parent
    for _ in range(2):
        assert cli(*arguments, cwd=here).returncode == 0
    folder = here / "new" / "reports"
    names = ["badge.json", "comment.md", "junit.xml"]
    assert sorted(f.name for f in folder.iterdir()) == names
    for name in names:
        ours = (folder / name).read_bytes()
        (folder / name).write_text("mine")
        done = cli(*arguments, cwd=here)
        assert done.returncode == 2 and f"{name}: not written by evalkit" in done.stderr
        assert (folder / name).read_text() == "mine"
        # What a full disk left of an earlier version's report.
        (folder / name).write_bytes(b"")
        assert cli(*arguments, cwd=here).returncode == 0
        assert (folder / name).read_bytes() == ours
    (folder / "comment.md").write_bytes(ours := (folder / "comment.md").read_bytes().replace(b"|", b"/", 1))
    done = cli(*arguments, cwd=here)
    assert done.returncode == 0 and "changed since evalkit wrote it" in done.stderr
    assert (folder / "comment.md.old").read_bytes() == ours


def test_the_bundled_systems_do_not_fall_behind_themselves(cli: Cli, tmp_path: Path) -> None:
    assert cli("run", "-q", "-m", "chrF", "--task", "summarize-zh", "--out", "run", cwd=tmp_path).returncode == 0
    assert cli("gate", "run", "--update", cwd=tmp_path).returncode == 0
    done = cli("gate", "run", cwd=tmp_path)
    assert done.returncode == 0
    assert "gate passed: all" in done.stdout and "scores identical to the baseline" in done.stdout
