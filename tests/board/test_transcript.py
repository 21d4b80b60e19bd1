"""The transcript of a serial port: read as it comes, and the same as all of it read at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hartlab.board.transcript import Transcript

from .test_stepping_back import echo

PIECES = st.lists(
    st.one_of(
        st.binary(max_size=4),
        st.sampled_from([b"\r", b"\n", b"\r\n", b"\r\r\n", "€".encode()[:2], "€".encode()[2:], b"\xf0\x9f"]),
        st.text("ab\r\n$é€\U0001f600", max_size=6).map(str.encode),
    ),
    max_size=12,
)


@given(PIECES, st.integers(0, 40))
def test_text_that_comes_in_pieces_reads_as_the_whole(pieces: list[bytes], start: int) -> None:
    printed = bytearray()
    looked = Transcript(lambda at: bytes(printed[at:]))
    whole = settled = ""
    for piece in pieces:
        printed += piece
        whole = printed.decode("utf-8", "replace").replace("\r\n", "\n")
        assert whole.startswith(settled)
        settled = whole[: looked.settled()]
        assert (looked.since(start), len(looked)) == (whole[start:], len(whole))
        assert looked.last(3) == whole[-3:]
        assert looked.ends_with(whole[-2:])
        assert looked.ends_with("\n", start) == whole[start:].endswith("\n")
    assert str(looked) == whole


def test_a_look_asks_for_what_is_new_alone() -> None:
    asked = []

    def output(at: int) -> bytes:
        asked.append(at)
        return b"a line\r\n" * len(asked) if at < 8 * len(asked) else b""

    looked = Transcript(lambda at: output(at)[at:])
    for lines in range(1, 50):
        assert len(looked) == 7 * lines
    assert asked == list(range(0, 8 * 49, 8))


def test_it_is_of_the_state_that_was_gone_to() -> None:
    machine = echo()
    machine.run(2_000)

    def say(text: str) -> str:
        machine.console.send(text)
        machine.run(2_000)
        return machine.console.transcript

    assert say("one ") == "one "
    start, begun = machine.snapshot(), machine.instructions
    assert say("two") == "one two"
    machine.restore(start)
    assert say("six") == "one six"  # as long as before
    machine.back(machine.instructions - begun)  # where "six" has been typed and not yet printed
    twin = machine.clone()
    assert [each.console.transcript for each in (machine, twin)] == ["one ", "one "]
    machine.run(2_000)
    assert machine.console.transcript == "one six"
    assert twin.console.transcript == "one "
    assert machine.clone(start).console.transcript == "one "


def test_half_a_character_is_streamed_when_it_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    machine = echo()
    machine.run(2_000)
    shown = []
    with machine.console.streaming():
        for piece in ("€".encode()[:2], "€".encode()[2:] + b"\r", b"\n"):
            machine.console.send(piece)
            machine.run(2_000)
            shown.append(capsys.readouterr().out)
    assert shown == ["", "€", "\n"]
