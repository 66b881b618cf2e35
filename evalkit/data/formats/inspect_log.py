"""Logs of inspect_ai: JSON (``--log-format json``) and ``.eval``, a zip archive with one JSON file per sample.

::

    {"version": 2, "status": "success", "eval": {"model": "openai/gpt-4o"},
     "samples": [{"id": 1, "epoch": 1, "input": "你好", "target": "Hello", "output": {"completion": "Hello!"}}]}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.formats.json_records import Log, parse_json
from evalkit.data.opening import MAX_DOCUMENT, Input
from evalkit.errors import InputError
from evalkit.files import tell
from evalkit.wording import count

if TYPE_CHECKING:
    from zipfile import ZipFile


def _document(name: str, log: dict[str, Any]) -> list[Any] | None:
    if not isinstance(log.get("eval"), dict) or "status" not in log:
        return None
    if log["status"] != "success":
        raise InputError(f"{name}: the run of this log ended with the status {log['status']!r}; finish it first")
    samples = log.get("samples")
    if not isinstance(samples, list):
        raise InputError(f"{name}: the log has no samples; run inspect_ai with --log-samples")
    given = len(set(map(str, _dataset_ids(log))))
    present = len({str(sample.get("id")) for sample in samples if isinstance(sample, dict)})
    if present < given:
        tell(f"{name}: the log has {present:,} of the {count(given, 'sample')} of its run")
    return samples


def _matches(record: Mapping[str, Any]) -> bool:
    return record.keys() >= {"id", "epoch", "input", "output"}


#: Why a model stopped before the end of its reply, in the words of the services.
_CUT_OFF = ("length", "max_tokens", "incomplete", "MAX_TOKENS", "model_length", "limit")

#: From the name of a log and its records to rows; see :attr:`Log.read`.
_Read = Callable[[str, Iterator[Row], Fields], Iterator[Row]]


def reported(read: _Read) -> _Read:
    """Tell the user, after the last record, how many outputs are cut off (see ``ended``), empty or refused."""

    def reading(name: str, rows: Iterator[Row], fields: Fields) -> Iterator[Row]:
        ids: dict[str, list[str]] = {"cut off by a limit": [], "empty or refused": []}
        for number, record in read(name, rows, fields):
            output, ended = record["output"], record.pop("ended", None)
            if output is not None and ended in _CUT_OFF:
                ids["cut off by a limit"].append(str(record["id"]))
            elif output is not None and not output.strip():
                ids["empty or refused"].append(str(record["id"]))
            yield number, record
        for what, outputs in ids.items():
            if outputs:
                tell(f"{name}: {count(len(outputs), 'output')} {what}, for example {outputs[0]!r}")

    return reading


@reported
def _samples(name: str, rows: Iterator[Row], fields: Fields) -> Iterator[Row]:
    for number, row in rows:
        where = f"{name}, sample {number}"
        sample = _with_attachments(row)
        output = sample.get("output")
        if not isinstance(output, dict):
            raise InputError(f"{where}: not a sample of inspect_ai")
        id_, target, metadata = (sample.get(key) for key in ("id", "target", "metadata"))
        record: dict[str, Any] = {"id": id_, "source": message_text(sample.get("input"), last_of="user")}
        record |= {"epoch": sample.get("epoch", 1), "scores": _by_scorer(sample.get("scores")), "output": None}
        record["metadata"] = metadata if isinstance(metadata, dict) else {}
        # If the data set has no ids, inspect_ai numbers the samples from 1.
        if isinstance(id_, int) and not isinstance(id_, bool):
            record["position"] = id_ - 1
        if isinstance(target, str | list) and target:
            record["references"] = target
        # A failed sample has no output; it is reported as missing.
        if not sample.get("error"):
            choices = output.get("choices")
            choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
            message = choice.get("message")
            completion = output.get("completion")
            if not isinstance(completion, str):
                completion = message_text(message.get("content")) if isinstance(message, dict) else None
            if completion is None and not fields.scores:
                raise InputError(f"{where}: no output of a model")
            record |= {"output": completion, "ended": "limit" if sample.get("limit") else choice.get("stop_reason")}
        yield number, record


def _by_scorer(scores: Any) -> dict[str, Any] | None:
    """The values of the scores by ``SCORER``, and by ``SCORER/PART`` where a score has several."""
    if not isinstance(scores, dict):
        return None
    values = {scorer: score.get("value") for scorer, score in scores.items() if isinstance(score, dict)}
    parts = {scorer: value for scorer, value in values.items() if isinstance(value, dict)}
    return values | {f"{scorer}/{part}": of for scorer, value in parts.items() for part, of in value.items()}


def _with_attachments(sample: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sample with the long texts that inspect_ai keeps apart (``attachment://...``) in their places."""
    attachments = sample.get("attachments")
    if not isinstance(attachments, dict) or not attachments:
        return sample

    def filled(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("attachment://"):
            return attachments.get(value.removeprefix("attachment://"), value)
        if isinstance(value, list):
            return [filled(item) for item in value]
        return {key: filled(item) for key, item in value.items()} if isinstance(value, dict) else value

    return {**sample, **{key: filled(sample.get(key)) for key in ("input", "target", "output", "metadata")}}


def message_text(content: Any, *, last_of: str | None = None) -> str | None:
    """The text of a chat message's content, or of the last message with a role in a list; None if there is none."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [part for part in content if isinstance(part, dict)]
    if last_of and any("role" in part for part in parts):
        contents = [part.get("content") for part in parts if part.get("role") == last_of]
        return message_text(contents[-1]) if contents else None
    texts = [part.get("text") for part in parts if part.get("type") in ("text", "output_text")]
    return "\n".join(present) if (present := [text for text in texts if isinstance(text, str)]) else None


INSPECT = Log("inspect_ai", "sample", _matches, _samples, _document)


def _sniff(file: Input) -> bool:
    return file.head().startswith(b"PK\x03\x04") and (file.suffix == ".eval" or b"_journal/" in file.head(200))


def _read_archive(file: Input, fields: Fields) -> Table:
    import zipfile

    try:
        with zipfile.ZipFile(file.seekable()) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            if sum(sizes.values()) > MAX_DOCUMENT:
                raise InputError(f"{file.name}: more than {MAX_DOCUMENT:,} bytes when unpacked")
            names = sorted(name for name in sizes if name.startswith("samples/") and name.endswith(".json"))
            if "header.json" not in sizes:
                raise InputError(f"{file.name}: the log has no header.json: its run was not finished")
            header, *samples = (_member(archive, name, file.name) for name in ("header.json", *names))
    except InputError:
        raise
    except Exception as error:
        # zipfile raises various exception types for damaged archives, from zlib.error to EOFError.
        raise InputError(f"{file.name}: not a readable log of inspect_ai: {error or type(error).__name__}") from None
    if not isinstance(header, dict) or not all(isinstance(sample, dict) for sample in samples):
        raise InputError(f"{file.name}: not a log of inspect_ai")
    samples = _document(file.name, {**header, "samples": samples}) or []
    order = {str(id_): i for i, id_ in enumerate(_dataset_ids(header))}
    # Right-justified, so that 10 comes after 9.
    samples.sort(key=lambda sample: (order.get(id_ := str(sample.get("id")), len(order)), id_.rjust(20)))
    return INSPECT.table(file.name, enumerate(samples, 1), fields)


def _member(archive: ZipFile, name: str, path: str) -> Any:
    """One JSON file of the archive, decompressed only up to the size that the archive states."""
    with archive.open(name) as file:
        return parse_json(file.read(archive.getinfo(name).file_size).decode(), f"{path}, {name}")


def _dataset_ids(header: Mapping[str, Any]) -> list[Any]:
    dataset = header.get("eval", {}).get("dataset") if isinstance(header.get("eval"), dict) else None
    ids = dataset.get("sample_ids") if isinstance(dataset, dict) else None
    return ids if isinstance(ids, list) else []


INSPECT_ARCHIVE = Format("inspect_ai .eval", (".eval",), _sniff, _read_archive)
