"""Parquet files, Arrow files, and data sets: saved by ``datasets`` (``save_to_disk``) or from the hub (``hf:NAME``).

Rows are read in batches, and only the columns that are needed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.formats.json_records import read_object
from evalkit.data.opening import Input
from evalkit.errors import InputError, SettingError, few
from evalkit.reading import arrow_source

_ROWS = 1024
#: The maximum size of a batch of rows in bytes.
_BATCH_BYTES = 512 * 1024 * 1024
#: The maximum size of a row group in bytes.
_GROUP_BYTES = 8 * 1024**3
#: How long the hub is given to answer, in seconds.
_HUB_SECONDS = 5

_table = partial(Table, unit="row", uniform=True)


def _records(file: Input, fields: Fields, kind: str) -> Iterator[Row]:
    import pyarrow

    try:
        yield from _rows(_BATCHES[kind](file, fields), file.name)
    except InputError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{file.name}: not a readable {kind} file: {_one_line(error)}") from None


def _parquet_batches(file: Input, fields: Fields) -> Iterator[Any]:
    import pyarrow
    import pyarrow.parquet

    source = arrow_source(file.seekable())
    flat = [f.name for f in pyarrow.parquet.read_schema(source) if pyarrow.types.is_string(f.type)]
    source.seek(0)
    # Dictionary encoding is preserved, because a small file may repeat one large text a million times.
    parquet = pyarrow.parquet.ParquetFile(source, read_dictionary=flat)
    names = _wanted(parquet.schema_arrow, fields)
    for group in range(parquet.num_row_groups):
        # Not by column, because pyarrow aborts the process if the metadata of a column is corrupt.
        size = parquet.metadata.row_group(group).total_byte_size
        if size > _GROUP_BYTES:
            raise InputError(f"{file.name}: row group {group} has {size:,} bytes; write smaller row groups")
        yield from parquet.iter_batches(_ROWS, row_groups=[group], columns=names, use_threads=False)


def _arrow_batches(file: Input, fields: Fields) -> Iterator[Any]:
    import pyarrow

    stream = arrow_source(file.seekable())
    if file.head(6) == b"ARROW1":
        reader = pyarrow.ipc.open_file(stream)
        batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
    else:
        batches = reader = pyarrow.ipc.open_stream(stream)
    names = _wanted(reader.schema, fields)
    return (batch.select(names).slice(at, _ROWS) for batch in batches for at in range(0, len(batch), _ROWS))


_BATCHES: dict[str, Callable[[Input, Fields], Iterator[Any]]] = {"Parquet": _parquet_batches, "Arrow": _arrow_batches}


def _rows(batches: Iterable[Any], name: str) -> Iterator[Row]:
    number = 0
    for batch in batches:
        batch.validate(full=True)
        columns: list[list[Any]] = []
        for column, array in zip(batch.schema.names, batch.columns, strict=True):
            rows = f"{name}: rows {number + 1:,} to {number + len(batch):,}: the column {column!r}"
            if (size := _expanded_bytes(array)) > _BATCH_BYTES:
                raise InputError(f"{rows} has {size:,} bytes; the texts are too long")
            try:
                columns.append(array.to_pylist())
            except Exception as error:
                # pyarrow raises various exception types for values without a Python equivalent.
                raise InputError(f"{rows} of type {array.type} cannot be read: {_one_line(error)}") from None
        for values in zip(*columns, strict=True):
            number += 1
            yield number, dict(zip(batch.schema.names, values, strict=True))


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
    kinds = {f.name: f.type.value_type if types.is_dictionary(f.type) else f.type for f in schema}
    texts = [name for name, kind in kinds.items() if types.is_string(kind) or types.is_large_string(kind)]
    numbers = [name for name, kind in kinds.items() if types.is_integer(kind) or types.is_floating(kind)]
    if wanted := fields.wanted(schema.names, texts=texts, numbers=numbers):
        return wanted
    names = few(schema.names)
    raise InputError(f"no column with a known name; the columns are {names}. Name one with --field ROLE=COLUMN")


def _one_line(error: BaseException) -> str:
    return re.sub(r"\s+", " ", str(error))[:300] or type(error).__name__


def read_folder(path: Path, fields: Fields) -> Table | None:
    """Read a data set saved by ``datasets`` or a folder of Parquet files; None for any other folder."""
    if (path / "dataset_dict.json").is_file():
        splits = sorted(p.name for p in path.iterdir() if p.is_dir())
        if len(splits) != 1:
            one = path / (splits or ["test"])[0]
            raise InputError(f"{path}: a data set with the splits {few(splits)}; give one: {one}")
        path = path / splits[0]
    if (path / "state.json").is_file():
        return _joined(path, "Arrow", sorted(path.glob("*.arrow")), fields)
    parquet, beside = sorted(path.glob("*.parquet")), (".parquet", ".md", ".json", "")
    others = any(file.suffix not in beside and file.name[0] != "." for file in path.iterdir())
    return _joined(path, "Parquet", parquet, fields) if parquet and not others else None


def _joined(folder: Path, kind: str, files: list[Path], fields: Fields) -> Table:
    """The rows of all files of a data set, numbered from 1."""
    _check_complete(folder, files)
    records = (record for file in files for _, record in _records(Input(file), fields, kind))
    return _table(str(folder), kind, enumerate(records, 1))


def _check_complete(folder: Path, files: list[Path]) -> None:
    """Check that all files are there that ``state.json`` or a file name (``-00000-of-00003``) announces."""
    expected: set[str] = set()
    for file in files:
        if part := _SHARD.fullmatch(file.name):
            stem, number, total, ending = part.groups()
            shards = range(min(int(total), 100_000))
            expected |= {f"{stem}{i:0{len(number)}}-of-{total}{ending}" for i in shards}
    state = folder / "state.json"
    if state.is_file():
        listed = read_object(Input(state)).get("_data_files")
        expected |= {str(item.get("filename")) for item in listed or () if isinstance(item, dict)}
    if missing := sorted(expected - {file.name for file in files}):
        raise InputError(f"{folder}: {missing[0]} is missing; copy the whole data set")


_SHARD = re.compile(r"(.*-)(\d{1,9})-of-(\d{1,9})(\.\w+)")


def read_hub(text: str, fields: Fields) -> Table:
    """Read ``hf:NAME[:CONFIG][SPLIT]``: a data set from the hub or a local folder, loaded with ``datasets``.

    >>> _HUB.fullmatch("hf:wmt/wmt19:zh-en[validation]").groups()
    ('wmt/wmt19', 'zh-en', 'validation')
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
        unreachable = f"the hub cannot be reached ({problem}), and the data set is not in the cache"
        raise InputError(f"{text}: {unreachable if problem else f'cannot be loaded: {_one_line(error)}'}") from None
    if isinstance(loaded, dict):
        if len(loaded) != 1:
            raise SettingError(f"{text}: the splits are {few(loaded)}; name one: {text}[{next(iter(loaded))}]")
        loaded = next(iter(loaded.values()))
    return _table(text, "data set", enumerate(loaded, 1))


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


def _format(kind: str, *endings: str, begins: tuple[bytes, ...]) -> Format:
    def read(file: Input, fields: Fields) -> Table:
        return _table(file.name, kind, _records(file, fields, kind))

    return Format(kind, endings, lambda file: file.head(6).startswith(begins), read)


PARQUET = _format("Parquet", ".parquet", ".pq", begins=(b"PAR1",))
ARROW = _format("Arrow", ".arrow", ".feather", begins=(b"ARROW1", b"\xff\xff\xff\xff"))
