"""Markdown, LaTeX, CSV, JSON, the notebook table and the charts."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st

from evalkit import BLEU, TER, SettingError, save_results
from evalkit.reports import latex, markdown, render_as
from evalkit.reports.narrative import task_words
from evalkit.reports.plot import _FONTS, _installed, plot
from evalkit.reports.view import build
from evalkit.results.results import Results

from .made_up import GOOD, POOR, SOURCES, benchmark, results

ODD = "a|b *c* <i> & [d](e) `f` @g #1 $x_1$ %\\ \n~^{}"


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def _odd(found: Results) -> Results:
    task = found.tasks[0]
    assert task.texts is not None
    names = (ODD, *task.systems[1:])
    outputs = dict(zip(names, task.texts.outputs.values(), strict=True))
    changed = dataclasses.replace(
        task, systems=names, texts=dataclasses.replace(task.texts, outputs=outputs), findings={}
    )
    return dataclasses.replace(found, tasks=(changed,), benchmark=ODD)


def _rows(text: str) -> list[list[str]]:
    """The cells of pipe tables, split where Markdown splits them."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@pytest.mark.parametrize(
    ("task", "heading"),
    [
        (("translation", "en", "zh"), "Translation from Chinese into English"),
        (("translation", "en", None), "Translation into English"),
        (("summary", "zh", None), "Summaries in Chinese"),
    ],
)
def test_headings_of_tasks(task: tuple[str, str, str | None], heading: str) -> None:
    assert task_words(*task) == heading


def test_markdown_has_the_numbers_of_the_run() -> None:
    found = results()
    text = render_as(found, "markdown")
    rows = {row[1].removesuffix(" (baseline)"): row for row in _rows(text) if len(row) == 5 and row[0][:1].isdigit()}
    task = found.tasks[0]
    assert set(rows) == set(task.systems)
    for system, value in zip(task.systems, task.corpus("BLEU"), strict=True):
        assert f"{value:.2f}" in rows[system][2]
        bar = re.search("`(.*)`", rows[system][3])
        assert bar is not None
        assert len(bar.group(1)) == 16
        assert bar.group(1).count("●") == 1
    assert "<svg" not in text


def test_markdown_keeps_its_tables_whatever_the_names() -> None:
    text = render_as(_odd(results()), "markdown")
    rows = _rows(text)
    widths = {len(row) for row in rows}
    assert widths <= {4, 5, 6}
    assert not re.search(r"(?<!\\)<i>", text)
    assert "@g" not in text
    assert "# a" not in text.splitlines()[2:]


def _rendered(text: str) -> _Elements:
    """What a reader of Markdown sees."""
    markdown_it = pytest.importorskip("markdown_it")
    parser = _Elements()
    parser.feed(markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
    return parser


@given(st.text(st.sampled_from("aB1 .\\`*_{}[]()#+!|~$^=:@-<>&\"'\n/中"), min_size=1, max_size=30))
def test_escaped_text_is_read_as_it_was_written(text: str) -> None:
    shown = " ".join(text.split())
    for around in ("{}", "- {}", "x {}", "| a |\n| - |\n| {} |"):
        read = _rendered(around.format(markdown.escape(text)))
        assert set(read.seen) <= {"p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
        words = " ".join(read.text.replace("\N{WORD JOINER}", "").split())
        assert words == {"{}": shown, "- {}": shown, "x {}": f"x {shown}"}.get(around, f"a {shown}").strip()


@pytest.mark.parametrize(
    ("text", "live"), [("ask @someone", "@someone"), ("see #12", "#12"), ("group!7", "!7"), (":tada:", ":tada:")]
)
def test_no_one_is_called_and_no_issue_linked(text: str, live: str) -> None:
    assert live not in markdown.escape(text)


def test_markdown_is_cut_before_60_kb_and_says_what_was_cut() -> None:
    articles = [f"d{i}" for i in range(60)]
    titles = {article: f"{'long title ' * 300}{i}" for i, article in enumerate(articles)}
    bench = benchmark(articles=articles, titles=titles, sources=[SOURCES[i % 6] for i in range(60)])
    systems = {f"s{'y' * 90}{k}": [f"{GOOD[i % 6]} {k}" for i in range(60)] for k in range(4)}
    text = render_as(results(systems, bench=bench), "markdown")
    assert len(text.encode()) < 60_000
    assert "Left out, to stay under 60 kB: " in text
    assert "See report.html" in text
    short = render_as(results(), "markdown")
    assert "Left out" not in short


def _unescape_tex(text: str) -> str:
    for word, character in {
        r"\textbackslash{}": "\0", r"\textasciicircum{}": "^", r"\textasciitilde{}": "~", r"\textless{}": "<",
        r"\textgreater{}": ">", r"\textbar{}": "|", r"\textquotedbl{}": '"', "{[}": "[", "{*}": "*",
    }.items():  # fmt: skip
        text = text.replace(word, character)
    return re.sub(r"\\([{}$&#%_])", r"\1", text).replace("\0", "\\")


def test_tex_gets_every_character_back() -> None:
    name = " ".join(ODD.split())
    assert _unescape_tex(latex.escape(ODD)) == name
    # Nothing special is left unescaped.
    assert not re.search(r"(?<!\\)[&%$#_]", latex.escape(ODD))
    # A line break before these would take them for its own arguments.
    assert [latex.escape(name) for name in ("[y]", "*z")] == ["{[}y]", "{*}z"]


def test_latex_marks_the_best_and_what_differs_from_the_baseline() -> None:
    found = results(metrics=[BLEU(), TER()])
    task = found.tasks[0]
    text = render_as(found, "latex", baseline="poor")
    assert text.count(r"\begin{tabular}{lrr}") == 1
    assert all(rule in text for rule in (r"\toprule", r"\midrule", r"\bottomrule"))
    lines = {line.split(" & ")[0].strip(): line for line in text.splitlines() if " & " in line}
    evidence = build(found, baseline="poor").tasks[0].evidence
    for i, system in enumerate(task.systems):
        bleu, ter = lines[system].removesuffix(r" \\").split(" & ")[1:]
        assert bleu.startswith(r"\textbf{") == (task.corpus("BLEU")[i] == task.corpus("BLEU").max())
        assert ter.startswith(r"\textbf{") == (task.corpus("TER")[i] == task.corpus("TER").min())
        for cell, label in ((bleu, "BLEU"), (ter, "TER")):
            pair = evidence[label].pairs.get((i, 2))
            assert (r"\uparrow" in cell) == (pair is not None and pair.verdict == "better")


def test_csv_has_every_score_and_no_formula() -> None:
    found = results()
    rows = list(csv.DictReader(io.StringIO(render_as(found, "csv"))))
    expected = found.scores().to_dicts()
    assert len(rows) == len(expected)
    for row, score in zip(rows, expected, strict=True):
        assert {key: row[key] for key in ("system", "level", "metric")} == {
            k: score[k] for k in ("system", "level", "metric")
        }
        assert row["score"] == ("" if score["score"] is None else repr(score["score"]))
    formula = dataclasses.replace(found.tasks[0], systems=("=1+1", "@x", "-y"))
    odd = render_as(dataclasses.replace(found, tasks=(formula,)), "csv")
    assert {row["system"][0] for row in csv.DictReader(io.StringIO(odd))} == {"'"}


def test_json_has_scores_and_comparisons() -> None:
    found = results()
    document = json.loads(render_as(found, "json", baseline="poor"))
    assert document["scores"] == found.scores().to_dicts()
    task = found.tasks[0]
    for row in document["comparisons"]:
        values = task.corpus(row["metric"])
        assert row["difference"] == pytest.approx(values[task.systems.index(row["system"])] - values[2])
        assert row["baseline"] == "poor"
    assert len(document["comparisons"]) == 4


def test_a_notebook_shows_the_leaderboard_and_escapes_names() -> None:
    parser = _Elements()
    parser.feed(_odd(results())._repr_html_())
    assert ODD in parser.text
    assert set(parser.seen) <= {"table", "caption", "tr", "th", "td"}
    assert results()._repr_html_().count("<tr>") == 4


def _without_matplotlib() -> None:
    pytest.importorskip("matplotlib", reason="the charts need matplotlib: the extra plot")


@pytest.mark.parametrize("kind", ["differences", "articles"])
def test_charts_are_drawn_from_the_numbers(kind: str, tmp_path: Path) -> None:
    _without_matplotlib()
    found = results()
    figure = plot(found, kind, metric="chrF", baseline="good")
    axes = figure.axes[0]
    figure.savefig(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert figure._repr_png_().startswith(b"\x89PNG")
    labels = [text.get_text() for text in axes.get_yticklabels()]
    if kind == "differences":
        assert labels == ["poor", "other"]
        values = found.tasks[0].corpus("chrF")
        drawn = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
        assert drawn == pytest.approx([values[2] - values[0], values[1] - values[0]])
    else:
        assert labels == ["新桥五月通车", "The river"]
        numbers = {text.get_text() for text in axes.texts}
        assert numbers == {f"{v:.2f}" for row in found.tasks[0].by_article("chrF") for v in row}


def test_charts_refuse_what_cannot_be_drawn() -> None:
    _without_matplotlib()
    with pytest.raises(SettingError, match="no chart 'pie'; there are differences, articles"):
        plot(results(), "pie")
    with pytest.raises(SettingError, match="articles are not known"):
        plot(results(bench=benchmark(articles=None)), "articles")
    with pytest.raises(SettingError, match="no system can be compared"):
        plot(results({"only": GOOD}))


def test_charts_use_the_first_chinese_font_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_matplotlib()
    from matplotlib import font_manager

    fonts = [SimpleNamespace(name=name) for name in ("Other", _FONTS[2], _FONTS[1])]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    assert _installed() == ["DejaVu Sans", _FONTS[1]]


def test_charts_leave_matplotlib_as_it_was() -> None:
    _without_matplotlib()
    import matplotlib
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    plot(results())
    assert dict(matplotlib.rcParams) == before
    assert pyplot.get_fignums() == []


def test_the_report_command(cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    save_results(results({"good": GOOD, "poor": POOR}), tmp_path / "run")
    html = cli("report", "run", cwd=tmp_path)
    assert (html.returncode, html.stdout.strip()) == (0, "run/report.html")
    assert "Content-Security-Policy" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    tex = cli("report", "run", "--format", "latex", "--baseline", "poor", cwd=tmp_path)
    assert r"\toprule" in tex.stdout
    written = cli("report", "run", "--format", "markdown", "--out", "new/r.md", cwd=tmp_path)
    assert written.returncode == 0
    assert (tmp_path / "new" / "r.md").read_text(encoding="utf-8").startswith("# evalkit: made")
    for arguments, message in (
        (("report", "run", "--baseline", "nobody"), "no system 'nobody'"),
        (("report", "run", "--format", "csv", "--baseline", "poor"), "--format csv shows only scores"),
        (("report", "nowhere"), "nowhere: no such run folder"),
        (("report", "run", "--out", "run"), "run: this is a directory"),
    ):
        refused = cli(*arguments, cwd=tmp_path)
        assert refused.returncode == 2
        assert message in refused.stderr
        assert "Traceback" not in refused.stderr


def test_no_word_breaks_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from evalkit.reports import terminal
    from evalkit.reports.tables import Cell, Table

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    names = ("alpha-system", "beta")
    header = ("system", "difference", "detectable difference", "better", "human agreement")
    rows = tuple(tuple(map(Cell, (name, "+1.25", "0.75", name, "85%"))) for name in names)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.tables([Table("task", header, rows, "note")], stream=Terminal()))
    assert all(len(line) <= 40 for line in shown.splitlines())
    words = shown.split()
    # Every part of the table repeats the first column.
    assert words.count("beta") == 1 + words.count("system")
    assert {"system", "difference", "detectable", "better", "human", "agreement", "alpha-system", "+1.25"} <= set(words)


def test_a_comparison_says_once_how_it_was_made() -> None:
    from evalkit.reports import terminal

    found = results(metrics=[BLEU(), TER()])
    text = terminal.differences(found.compare("poor"))
    assert text.count("human agreement: how often people rank two systems") == 1
    assert "detectable difference" not in text  # undefined for so few segments
    assert text.count("randomization; resampled by segment (6)") == 1
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "translate-en, BLEU, against poor" in lines
    d = found.compare("poor", metric="BLEU")[0]
    digits = max(0, 1 - math.floor(math.log10((d.high or 0) - (d.low or 0))))
    row = next(
        line for line in lines if line.startswith(f"{d.system} {d.difference:+.{digits}f} [{d.low:.{digits}f}, ")
    )
    assert f"{d.high:.{digits}f}]" in row
