"""Machines and kernels in files: they go on as they would have, and a file is not believed."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import hartlab as hl
from hartlab.saving.container import FORMAT, Contents, pack, unpack

from .firmware import at_prompt, command

_COUNTER = "li t0, 0x80001000; loop: ld t1, (t0); addi t1, t1, 1; sd t1, (t0); j loop"


def _same(a: hl.Machine | hl.Kernel, b: hl.Machine | hl.Kernel) -> bool:
    """Whether all of the state is the same, devices and translations included."""
    return bool(a.snapshot()._saved.encode() == b.snapshot()._saved.encode())


def test_a_booted_board_goes_on_from_its_file(tmp_path: Path) -> None:
    machine = at_prompt(disk=bytes(range(256)) * 64, harts=2)
    command(machine, "virtio scan")
    machine.console.send("md.b 80200000 10\n")
    machine.run(5_000)  # in the middle of typing
    file = tmp_path / "booted.hartlab"
    machine.save(file)
    assert file.stat().st_size < 4 << 20
    again = hl.load(file)
    assert isinstance(again, hl.Machine)
    assert _same(machine, again)
    assert again.console.transcript == machine.console.transcript
    for each in (machine, again):
        each.console.expect("\n=> ", 100_000_000)
        assert "00000000: 00 01 02 03" in command(
            each, "virtio read 84000000 0 1; mw.l 84000100 cafe; md.b 84000000 4"
        ).replace("84000000:", "00000000:")
    assert _same(machine, again)
    assert again.disk is not None
    assert again.disk.read(0, 512) == bytes(range(256)) * 2
    again.reset()  # the images are in the file, too
    assert "U-Boot" in again.console.expect("Hit any key", 500_000_000)


def test_a_bare_machine_keeps_registers_devices_and_symbols(tmp_path: Path) -> None:
    machine = hl.Machine("1MiB", code=hl.asm(_COUNTER), harts=3, seed=9, quantum=50)
    machine.run(1_234)
    snapshot = machine.snapshot("here")
    machine.run(777)
    snapshot.save(tmp_path / "then")
    machine.restore(snapshot)
    again = hl.load(tmp_path / "then")
    for each in (machine, again):
        each.run(5_000)
    assert _same(machine, again)
    assert [hart.pc for hart in machine.harts] == [hart.pc for hart in again.harts]
    elf = hl.Machine(image=_at_kernbase())
    elf.save(tmp_path / "elf")
    loaded = hl.load(tmp_path / "elf")
    assert loaded.run_to("spin").reason == "breakpoint"  # by a name of the ELF file


def _at_kernbase() -> bytes:
    """An ELF file with a symbol, made by hand: one segment at KERNBASE."""
    code = hl.asm("nop; spin: j spin")
    names = b"\0spin\0"
    symbols = bytes(24) + struct.pack("<IBBHQQ", 1, 0x12, 0, 1, hl.KERNBASE + 4, 4)
    body = 64 + 56
    sections = body + len(code) + len(symbols) + len(names)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01",
        2,
        243,
        1,
        hl.KERNBASE,
        64,
        sections,
        0,
        64,
        56,
        1,
        64,
        3,
        0,
    )
    segment = struct.pack("<IIQQQQQQ", 1, 5, body, hl.KERNBASE, hl.KERNBASE, len(code), len(code), 4096)
    table = bytes(64)
    table += struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, body + len(code), len(symbols), 2, 1, 8, 24)
    table += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, body + len(code) + len(symbols), len(names), 0, 0, 1, 0)
    return header + segment + code + symbols + names + table


_FORKER = """#include "user.h"
int main(void) {
  int pid = fork();
  for (int i = 0; i < 200; i++) { char *p = sbrk(4096); p[0] = i; }
  if (pid == 0) exit(7);
  int status; wait(&status); printf("child %d\\n", status); return 0;
}
"""


def test_a_kernel_goes_on_from_its_file_with_console_files_and_ends(tmp_path: Path) -> None:
    kernel = hl.Kernel("8MiB", fork="cow", sbrk="lazy", tlb={"sets": 16, "ways": 2})
    kernel.files["motd"] = b"hello"
    kernel.spawn(hl.cc(_FORKER, name="forker"))
    kernel.run(3_000)
    file = tmp_path / "k"
    kernel.save(file)
    assert file.stat().st_size < 200_000  # free pages are described, not stored
    again = hl.load(file)
    assert isinstance(again, hl.Kernel)
    assert _same(kernel, again)
    assert again.policies == kernel.policies
    assert again.files["motd"] == b"hello"
    assert again.hart.tlb().tolist() == kernel.hart.tlb().tolist()
    for each in (kernel, again):
        assert each.run().reason == "finished"
        assert each.console.text == "child 7\n"
        assert each.exits()["status"].tolist() == [7, 0]
    assert _same(kernel, again)
    assert kernel.exits().tolist() == again.exits().tolist()
    assert len(again.audit()) == 0


_COUNTING_C = "static int calls; int kill(int pid) { return ++calls; }"


def test_a_file_names_replaced_functions_and_keeps_the_variables_of_c(tmp_path: Path) -> None:
    def replace(kernel: hl.Kernel) -> None:
        kernel.replace_c(_COUNTING_C)

        @kernel.replace("kalloc")
        def kalloc(k: hl.seam.SeamKernel) -> int:
            return k.native.kalloc()

    kernel = hl.Kernel("4MiB")
    replace(kernel)
    assert [kernel.call("kill", 1) for _ in range(3)] == [1, 2, 3]
    file = tmp_path / "k"
    kernel.save(file)
    with pytest.raises(ValueError, match=r"saved with kalloc, kill replaced\. Say replace="):
        hl.load(file)
    with pytest.raises(ValueError, match="has not replaced kalloc, as the file says"):
        hl.load(file, replace=lambda kernel: kernel.replace_c(_COUNTING_C))
    again = hl.load(file, replace=replace)
    assert again.call("kill", 1) == kernel.call("kill", 1) == 4
    other = hl.load(file, replace=lambda k: (replace(k), k.replace_c("int kill(int pid) { return pid; }")))
    assert other.call("kill", 9) == 9
    assert not hl.load(file, replace="native").replaced


def _rechecked(data: bytes) -> bytes:
    """The file with a right checksum."""
    return data[:32] + hashlib.sha256(data[:32] + data[64:]).digest() + data[64:]


def _with(change: Callable[[dict, bytes], tuple[dict, bytes]]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        contents = unpack(data, 1 << 30)
        return pack(Contents(contents.kind, *change(dict(contents.facts), contents.state)))

    return changed


def _config(**changes: object) -> Callable[[bytes], bytes]:
    return _with(lambda facts, state: ({**facts, "config": {**facts["config"], **changes}}, state))


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda data: b"", "no file that save"),
        (lambda data: b"\x7fELF" + data[4:], "no file that save"),
        (lambda data: data[:40], "within its header"),
        (lambda data: data[:-1], "cut short"),
        (lambda data: data + b"\0", "appended"),
        (lambda data: data[:8] + b"\x63" + data[9:], "version 99 of the format, and this hartlab reads"),
        (lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:], "checksum"),
        (lambda data: _rechecked(data[:12] + b"\7" + data[13:]), "neither a machine"),
        (lambda data: _rechecked(data[:12] + b"\2" + data[13:]), "what it holds cannot be"),
        (lambda data: _rechecked(data[:16] + struct.pack("<Q", 1 << 50) + data[24:]), "max_memory"),
        (lambda data: _rechecked(data[:16] + struct.pack("<Q", 9) + data[24:]), "not as long as it says"),
        (lambda data: _rechecked(data[:64] + bytes(len(data) - 64)), "cannot be decompressed"),
        (_config(ram_size=1 << 35), "RAM, and max_memory"),
        (_config(ram_size="much"), "cannot be"),
        (_config(ram_size=8192), "a run of pages does not fit"),
        (_config(harts=2, tlb=[64, 4, "lru", 1]), "number of harts"),
        (_config(tlb=[1 << 16, 256, "lru", 1]), "TLB is larger than the file"),
        (_config(tlb=[256, 8, "lru", 1]), "a TLB is not as large"),
        (_config(quantum=0), "quantum"),
        (_config(more=1), "cannot be"),
        (_with(lambda facts, state: (facts, state[:-9])), "end too early"),
        (_with(lambda facts, state: (facts, state + b"\0")), "more data than belong"),
        (_with(lambda facts, state: ({}, state)), "cannot be"),
        (_with(lambda facts, state: (facts, b"\2" + state[1:])), "number of harts"),
        (_with(lambda facts, state: (facts, state[:8] + b"\1" + state[9:])), "x0 is not zero"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_an_error_that_says_why(
    tmp_path: Path, damage: Callable[[bytes], bytes], complaint: str
) -> None:
    good = tmp_path / "good"
    hl.Machine("64KiB", code=hl.asm("nop")).save(good)
    bad = tmp_path / "bad"
    bad.write_bytes(damage(good.read_bytes()))
    with pytest.raises(hl.SavedFileError, match=f"bad' cannot be loaded: .*{complaint}"):
        hl.load(bad)


def test_what_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb"
    rest = zlib.compress(bytes(1 << 26))
    header = struct.pack("<8sIIQQ", b"\x89hartlab", FORMAT, 1, 1000, len(rest))
    file.write_bytes(header + hashlib.sha256(header + rest).digest() + rest)
    with pytest.raises(hl.SavedFileError, match="not as long as it says"):
        hl.load(file)


def test_saving_leaves_no_part_of_a_file_behind(tmp_path: Path) -> None:
    machine = hl.Machine("64KiB", code=hl.asm("nop"))
    with pytest.raises(FileNotFoundError):
        machine.save(tmp_path / "no" / "folder")
    machine.save(tmp_path / "file")
    machine.step()
    machine.save(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert hl.load(tmp_path / "file").instructions == 1


@pytest.mark.parametrize(
    "images",
    [{"append": 1 << 70}, {"append": None}, {"kernel": "a path"}, {"bios": b""}, {"initrd": [1, 2]}],
)
def test_images_in_a_file_are_looked_at_as_those_of_a_caller(
    tmp_path: Path, images: dict[str, object]
) -> None:
    hl.Machine("64KiB", kernel=hl.asm("nop; loop: j loop")).save(tmp_path / "good")
    change = _with(lambda facts, state: ({**facts, "images": {**facts["images"], **images}}, state))
    (tmp_path / "bad").write_bytes(change((tmp_path / "good").read_bytes()))
    with pytest.raises(hl.SavedFileError, match="what it holds cannot be"):
        hl.load(tmp_path / "bad")
