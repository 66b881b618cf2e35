"""Plain text: one text per line, UTF-8.

::

    The city council approved the budget.
    It was the third vote this year.
"""

import re
from collections.abc import Iterator

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.opening import MAX_TEXT, Input
from evalkit.errors import InputError

_TAG = re.compile(r"\s*</?[A-Za-z][\w:-]*(?:\s[^<>]*)?>")


def _read(file: Input, fields: Fields) -> Table:
    _refuse_markup_and_columns(file)
    return Table(file.name, "text", _rows(file))


def _rows(file: Input) -> Iterator[Row]:
    limit = MAX_TEXT.get()
    for number, line in file.lines(limit=4 * limit + 2):
        if len(line) > limit:
            size = f"a line of {len(line):,} characters; a text has at most {limit:,} (see --max-text)"
            raise InputError(f"{file.name}:{number}: {size}. Is this one text per line?")
        yield number, {"text": line}


def _refuse_markup_and_columns(file: Input) -> None:
    lines = file.head().decode("utf-8", "replace").split("\n")
    lines = lines[:-1] if len(lines) > 1 else lines
    tags = [tag[0].strip() for tag in map(_TAG.match, lines) if tag]
    if len(lines) >= 3 and 2 * len(tags) > len(lines):
        what = f"most lines begin with a tag such as {tags[0][:60]}, but the file is not XML or SGM that evalkit reads"
        raise InputError(f"{file.name}:1: {what}; extract the texts first")
    tabs = {line.count("\t") for line in lines}
    if len(tabs) == 1 and tabs != {0} and (len(lines) > 1 or file.suffix in (".tsv", ".tab")):
        advice = "give the file the ending .tsv and a first line with the columns' names, or keep one column"
        raise InputError(f"{file.name}: every line has {tabs.pop() + 1} columns separated by tabs; {advice}")


TEXT_LINES = Format("text, one per line", (), lambda file: True, _read)
