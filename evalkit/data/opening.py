"""Opens input files: regular files, pipes and standard input, plain or compressed with gzip, with size limits.

Every file is opened once and read forward, so that ``<(zcat scores.gz)`` works wherever a path does.
"""

import codecs
import gzip
import io
import os
import re
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import IO, Any, cast

from evalkit.arguments import plain
from evalkit.errors import InputError
from evalkit.reading import open_input
from evalkit.text.scripts import HAN
from evalkit.wording import kind_of

#: The maximum length of one text (a segment, an output) in characters; longer texts usually mean a wrong file format.
#: ``--max-text`` changes it.
MAX_TEXT: ContextVar[int] = ContextVar("MAX_TEXT", default=16 * 1024 * 1024)

#: The maximum size in bytes of a JSON or XML document or a JSON line, which are held in memory, and of any input, after
#: decompression.
MAX_DOCUMENT = 1024**3
MAX_INPUT = 64 * 1024**3

_HEAD = 64 * 1024

_UNREADABLE = {
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"%PDF": "a PDF file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"PK\x03\x04": "a zip archive or an Office file",
    b"{\\rtf": "an RTF document",
    b"FEA1": "a Feather file of version 1",
    b"\x93NUMPY": "a NumPy array",
    b"SQLite format 3\0": "a database of SQLite",
}
_UTF = {b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def named_path(text: str | Path) -> tuple[str | None, str | Path]:
    """Split ``NAME=PATH`` into name and path; if the whole string is an existing path, there is no name."""
    name, _, path = text.partition("=") if isinstance(text, str) else ("", "", "")
    if name and path and not _exists(text) and ("/" not in name or _exists(path)):
        return name, path
    return None, text


def stem_of(path: str | Path) -> str:
    """The name for what a file contains: its file name without ending and ``.gz``; ``stdin`` or ``pipe`` for a stream."""
    if str(path) == "-":
        return "stdin"
    if re.match(r"/(dev|proc/[^/]+)/fd/\d+$", str(path)):
        return "pipe"
    if str(path).startswith("hf:"):
        return re.sub(r"[:\[\]/]+", "-", str(path)[3:]).strip("-")
    return _without_gz(Path(path)).stem


def _without_gz(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def suffix_of(path: str | Path) -> str:
    """The file extension in lowercase, without ``.gz``."""
    return _without_gz(Path(path)).suffix.lower()


# Unlike the methods of Path, these functions accept any text.
_exists, existing_file = os.path.exists, os.path.isfile


def check_text(value: Any, what: str) -> str:
    """Return the value if it is a text that can be scored."""
    if not isinstance(value, str):
        raise InputError(f"{what} is {kind_of(value)}, not a text")
    if len(value) > (most := MAX_TEXT.get()):
        raise InputError(f"{what} has {len(value):,} characters; at most {most:,} are accepted (see --max-text)")
    if "\0" in value:
        raise InputError(f"{what} contains a NUL character; repair the text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"{what} contains half a surrogate pair, which is not a character; repair the text") from None
    return str(plain(value))


class TemporaryFile:
    """An anonymous file that is closed and removed when it is no longer used."""

    def __init__(self) -> None:
        self.open: IO[bytes] = tempfile.TemporaryFile(prefix="evalkit-", buffering=1024 * 1024)  # noqa: SIM115
        weakref.finalize(self, self.open.close)


class Input:
    """One file that is read forward once.

    :param path: a regular file, a pipe, or ``-`` for standard input.
    :param copies: copies of pipes, made by :meth:`keep`, which are read instead of the pipes.
    :raises InputError: if the file is missing, empty or of an unsupported kind.
    """

    def __init__(self, path: str | Path, copies: Mapping[str, TemporaryFile] | None = None) -> None:
        self.name = "<stdin>" if str(path) == "-" else str(path)
        self.path = Path(path)
        if self.name != "<stdin>" and not _exists(path):
            raise InputError(f"{self.name}: no such file")
        if copies and str(path) in copies:
            self._copy = copies[str(path)]
            self._raw = self._copy.open
            self._raw.seek(0)
        else:
            # Stays open for the lifetime of this object.
            self._opened = open_input(path)
            self._raw = self._opened.__enter__()
            weakref.finalize(self, self._raw.close)
        self._unpacked: TemporaryFile | None = None
        self.stream = _buffered(self._raw, self.name)
        self.compressed = self.head(2) == b"\x1f\x8b"
        if self.compressed:
            unzipped = gzip.GzipFile(fileobj=self.stream, mode="rb")
            self.stream = _buffered(cast(IO[bytes], unzipped), self.name)
        elif self.path.suffix.lower() == ".gz":
            raise InputError(f"{self.name}: the name ends in .gz, but the file is not compressed; rename it")
        start = self.head(16)
        if not start.removeprefix(codecs.BOM_UTF8):
            if self.name == "<stdin>" or not self._raw.seekable():
                raise InputError(f"{self.name}: no data; standard input and pipes can be given once")
            raise InputError(f"{self.name}: the file is empty")
        for magic, what in _UTF.items():
            if start.startswith(magic):
                raise InputError(f"{self.name}:1: this is {what}; save it as UTF-8")
        for magic, what in _UNREADABLE.items():
            if start.startswith(magic) and self.suffix != ".eval" and b"_journal/" not in self.head(200):
                raise InputError(f"{self.name}: this is {what}; convert it to text, JSONL, CSV or Parquet first")
        if self.head(262)[257:] == b"ustar":
            raise InputError(f"{self.name}: this is a tar archive; unpack it first")

    @property
    def suffix(self) -> str:
        """The file extension in lowercase, without ``.gz``."""
        return suffix_of(self.path)

    def head(self, size: int = _HEAD) -> bytes:
        """The first bytes after decompression, without consuming them."""
        data: bytes = cast(io.BufferedReader, self.stream).peek(size)
        return data[:size]

    @cached_property
    def beginning(self) -> str:
        """The first bytes as text, however they are encoded, for the detection of the format."""
        return self.head().decode("utf-8-sig", "replace")

    @property
    def first_line(self) -> str:
        """The first line, without line end."""
        return self.beginning.partition("\n")[0].rstrip("\r")

    def lines(self, *, limit: int = MAX_DOCUMENT, ends: bool = False) -> Iterator[tuple[int, str]]:
        r"""The lines of at most ``limit`` bytes, split at ``\n`` and ``\r\n`` only, with their numbers from 1."""
        for number in count(1):
            line = self.stream.readline(limit + 2)
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
                if line.count(b"\r") > 1 and b"\n" not in line:
                    raise InputError(f"{self.name}: the lines end with carriage returns alone; use tr '\\r' '\\n'")
            if not line:
                return
            if len(line) > limit and not line.endswith(b"\n"):
                raise InputError(f"{self.name}:{number}: a line of over {limit:,} bytes. Is this one text per line?")
            text = self._decode(line, number)
            yield number, text if ends else text.removesuffix("\n").removesuffix("\r")

    def text(self) -> str:
        """The whole file as text."""
        data = self.stream.read(MAX_DOCUMENT + 1)
        if len(data) > MAX_DOCUMENT:
            raise InputError(f"{self.name}: more than {MAX_DOCUMENT:,} bytes in one document; split it, or use JSONL")
        return self._decode(data.removeprefix(codecs.BOM_UTF8), 1)

    def seekable(self) -> IO[bytes]:
        """The bytes as a seekable file: the file itself, or an anonymous copy of a stream."""
        if not self.compressed and self._raw.seekable():
            self._raw.seek(0)
            return self._raw
        if self._unpacked is None:
            self._unpacked = TemporaryFile()
            shutil.copyfileobj(self.stream, self._unpacked.open)
        self._unpacked.open.seek(0)
        return self._unpacked.open

    @staticmethod
    def keep(path: str | Path) -> Mapping[str, TemporaryFile]:
        """A copy of a pipe that is to be read twice, by its path; nothing for a regular file."""
        if str(path) != "-" and not (_exists(path) and Path(path).is_fifo()):
            return {}
        copy = TemporaryFile()
        with open_input(path) as stream:
            shutil.copyfileobj(_buffered(cast(IO[bytes], stream), str(path)), copy.open)
        return {str(path): copy}

    def _decode(self, data: bytes, line: int) -> str:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            where, byte = f"{self.name}:{line + data.count(10, 0, error.start)}", data[error.start]
            raise InputError(f"{where}: not UTF-8 (byte 0x{byte:02x}); save it as UTF-8{_gb18030(data)}") from None
        if "\0" in text:
            line += text.count("\n", 0, text.index("\0"))
            wide = "UTF-32" if "\0\0\0" in text else "UTF-16"
            raise InputError(f"{self.name}:{line}: a NUL character; this is not UTF-8 text. Is it {wide}?")
        return text


def _gb18030(data: bytes) -> str:
    try:
        text = data[:_HEAD].decode("gb18030")
    except UnicodeDecodeError:
        return ""
    han = len(re.findall(f"[{HAN}]", text))
    return ", for example with iconv -f GB18030 -t UTF-8" if 2 * han > sum(not c.isascii() for c in text) else ""


def _buffered(file: IO[bytes], name: str) -> IO[bytes]:
    return cast(IO[bytes], io.BufferedReader(_Limited(file, name), _HEAD))


class _Limited(io.RawIOBase):
    """A stream with a limited total length, whose failures are reported as errors of the file."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        self._left = MAX_INPUT

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data: bytes = getattr(self._file, "read1", self._file.read)(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(f"{self._name}: the gzip data is damaged or cut short ({error})") from None
        except OSError as error:
            raise InputError(f"{self._name}: cannot be read: {error.strerror or error}") from None
        self._left -= len(data)
        if self._left < 0:
            raise InputError(f"{self._name}: more than {MAX_INPUT:,} bytes of data")
        buffer[: len(data)] = data
        return len(data)
