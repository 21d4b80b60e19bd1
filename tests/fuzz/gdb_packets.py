"""Fuzzes the GDB stub: packets that are nearly right, bytes that are no packets, and streams cut anywhere.

Whatever a client sends, nothing is raised and nothing hangs; what is sent back is acknowledgements and
well-formed packets; and a client that has gone leaves no breakpoint or watchpoint behind.
"""

from __future__ import annotations

import random
import re

from _harness import Case, main
from _kernels import number

import hartlab as hl
from hartlab.gdb.packets import PACKET_SIZE, Decoder, Signal, encode
from hartlab.gdb.session import Session

BASE = 0x8000_0000
CODES = [
    "loop: addi a0, a0, 1; sd a0, 0(s0); j loop",
    "la t0, h; csrw mtvec, t0; loop: ecall; j loop; h: csrr t0, mepc; addi t0, t0, 4; csrw mepc, t0; mret",
    "wfi; j .",
    "ld a0, 0(zero)",
    "li t0, 0x100000; li t1, 0x3333; sw t1, 0(t0); j .",
    "li t0, 0x100000; li t1, 0x7777; sw t1, 0(t0); j .",
]
# `@` is a number, `#` some hexadecimal bytes, `&` a thread.
SHAPES = [
    "?", "g", "G#", "p@", "P@=#", "m@,@", "M@,@:#", "X@,@:#", "c", "c@", "C05", "s", "s@", "S05;@", "bs",
    "bc", "Hg&", "Hc&", "T&",
    "Z0,@,2", "Z1,@,4", "Z2,@,@", "Z3,@,@", "Z4,@,@", "z0,@,2", "z1,@,4", "z2,@,@", "z3,@,@", "z4,@,@",
    "vCont?", "vCont;c",
    "vCont;s:&", "vCont;s:&;c", "vCont;r@,@:&", "vCont;C05:&", "vMustReplyEmpty",
    "qSupported:swbreak+;xmlRegisters=i386", "qC",
    "qAttached", "qfThreadInfo", "qsThreadInfo", "qThreadExtraInfo,&", "qXfer:features:read:target.xml:@,@",
    "qXfer:threads:read::@,@",
    "qXfer:features:read:annex:0,10", "qRcmd,#", "qSymbol::", "QStartNoAckMode", "Qqemu.PhyMemMode:1", "!",
    "R00", "D",
    "k", "vKill;1",
]  # fmt: skip
LAST = ("D", "k", "vKill;1")
MONITOR = [
    "help", "time", "walk @", "walk @ store", "where @", "trap", "memory physical", "memory virtual",
    "interrupts enter",
    "interrupts pass", "history", "console", "reset", "walk", "walk x y z", "\0", "ü", "",
]  # fmt: skip
REPLIES = re.compile(rb"(?:[+-]|\$[^#$]*#[0-9a-f]{2})*", re.DOTALL)


def some_number(rng: random.Random) -> str:
    pick = rng.random()
    if pick < 0.3:
        return f"{BASE + rng.randrange(64):x}"
    if pick < 0.5:
        return f"{rng.randrange(70):x}"
    if pick < 0.6:
        return f"{BASE + rng.choice([0xFFF, 0x1000, 0x3FFF, 0x4000, 1 << 20]):x}"
    return f"{number(rng):x}"


def filled(rng: random.Random, shape: str) -> str:
    if shape == "qRcmd,#":
        line = re.sub("@", lambda _: "0x" + some_number(rng), rng.choice(MONITOR))
        return "qRcmd," + line.encode().hex()
    choices = {
        "@": lambda: some_number(rng),
        "#": lambda: rng.randbytes(rng.choice([0, 1, 8, 8, 8, 264, 300])).hex(),
        "&": lambda: rng.choice(["0", "-1", "1", "2", "3", "9", "p1.1", "ffffffffffffffff"]),
    }
    return re.sub("[@#&]", lambda match: choices[match[0]](), shape)


def packet(rng: random.Random) -> bytes:
    shape = rng.choice(SHAPES)
    if shape in LAST and rng.random() < 0.8:
        shape = "?"
    payload = bytearray(filled(rng, shape).encode())
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        kind, at = rng.randrange(4), rng.randrange(len(payload) + 1)
        if kind == 0:
            payload[at:at] = rng.randbytes(rng.randrange(4))
        elif kind == 1:
            del payload[at:]
        elif kind == 2:
            payload[at : at + 1] = rng.choice([b",", b":", b";", b"=", b"-", b"}", b"\0", b"\xff"])
        else:
            payload *= rng.choice([1, 2])
    raw = encode(bytes(payload))
    if rng.random() < 0.1:
        raw = raw[: rng.randrange(len(raw) + 1)]
    return raw


def stream(rng: random.Random) -> bytes:
    pick = rng.random()
    if pick < 0.08:
        return rng.randbytes(rng.randrange(50))
    if pick < 0.12:
        return rng.choice([b"+", b"-", b"\x03", b"\x03\x03-+"])
    if pick < 0.14:
        return b"$" + b"z" * rng.choice([10, PACKET_SIZE, 2 * PACKET_SIZE])
    return packet(rng)


def check_replies(case: Case, sent: bytes) -> None:
    case.check(REPLIES.fullmatch(sent), f"no packets: {sent[:200]!r}")
    for item in Decoder().feed(sent):
        case.check(item is not Signal.damaged, f"a reply with a wrong checksum: {sent[:200]!r}")
        case.check(not isinstance(item, bytes) or len(item) <= PACKET_SIZE, "a reply that is too long")


def run_case(case: Case) -> None:
    rng = case.rng
    code = hl.asm(rng.choice(CODES), origin=BASE)
    boots = rng.random() < 0.3
    source = {"kernel": code} if boots else {"code": code}
    machine = hl.Machine("1MiB", harts=rng.choice([1, 1, 3]), quantum=50, **source)
    machine.breakpoints.add(BASE + 8)
    session = Session(machine)
    for _ in range(40):
        data = stream(rng)
        while data:
            cut = rng.randrange(1, len(data) + 1)
            case.note("receive", data[:cut][:200])
            check_replies(case, session.receive(data[:cut]))
            data = data[cut:]
        for _ in range(rng.randrange(4)):
            if session.running:
                case.note("advance", type(session._motion).__name__)
                check_replies(case, session.advance())
                case.counts["advanced"] += 1
        if session.running and rng.random() < 0.9:
            check_replies(case, session.receive(b"\x03"))
        case.counts["received"] += 1
        if session.ended:
            case.counts[session.ended] += 1
            break
    session.end("detached")
    case.check(list(machine.breakpoints) == [BASE + 8], f"breakpoints are left: {list(machine.breakpoints)}")
    case.check(not machine._engine.watchpoints, "watchpoints are left")
    case.attempt("run on", (), lambda: machine.run(1000))


if __name__ == "__main__":
    main("gdb_packets", run_case)
