"""Writing the leaderboard's page: an earlier page is replaced, anything else left alone."""

from __future__ import annotations

from pathlib import Path

from evalkit.errors import InputError

__all__ = ["check_page", "write_page"]

_MARK = '<meta name="generator" content="evalkit leaderboard">'


def check_page(path: str | Path) -> Path:
    """The path, if a page can be written there.

    :raises InputError: a folder, or a file that is no page of a leaderboard.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: a folder stands where the page should go; name another file with --out")
    try:
        if path.exists() and path.stat().st_size:
            with path.open(encoding="utf-8", errors="replace") as file:
                if _MARK not in file.read(2000):
                    raise InputError(f"{path}: no page of evalkit leaderboard and left alone; name another with --out")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    return path


def write_page(path: str | Path, text: str) -> Path:
    """Write the page.

    :raises InputError: as :func:`check_page`, or where it cannot be written.
    """
    path = check_page(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
    return path
