"""What a jailed process may use: limits of the operating system, set before it begins."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits for each process of a job.

    Attributes
    ----------
    cpu : int, seconds
        Of the processor, and not of the clock: how busy the computer is does not matter.
    memory : int, bytes
        Of address space; and of memory for all its processes together, where there is a control group.
    file_size : int, bytes
        Of each file that it writes.
    files : int
        That are open at the same time.
    processes : int
        And threads of the same user, in jails or not. It binds nobody who is root.
    """

    cpu: int
    memory: int
    file_size: int
    files: int
    processes: int

    def listed(self) -> list[tuple[int, int]]:
        """Numbers of limits with their values, as setrlimit takes them."""
        import resource  # not on every platform

        return [
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, self.cpu),
            (resource.RLIMIT_AS, self.memory),
            (resource.RLIMIT_FSIZE, self.file_size),
            (resource.RLIMIT_NOFILE, self.files),
            (resource.RLIMIT_NPROC, self.processes),
        ]


# A function of a lab takes milliseconds and a few MiB.
PLAYER = Limits(cpu=10, memory=512 * _MIB, file_size=0, files=32, processes=0)
# A lab's C takes a third of a second; zig maps much more than it uses.
COMPILER = Limits(cpu=10, memory=4096 * _MIB, file_size=4 * _MIB, files=256, processes=8192)
