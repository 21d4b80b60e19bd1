"""The kernel model: an xv6-style kernel on a simulated machine, run and driven from Python."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from . import _engine, arguments, program, words
from ._engine import Kernel as Engine
from .console import Console
from .errors import ElfError, Interrupted
from .files import Files
from .functions import known
from .hart import Hart
from .history import History
from .inspection import KernelTables
from .instruments import Instruments
from .memory import Memory
from .process import Process
from .programs import Programs, argv
from .replacing import Replacing
from .running import Running
from .saving.origin import Origin
from .saving.saveable import Saveable
from .snapshot import Snapshot
from .stops import Breakpoints
from .tlb import TlbGeometry, engine_tuple
from .toolchain.program import Program

_STAGES = ("none", "kinit", "kvminit", "kvminithart", "procinit", "userinit")
_EDITIONS = ("2025", "2020")


class Kernel(KernelTables, Replacing, Running, Saveable[Snapshot], Instruments):
    """A booted teaching kernel and the machine that it runs on.

    Parameters
    ----------
    memory : int or str
        RAM, 1 MiB to 1 GiB in whole pages: ``"32MiB"`` or a number of bytes.
    xv6 : str
        The edition whose behaviour is the default of every policy: ``"2025"`` or ``"2020"``.
    sbrk, fork, shrink, shrink_call, uvmunmap, uvmcopy, uvmalloc, exec, mappages, first, clint, areas, asid :
    str, optional
        Policies that differ from the edition's: `hartlab.policies` lists the choices.
    stack_pages : int, optional
        Pages of the stack that exec makes.
    tlb : TlbGeometry or dict, optional
        How the TLB is built.
    hardware_ad : bool
        Whether the MMU sets A and D itself (Svadu) or faults (Svade).
    timer_interval : int
        Ticks of the virtual clock between timer interrupts.
    instructions_per_tick : int
        How fast the virtual clock is.
    boot : str
        How far to boot: ``"none"``, ``"kinit"``, ``"kvminit"``, ``"kvminithart"``, ``"procinit"`` or
        ``"userinit"``.
    init : Program or bytes, optional
        The program that becomes /init, in place of the engine's own.

    Attributes
    ----------
    memory : Memory
        RAM by physical address.
    hart : Hart
        Registers, CSRs, TLB.
    console : Console
        What has been printed, and a keyboard.
    files : Files
        What exec and open find, by path.
    breakpoints : Breakpoints
        Where `run` stops.

    Raises
    ------
    ValueError
        When an argument is out of range.

    Examples
    --------
    >>> import hartlab as hl
    >>> kernel = hl.Kernel(memory="16MiB", fork="cow")
    >>> proc = kernel.spawn(code=hl.asm("li a0, 7; li a7, 2; ecall"))
    >>> kernel.run().reason, proc.exit_status
    ('finished', 7)
    """

    _engine: Engine
    _snapshot_type = Snapshot

    def __init__(
        self,
        memory: int | str = "32MiB",
        *,
        xv6: str = "2025",
        sbrk: str | None = None,
        fork: str | None = None,
        shrink: str | None = None,
        shrink_call: str | None = None,
        uvmunmap: str | None = None,
        uvmcopy: str | None = None,
        uvmalloc: str | None = None,
        exec: str | None = None,
        mappages: str | None = None,
        first: str | None = None,
        clint: str | None = None,
        areas: str | None = None,
        asid: str | None = None,
        stack_pages: int | None = None,
        tlb: TlbGeometry | Mapping[str, Any] | None = None,
        hardware_ad: bool = True,
        timer_interval: int = 100_000,
        instructions_per_tick: int = 1,
        boot: str = "userinit",
        init: Program | bytes | None = None,
    ) -> None:
        chosen = {
            "sbrk": sbrk,
            "fork": fork,
            "shrink": shrink,
            "shrink_call": shrink_call,
            "uvmunmap": uvmunmap,
            "uvmcopy": uvmcopy,
            "uvmalloc": uvmalloc,
            "exec": exec,
            "mappages": mappages,
            "first": first,
            "clint": clint,
            "areas": areas,
            "asid": asid,
        }
        choices = {name: names for name, names, _, _ in _engine.policy_table()}
        changes: dict[str, Any] = {
            name: arguments.choice(name, value, choices[name])
            for name, value in chosen.items()
            if value is not None
        }
        if stack_pages is not None:
            changes["stack_pages"] = arguments.integer("stack_pages", stack_pages, 1, 1024)
        self._config: dict[str, Any] = {
            "ram_size": arguments.byte_size("memory", memory, 1 << 20, 1 << 30, 4096),
            "tlb": engine_tuple(TlbGeometry.of(tlb)),
            "hardware_ad": bool(hardware_ad),
            "instructions_per_tick": arguments.integer(
                "instructions_per_tick", instructions_per_tick, 1, 1 << 32
            ),
            "xv6": arguments.choice("xv6", xv6, _EDITIONS),
            "policies": changes,
            "timer_interval": arguments.integer("timer_interval", timer_interval, 1, 1 << 48),
            "init": b"" if init is None else program.contents("init", init),
        }
        self._start(Engine(boot=arguments.choice("boot", boot, _STAGES), **self._config))

    def _start(self, engine: Engine) -> None:
        self._engine = self._source = engine
        self._history = History(engine, self._replay)
        self._performers = {}
        self._tracing = None
        self.memory = Memory(engine, self._changed)
        self.console = Console(engine, self._changed)
        self.files = Files(engine, self._changed)
        self._programs = Programs(engine, self.files)
        self.hart = Hart(engine, self._changed, self._symbol_here)
        self.breakpoints = Breakpoints(engine, self._programs.resolve, self._symbol_here)

    def _symbol_here(self, pc: int) -> str | None:
        return self._programs.symbol_at(self.current_pid, pc)

    # -- what the other parts of the package use -------------------------------------------------------------

    def _perform(self, method: str, *args: Any) -> Any:
        """Change the state by a method of the engine, and put on record that it was called."""
        call = getattr(self._engine, method)
        if self._engine.running:  # which it refuses, or a replaced function is at work
            return call(*args)
        self._history.calls(method, args)
        try:
            return call(*args)
        except (KeyboardInterrupt, Interrupted):
            self._history.call_was_interrupted()
            raise

    # -- processes -------------------------------------------------------------------------------------------

    def spawn(
        self,
        program: Program | bytes | str | os.PathLike[str] | None = None,
        args: Sequence[str] | None = None,
        *,
        code: bytes | None = None,
        name: str | None = None,
    ) -> Process:
        """Make a process: a child of init, loaded the way exec does it, and ready to run.

        Parameters
        ----------
        program : Program, bytes, str or path
            From `cc`; or the bytes of an ELF file; or its path, among `files` or on this computer.
        args : sequence of str, optional
            argv; by default the program's name alone.
        code : bytes, optional
            Instead of a program: instructions, put at address 0 with a stack above them, as `hartlab.asm`
            makes them.
        name : str, optional
            What to call it; by default what the program is called.

        Returns
        -------
        Process
            A handle.

        Raises
        ------
        ElfError
            When it is not a program that can be loaded; the text says why.
        MemoryError
            When the machine has no frames left for it.
        """
        if (program is None) == (code is None):
            raise TypeError("spawn takes a program or code=, one of them")
        if code is not None:
            raw = arguments.bytes_like("code", code)
            pid = self._perform("spawn_code", raw, name or "code")
        else:
            path = self._programs.path_of(program, name)
            pid = self._perform("spawn", path, argv(args, path))
        if pid < 0:
            raise self._spawn_error()
        return Process(self, pid)

    def _spawn_error(self) -> Exception:
        why = self._engine.why
        if "no memory" in why or "out of memory" in why:
            return MemoryError(why)
        if "proc[]" in why:
            return RuntimeError(why)
        return ElfError(why) if "argument" not in why else ValueError(why)

    def process(self, pid: int) -> Process:
        """Give a handle of a process.

        Parameters
        ----------
        pid : int
            Its number; 1 is init.

        Returns
        -------
        Process
            The handle.

        Raises
        ------
        ProcessGone
            When there is no such process.
        """
        return Process(self, arguments.integer("pid", pid, 0, (1 << 31) - 1))

    @property
    def current_pid(self) -> int:
        """The process on the hart; 0 when there is none."""
        return int(self._engine.current_pid)

    @property
    def current(self) -> Process | None:
        """The process on the hart; None when there is none."""
        return self.process(self.current_pid) if self.current_pid else None

    @property
    def why(self) -> str:
        """Why the last system call or exec failed, in words; empty when it did not."""
        return str(self._engine.why)

    def _gone_back(self) -> None:
        self._engine.clear_events()
        self.console._state_changed()

    # -- state as a value ------------------------------------------------------------------------------------

    def _origin(self) -> Origin:
        sources = self._programs.sources()
        return Origin("kernel", self._config, {"sources": sources}, dict(self._performers))

    @classmethod
    def _from_saved(cls, config: dict[str, Any], facts: Mapping[str, Any], state: bytes) -> Kernel:
        kernel = cls.__new__(cls)
        kernel._config = config
        kernel._start(Engine(boot="none", **config))
        kernel._engine.restore(kernel._engine.decode(state))
        kernel._programs.know_sources(facts["sources"])
        kernel.console.read_bytes()  # what had been printed before counts as read
        return kernel

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a saved state. Views and handles then show what was restored.

        Parameters
        ----------
        snapshot : Snapshot
            Of this kernel or of one with the same RAM size.

        Raises
        ------
        ValueError
            When the size of RAM differs.
        """
        arguments.instance("snapshot", snapshot, Snapshot, "what Kernel.snapshot() returns")
        self._changed()
        self._engine.restore(snapshot._source)
        self._history.restored()
        self.console._state_changed()

    def clone(self, snapshot: Snapshot | None = None) -> Kernel:
        """Make a second kernel in the same state, which then goes its own way.

        Parameters
        ----------
        snapshot : Snapshot, optional
            Begin there instead.

        Returns
        -------
        Kernel
            It shares unchanged memory and replaced functions, and no breakpoints, traces or history.
        """
        saved = self._engine.capture() if snapshot is None else snapshot._source
        twin = Kernel.__new__(Kernel)
        twin._config = dict(self._config)
        twin._start(self._engine.twin(saved))
        twin._performers = dict(self._performers)
        twin._programs.know_sources(self._programs.sources())
        twin.console.read_bytes()  # what had been printed before counts as read
        return twin

    # -- the kernel itself -----------------------------------------------------------------------------------

    def call(self, function: str, *args: int) -> int | None:
        """Call one of the kernel's functions with numbers: addresses of kernel data are physical addresses.

        A function that is replaced is called as it is replaced. The state may be a fabricated one: what is
        wrong with it is a panic.

        Parameters
        ----------
        function : str
            xv6's name: ``"kalloc"``, ``"walk"``, ``"mappages"``; `hartlab.functions` lists them.
        *args : int
            As the function takes them.

        Returns
        -------
        int or None
            What it returns; a null pointer is 0.

        Raises
        ------
        KernelPanic
            When the function panics; SeamError when it is replaced and goes wrong.
        ValueError
            When there is no such function, or an argument is out of range.
        TypeError
            When the number of arguments is wrong, or one is no int.
        """
        return self._perform(f"fn_{known(function)}", *args)  # type: ignore[no-any-return]

    @property
    def policies(self) -> dict[str, Any]:
        """The choice of each policy."""
        return dict(self._engine.policies)

    @property
    def booted(self) -> str:
        """The last stage of booting that is done."""
        return str(self._engine.booted)

    def boot(self, stage: str = "userinit") -> None:
        """Boot on.

        Parameters
        ----------
        stage : str
            How far: ``"kinit"``, ``"kvminit"``, ``"kvminithart"``, ``"procinit"`` or ``"userinit"``.
        """
        arguments.choice("stage", stage, _STAGES)
        self._changed()
        self._engine.boot(stage)

    @property
    def panicked(self) -> bool:
        """Whether a panic has frozen the kernel; a restore thaws it."""
        return bool(self._engine.panicked())

    @property
    def end(self) -> int:
        """The first physical address that kinit gives away; xv6's `end`."""
        return int(self._engine.end)

    @property
    def phystop(self) -> int:
        """The first physical address behind RAM; xv6's PHYSTOP."""
        return int(self._engine.phystop)

    def __repr__(self) -> str:
        if self.closed:
            return "<Kernel: closed>"
        ram = words.size(self.memory.size)
        if self._engine.running:
            return f"<Kernel: {ram}, running>"
        frozen = ", frozen by a panic" if self.panicked else ""
        stage = "" if self.booted == "userinit" else f", booted as far as {self.booted}"
        lines = [
            f"<Kernel: xv6 {self._config['xv6']}, {ram}, {words.plural(self.free_pages, 'free page')}, "
            f"{words.plural(self.instructions, 'instruction')} executed{stage}{frozen}>"
        ]
        lines += (
            f"  pid {row['pid']} {str(row['name'])!r}: {row['state']}, {words.size(int(row['sz']))}"
            for row in self.processes()
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, *_ = repr(self).splitlines()
        table = "" if self.closed or self._engine.running else self.processes()._repr_html_()
        return f"<b>{escape(head.strip('<>'))}</b>{table}"
