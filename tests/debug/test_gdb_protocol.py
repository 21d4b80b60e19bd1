"""The remote protocol, packet by packet: no GDB is needed."""

from __future__ import annotations

import random
import socket
import threading
import time
import xml.etree.ElementTree as ElementTree

import pytest

import hartlab as hl
from hart.boards import RAM, A, D, R, Tables, V, W, X, board
from hartlab.gdb.packets import PACKET_SIZE, Decoder, Signal, encode
from hartlab.gdb.session import Session

from .client import Client, payload_of

PC, PRIVILEGE, CSR = 32, 4161, 65
MALFORMED, ABSENT, BUSY = "E01", "E0e", "E10"


def client(code: str = "nop; nop; loop: j loop", **options: object) -> Client:
    return Client(board(code, **options))


# -- packets -------------------------------------------------------------------------------------------------


def test_what_is_encoded_is_decoded_wherever_the_stream_is_cut() -> None:
    rng = random.Random(1)
    payloads = [rng.randbytes(rng.randrange(40)) for _ in range(50)] + [b"}#$*" * 3, b"", b"}"]
    stream = b"+".join(map(encode, payloads))
    decoder, found = Decoder(), []
    while stream:
        cut = rng.randrange(1, 9)
        found += [item for item in decoder.feed(stream[:cut]) if item is not Signal.acknowledged]
        stream = stream[cut:]
    assert found == payloads


@pytest.mark.parametrize(
    ("stream", "found"),
    [
        (b"+-\x03", [Signal.acknowledged, Signal.resend, Signal.interrupt]),
        (b"noise$g#67", [b"g"]),
        (b"$g#66", [Signal.damaged]),
        (b"$g#zz$g#67", [Signal.damaged, b"g"]),
        (b"$lost$g#67", [Signal.damaged, b"g"]),
        (b"$X}\x03#" + b"%02x" % (sum(b"X}\x03") % 256), [b"X#"]),
        (b"$" + b"a" * (PACKET_SIZE + 100) + b"+", [Signal.damaged]),
    ],
)
def test_streams_that_are_not_as_they_should_be(stream: bytes, found: list[object]) -> None:
    assert list(Decoder().feed(stream)) == found


def test_packets_are_acknowledged_until_the_client_does_without() -> None:
    session = Session(board("nop"))
    assert session.receive(b"$QStartNoAckMode#b0") == b"+$OK#9a"
    assert session.receive(encode(b"QStartNoAckMode")) == b"$OK#9a"
    assert session.receive(b"$g#00") == b""


def test_a_damaged_packet_is_asked_for_again_and_the_last_reply_given_again() -> None:
    session = Session(board("nop"))
    assert session.receive(b"$qC#00") == b"-"
    first = session.receive(encode(b"qC"))
    assert session.receive(b"-") == first.removeprefix(b"+")


@pytest.mark.parametrize(
    "packet",
    [
        "p", "pzz", "p-1", "P0", "P0=00", "P20=" + "zz" * 8, "m", "m0", "m,1", "mx,1", "M80000000,2:00",
        "G00", "Hx1", "Hg",
        "Hg9", "T9", "Z0", "Z0,1", "Z9,0,1", "Z2,0,0", "Z2,0,ffffffffffff", "z0,,", "bx", "b", "vCont;",
        "vCont;x",
        "vCont;s:9", "vCont;r1", "qRcmd,0", "qThreadExtraInfo,9", "P20=0100000000000000",
        "P1041=0700000000000000",
        "Z0,11111111111111111,2", "m 80000000,4", "m0x80000000,4", "czz", "s-1",
    ],
)  # fmt: skip
def test_packets_that_make_no_sense_get_an_error_and_change_nothing(packet: str) -> None:
    talk = client()
    before = talk.ask("g")
    assert talk.ask(packet) == MALFORMED
    assert talk.ask("g") == before
    assert not talk.session.running


@pytest.mark.parametrize(
    "packet", ["", "!", "A", "R00", "qXfer:auxv:read::0,100", "QNonStop:1", "vRun", "x80000000,4"]
)
def test_what_is_not_supported_has_an_empty_reply(packet: str) -> None:
    assert client().ask(packet) == ""


def test_bytes_that_are_no_text_get_an_error() -> None:
    assert client().ask(b"\xff\xfe") == MALFORMED
    assert client().ask(b"p\xff") == MALFORMED


# -- registers -----------------------------------------------------------------------------------------------


def test_target_description_names_every_register_once_and_each_can_be_read() -> None:
    talk = client()
    document, start = "", 0
    while True:
        part = talk.ask(f"qXfer:features:read:target.xml:{start:x},400")
        document += part[1:]
        start += len(part) - 1
        if part[0] == "l":
            break
    assert len(document) > 0x400
    target = ElementTree.fromstring(document.replace('<!DOCTYPE target SYSTEM "gdb-target.dtd">', ""))
    assert target.findtext("architecture") == "riscv:rv64"
    registers = {each.get("name"): int(each.get("regnum")) for each in target.iter("reg")}
    assert len(set(registers.values())) == len(list(target.iter("reg")))
    assert {"zero", "sp", "pc", "ft0", "fcsr", "satp", "scause", "mstatus", "priv"} <= set(registers)
    for name, number in registers.items():
        assert len(talk.ask(f"p{number:x}")) == 16, name


def test_registers_are_read_and_written_by_number_and_all_together() -> None:
    talk = client()
    hart = talk.session.target.machine.hart
    mscratch, satp = CSR + 0x340, CSR + 0x180
    for number, value, name in ((10, 7, "a0"), (PC, RAM + 2, "pc"), (mscratch, 1 << 63, "mscratch")):
        assert talk.ask(f"P{number:x}={value.to_bytes(8, 'little').hex()}") == "OK", name
        assert talk.register(number) == value
    assert (hart.x.a0, hart.pc, hart.csrs["mscratch"]) == (7, RAM + 2, 1 << 63)
    assert talk.ask("P2a=000000000000f03f") == "OK"
    assert hart.doubles[9] == 1.0
    assert talk.ask(f"P{PRIVILEGE:x}=0100000000000000") == "OK"
    assert (hart.privilege, talk.register(PRIVILEGE), talk.register(satp)) == ("S", 1, 0)
    registers = talk.ask("g")
    assert len(registers) == 16 * 33
    assert talk.ask("G" + "11" * 8 + registers[16:]) == "OK"
    assert talk.ask("g") == registers  # x0 stays 0


def test_a_register_that_is_absent_now_is_not_available() -> None:
    talk = client()
    talk.session.target.machine.hart.csrs["mstatus"] = 0  # no floating point
    assert talk.ask(f"p{CSR + 3:x}") == "x" * 16


# -- memory --------------------------------------------------------------------------------------------------


def paged() -> Client:
    """S-mode, with 0x5000 mapped to RAM + 0x3000 and 0x6000 to nothing."""
    talk = client(privilege="S")
    machine = talk.session.target.machine
    tables = Tables(machine.memory.write, RAM + 0x1_0000)
    tables.map(0x5000, RAM + 0x3000, V | R | X | A)
    tables.map(0x7000, 0x1000_0000, V | R | W | A | D)
    machine.hart.csrs["satp"] = tables.satp()
    machine.memory.write(RAM + 0x3000, bytes(range(256)) * 16)
    return talk


def test_memory_is_what_the_hart_sees_up_to_where_it_ends() -> None:
    talk = paged()
    assert talk.ask("m5010,4") == "10111213"
    assert talk.ask("m5ffe,8") == "feff"
    assert talk.ask("m6000,4") == ABSENT
    assert talk.ask(f"m{RAM:x},4") == ABSENT
    assert talk.ask("m7000,4") == ABSENT  # a device would notice
    assert talk.ask("m5000,0") == ""


def test_memory_is_written_past_permissions_and_not_in_part() -> None:
    talk = paged()
    memory = talk.session.target.machine.memory
    assert talk.ask("M5010,2:aabb") == "OK"
    assert talk.ask(b"X5012,3:\x01#\x7d") == "OK"
    assert memory.read(RAM + 0x3010, 5) == b"\xaa\xbb\x01#\x7d"
    assert talk.ask("M5ffe,4:01020304") == ABSENT
    assert memory.read(RAM + 0x3FFE, 2) == b"\xfe\xff"
    assert talk.ask("M7000,1:00") == ABSENT


@pytest.mark.parametrize("physical", ["qRcmd," + b"memory physical".hex(), "Qqemu.PhyMemMode:1"])
def test_memory_is_physical_on_demand(physical: str) -> None:
    talk = paged()
    talk.ask(physical)
    assert talk.ask(f"m{RAM + 0x3010:x},4") == "10111213"
    assert talk.ask("qqemu.PhyMemMode") == "1"
    assert talk.ask("m5010,4") == ABSENT


def test_boot_rom_can_be_read() -> None:
    talk = Client(hl.Machine(kernel=hl.asm("loop: j loop")))
    assert talk.register(PC) == 0x1000
    assert talk.ask("m1000,4") == "97020000"  # auipc t0, 0


# -- running -------------------------------------------------------------------------------------------------


def test_breakpoints_stop_before_and_are_passed_when_going_on() -> None:
    talk = client("loop: addi a0, a0, 1; addi a1, a1, 1; j loop")
    for kind in "01":
        assert talk.ask(f"Z{kind},{RAM + 4:x},2") == "OK"
        for _ in range(3):
            assert talk.ask("c") == "T05swbreak:;thread:1;"
            assert talk.register(PC) == RAM + 4
        assert talk.ask(f"z{kind},{RAM + 4:x},2") == "OK"
    assert talk.session.target.machine.hart.x.a0 == 6


@pytest.mark.parametrize(("kind", "name"), [(2, "watch"), (3, "rwatch"), (4, "awatch")])
def test_watchpoints_stop_after_the_access_and_say_whose_they_are(kind: int, name: str) -> None:
    code = "nop; ld a0, 0(s0); nop; sd a1, 0(s0); loop: j loop"
    where = {"watch": [RAM + 16], "rwatch": [RAM + 8], "awatch": [RAM + 8, RAM + 16]}[name]
    talk = client(code, x={"s0": RAM + 0x100})
    assert talk.ask(f"Z{kind},{RAM + 0x104:x},4") == "OK"
    for pc in where:
        assert talk.ask("c") == f"T05{name}:{RAM + 0x104:x};thread:1;"
        assert talk.register(PC) == pc
    assert talk.ask(f"z{kind},{RAM + 0x104:x},4") == "OK"
    assert talk.session.target.machine._engine.watchpoints == []


def test_control_c_stops_a_run_and_only_a_run() -> None:
    talk = client("loop: j loop")
    assert talk.session.receive(b"\x03") == b""
    talk.session.receive(encode(b"c"))
    assert talk.session.advance() == b""
    assert payload_of(talk.session.receive(b"\x03")) == "T02thread:1;"
    assert not talk.session.running


@pytest.mark.parametrize("packet", ["s", "vCont;s:1;c", "vCont;s", "S05", "vCont;S05:1"])
def test_a_step_is_one_instruction(packet: str) -> None:
    talk = client()
    assert talk.ask(packet) == "T05thread:1;"
    assert talk.register(PC) == RAM + 4


def test_a_range_is_stepped_through_to_its_end_or_a_breakpoint() -> None:
    talk = client("li a0, 100; loop: addi a0, a0, -1; bnez a0, loop; nop; nop")
    assert talk.ask(f"vCont;r{RAM:x},{RAM + 12:x}:1") == "T05thread:1;"
    assert talk.register(PC) == RAM + 12
    assert talk.session.target.machine.hart.instructions == 201
    again = client("li a0, 100; loop: addi a0, a0, -1; bnez a0, loop; nop; nop")
    again.ask(f"Z0,{RAM + 8:x},2")
    assert again.ask(f"vCont;r{RAM:x},{RAM + 12:x}:1") == "T05swbreak:;thread:1;"


def test_power_off_ends_the_session_with_the_guests_code() -> None:
    talk = client("li t0, 0x100000; li t1, 0x73333; sw t1, 0(t0); loop: j loop")
    talk.ask(f"Z0,{RAM:x},2")
    assert talk.ask("c") == "W07"
    assert talk.session.ended == "exited"
    assert len(talk.session.target.machine.breakpoints) == 0


def test_a_handler_that_traps_into_itself_is_a_segmentation_fault() -> None:
    assert client("ld a0, 0(zero)").ask("c") == "T0bthread:1;"


def test_detach_and_kill_leave_nothing_behind_but_the_machines_own_breakpoints() -> None:
    for packet, how in (("D", "detached"), ("vKill;1", "killed"), (b"k", "killed")):
        talk = client()
        machine = talk.session.target.machine
        machine.breakpoints.add(RAM + 4)
        for address in (RAM + 4, RAM + 8):
            talk.ask(f"Z0,{address:x},2")
        talk.ask(f"Z2,{RAM:x},8")
        talk.session.receive(encode(packet.encode() if isinstance(packet, str) else packet))
        assert talk.session.ended == how
        assert list(machine.breakpoints) == [RAM + 4]
        assert machine._engine.watchpoints == []
        assert talk.session.receive(encode(b"g")) == b""


# -- steps over traps and interrupts -------------------------------------------------------------------------

TRAPS = """
    la t0, handler
    csrw mtvec, t0
    la t0, user
    csrw mepc, t0
    csrw mstatus, zero
    mret
user:
    li a0, 5
    ecall
    li a0, 6
    j user
handler:
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret
"""


def test_steps_go_into_exceptions_and_back_over_mret() -> None:
    talk = client(TRAPS)
    symbols = {row["text"]: int(row["pc"]) for row in hl.disasm(hl.asm(TRAPS, origin=RAM), pc=RAM)}
    ecall, handler = symbols["ecall"], symbols["csrr t0, mepc"]
    seen = []
    for _ in range(20):
        talk.ask("s")
        seen.append((talk.register(PC), talk.register(PRIVILEGE)))
    at = seen.index((ecall, 0))
    assert [level for _, level in seen[at : at + 6]] == [0, 3, 3, 3, 3, 0]
    assert (seen[at + 1][0], seen[at + 5][0]) == (handler, ecall + 4)
    # And all the way back.
    for place in reversed(seen[:-1]):
        assert talk.ask("bs") == "T05thread:1;"
        assert (talk.register(PC), talk.register(PRIVILEGE)) == place


TICKING = """
    la t0, handler
    csrw mtvec, t0
    li t0, 0x2004000
    li t1, 20
    sd t1, 0(t0)
    li t1, 0x80
    csrw mie, t1
    csrsi mstatus, 8
loop:
    addi a0, a0, 1
    j loop
handler:
    addi s1, s1, 1
    li t0, 0x200bff8
    ld t1, 0(t0)
    addi t1, t1, 30
    li t0, 0x2004000
    sd t1, 0(t0)
    mret
"""


def test_steps_pass_over_interrupts_without_losing_them_unless_told_otherwise() -> None:
    rows = {row["text"]: int(row["pc"]) for row in hl.disasm(hl.asm(TICKING, origin=RAM), pc=RAM)}
    loop, handler = rows["addi a0, a0, 1"], rows["addi s1, s1, 1"]
    talk = client(TICKING)
    talk.ask(f"Z0,{loop:x},2")
    talk.ask("c")
    talk.ask(f"z0,{loop:x},2")
    pcs = set()
    for _ in range(100):
        assert talk.ask("s") == "T05thread:1;"
        pcs.add(talk.register(PC))
    assert pcs == {loop, loop + 4}
    assert talk.session.target.machine.hart.x.s1 > 2
    assert len(talk.session.target.machine.breakpoints) == 0
    # A breakpoint in the handler still stops; and handlers are stepped into on demand.
    talk.ask(f"Z0,{handler:x},2")
    assert any(talk.ask("s").startswith("T05swbreak") for _ in range(100))
    talk.ask(f"z0,{handler:x},2")
    assert talk.monitor("interrupts enter") == "steps go into interrupts\n"
    pcs = {talk.ask("s") and talk.register(PC) for _ in range(100)}
    assert handler in pcs


# -- harts ---------------------------------------------------------------------------------------------------

COUNTING = "csrr t0, mhartid; slli t0, t0, 3; add s0, s0, t0; loop: addi a0, a0, 1; sd a0, 256(s0); j loop"


def harts(count: int) -> Client:
    machine = board(COUNTING, harts=count, quantum=50)
    for hart in machine.harts:
        hart.pc, hart.x["s0"] = RAM, RAM
    return Client(machine)


def test_harts_are_threads() -> None:
    talk = harts(3)
    assert (talk.ask("qfThreadInfo"), talk.ask("qsThreadInfo")) == ("m1,2,3", "l")
    assert talk.ask("T3") == "OK"
    assert bytes.fromhex(talk.ask("qThreadExtraInfo,2")) == b"M-mode"
    listed = ElementTree.fromstring(talk.ask("qXfer:threads:read::0,1000")[1:])
    assert [each.get("name") for each in listed] == ["hart 0", "hart 1", "hart 2"]
    for number in (2, 0, 1):
        assert talk.ask(f"Hg{number + 1}") == "OK"
        assert talk.register(CSR + 0xF14) == number


def test_a_step_is_of_the_hart_that_is_asked_for() -> None:
    talk = harts(3)
    all_of_them = talk.session.target.machine.harts
    for number in (2, 0, 1, 1, 2):
        before = [hart.instructions for hart in all_of_them]
        assert talk.ask(f"vCont;s:{number + 1}") == f"T05thread:{number + 1};"
        assert all_of_them[number].instructions == before[number] + 1


def test_a_watchpoint_names_the_hart_that_made_the_access() -> None:
    talk = harts(3)
    talk.ask(f"Z2,{RAM + 256 + 8:x},8")
    assert talk.ask("c") == f"T05watch:{RAM + 264:x};thread:2;"
    assert talk.register(CSR + 0xF14) == 1


# -- backwards -----------------------------------------------------------------------------------------------

STORES = "loop: addi a0, a0, 1; sd a0, 256(s0); nop; sd a0, 264(s0); j loop"


def storing() -> Client:
    return client(STORES, x={"s0": RAM})


def test_steps_back_undo_registers_and_memory_to_the_beginning() -> None:
    talk = storing()
    states = [talk.ask("g") + talk.ask(f"m{RAM + 256:x},10")]
    for _ in range(12):
        talk.ask("s")
        states.append(talk.ask("g") + talk.ask(f"m{RAM + 256:x},10"))
    for state in reversed(states[:-1]):
        assert talk.ask("bs") == "T05thread:1;"
        assert talk.ask("g") + talk.ask(f"m{RAM + 256:x},10") == state
    assert talk.ask("bs") == "T05replaylog:begin;thread:1;"


def test_running_back_stops_at_each_breakpoint_and_at_the_beginning() -> None:
    talk = storing()
    talk.session.target.machine.run(23)
    talk.ask(f"Z0,{RAM + 8:x},2")  # the nop: after 2, 7, 12, 17 and 22 instructions
    for count in (22, 17, 12, 7, 2):
        assert talk.ask("bc") == "T05swbreak:;thread:1;"
        assert talk.session.target.machine.instructions == count
    assert talk.ask("bc") == "T05replaylog:begin;thread:1;"
    assert talk.session.target.machine.instructions == 0
    assert talk.ask("c") == "T05swbreak:;thread:1;"
    assert talk.session.target.machine.instructions == 2


def test_running_back_over_a_write_stops_before_it() -> None:
    talk = storing()
    memory = talk.session.target.machine.memory
    talk.session.target.machine.run(23)
    talk.ask(f"Z2,{RAM + 264:x},8")
    for count, value in ((18, 3), (13, 2), (8, 1), (3, 0)):
        assert talk.ask("bc") == f"T05watch:{RAM + 264:x};thread:1;"
        assert (talk.session.target.machine.instructions, memory.load(RAM + 264)) == (count, value)
        assert talk.register(PC) == RAM + 12


def test_running_back_goes_over_changes_that_were_made_from_outside() -> None:
    talk = storing()
    machine = talk.session.target.machine
    machine.run(7)
    machine.hart.x["a0"] = 100
    machine.run(12)
    talk.ask(f"Z0,{RAM + 8:x},2")
    seen = []
    for _ in range(4):
        talk.ask("bc")
        seen.append((machine.instructions, machine.hart.x.a0))
    assert seen == [(17, 102), (12, 101), (7, 100), (7, 2)]


# -- monitor, and who else is there --------------------------------------------------------------------------


def test_monitor_commands_answer_and_explain_themselves() -> None:
    talk = paged()
    assert "walk ADDRESS" in talk.monitor("help")
    assert "level 2" in talk.monitor("walk 0x5000")
    assert "physical 0x80003004" in talk.monitor("where 0x5004")
    assert "S-mode" in talk.monitor("time")
    assert "0 instructions on record" in talk.monitor("history")
    for line, words in (
        ("walk", "monitor walk ADDRESS"),
        ("walk nowhere", "no symbol"),
        ("walk 0x5000 run", "is none of"),
        ("memory other", "is none of"),
        ("reset", "nothing to boot"),
        ("nonsense", "monitor help"),
    ):
        assert words in talk.monitor(line)


def test_a_machine_that_somebody_else_runs_is_busy() -> None:
    talk = client("loop: j loop")
    machine = talk.session.target.machine
    runner = threading.Thread(target=machine.run, args=(10**15,))
    runner.start()
    while not machine._engine.running:
        pass
    assert talk.ask("g") == BUSY
    assert talk.ask("s").startswith("T02")
    machine.stop()
    runner.join()
    assert talk.ask("s") == "T05thread:1;"


def test_the_server_takes_one_client_at_a_time_from_this_computer() -> None:
    machine = board("loop: j loop")
    with machine.gdb() as server:
        assert f":{server.port}" in server.command
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as first:
            first.sendall(encode(b"?"))
            assert first.recv(100) == b"+$T05thread:1;#" + b"%02x" % (sum(b"T05thread:1;") % 256)
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as second:
                assert second.recv(100) == b""
            first.sendall(encode(b"c"))
            assert first.recv(100) == b"+"
            first.sendall(b"\x03")
            assert b"T02" in first.recv(100)
            assert server.wait(0) is None
        assert server.wait(10) == "detached"
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as third:
            third.sendall(encode(b"k"))
            assert server.wait(10) == "killed"
    assert "closed" in repr(server)
    with pytest.raises(ValueError, match="port"):
        machine.gdb(70000)


def test_a_client_that_leaves_a_machine_that_is_closed_or_runs_does_no_harm() -> None:
    machine = board("loop: j loop")
    with machine.gdb() as server:

        def client_with_a_breakpoint() -> socket.socket:
            connected = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            connected.sendall(encode(b"Z0,%x,2" % (RAM + 8)))
            assert connected.recv(100).startswith(b"+$OK")
            return connected

        with client_with_a_breakpoint():
            runner = threading.Thread(target=machine.run, args=(10**15,))
            runner.start()
            while not machine._engine.running:
                pass
        assert server.wait(10) == "detached"
        machine.stop()
        runner.join()
        deadline = time.monotonic() + 10
        while len(machine.breakpoints) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert list(machine.breakpoints) == []  # taken away as soon as the machine stood still
        with client_with_a_breakpoint():
            machine.close()
        assert server.wait(10) == "detached"
