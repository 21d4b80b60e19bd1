"""hartlab: a RISC-V machine and an xv6-style teaching kernel, with all of its state as NumPy arrays.

``hl.Kernel()`` boots the kernel; ``kernel.spawn`` makes processes, ``kernel.run`` runs them, the methods of a
process drive it by system calls, and everything there is can be looked at as tables. ``hl.cc`` compiles C for
it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .board.console import SerialConsole
from .board.disk import Disk
from .board.symbols import Symbols
from .compare import Comparison, compare
from .console import Console
from .constants import (
    CLINT,
    CLINT_SIZE,
    ETEXT,
    KERNBASE,
    KSTACK,
    MAKE_SATP,
    MAXARG,
    MAXPATH,
    MAXVA,
    NCPU,
    NFILE,
    NINODE,
    NOFILE,
    NPROC,
    NVMA,
    PA2PTE,
    PGROUNDDOWN,
    PGROUNDUP,
    PGSHIFT,
    PGSIZE,
    PLIC,
    PLIC_SIZE,
    PTE2PA,
    PTE_A,
    PTE_D,
    PTE_FLAGS,
    PTE_G,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
    PX,
    PXSHIFT,
    SATP_SV39,
    SBRK_EAGER,
    SBRK_LAZY,
    TRAMPOLINE,
    TRAPFRAME,
    UART0,
    VIRTIO0,
)
from .debug_info import EnumValue, Pointer, Record, StructArray
from .debugging.backtrace import Backtrace, StackFrame
from .debugging.disassembly import Disassembly
from .diff import Diff, diff
from .errors import (
    AssemblerError,
    CompileError,
    CompilerNotFoundError,
    DebugInfoError,
    ElfError,
    ExpectError,
    Interrupted,
    KernelPanic,
    PageFault,
    ProcessBusy,
    ProcessGone,
    SavedFileError,
    SeamError,
    SweepInterrupted,
    WouldBlock,
)
from .explorer import Explorer, explore
from .files import Files
from .functions import functions
from .gdb import GdbServer
from .guest_kernel import Xv6, Xv6Process, xv6
from .hart import Csrs, Hart
from .heap import heap_blocks, record_allocations
from .isa import asm, disasm, instructions
from .kernel import Kernel
from .labs import Lab, Report, lab, labs
from .machine import Machine
from .memory import Memory
from .page_table import PageTable, Walk
from .placement import replay_allocations
from .policies import policies
from .prediction import Prediction, prediction
from .process import Process
from .quiz import Quiz, quiz
from .registers import Registers
from .run_result import RunResult
from .saving.loading import load
from .snapshot import MachineSnapshot, Snapshot
from .stops import Breakpoints, Watch, WatchHit
from .sweep_failures import FailureSweep, sweep_failures
from .sweeping import sweep
from .table import Table
from .tlb import Tlb, TlbCounts, TlbGeometry
from .toolchain import Program, cc
from .tracing import Tracing
from .working_set import working_set

if TYPE_CHECKING:
    from . import grading, pictures

__all__ = [
    # The machine and the kernel.
    "Kernel",
    "Process",
    "Machine",
    "load",
    "Hart",
    "Csrs",
    "Registers",
    "Memory",
    "PageTable",
    "Walk",
    "Tlb",
    "TlbGeometry",
    "TlbCounts",
    "Console",
    "SerialConsole",
    "Disk",
    "Files",
    # Running and looking.
    "RunResult",
    "Breakpoints",
    "Watch",
    "WatchHit",
    "Backtrace",
    "StackFrame",
    "Disassembly",
    "GdbServer",
    "Tracing",
    "Table",
    "Snapshot",
    "MachineSnapshot",
    "Comparison",
    "compare",
    "Diff",
    "diff",
    "Explorer",
    "explore",
    "sweep",
    "FailureSweep",
    "sweep_failures",
    "pictures",
    "working_set",
    # A guest kernel.
    "Symbols",
    "EnumValue",
    "Pointer",
    "Record",
    "StructArray",
    "xv6",
    "Xv6",
    "Xv6Process",
    "heap_blocks",
    "record_allocations",
    "replay_allocations",
    "policies",
    "functions",
    # Labs.
    "Lab",
    "Report",
    "lab",
    "labs",
    "grading",
    "Prediction",
    "prediction",
    "Quiz",
    "quiz",
    # Programs.
    "Program",
    "cc",
    "asm",
    "disasm",
    "instructions",
    # What goes wrong.
    "AssemblerError",
    "CompileError",
    "CompilerNotFoundError",
    "DebugInfoError",
    "ElfError",
    "ExpectError",
    "Interrupted",
    "KernelPanic",
    "PageFault",
    "ProcessBusy",
    "ProcessGone",
    "SavedFileError",
    "SeamError",
    "SweepInterrupted",
    "WouldBlock",
    # xv6's and the specification's names.
    "CLINT",
    "CLINT_SIZE",
    "ETEXT",
    "KERNBASE",
    "KSTACK",
    "MAKE_SATP",
    "MAXARG",
    "MAXPATH",
    "MAXVA",
    "NCPU",
    "NFILE",
    "NINODE",
    "NOFILE",
    "NPROC",
    "NVMA",
    "PA2PTE",
    "PGROUNDDOWN",
    "PGROUNDUP",
    "PGSHIFT",
    "PGSIZE",
    "PLIC",
    "PLIC_SIZE",
    "PTE2PA",
    "PTE_A",
    "PTE_D",
    "PTE_FLAGS",
    "PTE_G",
    "PTE_R",
    "PTE_U",
    "PTE_V",
    "PTE_W",
    "PTE_X",
    "PX",
    "PXSHIFT",
    "SATP_SV39",
    "SBRK_EAGER",
    "SBRK_LAZY",
    "TRAMPOLINE",
    "TRAPFRAME",
    "UART0",
    "VIRTIO0",
    "__version__",
]


def __getattr__(name: str) -> Any:
    # Many files, which a program that neither draws nor grades need not wait for.
    if name in ("grading", "pictures"):
        return import_module(f".{name}", __name__)
    # Reading the installed metadata costs more than the rest of the import, so it waits until asked for.
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("hartlab")
        except PackageNotFoundError:  # run from a source tree
            return "0.1.0.dev0"
    raise AttributeError(f"module 'hartlab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: object) -> None:
    """Add the cell magics to a notebook: what ``%load_ext hartlab`` calls."""
    from .magics import register

    register(shell)
