"""CSV and TSV with a header line.

CSV is quoted as usual. TSV has no quoting (quotation marks are part of the text) except in a column whose every field
is quoted::

    id	source	reference
    1	他说：“好。”	He said: "Good."
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator

from evalkit.data.fields import ROLES, Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.opening import MAX_DOCUMENT, Input
from evalkit.errors import InputError, few
from evalkit.files import tell
from evalkit.wording import count

#: The numbers and the fields of lines.
_Rows = Iterator[tuple[int, list[str]]]

_QUOTED = re.compile(r'"(?:[^"]|"")*"', re.DOTALL)
_NAMES = {name for names in ROLES.values() for name in names} | {"text", "mqm", "esa", "da", "z"}


def records(file: Input, rows: _Rows, fields: Fields | None = None) -> Iterator[Row]:
    """Rows of fields as records; the first one is the header."""
    number, header = next(rows, (1, []))
    if not any(header):
        raise InputError(f"{file.name}:1: no column names; the first line is the header")
    if fields and _by_number(fields, header):
        width = len(header)
        yield number, {str(i + 1): value for i, value in enumerate(header)}
        header = [str(i + 1) for i in range(width)]
    if len(header) == 1 and re.search("[,;\t|]", header[0]):
        advice = f"separate the columns by {'tabs' if file.suffix in TSV.endings else 'commas'}, or change the ending"
        raise InputError(f"{file.name}:1: one column called {few(header)}; {advice}")
    header = [name.strip() for name in header]
    name, times = Counter(header).most_common(1)[0]
    if times > 1:
        raise InputError(f"{file.name}:1: duplicate column {name!r} in the header")
    for number, row in rows:
        if len(row) != len(header):
            given = f"{file.name}:{number}: {count(len(row), 'field')}"
            raise InputError(f"{given}, but the header has {len(header):,}: {few(header)}")
        yield number, dict(zip(header, row, strict=True))


def _by_number(fields: Fields, header: list[str]) -> bool:
    """Whether the user refers to columns by number (``--field reference=2``), which means that there is no header."""
    names = [name for names in fields.named.values() for name in names]
    # The first row of such a file may contain one of the numbers, such as the id 1.
    return all(map(str.isdigit, names)) and not {*names}.issubset(header)


def csv_rows(file: Input) -> _Rows:
    """The rows of a CSV file, each with the number of its last line."""
    csv.field_size_limit(MAX_DOCUMENT)
    lines = (line for _, line in file.lines(ends=True))
    reader = csv.reader(lines, strict=True)
    width = 0
    try:
        for row in reader:
            width = width or len(row)
            # In a single-column file, an empty line is an empty text.
            if row or width == 1:
                yield reader.line_num, row or [""]
    except csv.Error as error:
        raise InputError(f"{file.name}:{reader.line_num}: not valid CSV: {error}") from None


def tsv_rows(file: Input) -> _Rows:
    """The rows of a TSV file, each with the number of its line."""
    lines = ((number, line.split("\t")) for number, line in file.lines())
    number, header = next(lines)
    yield number, [name[1:-1] if _QUOTED.fullmatch(name) else name for name in header]
    pending_rows: list[tuple[int, list[str]]] = []
    quoted: set[int] | None = None
    suspicious: list[int] = []
    for number, row in lines:
        these = {i for i, value in enumerate(row) if _QUOTED.fullmatch(value)}
        if quoted is None or quoted:
            quoted = these if quoted is None else quoted & these
            pending_rows.append((number, row))
            if not quoted:
                yield from pending_rows
                pending_rows.clear()
        else:
            yield number, row
        if any('""' in row[i][1:-1] for i in these):
            suspicious.append(number)
    for number, row in pending_rows:
        yield number, [v[1:-1].replace('""', '"') if i in (quoted or ()) else v for i, v in enumerate(row)]
    if suspicious and not pending_rows:
        which = f"{count(len(suspicious), 'line')} (the first is {suspicious[0]})"
        rule = "A TSV file has no quoting unless every field of a column is quoted; the quotation marks are part of the text"
        tell(f"{file.name}: {which} with fields that look quoted as in CSV. {rule}")


def _format(name: str, separator: str, endings: tuple[str, ...], rows: Callable[[Input], _Rows]) -> Format:
    def sniff(file: Input) -> bool:
        return file.suffix in endings or len(_NAMES.intersection(file.first_line.split(separator))) >= 2

    def read(file: Input, fields: Fields) -> Table:
        return Table(file.name, "table", records(file, rows(file), fields), uniform=True)

    return Format(name, endings, sniff, read)


CSV = _format("CSV", ",", (".csv",), csv_rows)
TSV = _format("TSV", "\t", (".tsv", ".tab"), tsv_rows)
