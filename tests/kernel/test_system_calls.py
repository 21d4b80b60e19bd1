"""Every system call by its number, with arguments that are right and wrong."""

from __future__ import annotations

import struct

import pytest

import hartlab as hl
from kernel.support import assert_sound, owned, small, spin

NUMBERS = {
    "fork": 1,
    "exit": 2,
    "wait": 3,
    "pipe": 4,
    "read": 5,
    "kill": 6,
    "exec": 7,
    "fstat": 8,
    "dup": 10,
    "getpid": 11,
    "sbrk": 12,
    "sleep": 13,
    "uptime": 14,
    "open": 15,
    "write": 16,
    "close": 21,
    "myalloc": 23,
    "myfree": 24,
}
PAGE = hl.PGSIZE


@pytest.fixture
def kernel() -> hl.Kernel:
    return small()


@pytest.fixture
def process(kernel: hl.Kernel) -> hl.Process:
    """With two writable pages from 0x3000 on."""
    process = spin(kernel)
    process.sbrk(2 * PAGE, hl.SBRK_EAGER)
    return process


@pytest.mark.parametrize("name", NUMBERS)
def test_number_is_xv6s(kernel: hl.Kernel, name: str) -> None:
    caller = kernel.spawn(code=hl.asm(f"li a7, {NUMBERS[name]}; ecall; here: j here"))
    with kernel.tracing():
        kernel.run(3000)
    calls = kernel.trace()[(kernel.trace()["kind"] == "syscall") & (kernel.trace()["pid"] == caller.pid)]
    assert (calls["what"][0], calls["code"][0]) == (name, NUMBERS[name])


@pytest.mark.parametrize("number", [0, 9, 17, 18, 19, 20, 22, 25, 99, -1, (1 << 31) - 1, -(1 << 31)])
def test_unknown_number_prints_xv6s_line_and_returns_minus_1(kernel: hl.Kernel, number: int) -> None:
    caller = kernel.spawn(code=hl.asm(f"li a7, {number}; ecall; mv s1, a0; here: j here"), name="caller")
    kernel.run(3000)
    assert kernel.console.text == f"{caller.pid} caller: unknown sys call {number}\n"
    assert caller.registers.s1 == (1 << 64) - 1
    assert caller.alive


def test_number_is_an_int(kernel: hl.Kernel) -> None:
    caller = kernel.spawn(code=hl.asm("li a7, 0x70000000b; ecall; mv s1, a0; here: j here"))
    kernel.run(3000)
    assert caller.registers.s1 == caller.pid


def test_getpid_and_uptime(process: hl.Process) -> None:
    assert process.syscall("getpid") == process.pid
    assert process.syscall("uptime") == 0


# -- files -------------------------


def test_open_gives_the_lowest_free_descriptor(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.files["/f"] = b"0123456789"
    assert [process.open("/f") for _ in range(3)] == [3, 4, 5]
    assert process.close(4) == 0
    assert process.close(0) == 0
    assert [process.open("f"), process.open("./f"), process.open("//f")] == [0, 4, 6]
    assert_sound(kernel)


@pytest.mark.parametrize(
    ("path", "flags", "why"),
    [
        ("/nonesuch", 0, "there is no file"),
        ("/nonesuch", 0x200, "none can be created"),
        ("", 0, "there is no file"),
        ("/f", 1, "cannot be written"),
        ("/f", 2, "cannot be written"),
        ("/f", 0x400, "cannot be truncated"),
        ("/" + "f" * 127, 0, "longer than 127 characters"),
        ("/", 1, "cannot be written"),
    ],
)
def test_open_that_fails_is_minus_1(
    kernel: hl.Kernel, process: hl.Process, path: str, flags: int, why: str
) -> None:
    kernel.files["/f"] = b"x"
    process.store(0x3000, path.encode() + b"\0")
    assert process.syscall("open", 0x3000, flags) == -1
    assert why in kernel.why
    assert len(process.files()) == 3
    assert_sound(kernel)


def test_path_that_cannot_be_read_is_minus_1(process: hl.Process) -> None:
    for va in (PAGE, process.sz, hl.TRAPFRAME, hl.KERNBASE, (1 << 64) - 1):
        assert process.syscall("open", va, 0) == -1


def test_seventeenth_descriptor_and_hundredth_file_are_minus_1(
    kernel: hl.Kernel, process: hl.Process
) -> None:
    kernel.files["/f"] = b"x"
    assert [process.open("/f") for _ in range(14)] == [*range(3, 16), -1]
    assert process.dup(0) == -1
    others = [spin(kernel) for _ in range(8)]
    opened = sum(other.open("/f") >= 0 for other in others for _ in range(13))
    assert opened + 13 + 1 == 100  # and the console
    assert "all 100 open files" in kernel.why
    assert others[-1].syscall("pipe", 0x2000) == -1
    assert_sound(kernel)
    for other in others:
        other.exit()
    assert len(kernel.open_files()) == 16 + 3  # ours and init's
    assert_sound(kernel)


@pytest.mark.parametrize(
    ("size", "chunks"), [(0, [b""]), (3, [b"012", b"345", b"678", b"9", b""]), (99, [b"0123456789", b""])]
)
def test_read_goes_on_where_it_ended(
    kernel: hl.Kernel, process: hl.Process, size: int, chunks: list[bytes]
) -> None:
    kernel.files["/f"] = b"0123456789"
    fd = process.open("/f")
    assert [process.read(fd, size) for _ in chunks] == chunks


def test_read_of_several_pages_to_lazy_memory(kernel: hl.Kernel, process: hl.Process) -> None:
    text = bytes(i % 253 for i in range(3 * PAGE + 77))
    kernel.files["/f"] = text
    heap = process.sbrk(4 * PAGE, hl.SBRK_LAZY)
    assert process.syscall("read", process.open("/f"), heap + 100, 1 << 20) == len(text)
    assert process.page_table.peek(heap + 100, len(text)) == text
    assert_sound(kernel)


@pytest.mark.parametrize(
    ("call", "args"),
    [
        ("read", (3, 0x3000, 4)),
        ("read", (-1, 0x3000, 4)),
        ("read", (16, 0x3000, 4)),
        ("read", (1 << 31, 0x3000, 4)),
        ("write", (7, 0x3000, 4)),
        ("close", (3,)),
        ("close", (-1,)),
        ("close", (99,)),
        ("dup", (15,)),
        ("dup", (-5,)),
        ("fstat", (3, 0x3000)),
    ],
)
def test_descriptor_that_is_not_open_is_minus_1(
    process: hl.Process, call: str, args: tuple[int, ...]
) -> None:
    assert process.syscall(call, *args) == -1


def test_read_only_and_write_only_are_kept_apart(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.files["/f"] = b"x"
    fd = process.open("/f")
    assert process.write(fd, b"y") == -1
    assert "not open for writing" in kernel.why
    console = process.open("console", 1)
    assert process.read(console, 1) == -1
    assert "not open for reading" in kernel.why
    assert process.write(console, b"hello\n") == 6
    assert kernel.console.text == "hello\n"


def test_read_to_memory_that_is_not_there_is_minus_1(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.files["/f"] = b"x" * 100
    fd = process.open("/f")
    for va in (PAGE, process.sz, hl.TRAPFRAME, hl.MAXVA, (1 << 64) - 50):
        assert process.syscall("read", fd, va, 100) == -1
    assert process.read(fd, 100) == b"x" * 100


def test_dup_shares_the_offset(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.files["/f"] = b"abcdef"
    fd = process.open("/f")
    twin = process.dup(fd)
    assert twin == 4
    assert (process.read(fd, 2), process.read(twin, 2)) == (b"ab", b"cd")
    assert process.close(fd) == 0
    assert process.read(twin, 9) == b"ef"
    assert process.files()["ref"][3] == 1


def test_fstat_fills_struct_stat(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.files["/f"] = b"x" * 1234
    fd = process.open("/f")
    assert process.syscall("fstat", fd, 0x3000) == 0
    device, inode, kind, links, size = struct.unpack("<iIhhxxxxQ", process.load(0x3000, 24))
    assert (device, kind, links, size) == (1, 2, 1, 1234)
    assert inode > 0
    assert process.fstat(0)["type"] == 3
    assert process.fstat(process.open("/"))["type"] == 1
    assert process.syscall("fstat", fd, PAGE) == -1
    reader, _ = process.pipe()
    assert process.fstat(reader) == -1


def test_file_registered_anew_is_new_for_those_who_open_it_then(
    kernel: hl.Kernel, process: hl.Process
) -> None:
    kernel.files["/f"] = b"old"
    first = process.open("/f")
    kernel.files["/f"] = b"newer"
    second = process.open("/f")
    assert (process.read(first, 9), process.read(second, 9)) == (b"old", b"newer")


def test_fifty_files_in_use_are_the_limit(kernel: hl.Kernel) -> None:
    for i in range(60):
        kernel.files[f"/f{i}"] = b"%d" % i
    processes = [spin(kernel) for _ in range(5)]
    got = [p.open(f"/f{12 * n + i}") for n, p in enumerate(processes) for i in range(12)]
    assert sum(fd >= 0 for fd in got) == 48  # beside the root directory and the console
    assert processes[0].exec("/f59") == -1
    assert "all inodes are in use" in kernel.why
    assert_sound(kernel)


# -- pipes -------------------------


def test_pipe_gives_two_descriptors_and_takes_a_page(kernel: hl.Kernel, process: hl.Process) -> None:
    free = kernel.free_pages
    assert process.syscall("pipe", 0x3000) == 0
    assert struct.unpack("<ii", process.load(0x3000, 8)) == (3, 4)
    assert (kernel.free_pages, owned(kernel)["pipe"]) == (free - 1, 1)
    assert_sound(kernel)
    process.close(3)
    assert kernel.free_pages == free - 1
    process.close(4)
    assert kernel.free_pages == free
    assert_sound(kernel)


def test_pipe_is_first_in_first_out_and_holds_512_bytes(kernel: hl.Kernel, process: hl.Process) -> None:
    reader, writer = process.pipe()
    assert process.write(writer, b"a" * 300) == 300
    assert process.write(writer, b"b" * 212) == 212
    with pytest.raises(hl.WouldBlock):
        process.write(writer, b"c")
    assert process.read(reader, 1000) == b"a" * 300 + b"b" * 212
    with pytest.raises(hl.WouldBlock):
        process.read(reader, 1)
    for round_ in range(5):  # the counters go round the buffer
        assert process.write(writer, bytes([round_]) * 400) == 400
        assert process.read(reader, 400) == bytes([round_]) * 400


def test_read_after_the_writers_are_gone_is_the_rest_and_then_the_end(process: hl.Process) -> None:
    reader, writer = process.pipe()
    process.write(writer, b"rest")
    process.close(writer)
    assert [process.read(reader, 3), process.read(reader, 9), process.read(reader, 9)] == [b"res", b"t", b""]


def test_write_without_readers_is_minus_1(kernel: hl.Kernel, process: hl.Process) -> None:
    reader, writer = process.pipe()
    process.close(reader)
    assert process.write(writer, b"x") == -1
    assert "nobody has the pipe open for reading" in kernel.why


@pytest.mark.parametrize("va", [PAGE, 0x7000, hl.TRAPFRAME, (1 << 64) - 4])
def test_pipe_that_cannot_tell_its_descriptors_gives_all_back(
    kernel: hl.Kernel, process: hl.Process, va: int
) -> None:
    free = kernel.free_pages
    assert process.syscall("pipe", va) == -1
    assert kernel.free_pages == free
    assert len(process.files()) == 3
    assert_sound(kernel)


def test_every_failing_allocation_of_pipe_loses_nothing(kernel: hl.Kernel, process: hl.Process) -> None:
    pid = process.pid
    sweep = hl.sweep_failures(lambda k: k.process(pid).syscall("pipe", 0x3000), kernel)
    assert (sweep.allocations, sweep.clean, list(sweep.table["result"])) == (1, True, ["-1"])


def test_programs_pass_more_through_a_pipe_than_it_holds(kernel: hl.Kernel) -> None:
    code = hl.asm(
        """
        addi s0, sp, -64
        mv a0, s0
        li a7, 4
        ecall                # pipe(fds)
        li a7, 1
        ecall                # fork
        beqz a0, child
        lw a0, 4(s0)
        li a7, 21
        ecall                # the parent closes the end to write to
        li s1, 0             # bytes
    more:
        lw a0, 0(s0)
        addi a1, sp, -1024
        li a2, 300
        li a7, 5
        ecall                # read
        add s1, s1, a0
        bgtz a0, more
        li a0, 0
        li a7, 3
        ecall                # wait(0)
        li t0, 1000
        div a0, s1, t0
        li a7, 2
        ecall                # exit(thousands)
    child:
        lw a0, 4(s0)
        li a1, 0
        li a2, 3000
        li a7, 16
        ecall                # write 3000 bytes at once
        mv a0, zero
        li a7, 2
        ecall
        """
    )
    process = kernel.spawn(code=code)
    assert kernel.run().reason == "finished"
    assert process.exit_status == 3
    assert owned(kernel).get("pipe", 0) == 0


def test_blocked_reader_and_writer_are_named(kernel: hl.Kernel) -> None:
    code = hl.asm(
        "addi a0, sp, -64; li a7, 4; ecall; lw a0, -64(sp); addi a1, sp, -32; li a2, 1; li a7, 5; ecall"
    )
    reader = kernel.spawn(code=code, name="reader")
    result = kernel.run()
    assert result.reason == "idle"
    assert "reads from an empty pipe" in result.detail
    assert (reader.state, reader.waits_in) == ("SLEEPING", "read")
    assert_sound(kernel)


# -- the console -------------------------


def test_console_write_is_data_and_returns_the_length(kernel: hl.Kernel, process: hl.Process) -> None:
    assert process.write(1, b"one ") == 4
    assert process.write(2, b"two\n\xff\0") == 6
    assert kernel.console.output == b"one two\n\xff\0"
    assert process.syscall("write", 1, 0x3000, 0) == 0
    assert process.syscall("write", 1, 0x3000, -1) in (0, -1)


def test_console_write_stops_where_memory_ends(kernel: hl.Kernel, process: hl.Process) -> None:
    process.store(process.sz - 3, b"end")
    assert process.syscall("write", 1, process.sz - 3, 10) in (3, 0, -1)
    assert process.syscall("write", 1, hl.TRAPFRAME, 10) in (0, -1)


def test_console_read_takes_a_line(kernel: hl.Kernel, process: hl.Process) -> None:
    with pytest.raises(hl.WouldBlock):
        process.read(0, 100)
    kernel.console.send("par")
    with pytest.raises(hl.WouldBlock):
        process.read(0, 100)
    kernel.console.send("tial\nnext\n")
    assert process.read(0, 100) == b"partial\n"
    assert process.read(0, 3) == b"nex"
    assert process.read(0, 100) == b"t\n"
    assert kernel.console.text == "partial\nnext\n"  # the echo


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("ab\x7fc\n", b"ac\n"),
        ("ab\x08\x08\x08c\n", b"c\n"),
        ("wrong\x15right\n", b"right\n"),
        ("return\r", b"return\n"),
    ],
)
def test_console_line_can_be_edited(kernel: hl.Kernel, process: hl.Process, typed: str, line: bytes) -> None:
    kernel.console.send(typed)
    assert process.read(0, 100) == line


def test_ctrl_d_ends_the_input(kernel: hl.Kernel, process: hl.Process) -> None:
    kernel.console.send("abc\x04")
    assert process.read(0, 100) == b"abc"
    assert process.read(0, 100) == b""
    kernel.console.send("\x04")
    assert process.read(0, 100) == b""


def test_more_can_be_typed_than_the_buffer_holds(kernel: hl.Kernel, process: hl.Process) -> None:
    text = "".join(f"line {i}\n" for i in range(100))
    kernel.console.send(text)
    assert kernel.console.pending > 0
    got = b"".join(iter(lambda: process.read(0, 1000), b"line 99\n"))
    assert got + b"line 99\n" == text.encode()
    assert kernel.console.pending == 0
