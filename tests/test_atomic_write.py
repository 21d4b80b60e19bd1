"""Files that are replaced as a whole: what is there before, after, and when it goes wrong."""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

import hartlab as hl
from hartlab.atomic_write import atomic_write

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and limits of POSIX")


def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    versions = {bytes([number]) * (1 << 16) for number in range(4)}
    atomic_write(path, min(versions))
    torn: list[int] = []
    ends = threading.Event()

    def read() -> None:
        while not ends.is_set():
            if (data := path.read_bytes()) not in versions:
                torn.append(len(data))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(25):
        for version in versions:
            atomic_write(path, version)
    ends.set()
    reader.join()
    assert not torn
    assert os.listdir(tmp_path) == ["file"]


@posix
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "file"
    atomic_write(path, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match="file") as caught:
            atomic_write(path, bytes(1 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(path))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_an_interruption_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "file"
    atomic_write(path, b"old")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@posix
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_permissions_are_those_that_open_gives(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        atomic_write(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode


@posix
def test_a_link_stays_and_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link"
    link.symlink_to(Path("folder") / "file")
    for data in (b"one", b"two"):
        atomic_write(link, iter([data[:1], data[1:]]))
        assert (tmp_path / "folder" / "file").read_bytes() == data
    assert link.is_symlink()
    assert os.listdir(tmp_path / "folder") == ["file"]
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match=r"pipe") as caught:
        atomic_write(tmp_path / "pipe", b"data")
    assert caught.value.errno == errno.EINVAL
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    machine = hl.Machine("64KiB", code=hl.asm("nop"))
    with pytest.raises(FileNotFoundError, match=r"no.folder"):
        machine.save(tmp_path / "no" / "folder")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder") as caught:
        machine.save(tmp_path / "folder")
    assert caught.value.filename == str(tmp_path / "folder")
    assert os.listdir(tmp_path) == ["folder"]


def test_a_saved_state_is_on_the_disk_before_it_replaces_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []

    def recorded(name: str) -> None:
        call = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *args: (order.append(name), call(*args))[1])

    recorded("fsync")
    recorded("replace")
    hl.Machine("64KiB", code=hl.asm("nop")).save(tmp_path / "file")
    assert order == ["fsync", "replace"]
