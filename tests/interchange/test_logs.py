from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from evalkit.data.outputs import read_systems
from evalkit.errors import InputError
from interchange.tiny import IDS, MADE, REFERENCES, SAID, tiny

Cli = Callable[..., CompletedProcess[str]]
LOGS = ("samples_tiny_zh_en.jsonl", "inspect-ids.json")


@pytest.mark.parametrize("name", LOGS)
def test_the_outputs_of_a_log_are_what_the_model_said_by_id(name: str) -> None:
    found = read_systems(tiny(), [MADE / name])
    ((system, outputs),) = found["translate-en"].items()
    assert system == Path(name).stem
    assert tuple(outputs.texts) == SAID
    backwards = read_systems(tiny(IDS[::-1], REFERENCES[::-1]), [MADE / name])["translate-en"][system]
    assert tuple(backwards.texts) == SAID[::-1]


def test_samples_that_the_tool_numbered_stand_in_the_benchmarks_order() -> None:
    for ids in (IDS, ("1", "2", "3")):
        outputs = read_systems(tiny(ids), [MADE / "inspect-numbered.json"])["translate-en"]["inspect-numbered"]
        assert tuple(outputs.texts) == SAID
    # numbers that are the benchmark's own ids go before the place
    outputs = read_systems(tiny(("3", "2", "1"), REFERENCES[::-1]), [MADE / "inspect-numbered.json"])["translate-en"][
        "inspect-numbered"
    ]
    assert tuple(outputs.texts) == SAID[::-1]


def _lines(change: Callable[[list[dict[str, Any]]], None]) -> str:
    rows = [json.loads(line) for line in (MADE / LOGS[0]).read_text(encoding="utf-8").splitlines()]
    change(rows)
    return "".join(json.dumps(row) + "\n" for row in rows)


def _log(change: Callable[[dict[str, Any]], None]) -> str:
    log = json.loads((MADE / LOGS[1]).read_text(encoding="utf-8"))
    change(log)
    return json.dumps(log)


def test_samples_without_ids_of_the_harness_stand_in_their_place(tmp_path: Path) -> None:
    def strip(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            del row["doc"]["id"]
        rows.reverse()

    path = tmp_path / "m.jsonl"
    path.write_text(_lines(strip), encoding="utf-8")
    assert tuple(read_systems(tiny(), [path])["translate-en"]["m"].texts) == SAID


def test_what_failed_is_missing_and_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(_log(lambda log: log["samples"][0].update(error={"message": "x"})), encoding="utf-8")
    with pytest.raises(InputError, match="no output for the id 'apples/p1'"):
        read_systems(tiny(), [path])
    outputs = read_systems(tiny(), [path], allow_missing=True)["translate-en"]["m"]
    assert (tuple(outputs.texts), outputs.missing) == ((*SAID[:2], ""), ("apples/p1",))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("m.jsonl", _lines(lambda r: r[1].update(filter="strict")), "several filters (none and strict)"),
        ("m.jsonl", _lines(lambda r: r[1].update(filtered_resps=[[-1.5, False], [-2.0, True]])), "not one text"),
        ("m.jsonl", _lines(lambda r: r[1].update(filtered_resps=["a", "b"])), "not one text"),
        ("m.jsonl", _lines(lambda r: r[1]["doc"].update(id="library/p9")), "unknown id 'library/p9'; did you mean"),
        ("m.jsonl", _lines(lambda r: r[1]["doc"].pop("id")), "no id, though other samples of this log have one"),
        ("m.jsonl", _lines(lambda r: r.append(r[0])), "duplicate id 'library/p1'"),
        ("m.jsonl", _lines(lambda r: r.pop()), "no output for the id 'apples/p1'"),
        ("m.jsonl", _lines(lambda r: r[1].pop("resps")), "not a sample of lm-evaluation-harness"),
        ("m.jsonl", _lines(lambda r: None)[:-40], "is the file cut short?"),
        ("m.json", _log(lambda log: log.update(status="error")), "ended with the status 'error'"),
        (
            "m.json",
            _log(lambda log: log["samples"][1].update(epoch=2, id=log["samples"][0]["id"])),
            "read with --samples",
        ),
        ("m.json", _log(lambda log: log.pop("samples")), "the log has no samples"),
        ("m.json", _log(lambda log: log.update(samples=[])), "no output for the id 'library/p1' and 2 more"),
        ("m.json", _log(lambda log: log["samples"][1].update(output={})), "no output of a model"),
        ("m.json", _log(lambda log: log["samples"][1].update(output=3)), "not a sample of inspect_ai"),
        ("m.json", _log(lambda log: log["samples"][1].update(id=9)), "unknown id '9'"),
        ("m.json", '{"library/p1": "text"}', "no output for the id 'library/p2'"),
        ("m.json", "[", "not valid JSON"),
        ("m.json", "[" * 100_000, "not valid JSON"),
        ("m.eval", "PK", "the name ends in .eval, but the content is text"),
    ],
)
def test_a_log_without_usable_outputs_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_systems(tiny(), [path])
    assert said in str(error.value) and str(path) in str(error.value)


def test_numbered_samples_are_placed_by_number(tmp_path: Path) -> None:
    log = json.loads((MADE / "inspect-numbered.json").read_text(encoding="utf-8"))
    log["samples"].pop()
    path = tmp_path / "m.json"
    path.write_text(json.dumps(log), encoding="utf-8")
    with pytest.raises(InputError, match=r"no output for the id 'apples/p1' .* with --limit 2"):
        read_systems(tiny(), [path])


def test_content_in_parts_is_read_without_its_reasoning(tmp_path: Path) -> None:
    def parts(log: dict[str, Any]) -> None:
        for sample in log["samples"]:
            del sample["output"]["completion"]

    path = tmp_path / "m.json"
    path.write_text(_log(parts), encoding="utf-8")
    assert "reasoning" in path.read_text(encoding="utf-8")
    assert tuple(read_systems(tiny(), [path])["translate-en"]["m"].texts) == SAID


def test_a_folder_may_hold_a_log_a_task_and_a_log_finds_its_task(tmp_path: Path) -> None:
    from dataclasses import replace

    bench = tiny()
    other = replace(bench.tasks[0], name="translate-de", ids=("x", "y", "z"))
    two = replace(bench, tasks=(*bench.tasks, other))
    (tmp_path / "mine").mkdir()
    shutil.copy(MADE / LOGS[1], tmp_path / "mine" / "translate-en.json")
    assert tuple(read_systems(two, [tmp_path / "mine"])["translate-en"]["mine"].texts) == SAID
    assert list(read_systems(two, [MADE / LOGS[0], MADE / LOGS[1]])["translate-en"]) == [Path(n).stem for n in LOGS]


def test_a_log_is_a_system_of_the_command_line(cli: Cli, tmp_path: Path) -> None:
    with (tmp_path / "b.jsonl").open("w", encoding="utf-8") as file:
        for id_, reference in zip(IDS, REFERENCES, strict=True):
            file.write(json.dumps({"id": id_, "references": [reference]}) + "\n")
    done = cli(
        *("run", "--benchmark", "b.jsonl", "--lang", "zh-en", "-m", "chrF", "-q", "--format", "json"),
        *(MADE / name for name in LOGS),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    scores = {row["system"]: row["score"] for row in json.loads(done.stdout) if row["level"] == "corpus"}
    assert len(scores) == 2 and len(set(scores.values())) == 1
