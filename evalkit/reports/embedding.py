"""Data embedded in a page for its script, and links within the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from evalkit.printable import printable


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
