"""Parquet files, Arrow files, and data sets: saved by ``datasets`` (``save_to_disk``) or from the hub (``hf:NAME``).

Rows are read in batches, and only the columns that are needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.formats.json_records import read_object
from evalkit.data.opening import Input
from evalkit.errors import InputError, SettingError, few
from evalkit.files import arrow_source

_ROWS = 1024
#: the maximum size of a batch of rows in bytes.
_BATCH_BYTES = 512 * 1024 * 1024
#: the maximum size of a row group in bytes.
_GROUP_BYTES = 8 * 1024**3
#: how long the hub is given to answer, in seconds.
_HUB_SECONDS = 5


def _read_parquet(file: Input, fields: Fields) -> Table:
    return Table(file.name, "Parquet", _parquet_rows(file, fields), "row", uniform=True)


def _parquet_rows(file: Input, fields: Fields) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    try:
        # Dictionary encoding is preserved, because a small file may repeat one large text a million times.
        parquet = pyarrow.parquet.ParquetFile(arrow_source(file.seekable()), read_dictionary=_flat_strings(file))
        names = _wanted(parquet.schema_arrow, fields)
        batches = (
            batch
            for group in range(parquet.num_row_groups)
            for batch in parquet.iter_batches(
                _batch_rows(parquet, group), row_groups=[group], columns=names, use_threads=False
            )
        )
        yield from _rows(batches, file.name)
    except InputError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{file.name}: not a readable Parquet file: {_one_line(error)}") from None


def _flat_strings(file: Input) -> list[str]:
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(arrow_source(file.seekable()))
    return [f.name for f in schema if pyarrow.types.is_string(f.type)]


def _batch_rows(parquet: Any, group: int) -> int:
    """Rows per batch, so that a batch of the largest values fits; a plain page is always read as a whole."""
    # Not by column, because pyarrow aborts the process if the metadata of a column is corrupt.
    size = parquet.metadata.row_group(group).total_byte_size
    if size > _GROUP_BYTES:
        raise InputError(f"row group {group} has {size:,} bytes; write smaller row groups")
    return _ROWS


def _rows(batches: Iterable[Any], name: str) -> Iterator[Row]:
    number = 0
    for batch in batches:
        batch.validate(full=True)
        for column, array in zip(batch.schema.names, batch.columns, strict=True):
            if _expanded_bytes(array) > _BATCH_BYTES:
                raise InputError(
                    f"{name}: the column {column!r} has {_expanded_bytes(array):,} bytes in {len(array):,} rows; the texts are "
                    "too long"
                )
        for column, array in zip(batch.schema.names, batch.columns, strict=True):
            try:
                array.to_pylist()
            except Exception as error:
                # pyarrow raises various exception types for values without a Python equivalent.
                raise InputError(
                    f"{name}: rows {number + 1:,} to {number + len(batch):,}: the column {column!r} of type {array.type} "
                    f"cannot be read: {_one_line(error)}"
                ) from None
        for record in batch.to_pylist():
            number += 1
            yield number, record


def _expanded_bytes(array: Any) -> int:
    import pyarrow
    import pyarrow.compute

    if pyarrow.types.is_dictionary(array.type) and len(array.dictionary):
        lengths = pyarrow.compute.binary_length(array.dictionary).to_numpy(zero_copy_only=False)
        return int(lengths[array.indices.drop_null().to_numpy(zero_copy_only=False)].sum())
    return int(array.nbytes)


def _wanted(schema: Any, fields: Fields) -> list[str]:
    import pyarrow

    types = pyarrow.types
    texts = [
        f.name
        for f in schema
        if types.is_string(f.type)
        or types.is_large_string(f.type)
        or (types.is_dictionary(f.type) and types.is_string(f.type.value_type))
    ]
    wanted = fields.wanted(schema.names, texts=texts)
    if not wanted:
        raise InputError(
            f"no column with a known name; the columns are {few(schema.names)}. Name one with --field ROLE=COLUMN"
        )
    return wanted


def _one_line(error: BaseException) -> str:
    return re.sub(r"\s+", " ", str(error))[:300] or type(error).__name__


def _read_arrow(file: Input, fields: Fields) -> Table:
    return Table(file.name, "Arrow", _arrow_rows([file], fields), "row", uniform=True)


def _arrow_rows(files: Iterable[Input], fields: Fields) -> Iterator[Row]:
    import pyarrow

    number = 0
    for file in files:
        try:
            stream = arrow_source(file.seekable())
            reader = pyarrow.ipc.open_file(stream) if file.head(6) == b"ARROW1" else pyarrow.ipc.open_stream(stream)
            names = _wanted(reader.schema, fields)
            batches = (
                (reader.get_batch(i) for i in range(reader.num_record_batches))
                if hasattr(reader, "get_batch")
                else iter(reader)
            )
            for batch in batches:
                for start in range(0, len(batch), _ROWS):
                    for _, record in _rows([batch.select(names).slice(start, _ROWS)], file.name):
                        number += 1
                        yield number, record
        except InputError:
            raise
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise InputError(f"{file.name}: not a readable Arrow file: {_one_line(error)}") from None


def read_folder(path: Path, fields: Fields) -> Table | None:
    """Read a data set saved by ``datasets`` or a folder of Parquet files; None for any other folder.

    :raises InputError: if the folder has several splits; the message says what to use instead.
    """
    if (path / "dataset_dict.json").is_file():
        splits = sorted(p.name for p in path.iterdir() if p.is_dir())
        if len(splits) != 1:
            raise InputError(
                f"{path}: a data set with the splits {few(splits)}; give one: {path / (splits or ['test'])[0]}"
            )
        path = path / splits[0]
    if (path / "state.json").is_file():
        files = [Input(file) for file in _complete(path, sorted(path.glob("*.arrow")))]
        return Table(str(path), "data set", _arrow_rows(files, fields), "row", uniform=True)
    parquet = sorted(path.glob("*.parquet"))
    others = [
        file for file in path.iterdir() if file.suffix not in (".parquet", ".md", ".json", "") and file.name[0] != "."
    ]
    if not parquet or others:
        return None
    _complete(path, parquet)

    def rows() -> Iterator[Row]:
        number = 0
        for file in parquet:
            for _, record in _parquet_rows(Input(file), fields):
                number += 1
                yield number, record

    return Table(str(path), "Parquet", rows(), "row", uniform=True)


def _complete(folder: Path, files: list[Path]) -> list[Path]:
    """The files of a data set.

    :raises InputError: if one is missing that ``state.json`` lists, or that the name of another (``-00000-of-00003``) counts.
    """
    expected: set[str] = set()
    for file in files:
        if part := _SHARD.fullmatch(file.name):
            stem, number, count, ending = part.groups()
            total = min(int(count), 100_000)
            expected |= {f"{stem}{i:0{len(number)}}-of-{count}{ending}" for i in range(total)}
    state = folder / "state.json"
    if state.is_file():
        listed = read_object(Input(state)).get("_data_files")
        expected |= {str(item.get("filename")) for item in listed or () if isinstance(item, dict)}
    if missing := sorted(expected - {file.name for file in files}):
        raise InputError(f"{folder}: {missing[0]} is missing; copy the whole data set")
    return files


_SHARD = re.compile(r"(.*-)(\d{1,9})-of-(\d{1,9})(\.\w+)")


def read_hub(text: str, fields: Fields) -> Table:
    """Read ``hf:NAME[:CONFIG][SPLIT]``: a data set from the hub or a local folder, loaded with ``datasets``.

    >>> _HUB.fullmatch("hf:wmt/wmt19:zh-en[validation]").groups()
    ('wmt/wmt19', 'zh-en', 'validation')

    :raises SettingError: for invalid text after ``hf:``, or a data set with several splits if none is given.
    """
    import datasets

    match = _HUB.fullmatch(text)
    if match is None:
        raise SettingError(f"{text}: write hf:NAME, hf:NAME:CONFIG or hf:NAME:CONFIG[SPLIT]")
    name, config, split = match.groups()
    problem = "" if Path(name).exists() else _unreachable(name)
    try:
        with _offline() if problem else nullcontext():
            loaded = datasets.load_dataset(name, config, split=split)
    except Exception as error:
        # datasets raises various exception types, from its own to network errors.
        if problem:
            raise InputError(
                f"{text}: the hub cannot be reached ({problem}), and the data set is not in the cache"
            ) from None
        raise InputError(f"{text}: cannot be loaded: {_one_line(error)}") from None
    if isinstance(loaded, dict):
        if len(loaded) != 1:
            raise SettingError(f"{text}: the splits are {few(loaded)}; name one: {text}[{next(iter(loaded))}]")
        loaded = next(iter(loaded.values()))
    return Table(text, "data set", enumerate(loaded, 1), "row", uniform=True)


def _unreachable(name: str) -> str:
    """Why the hub cannot be reached; empty if it answers. It is asked once, while ``datasets`` retries for 25 s."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils import HfHubHTTPError, HFValidationError

    try:
        HfApi().dataset_info(name, timeout=_HUB_SECONDS)
    except (HfHubHTTPError, HFValidationError):
        return ""  # an answer, which load_dataset reports
    except Exception as error:  # the types of network errors differ between versions of the package
        return _one_line(error)
    return ""


@contextmanager
def _offline() -> Iterator[None]:
    """Have ``datasets`` read its cache only."""
    import datasets
    from huggingface_hub import constants

    # Versions of datasets before 2.20 have a setting of another name.
    name = "HF_HUB_OFFLINE" if hasattr(datasets.config, "HF_HUB_OFFLINE") else "HF_DATASETS_OFFLINE"
    settings = [(datasets.config, name), (constants, "HF_HUB_OFFLINE")]
    before = [getattr(module, setting) for module, setting in settings]
    try:
        for module, setting in settings:
            setattr(module, setting, True)
        yield
    finally:
        for (module, setting), value in zip(settings, before, strict=True):
            setattr(module, setting, value)


_HUB = re.compile(r"hf:([^:\[\]]+)(?::([^:\[\]]+))?(?:\[([^\[\]]+)\])?")

PARQUET = Format("Parquet", (".parquet", ".pq"), lambda head: head.data.startswith(b"PAR1"), _read_parquet)
ARROW = Format(
    "Arrow",
    (".arrow", ".feather"),
    lambda head: head.data.startswith((b"ARROW1", b"\xff\xff\xff\xff")),
    _read_arrow,
)
