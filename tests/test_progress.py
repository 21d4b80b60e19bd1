"""The bar of long work: on a terminal, after a second, and nowhere else."""

from __future__ import annotations

import os
import struct
import subprocess
import sys

import pytest

fcntl = pytest.importorskip("fcntl", reason="a terminal that a program can make is POSIX's")
termios = pytest.importorskip("termios")

SCRIPT = """
import sys, time
from hartlab.progress import bar
with bar("points", 20, done=5) as shown:
    for _ in range(15):
        time.sleep(float(sys.argv[1]))
        shown.update()
"""


def said(seconds: float, stderr: int) -> str:
    command = [sys.executable, "-c", SCRIPT, str(seconds / 15)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True, check=True).stderr or ""


@pytest.mark.parametrize(("seconds", "shows"), [(1.5, True), (0.1, False)])
def test_a_bar_shows_on_a_terminal_when_the_work_takes_long(seconds: float, shows: bool) -> None:
    pytest.importorskip("tqdm")
    terminal, screen = os.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    said(seconds, screen)
    os.set_blocking(terminal, False)
    try:
        seen = os.read(terminal, 1 << 16).decode()
    except BlockingIOError:
        seen = ""
    os.close(terminal)
    os.close(screen)
    assert ("20/20" in seen) is shows
    assert ("points/s" in seen) is shows


def test_a_pipe_never_has_a_bar() -> None:
    assert said(1.2, subprocess.PIPE) == ""
