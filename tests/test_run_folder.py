"""Guarantees of a run folder: written completely or not at all, no file of the user lost, one writer at a time."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attacks.killing import killed_at

import evalkit
from evalkit.errors import ResourceError, RunFolderError, SettingError
from evalkit.files import seal_is_intact, write_own
from evalkit.results import claim as claims
from evalkit.results.claim import claim
from evalkit.results.results import Results
from evalkit.results.run_folder import replace_report
from evalkit.results.run_json import FORMAT_VERSION

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
REPORTS = {"report.md": lambda results: f"# {results.benchmark}\n", "report.html": lambda results: "<p>\n"}
FILES = {"run.json", "scores.jsonl", "statistics.parquet", "texts.parquet", "findings.jsonl", *REPORTS}
MINE = {
    "baseline.json": "{}",
    "history.jsonl": "{}\n",
    "notes.txt": "mine",
    "mine.jsonl": "{}\n",
    "figures/one.txt": "1",
    "figures/deep/two.txt": "2",
    ".hidden": "h",
}


def scored(outputs: list[str]) -> Results:
    rows = [{"id": str(i), "source": f"源{i}", "references": [f"reference {i}"]} for i in range(len(outputs))]
    bench = evalkit.Benchmark.from_dataset(rows, lang="zh-en")
    return evalkit.run(bench, {"mine": outputs}, metrics=["chrF"])


@pytest.fixture(scope="module")
def runs() -> tuple[Results, Results]:
    return scored(["reference 0", "x"]), scored(["reference 0", "reference 1"])


def save(results: Results, folder: Path | str) -> None:
    evalkit.save_results(results, folder, reports=REPORTS, command=["evalkit", "run", "\udcff"])


def put_mine(folder: Path) -> None:
    for name, text in MINE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "link").symlink_to("nowhere")


def check_mine(folder: Path) -> None:
    for name, text in MINE.items():
        assert (folder / name).read_text() == text
    assert (folder / "link").readlink() == Path("nowhere")


def score_of(folder: Path) -> float | None:
    return evalkit.load_results(folder).scores("corpus")[0].score


@pytest.fixture(params=["exchanged", "moved"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How an earlier folder is replaced: in one step, or file by file where the platform cannot."""
    if request.param == "moved":
        monkeypatch.setattr(claims, "_exchange", lambda one, other: False)
    return str(request.param)


def test_everything_known_of_a_segment_comes_back(runs: tuple[Results, Results], tmp_path: Path) -> None:
    from evalkit.results.task_results import Finding, Samples
    from evalkit.stats.sampling import SamplingShare

    share = SamplingShare(0.25, float("nan"), 0.1, 2.5, "segment", 2, "why \u2028")
    extra = {
        "undefined": {"chrF": {"mine": {1: "timed out"}}},
        "empty": {"mine": ("1",)},
        "missing": {"mine": ("0",)},
        "samples": {"mine": Samples((2, 3), {"chrF": share}, {"Health": 0.5})},
        "fields": {"domain": ("新闻", "speech"), "kind": ("", "a")},
        "findings": {
            "chrF": {"mine": ((Finding("k", "error", "m", (0, 1), None, "x"),), ())},
            "BLEU": {"mine": ((), ())},
        },
    }
    for texts in (runs[0].task().texts, None):
        task = dataclasses.replace(runs[0].task(), **extra, texts=texts)  # type: ignore[arg-type]
        save(dataclasses.replace(runs[0], tasks=(task,)), tmp_path / "run")
        back = evalkit.load_results(tmp_path / "run").task()
        for name in set(extra) - {"samples"}:
            assert getattr(back, name) == extra[name], name
        assert back.samples["mine"].counts == (2, 3) and back.samples["mine"].pass_rates == {"Health": 0.5}
        assert repr(back.samples["mine"].shares) == repr({"chrF": share})
        assert (back.texts is None) == (texts is None) and (texts is None or vars(back.texts) == vars(texts))


def test_files_of_the_user_stay_in_a_folder_that_is_written_again(
    runs: tuple[Results, Results], tmp_path: Path, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run"
    save(runs[0], folder)
    put_mine(folder)
    first = score_of(folder)
    with caplog.at_level(logging.INFO, "evalkit"):
        save(runs[1], folder)
    check_mine(folder)
    assert {p.name for p in folder.iterdir()} == FILES | {"link"} | {Path(name).parts[0] for name in MINE}
    assert score_of(folder) != first
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{folder}: replaced the run of 20") and record.levelname == "INFO"


def test_a_changed_file_of_ours_is_kept_under_another_name_and_reported(
    runs: tuple[Results, Results], tmp_path: Path, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run"
    save(runs[0], folder)
    (folder / "report.md").write_text("my words")
    (folder / "report.md.old").write_text("older words")
    (folder / "scores.jsonl").unlink()
    (folder / "scores.jsonl").symlink_to("report.md.old")
    save(runs[1], folder)
    assert {p.name for p in folder.iterdir()} == FILES | {"report.md.old", "report.md.old.2", "scores.jsonl.old"}
    assert (folder / "report.md.old").read_text() == "older words"
    assert (folder / "report.md.old.2").read_text() == "my words"
    assert any("report.md: changed since evalkit wrote it" in r.getMessage() for r in caplog.records)
    evalkit.load_results(folder)


def test_a_file_that_is_written_while_the_folder_is_replaced_is_kept(
    runs: tuple[Results, Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, exchange = tmp_path / "run", claims._exchange
    save(runs[0], folder)
    put_mine(folder)

    def late(one: Path, other: Path) -> bool:
        (folder / "late.txt").write_text("late")
        (folder / "figures" / "deep" / "late.txt").write_text("late")
        (folder / "new.txt").write_text("new notes")
        (folder / "new.txt").replace(folder / "notes.txt")  # as editors save
        return exchange(one, other)

    monkeypatch.setattr(claims, "_exchange", late)
    save(runs[1], folder)
    assert (folder / "late.txt").read_text() == (folder / "figures" / "deep" / "late.txt").read_text() == "late"
    assert (folder / "notes.txt").read_text() == "new notes"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_changed_run_json_does_not_identify_a_run_folder(
    runs: tuple[Results, Results], tmp_path: Path, way: str
) -> None:
    folder = tmp_path / "run"
    save(runs[0], folder)
    text = (folder / "run.json").read_text()
    (folder / "run.json").write_text(text.replace('"seed": 12345', '"seed": 54321'))
    with pytest.raises(RunFolderError, match=r"run\.json: cut short or changed since the run"):
        evalkit.load_results(folder)
    save(runs[1], folder)
    assert {p.name for p in folder.iterdir()} == FILES | {f"{name}.old" for name in FILES}
    assert (folder / "run.json.old").read_text() != text


def as_version_1(folder: Path) -> None:
    head = json.loads((folder / "run.json").read_text())
    head["format_version"] = 1
    head["files"] = {name: digest for name, digest in head["files"].items() if not name.startswith("report")}
    for task in head["tasks"]:
        for name in ("empty", "undefined", "findings", "samples", "fields"):
            del task[name]
    del head["sha256"], head["models"]
    (folder / "run.json").write_text(json.dumps(head, indent=1))


def test_version_1_reads_and_what_it_has_no_checksum_for_is_kept(
    runs: tuple[Results, Results], tmp_path: Path, way: str
) -> None:
    folder = tmp_path / "run"
    save(runs[0], folder)
    as_version_1(folder)
    assert score_of(folder) is not None
    save(runs[1], folder)
    assert {p.name for p in folder.iterdir()} == FILES | {"run.json.old", "report.md.old", "report.html.old"}
    assert json.loads((folder / "run.json").read_text())["format_version"] == FORMAT_VERSION


def test_every_field_of_version_1_with_another_type_is_one_error(runs: tuple[Results, Results], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    save(runs[0], folder)
    as_version_1(folder)
    head = json.loads((folder / "run.json").read_text())
    tried = 0

    def places(value: object, put: Callable[[object], None]) -> None:
        nonlocal tried
        for wrong in (None, True, -1, 10**400, 1.5, "x", [], {}, [None], {"x": None}):
            put(wrong)
            text = json.dumps(head)
            (folder / "run.json").write_text(text)
            tried += 1
            try:
                evalkit.load_results(folder)
            except evalkit.EvalkitError as error:
                assert str(folder) in str(error) or "metric" in str(error)
        put(value)
        if isinstance(value, dict):
            for key, inner in list(value.items()):
                places(inner, lambda new, key=key: value.__setitem__(key, new))  # type: ignore[misc]
        elif isinstance(value, list):
            for i, inner in enumerate(list(value)):
                places(inner, lambda new, i=i: value.__setitem__(i, new))  # type: ignore[misc]

    for key in list(head):
        places(head[key], lambda new, key=key: head.__setitem__(key, new))  # type: ignore[misc]
    assert tried > 300


def test_reports_of_a_gate_go_with_the_run_they_are_about(runs: tuple[Results, Results], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    save(runs[0], folder)
    for name, (mark, format_) in claims.GATE_REPORTS.items():
        write_own(folder / name, mark, mark, format_)
    (folder / "comment.md").write_text((folder / "comment.md").read_text() + "my words\n")
    save(runs[1], folder)
    assert {p.name for p in folder.iterdir()} == FILES | {"comment.md"}


def test_a_report_is_replaced_together_with_its_checksum(runs: tuple[Results, Results], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    save(runs[0], folder)
    replace_report(folder, "report.html", "<p>new\n")
    assert seal_is_intact((folder / "run.json").read_bytes())
    replace_report(folder, "report.html", "<p>newer\n")
    assert {p.name for p in folder.iterdir()} == FILES
    (folder / "report.html").write_text("mine")
    replace_report(folder, "report.html", "<p>newest\n")
    assert (folder / "report.html.old").read_text() == "mine"
    save(runs[1], folder)
    assert {p.name for p in folder.iterdir()} == FILES | {"report.html.old"}


@posix
def test_the_working_directory_and_a_link_are_written_in_place(
    runs: tuple[Results, Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, link = tmp_path / "run", tmp_path / "link"
    folder.mkdir()
    link.symlink_to("run")
    save(runs[0], link)
    assert link.is_symlink() and {p.name for p in folder.iterdir()} == FILES
    put_mine(folder)
    monkeypatch.chdir(folder / "figures")
    for out in ("..", str(link)):
        before = folder.stat().st_ino
        save(runs[1], out)
        assert folder.stat().st_ino == before and link.is_symlink()
    monkeypatch.chdir(folder)
    save(runs[0], ".")
    assert {p.name for p in Path().iterdir()} == FILES | {"link"} | {Path(name).parts[0] for name in MINE}
    check_mine(folder)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "run"]
    dangling = tmp_path / "dangling"
    dangling.symlink_to("new")
    save(runs[0], dangling)
    assert dangling.is_symlink() and (tmp_path / "new" / "run.json").exists()


@posix
@pytest.mark.parametrize("out", ["x" * 300, "file/run", "file", "loop", "full/of/others", "pipe", "zero"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_scored(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "full" / "of" / "others").mkdir(parents=True)
    (tmp_path / "full" / "of" / "others" / "thesis").write_text("x")
    for name in ("pipe", "zero"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "pipe" / "run.json")
    (tmp_path / "zero" / "run.json").symlink_to("/dev/zero")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RunFolderError), claim(tmp_path / out):
        raise AssertionError("scored")
    assert sorted(tmp_path.rglob("*")) == before


@posix
@pytest.mark.parametrize("name", ["run.json", "scores.jsonl", "statistics.parquet", "texts.parquet", "findings.jsonl"])
def test_a_device_among_the_files_of_a_run_is_refused_at_once(
    runs: tuple[Results, Results], tmp_path: Path, name: str
) -> None:
    save(runs[0], tmp_path / "run")
    (tmp_path / "run" / name).unlink()
    (tmp_path / "run" / name).symlink_to("/dev/zero")
    with pytest.raises(RunFolderError, match=f"{name}: (not a regular file|missing or not a regular file)"):
        evalkit.load_results(tmp_path / "run")


def test_a_run_that_fails_leaves_no_folders_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), claim(tmp_path / "a" / "b" / "run") as place:
        (place.building / "scores.jsonl").write_text("x")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


@posix
def test_two_runs_at_once_one_wins_and_the_other_says_so(runs: tuple[Results, Results], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for _ in range(2):
        with claim(folder) as place:
            with pytest.raises(RunFolderError, match="another run is being written there"):
                save(runs[1], folder)
            evalkit.save_results(runs[0], place, reports=REPORTS)
    save(runs[1], folder)
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


# -- killed at any moment -------------------------------------------------------------------------------------------


@posix
@pytest.mark.filterwarnings("ignore:.*fork")
@pytest.mark.parametrize("earlier", [False, True])
def test_a_kill_at_any_moment_leaves_the_old_run_or_the_new_one(
    runs: tuple[Results, Results], tmp_path: Path, way: str, earlier: bool
) -> None:
    step, seen = 0, set()
    while True:
        step += 1
        place = tmp_path / str(step)
        place.mkdir()
        folder = place / "run"
        if earlier:
            save(runs[0], folder)
            put_mine(folder)
            (folder / "report.md").write_text("my words")
        killed = killed_at(step, lambda folder=folder: save(runs[1], folder))  # type: ignore[misc]
        if folder.exists():
            if earlier:
                check_mine(folder)
            evalkit.load_results(folder)
            seen.add(score_of(folder))
        else:
            assert not earlier
        save(runs[1], folder)
        assert [p.name for p in place.iterdir()] == ["run"], "litter"
        if earlier:
            check_mine(folder)
            assert "my words" in {p.read_text() for p in folder.glob("report.md*")}
        assert {p.name for p in folder.iterdir() if p.name.startswith(".")} <= {".hidden"}
        if not killed:
            break
    assert step > (20 if earlier else 8)
    assert len(seen) == (2 if earlier else 1)


@posix
@pytest.mark.parametrize("fails", ["mkdir", "rename", "link", "write"])
def test_a_full_disk_at_any_call_leaves_the_old_run(
    runs: tuple[Results, Results], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    folder = tmp_path / "run"
    save(runs[0], folder)
    put_mine(folder)
    before = score_of(folder)
    real = getattr(os, fails)
    for step in range(1, 50):
        left = step

        def full(*arguments: object, _real: Callable[..., object] = real, **more: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(28, "No space left on device")
            return _real(*arguments, **more)

        with monkeypatch.context() as patch:
            patch.setattr(os, fails, full)
            try:
                save(runs[1], folder)
            except ResourceError:
                assert left == 0
        if left == 0 and fails != "link":
            assert score_of(folder) == before
        check_mine(folder)
        assert [p.name for p in tmp_path.iterdir()] == ["run"]
        if left > 0:
            break
        save(runs[0], folder)
    else:
        raise AssertionError("never ended")


# pyarrow's threads may still be starting when the process ends, which aborts it once in a hundred runs on a busy machine.
_THREADS_OF_READING = """
import os, sys
import pyarrow, pyarrow.parquet

def threads():
    return len(os.listdir("/proc/self/task"))

import numpy
from evalkit import load_benchmark, load_results
before = threads()
load_results("run")
load_benchmark("zh-news")
load_benchmark("table.parquet", lang="zh-en")
print(threads() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads as Linux lists them")
def test_reading_parquet_starts_no_threads(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    data = evalkit.load_benchmark("zh-news", task="translate-en")
    outputs = ["x"] * len(data.tasks[0])
    evalkit.save_results(evalkit.run(data, {"a": outputs, "b": outputs}, metrics=["BLEU"]), tmp_path / "run")
    table = pyarrow.table({"id": ["1"], "source": ["你好。"], "reference": ["Hello."]})
    pyarrow.parquet.write_table(table, tmp_path / "table.parquet")
    done = subprocess.run([sys.executable, "-c", _THREADS_OF_READING], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "0\n", done.stderr


@pytest.mark.parametrize("name", ["../report.md", "a/report.md", "scores.jsonl", "run.json", "..", ""])
def test_a_report_replaces_no_other_file(name: str, runs: tuple[Results, Results], tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="a report cannot be called"):
        evalkit.save_results(runs[0], tmp_path / "run", reports={name: lambda results: "text"})
    with pytest.raises(SettingError, match=r"the report report\.md is a number, not a text"):
        evalkit.save_results(runs[0], tmp_path / "run", reports={"report.md": lambda results: 5})  # type: ignore[dict-item,return-value]
    assert list(tmp_path.iterdir()) == []
