"""The command line in a separate process, as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

import evalkit
from evalkit.cli import share_one_heap

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a small benchmark and two systems."""
    files = {
        "s.zh": "猫坐在垫子上。\n狗跑了。\n二〇二二年。\n",
        "a.en": "The cat sat on the mat.\nThe dog ran.\nIn 2022.\n",
        "b.en": "A cat was sitting.\nA dog ran away.\nIt was 2022.\n",
        "docs": "d1\nd1\nd2\n",
        "good.en": "The cat sat on a mat.\nThe dog ran away.\nIn 2022.\n",
        "bad.en": "Cat mat\nRuns dog the\n\n",
        "zh.ref": "猫在垫子上。\n狗跑。\n二〇二二。\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


OWN = ["--source", "s.zh", "--reference", "a.en", "--reference", "b.en", "--docids", "docs", "--lang", "zh-en"]


def test_a_benchmark_of_ones_own(cli: Cli, own: Path) -> None:
    done = cli("run", *OWN, "good.en", "bad.en", "-m", "BLEU,chrF", "--by", "article", cwd=own)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].strip() == "translate-en"
    assert lines[1].split() == ["system", "BLEU", "↑", "chrF", "↑"]
    assert [line.split()[0] for line in lines[2:4]] == ["good", "bad"]
    assert "*" in lines[2]
    assert lines[-3:] == [
        "run folder: evalkit-results",
        f"report: {Path('evalkit-results') / 'report.html'}",
        "next: evalkit worst evalkit-results; evalkit compare evalkit-results",
    ]
    assert "d1" in done.stdout
    assert {p.name for p in (own / "evalkit-results").iterdir()} == {
        "run.json", "scores.jsonl", "statistics.parquet", "texts.parquet", "findings.jsonl", "report.html", "report.md"
    }  # fmt: skip
    compared = cli("compare", "evalkit-results", "--baseline", "bad", "--trials", "200", cwd=own)
    assert compared.returncode == 0
    assert "good" in compared.stdout
    again = cli("run", *OWN, "good.en", "bad.en", "-m", "BLEU,chrF", cwd=own)
    assert again.returncode == 0


def test_the_formats(cli: Cli, own: Path) -> None:
    done = cli("run", *OWN, "good.en", "-m", "chrF", "--format", "json", cwd=own)
    rows = json.loads(done.stdout)
    assert rows == [json.loads(line) for line in (own / "evalkit-results" / "scores.jsonl").read_text().splitlines()]
    done = cli("run", *OWN, "good.en", "-m", "chrF", "--format", "markdown", "--quiet", cwd=own)
    assert done.stdout == (own / "evalkit-results" / "report.md").read_text(encoding="utf-8")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["good.en", "missing.en"], "missing.en: no such file"),
        (["good.en", "-m", "blue"], "unknown metric 'blue'; did you mean BLEU"),
        (["good.en", "-m", "BLEU(tokenize=latin)"], "choose from"),
        (["docs", "short.en"], "2 lines, but translate-en has 3 segments"),
        (["good.en", "good.en"], "was given already"),
        (["good.en", "--out", "docs"], "exists and is not a directory"),
        (["good.en", "--out", "precious"], "something other than a run"),
        (["bad|name.en"], "rename it"),
        (["bad<script>.en"], "rename it"),
        (["latin.en"], "latin.en:2: not UTF-8"),
        (["empty.en"], "the file is empty"),
        (["good.en", "--task", "a", "--task", "b"], "one task"),
        (["good.en", "--nonsense"], "No such option"),
        (["good.en", "--seed", "x"], "not a valid integer"),
        (["huge.en"], "a line of"),
        (["."], "rename it"),
    ],
)
def test_bad_input_gives_one_message_status_2_and_no_file(
    cli: Cli, own: Path, arguments: list[str], message: str
) -> None:
    (own / "short.en").write_text("one\ntwo\n")
    (own / "empty.en").write_text("")
    (own / "latin.en").write_bytes(b"one\ncaf\xe9\nthree\n")
    for name in ("bad|name.en", "bad<script>.en"):
        (own / name).write_text("one\ntwo\nthree\n")
    if "huge.en" in arguments:
        (own / "huge.en").write_bytes(b"x" * 100_000_000)
    (own / "precious").mkdir()
    (own / "precious" / "thesis.txt").write_text("x")
    before = sorted(p.name for p in own.iterdir())
    done = cli("run", *OWN, *arguments, cwd=own)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(p.name for p in own.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["run", "--reference", "zh.ref", "--lang", "en-zh", "good.en", "-m", "BLEU(tokenize=13a)"],
            "use BLEU(tokenize=zh)",
        ),
        (["run", "--reference", "zh.ref", "--lang", "en-zh", "good.en", "-m", "chrF++"], "use chrF"),
        (["run", "--reference", "a.en", "--lang", "zh-ja", "good.en"], "ja is written in Japanese"),
        (["run", "--reference", "a.en", "--lang", "zh-qq", "good.en"], "not a language tag"),
        (["run", "--reference", "a.en", "good.en"], "--lang zh-en"),
        (["run", "--source", "s.zh", "good.en"], "--lang zh-en"),
        (["run", "--docids", "d", "good.en"], "--docids requires --reference"),
        (["run", "--lang", "zh-en"], "the languages of zh-news are fixed"),
        (["run", "--task", "translate-xx"], "no task 'translate-xx'; it has translate-en"),
        (["run", "--benchmark", "nowhere"], "no benchmark 'nowhere'"),
        (["run", "--benchmark", "a.en", "--reference", "a.en"], "not both"),
        (["run", "good.en"], "which task"),
        (["compare", "nowhere"], "no such run folder"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_usage_says_what_to_do(cli: Cli, own: Path, arguments: list[str], message: str) -> None:
    done = cli(*arguments, cwd=own)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_outputs_are_listed_in_the_report(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text('{"id": "youth-forum/title", "output": "Forum"}\n')
    done = cli("run", "mine.jsonl", "-m", "chrF", cwd=tmp_path)
    assert done.returncode == 2
    assert "'alibaba-hometown/title' and 30 more" in done.stderr
    done = cli("run", "mine.jsonl", "-m", "chrF", "--allow-missing", cwd=tmp_path)
    assert done.returncode == 0
    assert "mine: 31 missing outputs scored as empty" in done.stdout
    assert "31 missing" in (tmp_path / "evalkit-results" / "report.md").read_text(encoding="utf-8")


def test_the_bundled_run(new_process: Cli, tmp_path: Path) -> None:
    done = new_process("run", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for task in ("translate-en", "summarize-zh", "summarize-en"):
        assert task in done.stdout
    found = evalkit.load_results(tmp_path / "evalkit-results")
    assert {t.name: set(t.systems) for t in found.tasks} == {
        "translate-en": {"copy-source", "llm-draft", "llm-hasty"},
        "summarize-zh": {"lead", "textrank", "title", "llm-draft", "llm-hasty"},
        "summarize-en": {"lead", "textrank", "title", "llm-draft", "llm-hasty"},
    }
    # The systems are meant to differ: the draft beats the hasty version on every metric of every task, but for Health,
    # which both have.
    for task in found.tasks:
        for scored in task.metrics:
            good, bad = (task.corpus(scored.label)[task.system_index(name)] for name in ("llm-draft", "llm-hasty"))
            if scored.label == "Health":
                assert good == bad == 1.0
            else:
                assert (good > bad) if scored.higher_is_better else (good < bad), (task.name, scored.label)


def test_list(cli: Cli, tmp_path: Path) -> None:
    for what, expected in (
        ("metrics", evalkit.METRICS),
        ("benchmarks", ["zh-news"]),
        ("tasks", ["translate-en", "summarize-zh", "summarize-en"]),
        ("systems", ["copy-source", "lead", "llm-draft", "llm-hasty", "textrank", "title"]),
    ):
        done = cli("list", what, cwd=tmp_path)
        assert done.returncode == 0
        assert all(name in done.stdout for name in expected)
    chinese = cli("list", "metrics", cwd=tmp_path).stdout
    assert "tokenize:zh" in chinese and chinese.count("as in sacrebleu, tokenize=zh does not split rare") == 1
    english = cli("list", "metrics", "--lang", "en", cwd=tmp_path).stdout
    assert cli("list", "metrics", "--lang", "zz9", cwd=tmp_path).returncode == 2
    assert "tokenize:13a" in english and "as in sacrebleu" not in english


def test_the_old_name_of_a_command_is_accepted_but_not_shown(cli: Cli, tmp_path: Path) -> None:
    assert cli("beside", "--help", cwd=tmp_path).returncode == 0
    assert "\n  beside" not in cli("--help", cwd=tmp_path).stdout


def test_help_names_every_command(cli: Cli, tmp_path: Path) -> None:
    done = cli("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in ("run", "compare", "list", "compare-sacrebleu"):
        assert f"\n  {command}" in done.stdout
    assert evalkit.__version__ in cli("--version", cwd=tmp_path).stdout


LOST_IN_A_CALLBACK = "ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))()"


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
@pytest.mark.parametrize(
    "code",
    [
        f"{LOST_IN_A_CALLBACK}; raise RuntimeError('no compiled object yet')",
        f"{LOST_IN_A_CALLBACK}; [time.sleep(0.1) for _ in range(600)]",
        "type('T', (), {'x': type('F', (), {'__set_name__': lambda *_: signal.raise_signal(signal.SIGINT)})()})",
    ],
)
def test_an_interrupt_that_python_loses_or_wraps_still_ends_the_run(code: str, tmp_path: Path) -> None:
    (tmp_path / "ref.en").write_text("the cat\n")
    (tmp_path / "sys.en").write_text("a cat\n")
    program = f"""
import ctypes, signal, sys, time
from evalkit.cli import main
from evalkit.metrics.chrf import ChrF

def prepare(self, references):
    {code}

ChrF.prepare = prepare
sys.argv = "evalkit run --reference ref.en --lang zh-en sys.en -m chrF --no-cache --jobs 1".split()
main()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.endswith("evalkit: interrupted; nothing was written\n")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_an_interrupt_leaves_no_half_written_run(tmp_path: Path) -> None:
    # Enough work that the run is still at it when the interrupt comes, however fast its loops are.
    lines = 300_000
    (tmp_path / "ref.en").write_text("the cat sat on the mat and looked at the dog\n" * lines)
    os.mkfifo(tmp_path / "sys.en")
    env = {**os.environ}
    if "EVALKIT_TEST_WHEEL" not in env:
        env["PYTHONPATH"] = str(Path(evalkit.__file__).parents[1])
    metrics = "ROUGE-L(tokenize=words,stem=false),ROUGE-Lsum,chrF++,TER"
    command = [
        sys.executable,
        "-m",
        "evalkit",
        "run",
        "--reference",
        "ref.en",
        "--lang",
        "zh-en",
        "sys.en",
        "-m",
        metrics,
    ]
    process = subprocess.Popen(
        [*command, "--no-cache", "--jobs", "1"],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Opening the pipe waits for the run to read it: from here on it is at work.
    with (tmp_path / "sys.en").open("w") as pipe:
        pipe.write("a cat was sitting on a mat and saw the dog\n" * lines)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ref.en", "sys.en"]


def test_no_save_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "--no-save", "--no-cache", "-m", "chrF", "--task", "summarize-en", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "chrF" in done.stdout
    assert "run folder" not in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="a setting of glibc")
def test_threads_share_one_heap_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes

    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(mallopt=lambda *setting: calls.append(setting)))
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    share_one_heap()
    assert not calls
    monkeypatch.delenv("MALLOC_ARENA_MAX")
    share_one_heap()
    assert calls == [(-8, 1)]
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    share_one_heap()


def test_the_reference_of_commands_finds_them_all() -> None:
    """mkdocs-click documents ``commands`` alone if a group has any, and else what it lists."""
    from evalkit.cli.app import _COMMANDS, cli

    context = click.Context(cli)
    listed = [cli.get_command(context, name) for name in cli.list_commands(context)]
    assert not cli.commands
    assert [command.name for command in listed if command and not command.hidden] == list(_COMMANDS)


def test_every_visible_option_has_a_help_text() -> None:
    from evalkit.cli.app import _COMMANDS, cli

    for name in _COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command
        for option in command.params:
            assert not isinstance(option, click.Option) or option.hidden or option.help, (name, option.name)
