"""
The compiled engine of hartlab. Use it through the `hartlab` package.
"""
from __future__ import annotations
import collections.abc
import numpy
import typing
import typing_extensions
__all__: list[str] = ['Handle', 'Kernel', 'Machine', 'OneHart', 'Performer', 'Saved', 'SavedKernel', 'SavedMachine', 'assemble', 'build', 'cause_words', 'constants', 'csr_number', 'csrs', 'diff_kernels', 'diff_machines', 'disassemble', 'f_names', 'flag_string', 'instructions', 'memory_loop', 'policy_table', 'row_types', 'set_techniques', 'syscall_name', 'x_names']
class Saved:
    """
    The state of a machine, saved; immutable.
    """
    def find_leaf(self, root: int, va: int) -> tuple[int, int, int, int] | None:
        """
        (pte, its address, pa of va, level) of the leaf for va, or None.
        """
    def page_table_entries(self, root: int, tables: bool, first_va: typing.SupportsInt | typing.SupportsIndex, last_va: typing.SupportsInt | typing.SupportsIndex, limit: typing.SupportsInt | typing.SupportsIndex) -> numpy.ndarray:
        """
        The entries with V set of the page table at `root`, as a table.
        """
    def pages_changed_since(self, older: Saved) -> int:
        """
        How many pages of RAM the two do not share.
        """
    def ram_read(self, pa: int, size: typing.SupportsInt | typing.SupportsIndex) -> bytes:
        """
        Bytes of RAM. IndexError when not all of them are in RAM.
        """
    def register_table(self, pc: bool = True, x: bool = True, f: bool = True, csr: bool = True) -> numpy.ndarray:
        """
        The registers, as a table.
        """
    def tlb_table(self, invalid: bool = False) -> numpy.ndarray:
        """
        The TLB's entries, as a table.
        """
    def walk_page_table(self, root: int, va: int, access: str, privilege: typing.SupportsInt | typing.SupportsIndex, sum: bool, mxr: bool, hardware_ad: bool) -> tuple[numpy.ndarray, str, int | None, int | None]:
        """
        (a row a level, the end in words, the physical address or None, the cause or None).
        """
    @property
    def ram_size(self) -> int:
        """
        Bytes of RAM.
        """
    @property
    def retired(self) -> int:
        """
        Instructions retired when it was taken.
        """
class Handle:
    """
    What a machine and a kernel have in common: RAM, a hart with its MMU, and stops.
    """
    def claim(self) -> None:
        """
        Keeps other threads out until release_claim(); nests.
        """
    def clear_stale_uses(self) -> None:
        """
        Forgets what it has recorded.
        """
    def close(self) -> None:
        """
        Gives the engine's memory back. Every later use raises RuntimeError.
        """
    def f(self) -> list[int]:
        """
        The 32 floating-point registers as bits; singles are NaN-boxed.
        """
    def find_leaf(self, root: int, va: int) -> tuple[int, int, int, int] | None:
        """
        (pte, its address, pa of va, level) of the leaf for va, or None.
        """
    def mmu_load(self, va: typing.SupportsInt | typing.SupportsIndex, size: typing.SupportsInt | typing.SupportsIndex) -> bytes:
        """
        Loads through the MMU with the hart's rights of now. Raises PageFault.
        """
    def mmu_store(self, va: typing.SupportsInt | typing.SupportsIndex, data: bytes) -> None:
        """
        Stores through the MMU with the hart's rights of now. Raises PageFault.
        """
    def page_table_entries(self, root: int, tables: bool, first_va: typing.SupportsInt | typing.SupportsIndex, last_va: typing.SupportsInt | typing.SupportsIndex, limit: typing.SupportsInt | typing.SupportsIndex) -> numpy.ndarray:
        """
        The entries with V set of the page table at `root`, as a table.
        """
    def ram_fill(self, pa: int, byte: typing.SupportsInt | typing.SupportsIndex, size: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Fills a range of RAM with one byte.
        """
    def ram_read(self, pa: int, size: typing.SupportsInt | typing.SupportsIndex) -> bytes:
        """
        Bytes of RAM, copied. IndexError when not all of them are in RAM.
        """
    def ram_view(self) -> numpy.ndarray:
        """
        All of RAM: uint8, shape (ram_size,), a read-only view that keeps RAM alive.
        """
    def ram_write(self, pa: int, data: typing_extensions.Buffer) -> None:
        """
        Writes to RAM. IndexError, and nothing written, when not all of it fits.
        """
    def read_csr(self, number: typing.SupportsInt | typing.SupportsIndex) -> int | None:
        """
        A CSR with the rights of M-mode; None when there is none of that number.
        """
    def register_table(self, pc: bool = True, x: bool = True, f: bool = True, csr: bool = True) -> numpy.ndarray:
        """
        The registers, as a table.
        """
    def release_claim(self) -> None:
        """
        Takes one claim() back.
        """
    def reset_tlb_counts(self) -> None:
        """
        Sets the TLB's counts to 0.
        """
    def set_f(self, index: typing.SupportsInt | typing.SupportsIndex, bits: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Sets a floating-point register to these bits.
        """
    def set_x(self, index: typing.SupportsInt | typing.SupportsIndex, value: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Sets an integer register; x0 stays 0.
        """
    def sfence_vma(self, va: typing.SupportsInt | typing.SupportsIndex | None = None, asid: typing.SupportsInt | typing.SupportsIndex | None = None) -> None:
        """
        What the instruction sfence.vma does, in its four forms.
        """
    def stale_uses(self) -> numpy.ndarray:
        """
        What the missing-fence check has recorded, as a table.
        """
    def stop(self) -> None:
        """
        Ends the run in progress soon, if there is one. From any thread.
        """
    def take_watch_hit(self) -> tuple[int, int, str, int, int | None, int] | None:
        """
        (va, size, 'load' or 'store', pc, value before, value after) of the access that ended the last run at a watchpoint, or None; no value before where a device was written to.
        """
    def tlb_table(self, invalid: bool = False) -> numpy.ndarray:
        """
        The TLB's entries, as a table.
        """
    def walk_page_table(self, root: int, va: int, access: str, privilege: typing.SupportsInt | typing.SupportsIndex, sum: bool, mxr: bool, hardware_ad: bool) -> tuple[numpy.ndarray, str, int | None, int | None]:
        """
        (a row a level, the end in words, the physical address or None, the cause or None).
        """
    def write_csr(self, number: typing.SupportsInt | typing.SupportsIndex, value: typing.SupportsInt | typing.SupportsIndex) -> bool:
        """
        Writes a CSR with the rights of M-mode; False when it is absent or read-only.
        """
    def x(self) -> list[int]:
        """
        The 32 integer registers.
        """
    @property
    def breakpoints(self) -> list[int]:
        """
        Addresses before whose instruction a run stops.
        """
    @breakpoints.setter
    def breakpoints(self, arg1: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex]) -> None:
        ...
    @property
    def closed(self) -> bool:
        """
        Whether close() has been called.
        """
    @property
    def in_trap_loop(self) -> bool:
        """
        Whether the hart has last been seen to trap for ever, with nothing retired since.
        """
    @property
    def last_trap(self) -> tuple[int, int, int, int, int]:
        """
        The trap taken last: (cause, tval, epc, from privilege, to privilege).
        """
    @property
    def pages_written(self) -> int:
        """
        Pages of RAM that were written to since the last capture or restore.
        """
    @property
    def pc(self) -> int:
        """
        Address of the next instruction.
        """
    @pc.setter
    def pc(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def privilege(self) -> int:
        """
        0 (U), 1 (S) or 3 (M).
        """
    @privilege.setter
    def privilege(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def ram_base(self) -> int:
        """
        Physical address of the first byte of RAM.
        """
    @property
    def ram_size(self) -> int:
        """
        Bytes of RAM.
        """
    @property
    def retired(self) -> int:
        """
        Instructions retired so far: by all harts, or by this one.
        """
    @property
    def running(self) -> bool:
        """
        Whether a call is at work, or somebody holds a claim.
        """
    @property
    def satp(self) -> int:
        """
        The satp register.
        """
    @property
    def stale_check(self) -> bool:
        """
        Whether accesses that succeed only for lack of a fence are recorded.
        """
    @stale_check.setter
    def stale_check(self, arg1: bool) -> None:
        ...
    @property
    def time(self) -> int:
        """
        Ticks of the virtual clock.
        """
    @property
    def tlb_counts(self) -> dict[str, typing.Any]:
        """
        hits and misses (each by fetch, load and store), evictions and flushes.
        """
    @property
    def tlb_geometry(self) -> tuple[int, int, str, int]:
        """
        (sets, ways, replacement, seed) of the TLB.
        """
    @property
    def use_blocks(self) -> bool:
        """
        Whether the hart runs whole basic blocks; off, one instruction at a time, with the same results.
        """
    @use_blocks.setter
    def use_blocks(self, arg1: bool) -> None:
        ...
    @property
    def use_idle_loops(self) -> bool:
        """
        Whether rounds in which the hart only waits may be passed over.
        """
    @use_idle_loops.setter
    def use_idle_loops(self, arg1: bool) -> None:
        ...
    @property
    def use_memory_loops(self) -> bool:
        """
        Whether loops that only fill or copy memory are done many turns at once, with the same results.
        """
    @use_memory_loops.setter
    def use_memory_loops(self, arg1: bool) -> None:
        ...
    @property
    def waiting(self) -> bool:
        """
        Whether the hart is in wfi.
        """
    @property
    def watchpoints(self) -> list[tuple[int, int, bool, bool]]:
        """
        (va, size, loads, stores) of each watched range; a run stops after the instruction that touches one.
        """
    @watchpoints.setter
    def watchpoints(self, arg1: collections.abc.Sequence[tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, bool, bool]]) -> None:
        ...
class SavedMachine(Saved):
    """
    All of a machine's state; immutable.
    """
    def encode(self) -> bytes:
        """
        All of it as bytes, which mean the same on every host.
        """
    @property
    def disk_size(self) -> int:
        """
        Bytes of the disk; 0 where there is none.
        """
class OneHart(Handle):
    """
    One hart of a machine, in the place of the first.
    """
class Machine(Handle):
    """
    QEMU's virt board: RAM, harts and devices, with no kernel.
    """
    def __init__(self, ram_size: typing.SupportsInt | typing.SupportsIndex, tlb: tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, str, typing.SupportsInt | typing.SupportsIndex], hardware_ad: bool = True, instructions_per_tick: typing.SupportsInt | typing.SupportsIndex = 1, pmp: bool = False, legacy_virtio: bool = False, harts: typing.SupportsInt | typing.SupportsIndex = 1, quantum: typing.SupportsInt | typing.SupportsIndex = 1000, seed: typing.SupportsInt | typing.SupportsIndex = 1, hardware_misaligned: bool = True) -> None:
        ...
    def capture(self) -> SavedMachine:
        """
        The machine's state as a value.
        """
    def change_schedule(self, harts: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], instructions: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], seed: typing.SupportsInt | typing.SupportsIndex, quantum: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Ends the present turn; these follow, and then those of the seed.
        """
    def console_input(self, data: bytes) -> None:
        """
        Types `data` at the console.
        """
    def console_output(self, start: typing.SupportsInt | typing.SupportsIndex = 0) -> bytes:
        """
        What the guest has printed, from byte `start` on.
        """
    def decode(self, data: bytes, max_disk_size: typing.SupportsInt | typing.SupportsIndex) -> SavedMachine:
        """
        The state that `encode` made these bytes of. ValueError when they are of no machine of this configuration.
        """
    def disk_changes(self) -> list[int]:
        """
        Numbers of the pages of 4096 bytes that have changed since this was last asked, ascending.
        """
    def disk_read(self, offset: typing.SupportsInt | typing.SupportsIndex, size: typing.SupportsInt | typing.SupportsIndex) -> bytes:
        """
        Bytes of the disk. IndexError when not all of them are on it.
        """
    def disk_write(self, offset: typing.SupportsInt | typing.SupportsIndex, data: bytes) -> None:
        """
        Writes to the disk. IndexError, and nothing written, when not all of it fits.
        """
    def insert_disk(self, size: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Puts a zeroed disk into the first virtio slot.
        """
    def one_hart(self, number: typing.SupportsInt | typing.SupportsIndex) -> OneHart:
        """
        A hart by its number: all methods of a Handle, for that hart.
        """
    def reset(self, pc: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Harts and devices come out of reset, the harts at `pc`; memory, disk and time stay.
        """
    def restore(self, state: SavedMachine) -> None:
        """
        Makes the machine's state that one.
        """
    def run(self, max_instructions: typing.SupportsInt | typing.SupportsIndex, stop_on_trap: bool = False) -> tuple[str, int]:
        """
        Runs without the GIL; (reason, instructions). Ctrl-C raises and leaves the machine between two instructions.
        """
    def set_htif(self, tohost: typing.SupportsInt | typing.SupportsIndex, fromhost: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Physical addresses of a test program's tohost and fromhost; 0 for none.
        """
    def set_rom(self, data: bytes) -> None:
        """
        What is at 0x1000, for the hart to begin in.
        """
    def set_tracing(self, capacity: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Keeps the last `capacity` traps; 0 turns the record off.
        """
    def stop_at_output(self, text: bytes, start: typing.SupportsInt | typing.SupportsIndex = 0) -> None:
        """
        Ends runs when the console has printed `text` after byte `start`; b"" for never.
        """
    def stop_at_write(self, first: int, size: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Ends runs behind an instruction that writes to this range of RAM; 0 bytes for never.
        """
    def trace(self, since: typing.SupportsInt | typing.SupportsIndex = 0) -> numpy.ndarray:
        """
        The traps that were recorded, as a table, from number `since` on.
        """
    def turn_table(self) -> numpy.ndarray:
        """
        The turns of the harts, the present one included, as a table. ValueError when they are too many.
        """
    def twin(self, state: SavedMachine) -> Machine:
        """
        A second machine of the same configuration in that state, sharing the memory that neither changes.
        """
    def typed_table(self) -> numpy.ndarray:
        """
        What was typed and when, as a table.
        """
    @property
    def console_dropped(self) -> int:
        """
        Bytes that the guest has printed beyond what is kept.
        """
    @property
    def console_length(self) -> int:
        """
        Bytes that the guest has printed and that were kept.
        """
    @property
    def console_pending(self) -> int:
        """
        Bytes typed that the serial port has had no room for yet.
        """
    @property
    def current_hart(self) -> int:
        """
        Number of the hart whose turn it is: after a run, of the one that stopped.
        """
    @property
    def disk_size(self) -> int | None:
        """
        Bytes of the disk; None where there is none.
        """
    @property
    def events_dropped(self) -> int:
        """
        How many traps the record has lost.
        """
    @property
    def exit_code(self) -> int:
        """
        What the guest switched the power off with.
        """
    @property
    def hart_count(self) -> int:
        """
        How many harts there are.
        """
    @property
    def passed_over(self) -> int:
        """
        Instructions of idle loops that were counted and not executed, of all that this object has run.
        """
class Performer:
    """
    What performs a function that is replaced.
    """
class SavedKernel(Saved):
    """
    All of a kernel's state; immutable.
    """
    def areas(self, pid: typing.SupportsInt | typing.SupportsIndex) -> numpy.ndarray:
        """
        The areas of a process's address space, as a table.
        """
    def audit(self, junk: bool = True, tlb: bool = True, limit: typing.SupportsInt | typing.SupportsIndex = 1000) -> numpy.ndarray:
        """
        Every violation, as a table.
        """
    def contexts(self) -> numpy.ndarray:
        """
        The saved contexts, as a table.
        """
    def encode(self) -> bytes:
        """
        All of it but the variables of C code as bytes, which mean the same on every host.
        """
    def exit_of(self, pid: typing.SupportsInt | typing.SupportsIndex) -> tuple[int, int, str, int, bool, int, int, int] | None:
        """
        (pid, status, name, time, by fault, scause, sepc, stval) of how a process ended, or None.
        """
    def exits(self) -> numpy.ndarray:
        """
        How processes ended, as a table.
        """
    def frames(self) -> numpy.ndarray:
        """
        Who owns each frame of RAM, as a table.
        """
    def free_list(self) -> numpy.ndarray:
        """
        The free list in the order of allocation, as a table.
        """
    def kernel_tlb(self, invalid: bool = False) -> numpy.ndarray:
        """
        The TLB, each entry held against the page table of its process.
        """
    def open_files(self, pid: typing.SupportsInt | typing.SupportsIndex = 0) -> numpy.ndarray:
        """
        Open files of a process, or of all, as a table.
        """
    def pipes(self) -> numpy.ndarray:
        """
        The pipes, as a table.
        """
    def process_fields(self, pid: typing.SupportsInt | typing.SupportsIndex) -> dict[str, typing.Any] | None:
        """
        The fields of struct proc, as a dict; None without it.
        """
    def processes(self, unused: bool = False) -> numpy.ndarray:
        """
        proc[], as a table.
        """
    def trapframe(self, pid: typing.SupportsInt | typing.SupportsIndex) -> numpy.ndarray:
        """
        The trapframe of a process: a table of one row, or of none.
        """
    @property
    def c_data(self) -> list[tuple[int, bytes]]:
        """
        (number, bytes) for each unit of C code: what its variables hold.
        """
    @property
    def free_pages(self) -> int:
        """
        How many pages the allocator says are free.
        """
    @property
    def kernel_pagetable(self) -> int:
        """
        Where the kernel's own page table is.
        """
    @property
    def ticks(self) -> int:
        """
        xv6's ticks.
        """
class Kernel(Handle):
    """
    The kernel model on a machine of its own.
    """
    @staticmethod
    def c_services() -> dict[str, int]:
        """
        What C code may call beside the functions of the table, with the numbers of these calls.
        """
    @staticmethod
    def check_result(name: str, value: typing.Any) -> None:
        """
        Raises TypeError or ValueError when the value is no result of that function.
        """
    @staticmethod
    def function_facts() -> list[tuple[str, str, str, str, str]]:
        """
        (name, declaration, contract, failure, file) of each, in C's terms.
        """
    @staticmethod
    def function_table() -> list[tuple[str, str, str]]:
        """
        (result, name, parameters) of each function of the kernel.
        """
    def __init__(self, ram_size: typing.SupportsInt | typing.SupportsIndex, tlb: tuple[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex, str, typing.SupportsInt | typing.SupportsIndex], hardware_ad: bool, instructions_per_tick: typing.SupportsInt | typing.SupportsIndex, xv6: str, policies: dict[str, typing.Any], timer_interval: typing.SupportsInt | typing.SupportsIndex, boot: str, init: bytes) -> None:
        ...
    def acquire(self, lock: int) -> None:
        ...
    def add_file(self, path: str, data: bytes) -> int:
        """
        Registers a read-only file; its inode number.
        """
    def areas(self, pid: typing.SupportsInt | typing.SupportsIndex) -> numpy.ndarray:
        """
        The areas of a process's address space, as a table.
        """
    def audit(self, junk: bool = True, tlb: bool = True, limit: typing.SupportsInt | typing.SupportsIndex = 1000) -> numpy.ndarray:
        """
        Every violation, as a table.
        """
    def boot(self, stage: str) -> None:
        """
        Boots on, as far as `stage`.
        """
    def capture(self) -> SavedKernel:
        """
        The kernel's state as a value.
        """
    def capture_at_entry(self) -> SavedKernel:
        """
        The state in the middle of a call of a replaced function, to be made the state of another kernel, where that call can then be made.
        """
    def clear_events(self) -> None:
        """
        Forgets all events.
        """
    def console_input(self, data: bytes) -> None:
        """
        Types `data` at the console.
        """
    def console_output(self, start: typing.SupportsInt | typing.SupportsIndex = 0) -> bytes:
        """
        What the guest has printed, from byte `start` on.
        """
    def contexts(self) -> numpy.ndarray:
        """
        The saved contexts, as a table.
        """
    def decode(self, data: bytes) -> SavedKernel:
        """
        The state that `encode` made these bytes of. ValueError when they are of no kernel of this configuration.
        """
    def drive(self, pid: typing.SupportsInt | typing.SupportsIndex, number: typing.SupportsInt | typing.SupportsIndex, arguments: typing.Annotated[collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], "FixedSize(6)"]) -> tuple[str, int]:
        """
        Makes a system call on the process's behalf; ('returned' or 'blocked' or 'gone', result).
        """
    def drive_exec(self, pid: typing.SupportsInt | typing.SupportsIndex, path: str, arguments: collections.abc.Sequence[str]) -> tuple[str, int]:
        """
        exec on the process's behalf, likewise.
        """
    def exit_of(self, pid: typing.SupportsInt | typing.SupportsIndex) -> tuple[int, int, str, int, bool, int, int, int] | None:
        """
        (pid, status, name, time, by fault, scause, sepc, stval) of how a process ended, or None.
        """
    def exits(self) -> numpy.ndarray:
        """
        How processes ended, as a table.
        """
    def file_bytes(self, path: str) -> bytes | None:
        """
        The contents of a registered file, or None.
        """
    def file_paths(self) -> list[str]:
        """
        Paths of all registered files.
        """
    def filealloc(self) -> int:
        ...
    def fileclose(self, f: int) -> None:
        ...
    def filedup(self, f: int) -> int:
        ...
    def fn_allocpid(self, *args: int) -> typing.Any:
        ...
    def fn_allocproc(self, *args: int) -> typing.Any:
        ...
    def fn_copyin(self, *args: int) -> typing.Any:
        ...
    def fn_copyinstr(self, *args: int) -> typing.Any:
        ...
    def fn_copyout(self, *args: int) -> typing.Any:
        ...
    def fn_cowfault(self, *args: int) -> typing.Any:
        ...
    def fn_exec(self, *args: int) -> typing.Any:
        ...
    def fn_exit(self, *args: int) -> typing.Any:
        ...
    def fn_flags2perm(self, *args: int) -> typing.Any:
        ...
    def fn_fork(self, *args: int) -> typing.Any:
        ...
    def fn_freeproc(self, *args: int) -> typing.Any:
        ...
    def fn_freerange(self, *args: int) -> typing.Any:
        ...
    def fn_freewalk(self, *args: int) -> typing.Any:
        ...
    def fn_growproc(self, *args: int) -> typing.Any:
        ...
    def fn_ismapped(self, *args: int) -> typing.Any:
        ...
    def fn_kalloc(self, *args: int) -> typing.Any:
        ...
    def fn_kfree(self, *args: int) -> typing.Any:
        ...
    def fn_kill(self, *args: int) -> typing.Any:
        ...
    def fn_kinit(self, *args: int) -> typing.Any:
        ...
    def fn_kvminit(self, *args: int) -> typing.Any:
        ...
    def fn_kvminithart(self, *args: int) -> typing.Any:
        ...
    def fn_kvmmap(self, *args: int) -> typing.Any:
        ...
    def fn_kvmpa(self, *args: int) -> typing.Any:
        ...
    def fn_loadseg(self, *args: int) -> typing.Any:
        ...
    def fn_mappages(self, *args: int) -> typing.Any:
        ...
    def fn_myallocuvm(self, *args: int) -> typing.Any:
        ...
    def fn_mydeallocuvm(self, *args: int) -> typing.Any:
        ...
    def fn_mygrowproc(self, *args: int) -> typing.Any:
        ...
    def fn_myreduceproc(self, *args: int) -> typing.Any:
        ...
    def fn_pick_next(self, *args: int) -> typing.Any:
        ...
    def fn_proc_freepagetable(self, *args: int) -> typing.Any:
        ...
    def fn_proc_mapstacks(self, *args: int) -> typing.Any:
        ...
    def fn_proc_pagetable(self, *args: int) -> typing.Any:
        ...
    def fn_procdump(self, *args: int) -> typing.Any:
        ...
    def fn_procinit(self, *args: int) -> typing.Any:
        ...
    def fn_pushargv(self, *args: int) -> typing.Any:
        ...
    def fn_reparent(self, *args: int) -> typing.Any:
        ...
    def fn_shrinkproc(self, *args: int) -> typing.Any:
        ...
    def fn_userinit(self, *args: int) -> typing.Any:
        ...
    def fn_uvmalloc(self, *args: int) -> typing.Any:
        ...
    def fn_uvmclear(self, *args: int) -> typing.Any:
        ...
    def fn_uvmcopy(self, *args: int) -> typing.Any:
        ...
    def fn_uvmcreate(self, *args: int) -> typing.Any:
        ...
    def fn_uvmdealloc(self, *args: int) -> typing.Any:
        ...
    def fn_uvmfirst(self, *args: int) -> typing.Any:
        ...
    def fn_uvmfree(self, *args: int) -> typing.Any:
        ...
    def fn_uvminit(self, *args: int) -> typing.Any:
        ...
    def fn_uvmstack(self, *args: int) -> typing.Any:
        ...
    def fn_uvmunmap(self, *args: int) -> typing.Any:
        ...
    def fn_vmfault(self, *args: int) -> typing.Any:
        ...
    def fn_wakeup(self, *args: int) -> typing.Any:
        ...
    def fn_walk(self, *args: int) -> typing.Any:
        ...
    def fn_walkaddr(self, *args: int) -> typing.Any:
        ...
    def frames(self) -> numpy.ndarray:
        """
        Who owns each frame of RAM, as a table.
        """
    def free_list(self) -> numpy.ndarray:
        """
        The free list in the order of allocation, as a table.
        """
    def freeze(self, text: str, function: str) -> None:
        """
        Freezes the kernel as a panic does.
        """
    def idup(self, ip: int) -> int:
        ...
    def iput(self, ip: int) -> None:
        ...
    def kernel_fail(self, arg0: str) -> int:
        ...
    def kernel_memmove(self, to: int, from_: int, size: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def kernel_memset(self, pa: int, byte: typing.SupportsInt | typing.SupportsIndex, size: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    def kernel_panic(self, text: str) -> None:
        ...
    def kernel_print(self, arg0: str) -> None:
        ...
    def kernel_read(self, pa: int, size: typing.SupportsInt | typing.SupportsIndex) -> bytes:
        ...
    def kernel_sfence_vma(self, va: int | None = None, asid: typing.SupportsInt | typing.SupportsIndex | None = None) -> None:
        ...
    def kernel_tlb(self, invalid: bool = False) -> numpy.ndarray:
        """
        The TLB, each entry held against the page table of its process.
        """
    def kernel_write(self, pa: int, data: bytes) -> None:
        ...
    def load16(self, pa: int) -> int:
        ...
    def load32(self, pa: int) -> int:
        ...
    def load64(self, pa: int) -> int:
        ...
    def load8(self, pa: int) -> int:
        ...
    def look_at(self, sequence: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Keeps the state as it is once the event with that number has been recorded; what is being done ends then.
        """
    def myproc(self) -> int:
        ...
    def namei(self, path: bytes) -> int:
        ...
    def native_allocpid(self, *args: int) -> typing.Any:
        ...
    def native_allocproc(self, *args: int) -> typing.Any:
        ...
    def native_copyin(self, *args: int) -> typing.Any:
        ...
    def native_copyinstr(self, *args: int) -> typing.Any:
        ...
    def native_copyout(self, *args: int) -> typing.Any:
        ...
    def native_cowfault(self, *args: int) -> typing.Any:
        ...
    def native_exec(self, *args: int) -> typing.Any:
        ...
    def native_exit(self, *args: int) -> typing.Any:
        ...
    def native_flags2perm(self, *args: int) -> typing.Any:
        ...
    def native_fork(self, *args: int) -> typing.Any:
        ...
    def native_freeproc(self, *args: int) -> typing.Any:
        ...
    def native_freerange(self, *args: int) -> typing.Any:
        ...
    def native_freewalk(self, *args: int) -> typing.Any:
        ...
    def native_growproc(self, *args: int) -> typing.Any:
        ...
    def native_ismapped(self, *args: int) -> typing.Any:
        ...
    def native_kalloc(self, *args: int) -> typing.Any:
        ...
    def native_kfree(self, *args: int) -> typing.Any:
        ...
    def native_kill(self, *args: int) -> typing.Any:
        ...
    def native_kinit(self, *args: int) -> typing.Any:
        ...
    def native_kvminit(self, *args: int) -> typing.Any:
        ...
    def native_kvminithart(self, *args: int) -> typing.Any:
        ...
    def native_kvmmap(self, *args: int) -> typing.Any:
        ...
    def native_kvmpa(self, *args: int) -> typing.Any:
        ...
    def native_loadseg(self, *args: int) -> typing.Any:
        ...
    def native_mappages(self, *args: int) -> typing.Any:
        ...
    def native_myallocuvm(self, *args: int) -> typing.Any:
        ...
    def native_mydeallocuvm(self, *args: int) -> typing.Any:
        ...
    def native_mygrowproc(self, *args: int) -> typing.Any:
        ...
    def native_myreduceproc(self, *args: int) -> typing.Any:
        ...
    def native_pick_next(self, *args: int) -> typing.Any:
        ...
    def native_proc_freepagetable(self, *args: int) -> typing.Any:
        ...
    def native_proc_mapstacks(self, *args: int) -> typing.Any:
        ...
    def native_proc_pagetable(self, *args: int) -> typing.Any:
        ...
    def native_procdump(self, *args: int) -> typing.Any:
        ...
    def native_procinit(self, *args: int) -> typing.Any:
        ...
    def native_pushargv(self, *args: int) -> typing.Any:
        ...
    def native_reparent(self, *args: int) -> typing.Any:
        ...
    def native_shrinkproc(self, *args: int) -> typing.Any:
        ...
    def native_userinit(self, *args: int) -> typing.Any:
        ...
    def native_uvmalloc(self, *args: int) -> typing.Any:
        ...
    def native_uvmclear(self, *args: int) -> typing.Any:
        ...
    def native_uvmcopy(self, *args: int) -> typing.Any:
        ...
    def native_uvmcreate(self, *args: int) -> typing.Any:
        ...
    def native_uvmdealloc(self, *args: int) -> typing.Any:
        ...
    def native_uvmfirst(self, *args: int) -> typing.Any:
        ...
    def native_uvmfree(self, *args: int) -> typing.Any:
        ...
    def native_uvminit(self, *args: int) -> typing.Any:
        ...
    def native_uvmstack(self, *args: int) -> typing.Any:
        ...
    def native_uvmunmap(self, *args: int) -> typing.Any:
        ...
    def native_vmfault(self, *args: int) -> typing.Any:
        ...
    def native_wakeup(self, *args: int) -> typing.Any:
        ...
    def native_walk(self, *args: int) -> typing.Any:
        ...
    def native_walkaddr(self, *args: int) -> typing.Any:
        ...
    def open_files(self, pid: typing.SupportsInt | typing.SupportsIndex = 0) -> numpy.ndarray:
        """
        Open files of a process, or of all, as a table.
        """
    def panicked(self) -> bool:
        """
        Whether a panic has frozen the kernel.
        """
    def performer(self, name: str) -> Performer:
        """
        What performs the function; None when it is the engine's own.
        """
    def pipes(self) -> numpy.ndarray:
        """
        The pipes, as a table.
        """
    def process_fields(self, pid: typing.SupportsInt | typing.SupportsIndex) -> dict[str, typing.Any] | None:
        """
        The fields of struct proc, as a dict; None without it.
        """
    def processes(self, unused: bool = False) -> numpy.ndarray:
        """
        proc[], as a table.
        """
    def provenance_table(self) -> numpy.ndarray:
        """
        Who allocated, mapped and freed each frame last, as a table.
        """
    def put_performer(self, name: str, performer: Performer) -> None:
        """
        Puts back what `performer` gave.
        """
    def readi(self, ip: int, to: int, offset: typing.SupportsInt | typing.SupportsIndex, n: typing.SupportsInt | typing.SupportsIndex) -> int:
        ...
    def release(self, lock: int) -> None:
        ...
    def replace(self, name: str, perform: typing.Any) -> None:
        """
        perform(engine, *arguments) takes the place of the function, for as long as somebody keeps it alive.
        """
    def replace_c(self, number: typing.SupportsInt | typing.SupportsIndex, text: tuple[typing.SupportsInt | typing.SupportsIndex, bytes], data: tuple[typing.SupportsInt | typing.SupportsIndex, bytes], entries: collections.abc.Mapping[str, typing.SupportsInt | typing.SupportsIndex], max_instructions: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        C code performs the functions of `entries`, by name with their addresses.
        """
    def restore(self, state: SavedKernel) -> None:
        """
        Makes the kernel's state that one.
        """
    def restore_native(self, name: str) -> None:
        """
        The function is the engine's own again.
        """
    def run(self, max_instructions: typing.SupportsInt | typing.SupportsIndex, max_work: typing.SupportsInt | typing.SupportsIndex = 0, at_trap: bool = False, at_syscall: bool = False, at_exit: bool = False, at_switch: bool = False) -> tuple[str, int, int, int, int, str]:
        """
        Runs without the GIL; (reason, instructions, work, traps, pid, detail). Ctrl-C raises and leaves the kernel whole.
        """
    def set_c_data(self, number: typing.SupportsInt | typing.SupportsIndex, data: bytes) -> None:
        """
        What the variables of a unit of C code hold.
        """
    def set_tracing(self, capacity: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Keeps the last `capacity` events; 0 turns the trace off.
        """
    def spawn(self, path: str, arguments: collections.abc.Sequence[str]) -> int:
        """
        A new child of init, loaded from the registered file; its pid or -1.
        """
    def spawn_code(self, code: bytes, name: str) -> int:
        """
        A new child of init with raw instructions at address 0; its pid or -1.
        """
    def store16(self, pa: int, value: int) -> None:
        ...
    def store32(self, pa: int, value: int) -> None:
        ...
    def store64(self, pa: int, value: int) -> None:
        ...
    def store8(self, pa: int, value: int) -> None:
        ...
    def take_look(self) -> SavedKernel:
        """
        The state that look_at has kept, or None. It is for looking only: the kernel may be in the middle of a call.
        """
    def trace(self, since: typing.SupportsInt | typing.SupportsIndex = 0) -> numpy.ndarray:
        """
        The events that are kept, from number `since` on, as a table.
        """
    def trapframe(self, pid: typing.SupportsInt | typing.SupportsIndex) -> numpy.ndarray:
        """
        The trapframe of a process: a table of one row, or of none.
        """
    def twin(self, state: SavedKernel) -> Kernel:
        """
        A second kernel of the same configuration in that state, sharing the memory that neither changes.
        """
    def user_load(self, pid: typing.SupportsInt | typing.SupportsIndex, va: int, size: typing.SupportsInt | typing.SupportsIndex) -> bytes:
        """
        Bytes of the process's memory, through the MMU in U-mode. Raises PageFault.
        """
    def user_store(self, pid: typing.SupportsInt | typing.SupportsIndex, va: int, data: bytes) -> None:
        """
        Writes the process's memory, through the MMU in U-mode. Raises PageFault.
        """
    @property
    def booted(self) -> str:
        """
        The last stage of booting that is done.
        """
    @property
    def c_instructions(self) -> int:
        """
        Instructions of C code that takes the place of functions, executed so far.
        """
    @property
    def call_events(self) -> typing.Annotated[list[int], "FixedSize(64)"]:
        """
        For each slot of proc[], the number of the event that is waiting for a system call's result.
        """
    @call_events.setter
    def call_events(self, arg1: typing.Annotated[collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], "FixedSize(64)"]) -> None:
        ...
    @property
    def console_dropped(self) -> int:
        """
        Bytes that the guest has printed beyond what is kept.
        """
    @property
    def console_length(self) -> int:
        """
        Bytes that the guest has printed and that were kept.
        """
    @property
    def console_pending(self) -> int:
        """
        Bytes typed and not yet taken by the kernel.
        """
    @property
    def current_pid(self) -> int:
        """
        The process on the hart; 0 when there is none.
        """
    @property
    def end(self) -> int:
        """
        xv6's `end`.
        """
    @property
    def events_dropped(self) -> int:
        """
        How many events the ring has lost.
        """
    @property
    def events_total(self) -> int:
        """
        How many events have been recorded, those that the ring has lost among them.
        """
    @property
    def free_pages(self) -> int:
        """
        How many pages the allocator says are free.
        """
    @property
    def kalloc_failure_in(self) -> int:
        """
        The number, from now, of the kalloc that finds no memory; 0 for none.
        """
    @kalloc_failure_in.setter
    def kalloc_failure_in(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def kernel_pagetable(self) -> int:
        """
        Where the kernel's own page table is.
        """
    @property
    def kernel_satp(self) -> int:
        ...
    @kernel_satp.setter
    def kernel_satp(self, arg1: typing.SupportsInt | typing.SupportsIndex) -> None:
        ...
    @property
    def phystop(self) -> int:
        """
        xv6's PHYSTOP.
        """
    @property
    def policies(self) -> dict[str, typing.Any]:
        """
        The choice of each policy.
        """
    @property
    def provenance(self) -> bool:
        """
        Whether the kernel records who allocated, mapped and freed each frame.
        """
    @provenance.setter
    def provenance(self, arg1: bool) -> None:
        ...
    @property
    def seam_chain(self) -> str:
        """
        The replaced functions being performed, outermost first; empty outside of them.
        """
    @property
    def ticks(self) -> int:
        """
        xv6's ticks.
        """
    @property
    def timer_interval(self) -> int:
        ...
    @property
    def tracing(self) -> int:
        """
        How many events are kept; 0 when the trace is off.
        """
    @property
    def why(self) -> str:
        """
        Why the last system call failed, in words; empty when it did not.
        """
    @property
    def work(self) -> int:
        """
        Units of work that the kernel's own functions have done so far.
        """
def assemble(source: str, origin: typing.SupportsInt | typing.SupportsIndex = 0) -> bytes:
    """
    Machine code for `source` at address `origin`. Raises AssemblerError.
    """
def build() -> dict[str, typing.Any]:
    """
    How this engine was compiled: a dict with ``compiler`` (str), ``assertions`` (bool) and
    ``sanitizer`` (str or None).
    """
def cause_words(cause: typing.SupportsInt | typing.SupportsIndex) -> str:
    """
    scause or mcause in words.
    """
def constants() -> dict[str, int]:
    """
    Every constant by its name in xv6 or the specification.
    """
def csr_number(name: str) -> int | None:
    """
    The number of a control and status register, or None.
    """
def csrs() -> dict[str, int]:
    """
    Numbers of the control and status registers by name.
    """
def diff_kernels(before: SavedKernel, after: SavedKernel) -> dict[str, typing.Any]:
    """
    What changed from `before` to `after`: a dict of tables, free list lengths and words.
    """
def diff_machines(before: SavedMachine, after: SavedMachine) -> dict[str, typing.Any]:
    """
    What changed from `before` to `after`: a dict of tables, free list lengths and words.
    """
def disassemble(code: bytes, pc: typing.SupportsInt | typing.SupportsIndex = 0, aliases: bool = True, compressed: bool = False) -> list[tuple[int, int, int, str]]:
    """
    (pc, length, bits, text) of each instruction in `code`.
    """
def f_names() -> list[str]:
    """
    ABI names of the floating-point registers.
    """
def flag_string(pte: typing.SupportsInt | typing.SupportsIndex) -> str:
    """
    All flags of a PTE as letters.
    """
def instructions() -> list[tuple[str, int, int, str, str]]:
    """
    (mnemonic, match, mask, format, extension) of each row of the instruction list.
    """
def memory_loop(code: str) -> str | None:
    """
    What the hart takes a loop for whose last instruction branches to the first: fills, copies, or None for
    neither. For the tests.
    """
def policy_table() -> list[tuple[str, list[str], str, str]]:
    """
    (name, choices, choice of xv6 2020, choice of xv6 2025) of each policy.
    """
def row_types() -> list[tuple[str, numpy.dtype[typing.Any], list[tuple[str, str]]]]:
    """
    (name, dtype, [(field, what it is), ...]) of each kind of table.
    """
def set_techniques(blocks: bool = True, memory_loops: bool = True, idle_loops: bool = True) -> None:
    """
    Which techniques for speed the harts of machines and kernels made from now on use. For tests and benchmarks:
    nothing that a guest can observe depends on them.
    """
def syscall_name(number: typing.SupportsInt | typing.SupportsIndex) -> str:
    """
    xv6's name of a system call; empty when there is none.
    """
def x_names() -> list[str]:
    """
    ABI names of the integer registers.
    """
