"""Every command ends with the exit status 0, 1, 2, 3, 4, 130 or 141, and never with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from forked import forked

import evalkit
from evalkit.cli import app

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
REPOSITORY = Path(__file__).resolve().parent.parent
EVALKIT = [sys.executable, "-m", "evalkit"]


def environment(**more: str) -> dict[str, str]:
    found = {**os.environ, **more}
    if "EVALKIT_TEST_WHEEL" not in found:
        found["PYTHONPATH"] = str(REPOSITORY)
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a benchmark, outputs and a run."""
    folder = tmp_path_factory.mktemp("place")
    for name, text in (("s", "猫。\n狗。\n"), ("r", "A cat.\nA dog.\n"), ("mine", "A cat.\nDogs.\n")):
        (folder / name).write_text(text, encoding="utf-8")
    rows = [{"id": str(i), "source": "猫", "references": ["A cat."]} for i in range(2)]
    bench = evalkit.Benchmark.from_dataset(rows, lang="zh-en")
    evalkit.save_results(
        evalkit.run(bench, {"mine": ["A cat.", "x"], "other": ["A dog.", "A cat."]}, metrics=["chrF"]), folder / "run"
    )
    (folder / "gate.toml").write_text("corpus_min = { chrF = 99 }\n")
    (folder / "human.csv").write_text("system,id,score\nmine,0,80\nmine,1,20\nother,0,70\nother,1,40\n")
    return folder


RUN = ["run", "--source", "s", "--reference", "r", "--lang", "zh-en", "-m", "chrF", "mine"]
COMMANDS = [
    ["--help"],
    ["run", "--help"],
    [*RUN, "--no-save"],
    [*RUN, "--no-save", "--format", "json"],
    ["list", "metrics"],
    *(["report", "run", "--format", name] for name in ("table", "json", "csv", "markdown", "latex")),
    *(["export", "run", "--to", name] for name in ("csv", "latex", "model-index")),
    ["worst", "run"],
    ["compare", "run"],
    ["agree", "run", "--human", "human.csv", "--higher-is-better", "yes"],
    ["plan", "run", "--difference", "5"],
    ["check", "--source", "s", "--reference", "r", "--lang", "zh-en", "mine"],
    ["leaderboard", "history.jsonl", "run"],
    ["gate", "run", "--no-baseline", "--config", "gate.toml", "--reports", "reports"],
]
#: Commands in a process that is forked, and one in a process of its own, where Python's own end is tested as well.
WAYS = [*((command, False) for command in COMMANDS), (["worst", "run"], True)]


def run_in(place: Path, command: list[str], stdout: int, own: bool) -> tuple[int, str]:
    if not own and hasattr(os, "fork"):
        done = forked(command, place, stdout=stdout)
        return done.returncode, done.stderr
    ended = subprocess.run(
        [*EVALKIT, *command],
        cwd=place,
        env=environment(),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(("command", "own"), WAYS, ids=str)
def test_a_closed_pipe_ends_with_141_and_without_a_word(place: Path, command: list[str], own: bool) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    status, printed = run_in(place, command, writer, own)
    os.close(writer)
    assert status == 141
    assert "Error" not in printed and "Exception" not in printed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(("command", "own"), WAYS, ids=str)
def test_a_full_disk_under_standard_output_ends_with_4(place: Path, command: list[str], own: bool) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    status, printed = run_in(place, command, full, own)
    os.close(full)
    assert status == 4
    assert "No space left on device" in printed
    assert "Traceback" not in printed and "Exception" not in printed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_a_named_file_ends_with_4(place: Path) -> None:
    done = forked(["report", "run", "--format", "csv", "--out", "/dev/full"], place)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "evalkit: /dev/full: cannot be written: No space left on device\n"


@pytest.mark.parametrize("closed", [">&- 2>&-", "<&-"])
def test_a_stream_that_is_closed_from_the_start_is_no_error(place: Path, closed: str) -> None:
    command = " ".join(EVALKIT) + f" worst run {closed}"
    assert (
        subprocess.run(["sh", "-c", command], cwd=place, env=environment(), capture_output=True, check=False).returncode
        == 0
    )


def test_a_working_directory_that_is_gone(place: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && {' '.join(EVALKIT)} worst"
    for run, status in ((place / "run", 0), ("run", 2)):
        done = subprocess.run(
            ["sh", "-c", f"{script} {run}"], env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr


def test_a_path_that_is_not_utf_8(place: Path) -> None:
    out = os.fsdecode(b"o\xff")
    done = subprocess.run(
        [*EVALKIT, *RUN, "--out", out], cwd=place, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert r"run folder: o\udcff" in done.stdout
    assert evalkit.load_results(place / out).info["command"][-1] == r"o\udcff"
    for command in (["worst", out], ["report", out], ["report", out, "--format", "markdown", "--out", out + ".md"]):
        assert forked(command, place).returncode == 0
    reference = os.fsdecode(b"r\xff")
    (place / reference).write_bytes((place / "r").read_bytes())
    named = ["run", "--reference", reference, "--slices", f"{out}={reference}", "--lang", "en", "-m", "chrF", "mine"]
    assert forked([*named, "--out", "named"], place).returncode == 0
    assert evalkit.load_results(place / "named").benchmark == r"r\udcff"
    missing = forked(["worst", out + "x"], place)
    assert missing.returncode == 2 and r"o\udcffx: no such run folder" in missing.stderr


@pytest.mark.parametrize(
    "command",
    [
        [*RUN, "--out", "x" * 300],
        [*RUN[:-1], "x" * 300],
        ["worst", "x" * 300],
        ["gate", "run", "--baseline", "x" * 300],
        ["gate", "run", "--no-baseline", "--config", "x" * 300],
        ["gate", "run", "--no-baseline", "--reports", "x" * 300],
        ["leaderboard", "x" * 300, "run"],
        ["leaderboard", "history.jsonl", "run", "--out", "x" * 300],
        ["agree", "run", "--human", "x" * 300],
        ["plan", "run", "--label", "1", "--out", "x" * 300],
        ["export", "run", "--to", "csv", "--out", "x" * 300],
        ["export", "run", "--to", "hub", "--out", "x" * 300],
        ["check", "--source", "s", "--reference", "r", "--lang", "zh-en", "x" * 300],
        ["probe", "--benchmark", "x" * 300, "--lang", "zh-en"],
        ["report", "run", "--out", "x" * 300],
    ],
    ids=lambda command: " ".join(command).replace("x" * 300, "LONG"),
)
def test_a_name_of_300_characters_is_refused(place: Path, command: list[str]) -> None:
    before = sorted(place.rglob("*"))
    done = forked(command, place)
    assert done.returncode == 2, done.stderr
    assert ("File name too long" in done.stderr or "no such file" in done.stderr) and "Traceback" not in done.stderr
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["run", "--benchmark", ""], "--benchmark"),
        (["run", "--out="], "--out"),
        (["gate", "run", "--config", ""], "--config"),
        (["leaderboard", "", "run"], "an argument"),
        (["worst", ""], "an argument"),
    ],
    ids=str,
)
def test_an_empty_argument_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], named: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["evalkit", *command])
    with pytest.raises(SystemExit) as end:
        app.main()
    assert end.value.code == 2
    assert f"evalkit: {named} is empty; give it a value" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ValueError("why"), 4, "evalkit: internal error: ValueError: why (app.py:"),
        (RecursionError(), 4, "evalkit: internal error: RecursionError"),
        (MemoryError(), 4, "evalkit: out of memory"),
        (OSError(5, "Input/output error", "some.file"), 4, "evalkit: some.file: cannot be used: Input/output error"),
        (evalkit.InputError("what"), 2, "evalkit: what"),
        (evalkit.IncomparableError("what"), 3, "evalkit: what"),
        (KeyboardInterrupt(), 130, "evalkit: interrupted; nothing was written"),
        (KeyboardInterrupt("3 replies are kept"), 130, "evalkit: interrupted; 3 replies are kept"),
        (BrokenPipeError(), 141, ""),
    ],
    ids=repr,
)
@pytest.mark.parametrize("debug", [False, True])
def test_whatever_is_raised_has_its_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    message: str,
    debug: bool,
) -> None:
    def fail(context: object) -> None:
        raise error

    monkeypatch.setattr(app.cli, "invoke", fail)
    monkeypatch.setattr(sys, "argv", ["evalkit", "list"])
    monkeypatch.setattr(app, "finished", [])
    monkeypatch.setenv("EVALKIT_DEBUG", "1" if debug else "")
    with pytest.raises(SystemExit) as end:
        app.main()
    assert end.value.code == status
    printed = capsys.readouterr().err
    assert message in printed and ("Traceback" in printed) == debug


def test_an_interruption_says_what_was_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(context: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app.cli, "invoke", fail)
    monkeypatch.setattr(sys, "argv", ["evalkit", "list"])
    monkeypatch.setattr(app, "finished", [Path("run"), Path("page.html")])
    with pytest.raises(SystemExit):
        app.main()
    assert capsys.readouterr().err == "evalkit: interrupted; complete: run, page.html\n"


def test_ctrl_c_while_evalkit_is_loaded_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from evalkit import cli

    class Interrupting:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "evalkit.cli.app":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "evalkit.cli.app")
    monkeypatch.delattr(cli, "app")
    monkeypatch.setattr(cli, "_end", lambda: sys.exit(130))  # instead of ending this process at once
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 130
