"""The supported file formats, one module per format, and the list of all formats.

The same list is used for benchmarks, references, sources, outputs, human scores and recorded scores. A format is
recognized by the content of the file; a file extension that indicates another format is an error.
"""

from collections.abc import Mapping
from pathlib import Path

from evalkit.data.fields import Fields
from evalkit.data.formats.batch_output import BATCH_OUTPUT
from evalkit.data.formats.columnar import ARROW, PARQUET, read_folder, read_hub
from evalkit.data.formats.comet_scores import COMET_SCORES
from evalkit.data.formats.delimited import CSV, TSV
from evalkit.data.formats.file_format import Format, Table
from evalkit.data.formats.harness import HARNESS
from evalkit.data.formats.inspect_log import INSPECT, INSPECT_ARCHIVE
from evalkit.data.formats.json_records import json_format
from evalkit.data.formats.markup import is_xml
from evalkit.data.formats.parallel_xml import TMX, XLIFF
from evalkit.data.formats.promptfoo import PROMPTFOO
from evalkit.data.formats.sgm import SGM
from evalkit.data.formats.subtitles import SUBTITLES
from evalkit.data.formats.text_lines import TEXT_LINES
from evalkit.data.formats.wmt_xml import WMT_XML
from evalkit.data.opening import Input, TemporaryFile
from evalkit.errors import InputError

#: Log formats of evaluation tools, which are JSON or JSONL files.
LOGS = (HARNESS, INSPECT, PROMPTFOO, BATCH_OUTPUT, COMET_SCORES)

#: All formats, in the order in which they are tried.
FORMATS = (
    *(PARQUET, ARROW, INSPECT_ARCHIVE, WMT_XML, SGM, TMX, XLIFF, SUBTITLES),
    *(json_format(LOGS), TSV, CSV, TEXT_LINES),
)

#: Endings of text files that hold more than one text per line.
_NOT_LINES = frozenset(
    ".yaml .yml .toml .ini .cfg .conf .env .properties .po .pot .strings .ftl .json5 .tex .rtf".split()
)


def open_table(
    path: str | Path, fields: Fields | None = None, copies: Mapping[str, TemporaryFile] | None = None
) -> Table:
    """The records of a file (``-`` is standard input), of a folder that is one data set, or of ``hf:NAME``."""
    fields = fields or Fields()
    if str(path).startswith("hf:"):
        return read_hub(str(path), fields)
    if Path(path).is_dir():
        if table := read_folder(Path(path), fields):
            return table
        raise InputError(f"{path}: a folder where a file is expected, or a data set of Arrow or Parquet files")
    file = Input(path, copies)
    return find_format(file).read(file, fields)


def find_format(file: Input) -> Format:
    """Detect the format of a file."""
    detected = next(format_ for format_ in FORMATS if format_.sniff(file))
    if detected is TEXT_LINES and is_xml(file):
        raise InputError(f"{file.name}: XML of a kind that evalkit does not read; extract the texts first")
    if detected is TEXT_LINES and file.suffix in _NOT_LINES:
        advice = "convert it to JSONL, CSV or Parquet, or rename it if each of its lines is one text"
        raise InputError(f"{file.name}: files with the ending {file.suffix} are not read; {advice}")
    promised = [format_ for format_ in FORMATS if file.suffix in format_.endings]
    if promised and detected not in promised:
        advice = "is the file damaged? rename it" if detected is TEXT_LINES else "rename it"
        raise InputError(f"{file.name}: the name ends in {file.suffix}, but the content is {detected.name}; {advice}")
    return detected
