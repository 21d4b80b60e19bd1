"""`machine.shell`, and the console as people use it: output as it comes, lines that they type."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

import hartlab as hl

from .firmware import OPENSBI, UBOOT, need
from .teaching import booted


def test_the_output_is_what_stands_between_the_prompts() -> None:
    machine = booted()
    assert machine.shell.prompt == "$ "
    assert machine.shell("echo one two") == "one two\n"
    assert machine.shell("") == ""
    machine.console.send("echo by hand\n")
    assert machine.console.expect("by hand\n$ ") == "echo by hand\nby hand\n$ "
    assert machine.shell("echo $ ") == "$\n"


def test_a_clone_knows_the_prompt_and_goes_its_own_way() -> None:
    machine = booted()
    twin = machine.clone()
    assert machine.shell("put readme.txt MINE") == ""
    assert twin.shell("cat readme.txt").startswith("This file")
    assert twin.instructions < machine.instructions + 10_000_000


def test_a_prompt_can_be_named() -> None:
    machine = booted()
    machine.shell.prompt = "nonesuch> "
    with pytest.raises(hl.ExpectError, match="has not printed its prompt 'nonesuch> ' yet: the budget"):
        machine.shell("echo", 1_000_000)
    machine.shell.prompt = "$ "
    assert machine.shell("echo again") == "again\n"


def test_output_without_a_last_newline_ends_where_the_guest_is_quiet() -> None:
    machine = booted()
    machine.shell("put readme.txt $")
    assert machine.shell("cat readme.txt").startswith("$his file")


@pytest.mark.parametrize(
    ("command", "budget", "words"),
    [
        ("poweroff 3", 10**8, "the guest has switched the power off"),
        ("spin 1000", 10**6, "the budget of instructions is used up"),
    ],
)
def test_why_the_prompt_did_not_come_is_said_with_what_was_printed(
    command: str, budget: int, words: str
) -> None:
    machine = booted()
    with pytest.raises(hl.ExpectError, match=words) as error:
        machine.shell(command, budget)
    assert str(error.value).endswith(f"$ {command}\n")


def test_what_a_line_editor_tells_its_terminal_is_no_output() -> None:
    """As of busybox, which asks where the cursor stands if nothing has been typed, and breaks long lines."""

    def say(text: str) -> str:
        return "".join(f"li t0, {ord(letter)}; sb t0, 0(s0); " for letter in text)

    received = "lb t1, 5(s0); andi t1, t1, 1;"
    guest = f"""
        li s0, 0x10000000; li s2, 10; li s3, 20
    next: {say("~ # ")} li s1, 4; {received} bnez t1, read
        {say(chr(27) + "[6n")}
    read: {received} beqz t1, read
        lb t0, 0(s0); sb t0, 0(s0); beq t0, s2, execute
        addi s1, s1, 1; bne s1, s3, read
        {say(chr(13) + chr(13))} sb s2, 0(s0); li s1, 0; j read
    execute: {say("done" + chr(10))} j next"""
    machine = hl.Machine(code=hl.asm(guest))
    assert machine.shell("first") == "done\n"
    assert machine.shell.prompt == "~ # "
    assert machine.shell("second") == "done\n"
    machine.run(1000)
    assert machine.console.transcript.endswith("[6n")
    assert machine.shell("third", 10**6) == "done\n"
    assert machine.shell("of more columns than the terminal has, and then some") == "done\n"
    assert "\nthan the terminal ha\r\n" in machine.console.transcript


def test_several_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="has several lines"):
        booted().shell("echo a\necho b")


def test_a_guest_without_a_prompt_is_said_to_have_none() -> None:
    with pytest.raises(hl.ExpectError, match="no prompt that could be learnt"):
        hl.Machine(code=hl.asm("loop: j loop")).shell("ls", 100_000_000)


def test_the_prompt_of_uboot_is_learnt_once_its_countdown_is_over() -> None:
    need(OPENSBI / "fw_dynamic.bin", UBOOT)
    machine = hl.Machine(bios=OPENSBI / "fw_dynamic.bin", kernel=UBOOT)
    assert machine.shell("version").startswith("U-Boot 20")
    assert machine.shell.prompt == "=> "


def test_output_streams_while_the_guest_runs(capsys: pytest.CaptureFixture[str]) -> None:
    machine = booted()
    with machine.console.streaming():
        machine.shell("echo streamed")
    machine.shell("echo not streamed")
    assert capsys.readouterr().out == "echo streamed\nstreamed\n$ "


def test_line_ends_that_come_in_two_pieces_are_one(capsys: pytest.CaptureFixture[str]) -> None:
    code = "li t0, 0x10000000; " + "; ".join(f"li t1, {byte}; sb t1, 0(t0)" for byte in b"a\r\nb")
    machine = hl.Machine(code=hl.asm(code))
    with machine.console.streaming():
        for _ in range(9):
            machine.step()
    assert capsys.readouterr().out == "a\nb"


def test_lines_that_are_typed_go_to_the_guest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["echo by a person", "poweroff 2"])
    monkeypatch.setattr(builtins, "input", lambda: next(typed))
    result = booted().console.interact()
    assert (result.reason, result.exit_code) == ("power_off", 2)
    assert capsys.readouterr().out == "by a person\n$ "


def test_an_interrupted_question_ends_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(builtins, "input", interrupted)
    machine = booted()
    machine.console.interact()
    assert machine.shell("echo still there") == "still there\n"


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # Jupyter's own
def test_in_a_notebook_output_streams_and_the_field_below_the_cell_is_the_keyboard() -> None:
    manager = pytest.importorskip("jupyter_client.manager")
    kernel, client = manager.start_new_kernel(kernel_name="python3")
    typed = iter(["echo typed below", "poweroff 4"])
    shown = []

    def show(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            shown.append(message["content"]["text"])

    def answer(_: dict[str, Any]) -> None:
        client.input(next(typed))

    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
from tests.board.teaching import booted
print(booted().console.interact().exit_code)
"""
    try:
        client.execute_interactive(code, timeout=120, output_hook=show, stdin_hook=answer, allow_stdin=True)
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
    assert "".join(shown) == "typed below\n$ 4\n"
