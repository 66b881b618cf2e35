from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from gate.making import bench, noisy, references, saved

from evalkit.leaderboard.history import BrokenLine, Entry, History, Measured, TaskEntry
from evalkit.reports import timeline_page as page

Cli = Callable[..., CompletedProcess[str]]
HOSTILE = "\"'><script>alert(1)</script><svg onload=alert(1)>{{7*7}}]]>"


def entry(day: int, system: str, score: float, data: str = "d1", metric: str = "chrF", task: str = "t") -> Entry:
    held = Measured(f"{metric}|v:1", score, score - 2, score + 2)
    return Entry(
        f"c{day}", f"2026-01-{day:02d}T00:00:00+00:00", "b", system, {task: TaskEntry(data, 5, {metric: held})}
    )


class Elements(HTMLParser):
    """Every start tag with its attributes, and the texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_shows_the_standing_and_draws_no_line_across_a_change() -> None:
    history = History(
        (
            entry(1, "a", 40),
            entry(2, "a", 42),
            entry(3, "a", 44, "d2"),
            entry(4, "a", 45, "d2"),
            entry(4, "系统", 50, "d2"),
        )
    )
    seen = Elements(page.render(history, "history.jsonl"))
    lines = [a["points"] for a in seen.all("polyline")]
    assert len(lines) == 2 and all(line is not None and len(line.split()) == 2 for line in lines)
    assert len([a for a in seen.all("line") if a.get("class") == "break"]) == 1
    assert len([a for a in seen.all("rect") if "new" in (a.get("class") or "")]) == 1
    words = [a["aria-label"] for a in seen.all("svg") if a.get("role") == "img"]
    assert words == [
        "chrF of 系统: 1 run of 2026-01-04, 50.00.",
        "chrF of a: 4 runs from 2026-01-01 to 2026-01-04, from 40.00 to 45.00, lowest 40.00, highest 45.00; "
        "data changed at c3 of 2026-01-03.",
    ]
    assert seen.texts.index("系统") < seen.texts.index("a")
    assert "45.00, +1.00 since the run before" in seen.texts
    # interval of every point, and a row of the table for every point
    assert len([a for a in seen.all("line") if a.get("class") == "reach" and a["x1"] == a["x2"]]) == 5
    assert "43.00 to 47.00" in seen.texts


def test_the_places_in_a_drawing_follow_the_scores() -> None:
    seen = Elements(page.render(History((entry(1, "a", 10), entry(2, "a", 20), entry(3, "a", 15))), "h"))
    dots = [(float(a["cx"] or 0), float(a["cy"] or 0)) for a in seen.all("circle")]
    xs, ys = zip(*dots, strict=True)
    assert list(xs) == sorted(xs) and ys[0] > ys[2] > ys[1]
    assert ys[2] == pytest.approx((ys[0] + ys[1]) / 2, abs=0.2)


def test_nothing_in_the_page_runs_or_leaves_it() -> None:
    history = History(
        (entry(1, HOSTILE, 40, metric=HOSTILE, task=HOSTILE), entry(2, HOSTILE, 41, metric=HOSTILE, task=HOSTILE)),
        (BrokenLine(3, HOSTILE),),
    )
    text = page.render(history, HOSTILE)
    seen = Elements(text)
    assert not seen.all("script") and "49" not in seen.texts
    assert not [a for _, attributes in seen.tags for a in attributes if a.startswith("on")]
    assert not [a for _, attributes in seen.tags for a in attributes if a in ("src", "style")]
    assert all((a["href"] or "").startswith("#") for a in seen.all("a"))
    (policy,) = [a["content"] for a in seen.all("meta") if a.get("http-equiv")]
    assert policy is not None and policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "http://" not in text and "https://" not in text
    assert HOSTILE in seen.texts


def test_broken_lines_are_counted_and_named() -> None:
    broken = tuple(BrokenLine(i, f"reason {i}") for i in range(1, 31))
    text = " ".join(Elements(page.render(History((entry(1, "a", 1),), broken), "h")).texts)
    assert "were skipped: 30." in text and "line 20: reason 20" in text and "and 10 more" in text
    assert "No run yet" in page.render(History(()), "h")


def test_many_systems_and_runs_stay_usable_and_what_is_left_out_is_said() -> None:
    entries = [entry(1 + day % 28, f"s{i}", 40 + i * 0.01) for i in range(500) for day in range(3)]
    long = [
        Entry(
            f"c{i}",
            f"2025-{1 + i // 28:02d}-{1 + i % 28:02d}T00:00:00+00:00",
            "b",
            "daily",
            entry(1, "x", 30 + i).tasks,
        )
        for i in range(300)
    ]
    text = page.render(History(tuple(sorted([*long, *entries], key=lambda e: e.date))), "h")
    assert len(text.encode()) < 1_000_000
    assert "the last 60 of 303 runs are drawn; 24 of 501 systems are drawn, in the order of the standings" in text
    assert "1 more system left out of this table" in text


def test_one_score_alone_and_equal_scores_can_be_drawn() -> None:
    for scores in ([0.0], [5.0, 5.0], [1e-9, 2e-9], [-3.0, 1e6]):
        history = History(
            tuple(
                Entry(
                    None,
                    f"2026-01-{i + 1:02d}T00:00:00+00:00",
                    "b",
                    "a",
                    {"t": TaskEntry("d", 1, {"m": Measured("m", s, None, None)})},
                )
                for i, s in enumerate(scores)
            )
        )
        seen = Elements(page.render(history, "h"))
        assert len(seen.all("circle")) == len(scores)
        for dot in seen.all("circle"):
            assert page.TOP <= float(dot["cy"] or 0) <= page.HEIGHT - page.BOTTOM


def test_the_command_appends_and_makes_the_page(cli: Cli, tmp_path: Path) -> None:
    b = bench(12, 4)
    texts = references(b)
    saved(tmp_path / "one", b, {"mine": noisy(texts, 0.3, 1), "系统 🚄": texts}, ("chrF",))
    done = cli("leaderboard", "h.jsonl", "one", cwd=tmp_path, GITHUB_SHA="f" * 40)
    assert (done.returncode, done.stdout) == (0, "h.jsonl: 2 lines added, 2 in total\npage: h.html\n"), done.stderr
    text = (tmp_path / "h.html").read_text(encoding="utf-8")
    assert "系统 🚄" in text and "ffffffffff" in text and "f" * 11 not in re.sub("sha256-[^']*", "", text)
    again = cli("leaderboard", "h.jsonl", "one", cwd=tmp_path, GITHUB_SHA="f" * 40)
    assert "0 lines added, 2 already present, 2 in total" in again.stdout
    with (tmp_path / "h.jsonl").open("a") as file:
        file.write("{broken\n")
    done = cli("leaderboard", "h.jsonl", cwd=tmp_path)
    assert done.returncode == 0
    assert "h.jsonl:3: not valid JSON" in done.stderr and "1 line skipped of 3" in done.stderr


def test_the_command_overwrites_nothing_of_others(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "h.html").write_text("<p>mine</p>")
    saved(tmp_path / "one", bench(4, 2), {"mine": references(bench(4, 2))}, ("chrF",))
    for arguments, said in (
        (["leaderboard", "h.jsonl", "one"], "refusing to overwrite"),
        (["leaderboard", "h.jsonl", "--out", "x.html"], "no such history"),
        (["leaderboard", "h.html", "one", "--out", "x.html"], "refusing to append"),
        (["leaderboard", "h.jsonl", "nowhere", "--out", "x.html"], "no such run folder"),
        (["leaderboard", "h.jsonl", "one", "--out", "one"], "is a directory"),
        (["leaderboard", "h.jsonl", "one", "--out", "x.html", "--commit", "a\nb"], "control characters"),
    ):
        done = cli(*arguments, cwd=tmp_path)
        assert done.returncode == 2, arguments
        assert said in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / "h.html").read_text() == "<p>mine</p>"
    assert not (tmp_path / "h.jsonl").exists()


def _labels(text: str, kind: str) -> list[str]:
    return re.findall(rf'<text class="{kind}"[^>]*>([^<]*)</text>', text)


@pytest.mark.parametrize(
    ("dates", "ends"),
    [
        (["2026-01-01T00:00:00", "2026-01-03T00:00:00"], ["2026-01-01", "2026-01-03"]),
        (["2026-01-01T10:00:00", "2026-01-01T11:30:00"], ["2026-01-01 10:00", "2026-01-01 11:30"]),
        (["2026-01-01T10:00:01", "2026-01-01T10:00:02"], ["2026-01-01 10:00:01", "2026-01-01 10:00:02"]),
        (["2026-01-01T10:00:00"] * 2, ["2026-01-01 10:00:00 c0", "2026-01-01 10:00:00 c1"]),
        (["2026-01-01T10:00:00"], ["2026-01-01"]),
    ],
)
def test_the_ends_of_the_time_axis_differ(dates: list[str], ends: list[str]) -> None:
    held = entry(1, "a", 5).tasks
    history = History(tuple(Entry(f"c{i}", f"{date}+00:00", "b", "a", held) for i, date in enumerate(dates)))
    assert _labels(page.render(history, "h"), "end") == ends


def test_points_name_their_commits_where_there_is_room() -> None:
    few = page.render(History(tuple(entry(day, "a", day) for day in (1, 2, 3))), "h")
    assert sorted(_labels(few, "commit")) == ["c1", "c2", "c3"]
    many = page.render(History(tuple(entry(day, "a", day) for day in range(1, 29))), "h")
    names = _labels(many, "commit")
    assert names[0] == "c28" and 5 <= len(names) <= 9
    places = [float(x) for x in re.findall(r'<text class="commit" x="([\d.]+)"', many)]
    assert min(a - b for a, b in pairwise(places)) >= 74
    for day in range(1, 29):
        assert f"<title>at c{day} of 2026-01-{day:02d}: {day}.00" in many


def test_a_site_has_an_overview_and_a_page_for_each_benchmark(cli: Cli, tmp_path: Path) -> None:
    names = ["zh-news", "zh/news", "新闻", HOSTILE, "index"]
    entries = tuple(Entry("c1", "2026-01-01T00:00:00+00:00", name, "a", entry(1, "a", 40).tasks) for name in names)
    site = page.render_site(History(entries, (BrokenLine(1, "x"),)), HOSTILE)
    assert list(site)[:2] == ["index.html", "zh-news.html"] and len(site) == 6
    assert all(re.fullmatch(r"[a-z0-9-]+-[0-9a-f]{8}\.html", name) for name in list(site)[2:])
    assert page.render_site(History(entries[::-1]), HOSTILE).keys() == site.keys()
    seen = Elements(site["index.html"])
    assert [a["href"] for a in seen.all("a")] == ["#main", *list(site)[1:]]
    assert not seen.all("script") and not [a for _, attributes in seen.tags for a in attributes if a.startswith("on")]
    assert [text for text in seen.texts if text in names][2:] == names  # the first two are the title
    assert "40.00" in seen.texts and "38.00 to 42.00" in seen.texts
    for name in list(site)[1:]:
        assert "index.html" in [a["href"] for a in Elements(site[name]).all("a")]
    b = bench(12, 4)
    saved(tmp_path / "one", b, {"mine": references(b)}, ("chrF",))
    done = cli("leaderboard", "h.jsonl", "one", "--site", "public", "--title", "Ours", cwd=tmp_path)
    assert done.stdout.endswith(f"site: {Path('public') / 'index.html'}\n"), done.stderr
    assert "<h1>Ours</h1>" in (tmp_path / "public" / "index.html").read_text(encoding="utf-8")
    assert len(list((tmp_path / "public").iterdir())) == 2
    (tmp_path / "public" / "index.html").write_text("mine")
    done = cli("leaderboard", "h.jsonl", "--site", "public", cwd=tmp_path)
    assert done.returncode == 2 and "refusing to overwrite" in done.stderr
    assert cli("leaderboard", "h.jsonl", "--site", "a", "--out", "b.html", cwd=tmp_path).returncode == 2
