"""Rebuilds the text of an article from the raw page; every difference is a recorded repair."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from references.tools.load import AuthoringError
from references.tools.schema import Article

__all__ = ["raw_lines", "rebuild"]


def raw_lines(article: Article, folder: Path) -> str:
    """The lines of the raw page that contain an article.

    :param folder: the references folder.
    :returns: the lines as they are; empty for an article without a raw page.
    :raises AuthoringError: if the page is missing, is not UTF-8, has too few lines, or has changed.
    """
    if article.raw is None:
        return ""

    def wrong(reason: str) -> AuthoringError:
        return AuthoringError(article.path, article.raw.line if article.raw else 1, reason)

    path = folder / article.raw.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise wrong(f"raw page {path}: {error.strerror or error}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != article.raw.sha256:
        raise wrong(
            f"{path} has the sha256 {found}, not {article.raw.sha256}; the raw page must stay byte for byte as it was: "
            "restore it, or record the new sum if it is a new page"
        )
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise wrong(f"{path} is not UTF-8 at byte {error.start}") from None
    first, last = article.raw.lines
    if last > len(lines):
        raise wrong(f"raw.lines ends at {last}; the page has {len(lines)} lines")
    return "\n".join(lines[first - 1 : last])


def rebuild(article: Article, raw: str) -> list[str]:
    """The blocks of the raw lines after all repairs, in order; blank lines separate blocks.

    :param raw: what :func:`raw_lines` returns.
    :raises AuthoringError: if the text that a repair replaces does not occur exactly once.
    """
    for repair in article.repairs:
        count = raw.count(repair.was) if repair.was else 0
        if count != 1:
            raise AuthoringError(
                article.path,
                repair.line,
                f"the repair {repair.kind} replaces {repair.was!r}, which occurs {count} times in the raw lines; "
                "it must occur exactly once",
            )
        raw = raw.replace(repair.was, repair.now)
    return [part.strip() for part in re.split(r"\n[ \t\r]*\n", raw) if part.strip()]
