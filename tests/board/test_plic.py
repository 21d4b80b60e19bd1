"""The interrupt controller: priorities, thresholds, enables, claim and completion. [plic 2 to 9]"""

from __future__ import annotations

import pytest

from .mmio import Driver

PLIC, UART = 0x0C00_0000, 0x1000_0000
PENDING, ENABLE, CONTEXT = PLIC + 0x1000, PLIC + 0x2000, PLIC + 0x20_0000
UART_IRQ = 10
MEIP, SEIP = 1 << 11, 1 << 9
M, S = 0, 1  # contexts of hart 0


class Board(Driver):
    """The UART's line can be made high and low."""

    def high(self) -> None:
        self.machine.console.send("x")
        self.write(UART + 1, 1, 1)

    def low(self) -> None:
        self.write(UART + 1, 0, 1)

    def enable(self, context: int, *, priority: int = 1, threshold: int = 0) -> None:
        self.write(PLIC + 4 * UART_IRQ, priority)
        self.write(ENABLE + 0x80 * context, 1 << UART_IRQ)
        self.write(CONTEXT + 0x1000 * context, threshold)

    def claim(self, context: int) -> int | None:
        return self.read(CONTEXT + 0x1000 * context + 4)

    def complete(self, context: int, source: int) -> None:
        self.write(CONTEXT + 0x1000 * context + 4, source)

    def mip(self) -> int:
        return self.machine.hart.csrs["mip"]


@pytest.mark.parametrize(("context", "line"), [(M, MEIP), (S, SEIP)])
def test_an_enabled_interrupt_reaches_its_mode_until_it_is_claimed(context: int, line: int) -> None:
    board = Board()
    board.enable(context)
    assert board.mip() == 0
    board.high()
    assert board.mip() == line
    assert board.read(PENDING) == 1 << UART_IRQ
    assert board.claim(context) == UART_IRQ
    assert (board.mip(), board.read(PENDING), board.claim(context)) == (0, 0, 0)


def test_a_line_that_is_still_high_interrupts_again_when_completed() -> None:
    board = Board()
    board.enable(M)
    board.high()
    board.claim(M)
    board.complete(M, UART_IRQ)
    assert board.mip() == MEIP
    board.claim(M)
    board.low()
    board.complete(M, UART_IRQ)
    assert board.mip() == 0


def test_a_request_stays_when_the_line_goes_low_until_it_is_claimed() -> None:
    """The gateway does not take back what it has forwarded [plic 2]."""
    board = Board()
    board.enable(M)
    board.high()
    board.low()
    assert board.mip() == 1 << 11
    assert [board.claim(M), board.claim(M)] == [UART_IRQ, 0]
    assert board.mip() == 0
    board.complete(M, UART_IRQ)
    assert (board.mip(), board.claim(M)) == (0, 0)


@pytest.mark.parametrize(
    ("priority", "threshold", "interrupts"),
    [(0, 0, False), (1, 0, True), (3, 3, False), (4, 3, True), (7, 7, False)],
)
def test_a_source_interrupts_above_the_threshold_and_is_claimed_at_any(
    priority: int, threshold: int, interrupts: bool
) -> None:
    board = Board()
    board.enable(M, priority=priority, threshold=threshold)
    board.high()
    assert board.mip() == (MEIP if interrupts else 0)
    assert board.claim(M) == (UART_IRQ if priority else 0)


def test_a_context_without_the_source_neither_claims_nor_completes_it() -> None:
    board = Board()
    board.enable(M)
    board.high()
    assert board.claim(S) == 0
    board.claim(M)
    board.complete(S, UART_IRQ)
    assert board.claim(M) == 0
    board.complete(M, 1000)
    assert board.claim(M) == 0
    board.complete(M, UART_IRQ)
    assert board.claim(M) == UART_IRQ


def test_registers_keep_what_their_fields_hold() -> None:
    board = Driver()
    for address, written, kept in (
        (PLIC, 7, 0),  # source 0 is none
        (PLIC + 4, 0xFFFF_FFFF, 7),
        (PLIC + 4 * 95, 5, 5),
        (PLIC + 4 * 96, 5, 0),  # there are 95
        (ENABLE, 0xFFFF_FFFF, 0xFFFF_FFFE),
        (ENABLE + 8, 0xFFFF_FFFF, 0xFFFF_FFFF),
        (ENABLE + 12, 0xFFFF_FFFF, 0),
        (ENABLE + 0x80 * 15, 2, 2),
        (ENABLE + 0x80 * 16, 2, 0),
        (CONTEXT, 0xFF, 7),
        (CONTEXT + 0x1000 * 15, 3, 3),
        (CONTEXT + 0x1000 * 16, 3, 0),
        (PENDING, 0xFF, 0),
    ):
        assert board.write(address, written)
        assert board.read(address) == kept, hex(address)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_only_words_are_answered(size: int) -> None:
    board = Driver()
    assert board.read(PLIC + 8, size) is None
    assert not board.write(PLIC + 8, 1, size)
