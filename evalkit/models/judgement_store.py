"""The judgement store: every reply of a judge, appended to files that are never changed.

A store is a folder of ``*.jsonl`` files, one per process that added to it, each line one reply::

    {"key": "5f0c…", "sample": 0, "try": 0, "status": "ok", "reply": "{…}", "parsed": {…}, "model": "gpt-…",
     "fingerprint": null, "usage": {"input": 812, "output": 96}, "seconds": 1.84, "at": "2026-11-25T18:00:00+00:00"}

``key`` is the hash of the request with the sample's number, ``status`` is ``ok``, ``invalid`` (a reply that is not what
was asked for; a second try follows) or ``failed`` (with ``reason``). Only ``ok`` saves a call; a failed judgement is
replayed as failed, and a later run with a server asks again. Nothing expires. Files may be concatenated and copied.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, astuple
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any, Literal

import msgspec

from evalkit.errors import InputError
from evalkit.files import append_file, errors_of
from evalkit.models.chat import ChatRequest, Completion, Usage, well_formed


class Reply(msgspec.Struct, frozen=True, rename={"attempt": "try"}):
    """One line of the store; fields that are not declared here are only for human readers."""

    key: str
    attempt: Annotated[int, msgspec.Meta(ge=0)]
    status: Literal["ok", "invalid", "failed"]
    reply: str | None
    model: str | None
    fingerprint: str | None
    usage: Usage
    reason: str | None = None

    def __post_init__(self) -> None:
        if (self.reason if self.status == "failed" else self.reply) is None or min(astuple(self.usage)) < 0:
            raise ValueError


_DECODE = msgspec.json.Decoder(Reply).decode


class JudgementStore:
    """The replies of a judge by the key of their request; without a folder, they are only kept in memory."""

    def __init__(self, folder: Path | None) -> None:
        # A new file, so that two runs at the same time never write to the same one.
        name = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S.%f}-{os.urandom(3).hex()}.jsonl"
        self._path = None if folder is None else folder / name
        # The offset of a reply on disk, or the reply itself if it is not on disk.
        self._index: dict[str, list[tuple[Path, int] | Reply]] = {}
        if folder is not None and folder.exists():
            if not folder.is_dir():
                raise InputError(f"--judgements {folder}: not a folder")
            for path in sorted(folder.glob("*.jsonl")):
                for start, reply in _read(path):
                    self._index.setdefault(reply.key, []).append((path, start))

    def replies(self, key: str) -> list[Reply]:
        """The replies to a request, oldest first."""
        return [place if isinstance(place, Reply) else _at(*place) for place in self._index.get(key, ())]

    def check_writable(self) -> None:
        """:raises EvalkitError: if no reply can be stored; checked before any call, because calls cost money."""
        if self._path is not None:
            with errors_of("written", self._path.parent):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                TemporaryFile(dir=self._path.parent).close()

    def add(
        self, request: ChatRequest, attempt: int, status: str, completion: Completion, reason: str | None, parsed: Any
    ) -> None:
        """Append one reply; see :func:`evalkit.files.append_file` for errors."""
        record = {
            "key": request.key,
            "sample": request.sample,
            "try": attempt,
            "status": status,
            "reason": reason,
            "reply": None if completion.text is None else well_formed(completion.text),
            "parsed": parsed,
            "model": completion.model,
            "fingerprint": completion.fingerprint,
            "usage": asdict(completion.usage),
            "seconds": round(completion.seconds, 3),
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }
        self._index.setdefault(request.key, []).append(msgspec.convert(record, Reply))
        if self._path is not None:
            append_file(self._path, json.dumps(record, allow_nan=False) + "\n", durable=False)


def _read(path: Path) -> Iterator[tuple[int, Reply]]:
    """Each reply with the offset of its line; an incomplete last line, left by a killed process, is skipped."""
    start = 0
    with errors_of("read", path), path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield start, _DECODE(line)
                except (msgspec.MsgspecError, ValueError, RecursionError):
                    if not line.endswith(b"\n"):
                        return
                    raise InputError(f"{path}:{number}: not a judgement of evalkit; remove the line") from None
            start += len(line)


def _at(path: Path, start: int) -> Reply:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return _DECODE(file.readline())
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise InputError(f"{path}: was changed while it was read ({error}); run again") from None
