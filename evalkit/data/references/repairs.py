"""From the raw page to the text of an article: every difference is a recorded repair."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from evalkit.data.references.schema import Article
from evalkit.errors import BenchmarkError

__all__ = ["raw_page", "rebuild", "rebuilt_blocks"]


def raw_page(article: Article, folder: Path) -> str:
    """The raw page an article stands on.

    :param folder: the references folder.
    :raises BenchmarkError: if the page is missing, is not UTF-8, or is no longer byte for byte what it was.
    """
    path = folder / article.raw.file
    where = f"{article.path}:{article.raw.line}"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BenchmarkError(f"{where}: raw page {path}: {error.strerror or error}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != article.raw.sha256:
        raise BenchmarkError(
            f"{where}: {path} has the sha256 {found}, not {article.raw.sha256}; the raw page must stay byte for byte "
            "as it was: restore it, or record the new sum if it is a new page"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{where}: {path} is not UTF-8 at byte {error.start}") from None


def rebuild(article: Article, page: str) -> str:
    """The article's raw lines with every repair made, in order.

    :raises BenchmarkError: where what a repair replaces does not occur exactly once.
    """
    first, last = article.raw.lines
    lines = page.split("\n")
    if last > len(lines):
        raise BenchmarkError(
            f"{article.path}:{article.raw.line}: raw.lines ends at {last}; the page has {len(lines)} lines"
        )
    text = "\n".join(lines[first - 1 : last])
    for repair in article.repairs:
        count = text.count(repair.was) if repair.was else 0
        if count != 1:
            raise BenchmarkError(
                f"{article.path}:{repair.line}: the repair {repair.kind} replaces {repair.was!r}, which occurs {count} "
                "times in the raw lines; it must occur exactly once"
            )
        text = text.replace(repair.was, repair.now)
    return text


def rebuilt_blocks(article: Article, page: str) -> list[str]:
    """The blocks that the raw page and the repairs give, in order.

    :raises BenchmarkError: as :func:`rebuild`.
    """
    return [part.strip() for part in re.split(r"\n[ \t\r]*\n", rebuild(article, page)) if part.strip()]
