"""Printed text has no effect on a terminal, on the log of a CI job or on a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from forked import forked
from hypothesis import given, strategies as st

from evalkit.cli.streams import SafeStream
from evalkit.printable import printable, spreadsheet_field

HOSTILE = "a\x1b[2Jb\x1b]0;t\x07c\x9b31md\u202ee\u2066f\ufeffg\rh\udc80"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 文字 \n\té 👩‍💻", "plain 文字 \n\té 👩‍💻"),
        (HOSTILE, r"a\u001b[2Jb\u001b]0;t\u0007c\u009b31md\u202ee\u2066f\ufeffg\u000dh\udc80"),
        ("::error::x\n  ::set-output::y\na::b", "\\u003a:error::x\n  \\u003a:set-output::y\na::b"),
        ("x ##[error]y ##vso[task]z ## [link]", r"x \u0023#[error]y \u0023#vso[task]z ## [link]"),
        ("\U000e0041", r"\udb40\udc41"),
    ],
)
def test_what_would_be_obeyed_is_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


@given(st.text(st.characters(codec=None)))
def test_printable_text_encodes_and_holds_no_control_character(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert not [c for c in shown if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert "\n" not in printable(text, one_line=True)
    if text.isprintable() and "::" not in text and "##" not in text:
        assert set(text) - set(shown) <= set("\u200e\u200f\u061c")


@given(st.text(st.characters(codec="utf-8")))
def test_a_json_document_keeps_its_meaning(text: str) -> None:
    document = json.dumps([text, {"::": text}], ensure_ascii=False)
    assert json.loads(printable(document)) == [text, {"::": text}]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\u200b=1",
        " \u2060=1",
        "\t=1",
        "\tx",
        "\rx",
        "\n=1",
        "\u3164=1",
        "\U000e0020=1",
        "\ufe0f=1",
        "﹦1",
        "﹢1",
        "﹣1",
        "﹫x",
        "₊1",
    ],
)
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    assert spreadsheet_field(text).startswith("'")
    assert spreadsheet_field("a" + text)[0] == "a"


def test_a_stream_knows_where_a_line_begins() -> None:
    buffer = io.StringIO()
    stream = SafeStream(buffer)
    for text in ("a", "::error::b\n", "", "::error::c", "::d\n"):
        stream.write(text)
    assert buffer.getvalue() == "a::error::b\n\\u003a:error::c::d\n"
    with pytest.raises(TypeError):
        stream.write(b"")  # type: ignore[arg-type]


def test_a_terminal_keeps_its_colors_and_nothing_else() -> None:
    buffer = io.StringIO()
    buffer.isatty = lambda: True  # type: ignore[method-assign]
    SafeStream(buffer).write("\x1b[1;31mred\x1b[0m \x1b[2J \x1b]0;t\x07")
    assert buffer.getvalue() == "\x1b[1;31mred\x1b[0m \\u001b[2J \\u001b]0;t\\u0007"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose ids, articles and outputs hold what a terminal or a log would obey."""
    folder = tmp_path_factory.mktemp("hostile")
    ids = [f"::error::{HOSTILE[:-1]}{i}" for i in range(3)]
    rows = [
        {"id": id_, "article": f"\n::error::{id_}", "source": "源", "references": [f"one two {i}"]}
        for i, id_ in enumerate(ids)
    ]
    outputs = [{"id": id_, "output": f"=one \x1b[2J {i}\u202e"} for i, id_ in enumerate(ids)]
    for name, lines in (("bench", rows), ("mine", outputs)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = ["run", "--benchmark", "bench.jsonl", "--lang", "zh-en", "-m", "chrF", "--by", "article", "mine.jsonl"]
    done = forked(command, folder)
    assert done.returncode == 0, done.stderr
    check_shown(done.stdout + done.stderr)
    return folder


def check_shown(text: str) -> None:
    assert not [c for c in text if c in "\x1b\x07\x9b\u202e\u2066\ufeff\r"], ascii(text)
    assert not [line for line in text.split("\n") if line.lstrip().startswith("::")], ascii(text)


@pytest.mark.parametrize(
    "arguments",
    [
        *(("report", "evalkit-results", "--format", f) for f in ("table", "csv", "markdown", "latex", "json")),
        ("worst", "evalkit-results"),
        ("compare", "evalkit-results"),
        ("report", f"evalkit-{HOSTILE}"),
        ("report", "evalkit-results", "--baseline", f"::error::{HOSTILE}"),
        (f"::error::{HOSTILE}",),
        ("export", "evalkit-results"),
        ("gate", "evalkit-results", "--no-baseline"),
    ],
    ids=str,
)
def test_no_command_prints_what_would_be_obeyed(hostile: Path, arguments: tuple[str, ...]) -> None:
    done = forked(arguments, hostile)
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr
    check_shown(done.stdout + done.stderr)
    if "csv" in arguments:
        fields = [field for row in csv.reader(io.StringIO(done.stdout)) for field in row]
        assert not [f for f in fields if f[:1] in "=@＝" and f]
    if "gate" in arguments:
        for name in ("comment.md", "junit.xml"):
            check_shown((hostile / "evalkit-results" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-16"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("worst",),
        ("report", "--format", "table"),
        ("report", "--format", "json"),
        ("export", "--to", "csv"),
    ],
    ids=str,
)
def test_output_never_fails_for_its_encoding(hostile: Path, arguments: tuple[str, ...], encoding: str) -> None:
    command, *more = arguments
    done = forked([command, "evalkit-results", *more], hostile, env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0, done.stderr
