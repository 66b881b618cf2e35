"""The commands that ask a judge: run and probe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

pytest.importorskip("httpx2")

from evalkit import load_benchmark
from evalkit.cli.app import cli as command_line
from evalkit.errors import EvalkitError
from evalkit.metrics.base import Runtime
from evalkit.models.judge_options import JudgeOptions
from evalkit.probing import bundled_cases, generate, probe
from evalkit.probing.generate import INSTRUCTIONS
from evalkit.reports import probe_report

from .server import Answer, Server, completion, error
from .test_judge import error_span, material

JUDGE = "Judge(model=openai:judge)"


def marks_the_odd(request: dict[str, Any], _: int) -> Any:
    output = material(request)["translation"]
    return {"errors": [error_span(output.split()[0])] if len(output) % 2 else []}


def test_a_judge_can_be_probed() -> None:
    cases = bundled_cases(load_benchmark("zh-news", task="translate-en"))
    with Server(marks_the_odd) as server:
        probed = probe([JUDGE], cases, runtime=Runtime(judge=JudgeOptions(url=server.url)))
        asked = len(server.requests)
    assert probed.metrics == (JUDGE,)
    assert asked > 20
    for verdict in probed.verdicts:
        odd = {name: len(text) % 2 for name, text in (("base", verdict.case.base), ("text", verdict.case.text))}
        assert verdict.drop == pytest.approx(5.0 * (odd["text"] - odd["base"]))
        assert verdict.noticed == (odd["text"] > odd["base"]) or verdict.error_kinds
    assert all("context" not in material(request) for request in server.requests)


def test_texts_that_a_judge_failed_to_judge_are_neither_detected_nor_missed() -> None:
    bench = load_benchmark("zh-news", task="translate-en")
    cases = generate(bench, kinds=["negation"], limit=8)
    failing = cases.cases[0].text

    def fails_once(request: dict[str, Any], number: int) -> Any:
        return completion("") if material(request)["translation"] == failing else marks_the_odd(request, number)

    with Server(fails_once) as server:
        probed = probe([JUDGE], cases, runtime=Runtime(judge=JudgeOptions(url=server.url)))
    assert {v.case.id for v in probed.verdicts} == {case.id for case in cases.cases[1:]}
    assert "failed: 1 comparison left out, the first because: an empty reply" in probe_report.table(probed)
    with Server(lambda *_: completion("")) as server, pytest.raises(EvalkitError, match="an empty reply"):
        probe([JUDGE], cases, runtime=Runtime(judge=JudgeOptions(url=server.url)))


def test_the_probe_shows_how_often_a_judge_obeys_an_instruction_in_a_text() -> None:
    marks = [mark for wordings in INSTRUCTIONS.values() for mark in wordings]

    def obeys(request: dict[str, Any], _: int) -> Any:
        shown = material(request)
        (framed,) = [m["content"] for m in request["messages"] if m["content"].startswith("BEGIN ")]
        assert len(framed.split("\n")) == 3  # whatever a text says, it stays one JSON string
        asked = any(mark in shown["translation"] or mark in shown["source"] for mark in marks)
        return {"errors": [], "score": 100 if asked else 60}

    bench = load_benchmark("zh-news", task="translate-en")
    cases = generate(bench, kinds=["appended-instruction", "instruction-in-source"], limit=6)
    with Server(obeys) as server:
        runtime = Runtime(judge=JudgeOptions(url=server.url))
        probed = probe(["Judge(rubric=esa,model=openai:obeys)", "chrF"], cases, runtime=runtime)
    text = probe_report.table(probed)
    obeyed = text[text.index("Instructions obeyed") :].splitlines()
    assert obeyed[2].split()[:3] == ["appended-instruction", "6", "100%"]
    assert obeyed[3].split() == ["instruction-in-source", "6", "100%", "0%"]


@pytest.fixture
def files(tmp_path: Path) -> list[object]:
    for name, text in (
        ("a.txt", "ein\nzwei\ndrei\n"),
        ("b.txt", "one\ntwo!\nthree\n"),
        ("s.zh", "一\n二\n三\n"),
        ("r.en", "r\n" * 3),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return ["a.txt", "b.txt", "--source", "s.zh", "--reference", "r.en", "--lang", "zh-en", "-m", JUDGE]


Cli = Callable[..., subprocess.CompletedProcess[str]]


def test_run_and_replay_print_and_write_the_same(cli: Cli, files: list[object], tmp_path: Path) -> None:
    secret = {"EVALKIT_JUDGE_KEY": "sk-very-secret-key"}
    with Server(marks_the_odd) as server:
        url = {"EVALKIT_JUDGE_URL": server.url}
        plan = cli("run", *files, "--judgements", "store", "--dry-run", cwd=tmp_path, **secret, **url)
        assert plan.returncode == 0, plan.stderr
        assert "6 calls (0 judgements stored)" in plan.stdout
        for wrong in (("--by", "domain"), ("--metadata", "s.zh")):
            refused = cli("run", *files, "--judgements", "store", "--dry-run", *wrong, cwd=tmp_path, **secret, **url)
            assert (refused.returncode, refused.stdout) == (2, ""), wrong
            assert wrong[1] in refused.stderr
        assert not server.requests
        assert not (tmp_path / "evalkit-results").exists()
        live = cli(
            "run", *files, "--judge-url", server.url, "--judgements", "store", "--out", "live", cwd=tmp_path, **secret
        )
        assert live.returncode == 0, live.stderr
        assert len(server.requests) == 6
        assert server.headers[0]["Authorization"] == "Bearer sk-very-secret-key"
    replayed = cli("run", *files, "--judgements", "store", "--replay", "--out", "replayed", cwd=tmp_path)
    assert replayed.stdout.replace("replayed", "live") == live.stdout
    for path in (tmp_path / "live").iterdir():
        content = path.read_bytes()
        assert b"sk-very-secret" not in content
        assert server.url.encode() not in content
        if path.suffix in (".jsonl", ".parquet"):
            assert content == (tmp_path / "replayed" / path.name).read_bytes()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "store").iterdir())
    assert b"sk-very-secret" not in stored


def test_a_judge_without_answers_fails_the_command_but_not_the_other_metrics(
    cli: Cli, files: list[object], tmp_path: Path
) -> None:
    with Server(lambda *_: completion("")) as server:
        done = cli("run", *files, "-m", "chrF", "--judge-url", server.url, cwd=tmp_path)
        assert done.returncode == 4, done.stderr
        assert "could not judge any output: an empty reply; run again to retry" in done.stderr
        assert "chrF" in done.stdout
        assert (tmp_path / "evalkit-results" / "run.json").exists()
        duel = cli("duel", *files[:-2], "--judge", "openai:m", "--judge-url", server.url, cwd=tmp_path)
        assert duel.returncode == 4, duel.stderr
        limited = cli("run", *files, "--judge-url", server.url, "--max-calls", 0, cwd=tmp_path)
        assert limited.returncode == 0, limited.stderr
    with Server(lambda request, number: marks_the_odd(request, number) if number == 5 else completion("")) as server:
        done = cli("run", *files, "--judge-url", server.url, "--out", "one", cwd=tmp_path)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--judge-url", "nonsense"], "--judge-url"),
        (["--judge-concurrency", "0"], "--judge-concurrency"),
        (["--max-calls", "-1"], "not in the range"),
        (["--judge-timeout", "nan"], "--judge-timeout"),
        (["--judge-price", "cheap"], "INPUT/OUTPUT"),
        (["--max-cost", "1", "--judge-url", "CLOSED"], "--judge-price"),
        (["--replay", "--judgements", "nowhere"], "--judgements"),
        (["--replay"], "--judgements"),
        ([], "OPENAI_API_KEY"),
        (["--judge-url", "CLOSED", "--judge-retries", "0"], "nothing answers at --judge-url"),
    ],
)
def test_bad_input_is_one_sentence_that_names_the_flag(
    files: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    for name in ("EVALKIT_JUDGE_URL", "OPENAI_BASE_URL", "EVALKIT_JUDGE_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    with Server(lambda *_: {}) as closed:
        pass
    given = [option.replace("CLOSED", closed.url) for option in options]
    done = CliRunner().invoke(command_line, ["run", *map(str, files), *given], standalone_mode=False)
    assert isinstance(done.exception, EvalkitError | click.UsageError)
    said = getattr(done.exception, "message", str(done.exception))
    assert words in said
    assert "\n" not in said
    assert not (tmp_path / "evalkit-results").exists()


def test_options_of_a_judge_without_a_judge_are_refused(cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "-m", "chrF", "--replay", "--max-calls", "3", cwd=tmp_path)
    assert done.returncode == 2
    assert "--replay, --max-calls: no judge is used" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_was_ended_resumes_without_paying_twice(
    cli: Cli, files: list[object], tmp_path: Path, how: signal.Signals
) -> None:
    def slow(request: dict[str, Any], number: int) -> Any:
        answer = completion(marks_the_odd(request, number))
        return Answer(answer.body, wait=0.0 if number < 3 else 30.0)

    command = [
        sys.executable,
        "-m",
        "evalkit",
        "run",
        *map(str, files),
        "--judgements",
        "store",
        "--judge-concurrency",
        "1",
    ]
    env = {**os.environ, "EVALKIT_CACHE": str(tmp_path / "cache")}
    if "EVALKIT_TEST_WHEEL" not in os.environ:
        env["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    with Server(slow) as server:
        running = subprocess.Popen(
            [*command, "--judge-url", server.url], cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 60
        while len(server.requests) < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(how)
        _, said = running.communicate(timeout=60)
    if how is signal.SIGINT:
        assert running.returncode == 130
        assert "replies so far are kept" in said
    with Server(marks_the_odd) as server:
        done = cli("run", *files, "--judgements", "store", "--judge-url", server.url, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert len(server.requests) == 3  # three of six were stored
    with Server(lambda *_: error(500)) as server:
        again = cli("run", *files, "--judgements", "store", "--judge-url", server.url, cwd=tmp_path)
        assert again.stdout == done.stdout
        assert not server.requests


def test_the_run_folder_notes_the_judge_but_not_its_url(cli: Cli, files: list[object], tmp_path: Path) -> None:
    with Server(marks_the_odd) as server:
        (tmp_path / "own.toml").write_text(f'[tool.evalkit.run]\njudge-url = "{server.url}"\n', encoding="utf-8")
        for flags, used in (([], {"judge-url": "URL"}), (["--judge-url", server.url], {})):
            done = cli("run", *files, "--config", "own.toml", *flags, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            text = (tmp_path / "evalkit-results" / "run.json").read_text(encoding="utf-8")
            assert server.url not in text
            head = json.loads(text)
            assert head["config"]["options"] == used
    (note,) = head["models"].values()
    assert note["returned"] == {"judge-1": 6}
    assert note["tokens"] == {"input": 600, "output": 60}
    assert head["command"][-2:] == ["--judge-url", "URL"]


def test_a_store_that_cannot_be_written_costs_no_call(cli: Cli, files: list[object], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Server(marks_the_odd) as server:
        done = cli("run", *files, "--judgements", "file/store", "--judge-url", server.url, cwd=tmp_path)
        assert done.returncode == 2
        assert "file/store: cannot be written" in done.stderr
        assert not [request for request in server.requests if "messages" in request]


def test_a_judge_that_has_nothing_to_judge_is_no_error(cli: Cli, files: list[object], tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n\n\n")
    with Server(marks_the_odd) as server:
        done = cli("run", "empty.txt", *files[2:], "--judge-url", server.url, cwd=tmp_path)
        assert (done.returncode, len(server.requests)) == (0, 0), done.stderr
        bench = files[2:-2]
        asked = ["duel", "a.txt", "b=a.txt", *bench, "--judge", "openai:m", "--judge-url", server.url]
        done = cli(*asked, cwd=tmp_path)
        assert (done.returncode, len(server.requests)) == (0, 0), done.stderr


def test_a_dry_run_that_fails_for_one_task_prints_nothing(cli: Cli, tmp_path: Path) -> None:
    done = cli("probe", "-m", JUDGE, "--dry-run", "--judge-url", "http://127.0.0.1:1/v1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not judge a summary" in done.stderr
