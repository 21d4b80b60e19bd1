"""Builds the teaching kernel, its programs, and the disk with them.

python build.py FOLDER writes kernel.elf and fs.img, for ``hartlab boot kernel.elf --disk fs.img`` and QEMU.
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path

import hartlab as hl

HERE = Path(__file__).resolve().parent
SECTOR, ENTRY, LIST_SECTORS = 512, 32, 4
TIMERS = {"clint": [], "sstc": ["-DSSTC"], "sbi": ["-DSBI"]}


def build_kernel(
    compiler: str = "zig",
    *,
    timer: str = "clint",
    memory_mib: int = 128,
    poll: bool = False,
    optimize: str = "-O1",
) -> hl.Program:
    """Compile the kernel.

    Parameters
    ----------
    compiler : str
        ``"zig"`` or ``"gcc"``, as `hartlab.cc` takes it.
    timer : str
        ``"clint"``: M-mode has the clock, as in older teaching kernels. ``"sstc"``: S-mode has.
        ``"sbi"``: for S-mode behind OpenSBI.
    memory_mib : int
        RAM of the board.
    poll : bool
        Whether an idle hart looks for work all the time rather than wait for an interrupt.
    optimize : str
        As `hartlab.cc` takes it.
    """
    folder = HERE / "kernel"
    flags = [*TIMERS[timer], f"-DMEMORY_MIB={memory_mib}", *(["-DPOLL"] if poll else [])]
    sources = sorted([*folder.glob("*.c"), *folder.glob("*.S")])
    return hl.cc(
        sources,
        name="kernel",
        compiler=compiler,
        optimize=optimize,
        flags=flags,
        ulib=False,
        script=folder / "kernel.ld",
    )


def build_programs(compiler: str = "zig") -> dict[str, bytes]:
    """Compile each program of the folder user; returns their ELF files by name."""
    folder = HERE / "user"
    return {
        source.stem: hl.cc([source, folder / "calls.S"], name=source.stem, compiler=compiler).elf
        for source in sorted(folder.glob("*.c"))
    }


def disk_image(files: dict[str, bytes]) -> bytes:
    """Lay files out in consecutive sectors behind a list of them, which is a file itself. (kernel/fs.h)"""
    size = LIST_SECTORS * SECTOR
    if len(files) + 1 > size // ENTRY:
        raise ValueError(f"{len(files)} files: the list has room for {size // ENTRY - 1}")
    listed, data = struct.pack("<20sIII", b".", 0, size, 0), b""
    for name, contents in files.items():
        start = LIST_SECTORS + len(data) // SECTOR
        listed += struct.pack("<20sIII", name.encode(), start, len(contents), 0)
        data += contents + bytes(-len(contents) % SECTOR)
    return listed.ljust(size, b"\0") + data


def build_disk(compiler: str = "zig") -> bytes:
    """Make a disk with all programs and readme.txt."""
    return disk_image({"readme.txt": (HERE / "readme.txt").read_bytes(), **build_programs(compiler)})


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write kernel.elf and fs.img")
    parser.add_argument("--compiler", default="zig", help="zig or gcc")
    parser.add_argument("--timer", default="clint", choices=sorted(TIMERS))
    parser.add_argument("--memory", type=int, default=128, metavar="MIB", help="RAM of the board")
    parser.add_argument("--poll", action="store_true", help="idle harts poll")
    parser.add_argument("--optimize", default="-O1")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    kernel = build_kernel(
        arguments.compiler,
        timer=arguments.timer,
        memory_mib=arguments.memory,
        poll=arguments.poll,
        optimize=arguments.optimize,
    )
    (arguments.folder / "kernel.elf").write_bytes(kernel.elf)
    (arguments.folder / "fs.img").write_bytes(build_disk(arguments.compiler))
    print(kernel.remarks, end="")


if __name__ == "__main__":
    main()
