"""Writing a gate's reports: its own files are renewed, anything else of the same name is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evalkit.errors import InputError

__all__ = ["SUMMARY_LIMIT", "append_summary", "check_reports", "write_reports"]

#: bytes.
SUMMARY_LIMIT = 1024 * 1024

#: what the start of each file holds if a gate wrote it.
_OURS = {"junit.xml": 'name="evalkit gate"', "comment.md": "<!-- evalkit-gate -->", "badge.json": '"schemaVersion"'}


def check_reports(folder: str | Path) -> Path:
    """The folder, if reports can go there.

    :raises InputError: a file in its place, or a file of a report's name that no gate wrote.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(
            f"{folder}: a file stands where the folder of the reports should go; name another with --reports"
        )
    for name, mark in _OURS.items():
        path = folder / name
        try:
            if path.exists() and mark not in path.read_text(encoding="utf-8", errors="replace")[:400]:
                raise InputError(
                    f"{path}: not written by evalkit gate and left alone; name another folder with --reports"
                )
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    return folder


def write_reports(folder: str | Path, reports: Mapping[str, str]) -> list[Path]:
    """Write files by name into a folder, made if need be.

    :raises InputError: as :func:`check_reports`, or where nothing can be written.
    """
    folder = check_reports(folder)
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in reports.items():
            path = folder / name
            path.write_text(text, encoding="utf-8", newline="\n")
            paths.append(path)
    except OSError as error:
        raise InputError(f"{folder}: the reports cannot be written: {error.strerror or error}") from None
    return paths


def append_summary(path: str | Path, text: str) -> bool:
    """Append to a job summary: the text, or where that is too long its first two lines, or nothing.

    A summary above :data:`SUMMARY_LIMIT` is dropped whole by the service, with all that other steps wrote.

    :returns: whether anything was appended.
    :raises InputError: where it cannot be written.
    """
    path = Path(path)
    try:
        room = SUMMARY_LIMIT - (path.stat().st_size if path.exists() else 0)
        short = "\n".join(text.split("\n")[:2]) + "\n"
        fitting = next((part + "\n" for part in (text, short) if len(part.encode()) + 1 < room), "")
        if fitting:
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(fitting)
    except OSError as error:
        raise InputError(f"{path}: the job summary cannot be written: {error.strerror or error}") from None
    return bool(fitting)
