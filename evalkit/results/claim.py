"""The place of a run folder: claimed before anything is scored, and taken whole or not at all.

A claim is a hidden folder beside the run folder, locked by the process that builds the run there. So two runs cannot write
to one folder at once, and what a killed process left behind can be recognized and removed.

The finished folder is exchanged with the earlier one in a single step where the platform can do that. Else (and where the
run folder is the working directory or a mount point, which cannot be exchanged) its files are moved one by one, after the
hidden folder was renamed to say that it is complete; if that is interrupted, the next claim or the next reader finishes it.

Only files that an intact ``run.json`` lists with their SHA-256, and reports of a gate with an intact seal, are replaced or
removed. A file of the same name that is not as listed is kept as ``NAME.old``. Everything else stays as it is.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.errors import EvalkitError, RunFolderError
from evalkit.files import cannot, exclusive, finished, is_intact_own, lock, note, same_file, tell
from evalkit.results.run_json import NAME, listed_files, sha256

__all__ = ["Claim", "claim", "recover"]

#: What a gate writes into a run folder, by name: its mark and format.
GATE_REPORTS = {
    "junit.xml": ("evalkit gate", "xml"),
    "badge.json": ('{"schemaVersion": 1, "label": "evalkit"', "json"),
    "comment.md": ("evalkit-gate", "markdown"),
}

_COMPLETE = "-complete"


@dataclass
class Claim:
    """A run folder that nobody else may write to.

    :param folder: as the user named it; ``target`` is the folder behind it, symbolic links followed.
    :param building: the hidden folder where the run is built.
    """

    folder: Path
    target: Path
    home: Path
    building: Path
    handle: int
    made: list[Path] = field(default_factory=list)

    def publish(self) -> None:
        """Put the finished run in its place. ``building`` holds all of its files, ``run.json`` listing the others.

        :raises RunFolderError: where something else has taken the place meanwhile, or it cannot be written.
        """
        created, _ = listed_files(self.target)
        with exclusive(self.home):
            if not self.target.exists():
                self.building.rename(self.target)
            elif _is_in_use(self.target) or self.home == self.target or not self._exchange():
                complete = self.building.with_name(self.building.name + _COMPLETE)
                self.building.rename(complete)
                self.building = complete
                _move_in(complete, self.target)
        finished.append(self.folder)
        if created:
            note(f"{self.folder}: replaced the run of {created}")

    def _exchange(self) -> bool:
        kept = _kept_names(self.target, self.building)
        for name, new in kept.items():
            if new is not None:
                _copy_by_link(self.target / name, self.building / new)
        shutil.copystat(self.target, self.building)
        if not _exchange(self.building, self.target):
            for new in kept.values():
                if new is not None:
                    _remove(self.building / new)
            return False
        _tell_kept(self.target, kept)
        return True


@contextlib.contextmanager
def claim(folder: str | Path) -> Iterator[Claim]:
    """Claim the place of a run folder; without :meth:`Claim.publish`, everything stays as it was.

    :raises RunFolderError: where the place is taken by something else or by another run that is being written, or cannot be
        written.
    """
    folder = Path(folder)
    with _named(folder):
        target = Path(os.path.realpath(folder))
        made = _make_parents(target)
        home = _home(target)
        with exclusive(home):
            for leftover in _leftovers(target):
                _finish(leftover, target, folder)
            _check_place(folder, target)
            place = Claim(folder, target, home, *_building(target, home), made)
    try:
        with _named(folder):
            yield place
    finally:
        # A complete run whose move failed half way is kept for the next claim.
        if not (place.building.name.endswith(_COMPLETE) and (place.building / NAME).exists()):
            shutil.rmtree(place.building, ignore_errors=True)
        os.close(place.handle)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()


def recover(folder: Path) -> None:
    """Finish the move of a complete run that was interrupted; do nothing where there is none."""
    with contextlib.suppress(OSError, EvalkitError):
        target = Path(os.path.realpath(folder))
        if any(path.name.endswith(_COMPLETE) for path in _leftovers(target)):
            with exclusive(_home(target)):
                for leftover in _leftovers(target):
                    if leftover.name.endswith(_COMPLETE):
                        _finish(leftover, target, folder)


@contextlib.contextmanager
def _named(folder: Path) -> Iterator[None]:
    """An ``OSError`` becomes an error that names the folder."""
    try:
        yield
    except OSError as error:
        raise _run_folder_error(folder, error) from None


def _run_folder_error(folder: Path, error: OSError) -> EvalkitError:
    problem = cannot("written", folder, error)
    return problem if problem.exit_code != 2 else RunFolderError(f"{problem}; choose another --out")


def _check_place(folder: Path, target: Path) -> None:
    try:
        target.lstat()
    except FileNotFoundError:
        return
    if not target.is_dir():
        raise RunFolderError(f"{folder} exists and is not a directory; choose another --out")
    if listed_files(target)[0] is None and any(not path.name.startswith(_prefix(target)) for path in target.iterdir()):
        raise RunFolderError(
            f"{folder}: holds something other than a run of evalkit; refusing to write there (choose another --out)"
        )


def _make_parents(target: Path) -> list[Path]:
    """Make the folders above; those that were made, innermost first."""
    missing = [path for path in target.parents if not path.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    return missing


def _home(target: Path) -> Path:
    """The folder that holds the hidden ones: the parent, or the run folder itself where only that can be written."""
    parent = target.parent
    if target.is_dir() and (not os.access(parent, os.W_OK | os.X_OK) or target.stat().st_dev != parent.stat().st_dev):
        return target
    return parent


def _prefix(target: Path) -> str:
    return f".evalkit-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"


def _leftovers(target: Path) -> list[Path]:
    """Hidden folders of claims on this run folder, living and dead."""
    prefix = _prefix(target)
    found: list[Path] = []
    for home in (target.parent, target):
        with contextlib.suppress(OSError):
            found += [path for path in home.iterdir() if path.name.startswith(prefix) and not path.is_symlink()]
    return sorted(found)


def _building(target: Path, home: Path) -> tuple[Path, int]:
    path = home / f"{_prefix(target)}{secrets.token_hex(8)}"
    path.mkdir()
    handle = _open_folder(path)
    lock(handle)
    return path, handle


def _open_folder(path: Path) -> int:
    return -1 if sys.platform == "win32" else os.open(path, os.O_RDONLY)


def _finish(leftover: Path, target: Path, folder: Path) -> None:
    """Remove the hidden folder of a dead process, after its move was finished if it had begun.

    :raises RunFolderError: where the process lives.
    """
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
    """Whether the folder must keep its identity: it is the working directory or above it, or holds a mount point."""
    with contextlib.suppress(OSError):
        here = Path.cwd()
        if target == here or target in here.parents:
            return True
    return os.path.ismount(target) or any(map(os.path.ismount, target.iterdir()))


# -- what stays -----------------------------------------------------------------------------------------------------


def _kept_names(target: Path, building: Path) -> dict[str, str | None]:
    """For each file of the earlier folder the name it is kept under, or None if it is ours and unchanged.

    Files of the new run that are in place already are left out.
    """
    _, listed = listed_files(target)
    incoming = {path.name for path in building.iterdir()}
    new = {*listed_files(building)[1], NAME}
    kept: dict[str, str | None] = {}
    for path in sorted(target.iterdir()):
        name = path.name
        if name.startswith(_prefix(target)) or (name in new and name not in incoming):
            continue
        if name in listed or name in new or name in GATE_REPORTS:
            if _is_ours(path, listed):
                kept[name] = None
                continue
            if name not in GATE_REPORTS:
                kept[name] = _free_name(target, name)
                continue
        kept[name] = name
    return kept


def _is_ours(path: Path, listed: Mapping[str, str]) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    if path.name in GATE_REPORTS:
        return is_intact_own(path, *GATE_REPORTS[path.name])
    return path.name in listed and sha256(path) == listed[path.name]


def _free_name(folder: Path, name: str) -> str:
    number = 1
    while os.path.lexists(folder / (new := f"{name}.old" + (f".{number}" if number > 1 else ""))):
        number += 1
    return new


def _tell_kept(folder: Path, kept: Mapping[str, str | None]) -> None:
    for name, new in kept.items():
        if new not in (None, name):
            tell(f"{folder / name}: changed since evalkit wrote it, or without a checksum; kept as {new}")


# -- putting in place -----------------------------------------------------------------------------------------------


def _move_in(complete: Path, target: Path) -> None:
    """Move the files of a complete run into the folder, ``run.json`` last; may be begun anew at any point."""
    if not (complete / NAME).exists():
        return  # all of it is in place
    kept = _kept_names(target, complete)
    incoming = {path.name for path in complete.iterdir()}
    for name, new in kept.items():
        if new is None and name not in incoming:
            (target / name).unlink()
        elif new not in (None, name):
            (target / name).rename(target / str(new))
    _tell_kept(target, kept)
    for name in sorted(incoming, key=lambda name: (name == NAME, name)):
        (complete / name).replace(target / name)


def _copy_by_link(source: Path, target: Path) -> None:
    """The same file under a second name, or a copy where the file system has no hard links; a folder with all it holds."""
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


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the platform or the file system cannot.

    :raises OSError: where it could and failed.
    """
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
