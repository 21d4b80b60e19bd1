"""Unicorn as an oracle for integer instructions: a hart with RAM that runs until a trap or a count of
instructions.

Unicorn delivers no trap to the guest; the hook sees its cause. It keeps QEMU's errors: floating point must
not be compared with it, nor misaligned atomics (it lets them pass).
"""

from __future__ import annotations

import struct

import unicorn
from unicorn import riscv_const as reg

X = [reg.UC_RISCV_REG_X0 + i for i in range(32)]
STUB_BYTES = 16


class UnicornHart:
    """One Unicorn engine with `size` bytes of RAM at `base`. Not for reuse after a trap: make another."""

    def __init__(self, base: int, size: int) -> None:
        self.base, self.size = base, size
        self.cause: int | None = None
        self._uc = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV64)
        self._uc.mem_map(base, size)
        self._uc.hook_add(unicorn.UC_HOOK_INTR, self._trapped)

    def _trapped(self, uc: unicorn.Uc, cause: int, _data: object) -> None:
        self.cause = cause
        uc.emu_stop()

    def write(self, pa: int, data: bytes) -> None:
        self._uc.mem_write(pa, data)

    def read(self, pa: int, size: int) -> bytes:
        return bytes(self._uc.mem_read(pa, size))

    @property
    def x(self) -> list[int]:
        return [self._uc.reg_read(r) for r in X]

    def set_x(self, values: list[int]) -> None:
        for r, value in list(zip(X, values, strict=True))[1:]:
            self._uc.reg_write(r, value)

    def enter(self, stub: int, pc: int, privilege: int, satp: int) -> None:
        """Goes to `pc` in that mode, as software does it, by an mret in the free RAM at `stub`."""
        if privilege == 3:
            self._pc = pc
            return
        # csrw satp, t0; csrw mstatus, t1; csrw mepc, t2; mret
        self.write(stub, struct.pack("<4I", 0x18029073, 0x30031073, 0x34139073, 0x30200073))
        for r, value in ((5, satp), (6, privilege << 11), (7, pc)):
            self._uc.reg_write(X[r], value)
        self._uc.emu_start(stub, stub + STUB_BYTES, count=4)
        assert self._uc.reg_read(reg.UC_RISCV_REG_PC) == pc, "Unicorn did not take the mret"
        self._pc = pc

    def run(self, count: int) -> int:
        """Executes up to `count` instructions; the pc where it stands, or where the trap was. `cause` says
        which.
        """
        try:
            self._uc.emu_start(self._pc, 2**64 - 2, count=count)
        except unicorn.UcError as error:
            if self.cause is None:
                self.cause = -error.errno
        self._pc = self._uc.reg_read(reg.UC_RISCV_REG_PC)
        return self._pc
