"""Inputs on the command line: no references, groups of metrics, pipes, logs, WMT files."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., subprocess.CompletedProcess[str]]
ZH = ["市议会昨天批准了5000万元的新预算。", "去年有38人在事故中受伤。", "学校将在九月开学。"]
EN = [
    "The council approved a budget of 50 million yuan.",
    "Last year 38 people were injured.",
    "School starts in September.",
]
OUT = [
    "The council passed a budget of 50 million yuan.",
    "Last year 39 people were hurt.",
    "School begins in September.",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, lines in (("s.zh", ZH), ("ref.en", EN), ("sys.en", OUT)):
        (tmp_path / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return tmp_path


def scores(done: subprocess.CompletedProcess[str]) -> dict[tuple[str, str], float]:
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    return {(row["system"], row["metric"]): round(row["score"], 2) for row in rows if row["level"] == "corpus"}


def test_without_references_what_needs_none_is_scored(cli: Cli, folder: Path) -> None:
    base = ("run", "--source", "s.zh", "--lang", "zh-en", "sys.en", "-q", "--format", "json", "--no-cache")
    assert set(scores(cli(*base, cwd=folder))) == {("sys", "Quantities"), ("sys", "Names"), ("sys", "Health")}
    done = cli("check", "--source", "s.zh", "--lang", "zh-en", "sys.en", cwd=folder)
    assert done.returncode == 0 and "39" in done.stdout
    refused = cli(*base, "-m", "BLEU", cwd=folder)
    assert refused.returncode == 2 and "BLEU needs references" in refused.stderr


def test_groups_skip_what_does_not_apply_and_say_so(cli: Cli, folder: Path) -> None:
    base = ("run", "--reference", "ref.en", "--source", "s.zh", "--lang", "zh-en", "sys.en", "-q", "--format", "json")
    done = cli(*base, "-m", "facts", "--no-cache", cwd=folder)
    assert set(scores(done)) == {("sys", "Quantities"), ("sys", "Names")}
    assert "left out of the group facts: Terms (needs terms, which" in done.stderr
    assert {metric for _, metric in scores(cli(*base, "-m", "surface", "--no-cache", cwd=folder))} >= {"BLEU", "chrF++"}
    default = {"BLEU", "chrF", "TER", "Quantities", "Names", "Health"}
    assert {m for _, m in scores(cli(*base, "--no-cache", cwd=folder))} == default
    named = cli(*base, "-m", "Terms", cwd=folder)
    assert named.returncode == 2 and "Terms needs terms" in named.stderr


def test_checks_leave_out_a_language_that_they_do_not_read(cli: Cli, folder: Path) -> None:
    (folder / "s.de").write_text("Das Haus ist alt.\n" * len(ZH), encoding="utf-8")
    base = ("--source", "s.de", "--lang", "de-en", "sys.en")
    done = cli("run", *base, "--reference", "ref.en", "-q", "-m", "all", "--no-cache", cwd=folder)
    assert done.returncode == 0 and "Health" in done.stdout
    assert "Quantities (reads sources in en and zh, not de)" in done.stderr
    assert "(Health)" in cli("check", *base, cwd=folder).stdout
    named = cli("run", *base, "-m", "Names", cwd=folder)
    assert named.returncode == 2 and "Names reads sources in zh, not de; leave it out" in named.stderr
    probed = cli("probe", *base[:-1], "--reference", "ref.en", "--generate", cwd=folder)
    assert probed.returncode == 0 and "Names reads sources in zh, not de" in probed.stdout


def test_checks_need_the_language_of_the_sources(cli: Cli, folder: Path) -> None:
    base = ("--source", "s.zh", "--lang", "en", "sys.en")
    done = cli("run", *base, "--reference", "ref.en", "-q", "-m", "all", "--no-cache", cwd=folder)
    assert done.returncode == 0 and "Health" in done.stdout
    assert "left out of the group all: Quantities, Names (needs the language of the sources)" in done.stderr
    assert "(Health)" in cli("check", *base, cwd=folder).stdout
    for metric in ("Names", "Quantities"):
        named = cli("run", *base, "-m", metric, cwd=folder)
        assert named.returncode == 2, named.stdout
        assert f"{metric} needs the language of the sources; give it with --lang SRC-TGT" in named.stderr


def test_pipes_gzip_and_standard_input(cli: Cli, folder: Path) -> None:
    (folder / "sys.en.gz").write_bytes(gzip.compress((folder / "sys.en").read_bytes()))
    base = ("run", "--reference", "ref.en", "--lang", "en", "-q", "--format", "json", "-m", "BLEU", "--no-cache")
    plain = scores(cli(*base, "sys.en", cwd=folder))
    assert scores(cli(*base, "sys.en.gz", cwd=folder)) == plain
    os.mkfifo(folder / "pipe")

    def write() -> None:
        (folder / "pipe").write_bytes((folder / "sys.en.gz").read_bytes())

    writer = threading.Thread(target=write)
    writer.start()
    assert scores(cli(*base, "sys=pipe", cwd=folder)) == plain
    writer.join()
    for what in ("/dev/zero", "/dev/null"):
        refused = cli(*base, what, cwd=folder)
        assert refused.returncode == 2 and "device" in refused.stderr


def test_names_folders_and_limits(cli: Cli, folder: Path) -> None:
    base = ("run", "--reference", "A=ref.en", "--lang", "en", "-q", "--format", "json", "-m", "chrF", "--no-cache")
    systems = folder / "systems"
    systems.mkdir()
    for name in ("a.en", "b.v2.en", "README.md"):
        (systems / name).write_text("".join(line + "\n" for line in OUT))
    assert {name for name, _ in scores(cli(*base, "systems", cwd=folder))} == {"a", "b.v2"}
    twice = cli(*base, "sys.en", "systems/../sys.en", cwd=folder)
    assert twice.returncode == 2 and "write NAME=" in twice.stderr
    assert {name for name, _ in scores(cli(*base, "one=sys.en", "two=sys.en", cwd=folder))} == {"one", "two"}
    limited = scores(cli(*base, "sys.en", "--limit", "2", cwd=folder))
    for name in ("ref.en", "sys.en"):
        (folder / name).write_text("".join((folder / name).read_text().splitlines(keepends=True)[:2]))
    assert limited == scores(cli(*base, "sys.en", cwd=folder))


def test_a_name_longer_than_a_file_name_is_reported(cli: Cli, folder: Path) -> None:
    done = cli("run", "--reference", "ref.en", "--lang", "en", f"{'x' * 300}=sys.en", cwd=folder)
    assert (done.returncode, "is longer than 100 characters" in done.stderr) == (2, True), done.stderr


def test_a_log_alone_is_enough(cli: Cli, folder: Path) -> None:
    samples = [
        {
            "doc_id": i,
            "doc": {"source": source},
            "target": target,
            "resps": [[output]],
            "filtered_resps": [output],
        }
        for i, (source, target, output) in enumerate(zip(ZH, EN, OUT, strict=True))
    ]
    (folder / "log.jsonl").write_text("".join(json.dumps(s) + "\n" for s in samples), encoding="utf-8")
    options = ("-q", "--format", "json", "-m", "BLEU,Quantities", "--no-cache")
    log = scores(cli("run", "--lang", "zh-en", "log.jsonl", *options, cwd=folder))
    lines = scores(
        cli("run", *("--reference ref.en --source s.zh --lang zh-en log=sys.en".split()), *options, cwd=folder)
    )
    assert log == lines
    samples[1]["target"] = "Something else."
    (folder / "log.jsonl").write_text("".join(json.dumps(s) + "\n" for s in samples), encoding="utf-8")
    other = cli("run", *("--reference ref.en --source s.zh --lang zh-en log.jsonl".split()), *options, cwd=folder)
    assert other.returncode == 2 and "log.jsonl:2: the log's own target of '2' is 'Something else.'" in other.stderr


def test_wmt_xml_brings_its_systems(cli: Cli, shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "formats" / "wmttest2022.en-zh.two-docs.xml"
    options = ("-q", "--format", "json", "-m", "BLEU", "--no-cache")
    alone = scores(cli("run", path, *options, cwd=tmp_path))
    assert len(alone) > 10
    assert scores(cli("run", "--benchmark", path, *options, cwd=tmp_path)) == alone
    wrong = cli("run", "--benchmark", path, "--lang", "zh-en", *options, cwd=tmp_path)
    assert wrong.returncode == 2 and "source language is en in the file" in wrong.stderr


def test_chinese_under_english_is_refused_and_a_source_as_output_is_reported(cli: Cli, folder: Path) -> None:
    refused = cli("run", "--reference", "s.zh", "--lang", "en-en", "s.zh", cwd=folder)
    assert refused.returncode == 2 and "the references are 100% Han, but en is written in Latin" in refused.stderr
    told = cli("run", "--reference", "ref.en", "--lang", "zh-en", "s.zh", "-m", "BLEU", "-q", "--no-cache", cwd=folder)
    assert told.returncode == 0 and "the outputs of s are 100% Han" in told.stderr
