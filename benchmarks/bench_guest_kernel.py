"""Kernels on whole boards: firmware and a teaching kernel, at work and idle; memory, harts; QEMU beside them.

Wall-clock seconds, hartlab's and QEMU's in turn on the same images; QEMU's from the start of its process,
hartlab's from the constructor. Kernels that fill pages and make system calls in a loop are in bench_guests,
clones in bench_board.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import boards
from boards import Image, Times
from figure import Figure, alternate

import hartlab as hl

REPEAT = int(os.environ.get("HARTLAB_BENCH_REPEAT", "3"))
WORK = (
    ("forks 40", "fork, 1 MiB copied, 40 times"),
    ("pages 40", "10,240 page faults"),
    ("spin 100", "U-mode arithmetic"),
)
IDLE = "sleep 10"


def figures() -> Iterator[Figure]:
    """Yield each quantity."""
    with tempfile.TemporaryDirectory() as folder:
        kernel = boards.teaching_kernel(Path(folder))
        polling = Path(folder) / "poll"
        polling.mkdir()
        poll = boards.teaching_kernel(polling, poll=True)
        if firmware := boards.uboot():
            yield from booting("boot of OpenSBI and U-Boot to the prompt", firmware, 0.5)
        yield from booting("boot of a teaching kernel, which fills 128 MiB", kernel, 0.25)
        yield from working(kernel)
        yield from idling("idle for 10 s of the guest's", kernel)
        yield from idling("the same, polling", poll, waits=False)
        if firmware:
            yield from residing("OpenSBI and U-Boot", firmware)
        yield from residing("teaching kernel", kernel)
        yield from several_harts(kernel)


def booting(name: str, image: Image, most: float) -> Iterator[Figure]:
    """Time to the prompt."""
    runs = [lambda: boards.on_hartlab(image).boot]
    if boards.have_qemu():
        runs.append(lambda: boards.on_qemu(image).boot)
    yield _pair(name, runs).beside_peer(f"{most:g} of QEMU's time", most=most)


def working(image: Image) -> Iterator[Figure]:
    """Programs of the teaching kernel, in S- and U-mode with paging."""
    for command, title in WORK:
        runs = [partial(_command_time, boards.on_hartlab, image, command)]
        if boards.have_qemu():
            runs.append(partial(_command_time, boards.on_qemu, image, command))
        yield _pair(f"{title} ({command})", runs)


def idling(name: str, image: Image, *, waits: bool = True) -> Iterator[Figure]:
    """A script that mostly sleeps: QEMU in real time, and on a clock of its own if idle harts wait."""
    mine = partial(_command_time, boards.on_hartlab, image, IDLE)
    if not boards.have_qemu():
        yield Figure(name, "s", [mine() for _ in range(REPEAT)])
        return
    samples = alternate([mine, partial(_command_time, boards.on_qemu, image, IDLE)], REPEAT)
    yield Figure(name, "s", samples[0], samples[1], "QEMU").beside_peer("0.1 of QEMU's time", most=0.1)
    if not waits:
        return
    virtual = partial(_command_time, boards.on_qemu, image, IDLE, options=boards.VIRTUAL)
    samples = alternate([mine, virtual], REPEAT)
    figure = Figure(name, "s", samples[0], samples[1], "QEMU -icount sleep=off")
    yield figure.beside_peer("0.5 of its time", most=0.5)


def residing(name: str, image: Image) -> Iterator[Figure]:
    """Memory of a process with one booted machine, with the interpreter, NumPy and hartlab."""
    own = [float(_resident_of_hartlab(image)) / 2**20 for _ in range(REPEAT)]
    theirs = []
    if boards.have_qemu():
        theirs = [boards.on_qemu(image).resident / 2**20 for _ in range(REPEAT)]
    figure = Figure(f"resident memory, {name} at its prompt", "MiB", own, theirs, "QEMU")
    yield figure.beside_peer("below QEMU's", most=1.0)


def several_harts(image: Image) -> Iterator[Figure]:
    """One hart's work on a board of four, three of which wait."""
    runs = [partial(_command_time, boards.on_hartlab, image, "spin 100", harts=n) for n in (4, 1)]
    samples = alternate(runs, REPEAT)
    figure = Figure("one hart's work on a board of four (spin 100)", "s", samples[0], samples[1], "one hart")
    yield figure.beside_peer("overhead under 15 %", most=1.15)


def _pair(name: str, runs: list[Callable[[], float]]) -> Figure:
    samples = alternate(runs, REPEAT)
    return Figure(name, "s", samples[0], samples[1] if len(samples) > 1 else [], "QEMU")


def _command_time(run: Callable[..., Times], image: Image, command: str, **options: object) -> float:
    return float(run(image, [command], **options).commands[0])


def _at_prompt(image: Image) -> hl.Machine:
    machine = hl.Machine(image.memory_mib << 20, bios=image.bios, kernel=image.kernel, disk=image.disk)
    for text, answer in image.dialogue:
        machine.console.expect(text)
        machine.console.send(answer)
    machine.console.expect("\n" + image.prompt)
    return machine


def _resident_of_hartlab(image: Image) -> int:
    """In a process of its own: this file as a program."""
    arguments = [str(path or "") for path in (image.kernel, image.bios, image.disk)]
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    return int(done.stdout)


def _image(kernel: str, bios: str, disk: str) -> Image:
    if bios:
        return boards.uboot() or Image(Path(kernel), "=> ", bios=Path(bios))
    return Image(Path(kernel), "$ ", disk=Path(disk))


if __name__ == "__main__":
    machine = _at_prompt(_image(*sys.argv[1:]))
    print(boards.resident())
