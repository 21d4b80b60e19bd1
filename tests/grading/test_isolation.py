"""What each level of isolation promises, found out by attacking it from inside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("landlockpy", reason="needs the extra grade, and Linux")

from compilers import needs_compiler
from grading.support import LEVEL_PARAMETERS
from hartlab.grading.compiling import jailed_compilers
from hartlab.grading.jail import group, levels
from hartlab.grading.jail.job import Jailed, Job
from hartlab.grading.jail.levels import REFUSED, Isolation, attacked
from hartlab.grading.jail.limits import COMPILER
from hartlab.toolchain import CompileError, cc


@pytest.mark.parametrize("level", LEVEL_PARAMETERS)
def test_a_level_stops_what_it_promises_to(level: str) -> None:
    found = attacked(level)
    assert found is not None
    assert [name for name in REFUSED[level] if found[name]] == []


def test_the_attacks_succeed_where_nothing_stops_them() -> None:
    """So that a refusal means something: limits alone let a process read, write, connect, fork and trace."""
    found = attacked("limits")
    assert found is not None
    access = set(REFUSED["landlock"]) - set(REFUSED["limits"])
    missing = {name for name in access if not found[name]}
    assert missing <= {"trace another process", "begin a process"}, "which a host may refuse of its own"


def test_a_level_that_does_not_keep_its_promise_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {name: name == "open a connection" for name in REFUSED["namespaces"]}
    monkeypatch.setattr(levels, "attacked", lambda level: broken)
    assert levels.isolation.__wrapped__() == Isolation("limits", broken)
    monkeypatch.setattr(levels, "attacked", lambda level: dict.fromkeys(broken, True))
    with pytest.raises(RuntimeError, match="does not keep resource limits"):
        levels.isolation.__wrapped__()
    assert "NOT STOPPED: open a connection" in str(Isolation("limits", broken))


@pytest.mark.parametrize("level", LEVEL_PARAMETERS)
def test_a_jail_that_is_left_leaves_no_process(level: str) -> None:
    if level == "namespaces":
        pytest.skip("a shell is not shown there; its processes end with their namespace")
    job = Job(
        "compiler",
        COMPILER,
        ["/bin/sh", "-c", "sleep 60 & sleep 60"],
        readable=[Path("/bin"), Path("/usr/bin")],
    )
    with Jailed(level, job) as jailed:
        group = jailed.process.pid
    left = subprocess.run(["pgrep", "-g", str(group)], capture_output=True, text=True, check=False).stdout
    assert left == ""


READS = {
    "a file of the computer": '#include "{secret}"',
    "a file as data": 'const char s[] = {{\n#embed "{secret}"\n}};',
    "a file in assembly": '__asm__(".incbin \\"{secret}\\"");',
    "an include in assembly": '__asm__(".include \\"{secret}\\"");',
    "the environment": '#include "/proc/self/environ"',
    "the parent's environment": '__asm__(".incbin \\"/proc/{parent}/environ\\"");',
    "a device without end": '__asm__(".incbin \\"/dev/zero\\"");',
}


@needs_compiler
@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("level", [each for each in LEVEL_PARAMETERS if each.values != ("limits",)])
def test_a_compiler_reads_its_source_alone(level: str, name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.h"
    secret.write_text("int the_secret;\n")
    source = READS[name].format(secret=secret, parent=os.getpid()) + "\nint walk(void) { return 0; }\n"
    with jailed_compilers(level), pytest.raises(CompileError) as caught:
        cc(source, ulib=False, link=False)
    assert "the_secret" not in str(caught.value)


@needs_compiler
def test_what_was_compiled_outside_a_jail_is_not_found_inside(tmp_path: Path) -> None:
    header = tmp_path / "mine.h"
    header.write_text("#define N 3\n")
    source = f'#include "{header}"\nint walk(void) {{ return N; }}\n'
    assert cc(source, ulib=False, link=False).elf
    with jailed_compilers("landlock"), pytest.raises(CompileError, match=r"mine\.h"):
        cc(source, ulib=False, link=False)


def test_a_group_bounds_the_memory_of_all_its_processes_together() -> None:
    take = (
        "import os; taken = bytearray(48 << 20); child = os.fork(); taken[::4096] = taken[1::4096]; os.wait()"
    )
    with group.memory(64 << 20) as members:
        if not members:
            pytest.skip("no memory control group can be made here")
        command = [*group.joining(members), sys.executable, "-S", "-c", take]
        subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=20)
        assert _killed(members)


def _killed(members: str) -> int:
    """How many processes the group's limit has ended."""
    events = Path(members).with_name("memory.oom_control")
    if not events.exists():
        events = Path(members).with_name("memory.events")
    return int(dict(line.split() for line in events.read_text().splitlines())["oom_kill"])


@pytest.mark.skipif(not attacked("namespaces"), reason="needs a host where namespaces can be made")
def test_where_no_namespaces_can_be_made_the_level_is_the_one_below() -> None:
    """As in a container that does not allow them, without privileges."""
    program = "from hartlab.grading.jail.levels import isolation; print(isolation().level)"
    outer = [
        "bwrap",
        "--dev-bind",
        "/",
        "/",
        "--unshare-user",
        "--disable-userns",
        "--uid",
        "1000",
        "--cap-drop",
        "ALL",
    ]
    found = subprocess.run(
        [*outer, sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    if "disable-userns" in found.stderr:
        pytest.skip("needs bubblewrap 0.8")
    assert found.stdout == "landlock\n", found.stderr
