"""Writing files: completely or not at all, and replacing only those that evalkit wrote.

**Writing.** :func:`write_file` builds a file under a temporary name beside its place and renames it. A crash leaves the old
file or the new one. The temporary file is locked while its process lives, so a later write removes what a killed process
left behind and nothing else.

**Ownership.** A text that evalkit writes ends in a line with a mark (``evalkit gate``) and the SHA-256 of the text.
:func:`write_own` replaces a file with that mark and an intact checksum, keeps one that was changed since as ``NAME.old``,
and refuses to replace any other file.
"""

import contextlib
import errno
import hashlib
import logging
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from evalkit.errors import EvalkitError, InputError, ResourceError
from evalkit.printable import printable

#: The placeholder for the checksum while it is computed.
ZEROS = "0" * 64

#: The syntax of a comment by format; files in a format without comments are recognized by their mark alone.
_COMMENTS = {**dict.fromkeys(("html", "markdown", "xml"), "<!-- {} -->\n"), "latex": "% {}\n", "text": "# {}\n"}

#: Problems that naming another file would not solve.
_RESOURCES = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}

_CHECKSUM = re.compile(rb'sha256[":= ]{1,4}([0-9a-f]{64})')
_LEFTOVER = re.compile(r"\.evalkit-[0-9a-f]{16}\.tmp")

#: What this process has finished writing, for the message of an interruption; temporary and cached files are not in it.
finished: list[Path] = []


def tell(message: str) -> None:
    """Log a warning for the user with the logger ``evalkit``, whose messages the command line prints."""
    logging.getLogger("evalkit").warning(message)


def note(message: str) -> None:
    """Log information for the user; ``--quiet`` silences it, and programs see it only at the level INFO."""
    logging.getLogger("evalkit").info(message)


def cannot(action: str, path: str | Path, error: OSError) -> EvalkitError:
    """Convert an ``OSError``: exit status 4 for a full disk and the like, 2 for problems that another path would solve.

    :param action: such as ``"written"``.
    """
    kind = ResourceError if error.errno in _RESOURCES else InputError
    return kind(f"{path}: cannot be {action}: {error.strerror or error}")


@contextlib.contextmanager
def errors_of(action: str, path: str | Path) -> Iterator[None]:
    """Raise every ``OSError`` of the block as an error that names the path; see :func:`cannot`."""
    try:
        yield
    except OSError as error:
        raise cannot(action, path, error) from None


# -- writing --------------------------------------------------------------------------------------------------------


def write_file(path: str | Path, data: str | bytes) -> None:
    """Write a file completely or not at all. Missing parent folders are created, a symbolic link is followed.

    :raises InputError: if it cannot be written, or for ``-``, which is not taken for the name of a file.
    """
    check_name(path)
    with errors_of("written", path):
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target.parent)
        replace_file(target, data)
        finished.append(Path(path))


def check_name(path: str | Path) -> None:
    """Refuse ``-``, also as a folder: to most programs it means standard output.

    :raises InputError: for such a name.
    """
    if Path(path).parts[:1] == ("-",):
        raise InputError("-: name a file; a command that can write to standard output does so without --out")


def replace_file(path: Path, data: str | bytes, *, durable: bool = True) -> None:
    """Write a file under a temporary name and rename it; a device or a pipe is written to directly.

    :param data: text is encoded as UTF-8; a lone surrogate (of a file name that is not UTF-8) becomes its escape.
    :param durable: wait until the data is on the disk, so that a power failure cannot leave an empty file.
    :raises OSError: nothing is left behind then.
    """
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    mode = _mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        with os.fdopen(_open_special(path), "wb", buffering=0) as special:
            _write_all(special.fileno(), content)
        return
    with _temporary(path.parent) as (handle, temporary):
        _write_all(handle, content)
        if mode is not None:
            temporary.chmod(stat.S_IMODE(mode))
        if durable:
            os.fsync(handle)
        temporary.replace(path)


def _mode(path: Path) -> int | None:
    """The mode of a file, or None if there is none."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise InputError(f"{path}: this is a directory; name a file")
    return mode


def _open_special(path: Path) -> int:
    """Open a device or a pipe for writing, and say so if the pipe has no reader yet."""
    try:
        handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
        os.set_blocking(handle, True)
    except OSError as error:
        if error.errno != errno.ENXIO or not path.is_fifo():
            raise
        tell(f"{path}: waiting for a reader")
        return os.open(path, os.O_WRONLY)
    return handle


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[tuple[int, Path]]:
    """A new file in the folder, locked, and gone at the end unless it was renamed."""
    while True:
        path = folder / f".evalkit-{secrets.token_hex(8)}.tmp"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        # Between these two calls another process may have taken the file for a leftover.
        if lock(handle) and same_file(handle, path):
            break
        os.close(handle)
    try:
        yield handle, path
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that killed processes left in a folder."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 - names, and no object for each
            if _LEFTOVER.fullmatch(name):
                path = folder / name
                with contextlib.suppress(OSError), path.open("rb") as file:
                    if lock(file.fileno()) and same_file(file.fileno(), path):
                        path.unlink()


def same_file(handle: int, path: Path) -> bool:
    """Whether the path still names the open file."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def lock(handle: int, *, wait: bool = False) -> bool:
    """Lock an open file or folder until it is closed; False if another process holds the lock, True without lock support."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except (ImportError, OSError) as error:
        return not isinstance(error, BlockingIOError)
    return True


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this block for the folder; where folders have no locks, go on at once."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, handle)
            lock(handle, wait=True)
        yield


def append_file(path: str | Path, text: str, *, durable: bool = True) -> None:
    """Append a text completely or not at all. If the last line is incomplete, the text starts on a new line.

    :param durable: False for a cache, which is not listed as finished and does not wait for the disk.
    """
    check_name(path)
    with errors_of("written", path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with Path(path).open("a+b", buffering=0) as file:
            lock(file.fileno(), wait=True)
            end = file.seek(0, os.SEEK_END) if file.seekable() else 0
            if end:
                file.seek(end - 1)
                text = text if file.read(1) == b"\n" else "\n" + text
            try:
                _write_all(file.fileno(), text.encode("utf-8", "backslashreplace"))
                if durable:
                    os.fsync(file.fileno())
            except OSError:
                if file.seekable():
                    file.truncate(end)
                raise
        if durable:
            finished.append(Path(path))


# -- files that belong to evalkit -----------------------------------------------------------------------------------


def seal(text: str) -> str:
    """Put the SHA-256 of a text into it: in place of the last :data:`ZEROS`, computed with them there."""
    head, zeros, tail = text.rpartition(ZEROS)
    assert zeros, "a text to be sealed has a place for its checksum"
    return head + hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest() + tail


def seal_is_intact(content: bytes) -> bool:
    """Whether a text that :func:`seal` sealed is as it was; False for one that never was."""
    matches = list(_CHECKSUM.finditer(content))
    if not matches:
        return False
    match = matches[-1]
    digest = hashlib.sha256(content[: match.start(1)] + ZEROS.encode() + content[match.end(1) :])
    return digest.hexdigest().encode() == match[1]


def write_own(path: str | Path, text: str, mark: str, format_: str) -> None:
    """Write a file that belongs to evalkit; the module docstring says when an existing file is replaced.

    :param mark: such as ``evalkit gate``. For a format without comments, the beginning of every such text.
    :param format_: ``html``, ``markdown``, ``xml``, ``latex`` or ``text``, or one without comments, such as ``csv``.
    """
    changed = check_own(path, mark, format_)
    if format_ == "json":
        text = printable(text)
    if comment := _COMMENTS.get(format_):
        end = "" if text.endswith("\n") or not text else "\n"
        text = seal(text + end + comment.format(f"{mark} sha256:{ZEROS}"))
    if changed:
        tell(f"{path}: changed since evalkit wrote it; kept as {move_aside(Path(path))}")
    write_file(path, text)


def check_own(path: str | Path, mark: str, format_: str) -> bool:
    """Return whether there is a file of evalkit that was changed since; see :func:`write_own`."""
    check_name(path)
    with errors_of("read", path):
        mode = _mode(Path(path))
        if mode is None or not stat.S_ISREG(mode):
            return False
        content = Path(path).read_bytes()
    if not content or (format_ not in _COMMENTS and content.startswith(mark.encode())):
        return False
    if format_ not in _COMMENTS or mark.encode() not in content:
        advice = "refusing to overwrite it (name another file, or move this one)"
        raise InputError(f"{path}: not written by evalkit; {advice}")
    return not seal_is_intact(content)


def is_intact_own(path: Path, mark: str, format_: str) -> bool:
    """Return whether :func:`write_own` wrote this file and nobody changed it since."""
    try:
        return bool(path.stat().st_size) and not check_own(path, mark, format_)
    except (OSError, EvalkitError):
        return False


def move_aside(path: Path) -> Path:
    """Keep a file under another name, see :func:`free_name`, and return that.

    The file keeps its old name as well if the file system has hard links, so that it is never missing.
    """
    while True:
        target = free_name(path)
        with errors_of(f"kept as {target.name}", path):
            try:
                os.link(path, target)
            except FileExistsError:
                continue
            except OSError:
                path.rename(target)
            return target


def free_name(path: Path) -> Path:
    """Return the name under which a file can be kept: ``NAME.old``, or ``NAME.old.2`` and so on if that is taken."""
    number, target = 1, path.with_name(f"{path.name}.old")
    while os.path.lexists(target):
        number += 1
        target = path.with_name(f"{path.name}.old.{number}")
    return target
