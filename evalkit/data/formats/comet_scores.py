"""Segment scores of COMET as JSON (``comet-score --to_json``): for each file of outputs, the segments in order.

::

    {"mine.en": [{"src": "你好", "mt": "Hello!", "ref": "Hello", "COMET": 0.87}]}

Each file is a system, named after its stem. Sources, references and outputs are in it as well.
"""

from pathlib import Path
from typing import Any

from evalkit.data.formats.json_records import Log


def _document(name: str, value: dict[str, Any]) -> list[Any] | None:
    if not value or not all(isinstance(segments, list) for segments in value.values()):
        return None
    first = next((segments[0] for segments in value.values() if segments), None)
    if not isinstance(first, dict) or not first.keys() & {"mt", "COMET"}:
        return None
    return [
        {**segment, "system": Path(file).stem, "position": i, "where": f"{file}, segment {i + 1}"}
        for file, segments in value.items()
        for i, segment in enumerate(segments)
        if isinstance(segment, dict)
    ]


COMET_SCORES = Log("comet-score", "segment", lambda record: False, lambda name, rows, fields: rows, _document)
