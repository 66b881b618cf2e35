"""Writing and reading files: completely or not at all, only files that evalkit owns, within limits."""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path

import pytest

from evalkit import files, reading
from evalkit.errors import InputError, ResourceError

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_file_is_written_whole_with_its_mode_and_through_links(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    files.write_file(path, "一\n")
    assert path.read_bytes() == "一\n".encode()
    path.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(path)
    files.write_file(link, b"two")
    assert link.is_symlink() and path.read_bytes() == b"two" and path.stat().st_mode & 0o777 == 0o640
    files.write_file(path, "half \udcff")
    assert path.read_bytes() == rb"half \udcff"
    assert names(path.parent) == ["file"]
    for write in (
        lambda: files.write_file("-", "text"),
        lambda: files.append_file("-", "text"),
        lambda: files.check_own("-/junit.xml", "evalkit gate", "xml"),
    ):
        with pytest.raises(InputError, match="-: name a file"):
            write()


@posix
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
@pytest.mark.parametrize("number", [28, 5, 13])
def test_a_failing_disk_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path if call == "replace" else os, call, fail)
    with pytest.raises(ResourceError if number in (28, 5) else InputError, match="file: cannot be written: "):
        files.write_file(path, "new")
    assert path.read_text() == "old" and names(tmp_path) == ["file"]


@posix
def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    dead, living, user = (
        tmp_path / name for name in (f".evalkit-{'a' * 16}.tmp", f".evalkit-{'b' * 16}.tmp", ".evalkit-notes.tmp")
    )
    for path in (dead, living, user):
        path.write_text("x")
    with living.open() as file:
        assert files.lock(file.fileno())
        files.write_file(tmp_path / "file", "x")
        assert names(tmp_path) == [living.name, user.name, "file"]


@posix
def test_a_device_is_written_to_and_a_full_one_is_an_error_of_the_environment(tmp_path: Path) -> None:
    files.write_file(os.devnull, "x")
    assert not Path(os.devnull).is_file()
    if Path("/dev/full").exists():
        with pytest.raises(ResourceError, match="No space left"):
            files.write_file("/dev/full", "x")


@pytest.mark.parametrize("path", ["x" * 300, "file/under", "."])
def test_a_path_that_cannot_be_written_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("x")
    with pytest.raises(InputError):
        files.write_file(path, "x")
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("format_", ["html", "markdown", "xml", "latex", "text"])
def test_a_text_of_ours_is_replaced_a_changed_one_kept_and_another_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, format_: str
) -> None:
    path = tmp_path / "file"
    for text in ("one", f"two sha256:{files.ZEROS}\n", ""):
        files.write_own(path, text, "evalkit test", format_)
        assert path.read_text().startswith(text) and files.seal_is_intact(path.read_bytes())
    assert not caplog.records and names(tmp_path) == ["file"]
    for number in (1, 2):
        path.write_text(f"edited {number} {path.read_text()}")
        files.write_own(path, "three", "evalkit test", format_)
    assert [r.getMessage() for r in caplog.records if "changed since" in r.getMessage()]
    assert names(tmp_path) == ["file", "file.old", "file.old.2"]
    assert (tmp_path / "file.old").read_text().startswith("edited 1")
    with pytest.raises(InputError, match="refusing to overwrite"):
        files.write_own(path, "four", "evalkit other", format_)
    assert path.read_text().startswith("three")


def test_a_format_without_comments_is_known_by_its_start(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    for _ in range(2):
        files.write_own(path, "system,task\n", "system,task", "csv")
    path.write_text("name,system,task\n")
    with pytest.raises(InputError, match="refusing to overwrite"):
        files.write_own(path, "system,task\n", "system,task", "csv")


def test_any_changed_byte_breaks_the_seal() -> None:
    sealed = files.seal(f'{{"a": 1, "sha256": "{files.ZEROS}"}}\n').encode()
    assert files.seal_is_intact(sealed) and not files.seal_is_intact(b'{"a": 1}')
    for i in range(len(sealed)):
        assert not files.seal_is_intact(sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :])


def test_appending_keeps_lines_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "history"
    files.append_file(path, "one\n")
    with path.open("a") as file:
        file.write("cut sho")
    files.append_file(path, "two\n")
    assert path.read_text() == "one\ncut sho\ntwo\n"
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) <= 3:
            raise OSError(28, "No space left on device")
        return write(handle, data[:3])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(ResourceError):
        files.append_file(path, "three\n")
    assert path.read_text() == "one\ncut sho\ntwo\n"


@posix
def test_devices_sockets_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        for path, kind in ((tmp_path, "directory"), ("/dev/zero", "device"), (tmp_path / "s", "socket")):
            with pytest.raises(InputError, match=f"this is a {kind}"):
                reading.read_file(path, limit=10)
    with pytest.raises(InputError, match="No such file"):
        reading.read_file(tmp_path / "none", limit=10)
    (tmp_path / "large").write_bytes(b"x" * 11)
    with pytest.raises(InputError, match="larger than 10 bytes"):
        reading.read_file(tmp_path / "large", limit=10)
    assert reading.read_file(tmp_path / "large", limit=11) == b"x" * 11


@posix
def test_a_pipe_is_read_to_its_end_and_a_wait_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.05)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = b"data" * 50_000

    def write() -> None:
        while not caplog.records:
            pass
        path.write_bytes(content)

    writer = threading.Thread(target=write)
    writer.start()
    with caplog.at_level(logging.WARNING, "evalkit"):
        assert reading.read_file(path, limit=10**6) == content
    writer.join()
    assert caplog.records[0].getMessage() == f"{path}: waiting for data"
