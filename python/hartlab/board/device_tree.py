"""What the board says of itself: the device tree that firmware and kernels find in a1."""

from __future__ import annotations

from dataclasses import dataclass

from ..constants import CLINT, KERNBASE, PLIC, UART0, VIRTIO0
from .flattened import Node, cells64, flattened

TIMEBASE = 10_000_000  # ticks of mtime in a second
TEST = 0x10_0000
_TEST_OFF, _TEST_RESET = 0x5555, 0x7777
_UART_IRQ, _VIRTIO_IRQ = 10, 1
_VIRTIO_SLOTS = 8
_SOURCES = 95
# Interrupts of a hart by their numbers in mip.
_MSI, _MTI, _SEI, _MEI = 3, 7, 9, 11
# Where a kernel's random numbers begin, always the same, as runs are to be. Without, Linux waits for some.
_RANDOM = bytes(range(32))
_EXTENSIONS = ("zicntr", "zicsr", "zifencei", "zihintpause", "zihpm", "zba", "zbb", "zbs", "sstc")


@dataclass(frozen=True)
class Facts:
    """What differs from one board to the next."""

    memory: int  # bytes of RAM
    harts: int
    svadu: bool
    append: str  # the kernel's command line
    initrd: tuple[int, int] | None  # first physical address, and the one behind the last


def isa(svadu: bool) -> str:
    """Name what the harts implement, as ``riscv,isa`` has it."""
    extensions = [*_EXTENSIONS, *(["svadu"] if svadu else [])]
    return "rv64imafdc_" + "_".join(extensions)


def device_tree(facts: Facts) -> bytes:
    """Describe the board, flattened."""
    cpu_phandles = [1 + hart for hart in range(facts.harts)]
    test, plic = 1 + facts.harts, 2 + facts.harts
    return flattened(
        {
            "#address-cells": 2,
            "#size-cells": 2,
            "compatible": "riscv-virtio",
            "model": "riscv-virtio,hartlab",
            "chosen": _chosen(facts),
            f"memory@{KERNBASE:x}": {"device_type": "memory", "reg": cells64(KERNBASE, facts.memory)},
            "cpus": _cpus(facts, cpu_phandles),
            "soc": {
                "#address-cells": 2,
                "#size-cells": 2,
                "compatible": "simple-bus",
                "ranges": None,
                **_interrupt_controllers(cpu_phandles, plic),
                f"test@{TEST:x}": {
                    "compatible": ["sifive,test1", "sifive,test0", "syscon"],
                    "reg": cells64(TEST, 0x1000),
                    "phandle": test,
                },
                f"serial@{UART0:x}": {
                    "compatible": "ns16550a",
                    "reg": cells64(UART0, 0x100),
                    "clock-frequency": 3_686_400,
                    "interrupts": _UART_IRQ,
                    "interrupt-parent": plic,
                },
                **{f"virtio_mmio@{VIRTIO0 + 0x1000 * n:x}": _virtio(n, plic) for n in range(_VIRTIO_SLOTS)},
            },
            "poweroff": _syscon("syscon-poweroff", test, _TEST_OFF),
            "reboot": _syscon("syscon-reboot", test, _TEST_RESET),
        }
    )


def _chosen(facts: Facts) -> Node:
    chosen: dict[str, str | bytes | tuple[int, ...]] = {
        "stdout-path": f"/soc/serial@{UART0:x}",
        "rng-seed": _RANDOM,
    }
    if facts.append:
        chosen["bootargs"] = facts.append
    if facts.initrd:
        chosen["linux,initrd-start"] = cells64(facts.initrd[0])
        chosen["linux,initrd-end"] = cells64(facts.initrd[1])
    return chosen


def _cpus(facts: Facts, phandles: list[int]) -> Node:
    return {
        "#address-cells": 1,
        "#size-cells": 0,
        "timebase-frequency": TIMEBASE,
        **{
            f"cpu@{hart}": {
                "device_type": "cpu",
                "reg": hart,
                "status": "okay",
                "compatible": "riscv",
                "riscv,isa": isa(facts.svadu),
                "mmu-type": "riscv,sv39",
                "interrupt-controller": {
                    "#interrupt-cells": 1,
                    "interrupt-controller": None,
                    "compatible": "riscv,cpu-intc",
                    "phandle": phandle,
                },
            }
            for hart, phandle in enumerate(phandles)
        },
    }


def _interrupt_controllers(cpus: list[int], plic: int) -> Node:
    def wired(*interrupts: int) -> tuple[int, ...]:
        return tuple(cell for cpu in cpus for number in interrupts for cell in (cpu, number))

    return {
        f"clint@{CLINT:x}": {
            "compatible": ["sifive,clint0", "riscv,clint0"],
            "reg": cells64(CLINT, 0x1_0000),
            "interrupts-extended": wired(_MSI, _MTI),
        },
        f"plic@{PLIC:x}": {
            "compatible": ["sifive,plic-1.0.0", "riscv,plic0"],
            "reg": cells64(PLIC, 0x60_0000),
            "interrupts-extended": wired(_MEI, _SEI),
            "interrupt-controller": None,
            "#interrupt-cells": 1,
            "#address-cells": 0,
            "riscv,ndev": _SOURCES,
            "phandle": plic,
        },
    }


def _virtio(slot: int, plic: int) -> Node:
    return {
        "compatible": "virtio,mmio",
        "reg": cells64(VIRTIO0 + 0x1000 * slot, 0x1000),
        "interrupts": _VIRTIO_IRQ + slot,
        "interrupt-parent": plic,
    }


def _syscon(compatible: str, device: int, value: int) -> Node:
    return {"compatible": compatible, "regmap": device, "offset": 0, "value": value}
