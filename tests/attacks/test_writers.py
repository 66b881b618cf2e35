"""Everything that writes files is killed at each step, run a hundred times at once, and run on a full disk."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import evalkit
from attacks.killing import at_once, killed_at
from attacks.writers import Writers, entry, litter, scored
from evalkit.engine.statistics_cache import StatisticsCache
from evalkit.errors import ResourceError, RunFolderError
from evalkit.files import append_file
from evalkit.leaderboard.history import append, read_history
from evalkit.results.packed import Block
from evalkit.results.results import Results

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork"),
    pytest.mark.filterwarnings("ignore:.*fork"),
]
MANY = 100


@pytest.fixture(scope="module")
def results() -> Results:
    return scored()


@pytest.mark.parametrize("what", ["baseline", "report", "history"])
def test_a_kill_at_any_moment_loses_nothing(results: Results, tmp_path: Path, what: str) -> None:
    seen, step = set(), 0
    while True:
        step += 1
        writers = Writers(tmp_path / str(step), results)
        writers.folder.mkdir()
        writers.write(what, False)
        killed = killed_at(step, lambda writers=writers: writers.write(what, True))  # type: ignore[misc]
        seen.add(writers.check(what))
        writers.write(what, True)
        seen.add(writers.check(what))
        assert not litter(writers.folder)
        if not killed:
            break
    assert step > 2 and len(seen) >= 2


@pytest.mark.parametrize("what", ["baseline", "report", "history"])
@pytest.mark.parametrize("call", ["write", "open", "fsync", "rename", "replace"])
def test_a_full_disk_at_any_call_loses_nothing(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, call: str
) -> None:
    writers = Writers(tmp_path, results)
    writers.write(what, False)
    before = writers.check(what)
    real = getattr(os, call)

    def full(*arguments: object, **more: object) -> object:
        if call == "open" and not int(str(arguments[1])) & os.O_CREAT:
            return real(*arguments, **more)
        if call == "write":
            real(arguments[0], bytes(arguments[1])[:3])  # type: ignore[call-overload]
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        try:
            writers.write(what, True)
        except ResourceError:
            assert writers.check(what) == before
    assert not litter(tmp_path)
    writers.write(what, True)
    assert writers.check(what) != before


def test_a_hundred_appenders_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"

    def work(number: int) -> bool:
        return append(path, [entry(number)]) == 1

    assert all(at_once([lambda i=i: work(i) for i in range(MANY)]))  # type: ignore[misc]
    history = read_history(path)
    assert not history.broken and {e.commit for e in history.entries} == {f"c{i}" for i in range(MANY)}


def test_a_hundred_appenders_of_long_texts_do_not_mix_them(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"

    def work(number: int) -> bool:
        append_file(path, f"{number:03d}" * 20_000 + "\n")
        return True

    assert all(at_once([lambda i=i: work(i) for i in range(MANY)]))  # type: ignore[misc]
    lines = path.read_text().splitlines()
    assert sorted(lines) == [f"{i:03d}" * 20_000 for i in range(MANY)]


def test_a_hundred_baselines_at_once_leave_one_that_is_whole(results: Results, tmp_path: Path) -> None:
    writers = Writers(tmp_path, results)

    def work(number: int) -> bool:
        writers.baseline(bool(number % 2))
        return bool(writers.check_baseline())

    assert all(at_once([lambda i=i: work(i) for i in range(MANY)]))  # type: ignore[misc]
    writers.check_baseline()
    assert not litter(tmp_path)


def test_of_a_hundred_runs_to_one_folder_some_win_and_the_others_say_so(results: Results, tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def work() -> bool:
        try:
            evalkit.save_results(results, folder)
        except RunFolderError as error:
            if "another run is being written there" not in str(error):
                raise
            return False
        return True

    won = at_once([work] * MANY)
    assert 1 <= sum(won) <= MANY
    assert evalkit.load_results(folder).task().systems == ("mine", "other")
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_hundred_writers_of_one_cache_entry(tmp_path: Path) -> None:
    cache = StatisticsCache(tmp_path / "cache", {})
    rows = np.arange(20_000.0).reshape(10_000, 2)

    def work() -> bool:
        cache.put("ab" * 32, Block(rows))
        found = cache.get("ab" * 32, (10_000, 2))
        return found is not None and bool((found.rows == rows).all())

    assert all(at_once([work] * MANY))
    cache.trim()
    assert len([path for path in (tmp_path / "cache").rglob("*") if path.is_file()]) == 1
