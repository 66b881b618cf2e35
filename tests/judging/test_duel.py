"""Duels: both orders, ties, flips, tests and tables; against a scripted server."""

from __future__ import annotations

import html
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("httpx2")

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import References, Runtime
from evalkit.metrics.judging.duels import Duel, Preferences
from evalkit.models.judge_options import JudgeOptions
from evalkit.reports import duel_view, markdown
from evalkit.results.duel_results import duel_results

from .server import Server, completion

N = 12


def texts(request: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = json.loads(request["messages"][1]["content"].split("\n")[1])
    return found


def longer(request: dict[str, Any], _: int) -> Any:
    """Prefers the longer text; where both are as long, whatever comes first; never answers about a 7."""
    shown = texts(request)
    if shown["source"].endswith(" 7"):
        return completion("no idea")
    first, second = len(shown["first"]), len(shown["second"])
    return {"reason": "longer", "better": "first" if first >= second else "second"}


def side(n: int = N) -> References:
    return References(
        (("r",),) * n, "en", tuple(f"源 {i}" for i in range(n)), "zh", tuple(f"a{i // 2}" for i in range(n))
    )


def outputs() -> dict[str, list[str]]:
    return {
        "long": [f"a long text {i}" for i in range(N)],
        "short": ["", "a long text 1", *(f"another txt {i}" if i < 5 else f"text {i}" for i in range(2, N))],
    }


def preferences(systems: Mapping[str, Sequence[str]], n: int = N, **options: Any) -> tuple[Preferences, Server]:
    with Server(longer) as server:
        runtime = Runtime(judge=JudgeOptions(url=server.url, backoff=0.0, **options))
        return Duel(systems, side(n), "openai:m").ask(runtime), server


def test_wins_ties_losses_and_flips() -> None:
    found, server = preferences(outputs())
    assert len(server.requests) == 2 * (N - 2) + 2  # neither the empty nor the equal one; two repairs
    np.testing.assert_array_equal(found.verdicts[0, :, :5], [[1, 0, 1, 1, 1], [1, 0, -1, -1, -1]])
    assert list(found.undefined) == [(0, 7)]
    assert found.undefined[0, 7].startswith("not the schema: the reply is not JSON (Expecting value")
    duel = duel_results(found, "translate-en", side().articles)
    (pair,) = duel.pairs
    assert (pair.wins, pair.ties, pair.losses, pair.undefined) == (7, 4, 0, 1)
    assert pair.flip_rate == pytest.approx(3 / 9)  # of those that the judge was asked about
    assert pair.half_wins == pytest.approx(9 / 11)
    assert pair.first_rate == pytest.approx((2 * 3 + 6) / (2 * 9))
    assert pair.reason == "depends on 1 unjudged segment" or pair.better == "long"
    assert "returned:judge-1" in duel.signature


def test_the_test_is_the_exact_sign_test_of_articles_where_all_pull_one_way() -> None:
    n = 24
    articles = [f"a{i // 2}" for i in range(n)]
    verdicts = np.zeros((1, 2, n))
    verdicts[0, :, ::2] = 1  # one win and one tie in each of 12 articles
    duel = duel_results(Preferences(("x", "y"), ((0, 1),), verdicts, {}, "s", verdicts[:, 0] == 1), "t", articles)
    (pair,) = duel.pairs
    assert duel.unit == "article"
    assert pair.p == 2 / 2**12
    assert pair.better == "x"
    assert pair.half_wins == 0.75
    assert pair.low is not None
    assert pair.low <= 0.75


def test_no_preference_is_no_difference() -> None:
    duel = duel_results(
        Preferences(("x", "y"), ((0, 1),), np.zeros((1, 2, 20)), {}, "s", np.ones((1, 20), bool)), "t", None
    )
    assert duel.pairs[0].better is None
    assert duel.pairs[0].ties == 20
    assert duel.pairs[0].flip_rate == 0


def test_more_than_two_systems_have_half_wins_against_all_others() -> None:
    systems = {name: [name * (3 - k) + str(i) for i in range(N)] for k, name in enumerate(("aaa", "bbb", "ccc"))}
    found, _ = preferences(systems)
    duel = duel_results(found, "translate-en", side().articles)
    assert [(s.system, s.half_wins) for s in duel.standings] == [("aaa", 1.0), ("bbb", 0.5), ("ccc", 0.0)]
    assert [(p.system, p.opponent, p.better) for p in duel.pairs] == [
        ("aaa", "bbb", "aaa"),
        ("aaa", "ccc", "aaa"),
        ("bbb", "ccc", "bbb"),
    ]
    pairs, standings = duel_view.duel_tables(duel)
    assert [cell.text for cell in pairs.rows[0]][:5] == ["aaa", "bbb", "11", "0", "0"]
    assert standings.rows[1][1].text.startswith("0.500 [")


def test_a_page_escapes_every_text() -> None:
    verdicts = np.ones((1, 2, 4))
    duel = duel_results(
        Preferences(("<b>&", "y|z"), ((0, 1),), verdicts, {}, "<script>", verdicts[:, 0] == 1), "t<i>", None
    )
    page = duel_view.page([duel])
    assert "<b>" not in page
    assert "<script" not in page
    assert "&lt;b&gt;&amp;" in page
    assert "y\\|z" in duel_view.markdown([duel])


def test_one_system_is_no_duel() -> None:
    with pytest.raises(InputError, match="at least two"):
        preferences({"a": ["x"] * N})
    with pytest.raises(SettingError, match="needs sources"):
        Duel({"a": [], "b": []}, References(()), "openai:m").ask(Runtime(judge=JudgeOptions()))


def test_failures_and_a_judge_of_the_same_family_are_reported() -> None:
    told: list[str] = []
    rows = [{"id": str(i), "source": f"源 {i}", "references": ["r"]} for i in range(N)]
    bench = Benchmark.from_dataset(rows, lang="zh-en", name="own")
    with Server(lambda *_: completion("no JSON")) as server:
        runtime = Runtime(judge=JudgeOptions(url=server.url, backoff=0.0), notify=told.append)
        evalkit.duel(bench, {"gpt-x": ["a"] * N, "b": ["b"] * N}, model="openai:gpt-4", runtime=runtime)
    assert any(f"{2 * N} of {2 * N} judgements failed" in sentence for sentence in told)
    assert any("judges gpt-x, which seems to be" in sentence for sentence in told)


def test_the_same_in_python() -> None:
    rows = [{"id": str(i), "source": f"源 {i}", "references": ["r"]} for i in range(N)]
    bench = Benchmark.from_dataset(rows, lang="zh-en", name="own")
    with Server(longer) as server:
        runtime = Runtime(judge=JudgeOptions(url=server.url))
        (found,) = evalkit.duel(bench, outputs(), model="openai:m", runtime=runtime)
    assert found.task == "translate-en"
    assert (found.pairs[0].wins, found.pairs[0].ties) == (7, 4)


@pytest.fixture
def files(tmp_path: Path) -> list[object]:
    for name, lines in (("long.txt", outputs()["long"]), ("short.txt", [t or "-" for t in outputs()["short"]])):
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "source.zh").write_text("".join(f"源 {i}\n" for i in range(N)), encoding="utf-8")
    (tmp_path / "ref.en").write_text("r\n" * N, encoding="utf-8")
    return ["long.txt", "short.txt", "--source", "source.zh", "--reference", "ref.en", "--lang", "zh-en"]


def test_the_command(cli: Callable[..., subprocess.CompletedProcess[str]], files: list[object], tmp_path: Path) -> None:
    with Server(longer) as server:
        asked = ["duel", *files, "--judge", "openai:m", "--judge-url", server.url, "--judgements", "store"]
        planned = cli(*asked, "--dry-run", cwd=tmp_path)
        assert not server.requests
        assert "22 calls (0 judgements stored)" in planned.stdout
        done = cli(*asked, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "duel over 12 segments" in done.stdout
        written = cli(*asked, "--format", "html", "--out", "duel.html", cwd=tmp_path)
        assert written.returncode == 0, written.stderr
    replayed = cli("duel", *files, "--judge", "openai:m", "--judgements", "store", "--replay", cwd=tmp_path)
    assert replayed.stdout == done.stdout
    assert '<table class="slices">' in (tmp_path / "duel.html").read_text(encoding="utf-8")
    assert server.url not in done.stdout + done.stderr
    wrong = cli("duel", *files, "--judge", "m", "--judge-url", "http://localhost:1/v1", cwd=tmp_path)
    assert wrong.returncode == 2
    assert wrong.stderr.splitlines()[-1].startswith("evalkit: Judge: model=m is not of this form")


CANARY = "EVALKIT-TEST-CANARY 26b5c67b"


def test_every_form_shows_what_was_declared_about_the_systems(cli: Callable[..., Any], tmp_path: Path) -> None:
    texts = {"source.zh": "猫\n狗跑了。\n", "mine.en": "The cat.\nA dog.\n", "my other.en": f"Cat {CANARY}\nDog\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    declared = f"""
[benchmark]
released = 2023-08-30
canary = "{CANARY}"

[systems.mine]
tuned_on = "judge-1"
model = "judge-1"
training_cutoff = "2023-08"
"""
    (tmp_path / "metadata.toml").write_text(declared, encoding="utf-8")
    expected = [
        "mine was tuned on judge-1: expect openai:judge-1 to overstate the quality",
        "mine was judged by itself (judge-1): expect openai:judge-1 to overstate the quality",
        "mine has a training cutoff of 2023-08, and the benchmark was released on 2023-08-30: its training data may "
        "contain the references",
        "the benchmark's canary is in 1 output of my other (1): its training data contained the benchmark",
    ]
    duel: tuple[object, ...] = ("duel", "mine.en", "my other.en", "--source", "source.zh", "--lang", "zh-en")
    duel += ("--judge", "openai:judge-1", "--judgements", "store", "--metadata", "metadata.toml")
    with Server(lambda *_: completion('{"reason": "-", "better": "equal"}')) as server:
        plain = cli(*duel, "--judge-url", server.url, cwd=tmp_path)
    assert plain.returncode == 0, plain.stderr
    forms = {
        name: cli(*duel, "--replay", "--format", name, cwd=tmp_path).stdout for name in ("html", "markdown", "json")
    }
    assert json.loads(forms["json"])[0]["declarations"] == expected
    for note in expected:
        assert note in plain.stdout
        assert note in html.unescape(forms["html"])
        assert markdown.escape(note, first=False) in forms["markdown"]
