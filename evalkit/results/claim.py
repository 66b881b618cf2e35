"""Reserve and replace a run folder: it is claimed before anything is scored, and replaced completely or not at all.

A claim is a hidden folder beside the run folder, locked by the process that builds the run there, so that two runs
cannot write to one folder at the same time, and the leftovers of a killed process are recognized and removed.

If the platform supports it, the finished folder is exchanged with the earlier one in a single step. Otherwise (and for
the working directory and mount points, which cannot be exchanged), the hidden folder is renamed to mark it as complete,
and its files are then moved one by one; if that is interrupted, the next claim or the next reader finishes it.

Only files that an intact ``run.json`` lists with their SHA-256, and reports of a gate with an intact seal, are replaced
or removed. A file of the same name whose checksum differs is kept as ``NAME.old``. All other files are unchanged.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import EvalkitError, RunFolderError
from evalkit.files import cannot, check_name, exclusive, finished, free_name, is_intact_own, lock, note, same_file, tell
from evalkit.results.run_json import NAME, is_unchanged, listed_files

#: The files that a gate writes into a run folder, by name, with the marker that identifies them and their format.
GATE_REPORTS = {
    "junit.xml": ("evalkit gate", "xml"),
    "badge.json": ('{"schemaVersion": 1, "label": "evalkit"', "json"),
    "comment.md": ("evalkit-gate", "markdown"),
}

_COMPLETE = "-complete"


@dataclass
class Claim:
    """A run folder reserved for this process.

    :param folder: the path that the user gave; ``target`` is the folder after resolving symbolic links.
    :param building: the hidden folder in which the run is built.
    """

    folder: Path
    target: Path
    home: Path
    building: Path
    handle: int

    def publish(self) -> None:
        """Move the finished run into place. ``building`` contains all of its files, and ``run.json`` lists the others.

        :raises RunFolderError: if something else now exists at the path, or it cannot be written.
        """
        created, _ = listed_files(self.target)
        with exclusive(self.home):
            if not self.target.exists():
                self.building.rename(self.target)
            elif _is_in_use(self.target) or self.home == self.target or not self._exchange():
                self.building = self.building.rename(self.building.with_name(self.building.name + _COMPLETE))
                _move_in(self.building, self.target)
        finished.append(self.folder)
        if created:
            note(f"{self.folder}: replaced the run of {created}")

    def _exchange(self) -> bool:
        new_names = _new_names(self.target, self.building)
        copies = [(self.target / name, self.building / new) for name, new in new_names.items() if new is not None]
        for source, copy in copies:
            _copy_by_link(source, copy)
        shutil.copystat(self.target, self.building)
        if not _exchange(self.building, self.target):
            for _, copy in copies:
                if copy.is_dir() and not copy.is_symlink():
                    shutil.rmtree(copy)
                else:
                    copy.unlink()
            return False
        _move_late_files(self.building, self.target, new_names)
        _report_renamed(self.target, new_names)
        return True


@contextlib.contextmanager
def claim(folder: str | Path) -> Iterator[Claim]:
    """Claim the path of a run folder; nothing changes there until :meth:`Claim.publish` is called.

    :raises RunFolderError: if the path is something other than a run folder, if another process is writing a run there,
        or if it cannot be written.
    """
    check_name(folder)
    folder = Path(folder)
    with _named(folder):
        target = Path(os.path.realpath(folder))
        new_folders = [path for path in target.parents if not path.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        home = _home(target)
        with exclusive(home):
            for leftover in _leftovers(target):
                _finish(leftover, target, folder)
            _check_place(folder, target)
            building = home / f"{_prefix(target)}{secrets.token_hex(8)}"
            building.mkdir()
            place = Claim(folder, target, home, building, _open_folder(building))
            lock(place.handle)
    try:
        with _named(folder):
            yield place
    finally:
        # A complete run whose move failed halfway is kept for the next claim.
        if not (place.building.name.endswith(_COMPLETE) and (place.building / NAME).exists()):
            shutil.rmtree(place.building, ignore_errors=True)
        os.close(place.handle)
        for parent in new_folders:
            with contextlib.suppress(OSError):
                parent.rmdir()


def recover(folder: Path) -> None:
    """Finish the interrupted move of a complete run, if there is one."""
    with contextlib.suppress(OSError, EvalkitError):
        target = Path(os.path.realpath(folder))
        if _leftovers(target, _COMPLETE):
            with exclusive(_home(target)):
                for leftover in _leftovers(target, _COMPLETE):
                    _finish(leftover, target, folder)


@contextlib.contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Convert an ``OSError`` to an error that names the folder."""
    try:
        yield
    except OSError as error:
        problem = cannot("written", folder, error)
        raise (problem if problem.exit_code != 2 else RunFolderError(f"{problem}; choose another --out")) from None


def _check_place(folder: Path, target: Path) -> None:
    try:
        target.lstat()
    except FileNotFoundError:
        return
    if not target.is_dir():
        raise RunFolderError(f"{folder} exists and is not a directory; choose another --out")
    if listed_files(target)[0] is None and any(not path.name.startswith(_prefix(target)) for path in target.iterdir()):
        raise RunFolderError(
            f"{folder}: contains something other than a run of evalkit; refusing to write there (choose another --out)"
        )


def _home(target: Path) -> Path:
    """The folder for the hidden folders: the parent, or the run folder itself if only that is writable."""
    parent = target.parent
    if target.is_dir() and (not os.access(parent, os.W_OK | os.X_OK) or target.stat().st_dev != parent.stat().st_dev):
        return target
    return parent


def _prefix(target: Path) -> str:
    return f".evalkit-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"


def _leftovers(target: Path, ending: str = "") -> list[Path]:
    """The hidden folders of claims on this run folder, whether their processes are alive or dead."""
    leftovers: list[Path] = []
    for home in (target.parent, target):
        with contextlib.suppress(OSError):
            leftovers += [path for path in home.glob(f"{_prefix(target)}*{ending}") if not path.is_symlink()]
    return sorted(leftovers)


def _open_folder(path: Path) -> int:
    return -1 if sys.platform == "win32" else os.open(path, os.O_RDONLY)


def _finish(leftover: Path, target: Path, folder: Path) -> None:
    """Remove the hidden folder of a dead process, after finishing its move if it had begun; an error if it is alive."""
    handle = _open_folder(leftover)
    try:
        if not lock(handle) or not same_file(handle, leftover):
            raise RunFolderError(f"{folder}: another run is being written there; wait for it, or choose another --out")
        if leftover.name.endswith(_COMPLETE) and target.is_dir():
            _move_in(leftover, target)
        shutil.rmtree(leftover, ignore_errors=True)
    finally:
        os.close(handle)


def _is_in_use(target: Path) -> bool:
    """Return whether the folder cannot be exchanged: it is, or contains, the working directory or a mount point."""
    with contextlib.suppress(OSError):
        here = Path.cwd()
        if target == here or target in here.parents:
            return True
    return os.path.ismount(target) or any(map(os.path.ismount, target.iterdir()))


def _new_names(target: Path, building: Path) -> dict[str, str | None]:
    """New names of the files of an earlier folder, None for unchanged files of evalkit; without files already replaced."""
    _, checksums = listed_files(target)
    incoming = {path.name for path in building.iterdir()}
    new = {*listed_files(building)[1], NAME}
    new_names: dict[str, str | None] = {}
    for path in sorted(target.iterdir()):
        name = path.name
        if name.startswith(_prefix(target)) or (name in new and name not in incoming):
            continue
        new_names[name] = name
        if name in GATE_REPORTS:
            if not path.is_symlink() and path.is_file() and is_intact_own(path, *GATE_REPORTS[name]):
                new_names[name] = None
        elif name in checksums or name in new:
            new_names[name] = None if is_unchanged(path, checksums) else free_name(path).name
    return new_names


def _report_renamed(folder: Path, new_names: Mapping[str, str | None]) -> None:
    for name, new in new_names.items():
        if new not in (None, name):
            tell(f"{folder / name}: changed since evalkit wrote it, or without a checksum; kept as {new}")


def _move_in(complete: Path, target: Path) -> None:
    """Move the files of a complete run into the folder, ``run.json`` last; can be restarted at any point."""
    if not (complete / NAME).exists():
        return  # everything is already in place
    new_names = _new_names(target, complete)
    incoming = {path.name for path in complete.iterdir()}
    for name, new in new_names.items():
        if new is None and name not in incoming:
            (target / name).unlink()
        elif new not in (None, name):
            (target / name).rename(target / str(new))
    _report_renamed(target, new_names)
    for name in sorted(incoming, key=lambda name: (name == NAME, name)):
        (complete / name).replace(target / name)


def _copy_by_link(source: Path, target: Path) -> None:
    """Create a hard link to the file, or a copy if hard links are not supported; folders include their contents."""
    if source.is_dir() and not source.is_symlink():
        target.mkdir()
        for path in source.iterdir():
            _copy_by_link(path, target / path.name)
        shutil.copystat(source, target)
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(source, target, follow_symlinks=False)


def _move_late_files(old: Path, new: Path, new_names: Mapping[str, str | None]) -> None:
    """Move what was written into the earlier folder after its files had been linked."""
    for path in sorted(old.rglob("*")):
        top, *rest = path.relative_to(old).parts
        name = new_names.get(top, top)
        if name is None or (path.is_dir() and not path.is_symlink()):
            continue
        place = new.joinpath(name, *rest)
        if not (os.path.lexists(place) and os.path.samestat(path.lstat(), place.lstat())):
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return False if the platform or the file system does not support it."""
    paths = os.fsencode(one), os.fsencode(other)
    try:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = libc.renamex_np(*paths, 2)
        else:
            failed = libc.renameat2(-100, paths[0], -100, paths[1], 2)
    except (ImportError, OSError, AttributeError, TypeError):
        return False
    if failed:
        number = ctypes.get_errno()
        if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EBUSY, errno.EXDEV):
            return False
        raise OSError(number, os.strerror(number))
    return True
