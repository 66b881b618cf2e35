"""The commands of docs/inputs.md work as written; its tables match the code."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from formats_made import EN, OUT, PROMPTFOO, WMT, ZH, harness, jsonl

from evalkit.cli.app import cli as program
from evalkit.cli.options import Inputs
from evalkit.data.fields import ROLES


def commands(repository: Path) -> list[str]:
    text = (repository / "docs/inputs.md").read_text(encoding="utf-8")
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.strip().split("\n")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def write(name: str, texts: list[str]) -> None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")

    for name, texts in (("source.zh", ZH), ("ref.en", EN), ("mine.en", OUT), ("second.en", EN)):
        write(name, texts)
    for name in ("systems/a.en", "systems/b.en"):
        write(name, OUT)
    with (tmp_path / "data.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "source", "reference", "output"], *zip("123", ZH, EN, OUT, strict=True)])
    with (tmp_path / "predictions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "prediction"], *zip("123", OUT, strict=True)])
    with (tmp_path / "articles.csv").open("w", newline="", encoding="utf-8") as file:
        rows = zip("123", [text * 20 for text in EN], EN, OUT, strict=True)
        csv.writer(file).writerows([["id", "article", "highlights", "output"], *rows])
    write("samples_task.jsonl", jsonl([harness(i) for i in range(3)]).splitlines())
    (tmp_path / "promptfoo.json").write_text(json.dumps(PROMPTFOO), encoding="utf-8")
    (tmp_path / "wmt.xml").write_text(WMT, encoding="utf-8")
    return tmp_path


def test_every_command_reads_its_files(folder: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    found = commands(repository)
    assert len(found) >= 10
    for command in found:
        arguments = shlex.split(command)[2:]
        given: dict[str, list[str]] = {}
        systems: list[str] = []
        rest = iter(arguments)
        for argument in rest:
            if argument.startswith("-"):
                given.setdefault(argument, []).append(next(rest))
            else:
                systems.append(argument)
        open_options = dict.fromkeys(Inputs.__dataclass_fields__)
        inputs = Inputs(
            **{
                **open_options,
                "benchmark": given.get("--benchmark", [None])[0],
                "tasks": (),
                "source": given.get("--source", [None])[0],
                "references": tuple(given.get("--reference", [])),
                "lang": given.get("--lang", [None])[0],
                "named_fields": tuple(given.get("--field", [])),
                "first": int(given["--limit"][0]) if "--limit" in given else None,
                "slices": (),
            }
        )
        bench = inputs.load(systems)
        outputs = inputs.read(bench, systems)
        assert outputs[bench.tasks[0].name], command


def test_some_commands_run(
    cli: Callable[..., subprocess.CompletedProcess[str]], folder: Path, repository: Path
) -> None:
    for command in [c for c in commands(repository) if "facts,chrF" in c or "check" in c]:
        done = cli(*shlex.split(command)[1:], cwd=folder)
        assert done.returncode == 0, (command, done.stderr)


def test_the_table_of_columns_names_every_role(repository: Path) -> None:
    text = (repository / "docs/inputs.md").read_text(encoding="utf-8")
    for role, names in ROLES.items():
        assert all(f"`{name}`" in text for name in map(str.lower, names if role != "score" else ()))


def test_the_results_on_real_files(
    repository: Path,
    shared_data: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = re.findall(
        r"^\| [^|]+ \| `(evalkit run [^`]+)` \| `([^`]+)` \|$",
        (repository / "docs/inputs.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert len(rows) == 13
    for command, expected in rows:
        arguments = command.replace("DATA", str(shared_data)).split()[1:]
        done = CliRunner().invoke(program, [*arguments, "--no-save", "--no-cache", "--no-config"])
        assert expected in f"{done.output}{done.exception}{caplog.text}", command
