"""A run writes the same bytes with any time zone, locale, hash seed and number of processes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

CLI = Callable[..., subprocess.CompletedProcess[str]]


def shown(folder: Path) -> dict[str, object]:
    """The files of a run without its time and its command line, which are the only difference there may be."""
    head = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    found: dict[str, object] = {}
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        if path.name.startswith("report"):
            text = content.decode()
            for value in (head["created"], head["created"][:16].replace("T", " "), head["created"][:10]):
                text = text.replace(value, "TIME")
            content = re.sub(r"evalkit run [^<\n`]*", "COMMAND", text).encode()
        found[path.name] = content
    for name in ("report.html", "report.md"):
        del head["files"][name]
    found["run.json"] = {**head, "created": "", "command": [], "sha256": ""}
    return found


def test_time_zone_locale_hash_seed_and_jobs_change_no_byte(new_process: CLI, tmp_path: Path) -> None:
    settings = (
        ("one", "1", {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
        ("two", "2", {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "77", "PYTHONUTF8": "1"}),
    )
    for out, jobs, env in settings:
        done = new_process(
            "run",
            "-q",
            "--no-cache",
            "--intervals",
            "--task",
            "summarize-zh",
            "--jobs",
            jobs,
            "--out",
            out,
            cwd=tmp_path,
            **env,
        )
        assert done.returncode == 0, done.stderr
    one, two = (shown(tmp_path / out) for out, *_ in settings)
    assert one.keys() == two.keys()
    for name in one:
        assert one[name] == two[name], name
