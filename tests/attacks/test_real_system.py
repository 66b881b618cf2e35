"""Kills and full disks without patches: ``strace`` ends the process at its n-th call, and a small tmpfs really is full.

Both take minutes, and are skipped where tracing or mounting is not allowed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from attacks.writers import WHAT, Writers, litter, scored
from evalkit.errors import ResourceError

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("writers.py")
#: Calls that change the file system. Opening a file is not needed: nothing happens between it and the next of these.
CALLS = (
    "write,writev,pwrite64,pwritev,copy_file_range,sendfile,rename,renameat,renameat2,mkdir,mkdirat,rmdir,unlink,unlinkat,"
    "link,linkat,symlink,symlinkat,fsync,fdatasync,truncate,ftruncate,chmod,fchmod,fchmodat,utimensat"
)


def environment() -> dict[str, str]:
    found = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    if "EVALKIT_TEST_WHEEL" not in found:
        found["PYTHONPATH"] = str(REPOSITORY)
    return found


def traced(options: list[str], what: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = ["strace", "-qq", "-f", *options, sys.executable, str(SCRIPT), what, str(folder)]
    return subprocess.run(command, env=environment(), capture_output=True, timeout=120, check=False)


def can_trace() -> bool:
    command = ["strace", "-qq", "-f", "-e", "trace=write", "true"]
    return bool(shutil.which("strace")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not can_trace(), reason="needs strace, and leave to trace")
@pytest.mark.parametrize("what", WHAT)
def test_a_kill_at_every_call_of_the_system(tmp_path: Path, what: str) -> None:
    results, seen = scored(), set()
    prepared = Writers(tmp_path / "prepared", results)
    prepared.folder.mkdir()
    prepared.write(what, False)
    shutil.copytree(prepared.folder, tmp_path / "counted")
    log = tmp_path / "calls"
    assert traced(["-e", f"trace={CALLS}", "-o", str(log)], what, tmp_path / "counted").returncode == 0
    calls = re.findall(r"^(\d+) +(\w+)\((.*)", log.read_text(errors="replace"), re.M)
    main = next(process for process, name, arguments in calls if arguments.startswith('1, "begin'))
    names = [name for process, name, _ in calls if process == main]
    begin = next(i for i, call in enumerate(c for c in calls if c[0] == main) if call[2].startswith('1, "begin'))
    for i in range(begin + 1, len(names)):
        writers = Writers(tmp_path / str(i), results)
        shutil.copytree(prepared.folder, writers.folder)
        when = names[: i + 1].count(names[i])
        inject = ["-o", os.devnull, "-e", f"trace={CALLS}", "-e", f"inject={names[i]}:signal=KILL:when={when}"]
        assert traced(inject, what, writers.folder).returncode == -9, (names[i], when)
        seen.add(writers.check(what))
        writers.write(what, True)
        assert not litter(writers.folder)
        seen.add(writers.check(what))
        shutil.rmtree(writers.folder)
    print(f"{what}: killed at each of {len(names) - begin - 1} calls")
    assert len(names) - begin > 3 and len(seen) >= 2


IN_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    command = [*IN_NAMESPACE, "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/tmp"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="needs leave to mount a tmpfs")
@pytest.mark.parametrize("what", WHAT)
def test_a_disk_that_is_really_full(tmp_path: Path, what: str) -> None:
    command = [*IN_NAMESPACE, sys.executable, str(Path(__file__)), what, str(tmp_path)]
    env = environment()
    env["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), env.get("PYTHONPATH", "")])
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    print(what, done.stdout)


def fill(what: str, folder: Path) -> None:
    """Write to a disk with room for one more page, or one more file, each time, until everything fits."""
    results = scored()
    full, seen = 0, set()
    for limit, unit in (("size", 4096), ("nr_inodes", 1)):
        room = 0
        while True:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)], check=True)
            writers = Writers(folder, results)
            writers.write(what, False)
            before = writers.check(what)
            status = os.statvfs(folder)
            used = (
                (status.f_blocks - status.f_bfree) * status.f_frsize
                if limit == "size"
                else status.f_files - status.f_ffree
            )
            remount = ["mount", "-o", f"remount,{limit}={used + room * unit}", str(folder)]
            subprocess.run(remount, check=True)
            try:
                writers.write(what, True)
                fits = True
            except ResourceError:
                fits = False
                full += 1
                assert writers.check(what) == before
            assert not litter(folder)
            subprocess.run(["mount", "-o", "remount,size=64m,nr_inodes=10000", str(folder)], check=True)
            writers.write(what, True)
            seen.add(writers.check(what))
            assert writers.check(what) != before
            subprocess.run(["umount", str(folder)], check=True)
            if fits:
                break
            room += 1
    print("full", full, "times")
    assert full and len(seen) == 1


if __name__ == "__main__":
    fill(sys.argv[1], Path(sys.argv[2]))
