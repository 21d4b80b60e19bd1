"""A disk whose file follows what the guest writes, and every disk whose file does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hartlab as hl

from .firmware import at_prompt, command

SIZE = 64 * 512


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "fs.img"
    path.write_bytes(bytes(range(256)) * (SIZE // 256))
    return path


def test_without_being_asked_for_nothing_is_written_to_the_file(image: Path) -> None:
    before = image.read_bytes()
    machine = hl.Machine(disk=image)
    machine.disk.write(0, b"changed")
    machine.run(10)
    assert not machine.disk.writable
    assert image.read_bytes() == before
    with pytest.raises(ValueError, match="stay in memory"):
        machine.disk.flush()


def test_the_file_follows_the_guest_the_host_restores_and_steps_back(image: Path) -> None:
    before = image.read_bytes()
    machine = hl.Machine(disk=image, disk_writable=True, code=hl.asm("nop; nop; j 0"))
    snapshot = machine.snapshot()
    machine.disk.write(5000, b"by the host")
    machine.run(1)
    assert image.read_bytes() == machine.disk.read(0, SIZE) != before
    machine.disk.write(0, b"flushed")
    machine.disk.flush()
    assert image.read_bytes()[:7] == b"flushed"
    machine.restore(snapshot)
    assert image.read_bytes() == before
    assert repr(image) in repr(machine.disk) or str(image) in repr(machine.disk)
    machine.disk.write(SIZE - 3, b"end")
    machine.close()
    assert image.read_bytes() == before[:-3] + b"end"


def test_saving_to_the_file_that_follows_leaves_it_following(image: Path, tmp_path: Path) -> None:
    machine = hl.Machine(disk=image, disk_writable=True)
    machine.disk.write(0, b"one")
    machine.disk.save(image)
    assert image.read_bytes()[:3] == b"one"
    machine.disk.write(0, b"two")
    machine.disk.save(tmp_path / "copy.img")
    machine.run(10)
    assert image.read_bytes() == (tmp_path / "copy.img").read_bytes() == machine.disk.read(0, SIZE)
    assert image.read_bytes()[:3] == b"two"


def test_a_guest_writes_through_virtio(tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(bytes(1 << 20))
    machine = at_prompt(disk=image, disk_writable=True)
    command(machine, "virtio scan")
    machine.memory.write(0x8400_0000, b"from the guest")
    command(machine, "virtio write 84000000 3 1")
    assert image.read_bytes()[3 * 512 :][:14] == b"from the guest"
    assert len(image.read_bytes()) == 1 << 20


def test_clones_and_loaded_machines_never_write_to_the_file(image: Path, tmp_path: Path) -> None:
    machine = hl.Machine(disk=image, disk_writable=True, code=hl.asm("j 0"))
    machine.save(tmp_path / "saved")
    before = image.read_bytes()
    for other in (machine.clone(), machine.clone(machine.snapshot()), hl.load(tmp_path / "saved")):
        assert not other.disk.writable
        other.disk.write(0, b"elsewhere")
        other.run(1)
        other.close()
    machine.run(1)
    assert image.read_bytes() == before


def test_what_cannot_be_is_refused(image: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="path of a file"):
        hl.Machine(disk=b"bytes", disk_writable=True)
    with pytest.raises(ValueError, match="path of a file"):
        hl.Machine(disk_writable=True)
    uneven = tmp_path / "uneven"
    uneven.write_bytes(b"x" * 700)
    with pytest.raises(ValueError, match="700 bytes, and a disk that is written to must be of whole sectors"):
        hl.Machine(disk=uneven, disk_writable=True)
    machine = hl.Machine(disk=image, disk_writable=True)
    with pytest.raises(BlockingIOError, match="being written to by another machine"):
        hl.Machine(disk=image, disk_writable=True)
    with pytest.raises(ValueError, match="another disk"):
        machine.restore(hl.Machine().snapshot())
    machine.close()
    hl.Machine(disk=image, disk_writable=True).close()


def test_a_read_only_file_is_refused_with_what_to_do(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open  # root, as whom the tests may run, is denied nothing

    def denied(self: Path, mode: str = "r", *more: Any) -> Any:
        if "+" in mode:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, mode, *more)

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(PermissionError, match="leave out disk_writable="):
        hl.Machine(disk=image, disk_writable=True)
    assert hl.Machine(disk=image).disk is not None
