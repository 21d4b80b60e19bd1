"""The serial port: registers, FIFOs, interrupts, loopback. [16550D 8.1 to 8.6]"""

from __future__ import annotations

import pytest

from .mmio import Driver

UART = 0x1000_0000
RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR = range(8)
THR, FCR = RBR, IIR
NONE, MODEM, TRANSMITTED, RECEIVED, LINE, TIMEOUT = 1, 0, 2, 4, 6, 12
FIFO, DIVISOR_LATCH, LOOPBACK = 0xC0, 0x80, 0x10
READY, OVERRUN, EMPTY = 1, 2, 0x60


class Port(Driver):
    def get(self, register: int) -> int | None:
        return self.read(UART + register, 1)

    def put(self, register: int, value: int) -> None:
        self.write(UART + register, value, 1)

    def type(self, text: str) -> None:
        self.machine.console.send(text)


def test_what_is_sent_is_printed_and_the_transmitter_is_empty() -> None:
    port = Port()
    for character in b"hi\n":
        assert port.get(LSR) == EMPTY
        port.put(THR, character)
    assert port.machine.console.output == b"hi\n"


def test_what_is_typed_is_received_in_order_a_byte_without_fifos() -> None:
    port = Port()
    port.type("abc")
    assert port.machine.console.pending == 2
    assert [port.get(LSR), port.get(RBR), port.get(RBR), port.get(RBR), port.get(LSR)] == [
        EMPTY | READY, *b"abc", EMPTY,
    ]  # fmt: skip


def test_the_fifo_takes_sixteen_and_the_rest_waits() -> None:
    port = Port()
    port.put(FCR, 1)
    port.type("0123456789abcdefghij")
    assert port.machine.console.pending == 4
    assert bytes(port.get(RBR) or 0 for _ in range(20)) == b"0123456789abcdefghij"
    assert port.get(LSR) == EMPTY


@pytest.mark.parametrize(("trigger", "level"), [(0, 1), (1, 4), (2, 8), (3, 14)])
def test_below_the_trigger_it_is_the_timeout_that_interrupts(trigger: int, level: int) -> None:
    port = Port()
    port.put(FCR, trigger << 6 | 1)
    port.put(IER, 1)
    assert port.get(IIR) == FIFO | NONE
    if level > 1:
        port.type("x" * (level - 1))
        assert port.get(IIR) == FIFO | TIMEOUT
    port.type("x")
    assert port.get(IIR) == FIFO | RECEIVED
    for _ in range(level):
        port.get(RBR)
    assert port.get(IIR) == FIFO | NONE


def test_the_empty_transmitter_interrupts_when_enabled_and_after_each_byte_until_looked_at() -> None:
    port = Port()
    assert port.get(IIR) == NONE
    port.put(IER, 2)
    assert [port.get(IIR), port.get(IIR)] == [TRANSMITTED, NONE]
    port.put(THR, ord("x"))
    assert [port.get(IIR), port.get(IIR)] == [TRANSMITTED, NONE]
    port.put(IER, 2)
    assert port.get(IIR) == NONE


def test_the_divisor_latch_hides_data_and_enables() -> None:
    port = Port()
    port.put(IER, 5)
    port.put(LCR, DIVISOR_LATCH | 3)
    port.put(RBR, 0x34)
    port.put(IER, 0x12)
    assert (port.get(RBR), port.get(IER), port.get(LCR)) == (0x34, 0x12, DIVISOR_LATCH | 3)
    port.put(LCR, 3)
    assert (port.get(IER), port.machine.console.output) == (5, b"")


def test_loopback_returns_what_is_sent_and_overruns() -> None:
    port = Port()
    port.put(MCR, LOOPBACK)
    port.put(IER, 4)
    port.put(THR, ord("a"))
    assert (port.get(LSR), port.get(IIR)) == (EMPTY | READY, NONE)
    port.put(THR, ord("b"))
    assert port.get(IIR) == LINE
    assert [port.get(LSR), port.get(LSR)] == [EMPTY | READY | OVERRUN, EMPTY | READY]
    assert (port.get(IIR), port.get(RBR), port.machine.console.output) == (NONE, ord("a"), b"")


@pytest.mark.parametrize(("output", "inputs"), [(1, 0x20), (2, 0x10), (4, 0x40), (8, 0x80)])
def test_loopback_joins_the_modem_lines_and_changes_interrupt(output: int, inputs: int) -> None:
    port = Port()
    assert port.get(MSR) == 0xB0
    port.put(MCR, LOOPBACK)
    port.get(MSR)
    port.put(IER, 8)
    port.put(MCR, LOOPBACK | output)
    ring = output == 4  # which counts when it ends
    assert port.get(IIR) == (NONE if ring else MODEM)
    assert port.get(MSR) == inputs | (0 if ring else inputs >> 4)
    port.put(MCR, LOOPBACK)
    assert (port.get(MSR), port.get(IIR)) == (inputs >> 4, NONE)


def test_scratch_and_unused_registers() -> None:
    port = Port()
    port.put(SCR, 0x5A)
    assert port.get(SCR) == 0x5A
    assert port.read(UART + 0x80, 1) == 0
