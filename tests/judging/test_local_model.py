"""A real model, SmolLM2 under llama.cpp (tox -e judge-local); its judgements are at chance level."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("httpx2")
pytest.importorskip("xllamacpp")

from benchmarks.judge.local_server import start

RUBRIC = "question: How good is the translation?\nscale: [0, 10]\nanchors: {0: useless, 10: perfect}\n"
TEXTS = {"s.zh": "你好。\n天气很好。\n他买了一本书。\n", "r.en": "Hello.\nIt is fine.\nHe bought a book.\n"}
TEXTS |= {"a.en": "Hello.\nThe weather is bad.\nHe sold a book.\n", "b.en": "Hi.\nFine weather.\nHe bought a book.\n"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server, address = start()
    yield address
    del server


def test_a_real_run_killed_resumed_and_replayed(
    cli: Callable[..., subprocess.CompletedProcess[str]], url: str, tmp_path: Path
) -> None:
    for name, text in {**TEXTS, "good.yaml": RUBRIC}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    metric = "Judge(rubric=good.yaml,model=openai:smollm2,context=0,max_tokens=64)"
    arguments = ["run", "a.en", "b.en", "--source", "s.zh", "--reference", "r.en", "--lang", "zh-en", "-m", metric]
    arguments += ["--judgements", "store"]
    online = [*arguments, "--judge-url", url, "--judge-concurrency", "1", "--judge-timeout", "900"]
    environment = {**os.environ, "EVALKIT_CACHE": str(tmp_path / "cache")}

    def stored() -> int:
        return sum(len(path.read_bytes().splitlines()) for path in (tmp_path / "store").glob("*.jsonl"))

    running = subprocess.Popen([sys.executable, "-m", "evalkit", *online], cwd=tmp_path, env=environment)
    while stored() < 2 and running.poll() is None:
        time.sleep(0.05)
    running.kill()
    running.wait()
    before = stored()
    assert 2 <= before < 6
    resumed = cli(*online, cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    # A failed first attempt (a reply cut off) is asked for once more; what succeeded is not.
    assert 6 <= stored() <= 6 + before
    replayed = cli(*arguments, "--replay", "--out", "replayed", cwd=tmp_path)
    assert replayed.returncode == 0, replayed.stderr
    for name in ("scores.jsonl", "statistics.parquet", "findings.jsonl", "texts.parquet"):
        live = (tmp_path / "evalkit-results" / name).read_bytes()
        assert (tmp_path / "replayed" / name).read_bytes() == live
