"""Data embedded in a page for its script, such as the texts of an article, and links within the page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from evalkit.printable import printable
from evalkit.reports import limits
from evalkit.results.task_results import Texts
from evalkit.wording import rounded

if TYPE_CHECKING:
    from evalkit.reports.task_view import TaskView


def script_json(value: Any) -> str:
    """Encode JSON for a script element: nothing in it can end the element, open a comment or disguise the page's source."""
    text = printable(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    for unsafe in "<>&":
        text = text.replace(unsafe, f"\\u{ord(unsafe):04x}")
    return text


def link(task: str, article: str = "", systems: Sequence[str] = (), segment: str = "") -> str:
    """Return the URL fragment that opens a task and an article with these systems at this segment."""
    parts = [quote(task, safe=""), quote(article, safe=""), "+".join(quote(s, safe="") for s in systems)]
    parts.append(quote(segment, safe=""))
    while parts and not parts[-1]:
        parts.pop()
    return "#" + "/".join(parts)


def utf16(text: str, index: int) -> int:
    """Convert the index of a character to UTF-16 code units, which browsers count in."""
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2


def text_blocks(view: TaskView, room: int, order: Sequence[int]) -> dict[int, str]:
    """The texts of as many articles as fit into ``room`` bytes, taken in this order: by article, JSON for the text viewer."""
    scores = {label: view.task.by_segment(label) for label in view.digits}
    blocks: dict[int, str] = {}
    for a in order:
        text = script_json({"segments": [_segment(view, i, scores) for i in view.groups[a].segments]})
        size = len(text.encode())
        if size <= room:
            blocks[a] = text
            room -= size
    return dict(sorted(blocks.items()))


def _segment(view: TaskView, i: int, scores: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    task, texts = view.task, view.task.texts
    assert texts is not None
    names = [task.systems[s] for s in view.page_systems]
    samples = {
        place: [[utf16(text, start), utf16(text, end)] for start, end in parts]
        for place, name in enumerate(names)
        if name in task.samples and len(text := texts.outputs[name][i]) <= limits.TEXT
        if (parts := task.samples[name].parts(text))
    }
    optional = {
        "source": _cut(texts.sources[i], limits.TEXT) if texts.sources else None,
        "block": texts.blocks[i] if texts.blocks else None,
        "findings": list(_findings(view, i, texts, names)) or None,
        "samples": samples or None,
        "missing": [k for k, name in enumerate(names) if task.ids[i] in task.missing.get(name, ())] or None,
    }
    return {
        "id": task.ids[i],
        "references": [_cut(text, limits.TEXT) for text in texts.references[i]],
        "outputs": [_cut(texts.outputs[name][i], limits.TEXT) for name in names],
        "scores": [
            [rounded(scores[label][s, i], digits) for s in view.page_systems] for label, digits in view.digits.items()
        ],
        **{key: value for key, value in optional.items() if value is not None},
    }


def _findings(view: TaskView, i: int, texts: Texts, names: Sequence[str]) -> Iterator[list[Any]]:
    """Yield each finding of a segment as a list in the order that the page's script expects."""
    for m, label in enumerate(view.digits):
        by_system = view.task.findings.get(label, {})
        for place, name in enumerate(names):
            segments = by_system.get(name, ())
            if i < len(segments):
                source = texts.sources[i] if texts.sources else ""
                for f in segments[i]:
                    in_source = _span(f.source_span, source, limits.TEXT)
                    in_output = _span(f.output_span, texts.outputs[name][i], limits.TEXT)
                    yield [place, m, f.kind, f.severity, f.message, in_source, in_output, f.key]


def _span(span: tuple[int, int] | None, text: str, limit: int) -> list[int] | None:
    """Convert a span to UTF-16 code units, which browsers count in; None if it lies outside the text that is shown."""
    if span is None or not 0 <= span[0] < span[1] <= min(len(text), limit):
        return None
    return [utf16(text, span[0]), utf16(text, span[1])]


def _cut(text: str, limit: int) -> str | list[Any]:
    if len(text) <= limit:
        return text
    return [text[:limit], len(text) - limit]
